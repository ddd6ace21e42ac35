// GELU by the normal distribution, in Lanes.
#pragma once

#include "softplus.hpp"

namespace RHEOBASE_TARGET {

// 2^shift e^(-z²/2). Domain: |z| <= 14.9, or NaN.
inline Powers density(Lanes z, float shift) {
  Lanes half = 0.5f * z, square = half * z;
  return power_of_e<-1>(square, shift, lost(half, z, square));
}

// One of sixteen polynomials, four from a power of two of z + 1 to the next, as a pair; its linear term belongs to the head.
// Domain: 0 <= z < 15, or NaN.
template <int n> inline Twins piece(const float (&centre)[16], const float (&c)[n][16], Lanes z) {
  BitVector k = (z + 1.0f).bits() >> 21;
  Lanes t = z - lookup(centre, k), q = lookup(c[n - 1], k), constant = lookup(c[0], k), slope = lookup(c[1], k);
#pragma GCC unroll 8
  for (int i = n - 2; i > 1; --i) q = fma(q, t, lookup(c[i], k));
  Lanes head = fma(slope, t, constant);
  return {head, fma(t * t, q, fma(slope, t, constant - head))};
}

// The density times a pair, as a pair: what waits for the exponential comes last.
inline Twins times(Powers e, Twins x) {
  Lanes head = e.head * x.head, tail = fma(e.head, x.tail, lost(e.head, x.head, head));
  return {head, fma(head + tail, e.p(), tail)};
}

// x·Φ(x) = max(x, 0) - z·Φ(-z), z = |x|, all spared by 2^64. Domain: all. Error < 0.6 ULP (1 if subnormal).
inline Lanes gelu(Lanes x) {
  Lanes near = at_least(at_most(x, 14.5f), -14.5f), z = absolute(near);
  Twins below = times(density(near, 32), product(piece(Single::mills_centre, Single::mills, z), z * 0x1p32f));
  Twins rest = ordered_difference((near + z) * 0x1p63f, below.head);
  return select(x < 14.0f, (rest.head + (rest.tail - below.tail)) * 0x1p-64f, x);
}

// Φ(x) + x·φ(x), on the left e^(-z²/2) times its ratio; its value at -x is one minus that at x. Error < 0.8 ULP (1 if subnormal).
inline Lanes gelu_slope(Lanes x) {
  Lanes z = at_most(absolute(x), 14.9f), side = x + 0.0f;  // no -0
  Twins left = times(density(z, 64), piece(Single::gelu_ratio_centre, Single::gelu_ratio, z));
  Twins whole = ordered_sum(select(side >= 0.0f, 0x1p64f, 0.0f), turned(-left.head, side));
  Lanes slope = (whole.head + (whole.tail + turned(-left.tail, side))) * 0x1p-64f;
  return near_zero(0.125f, distance({x, 0.0f}, Single::gelu_zero), Single::gelu, slope);
}

}  // namespace RHEOBASE_TARGET
