// Scalar functions without branches, one text for all types and instruction sets: the loops of
// loop.hpp vectorise them, and since every step is one IEEE operation (no contraction, no
// re-association) a lane of a vector and a lone element give the same bits.
//
// Errors are against the exact result, in units in the last place (ULP) of the result, for T = float
// unless said otherwise; tests/test_accuracy.py holds them. Constants: tools/coefficients.py.
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
  static constexpr float ln2_head = 0x1.62e4p-1f, ln2_tail = 0x1.7f7d1cp-20f;
  static constexpr float exp_is_zero = 106.0f;      // 4 e^-106 rounds to 0
  static constexpr float expm1_is_minus_1 = 24.0f;  // e^-24 is lost beside 1
  static constexpr float scale_rest = 0x1p-64f;     // 2^n / this is normal for every n that occurs
  static constexpr int degree = 4;
  static constexpr float q[degree + 1] = {0x1p-1f, 0x1.5554acp-3f, 0x1.5554fp-5f, 0x1.122a2p-7f,
                                          0x1.6d438cp-10f};
};

template <> struct Constants<double> {
  using Bits = std::uint64_t;
  static constexpr int mantissa = 52;
  static constexpr double largest = 0x1.fffffffffffffp1023;
  static constexpr double to_integer = 0x1.8p52;
  static constexpr double log2e = 0x1.71547652b82fep+0;
  static constexpr double ln2_head = 0x1.62e42fefa38p-1, ln2_tail = 0x1.ef35793c7673p-45;
  static constexpr double exp_is_zero = 748.0;
  static constexpr double expm1_is_minus_1 = 44.0;
  static constexpr double scale_rest = 0x1p-512;
  static constexpr int degree = 10;
  static constexpr double q[degree + 1] = {
      0x1p-1,
      0x1.5555555555559p-3,
      0x1.5555555555557p-5,
      0x1.111111110f642p-7,
      0x1.6c16c16c15773p-10,
      0x1.a01a01b00fcc5p-13,
      0x1.a01a01ab1a225p-16,
      0x1.71ddf7e787cabp-19,
      0x1.27e4d12ff642bp-22,
      0x1.af5f7e056c165p-26,
      0x1.1f840ab1f87fcp-29};
};

// ---- Arithmetic -------------------------------------------------------------------------------

inline float absolute(float x) { return __builtin_fabsf(x); }
inline double absolute(double x) { return __builtin_fabs(x); }
inline float copy_sign(float x, float sign) { return __builtin_copysignf(x, sign); }
inline double copy_sign(double x, double sign) { return __builtin_copysign(x, sign); }

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

template <class T> inline T keep_nan(T x, T otherwise) { return x != x ? x : otherwise; }

