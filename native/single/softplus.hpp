// log(1 + e^x) and Mish, in Lanes.
#pragma once

#include "tanh.hpp"

namespace RHEOBASE_TARGET {

// log(1 + n)/n = head + rest, |rest| < head/30. Domain: 0 <= n <= 1, or NaN. Relative error < 2^-29.
inline Twins log1p_ratio(Lanes n) {
  Lanes placed = fma(n, 15.0f, 0x1.8p23f);
  BitVector k = placed.bits();
  Lanes t = n - lookup(Single::log1p_centre, k);
  Lanes q = fma(lookup(Single::log1p[4], k), t, lookup(Single::log1p[3], k));
  q = fma(fma(q, t, lookup(Single::log1p[2], k)), t, lookup(Single::log1p[1], k));
  return {lookup(Single::log1p[0], k), q * t};
}

// 2^64 log(1 + e^-(z + tail)) as a pair. Domain: 0 <= z <= 130, or NaN. Relative error < 2^-28.
template <class... Tail> inline Twins spared_log1p(Lanes z, Tail... tail) {
  Powers e = power_of_e<-1>(z, 64.0f, tail...);
  Lanes p = e.p(), n = fma(e.head, p, e.head), n_tail = fma(e.head, p, e.head - n);
  Twins ratio = log1p_ratio(n * 0x1p-64f);
  Lanes log = n * ratio.head;
  return {log, fma(n, ratio.tail, fma(n_tail, ratio.head, lost(n, ratio.head, log)))};
}
// max(x, 0) + 2^-64 log. On the left the result may be subnormal, so it is unspared last; on the right nothing is.
inline Lanes beside(Lanes x, Twins log) {
  Mask right = x > 0.0f;
  Lanes down = select(right, 0x1p-64f, 1.0f), base = at_least(x, 0.0f), head = log.head * down;
  Twins sum = ordered_sum(at_least(head, base), at_most(head, base));
  return (sum.head + fma(log.tail, down, sum.tail)) * select(right, 1.0f, 0x1p-64f);
}

// log(1 + e^x), and log(1 + e^(beta x))/beta. Error < 0.6 ULP (1 if subnormal).
inline Lanes softplus(Lanes x) {
  return select(x < 40.0f, beside(x, spared_log1p(at_most(absolute(x), 110.0f))), x);
}
inline Lanes softplus(Lanes x, Parameter<Lanes> beta) {
  if (beta.one) return softplus(x);
  const Lanes inverse = 1.0f / beta.head, inverse_tail = less(less(1.0f, inverse, beta.head), inverse, beta.tail) * inverse;
  Twins u = times(beta, x), log = spared_log1p(absolute(u.head), turned(u.tail, u.head));
  return select(u.head < 40.0f, beside(x, product(log, Twins{inverse, inverse_tail})), x);
}
inline Lanes log_sigmoid(Lanes x) { return -softplus(-x); }

// ---- Mish: x·tanh(log(1 + e^x)) = x·N/(N + 2), N = e^x (e^x + 2) --------------------------------------

// With x within [-110, 11]: n = e^x, N as a pair, both spared by 2^64, and 1/(N + 2).
struct Mish {
  Lanes x;
  Twins n, numerator, inverse;
};
inline Mish mish_of(Lanes x) {
  x = at_least(at_most(x, 11.0f), -110.0f);
  Powers e = power_of_e<1>(x, 64.0f);
  Lanes p = e.p(), spared = fma(e.head, p, e.head), spared_tail = fma(e.head, p, e.head - spared);
  Lanes n = spared * 0x1p-64f;
  // Where n > 2 the difference of the first line is rounded, but N/(N + 2) does not feel it.
  Lanes twice = spared + spared, numerator = fma(spared, n, twice), rest = fma(spared, n, twice - numerator);
  rest = fma(spared_tail, fma(n, 2.0f, 2.0f), rest);
  Lanes small = numerator * 0x1p-64f;
  Twins sum = ordered_sum(at_least(small, 2.0f), at_most(small, 2.0f));
  Lanes q = near_inverse(sum.head);
  Lanes correction = less(less(1.0f, q, sum.head), q, fma(rest, 0x1p-64f, sum.tail));
  return {x, {spared, spared_tail}, {numerator, rest}, {q, q * fma(correction, correction, correction)}};
}

inline Lanes mish(Lanes x) {
  Mish m = mish_of(x);
  Twins result = product(product(m.numerator, m.inverse), m.x);
  return select(x < 11.0f, (result.head + result.tail) * 0x1p-64f, x);
}

// N/(N + 2) + 4 x·n·(n + 1)/(N + 2)².
inline Lanes mish_slope(Lanes x) {
  Mish m = mish_of(x);
  Lanes n = m.n.head * 0x1p-64f;
  Twins one = ordered_sum(at_least(n, 1.0f), at_most(n, 1.0f));
  one.tail = fma(m.n.tail, 0x1p-64f, one.tail);
  Twins ratio = product(m.numerator, m.inverse);
  Twins rise = product(product(product(m.n, m.inverse), product(one, m.inverse)), 4.0f * m.x);
  Twins sum = any_sum(ratio.head, rise.head);
  Lanes slope = (sum.head + (sum.tail + (ratio.tail + rise.tail))) * 0x1p-64f;
  return near_zero(0.125f, distance({m.x, 0.0f}, Single::mish_zero), Single::mish, slope);
}

}  // namespace RHEOBASE_TARGET
