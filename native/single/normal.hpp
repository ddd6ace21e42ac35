// GELU by the normal distribution, in Lanes.
#pragma once

#include "softplus.hpp"

namespace RHEOBASE_TARGET {

// e^(-z²/2) spared by 2^64, and Φ(-z) e^(z²/2) as a pair. Domain: 0 <= z <= 14.9, or NaN.
struct NormalParts {
  Powers density;
  Twins mills;
};
inline NormalParts normal_parts(Lanes z) {
  Lanes half = 0.5f * z, square = half * z;
  Powers density = power_of_e<-1>(square, 64.0f, lost(half, z, square));
  // Sixteen polynomials, four from a power of two of z + 1 to the next.
  BitVector k = (z + 1.0f).bits() >> 21;
  Lanes t = z - lookup(Single::mills_centre, k), q = lookup(Single::mills[6], k);
#pragma GCC unroll 8
  for (int i = 5; i > 0; --i) q = fma(q, t, lookup(Single::mills[i], k));
  return {density, {lookup(Single::mills[0], k), q * t}};
}

// The density times a pair, as a pair.
inline Twins times(Powers e, Twins x) {
  Lanes head = e.head * x.head;
  return {head, fma(head, e.p(), fma(e.head, fma(x.tail, e.p(), x.tail), lost(e.head, x.head, head)))};
}

// x·Φ(x) = max(x, 0) - z·Φ(-z), z = |x|. Domain: all. Error < 0.6 ULP (1 if subnormal).
inline Lanes gelu(Lanes x) {
  Lanes near = at_least(at_most(x, 14.5f), -14.5f), z = absolute(near);
  NormalParts tail = normal_parts(z);
  Twins below = product(times(tail.density, tail.mills), z);
  Twins rest = ordered_difference((near + z) * 0x1p63f, below.head);
  return select(x < 14.0f, (rest.head + (rest.tail - below.tail)) * 0x1p-64f, x);
}

// Φ(x) + x·φ(x); its value at -x is one minus that at x.
inline Lanes gelu_slope(Lanes x) {
  constexpr auto& c = Single::one_over_root_2pi;
  Lanes z = at_most(absolute(x), 14.9f);
  NormalParts tail = normal_parts(z);
  Lanes line = z * c[0], line_tail = fma(z, c[1], lost(z, c[0], line));
  Twins factor = any_sum(tail.mills.head, -line);
  factor.tail = factor.tail + (tail.mills.tail - line_tail);
  Twins left = times(tail.density, factor);
  Lanes side = x + 0.0f;  // no -0
  Twins whole = any_sum(select(side >= 0.0f, 0x1p64f, 0.0f), turned(-left.head, side));
  Lanes slope = (whole.head + (whole.tail + turned(-left.tail, side))) * 0x1p-64f;
  return near_zero(distance({x, 0.0f}, Single::gelu_zero), Single::gelu, slope);
}

}  // namespace RHEOBASE_TARGET
