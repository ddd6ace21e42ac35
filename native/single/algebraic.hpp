// Quotients and roots in Lanes: softsign and squareplus. A first quotient or root is corrected once by what it leaves over.
#pragma once

#include "lanes.hpp"

namespace RHEOBASE_TARGET {

// (n + tail)/d, without the tail if none is given; `near` is about 1/d.head. Error < 0.6 ULP.
template <class... Tail> inline Lanes quotient(Lanes n, Twins d, Lanes near, Tail... tail) {
  Lanes q = n * near, rest = less(less(n, q, d.head), q, d.tail);
  ((rest = rest + tail), ...);
  return fma(rest, near, q);
}

// x / (1 + |x|). Domain: all. Error < 0.6 ULP.
inline Lanes softsign(Lanes x) {
  Lanes z = at_most(absolute(x), 0x1p26f);  // from there on it is 1
  Twins sum = ordered_sum(at_least(z, 1.0f), at_most(z, 1.0f));
  return with_sign(quotient(z, sum, near_inverse(sum.head)), x);
}

// 1 / (1 + |x|)², 2^64 times as large on the way. Domain: all. Error < 0.6 ULP (1 if subnormal).
inline Lanes softsign_slope(Lanes x) {
  constexpr float one = 0x1p-32f;
  Lanes z = at_most(absolute(x) * one, 0x1p44f);  // from there on the slope is 0
  Twins sum = ordered_sum(at_least(z, one), at_most(z, one));
  Lanes near = near_inverse(sum.head), rest = less(less(1.0f, near, sum.head), near, sum.tail);
  Lanes square = near * near, beside = fma(rest, rest * 3.0f, rest + rest);
  return (square + fma(square, beside, lost(near, near, square))) * 0x1p-64f;
}

// √(z² + b) as a pair. Domain: z² and b do not overflow, b is at least 2^-108.
inline Twins root_of_sum(Lanes z, Lanes b, Lanes b_tail) {
  Lanes square = z * z;
  Twins sum = ordered_sum(at_least(square, b), at_most(square, b));
  Lanes s = root(sum.head), rest = less(sum.head, s, s) + (sum.tail + (lost(z, z, square) + b_tail));
  return {s, rest * near_inverse(s + s)};
}

// (x + s)/2 with s = √(x² + b); for x < 0, where that cancels, (b/4)/((s + |x|)/2).
// Domain: all, b from 2^-27 to 2^20. Error < 0.6 ULP (1 if subnormal).
inline Lanes squareplus(Lanes x, Parameter<Lanes> b) {
  constexpr float down = 0x1p-40f;  // so that no inverse is subnormal
  Lanes z = absolute(x);
  Twins s = root_of_sum(at_most(z, 0x1p60f), b.head, b.tail);
  Twins half = ordered_sum(at_least(s.head, z) * (down / 2), z * (down / 2));  // far out, b is lost beside x²
  half.tail = fma(s.tail, down / 2, half.tail);
  Lanes left = quotient(b.head * 0.25f, half, near_inverse(half.head), b.tail * 0.25f);
  Lanes result = select(x < 0.0f, left * down, (half.head + half.tail) * (1 / down));
  return select(z <= Constants<float>::largest, result, at_least(x, 0.0f));
}

// (b/2) / (s·(s + |x|)) for x < 0, otherwise 1 less that; x and s times 2^-24, so that no product overflows.
// Domain: all, b from 2^-27 to 2^20. Error < 0.6 ULP (1 if subnormal).
inline Lanes squareplus_slope(Lanes x, Parameter<Lanes> b) {
  constexpr float down = 0x1p-24f;
  Lanes z = at_most(absolute(x), 0x1p86f) * down;  // from there on it is 0 or 1
  Twins s = root_of_sum(z, b.head * (down * down), b.tail * (down * down)), sum = ordered_sum(s.head, z);
  Lanes product = s.head * sum.head, near = near_inverse(product);
  Lanes rest = fma(s.head, sum.tail + s.tail, fma(s.tail, sum.head, lost(s.head, sum.head, product)));
  Lanes upper = b.head * (down * down / 2), upper_tail = b.tail * (down * down / 2), low = upper * near;
  Lanes low_tail = less(less(upper, low, product) + upper_tail, low, rest) * near;
  Twins right = ordered_sum(1.0f, -low);
  return select(x < 0.0f, low, right.head) + select(x < 0.0f, low_tail, right.tail - low_tail);
}

}  // namespace RHEOBASE_TARGET
