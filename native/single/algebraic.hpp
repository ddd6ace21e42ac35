// Quotients and roots in Lanes: softsign and squareplus. A first quotient or root is corrected once by what it leaves over.
#pragma once

#include "lanes.hpp"

namespace RHEOBASE_TARGET {

// n/d, where `near` is about 1/d.head. Error < 0.6 ULP.
inline Lanes quotient(Twins n, Twins d, Lanes near) {
  Lanes q = n.head * near;
  return fma(less(less(n.head, q, d.head) + n.tail, q, d.tail), near, q);
}

// x / (1 + |x|). Domain: all. Error < 0.6 ULP.
inline Lanes softsign(Lanes x) {
  Lanes z = at_most(absolute(x), 0x1p26f);  // from there on it is 1
  Twins sum = ordered_sum(at_least(z, 1.0f), at_most(z, 1.0f));
  return with_sign(quotient({z, 0.0f}, sum, near_inverse(sum.head)), x);
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

// For z = |x|: s = √(x² + b) and (s + z)/2, both with a tail. Domain: b at least 2^-60, at most 2^20.
struct RootAndHalf {
  Twins root, half;
};
inline RootAndHalf root_and_half(Lanes z, Parameter<Lanes> b) {
  Lanes near = at_most(z, 0x1p60f), square = near * near;
  Twins sum = ordered_sum(at_least(square, b.head), at_most(square, b.head));
  Lanes s = root(sum.head), rest = less(sum.head, s, s) + (sum.tail + (lost(near, near, square) + b.tail));
  Lanes tail = rest * near_inverse(s) * 0.5f;
  s = at_least(s, z);  // far out, b is lost beside x²
  Twins half = ordered_sum(s * 0.5f, z * 0.5f);
  return {{s, tail}, {half.head, fma(tail, 0.5f, half.tail)}};
}

// (x + s)/2; for x < 0, where that cancels, (b/4)/((s + |x|)/2). Domain: all. Error < 0.6 ULP (1 if subnormal).
inline Lanes squareplus(Lanes x, Parameter<Lanes> b) {
  constexpr float down = 0x1p-40f;  // the inverse must not be subnormal
  Twins half = root_and_half(absolute(x), b).half, low = {half.head * down, half.tail * down};
  Lanes left = quotient({b.head * 0.25f, b.tail * 0.25f}, low, near_inverse(low.head)) * down;
  Lanes result = select(x < 0.0f, left, half.head + half.tail);
  return select(absolute(x) <= Constants<float>::largest, result, at_least(x, 0.0f));
}

// (b/4) / (s·(s + |x|)/2) for x < 0, otherwise 1 less that. Domain: all. Error < 0.6 ULP (1 if subnormal).
inline Lanes squareplus_slope(Lanes x, Parameter<Lanes> b) {
  constexpr float down = 0x1p-24f;
  RootAndHalf p = root_and_half(at_most(absolute(x), 0x1p86f), b);  // from there on it is 0 or 1
  Lanes s = p.root.head * down, half = p.half.head * down, product = s * half;
  Lanes rest = fma(s, p.half.tail * down, fma(p.root.tail * down, half, lost(s, half, product)));
  Lanes near = near_inverse(product), q = b.head * 0.25f * near;
  Lanes correction = less(less(b.head * 0.25f, q, product) + b.tail * 0.25f, q, rest) * near;
  Lanes low = q * (down * down);
  Twins right = ordered_sum(1.0f, -low);
  Lanes low_tail = correction * (down * down);
  return select(x < 0.0f, (q + correction) * (down * down), right.head + (right.tail - low_tail));
}

}  // namespace RHEOBASE_TARGET
