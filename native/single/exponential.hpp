// e^x and what is made of it alone, in Lanes. Errors are in units in the last place (ULP) of the result.
#pragma once

#include "../coefficients.hpp"
#include "lanes.hpp"

namespace RHEOBASE_TARGET {

// 2^shift e^(±x) = head·(1 + r + s): head a power of two times one of 16 table entries, |r| <= ln(2)/32 exact for
// |x| >= 2^-5 and x itself next to 0 (with its sign), |s| < 2^-11. Error of r + s < 2^-33, and < 0.02 ULP of e^x - 1 next to 0.
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
  ((correction = sign > 0 ? correction + tail : correction - tail), ...);
  if constexpr (sign > 0) {
    Lanes r = less(x, n, Single::ln_2[0]);
    return {head, r, fma(r * r, fma(fma(r, c[2], c[1]), r, c[0]), correction)};
  } else {
    Lanes r = fma(n, Single::ln_2[0], x);
    return {head, -r, fma(r * r, less(c[0], less(c[1], r, c[2]), r), correction)};
  }
}

// ---- p·e^x, and e^x - 1 ------------------------------------------------------------------------------

// 2^-64 head·(1 + p): the last step, for results that may be subnormal. Error < 0.53 ULP (1 if subnormal).
inline Lanes unspared(Powers e) { return fma(e.head, e.p(), e.head) * 0x1p-64f; }

// e^x. Domain: all. Error < 0.53 ULP, 1 if subnormal.
inline Lanes exp_any(Lanes x) {
  Mask left = x < 0.0f;
  Powers e = power_of_e<1>(at_most(at_least(x, -105.0f), 90.0f), select(left, 64.0f, -64.0f));
  return fma(e.head, e.p(), e.head) * select(left, 0x1p-64f, 0x1p64f);
}

}  // namespace RHEOBASE_TARGET
