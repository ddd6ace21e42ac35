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
#if defined(__FMA__) || defined(__aarch64__)
  static constexpr float ln2_head = 0x1.62e43p-1f, ln2_tail = -0x1.05c61p-29f;
#else  // short: n·head is exact
  static constexpr float ln2_head = 0x1.62e4p-1f, ln2_tail = 0x1.7f7d1cp-20f;
#endif
  static constexpr float exp_is_zero = 120.0f;      // 2^20 e^-120 rounds to 0
  static constexpr float expm1_is_minus_1 = 18.5f;  // e^-18.5 is lost beside 1
  static constexpr int bias = 127;                  // of the exponent
  static constexpr int spare = 64;                  // 2^(n + spare) is normal for every n that occurs
  static constexpr float unspare = 0x1p-64f;
  static constexpr int degree = 5;
  static constexpr float q[degree + 1] = {0x1p-1f,        0x1.555556p-3f, 0x1.5554fp-5f,
                                          0x1.110fe2p-7f, 0x1.6d438cp-10f, 0x1.a28f22p-13f};
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
  static constexpr double expm1_is_minus_1 = 38.5;
  static constexpr int bias = 1023;
  static constexpr int spare = 512;
  static constexpr double unspare = 0x1p-512;
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

// For algebraic functions (docs/adding.md): `divide`, `invert` and the square roots below.
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
    return given == 0 || (size > 0x1p-60 && size < 0x1p20);
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