// a·b + c with one rounding, or very nearly (the instruction sets without the instruction).
// Domain there: |a|, |b|, |a·b| < 2^990 and no exponent below -960; the callers stay far inside.
#if defined(__FMA__) || defined(__aarch64__)
constexpr bool has_fma = true;
inline float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
#else
constexpr bool has_fma = false;
inline float fma(float a, float b, float c) { return float(double(a) * double(b) + double(c)); }
inline double fma(double a, double b, double c) {
  double split_a = a * 0x1.0000002p27, split_b = b * 0x1.0000002p27;  // Veltkamp
  double a_head = split_a - (split_a - a), b_head = split_b - (split_b - b);
  double a_tail = a - a_head, b_tail = b - b_head;
  double product = a * b;
  double product_error =
      ((a_head * b_head - product) + a_head * b_tail + a_tail * b_head) + a_tail * b_tail;
  double sum = product + c;
  double c_part = sum - product;  // two-sum
  double sum_error = (product - (sum - c_part)) + (c - c_part);
  return sum + (sum_error + product_error);
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

// (n.head + n.tail) / (d.head + d.tail), error < 0.51 ULP for normal results.
template <class T> inline T divide(Pair<T> n, Pair<T> d) {
  T inverse = T(1) / d.head;
  T quotient = n.head * inverse;
  T rest = mul_add(-quotient, d.tail, fma(-quotient, d.head, n.head) + n.tail);
  return mul_add(rest, inverse, quotient);
}

// 1 / (d.head + d.tail), likewise.
template <class T> inline T invert(Pair<T> d) {
  T inverse = T(1) / d.head;
  T rest = mul_add(-inverse, d.tail, fma(-inverse, d.head, T(1)));
  return mul_add(rest, inverse, inverse);
}

// ---- Parameters -------------------------------------------------------------------------------

// A parameter is the float64 that was given. In float arithmetic it is a pair of floats, good to
// 2^-48, where that pair is far from overflow and underflow; the loops use double for the others.
template <class T> struct Parameter;

template <> struct Parameter<float> {
  float head, tail;
  explicit Parameter(double given) : head(float(given)), tail(float(given - double(head))) {}
  static bool holds(double given) {
    double size = absolute(given);
    return given == 0 || (size > 0x1p-60 && size < 0x1p60);
  }
};

template <> struct Parameter<double> {
  double head;
  explicit Parameter(double given) : head(given) {}
  static bool holds(double) { return true; }
};

inline float rounded(Parameter<float> p) { return p.head; }
inline double rounded(Parameter<double> p) { return p.head; }

// p·x with one rounding; 0·∞ is 0, the limit of p·x at p = 0. Domain: x <= 0 or NaN.
// Error < 0.51 ULP (1 if subnormal).
inline float times(Parameter<float> p, float x) {
  float finite = at_least(x, -Constants<float>::largest);
  return fma(p.head == 0 ? finite : x, p.head, finite * p.tail);
}
inline double times(Parameter<double> p, double x) {
  double finite = at_least(x, -Constants<double>::largest);
  return (p.head == 0 ? finite : x) * p.head;
}

// p·(x.head + x.tail), x finite. Error < 0.51 ULP for float, < 1.1 for double.
inline float times(Parameter<float> p, Pair<float> x) {
  return fma(p.head, x.head, mul_add(p.head, x.tail, p.tail * x.head));
}
inline double times(Parameter<double> p, Pair<double> x) {
  return mul_add(p.head, x.head, p.head * x.tail);
}

// x > p, exactly.
inline bool above(float x, Parameter<float> p) {
  return (x > p.head) | ((x == p.head) & (p.tail < 0));
}
inline bool above(double x, Parameter<double> p) { return x > p.head; }

// ---- Exponentials -----------------------------------------------------------------------------

// e^(x + tail) = 2^n (1 + r + t), n an integer, |r| <= 0.35, |t| <= r². n is kept as the bits of
// n + to_integer, ready for Scale. Domain: |x| <= exp_is_zero, |tail| < 2^-16 |x|.
// Error of r + t < 0.2 ULP of 1 + r; for n = 0, r is x and r + t has a relative error < 0.3 ULP.
template <class T> struct Exponential {
  T shifted_n, r, t;
};

template <class T> struct Reduced {
  T shifted_n, r, r_tail;
};

template <class T> inline Reduced<T> reduce(T x, T tail = 0) {
  using C = Constants<T>;
  T shifted_n = mul_add(x, C::log2e, C::to_integer);
  T n = shifted_n - C::to_integer;
  T coarse = mul_add(-n, C::ln2_head, x);  // exact: the head is short
  T correction = mul_add(-n, C::ln2_tail, tail);
  T r = coarse + correction;
  return {shifted_n, r, correction - (r - coarse)};
}

// e^(r + r_tail) - 1 - r; r·r_tail is too small to count.
template <class T> inline T beyond_linear(T r, T r_tail) {
  using C = Constants<T>;
  T q = C::q[C::degree];
#pragma GCC unroll 16
  for (int i = C::degree - 1; i >= 0; --i) q = mul_add(q, r, C::q[i]);
  return mul_add(r * r, q, r_tail);
}

template <class T> inline Exponential<T> exponential(T x) {
  Reduced<T> y = reduce(x);
  return {y.shifted_n, y.r, beyond_linear(y.r, y.r_tail)};
}

// Multiplication by 2^n, n <= 0, such that a subnormal product is rounded once: 2^n is a normal power
// of two times the constant `rest`.
template <class T> struct Scale {
  using C = Constants<T>;
  T factor;
  explicit Scale(T shifted_n) {
    using Bits = typename C::Bits;
    Bits exponent = __builtin_bit_cast(Bits, shifted_n) << C::mantissa;
    factor = __builtin_bit_cast(T, Bits(exponent + __builtin_bit_cast(Bits, T(1) / C::scale_rest)));
  }
  T power() const { return factor * C::scale_rest; }
  T operator()(T x) const { return x * factor * C::scale_rest; }
};

// e^x. Domain: x <= 0 (to -∞) or NaN. Error < 0.9 ULP (float), 0.8 (double), 1 if subnormal.
template <class T> inline T exp(T x) {
  Exponential<T> e = exponential(at_least(x, -Constants<T>::exp_is_zero));
  return Scale<T>(e.shifted_n)(T(1) + (e.r + e.t));
}

// e^(x + tail), likewise.
template <class T> inline T exp(T x, T tail) {
  Reduced<T> y = reduce(at_least(x, -Constants<T>::exp_is_zero), tail);
  T t = beyond_linear(y.r, mul_add(y.r, y.r_tail, y.r_tail));
  return Scale<T>(y.shifted_n)(T(1) + (y.r + t));
}

// e^x - 1 as a pair. Domain: x <= 0 (to -∞) or NaN. Relative error < 0.3 ULP.
template <class T> inline Pair<T> expm1(T x) {
  Exponential<T> e = exponential(at_least(x, -Constants<T>::expm1_is_minus_1));
  T scale = Scale<T>(e.shifted_n).power();
  Pair<T> whole = fast_two_sum(T(-1), scale);
  Pair<T> part = fast_two_sum(e.r, e.t);
  Pair<T> sum = fast_two_sum(whole.head, scale * part.head);
  return {sum.head, mul_add(scale, part.tail, sum.tail + whole.tail)};
}

// p·e^x. Domain: x <= 0 or NaN. Error < 0.9 ULP (float), 1.2 (double), 1 if subnormal.
template <class T> inline T times_exp(Parameter<T> p, T x) {
  Exponential<T> e = exponential(at_least(x, -Constants<T>::exp_is_zero));
  return Scale<T>(e.shifted_n)(times(p, fast_two_sum(T(1), e.r + e.t)));
}

// ---- Sigmoid and tanh -------------------------------------------------------------------------

// 1 / (1 + e^-x). Domain: all. Error < 0.9 ULP (float), 0.7 (double), 1 if subnormal.
// With e^-|x| = 2^n e^r it is 1 / (1 + 2^n e^r), and for x < 0 it is 2^n / (2^n + e^-r): the small
// power stands in the denominator both times, so nothing overflows and nothing cancels.
template <class T> inline T logistic(T x) {
  Reduced<T> y = reduce(-at_most(absolute(x), Constants<T>::exp_is_zero));
  auto low = sign_mask(x);
  T r = turn(y.r, x);
  T p = r + beyond_linear(r, turn(y.r_tail, x));
  Pair<T> m = fast_two_sum(T(1), p);
  Scale<T> scale(y.shifted_n);
  T power = scale.power();
  T factor = select(low, T(1), power);
  Pair<T> sum = fast_two_sum(select(low, m.head, T(1)), power * select(low, T(1), m.head));
  T ratio = invert<T>({sum.head, mul_add(factor, m.tail, sum.tail)});
  scale.factor = select(low, scale.factor, T(1) / Constants<T>::scale_rest);
  return scale(ratio);
}

// factor · e^-|x| / (1 + e^-|x|)², the slope of the logistic function; factor is 1 or 4.
// Domain: all. Error < 0.9 ULP (float), 0.7 (double), 1 if subnormal.
template <class T> inline T logistic_slope(T x, T factor = 1) {
  Exponential<T> e = exponential(-at_most(absolute(x), Constants<T>::exp_is_zero));
  Pair<T> m = fast_two_sum(T(1), e.r + e.t);
  Scale<T> scale(e.shifted_n);
  T power = scale.power();
  Pair<T> sum = fast_two_sum(T(1), power * m.head);
  T sum_tail = mul_add(power, m.tail, sum.tail);
  T square = sum.head * sum.head;
  T square_tail = mul_add(2 * sum.head, sum_tail, fma(sum.head, sum.head, -square));
  return scale(factor * divide(m, {square, square_tail}));
}

// tanh x = -E / (2 + E) with E = e^(-2|x|) - 1. Domain: all. Error < 0.9 ULP (float), 0.8 (double).
template <class T> inline T tanh(T x) {
  Pair<T> e = expm1(-2 * absolute(x));
  Pair<T> sum = fast_two_sum(T(2), e.head);
  T size = divide<T>({-e.head, -e.tail}, {sum.head, sum.tail + e.tail});
  return copy_sign(size, x);
}

// tanh' x = 4 σ'(2x). Domain: all. Error as logistic_slope.
template <class T> inline T tanh_slope(T x) { return logistic_slope(2 * x, T(4)); }

}  // namespace RHEOBASE_TARGET
