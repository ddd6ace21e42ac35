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

// σ'(x)·factor, in h = e^-|x|, spared by 2^64: h·(1 / (1 + h))². Domain: all; factor 1 or 4. Error < 0.6 ULP (1 if subnormal).
inline Lanes logistic_slope(Lanes x, float factor = 1) {
  Powers e = power_of_e<-1>(at_most(absolute(x), 110.0f), 64.0f);
  Lanes p = e.p(), h = e.head * 0x1p-64f;
  Twins sum = ordered_sum(1.0f, h);
  Lanes q = near_inverse(fma(h, p, sum.head));
  Lanes correction = less(less(1.0f, q, sum.head), q, fma(h, p, sum.tail));  // q·(1 + correction) is 1 / (1 + e^-|x|)
  Lanes square = q * q, square_rest = lost(q, q, square);
  Lanes product = e.head * square, rest = fma(e.head, square_rest, lost(e.head, square, product));
  Lanes beside = fma(correction, fma(p, 2.0f, correction + 2.0f), p);
  return (product + fma(product, beside, rest)) * (factor * 0x1p-64f);
}

// x·σ(u + tail), u about x: it must be open (1 to a float) from u = 40 on, shut (0) below -110.
// Error < 0.6 ULP (1 if subnormal).
template <class... Tail> inline Lanes gated(Lanes x, Lanes u, Tail... tail) {
  Logistic y = logistic_quotient(at_most(at_least(u, -110.0f), 40.0f), tail...);
  Lanes product = x * y.quotient, rest = lost(x, y.quotient, product);
  Lanes result = (product + fma(product, y.correction, rest)) * 0x1p-64f;
  return select(u < 40.0f, result, x);
}
inline Lanes silu(Lanes x) { return gated(at_least(x, -110.0f), x); }

}  // namespace RHEOBASE_TARGET
