// e^x and what is made of it alone, in Lanes. Errors are in units in the last place (ULP) of the result.
#pragma once

#include "../coefficients.hpp"
#include "lanes.hpp"

namespace RHEOBASE_TARGET {

// 2^shift e^(±x) = head·(1 + r + s): head a power of two times one of 16 table entries, |r| <= ln(2)/32 exact for
// |x| >= 2^-5 and x itself next to 0 (with its sign), |s| < 2^-11. Error of r + s < 2^-29 for |x| < 20,
// 2^-27 for |x| < 130 (the tail of n·ln 2 is not multiplied by r), and < 0.02 ULP of e^x - 1 next to 0.
struct Powers {
  Lanes head, r, s;
  Lanes p() const { return r + s; }
};

// 2^shift e^(sign·(x + tail)), without the tail if none is given. Domain: |x| <= 700 with a normal head, or NaN; |tail| < 2^-12.
template <int sign, class... Tail> inline Powers power_of_e(Lanes x, Lanes shift, Tail... tail) {
  constexpr auto& c = Single::exponential;
  const Lanes to_sixteenth = shift + 0x1.8p19f;
  Lanes placed = fma(x, sign * Single::log2_e, to_sixteenth), n = placed - to_sixteenth;
  BitVector bits = placed.bits();
  Lanes head((bits << 19) + lookup(Single::powers, bits).bits());
  Lanes correction = less(lookup(Single::powers_tail, bits), n, Single::ln_2[1]);
  Lanes r = sign > 0 ? less(x, n, Single::ln_2[0]) : minus_fma(n, Single::ln_2[0], x);
  ((correction = sign > 0 ? correction + fma(r, tail, tail) : correction - fma(r, tail, tail)), ...);
  return {head, r, fma(r * r, fma(fma(r, c[2], c[1]), r, c[0]), correction)};
}

// ---- p·e^x, and e^x - 1 ------------------------------------------------------------------------------

// e^x. Domain: all. Error < 0.53 ULP, 1 if subnormal.
inline Lanes exp_any(Lanes x) {
  Mask left = x < 0.0f;
  Powers e = power_of_e<1>(at_most(at_least(x, -105.0f), 90.0f), select(left, 64.0f, -64.0f));
  return fma(e.head, e.p(), e.head) * select(left, 0x1p-64f, 0x1p64f);
}

// 2^64 e^…, as it is given, times 2^-64. Error < 0.53 ULP (1 if subnormal).
inline Lanes unspared(Powers e) { return fma(e.head, e.p(), e.head) * 0x1p-64f; }

// The same times a factor. Error < 0.53 ULP (1 if subnormal).
inline Lanes unspared(Lanes factor, Lanes factor_tail, Powers e) {
  Lanes product = factor * e.head;
  return (product + fma(product, e.p(), fma(factor_tail, e.head, lost(factor, e.head, product)))) * 0x1p-64f;
}

// p·(head + tail), the tail small beside the head. Error < 0.6 ULP (1 below 2^-102, where the tail is subnormal).
inline Lanes times(Parameter<Lanes> p, Twins x) {
  return fma(p.head, x.head, fma(p.head, x.tail, p.tail * x.head));
}

// e^(x + tail) - 1 as a head and a rest of less than a tenth of it. Domain: x <= 0, or NaN. Error < 0.1 ULP.
template <class... Tail> inline Twins expm1(Lanes x, Tail... tail) {
  Powers e = power_of_e<1>(at_least(x, -20.0f), 0.0f, tail...);
  Twins whole = ordered_sum(-1.0f, e.head);
  Lanes head = fma(e.head, e.r, whole.head);
  return {head, fma(e.head, e.r, whole.head - head) + fma(e.head, e.s, whole.tail)};
}

// alpha·(e^x - 1) for x < 0, x otherwise; and its slope.
inline Lanes elu(Lanes x, Parameter<Lanes> alpha) { return select(x < 0.0f, times(alpha, expm1(x)), x); }
inline Lanes elu_slope(Lanes x, Parameter<Lanes> alpha) {
  Powers e = power_of_e<1>(at_least(at_most(x, 0.0f), -120.0f), 64.0f);
  return select(x > 0.0f, 1.0f, unspared(alpha.head, alpha.tail, e));
}

constexpr double selu_scale = 1.0507009873554804934193349852946, selu_alpha = 1.6732632423543772848170429916717;
inline Lanes selu(Lanes x) {
  const Parameter<Lanes> scale(selu_scale), alpha(selu_scale * selu_alpha);
  Lanes right = fma(x, scale.head, at_most(x, Constants<float>::largest) * scale.tail);
  return select(x < 0.0f, times(alpha, expm1(x)), right);
}
inline Lanes selu_slope(Lanes x) {
  const Parameter<Lanes> scale(selu_scale), alpha(selu_scale * selu_alpha);
  return select(x > 0.0f, scale.head, elu_slope(at_most(x, 0.0f), alpha));
}

// x/alpha down to -most.
inline Twins over(Lanes x, Parameter<Lanes> alpha, float most) {
  const Lanes inverse = 1.0f / alpha.head, tail = less(less(1.0f, inverse, alpha.head), inverse, alpha.tail) * inverse;
  x = at_least(x, -most * alpha.head);
  Lanes u = x * inverse;
  return {u, fma(x, tail, lost(x, inverse, u))};
}
// alpha·(e^(x/alpha) - 1) for x < 0, x otherwise; and its slope.
inline Lanes celu(Lanes x, Parameter<Lanes> alpha) {
  Twins u = over(at_most(x, 0.0f), alpha, 20);
  return select(u.head < -0x1p-27f, times(alpha, expm1(u.head, u.tail)), x);  // u may be subnormal
}
inline Lanes celu_slope(Lanes x, Parameter<Lanes> alpha) {
  Twins u = over(at_most(x, 0.0f), alpha, 110);
  return select(x > 0.0f, 1.0f, unspared(power_of_e<1>(u.head, 64.0f, u.tail)));
}

// e^-x² and its slope.
inline Powers decay_of_square(Lanes x) {
  Lanes square = x * x;
  return power_of_e<-1>(square, 64.0f, lost(x, x, square));
}
inline Lanes gaussian(Lanes x) {
  return unspared(decay_of_square(at_most(absolute(x), 10.5f)));
}
inline Lanes gaussian_slope(Lanes x) {
  x = at_least(at_most(x, 10.5f), -10.5f);
  return unspared(-2.0f * x, 0.0f, decay_of_square(x));
}

}  // namespace RHEOBASE_TARGET
