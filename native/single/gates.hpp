// The logistic function σ, x·σ(u), and their slopes, in Lanes.
#pragma once

#include "exponential.hpp"

namespace RHEOBASE_TARGET {

// 2^64 σ(x + tail) = quotient·(1 + correction), |correction| < 2^-13, without the tail if none is given.
// Domain: -110 <= x <= 40, or NaN. Relative error < 2^-27.
struct Logistic {
  Lanes quotient, correction;
};

// It is 1 / (s + s·e^-x) with s = 2^-64: neither part of the sum is ever subnormal, nor is the quotient.
template <class... Tail> inline Logistic logistic_quotient(Lanes x, Tail... tail) {
  constexpr float s = 0x1p-64f;
  Powers e = power_of_e<-1>(x, -64.0f, tail...);
  Twins sum = ordered_sum(at_least(e.head, s), at_most(e.head, s));
  Lanes p = e.p(), q = near_inverse(fma(e.head, p, sum.head));
  Lanes rest = less(1.0f, q, sum.head);
  return {q, less(rest, q, fma(e.head, p, sum.tail))};
}

// σ(x + tail). Domain: all. Error < 0.55 ULP (1 if subnormal).
template <class... Tail> inline Lanes logistic(Lanes x, Tail... tail) {
  Logistic y = logistic_quotient(at_most(at_least(x, -110.0f), 40.0f), tail...);
  return fma(y.quotient, y.correction, y.quotient) * 0x1p-64f;
}

// 2^64 σ'(x + tail) as a pair, in h = e^-x: h·(1 / (1 + h))². Domain: 0 <= x <= 120, or NaN. Relative error < 2^-27.
template <class... Tail> inline Twins spared_slope(Lanes x, Tail... tail) {
  Powers e = power_of_e<-1>(x, 64.0f, tail...);
  Lanes p = e.p(), h = e.head * 0x1p-64f;
  Twins sum = ordered_sum(1.0f, h);
  Lanes q = near_inverse(fma(h, p, sum.head));
  Lanes correction = less(less(1.0f, q, sum.head), q, fma(h, p, sum.tail));  // q·(1 + correction) is 1 / (1 + e^-x)
  Lanes square = q * q, product = e.head * square;
  Lanes rest = fma(e.head, lost(q, q, square), lost(e.head, square, product));
  return {product, fma(product, fma(correction, fma(p, 2.0f, correction + 2.0f), p), rest)};
}

// σ'(x). Domain: all. Error < 0.6 ULP (1 if subnormal).
inline Lanes logistic_slope(Lanes x) {
  Twins slope = spared_slope(at_most(absolute(x), 110.0f));
  return (slope.head + slope.tail) * 0x1p-64f;
}

// ---- x·σ(u), u an odd increasing function of x: SiLU, Swish, GELU's approximations ----------------------

// x·σ(u + tail). Domain: -130 <= u, |x| < 2^34, or NaN; from u = 40 on it is x. Error < 0.6 ULP (1 if subnormal).
template <class... Tail> inline Lanes gated(Lanes x, Lanes u, Tail... tail) {
  Logistic y = logistic_quotient(at_most(u, 40.0f), tail...);
  Lanes product = x * y.quotient, rest = lost(x, y.quotient, product);
  Lanes result = (product + fma(product, y.correction, rest)) * 0x1p-64f;
  return select(u < 40.0f, result, x);
}

// What u is of x, and w = x·u'(x); tails are left out where they are 0.
struct Angle {
  Twins u, w;
};

inline Twins times(const float (&beta)[2], Lanes x) {
  Lanes u = x * beta[0];
  return {u, fma(x, beta[1], lost(x, beta[0], u))};
}
// beta·x within ±130, beyond which every gate is open or shut.
inline Twins times(Parameter<Lanes> beta, Lanes x) {
  const Lanes most = 130.0f / beta.head;
  x = at_least(at_most(x, most), -most);
  Lanes u = x * beta.head;
  return {u, fma(x, beta.tail, lost(x, beta.head, u))};
}
// 2 √(2/π) (x + 0.044715 x³)
inline Angle gelu_tanh_angle(Lanes x) {
  constexpr auto &a = Single::gelu_tanh_linear, &b = Single::gelu_tanh_cubic;
  Lanes square = x * x, square_tail = lost(x, x, square);
  Lanes cubic = square * b[0], cubic_tail = fma(square_tail, b[0], fma(square, b[1], lost(square, b[0], cubic)));
  Twins sum = ordered_sum(at_least(cubic, a[0]), at_most(cubic, a[0])), thrice = any_sum(a[0], 3.0f * cubic);
  Lanes sum_tail = sum.tail + (cubic_tail + a[1]), thrice_tail = fma(cubic_tail, 3.0f, thrice.tail + a[1]);
  thrice_tail = thrice_tail + fma(cubic, 3.0f, -(3.0f * cubic));
  Lanes u = x * sum.head, w = x * thrice.head;
  return {{u, fma(x, sum_tail, lost(x, sum.head, u))}, {w, fma(x, thrice_tail, lost(x, thrice.head, w))}};
}

inline Lanes silu(Lanes x) {
  x = at_least(x, -110.0f);
  return gated(x, x);
}
inline Lanes quick_gelu(Lanes x) {
  x = at_least(x, -70.0f);
  Twins u = times(Single::quick, x);
  return gated(x, u.head, u.tail);
}
inline Lanes swish(Lanes x, Parameter<Lanes> beta) {
  Twins u = times(beta, x);
  return gated(select(u.head < -128.0f, with_sign(0.0f, x), x), u.head, u.tail);
}
inline Lanes gelu_tanh(Lanes x) {
  x = at_least(x, -11.0f);
  Twins u = gelu_tanh_angle(at_most(x, 11.0f)).u;
  return gated(x, u.head, u.tail);
}

// The logistic function of beta·x.
inline Lanes logistic_of(Lanes x, Parameter<Lanes> beta) {
  Twins u = times(beta, x);
  return logistic(u.head, u.tail);
}

// A derivative within `reach` of its zero: d·(c[0] + c[1] + c[2] d + …), d = x - zero.
template <int n> inline Lanes near_zero(float reach, Twins distance, const float (&c)[n], Lanes otherwise) {
  Lanes d = distance.head + distance.tail, q = c[n - 1];
#pragma GCC unroll 16
  for (int i = n - 2; i > 0; --i) q = fma(q, d, c[i]);
  return select(absolute(d) < reach, fma(distance.head, c[0], fma(d, q, distance.tail * c[0])), otherwise);
}

// The derivative of x·σ(u): σ(u)·(1 + (w - w·σ(u))). The difference cancels for a large u, but then it is small beside the 1.
// Domain: -130 <= u, |w| < 2^34, or NaN. Error < 0.6 ULP (1 if subnormal), but for the neighbourhood of its zero.
inline Lanes gated_slope(Angle a) {
  Logistic y = logistic_quotient(at_most(a.u.head, 40.0f), a.u.tail);
  Lanes correction = fma(y.correction, y.correction, y.correction), q = y.quotient * 0x1p-64f;
  Lanes product = a.w.head * q;
  Twins rest = ordered_difference(a.w.head, product);
  rest.tail = rest.tail + (a.w.tail - fma(product, correction, fma(a.w.tail, q, lost(a.w.head, q, product))));
  Twins bracket = any_sum(1.0f, rest.head);
  bracket.tail = bracket.tail + rest.tail;
  Lanes slope = y.quotient * bracket.head, slope_tail = fma(y.quotient, bracket.tail, lost(y.quotient, bracket.head, slope));
  return (slope + fma(slope + slope_tail, correction, slope_tail)) * 0x1p-64f;
}

// x - zero; the head is exact near to it.
inline Twins distance(Twins x, const float (&zero)[2]) { return {x.head - zero[0], x.tail - zero[1]}; }

// The derivative of x·σ(beta·x), u = beta·x.
inline Lanes swish_slope(Twins u, Twins distance) { return near_zero(0.125f, distance, Single::silu, gated_slope({u, u})); }
inline Lanes silu_slope(Lanes x) {
  x = at_least(x, -110.0f);  // as in silu: where both are wanted, the quotient is shared
  Twins u = {x, 0.0f}, w = {at_most(x, 110.0f), 0.0f};
  return near_zero(0.125f, distance(w, Single::silu_zero), Single::silu, gated_slope({u, w}));
}
inline Lanes quick_gelu_slope(Lanes x) {
  Twins u = times(Single::quick, at_least(at_most(x, 70.0f), -70.0f));
  return swish_slope(u, distance(u, Single::silu_zero));
}
// Some beta bring floats very near to the zero: there its distance is taken in double.
inline Lanes swish_slope(Lanes x, Parameter<Lanes> beta) {
  Twins u = times(beta, x), d = distance(u, Single::silu_zero);
  Lanes slope = swish_slope(u, d);
  Mask apart = absolute(d.head) > 0x1p-16f;
  if (all(apart)) return slope;
  constexpr double linear = double(Single::silu[0]) + double(Single::silu[1]), square = Single::silu[2];
  const Doubles at = halves(x);
  auto near = [](HalfDoubles x, HalfDoubles beta) {
    HalfDoubles d = fma(x, beta, HalfDoubles{} - silu_zero.head) - silu_zero.tail;
    return d * (linear + square * d);
  };
  return select(apart, slope, floats({near(at.low, beta.given.low), near(at.high, beta.given.high)}));
}
inline Lanes gelu_tanh_slope(Lanes x) {
  x = at_least(at_most(x, 11.0f), -11.0f);
  return near_zero(0.125f, distance({x, 0.0f}, Single::gelu_tanh_zero), Single::gelu_tanh, gated_slope(gelu_tanh_angle(x)));
}

}  // namespace RHEOBASE_TARGET
