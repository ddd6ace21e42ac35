// Sine, cosine and snake in Lanes, for angles below far_angle.
#pragma once

#include "../angle.hpp"
#include "lanes.hpp"

namespace RHEOBASE_TARGET {

// What is left of an angle within ±0.8, and the quarter turns taken from it (modulo 4).
struct Rest {
  Twins angle;
  BitVector quarters;
};

// The rest of r = angle - n·half_pi[0]: without n times the other parts of π/2, with the tails. Error < 2^-54, relative 2^-45.
template <class... Tail> inline Twins beyond_quarters(Lanes r, Lanes n, Tail... tail) {
  constexpr auto& half_pi = SingleWaves::half_pi;
  Lanes part = n * half_pi[1], rest = r - part, last = fma(n, half_pi[2], lost(n, half_pi[1], part));
  ((last = last - tail), ...);
  return {rest, ((r - rest) - part) - last};  // exact for a smaller r too: it is a multiple of the part's last place
}

// x + tail less quarter turns. Domain: |x| < far_angle, or NaN; the tail is part of the error where it is not small beside the rest.
template <class... Tail> inline Rest reduced(Lanes x, Tail... tail) {
  constexpr float to_integer = Constants<float>::to_integer;
  Lanes placed = fma(x, SingleWaves::two_over_pi, to_integer), n = placed - to_integer;
  return {beyond_quarters(less(x, n, SingleWaves::half_pi[0]), n, tail...), placed.bits()};  // the difference is exact
}

// The size of the sine after so many quarter turns in two parts: ±sin or ±cos of what is left. Relative error < 2^-26.4,
// or 2^-26.8 `closely`.
template <bool closely> inline Twins sine_parts(Rest rest) {
  constexpr auto& s = SingleWaves::sine;
  constexpr auto& c = SingleWaves::cosine;
  Lanes r = rest.angle.head, tail = rest.angle.tail, square = r * r;
  Lanes square_rest = lost(r, r, square);
  Twins near_cosine = ordered_sum(1.0f, square * -0.5f);
  Lanes sine_rest = tail * near_cosine.head;
  if constexpr (closely) sine_rest = fma(r * square_rest, s[0], sine_rest);
  Lanes beyond_sine = fma(r * square, fma(fma(fma(square, s[3], s[2]), square, s[1]), square, s[0]), sine_rest);
  Lanes beyond_cosine = fma(square * square, fma(fma(square, c[2], c[1]), square, c[0]),
                            less(less(near_cosine.tail, square_rest, 0.5f), r, tail));
  Mask turned = odd(rest.quarters);
  return {select(turned, near_cosine.head, r), select(turned, beyond_cosine, beyond_sine)};
}
inline Lanes sine_of(Rest rest) {
  Twins size = sine_parts<false>(rest);
  return Lanes((size.head + size.tail).bits() ^ (rest.quarters >> 1 << 31));
}

inline Twins squared_sine(Rest rest) {
  Twins parts = sine_parts<true>(rest), s = ordered_sum(parts.head, parts.tail);
  Lanes square = s.head * s.head;
  return {square, fma(s.head + s.head, s.tail, lost(s.head, s.head, square))};
}

// Error < 0.75 ULP.
inline Lanes sine(Lanes x, Near) {
  Lanes size = sine_of(reduced(absolute(x)));
  return Lanes(size.bits() ^ (x.bits() & 0x80000000u));
}
inline Lanes cosine(Lanes x, Near) {
  Rest rest = reduced(x);
  return sine_of({rest.angle, rest.quarters + 1});
}

// x + sin²(alpha x)/alpha. Domain: |alpha x| < far_angle, or ±∞, or NaN. Error < 0.95 ULP.
inline Lanes snake(Lanes x, Parameter<Lanes> alpha, Near) {
  Lanes over = 1.0f / alpha.head, over_tail = over * less(less(1.0f, over, alpha.head), over, alpha.tail);
  Lanes angle = x * alpha.head;
  Twins square = squared_sine(reduced(angle, fma(x, alpha.tail, lost(x, alpha.head, angle))));
  Lanes wave = square.head * over;
  Lanes wave_tail = fma(square.head, over_tail, fma(square.tail, over, lost(square.head, over, wave)));
  Twins sum = ordered_sum(x, wave);
  return select(absolute(x) <= Constants<float>::largest, sum.head + (sum.tail + wave_tail), x);
}

// 2 sin²(alpha x + π/4), with all bits of alpha, as it matters next to a zero which float is the nearest. Error < 0.95 ULP.
inline Lanes snake_slope(Lanes x, Parameter<Lanes> alpha, Near) {
  constexpr float to_integer = Constants<float>::to_integer, half_pi = SingleWaves::half_pi[0];
  Lanes angle = x * alpha.head, second = x * alpha.tail;
  Twins middle = any_sum(lost(x, alpha.head, angle), second);
  Lanes third = fma(x, last_part(alpha), middle.tail + lost(x, alpha.tail, second));
  Lanes placed = fma(angle, SingleWaves::two_over_pi, 0.5f) + to_integer, n = (placed - to_integer) - 0.5f;
  Lanes r = less(angle, n, half_pi);
  Twins sum = ordered_sum(r, middle.head);  // r is a multiple of the other's last place, or far larger
  Lanes rounding = angle - fma(n, half_pi, r);  // not 0 for small angles
  Twins square = squared_sine({beyond_quarters(sum.head, n, sum.tail, rounding, third), placed.bits()});
  return (square.head + square.tail) * 2.0f;
}

}  // namespace RHEOBASE_TARGET
