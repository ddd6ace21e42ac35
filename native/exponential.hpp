// Exponentials in the arithmetic of their type, float or double: the functions that must be fast.
//
// Errors are against the exact result, in units in the last place (ULP) of the result, for T = float
// unless said otherwise. Constants: tools/coefficients.py.
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
// power = 2^(n + shift). Domain: -exp_is_zero <= x <= 0 or NaN, |tail| < 2^-16 |x|, and n + shift must be
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
// Error < 0.9 ULP (float), 0.8 (double), 1 if subnormal.
template <class T> inline T exp(T x, T tail = 0) {
  Exponential<T> e = spared_exponential(x, tail);
  return (T(1) + (e.r + e.t)) * e.power * Constants<T>::unspare;
}

// e^x for any x. Error as exp.
template <class T> inline T exp_any(T x) {
  using C = Constants<T>;
  constexpr T most = sizeof(T) == sizeof(float) ? T(95) : T(720);  // past ∞
  T near = at_most(copy_sign(at_most(absolute(x), C::exp_is_zero), x), most);
  Exponential<T> e = exponential<0>(near, T(0), x < 0 ? T(C::spare) : T(-C::spare));
  return (T(1) + (e.r + e.t)) * e.power * (x < 0 ? C::unspare : 1 / C::unspare);
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
