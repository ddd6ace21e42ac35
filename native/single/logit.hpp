// log(x / (1 - x)) and its slope, in Lanes.
#pragma once

#include "../coefficients.hpp"
#include "lanes.hpp"

namespace RHEOBASE_TARGET {

// The result inside (0, 1), where x·(1 - x) > 0; at the ends of it `end`, elsewhere NaN.
inline Lanes on_unit(Lanes product, Lanes inside, Lanes end) {
  return select(product > 0.0f, inside, select(product == 0.0f, end, __builtin_nanf("")));
}

// 2^-k x / (1 - x) is brought about 1: log(p/q) = k·log 2 + 2 atanh((p - q)/(p + q)), in pairs. Domain: all. Error < 0.6 ULP.
inline Lanes logit(Lanes x) {
  constexpr auto& c = SingleWaves::logarithm;
  Twins q = ordered_sum(1.0f, -x);
  Lanes lifted = x * 0x1p64f;  // never subnormal
  BitVector above = (lifted * near_inverse(q.head)).bits() - (0x3f3504f3u + (64u << 23));  // √½
  BitVector exponent = above & 0xff800000u;
  Lanes k = from_integer(exponent);  // times 2^23
  Lanes difference = Lanes(lifted.bits() - (64u << 23) - exponent) - q.head;  // exact; less q.tail
  Twins sum = ordered_sum(q.head + q.head, difference);
  Lanes near = near_inverse(sum.head), s = difference * near;
  Lanes rest = less(less(difference, s, sum.head) - q.tail, s, sum.tail + q.tail) * near;
  Lanes whole = s + rest, square = whole * whole;
  Lanes series = fma(fma(fma(square, c[3], c[2]), square, c[1]), square, c[0]);
  Twins total = ordered_sum(k * SingleWaves::ln_2[0], s + s);
  Lanes result = total.head + (total.tail + fma(k, SingleWaves::ln_2[1], fma(whole * square, series, rest + rest)));
  return on_unit(lifted * q.head, result, (x - 0.5f) * __builtin_inff());
}

// 1 / (x·(1 - x)), times 2^-40 on the way. Domain: all. Error < 0.6 ULP.
inline Lanes logit_slope(Lanes x) {
  Twins q = ordered_sum(1.0f, -x);
  Lanes lifted = x * 0x1p40f, product = lifted * q.head, near = near_inverse(product);
  Lanes rest = less(less(1.0f, near, product), near, fma(lifted, q.tail, lost(lifted, q.head, product)));
  return on_unit(product, fma(near, fma(rest, rest, rest), near) * 0x1p40f, __builtin_inff());
}

}  // namespace RHEOBASE_TARGET