// p·(x.head + x.tail), x finite, the tail under a fifth of the head. Error < 0.6 ULP (float), 1.1 (double).
inline float times(Parameter<float> p, Pair<float> x) {
  return fma(p.head, x.head, mul_add(p.head, x.tail, p.tail * (x.head + x.tail)));
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

// (e^r - 1 - r - from_half·r²/2) / r², from_half 0 or 1. Domain: |r| <= 0.35. By pairs: half the waiting
// of Horner's rule.
template <bool from_half = false, class T> inline T beyond_linear(T r, T square) {
  using C = Constants<T>;
  constexpr bool odd = C::degree % 2;
  T q = odd ? mul_add(C::q[C::degree], r, C::q[C::degree - 1]) : C::q[C::degree];
#pragma GCC unroll 16
  for (int i = C::degree - (odd ? 3 : 2); i > 0; i -= 2)
    q = mul_add(q, square, mul_add(C::q[i + 1], r, C::q[i]));
  return mul_add(q, square, from_half ? C::q[1] * r : mul_add(C::q[1], r, C::q[0]));
}

// e^(x + tail) = 2^n (1 + r + t), n an integer, r exact, |r| <= 0.35, |t| <= r²/1.6 + 2^-12;
// power = 2^(n + shift). Domain: -exp_is_zero <= x <= 0 or NaN, |tail| < 2^-16 |x|, and n + shift must be
// an exponent of normal numbers. Error of t < 0.1 ULP of 1 + r; for n = 0, r is x and the error of r + t
// is < 0.3 ULP of e^x - 1.
template <class T> struct Exponential {
  T power, r, t;
};

// A `near` x is >= -expm1_is_minus_1, and its e^x goes beside a 1: with fma, n·ln2_tail is lost there.
template <int shift, bool near = false, class T>
inline Exponential<T> exponential(T x, T tail = 0) {
  using C = Constants<T>;
  using Bits = typename C::Bits;
  constexpr T to_exponent = C::to_integer + T(C::bias + shift);  // n in the place of the exponent's bits
  T placed = mul_add(x, C::log2e, to_exponent);
  T n = placed - to_exponent;
  T r = mul_add(-n, C::ln2_head, x);  // exact: by fma, or since the head is short
  T power = __builtin_bit_cast(T, Bits(__builtin_bit_cast(Bits, placed) << C::mantissa));
  T correction = mul_add(-n, C::ln2_tail, tail), s = r + correction;
  if constexpr (near) {  // r²/2 is not rounded
    if constexpr (has_fma) correction = 0, s = r;
    return {power, r, fma(T(0.5) * s, s, mul_add(s * s, beyond_linear<true>(s, s * s), correction))};
  } else {
    return {power, r, mul_add(s * s, beyond_linear(s, s * s), correction)};
  }
}

// 2^spare e^x, such that a subnormal e^x will be rounded once.
template <class T> inline Exponential<T> spared_exponential(T x, T tail = 0) {
  using C = Constants<T>;
  return exponential<C::spare>(at_least(x, -C::exp_is_zero), tail);
}

// e^(x + tail). Domain: x <= 0 (to -∞) or NaN, |tail| < 2^-16 |x|.
// Error < 0.9 ULP (float), 0.8 (double), 1 if subnormal.
template <class T> inline T exp(T x, T tail = 0) {
  Exponential<T> e = spared_exponential(x, tail);
  return (T(1) + (e.r + e.t)) * e.power * Constants<T>::unspare;
}

// 2^shift (e^x - 1) as a head and a rest of less than a fifth of it. Domain: x <= 0 (to -∞) or NaN.
// Error < 0.4 ULP.
template <int shift = 0, class T> inline Pair<T> expm1(T x) {
  constexpr T one = shift == 0 ? T(1) : T(0.5);
  Exponential<T> e = exponential<shift, true>(at_least(x, -Constants<T>::expm1_is_minus_1));
  Pair<T> whole = fast_two_sum(-one, e.power);
  T head = mul_add(e.power, e.r, whole.head);
  T head_tail = mul_add(e.power, e.r, whole.head - head);
  return {head, mul_add(e.power, e.t, head_tail) + whole.tail};
}

// p·e^x, |p| < 2^20 (float), 2^400 (double). Domain: x <= 0 or NaN (any x gives some number).
// Error < 0.8 ULP (float), 1.2 (double), 1 if subnormal.
template <class T> inline T times_exp(Parameter<T> p, T x) {
  Exponential<T> e = spared_exponential(x);
  Pair<T> m = fast_two_sum(T(1), e.r);
  return times(p, {m.head, m.tail + e.t}) * e.power * Constants<T>::unspare;
}

// ---- Square roots -----------------------------------------------------------------------------

inline float root(float x) { return __builtin_sqrtf(x); }
inline double root(double x) { return __builtin_sqrt(x); }

// 2^-32 sqrt(x² + p) as a pair; the power keeps sums and quotients of such pairs from overflow.
// Domain: all, ±∞ counts as the largest number; |p| within 2^±60 (float), 2^±400 (double).
// Relative error < 2^-40 for p > 0; NaN where x² + p < 0.
template <class T> inline Pair<T> root(T x, Parameter<T> p) {
  T size = at_most(absolute(x), Constants<T>::largest);
  T near = at_most(size, T(0x1p-8) / Constants<T>::unspare);  // beyond, p is lost beside x²
  T square = near * near;
  Pair<T> sum = two_sum(square, p.head);
  T sum_tail = sum.tail + fma(near, near, -square);
  if constexpr (sizeof(T) == sizeof(float)) sum_tail += p.tail;
  T head = root(sum.head);
  T tail = (fma(-head, head, sum.head) + sum_tail) / (2 * head);
  return {T(0x1p-32) * (size > near ? size : head), T(0x1p-32) * (size > near ? T(0) : tail)};
}

// ---- Sigmoid and tanh -------------------------------------------------------------------------

// 2^spare e^-|x| as a pair, the tail a rounding error. Domain: all. Relative error < 0.4 ULP.
template <class T> inline Pair<T> spared_decay(T x) {
  Exponential<T> e = exponential<Constants<T>::spare>(-at_most(absolute(x), Constants<T>::exp_is_zero));
  T p = e.r + e.t;
  T head = mul_add(e.power, p, e.power);
  return {head, mul_add(e.power, p, e.power - head)};
}

// 1 / (1 + e^-x). Domain: all. Error < 0.9 ULP (float), 0.9 (double), 1 if subnormal.
// For x <= 0 it is N / (1 + N) with N = e^-|x|, a rounded quotient and its correction; for x > 0 it is
// one minus that.
template <class T> inline T logistic(T x) {
  using C = Constants<T>;
  Pair<T> y = spared_decay(x);
  T n = y.head * C::unspare;
  T inverse = T(1) / mul_add(y.head, C::unspare, T(1));  // not from n: a shorter way
  T quotient = y.head * inverse;
  T rest = fma(-quotient, n, y.head - quotient);  // the difference is exact: within a factor of two
  T low = mul_add(mul_add(y.tail, inverse, rest), inverse, quotient);
  return mul_add(low, turn(-C::unspare, x), select(sign_mask(x), T(0), T(1)));
}

// factor · e^-|x| / (1 + e^-|x|)², the slope of the logistic function; factor is 1 or 4.
// Domain: all. Error < 0.9 ULP (float), 1 (double), 1 if subnormal.
// It is N v² with v = 1 / (1 + N), whose square is a pair.
template <class T> inline T logistic_slope(T x, T factor = 1) {
  using C = Constants<T>;
  Pair<T> y = spared_decay(x);
  T n = y.head * C::unspare;
  T v = T(1) / (T(1) + n);
  T rest = fma(-v, n, T(1) - v);  // v (1 + rest) is better; the difference is exact
  T square = v * v;
  T square_tail = mul_add(2 * square, rest, fma(v, v, -square));
  T tail = mul_add(y.head, square_tail, y.tail * square * mul_add(T(2), v, T(-1)));
  return fma(y.head, square, tail) * (factor * C::unspare);
}

// tanh x. Domain: all. Error < 0.9 ULP (float), 1.1 (double).
// tanh |x| = -N / (1 + N) with N = (e^(-2|x|) - 1) / 2.
template <class T> inline T tanh(T x) {
  Pair<T> e = expm1<-1>(-2 * absolute(x));  // halved
  T sum = e.head + e.tail;
  T inverse = T(1) / (T(1) + sum);
  T size = sum * inverse;
  T rest = fma(-size, e.head, e.head - size);  // the difference is exact: within a factor of two
  T correction = mul_add(e.tail, T(1) - size, rest);
  return copy_sign(mul_add(correction, inverse, size), x);
}

// tanh' x = 4 σ'(2x). Domain: all. Error as logistic_slope.
template <class T> inline T tanh_slope(T x) { return logistic_slope(2 * x, T(4)); }

}  // namespace RHEOBASE_TARGET
