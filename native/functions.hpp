// The formulas of the table that are longer than a line. Written in wide arithmetic (wide.hpp), they round once.
#pragma once

#include "angle.hpp"
#include "single/algebraic.hpp"
#include "single/gates.hpp"
#include "single/logit.hpp"
#include "single/piecewise.hpp"
#include "single/waves.hpp"

namespace RHEOBASE_TARGET {

// NaN as it came: wide arithmetic and Lanes lose its sign, or depend on the lane for it.
inline double wide_nan(double x, double otherwise) { return keep_nan(x, otherwise); }
inline float wide_nan(float x, float otherwise) { return keep_nan(x, otherwise); }
inline Lanes wide_nan(Lanes, Lanes otherwise) { return otherwise; }

// x within ±most, in its own type: half the work of doing it in double.
template <class T> inline double limited(T x, T most = Constants<T>::largest) {
  return double(copy_sign(at_most(absolute(x), most), x));
}

// beta·x; in double within ±10^5, beyond which every gate is open or shut.
template <class T> inline Wide<T> times_beta(double beta, T x) {
  double finite = limited(x);
  if constexpr (is_float<T>) return beta * finite;
  else if (absolute(beta * finite) > 1e5) return {copy_sign(1e5, beta * finite), 0};
  else return product<T>(beta, finite);
}

// ---- x·σ(u), u an odd increasing function of x: SiLU, Swish, GELU's approximations -----------------

// What both need: σ(u) and σ(-u); the smaller of the two comes with the factor `spare`.
template <class T> struct Gate {
  Wide<T> near_one, small;
  bool negative;
};

template <class T> inline Gate<T> gate(Wide<T> u) {
  Wide<T> n = decay<T>(size_of(u));
  Wide<T> v = inverse(1.0 + scaled(n, unspare<T>));
  return {v, n * v, head(u) < 0};
}

template <class T> inline T gated(T x, Wide<T> u) {
  Gate<T> g = gate<T>(u);
  double finite = limited(x);
  Wide<T> factor = choose(g.negative, g.small, g.near_one);
  T result = narrowed<T>(factor * finite) * T(g.negative ? unspare<T> : 1.0);
  return absolute(x) > Constants<T>::largest ? g.negative ? copy_sign(T(0), x) : x : result;
}

// A derivative within 2^-5 of its zero, d = x - zero: there the wide arithmetic of a float is too short.
template <class T, int n> inline Wide<T> near_zero(Wide<T> otherwise, double d, const double (&c)[n]) {
  if constexpr (is_float<T>) return absolute(d) < 0x1p-5 ? d * polynomial(c, d) : otherwise;
  else return otherwise;
}
inline double beyond(double x, Twin zero) { return (x - zero.head) - zero.tail; }

// The derivative of x·σ(u): σ(u)·(1 + w·σ(-u)), w = x·u'(x).
template <class T> inline Wide<T> gated_slope(Wide<T> u, Wide<T> w) {
  Gate<T> g = gate<T>(u);
  Wide<T> factor = choose(g.negative, g.small, g.near_one);
  Wide<T> other = choose(g.negative, g.near_one, scaled(g.small, unspare<T>));
  return factor * (1.0 + w * other);
}
template <class T> inline T unspared(Wide<T> slope, bool spared) {
  return narrowed<T>(slope) * T(spared ? unspare<T> : 1.0);
}
template <class T> inline T swish_slope(Wide<T> u) {
  Wide<T> slope = near_zero<T>(gated_slope<T>(u, u), beyond(head(u), silu_zero), Zeros::silu);
  return unspared<T>(slope, head(u) < 0);
}

template <class T> inline T sigmoid_of(Wide<T> u) {
  Gate<T> g = gate<T>(u);
  return narrowed<T>(choose(g.negative, g.small, g.near_one)) * T(g.negative ? unspare<T> : 1.0);
}

// In float arithmetic, faster, for a beta about 1 or a u given in double.
inline float gated(float x, double u) {
  if constexpr (!has_fma) return gated<float>(x, u);
  float head = float(u);
  return gated_float(x, head, float(u - double(head)));
}
inline float silu(float x) { return has_fma ? gated_float(x, x, 0) : gated(x, double(x)); }
inline float sigmoid_of(float x, Parameter<float> beta) {
  if constexpr (!has_fma) return sigmoid_of<float>(times_beta(beta.given, x));
  float finite = copy_sign(at_most(absolute(x), Constants<float>::largest), x), u = finite * beta.head;
  return logistic_float(u, mul_add(finite, beta.tail, fma(finite, beta.head, -u)));
}

inline float silu_slope(float x) { return swish_slope<float>(limited(x, 200.0f)); }
inline double silu_slope(double x) { return swish_slope<double>(times_beta(1, x)); }
inline double silu(double x) { return gated(x, times_beta(1, x)); }
inline double sigmoid_of(double x, Parameter<double> beta) { return sigmoid_of<double>(times_beta(beta.given, x)); }
inline float quick_gelu(float x) { return gated(x, 1.702 * double(x)); }
inline double quick_gelu(double x) { return gated(x, times_beta(1.702, x)); }

// GELU's approximation: u = 2 √(2/π) (x + 0.044715 x³); w = x·u'.
template <class T> inline Wide<T> tanh_argument(T x, double cubic) {
  double near = limited(x, T(100));
  Wide<T> square = product<T>(near, near);
  return constant<T>(root_2_over_pi) * (2 * near) * (1.0 + square * cubic);
}
template <class T> inline T gelu_tanh(T x) { return gated(x, tanh_argument(x, 0.044715)); }
template <class T> inline T gelu_tanh_slope(T x) {
  Wide<T> slope = gated_slope<T>(tanh_argument(x, 0.044715), tanh_argument(x, 3 * 0.044715));
  return unspared<T>(near_zero<T>(slope, beyond(double(x), gelu_tanh_zero), Zeros::gelu_tanh), x < 0);
}

// ---- GELU ----------------------------------------------------------------------------------------

// Φ(-z) and its density's part z·φ(z), times `spare`.
template <class T> struct NormalTail {
  double z;
  Wide<T> density, mills;
};
template <class T> inline NormalTail<T> normal_tail(T x) {
  double z = double(at_most(absolute(x), is_float<T> ? T(15.5) : T(39)));
  return {z, decay<T>(scaled(product<T>(z, z), 0.5)), mills<T>(z)};
}

// x·Φ(x) = -z·Φ(-z) on the left, z - z·Φ(-z) on the right.
template <class T> inline T gelu(T x) {
  NormalTail<T> tail = normal_tail(x);
  Wide<T> below = tail.density * tail.mills * tail.z;
  if constexpr (is_float<T>) return T(at_least(double(x), 0.0) - below);
  T left = -narrowed<T>(below) * T(unspare<T>), right = narrowed<T>(tail.z - scaled(below, unspare<T>));
  return x < 0 ? left : double(x) > tail.z ? x : right;
}

// Φ(x) + x·φ(x); its value at -x is one minus that at x.
template <class T> inline T gelu_slope(T x) {
  NormalTail<T> tail = normal_tail(x);
  Wide<T> left = tail.density * (tail.mills - constant<T>(one_over_root_2pi) * tail.z);
  left = near_zero<T>(left, beyond(double(x), gelu_zero), Zeros::gelu);
  if constexpr (is_float<T>) return T(x < 0 ? left : 1.0 - left);
  return x < 0 ? narrowed<T>(left) * T(unspare<T>) : narrowed<T>(1.0 - scaled(left, unspare<T>));
}

// ---- Mish: x·tanh(log(1 + e^x)) = x·N/(N + 2), N = e^x (e^x + 2) -----------------------------------

// All in e = e^-|x|: on the right numerator and denominator are divided by e^2x. `spare` goes with the numerator.
template <class T> inline T mish(T x) {
  double finite = limited(x, T(2000));
  Wide<T> spared = decay<T>(widened<T>(absolute(finite))), e = scaled(spared, unspare<T>);
  Wide<T> left = e * (e + 2.0), right = 1.0 + scaled(e, 2);
  bool negative = x < 0;
  Wide<T> numerator = choose(negative, spared * (e + 2.0), right);
  Wide<T> denominator = choose(negative, 2.0 + left, right + scaled(e * e, 2));
  T result = narrowed<T>(numerator * inverse(denominator) * finite) * T(negative ? unspare<T> : 1.0);
  return x > 50 ? x : result;
}

template <class T> inline T mish_slope(T x) {
  double near = limited(x, T(2000));
  Wide<T> spared = decay<T>(widened<T>(absolute(near))), e = scaled(spared, unspare<T>);
  bool negative = x < 0;
  Wide<T> left = e + 2.0, right = 1.0 + scaled(e, 2);
  Wide<T> denominator = choose(negative, 2.0 + e * left, right + scaled(e * e, 2));
  Wide<T> rise = (1.0 + e) * (4 * near);
  Wide<T> numerator =
      choose(negative, spared * (left * denominator + rise), right * denominator + e * e * rise);
  Wide<T> over = inverse(denominator);
  return unspared<T>(near_zero<T>(numerator * over * over, beyond(near, mish_zero), Zeros::mish), negative);
}

// ---- Softplus: max(x, 0) + log(1 + e^-|beta x|) / beta -------------------------------------------

template <class T> inline T softplus_wide(T x, double beta) {
  Wide<T> u = times_beta(beta, x), spared = decay<T>(size_of(u));
  Wide<T> logarithm = log1p<T>(scaled(spared, unspare<T>));
  bool on = head(u) > 0, tiny = !on & (head(spared) < 0x1p-60 * spare<T>);  // then it is its own log(1 + ·)
  Wide<T> over_beta = choose(tiny, spared, logarithm) * inverse(widened<T>(beta));
  T result = narrowed<T>(over_beta + (on & (absolute(head(u)) < 100) ? double(x) : 0.0));
  return on & (absolute(head(u)) >= 100) ? x : result * T(tiny ? unspare<T> : 1.0);
}
inline float softplus(float x, Parameter<float> beta) {
  if constexpr (!has_fma) return softplus_wide(x, beta.given);
  Parameter<float> over(1 / beta.given);
  float finite = copy_sign(at_most(absolute(x), Constants<float>::largest), x), u = finite * beta.head;
  float tail = mul_add(finite, beta.tail, fma(finite, beta.head, -u)), z = at_most(absolute(u), 120.0f);
  Pair<float> l = spared_log1p_decay(z, absolute(u) > 120 ? 0.0f : turn(tail, u));
  float head = l.head * over.head;
  float rest = mul_add(l.head, over.tail, mul_add(l.tail, over.head, fma(l.head, over.head, -head)));
  head *= u > 0 ? 0x1p-64f : 1.0f;
  rest *= u > 0 ? 0x1p-64f : 1.0f;
  Pair<float> sum = two_sum(u > 0 ? finite : 0.0f, head);
  float result = (sum.head + (sum.tail + rest)) * (u > 0 ? 1.0f : 0x1p-64f);
  return (u > 0) & (absolute(u) > 40) ? x : result;
}
inline double softplus(double x, Parameter<double> beta) { return softplus_wide(x, beta.given); }

// ---- tanh and its kin ----------------------------------------------------------------------------

// For z >= 0: tanh z, and 1 - tanh² z = 4 e^-2z / (1 + e^-2z)², the latter times `spare`.
template <class T> struct Tanh {
  Wide<T> value, slope;
};
template <class T> inline Tanh<T> tanh_of(Wide<T> z) {
  Wide<T> twice = scaled(choose(head(z) > 700, widened<T>(700), z), 2);
  Wide<T> spared = decay<T>(twice), e = scaled(spared, unspare<T>);
  // 1 - e^-2z again, right near 0
  Wide<T> near = choose(head(twice) > 40, widened<T>(-40), -twice);
  Power<T> again = power_of_e<T>(near);
  Wide<T> lost = sum<T>(1, -again.power) + -scaled(again.q, again.power);
  Wide<T> over = inverse(1.0 + e);
  return {lost * over, scaled(spared * over * over, 4)};
}

template <class T> inline T tanh_shrink(T x) {
  double z = double(absolute(x)), square = z * z;
  constexpr auto& c = Polynomials<T>::shrunk_tanh;
  Wide<T> third = sum<T>(c[0], square * polynomial_beyond<1>(c, square));
  T small = narrowed<T>(product<T>(z, z) * z * third);
  T large = narrowed<T>(z - tanh_of<T>(widened<T>(z)).value);
  T size = z < 0.75 ? small : large;
  return absolute(x) > Constants<T>::largest ? x : copy_sign(size, x);
}
template <class T> inline T tanh_squared(T x) {
  Wide<T> t = tanh_of<T>(widened<T>(absolute(double(x)))).value;
  return narrowed<T>(t * t);
}

template <class T> inline T lisht(T x) {
  double z = at_most(absolute(double(x)), 1e3);
  return absolute(x) > T(1e3) ? absolute(x) : narrowed<T>(tanh_of<T>(widened<T>(z)).value * z);
}
template <class T> inline T lisht_slope(T x) {
  double z = at_most(absolute(double(x)), 1e3);
  Tanh<T> t = tanh_of<T>(widened<T>(z));
  return copy_sign(narrowed<T>(t.value + scaled(t.slope, unspare<T>) * z), x);
}

// 1.7159 tanh(2x/3)
template <class T> inline Wide<T> two_thirds_of(T x) {
  return constant<T>(two_thirds) * at_most(absolute(double(x)), 2e3);
}
template <class T> inline T lecun_tanh(T x) {
  return copy_sign(narrowed<T>(tanh_of<T>(two_thirds_of(x)).value * 1.7159), x);
}
template <class T> inline T lecun_tanh_slope(T x) {
  return narrowed<T>(tanh_of<T>(two_thirds_of(x)).slope * (constant<T>(two_thirds) * 1.7159)) *
         T(unspare<T>);
}

// ---- Exponentials --------------------------------------------------------------------------------

constexpr double selu_scale = 1.0507009873554804934193349852946, selu_alpha = 1.6732632423543772848170429916717;

// x/alpha within ±10^5.
template <class T> inline Wide<T> over(T x, double alpha) {
  double finite = limited(x);
  Wide<T> u = inverse(widened<T>(alpha)) * finite;
  return absolute(head(u)) > 1e5 ? widened<T>(copy_sign(1e5, head(u))) : u;
}

// alpha·(e^(x/alpha) - 1), which is x where x/alpha is tiny.
template <class T> inline T celu_left(T x, double alpha) {
  Wide<T> u = over(x, alpha);
  return absolute(head(u)) < 0x1p-60 ? x : times_expm1<T>(u, alpha);
}

template <class T> inline Wide<T> square_of(T x) {
  double near = at_most(absolute(double(x)), 40.0);
  return product<T>(near, near);
}
template <class T> inline T gaussian(T x) { return narrowed<T>(decay<T>(square_of(x))) * T(unspare<T>); }
template <class T> inline T gaussian_slope(T x) {
  double near = at_most(absolute(double(x)), 40.0);
  return copy_sign(narrowed<T>(decay<T>(square_of(x)) * (2 * near)) * T(unspare<T>), -x);
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
