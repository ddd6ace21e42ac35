// tanh and its kin, in Lanes.
#pragma once

#include "gates.hpp"

namespace RHEOBASE_TARGET {

// tanh(z + tail) = one_less.head + one_less.tail by q = 2 / (1 + e^2z): it is 1 - q.
// Domain: 1/8 <= z <= 12, or NaN. Relative error < 2^-28.
struct TanhParts {
  Twins one_less, q;
};
template <class... Tail> inline TanhParts tanh_parts(Lanes z, Tail... tail) {
  Powers e = power_of_e<1>(z + z, -1.0f, (tail + tail)...);  // halved
  Lanes p = e.p();
  Twins sum = ordered_sum(e.head, 0.5f);
  Lanes q = near_inverse(fma(e.head, p, sum.head));
  Lanes correction = less(less(1.0f, q, sum.head), q, fma(e.head, p, sum.tail));
  Twins rest = ordered_difference(1.0f, q);
  return {{rest.head, less(rest.tail, q, correction)}, {q, q * correction}};
}
// x³ times a polynomial in x².
inline Lanes from_cube(Lanes x, const float (&c)[3]) {
  Lanes square = x * x;
  return x * square * fma(fma(square, c[2], c[1]), square, c[0]);
}

// tanh x. Domain: all. Error < 0.63 ULP.
inline Lanes tanh(Lanes x) {
  Lanes z = at_most(absolute(x), 12.0f);
  Twins large = tanh_parts(z).one_less;
  return with_sign(select(z < 0.125f, z + from_cube(z, Single::tanh), large.head + large.tail), x);
}
inline Lanes tanh_slope(Lanes x) {
  Twins slope = spared_slope(at_most(absolute(x + x), 110.0f));
  return (slope.head + slope.tail) * 0x1p-62f;
}

// tanh x for x > 0, a quarter of it otherwise.
inline Lanes penalized_tanh(Lanes x) { return tanh(x) * select(x > 0.0f, 1.0f, 0.25f); }
inline Lanes penalized_tanh_slope(Lanes x) { return tanh_slope(x) * select(x > 0.0f, 1.0f, 0.25f); }

// 1.7159 tanh(2x/3). Domain: all. Error < 0.6 ULP (1 next to the smallest normal number).
inline Lanes lecun_tanh(Lanes x) {
  constexpr auto& c = Single::lecun;
  constexpr auto& linear = Single::lecun_linear;
  Lanes z = at_most(absolute(x), 18.0f);
  Twins u = times(Single::two_thirds, z), large = tanh_parts(u.head, u.tail).one_less;
  Lanes small = fma(z, linear[0], fma(z, linear[1], from_cube(z, Single::lecun_cubic)));
  return with_sign(select(z < 0.1875f, small, fma(large.head, c[0], fma(large.tail, c[0], large.head * c[1]))), x);
}
// 1.7159·2/3·4 e^-2z / (1 + e^-2z)², z = 2x/3.
inline Lanes lecun_tanh_slope(Lanes x) {
  constexpr auto& c = Single::lecun_slope;
  Twins u = times(Single::four_thirds, at_most(absolute(x), 85.0f));
  Twins slope = spared_slope(u.head, u.tail);
  return fma(slope.head, c[0], fma(slope.tail, c[0], slope.head * c[1])) * 0x1p-64f;
}

// x·tanh x. Domain: all. Error < 0.65 ULP.
inline Lanes lisht(Lanes x) {
  Lanes size = absolute(x), z = at_most(size, 12.0f);
  Twins large = tanh_parts(z).one_less;
  Mask near = z < 0.125f;
  Lanes result = fma(z, select(near, z, large.head), z * select(near, from_cube(z, Single::tanh), large.tail));
  return select(size < 12.0f, result, size);
}
// tanh x + x·(1 - tanh² x); the latter is q·(2 - q). Domain: all. Error < 0.6 ULP.
inline Lanes lisht_slope(Lanes x) {
  Lanes z = at_most(absolute(x), 12.0f);
  TanhParts t = tanh_parts(z);
  Twins other = ordered_difference(2.0f, t.q.head);
  Lanes first = z * t.q.head, first_tail = fma(z, t.q.tail, lost(z, t.q.head, first));
  Lanes product = first * other.head;
  Lanes rest = fma(first_tail, other.head, fma(first, other.tail - t.q.tail, lost(first, other.head, product)));
  Twins sum = any_sum(t.one_less.head, product);
  Lanes large = sum.head + (sum.tail + (t.one_less.tail + rest));
  return with_sign(select(z < 0.125f, z + z + from_cube(z, Single::lisht_slope), large), x);
}

// x - tanh x: below 1/2 a polynomial, spared by 2^60. Domain: all. Error < 0.9 ULP.
inline Lanes tanh_shrink(Lanes x) {
  constexpr auto& c = Single::shrunk_tanh;
  constexpr auto& third = Single::third;
  Lanes size = absolute(x), z = at_most(size, 12.0f), spared = z * 0x1p20f;
  Twins t = tanh_parts(z).one_less, rest = ordered_difference(size, t.head);
  Lanes square = spared * spared, cube = square * spared;
  Lanes cube_tail = fma(lost(spared, spared, square), spared, lost(square, spared, cube));
  Lanes y = square * 0x1p-40f, q = c[4];
#pragma GCC unroll 8
  for (int i = 3; i >= 0; --i) q = fma(q, y, c[i]);
  Lanes small = fma(cube, third[0], fma(cube, fma(q, y, third[1]), cube_tail * third[0])) * 0x1p-60f;
  Lanes result = select(z < 0.5f, small, rest.head + (rest.tail - t.tail));
  return with_sign(select(size < 0x1p30f, result, size), x);
}
// tanh² x. Domain: all. Error < 0.8 ULP.
inline Lanes tanh_squared(Lanes x) {
  Lanes z = at_most(absolute(x), 12.0f);
  Twins large = tanh_parts(z).one_less;
  Mask near = z < 0.125f;
  Lanes head = select(near, z, large.head), tail = select(near, from_cube(z, Single::tanh), large.tail);
  Lanes square = head * head;
  return square + fma(fma(head, 2.0f, tail), tail, lost(head, head, square));
}

}  // namespace RHEOBASE_TARGET
