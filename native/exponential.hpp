// Exponentials in the arithmetic of their type.
//
// Errors are against the exact result, in units in the last place (ULP) of the result, for double unless said otherwise. Constants: tools/coefficients.py.
#pragma once

#include "arithmetic.hpp"
#include "coefficients.hpp"

namespace RHEOBASE_TARGET {

template <class T> struct ExpPolynomial;
template <> struct ExpPolynomial<float> : Narrow {
  static constexpr int degree = 5;
};
template <> struct ExpPolynomial<double> : Polynomials<double> {
  static constexpr int degree = 10;
};

// (e^r - 1 - r - from_half·r²/2) / r², from_half 0 or 1. Domain: |r| <= 0.35. By pairs: half the waiting
// of Horner's rule.
template <bool from_half = false, class T> inline T beyond_linear(T r, T square) {
  constexpr auto& c = ExpPolynomial<T>::exponential;
  constexpr int degree = ExpPolynomial<T>::degree;
  constexpr bool odd = degree % 2;
  T q = odd ? mul_add(c[degree], r, c[degree - 1]) : c[degree];
#pragma GCC unroll 16
  for (int i = degree - (odd ? 3 : 2); i > 0; i -= 2) q = mul_add(q, square, mul_add(c[i + 1], r, c[i]));
  return mul_add(q, square, from_half ? c[1] * r : mul_add(c[1], r, c[0]));
}

// e^(x + tail) = 2^n (1 + r + t), n an integer, r exact, |r| <= 0.35, |t| <= r²/1.6 + 2^-12;
// power = 2^(n + shift). Domain: |x| <= exp_is_zero or NaN, |tail| < 2^-16 |x|, and n + shift must be
// an exponent of normal numbers. Error of t < 0.1 ULP of 1 + r; for n = 0, r is x and the error of r + t
// is < 0.3 ULP of e^x - 1.
template <class T> struct Exponential {
  T power, r, t;
};

// A `near` x is >= -expm1_is_minus_1, and its e^x goes beside a 1: with fma, n·ln2_tail is lost there.
template <int shift, bool near = false, class T>
inline Exponential<T> exponential(T x, T tail = 0, T more_shift = 0) {
  using C = Constants<T>;
  using Bits = typename C::Bits;
  const T to_exponent = C::to_integer + (T(C::bias + shift) + more_shift);  // n in the place of the exponent's bits
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
// Error < 0.9 ULP, 1 if subnormal.
template <class T> inline T exp(T x, T tail = 0) {
  Exponential<T> e = spared_exponential(x, tail);
  return (T(1) + (e.r + e.t)) * e.power * Constants<T>::unspare;
}

using Twin = Pair<double>;

// ---- In double alone: single/ has the same for floats --------------------------------------------------

// e^x for any x. Error as exp.
inline double exp_any(double x) {
  using C = Constants<double>;
  double near = at_most(copy_sign(at_most(absolute(x), C::exp_is_zero), x), 720.0);
  Exponential<double> e = exponential<0>(near, 0.0, double(x < 0 ? C::spare : -C::spare));
  return (1.0 + (e.r + e.t)) * e.power * (x < 0 ? C::unspare : 1 / C::unspare);
}

// 2^shift (e^x - 1) as a head and a rest of less than a fifth of it. Domain: x <= 0 (to -∞) or NaN.
// Error < 0.4 ULP.
template <int shift = 0> inline Twin expm1(double x) {
  constexpr double one = shift == 0 ? 1 : 0.5;
  Exponential<double> e = exponential<shift, true>(at_least(x, -Constants<double>::expm1_is_minus_1));
  Twin whole = fast_two_sum(-one, e.power);
  double head = mul_add(e.power, e.r, whole.head);
  double head_tail = mul_add(e.power, e.r, whole.head - head);
  return {head, mul_add(e.power, e.t, head_tail) + whole.tail};
}

// p·e^x, |p| < 2^400. Domain: x <= 0 or NaN (any x gives some number).
// Error < 1.2 ULP, 1 if subnormal.
inline double times_exp(Parameter<double> p, double x) {
  Exponential<double> e = spared_exponential(x);
  Twin m = fast_two_sum(1.0, e.r);
  return times(p, {m.head, m.tail + e.t}) * e.power * Constants<double>::unspare;
}

// ---- Sigmoid and tanh -------------------------------------------------------------------------

// 2^spare e^-|x + tail| as a pair, its tail a rounding error. Domain: all. Relative error < 0.4 ULP.
inline Twin spared_decay(double x, double tail = 0) {
  using C = Constants<double>;
  Exponential<double> e = exponential<C::spare>(-at_most(absolute(x), 1050.0), turn(-tail, x));
  double p = e.r + e.t;
  double head = mul_add(e.power, p, e.power);
  return {head, mul_add(e.power, p, e.power - head)};
}

// 2^spare / (1 + e^|x + tail|). Domain: all. Error < 0.9 ULP.
// It is N / (1 + N) with N = e^-|x|: a rounded quotient and its correction.
inline double spared_logistic(double x, double tail = 0) {
  using C = Constants<double>;
  Twin y = spared_decay(x, tail);
  double n = y.head * C::unspare;
  double inverse = 1.0 / mul_add(y.head, C::unspare, 1.0);  // not from n: a shorter way
  double quotient = y.head * inverse;
  double rest = fma(-quotient, n, y.head - quotient);  // the difference is exact: within a factor of two
  return mul_add(mul_add(y.tail, inverse, rest), inverse, quotient);
}

// 1 / (1 + e^-(x + tail)): that for x <= 0, and one minus that for x > 0. Domain: all. Error < 0.9 ULP, 1 if subnormal.
inline double logistic(double x, double tail = 0) {
  return mul_add(spared_logistic(x, tail), turn(-Constants<double>::unspare, x), select(sign_mask(x), 0.0, 1.0));
}

// factor · e^-|x| / (1 + e^-|x|)², the slope of the logistic function; factor is 1 or 4.
// Domain: all. Error < 1 ULP, 1 if subnormal.
// It is N v² with v = 1 / (1 + N), whose square is a pair.
inline double logistic_slope(double x, double factor = 1) {
  using C = Constants<double>;
  Twin y = spared_decay(x);
  double n = y.head * C::unspare;
  double v = 1.0 / (1.0 + n);
  double rest = fma(-v, n, 1.0 - v);  // v (1 + rest) is better; the difference is exact
  double square = v * v;
  double square_tail = mul_add(2 * square, rest, fma(v, v, -square));
  double tail = mul_add(y.head, square_tail, y.tail * square * mul_add(2.0, v, -1.0));
  return fma(y.head, square, tail) * (factor * C::unspare);
}

// tanh x. Domain: all. Error < 1.1 ULP.
// tanh |x| = -N / (1 + N) with N = (e^(-2|x|) - 1) / 2.
inline double tanh(double x) {
  Twin e = expm1<-1>(-2 * absolute(x));  // halved
  double sum = e.head + e.tail;
  double inverse = 1.0 / (1.0 + sum);
  double size = sum * inverse;
  double rest = fma(-size, e.head, e.head - size);  // the difference is exact: within a factor of two
  double correction = mul_add(e.tail, 1.0 - size, rest);
  return copy_sign(mul_add(correction, inverse, size), x);
}

// tanh' x = 4 σ'(2x). Domain: all. Error as logistic_slope.
inline double tanh_slope(double x) { return logistic_slope(2 * x, 4.0); }

}  // namespace RHEOBASE_TARGET
