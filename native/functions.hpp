// The formulas of the table in double, those that are longer than a line. Written in pairs of doubles (wide.hpp), they
// round once. Those for floats are in single/.
#pragma once

#include "angle.hpp"
#include "single/algebraic.hpp"
#include "single/logit.hpp"
#include "single/normal.hpp"
#include "single/piecewise.hpp"
#include "single/waves.hpp"

namespace RHEOBASE_TARGET {

// NaN as it came, where the sign that pairs of doubles give it would depend on the place in a vector.
inline double wide_nan(double x, double otherwise) { return keep_nan(x, otherwise); }
inline float wide_nan(float x, float otherwise) { return keep_nan(x, otherwise); }
inline Lanes wide_nan(Lanes, Lanes otherwise) { return otherwise; }

// x within ±most.
inline double limited(double x, double most = Constants<double>::largest) {
  return copy_sign(at_most(absolute(x), most), x);
}

// beta·x within ±10^5, beyond which every gate is open or shut.
inline Twin times_beta(double beta, double x) {
  double finite = limited(x);
  if (absolute(beta * finite) > 1e5) return {copy_sign(1e5, beta * finite), 0};
  return exact_product(beta, finite);
}

// ---- x·σ(u), u an odd increasing function of x: SiLU, Swish, GELU's approximations -----------------

// What both need: σ(u) and σ(-u); the smaller of the two comes with the factor `spare`.
struct Gate {
  Twin near_one, small;
  bool negative;
};

inline Gate gate(Twin u) {
  Twin n = decay(size_of(u));
  Twin v = inverse(1.0 + scaled(n, unspare));
  return {v, n * v, u.head < 0};
}

// x·σ(-|u|) on the left, x less that on the right. Error < 1.5 ULP.
inline double gated(double x, Twin u) {
  const double low = spared_logistic(u.head, u.tail), finite = limited(x);
  const bool large = absolute(x) > 1;  // x times what is spared must not overflow
  double left = finite * (large ? Constants<double>::unspare : 1.0) * low * (large ? 1.0 : Constants<double>::unspare);
  double right = mul_add(finite, -Constants<double>::unspare * low, x);
  return u.head < -1050 ? copy_sign(0.0, x) : u.head > 1050 ? x : (u.head < 0) | (x == 0) ? left : right;  // -0 stays -0
}

// The derivative of x·σ(u): σ(u)·(1 + w·σ(-u)), w = x·u'(x).
inline Twin gated_slope(Twin u, Twin w) {
  Gate g = gate(u);
  Twin factor = choose(g.negative, g.small, g.near_one);
  Twin other = choose(g.negative, g.near_one, scaled(g.small, unspare));
  return factor * (1.0 + w * other);
}
inline double unspared(Twin slope, bool spared) {
  return narrowed<double>(slope) * (spared ? unspare : 1.0);
}
inline double swish_slope(Twin u) {
  return unspared(gated_slope(u, u), u.head < 0);
}

inline double silu(double x) { return gated(x, times_beta(1, x)); }
inline double silu_slope(double x) { return swish_slope(times_beta(1, x)); }
inline double swish(double x, Parameter<double> beta) { return gated(x, times_beta(beta.given, x)); }
inline double swish_slope(double x, Parameter<double> beta) { return swish_slope(times_beta(beta.given, x)); }
inline double quick_gelu(double x) { return gated(x, times_beta(1.702, x)); }
inline double quick_gelu_slope(double x) { return swish_slope(times_beta(1.702, x)); }
inline double logistic_of(double x, Parameter<double> beta) {
  Twin u = times_beta(beta.given, x);
  return logistic(u.head, u.tail);
}

// GELU's approximation: u = 2 √(2/π) (x + 0.044715 x³); w = x·u'.
inline Twin tanh_argument(double x, double cubic) {
  double near = limited(x, 100);
  Twin square = exact_product(near, near);
  return root_2_over_pi * (2 * near) * (1.0 + square * cubic);
}
inline double gelu_tanh(double x) { return gated(x, tanh_argument(x, 0.044715)); }
inline double gelu_tanh_slope(double x) {
  Twin slope = gated_slope(tanh_argument(x, 0.044715), tanh_argument(x, 3 * 0.044715));
  return unspared(slope, x < 0);
}

// ---- GELU ----------------------------------------------------------------------------------------

// Φ(-z) and its density's part z·φ(z), times `spare`.
struct NormalTail {
  double z;
  Twin density, mills;
};
inline NormalTail normal_tail(double x) {
  double z = at_most(absolute(x), 39.0);
  return {z, decay(scaled(exact_product(z, z), 0.5)), mills(z)};
}

// x·Φ(x) = -z·Φ(-z) on the left, z - z·Φ(-z) on the right.
inline double gelu(double x) {
  NormalTail tail = normal_tail(x);
  Twin below = tail.density * tail.mills * tail.z;
  double left = -narrowed<double>(below) * unspare, right = narrowed<double>(tail.z - scaled(below, unspare));
  return x < 0 ? left : x > tail.z ? x : right;
}

// Φ(x) + x·φ(x); its value at -x is one minus that at x.
inline double gelu_slope(double x) {
  NormalTail tail = normal_tail(x);
  Twin left = tail.density * (tail.mills - one_over_root_2pi * tail.z);
  return x < 0 ? narrowed<double>(left) * unspare : narrowed<double>(1.0 - scaled(left, unspare));
}

// ---- Mish: x·tanh(log(1 + e^x)) = x·N/(N + 2), N = e^x (e^x + 2) -----------------------------------

// All in e = e^-|x|: on the right numerator and denominator are divided by e^2x. `spare` goes with the numerator.
inline double mish(double x) {
  double finite = limited(x, 2000);
  Twin spared = decay(Twin{absolute(finite), 0}), e = scaled(spared, unspare);
  Twin left = e * (e + 2.0), right = 1.0 + scaled(e, 2);
  bool negative = x < 0;
  Twin numerator = choose(negative, spared * (e + 2.0), right);
  Twin denominator = choose(negative, 2.0 + left, right + scaled(e * e, 2));
  double result = narrowed<double>(numerator * inverse(denominator) * finite) * (negative ? unspare : 1.0);
  return x > 50 ? x : result;
}

inline double mish_slope(double x) {
  double near = limited(x, 2000);
  Twin spared = decay(Twin{absolute(near), 0}), e = scaled(spared, unspare);
  bool negative = x < 0;
  Twin left = e + 2.0, right = 1.0 + scaled(e, 2);
  Twin denominator = choose(negative, 2.0 + e * left, right + scaled(e * e, 2));
  Twin rise = (1.0 + e) * (4 * near);
  Twin numerator =
      choose(negative, spared * (left * denominator + rise), right * denominator + e * e * rise);
  Twin over = inverse(denominator);
  return unspared(numerator * over * over, negative);
}

// ---- Softplus: max(x, 0) + log(1 + e^-|beta x|) / beta -------------------------------------------

inline double softplus_wide(double x, double beta) {
  Twin u = times_beta(beta, x), spared = decay(size_of(u));
  Twin logarithm = log1p(scaled(spared, unspare));
  bool on = u.head > 0, tiny = !on & (spared.head < 0x1p-60 * spare);  // then it is its own log(1 + ·)
  Twin over_beta = choose(tiny, spared, logarithm) * inverse(Twin{beta, 0});
  double result = narrowed<double>(over_beta + (on & (absolute(u.head) < 100) ? x : 0.0));
  return on & (absolute(u.head) >= 100) ? x : result * (tiny ? unspare : 1.0);
}
inline double softplus(double x, Parameter<double> beta) { return softplus_wide(x, beta.given); }
inline double log_sigmoid(double x) { return -softplus_wide(-x, 1); }

// ---- tanh and its kin ----------------------------------------------------------------------------

// For z >= 0: tanh z, and 1 - tanh² z = 4 e^-2z / (1 + e^-2z)², the latter times `spare`.
struct Tanh {
  Twin value, slope;
};
inline Tanh tanh_of(Twin z) {
  Twin twice = scaled(choose(z.head > 700, Twin{700, 0}, z), 2);
  Twin spared = decay(twice), e = scaled(spared, unspare);
  // 1 - e^-2z again, right near 0
  Twin near = choose(twice.head > 40, Twin{-40, 0}, -twice);
  Power again = power_of_e(near);
  Twin lost = two_sum(1.0, -again.power) + -scaled(again.q, again.power);
  Twin over = inverse(1.0 + e);
  return {lost * over, scaled(spared * over * over, 4)};
}

inline double tanh_shrink(double x) {
  double z = absolute(x), square = z * z;
  constexpr auto& c = Polynomials<double>::shrunk_tanh;
  Twin third = two_sum(c[0], square * polynomial_beyond<1>(c, square));
  double small = narrowed<double>(exact_product(z, z) * z * third);
  double large = narrowed<double>(z - tanh_of(Twin{z, 0}).value);
  double size = z < 0.75 ? small : large;
  return absolute(x) > Constants<double>::largest ? x : copy_sign(size, x);
}
inline double tanh_squared(double x) {
  Twin t = tanh_of(Twin{absolute(x), 0}).value;
  return narrowed<double>(t * t);
}

inline double lisht(double x) {
  double z = at_most(absolute(x), 1e3);
  return absolute(x) > 1e3 ? absolute(x) : narrowed<double>(tanh_of(Twin{z, 0}).value * z);
}
inline double lisht_slope(double x) {
  double z = at_most(absolute(x), 1e3);
  Tanh t = tanh_of(Twin{z, 0});
  return copy_sign(narrowed<double>(t.value + scaled(t.slope, unspare) * z), x);
}

inline double penalized_tanh(double x) { return tanh(x) * (x > 0 ? 1 : 0.25); }
inline double penalized_tanh_slope(double x) { return tanh_slope(x) * (x > 0 ? 1 : 0.25); }

// 1.7159 tanh(2x/3)
inline Twin two_thirds_of(double x) {
  return two_thirds * at_most(absolute(x), 2e3);
}
inline double lecun_tanh(double x) {
  return copy_sign(narrowed<double>(tanh_of(two_thirds_of(x)).value * 1.7159), x);
}
inline double lecun_tanh_slope(double x) {
  return narrowed<double>(tanh_of(two_thirds_of(x)).slope * (two_thirds * 1.7159)) * unspare;
}

inline double leaky_relu(double x, Parameter<double> slope) { return x < 0 ? times(slope, x) : x; }

// ---- Exponentials --------------------------------------------------------------------------------

inline double elu(double x, Parameter<double> alpha) { return x < 0 ? times(alpha, expm1(x)) : x; }
inline double elu_slope(double x, Parameter<double> alpha) { return x > 0 ? 1.0 : times_exp(alpha, x); }
inline double selu(double x) {
  return x < 0 ? times(Parameter<double>(selu_scale * selu_alpha), expm1(x)) : selu_scale * x;
}
inline double selu_slope(double x) {
  return x > 0 ? selu_scale : times_exp(Parameter<double>(selu_scale * selu_alpha), x);
}

// x/alpha within ±10^5.
inline Twin over(double x, double alpha) {
  double finite = limited(x);
  Twin u = inverse(Twin{alpha, 0}) * finite;
  return absolute(u.head) > 1e5 ? Twin{copy_sign(1e5, u.head), 0} : u;
}

// alpha·(e^(x/alpha) - 1), which is x where x/alpha is tiny.
inline double celu_left(double x, double alpha) {
  Twin u = over(x, alpha);
  return absolute(u.head) < 0x1p-60 ? x : times_expm1(u, alpha);
}

inline double celu(double x, Parameter<double> alpha) { return x < 0 ? celu_left(x, alpha.given) : x; }
inline double celu_slope(double x, Parameter<double> alpha) {
  return x > 0 ? 1.0 : times_exp(over(x, alpha.given), 1);
}

inline Twin square_of(double x) {
  double near = at_most(absolute(x), 40.0);
  return exact_product(near, near);
}
inline double gaussian(double x) { return narrowed<double>(decay(square_of(x))) * unspare; }
inline double gaussian_slope(double x) {
  double near = at_most(absolute(x), 40.0);
  return copy_sign(narrowed<double>(decay(square_of(x)) * (2 * near)) * unspare, -x);
}

// ---- Logit: log(x / (1 - x)) ---------------------------------------------------------------------

inline double logit(double x) {
  bool left = x < 0.5;
  double inside = at_least(at_most(x, 1.0 - 0x1p-53), 0x1p-1074);
  Twin rest = two_sum(1.0, -inside);
  bool lift = inside < 0x1p-900;  // a subnormal number has no exponent to read
  Twin p = choose(left, {inside * (lift ? 0x1p60 : 1.0), 0}, rest);
  Twin l = log_ratio(p, choose(left, rest, {inside, 0}));
  double size = narrowed<double>(l + ln_2 * (lift ? -60.0 : 0.0));
  double result = left ? size : -size;
  result = x == 0 ? -__builtin_inf() : x == 1 ? __builtin_inf() : result;
  return (x >= 0) & (x <= 1) ? result : __builtin_nan("");
}
inline double logit_slope(double x) {
  double slope = x < 0x1p-100 ? 1 / x : narrowed<double>(divided(1, two_sum(1.0, -x) * x));
  return (x >= 0) & (x <= 1) ? (x == 0) | (x == 1) ? __builtin_inf() : slope : __builtin_nan("");
}

// ---- Algebraic -----------------------------------------------------------------------------------

inline double softsign(double x) {
  double z = at_most(absolute(x), Constants<double>::largest);
  return copy_sign(narrowed<double>(divided(z, two_sum(z, 1.0))), x);
}
inline double softsign_slope(double x) {
  double z = at_most(absolute(x), Constants<double>::largest);
  double down = z > 0x1p500 ? 0x1p-500 : 1;  // the square must not overflow
  Twin d = divided(1, two_sum(z * down, down));
  return narrowed<double>(d * d * down * down);
}

// (x + s)/2 with s = √(x² + b); for x < 0, where that cancels, b / (2 (s + |x|)).
struct Squareplus {
  double z;
  Twin s, half;  // s and (s + |x|)/2
  Squareplus(double x, double b) : z(at_most(absolute(x), Constants<double>::largest)) {
    double near = at_most(z, 0x1p400);
    Twin near_root = root(exact_product(near, near) + b);
    s = choose(z > near, {z, 0}, near_root);  // far out, b is lost beside x²
    half = scaled(s, 0.5) + 0.5 * z;
  }
};
inline double squareplus(double x, Parameter<double> b) {
  Twin half = Squareplus(x, b.given).half;
  double result = x < 0 ? narrowed<double>(divided(0.25 * b.given, half)) : narrowed<double>(half);
  return absolute(x) > Constants<double>::largest ? at_least(x, 0.0) : result;
}
inline double squareplus_slope(double x, Parameter<double> b) {
  Squareplus p(x, b.given);
  Twin over_root = divided(1, p.s);
  double left = narrowed<double>(divided(0.25 * b.given, p.half) * over_root), right = narrowed<double>(p.half * over_root);
  return x < 0 ? left : p.z > 0x1p400 ? 1 : right;  // there 1/z may be subnormal
}

// slope·x + offset clipped to [0, 1]; the ends as in single/piecewise.hpp.
struct DoubleLine {
  Twin y;
  bool above_zero, below_one;
  DoubleLine(double x, double slope, double offset) {
    double finite = limited(x), far = slope * finite;
    y = choose(absolute(far) > 0x1p900, {copy_sign(0x1p900, far), 0}, exact_product(slope, finite)) + offset;
    above_zero = narrowed<double>(y) > 0x1p-54, below_one = narrowed<double>(y + -1.0) < -0x1p-54;
  }
};
inline double clipped_line(double x, Parameter<double> slope, Parameter<double> offset) {
  DoubleLine line(x, slope.given, offset.given);
  return keep_nan(x, line.above_zero ? line.below_one ? narrowed<double>(line.y) : 1 : 0);
}
inline double clipped_line_slope(double x, Parameter<double> slope, Parameter<double> offset) {
  DoubleLine line(x, slope.given, offset.given);
  return keep_nan(x, line.above_zero & line.below_one ? slope.given : 0);
}

// ---- Periodic ------------------------------------------------------------------------------------

// Here for double, and one by one for float.
template <class T, class Way> inline T sine(T x, Way way) { return x == 0 ? x : narrowed<T>(sine<T>(1, double(x), 0, way)); }
template <class T, class Way> inline T cosine(T x, Way way) { return narrowed<T>(sine<T>(1, double(x), 2, way)); }

// x + sin²(alpha x)/alpha; its slope 1 + sin(2 alpha x) = 2 sin²(alpha x + π/4).
template <class T, class Way> inline T snake(T x, Parameter<T> alpha, Way way) {
  Wide<T> s = sine<T>(alpha.given, double(x), 0, way);
  T result = narrowed<T>(s * s * inverse(widened<T>(alpha.given)) + double(x));
  return absolute(x) > Constants<T>::largest ? x : result;
}
template <class T, class Way> inline T snake_slope(T x, Parameter<T> alpha, Way way) {
  Wide<T> s = sine<T>(alpha.given, double(x), 1, way);
  return narrowed<T>(scaled(s * s, 2));
}

}  // namespace RHEOBASE_TARGET
