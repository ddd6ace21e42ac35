// Scalar arithmetic without branches, one text for all types and instruction sets: the loops of
// loop.hpp vectorise it, and since every step is one IEEE operation (no contraction, no
// re-association) a lane of a vector and a lone element give the same bits.
#pragma once

#include <cstdint>

namespace RHEOBASE_TARGET {

template <class T> struct Constants;

template <> struct Constants<float> {
  using Bits = std::uint32_t;
  static constexpr int mantissa = 23;
  static constexpr float largest = 0x1.fffffep127f;
  static constexpr float to_integer = 0x1.8p23f;  // x + this - this rounds x to an integer
  static constexpr float log2e = 0x1.715476p+0f;
#if defined(__FMA__) || defined(__aarch64__)
  static constexpr float ln2_head = 0x1.62e43p-1f, ln2_tail = -0x1.05c61p-29f;
#else  // short: n·head is exact
  static constexpr float ln2_head = 0x1.62e4p-1f, ln2_tail = 0x1.7f7d1cp-20f;
#endif
  static constexpr float exp_is_zero = 120.0f;      // 2^20 e^-120 rounds to 0
  static constexpr int bias = 127;                  // of the exponent
  static constexpr int spare = 64;                  // 2^(n + spare) is normal for every n that occurs
  static constexpr float unspare = 0x1p-64f;
};

template <> struct Constants<double> {
  using Bits = std::uint64_t;
  static constexpr int mantissa = 52;
  static constexpr double largest = 0x1.fffffffffffffp1023;
  static constexpr double to_integer = 0x1.8p52;
  static constexpr double log2e = 0x1.71547652b82fep+0;
#if defined(__FMA__) || defined(__aarch64__)
  static constexpr double ln2_head = 0x1.62e42fefa39efp-1, ln2_tail = 0x1.abc9e3b39803fp-56;
#else
  static constexpr double ln2_head = 0x1.62e42fefap-1, ln2_tail = 0x1.cf79abc9e3b3ap-40;
#endif
  static constexpr double exp_is_zero = 1060.0;
  static constexpr double expm1_is_minus_1 = 38.5;  // e^-38.5 is lost beside 1
  static constexpr int bias = 1023;
  static constexpr int spare = 512;
  static constexpr double unspare = 0x1p-512;
};

// ---- Arithmetic -------------------------------------------------------------------------------

inline float absolute(float x) { return __builtin_fabsf(x); }
inline double absolute(double x) { return __builtin_fabs(x); }
inline float copy_sign(float x, float sign) { return __builtin_copysignf(x, sign); }
inline double copy_sign(double x, double sign) { return __builtin_copysign(x, sign); }
inline double with_sign(double x, double sign) { return copy_sign(x, sign); }

// One bound only: NaN stays NaN, as the comparison is false for it (and each is one instruction).
template <class T> inline T at_least(T x, T bound) { return bound > x ? bound : x; }
template <class T> inline T at_most(T x, T bound) { return bound < x ? bound : x; }

// -1 (all bits set) for a negative x, else 0; and a choice by such a mask. Unlike `x < 0 ? a : b` it
// can't tempt the compiler to split the code around it into two versions and compute both.
template <class T> inline typename Constants<T>::Bits sign_mask(T x) {
  using Bits = typename Constants<T>::Bits;
  return Bits(0) - (__builtin_bit_cast(Bits, x) >> (8 * sizeof(T) - 1));
}
template <class T> inline T select(typename Constants<T>::Bits mask, T a, T b) {
  using Bits = typename Constants<T>::Bits;
  return __builtin_bit_cast(
      T, Bits((__builtin_bit_cast(Bits, a) & mask) | (__builtin_bit_cast(Bits, b) & ~mask)));
}
// x with the sign turned where `sign` is negative.
template <class T> inline T turn(T x, T sign) {
  using Bits = typename Constants<T>::Bits;
  const Bits sign_bit = Bits(1) << (8 * sizeof(T) - 1);
  return __builtin_bit_cast(
      T, Bits(__builtin_bit_cast(Bits, x) ^ (__builtin_bit_cast(Bits, sign) & sign_bit)));
}

inline double select(bool condition, double a, double b) { return condition ? a : b; }

template <class T> inline T keep_nan(T x, T otherwise) { return x != x ? x : otherwise; }

// a·b + c with one rounding, or very nearly (the instruction sets without the instruction).
// Domain there: |a·b| < 2^990, not both a and b > 2^900; below 2^-960 the rounding is that of subnormal numbers.
#if defined(__FMA__) || defined(__aarch64__)
constexpr bool has_fma = true;
inline float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
#else
constexpr bool has_fma = false;
inline float fma(float a, float b, float c) { return float(double(a) * double(b) + double(c)); }
inline double fma(double a, double b, double c) {
  double down = (absolute(a) > 0x1p900) | (absolute(b) > 0x1p900) ? 0x1p-120 : 1;  // a split must not overflow
  a = absolute(a) > 0x1p900 ? a * down : a;
  b = absolute(b) > 0x1p900 ? b * down : b;
  c *= down;
  double split_a = a * 0x1.0000002p27, split_b = b * 0x1.0000002p27;  // Veltkamp
  double a_head = split_a - (split_a - a), b_head = split_b - (split_b - b);
  double a_tail = a - a_head, b_tail = b - b_head;
  double product = a * b;
  double product_error =
      ((a_head * b_head - product) + a_head * b_tail + a_tail * b_head) + a_tail * b_tail;
  double sum = product + c;
  double c_part = sum - product;  // two-sum
  double sum_error = (product - (sum - c_part)) + (c - c_part);
  return (sum + (sum_error + product_error)) / down;
}
#endif

// a·b + c where one more rounding does no harm.
template <class T> inline T mul_add(T a, T b, T c) {
  if constexpr (has_fma) return fma(a, b, c);
  else return a * b + c;
}

// head + tail, tail small beside head.
template <class T> struct Pair {
  T head, tail;
};

// a + b exactly, for |a| >= |b| or a = 0.
template <class T> inline Pair<T> fast_two_sum(T a, T b) {
  T sum = a + b;
  return {sum, b - (sum - a)};
}
// a + b exactly, for any order.
template <class T> inline Pair<T> two_sum(T a, T b) {
  T sum = a + b;
  T part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}

// ---- Parameters -------------------------------------------------------------------------------

// A parameter is the float64 that was given. In float arithmetic it is a pair of floats, good to
// 2^-48, where that pair is far from overflow and underflow; the loops use double for the others.
template <class T> struct Parameter;

template <> struct Parameter<float> {
  float head, tail;
  double given;
  explicit Parameter(double p) : head(float(p)), tail(float(p - double(head))), given(p) {}
  static bool holds(double given) {
    double size = absolute(given);
    return given == 0 || (size > 0x1p-60 && size < 0x1p20);
  }
};

template <> struct Parameter<double> {
  double head, given;
  explicit Parameter(double p) : head(p), given(p) {}
  static bool holds(double) { return true; }
};

inline float rounded(Parameter<float> p) { return p.head; }
inline double rounded(Parameter<double> p) { return p.head; }

// p·x with one rounding; 0·∞ is 0, the limit of p·x at p = 0. Domain: x <= 0 or NaN.
// Error < 0.51 ULP (1 below 2^-102, where the tail is subnormal).
inline float times(Parameter<float> p, float x) {
  float finite = at_least(x, -Constants<float>::largest);
  return fma(p.head == 0 ? finite : x, p.head, finite * p.tail);
}
inline double times(Parameter<double> p, double x) {
  double finite = at_least(x, -Constants<double>::largest);
  return (p.head == 0 ? finite : x) * p.head;
}

// p·(x.head + x.tail), x finite, the tail under a fifth of the head. Error < 1.1 ULP.
inline double times(Parameter<double> p, Pair<double> x) {
  return mul_add(p.head, x.head, p.head * x.tail);
}

// x > p and x < p, exactly.
inline bool above(double x, Parameter<double> p) { return x > p.head; }
inline bool below(double x, Parameter<double> p) { return x < p.head; }

// z - p with one rounding, for z >= p >= 0.
inline double past(double z, Parameter<double> p) { return z - p.head; }

}  // namespace RHEOBASE_TARGET
