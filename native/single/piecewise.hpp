// Functions of pieces of lines and parabolas: one text for Lanes and double (T), without branches.
// Where a factor cancels next to the end of a piece, it is a pair.
#pragma once

#include "../wide.hpp"
#include "lanes.hpp"

namespace RHEOBASE_TARGET {

inline Twin ordered_sum(double a, double b) { return fast_two_sum(a, b); }
inline double lost(double a, double b, double product) { return fma(a, b, -product); }

// 1/6 as a pair.
template <class T> constexpr float sixth[2] = {0x1.555556p-3f, -0x1.555556p-28f};
template <> constexpr double sixth<double>[2] = {0x1.5555555555555p-3, 0x1.5555555555555p-57};

// x clipped to [0, 1].
template <class T> inline T within_unit(T x) { return at_most(at_least(x, T(0)), T(1)); }

// x·(x + 3)/6 from -3 to 3, 0 below, x above. Domain: all. Error < 0.51 ULP.
template <class T> inline T hard_swish(T x) {
  T inside = at_least(x, T(-3));
  Pair<T> up = ordered_sum(T(3), inside);
  T head = sixth<T>[0] * 0x1p64f, tail = sixth<T>[1] * 0x1p64f;  // lifted: what is lost must not be subnormal
  T part = inside * head, rest = fma(inside, tail, lost(inside, head, part));
  return select(x < T(3), fma(part, up.head, fma(part, up.tail, rest * up.head)) * T(0x1p-64), x);
}
// (2x + 3)/6 between. Error < 0.6 ULP.
template <class T> inline T hard_swish_slope(T x) {
  Pair<T> up = ordered_sum(T(3), x + x);  // exact although |2x| may be the larger one: both are multiples of its last place
  T line = fma(up.head, T(sixth<T>[0]), fma(up.tail, T(sixth<T>[0]), up.head * T(sixth<T>[1])));
  return select(x <= T(-3), T(0), select(x >= T(3), T(1), line));
}

// x·(x + 2)/2 from -2 to 0, 0 below, x above. Domain: all. Error < 0.6 ULP (1 if subnormal).
template <class T> inline T hard_mish(T x) {
  T inside = at_least(x, T(-2));
  Pair<T> up = ordered_sum(T(2), inside);
  return select(x < T(0), fma(inside, up.head, inside * up.tail) * T(0.5), x);
}
template <class T> inline T hard_mish_slope(T x) { return select(x <= T(-2), T(0), at_most(x + T(1), T(1))); }

// (x + 1)²/4 from -1 to 1, 0 below, x above. Domain: all. Error < 0.6 ULP.
template <class T> inline T sparse_plus(T x) {
  Pair<T> up = ordered_sum(T(1), at_least(x, T(-1)));
  return select(x < T(1), fma(up.head, up.head, (up.head + up.head) * up.tail) * T(0.25), x);
}

// slope·x + offset clipped to [0, 1]. What is not more than 2^-54 inside counts as the end: slopes like 1/6 are rounded.
// Next to the ends the sum cancels, and is taken in double; so are NaN and what overflows.
inline Doubles line_in_double(Lanes x, Parameter<Lanes> slope, Parameter<Lanes> offset) {
  constexpr float largest = Constants<float>::largest;
  Doubles finite = halves(at_most(at_least(x, -largest), largest));  // 0·∞ is 0 here
  return {fma(finite.low, slope.given.low, offset.given.low), fma(finite.high, slope.given.high, offset.given.high)};
}
inline Lanes line_margin(Parameter<Lanes> offset) { return (absolute(offset.head) + 1.0f) * 0x1p-16f; }

// Domain: all. Error < 0.51 ULP.
inline Lanes clipped_line(Lanes x, Parameter<Lanes> slope, Parameter<Lanes> offset) {
  Lanes sum = x * slope.head + offset.head, part = sum - offset.head;  // exact if the offset is the larger: from 1/2 on
  Lanes rest = fma(x, slope.tail, fma(x, slope.head, -part)) + offset.tail, y = sum + rest;
  Mask far = absolute(y) >= select(offset.head >= 0.5f, line_margin(offset), __builtin_inff());
  if (!all(far)) {
    Lanes exact = floats(line_in_double(x, slope, offset));
    y = select(far, y, select(exact <= 0x1p-54f, 0.0f, exact));
  }
  return within_unit(y);
}
inline Lanes clipped_line_slope(Lanes x, Parameter<Lanes> slope, Parameter<Lanes> offset) {
  Lanes from_middle = absolute(fma(x, slope.head, offset.head) - 0.5f);
  if (all(absolute(from_middle - 0.5f) >= line_margin(offset))) return select(from_middle < 0.5f, slope.head, 0.0f);
  Doubles y = line_in_double(x, slope, offset);
  Mask inside = (floats(y) > 0x1p-54f) & (floats({1 - y.low, 1 - y.high}) > 0x1p-54f);
  return keep_nan(x, select(inside, slope.head, 0.0f));
}

// p·x for x < 0, x otherwise; 0·∞ is 0, the limit at p = 0. Error < 0.51 ULP (1 below 2^-102, where the tail is subnormal).
inline Lanes leaky_relu(Lanes x, Parameter<Lanes> slope) {
  Lanes finite = at_least(x, -Constants<float>::largest);
  Lanes left = fma(select(slope.head == 0.0f, finite, x), slope.head, finite * slope.tail);
  return select(x < 0.0f, left, x);
}

}  // namespace RHEOBASE_TARGET
