// Arithmetic wider than a result of type T: double for a float, a pair of doubles for a double. A function
// written in it rounds once, at the end, so that its value is within 0.51 ULP (0.6 for double, 1 if subnormal).
// The relative error of each part is < 2^-28 for a float and < 2^-55 for a double.
#pragma once

#include "exponential.hpp"

namespace RHEOBASE_TARGET {

using Twin = Pair<double>;

template <class T> struct WideOf;
template <> struct WideOf<float> { using type = double; };
template <> struct WideOf<double> { using type = Twin; };
template <class T> using Wide = typename WideOf<T>::type;
template <class T> constexpr bool is_float = sizeof(T) == sizeof(float);

inline double head(double x) { return x; }
inline double head(Twin x) { return x.head; }

template <class T> inline T narrowed(double x) { return T(x); }
template <class T> inline T narrowed(Twin x) { return x.head + x.tail; }

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
template <class T> inline Wide<T> constant(Twin x) {
  if constexpr (is_float<T>) return x.head;
  else return x;
}
// a·b of two doubles; a float's product is exact or its rounding does not matter.
template <class T> inline Wide<T> product(double a, double b) {
  if constexpr (is_float<T>) return a * b;
  else return exact_product(a, b);
}
template <class T> inline Wide<T> sum(double a, double b) {
  if constexpr (is_float<T>) return a + b;
  else return two_sum(a, b);
}

template <class W> inline W choose(bool condition, W a, W b) {
  if constexpr (sizeof(W) == sizeof(double)) return condition ? a : b;
  else return {condition ? a.head : b.head, condition ? a.tail : b.tail};
}
inline double size_of(double x) { return absolute(x); }
inline Twin size_of(Twin x) { return choose(x.head < 0, -x, x); }

// 1/x.
inline double inverse(double x) { return 1 / x; }
inline Twin inverse(Twin x) {
  double near = 1 / x.head;
  return {near, near * mul_add(-near, x.tail, fma(-near, x.head, 1.0))};
}

// a/b, |b| of any size.
inline Twin divided(double a, Twin b) {
  double near = a / b.head;
  return {near, mul_add(-near, b.tail, fma(-near, b.head, a)) / b.head};
}

// √x, x > 0.
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
template <class T> struct Power {
  double power;
  Wide<T> q;
};

template <class T> inline Power<T> power_of_e(Wide<T> u, double shift = 0) {
  const double to_exponent = 0x1.8p52 + (1023 + shift);  // n in the place of the exponent's bits
  double placed = mul_add(head(u), log2_e, to_exponent), n = placed - to_exponent;
  double power = __builtin_bit_cast(double, __builtin_bit_cast(std::uint64_t, placed) << 52);
  if constexpr (is_float<T>) {
    double r = mul_add(-n, ln_2.head, u), square = r * r;
    constexpr auto& c = Polynomials<float>::exponential;
    double low = mul_add(c[1], r, c[0]), middle = mul_add(c[3], r, c[2]), high = mul_add(c[5], r, c[4]);
    return {power, mul_add(square, mul_add(mul_add(high, square, middle), square, low), r)};
  } else {
    using C = Constants<double>;
    double r = mul_add(-n, C::ln2_head, u.head);  // exact
    double correction = mul_add(-n, C::ln2_tail, u.tail), s = r + correction, square = s * s;
    return {power, two_sum(r, mul_add(square, beyond_linear(s, square), correction))};
  }
}

// Small results of type double are carried with a factor `spare`, so that a subnormal one is rounded once.
template <class T> constexpr double spare = is_float<T> ? 1.0 : 0x1p512;
template <class T> constexpr double unspare = 1 / spare<T>;

// spare·e^-u. Domain: u >= 0 or NaN.
template <class T> inline Wide<T> decay(Wide<T> u) {
  if constexpr (is_float<T>) {
    Power<T> e = power_of_e<T>(-at_most(u, 600.0));
    return mul_add(e.power, e.q, e.power);
  } else {
    Power<T> e = power_of_e<T>({-at_most(u.head, 1050.0), u.head > 1050.0 ? 0.0 : -u.tail}, 512);
    return scaled(1.0 + e.q, u.head >= 1050.0 ? 0.0 : e.power);
  }
}

// e^u for u of any sign, overflowing to ∞; e^u - 1, right near 0 as well; both times p.
template <class T> inline T times_exp(Wide<T> u, double p) {
  double shift = is_float<T> ? 0 : head(u) < 0 ? 512 : -64;
  double back = is_float<T> ? 1 : head(u) < 0 ? 0x1p-512 : 0x1p64;
  double low = is_float<T> ? -600 : -1050, high = is_float<T> ? 600 : 740;
  Wide<T> inside = choose(head(u) < low, widened<T>(low), choose(head(u) > high, widened<T>(high), u));
  Power<T> e = power_of_e<T>(inside, shift);
  return narrowed<T>(scaled((1.0 + e.q), e.power) * p) * T(back);
}
template <class T> inline T times_expm1(Wide<T> u, double p) {
  const bool small = is_float<T> | (head(u) < 0), huge = head(u) > 600;
  double shift = small ? 0 : huge ? -1100 : -64, one = small ? 1 : huge ? 0 : 0x1p-64;
  double low = -80, high = is_float<T> ? 600 : 1420;
  Wide<T> inside = choose(head(u) < low, widened<T>(low), choose(head(u) > high, widened<T>(high), u));
  Power<T> e = power_of_e<T>(inside, shift);
  T result = narrowed<T>((sum<T>(e.power, -one) + scaled(e.q, e.power)) * p);
  if constexpr (is_float<T>) return result;
  T back = small ? 1 : huge ? 0x1p550 : 0x1p32;
  return (head(u) >= high) | (result != result && p == p && head(u) == head(u)) ? p * T(__builtin_inf())
                                                                                : result * back * back;
}

// ---- Logarithms ----------------------------------------------------------------------------------

// 2 atanh s. Domain: |s| <= 3 - √8.
template <class T> inline Wide<T> twice_atanh(Wide<T> s) {
  double square = head(s) * head(s);
  return scaled(s, 2) + head(s) * square * polynomial(Polynomials<T>::logarithm, square);
}

// log(1 + n). Domain: 0 <= n <= 1 or NaN.
template <class T> inline Wide<T> log1p(Wide<T> n) {
  bool high = head(n) > 0x1.a827999fcef32p-2;  // √2 - 1: (1 + n)/2 is nearer to 1
  Wide<T> s = (n + (high ? -1.0 : 0.0)) * inverse(n + (high ? 3.0 : 2.0));
  return twice_atanh<T>(s) + constant<T>({high ? ln_2.head : 0.0, high ? ln_2.tail : 0.0});
}

// log(p/q). Domain: 2^-1000 < p <= q, q about 1.
inline Twin log_ratio(Twin p, Twin q) {
  double ratio = p.head / q.head;
  std::int64_t above = std::int64_t(__builtin_bit_cast(std::uint64_t, ratio)) - 0x3fe6a09e667f3bcd;  // √½
  double k = double(above >> 52);
  double power = __builtin_bit_cast(double, std::uint64_t(1023 - (above >> 52)) << 52);
  Twin s = (scaled(p, power) - q) * inverse(scaled(p, power) + q);
  return twice_atanh<double>(s) + ln_2 * k;
}

// ---- The normal distribution ---------------------------------------------------------------------

// Φ(-z) e^(z²/2). Domain: 0 <= z <= 15.5 (float), 39 (double), or NaN.
template <class T> inline Wide<T> mills(double z) {
  Wide<T> a = sum<T>(z, mills_centre), b = sum<T>(z, mills_shift), both = inverse(a * b);
  Wide<T> t = both * b * (z - mills_centre);
  constexpr auto& c = Polynomials<T>::mills;
  double square = head(t) * head(t);
  return (c[0] + t * c[1] + square * polynomial_beyond<2>(c, head(t))) * (both * a);
}

}  // namespace RHEOBASE_TARGET
