// Arithmetic wider than a result of type T, rounded once, at the end: a pair of doubles for a double, double for a float (where
// it is not in Lanes: large angles, the logarithm of a row's sum, docs/adding.md). Largest errors: docs/accuracy.md.
#pragma once

#include "exponential.hpp"

namespace RHEOBASE_TARGET {

template <class T> struct WideOf;
template <> struct WideOf<float> { using type = double; };
template <> struct WideOf<double> { using type = Twin; };
template <class T> using Wide = typename WideOf<T>::type;
template <class T> constexpr bool is_float = sizeof(T) == sizeof(float);

template <class T> inline T narrowed(double x) { return T(x); }
template <class T> inline T narrowed(Twin x) { return T(x.head + x.tail); }

// ---- Pairs: finite numbers only ------------------------------------------------------------------

inline Twin exact_product(double a, double b) {
  double product = a * b;
  return {product, fma(a, b, -product)};
}
inline Twin operator-(Twin a) { return {-a.head, -a.tail}; }
inline Twin operator+(Twin a, Twin b) {
  Twin sum = two_sum(a.head, b.head);
  return {sum.head, sum.tail + (a.tail + b.tail)};
}
inline Twin operator+(Twin a, double b) {
  Twin sum = two_sum(a.head, b);
  return {sum.head, sum.tail + a.tail};
}
inline Twin operator+(double a, Twin b) { return b + a; }
inline Twin operator-(Twin a, Twin b) { return a + -b; }
inline Twin operator-(Twin a, double b) { return a + -b; }
inline Twin operator-(double a, Twin b) { return -b + a; }
inline Twin operator*(Twin a, Twin b) {
  Twin product = exact_product(a.head, b.head);
  return {product.head, product.tail + mul_add(a.head, b.tail, a.tail * b.head)};
}
inline Twin operator*(Twin a, double b) {
  Twin product = exact_product(a.head, b);
  return {product.head, mul_add(a.tail, b, product.tail)};
}
inline Twin operator*(double a, Twin b) { return b * a; }

// By a power of two: exact.
inline double scaled(double a, double power) { return a * power; }
inline Twin scaled(Twin a, double power) { return {a.head * power, a.tail * power}; }

// What is exact in double.
template <class T> inline Wide<T> widened(double x) {
  if constexpr (is_float<T>) return x;
  else return {x, 0};
}
// a·b of two doubles; a float's product is exact or its rounding does not matter.
template <class T> inline Wide<T> product(double a, double b) {
  if constexpr (is_float<T>) return a * b;
  else return exact_product(a, b);
}

template <class W> inline W choose(bool condition, W a, W b) {
  if constexpr (sizeof(W) == sizeof(double)) return condition ? a : b;
  else return {condition ? a.head : b.head, condition ? a.tail : b.tail};
}
inline Twin size_of(Twin x) { return choose(x.head < 0, -x, x); }

// 1/x.
inline double inverse(double x) { return 1 / x; }
inline Twin inverse(Twin x) {
  double near = 1 / x.head;
  return {near, near * mul_add(-near, x.tail, fma(-near, x.head, 1.0))};
}

// a/b, |b| of any size.
inline double divided(double a, double b) { return a / b; }
inline Twin divided(double a, Twin b) {
  double near = a / b.head;
  return {near, mul_add(-near, b.tail, fma(-near, b.head, a)) / b.head};
}

// √x, x > 0.
inline double root(double x) { return __builtin_sqrt(x); }
inline Twin root(Twin x) {
  double near = __builtin_sqrt(x.head);
  return {near, (fma(-near, near, x.head) + x.tail) / (2 * near)};
}

// A polynomial beyond its first `skip` terms, divided by x^skip; even and odd powers apart: half the waiting of Horner's rule.
template <int skip, int n> inline double polynomial_beyond(const double (&c)[n], double x) {
  double square = x * x, last = c[n - 1], before = c[n - 2];
#pragma GCC unroll 32
  for (int i = n - 3; i >= skip; i -= 2) {
    last = mul_add(last, square, c[i]);
    if (i > skip) before = mul_add(before, square, c[i - 1]);
  }
  return (n - skip) % 2 ? mul_add(before, x, last) : mul_add(last, x, before);
}
template <int n> inline double polynomial(const double (&c)[n], double x) { return polynomial_beyond<0>(c, x); }

// ---- e^u -----------------------------------------------------------------------------------------

// 2^shift e^u = power·(1 + q), q right relative to itself where power is 2^shift.
// Domain: u/ln 2 + shift within ±1020, or NaN.
struct Power {
  double power;
  Twin q;
};
inline Power power_of_e(Twin u, double shift = 0) {
  using C = Constants<double>;
  const double to_exponent = 0x1.8p52 + (1023 + shift);  // n in the place of the exponent's bits
  double placed = mul_add(u.head, log2_e, to_exponent), n = placed - to_exponent;
  double power = __builtin_bit_cast(double, __builtin_bit_cast(std::uint64_t, placed) << 52);
  double r = mul_add(-n, C::ln2_head, u.head);  // exact
  double correction = mul_add(-n, C::ln2_tail, u.tail), s = r + correction, square = s * s;
  return {power, two_sum(r, mul_add(square, beyond_linear(s, square), correction))};
}

// Small results are carried with a factor `spare`, so that a subnormal one is rounded once.
constexpr double spare = 0x1p512, unspare = 0x1p-512;

// spare·e^-u. Domain: u >= 0 or NaN.
inline Twin decay(Twin u) {
  Power e = power_of_e({-at_most(u.head, 1050.0), u.head > 1050.0 ? 0.0 : -u.tail}, 512);
  return scaled(1.0 + e.q, u.head >= 1050.0 ? 0.0 : e.power);
}

inline Twin within(Twin u, double low, double high) {
  return choose(u.head < low, Twin{low, 0}, choose(u.head > high, Twin{high, 0}, u));
}
// e^u for u of any sign, overflowing to ∞; e^u - 1, right near 0 as well; both times p. u > 0 is celu with a negative alpha;
// from 600 on e^u may overflow where p·e^u does not.
inline double times_exp(Twin u, double p) {
  const double shift = u.head < 0 ? 512 : -64, back = u.head < 0 ? 0x1p-512 : 0x1p64;
  Power e = power_of_e(within(u, -1050, 740), shift);
  return narrowed<double>(scaled(1.0 + e.q, e.power) * p) * back;
}
inline double times_expm1(Twin u, double p) {
  const bool small = u.head < 0, huge = u.head > 600;
  const double shift = small ? 0 : huge ? -1100 : -64, one = small ? 1 : huge ? 0 : 0x1p-64, high = 1420;
  Power e = power_of_e(within(u, -80, high), shift);
  double result = narrowed<double>((two_sum(e.power, -one) + scaled(e.q, e.power)) * p);
  double back = small ? 1 : huge ? 0x1p550 : 0x1p32;
  return (u.head >= high) | (result != result && p == p && u.head == u.head) ? p * __builtin_inf() : result * back * back;
}

// ---- Logarithms ----------------------------------------------------------------------------------

// 2 atanh s. Domain: |s| <= 3 - √8.
template <class T> inline Wide<T> twice_atanh(Wide<T> s) {
  double near = narrowed<double>(s), square = near * near;
  return scaled(s, 2) + near * square * polynomial(Polynomials<T>::logarithm, square);
}

// log(1 + n). Domain: 0 <= n <= 1 or NaN.
inline Twin log1p(Twin n) {
  bool high = n.head > 0x1.a827999fcef32p-2;  // √2 - 1: (1 + n)/2 is nearer to 1
  Twin s = (n + (high ? -1.0 : 0.0)) * inverse(n + (high ? 3.0 : 2.0));
  return twice_atanh<double>(s) + Twin{high ? ln_2.head : 0.0, high ? ln_2.tail : 0.0};
}

// log(p/q). Domain: 2^-1000 < p <= q, q about 1.
inline Twin log_ratio(Twin p, Twin q) {
  std::int64_t above = std::int64_t(__builtin_bit_cast(std::uint64_t, p.head / q.head)) - 0x3fe6a09e667f3bcd;  // √½
  double k = double(above >> 52);
  double power = __builtin_bit_cast(double, std::uint64_t(1023 - (above >> 52)) << 52);
  Twin s = (scaled(p, power) - q) * inverse(scaled(p, power) + q);
  return twice_atanh<double>(s) + ln_2 * k;
}

// ---- The normal distribution ---------------------------------------------------------------------

// Φ(-z) e^(z²/2). Domain: 0 <= z <= 39, or NaN.
inline Twin mills(double z) {
  Twin a = two_sum(z, mills_centre), b = two_sum(z, mills_shift), both = inverse(a * b);
  Twin t = both * b * (z - mills_centre);
  constexpr auto& c = Polynomials<double>::mills;
  return (c[0] + t * c[1] + t.head * t.head * polynomial_beyond<2>(c, t.head)) * (both * a);
}

}  // namespace RHEOBASE_TARGET
