// What the row functions share: the largest entry, e^(x - largest) and its sum.
//
// m is the largest entry times the inverse temperature throughout; `Plain` and `Tempered` know how to
// bring an entry x to e^(x - m), times 2^spare so that nothing is subnormal before the last rounding.
#pragma once

#include "../exponential.hpp"
#include "../loop.hpp"

namespace RHEOBASE_TARGET {

constexpr Index lanes = 16;

template <class T> inline bool is_finite(T x) { return x - x == 0; }

// ---- The largest entry ---------------------------------------------------------------------------

// NaN is passed over: it makes the sum NaN later.
template <class T> [[gnu::flatten, gnu::noinline]] T largest_of(const T* x, Index n) {
  T largest = -__builtin_inf();
  Index i = 0;
  if (n >= vector) {
    T lane[vector];
    for (Index j = 0; j < vector; ++j) lane[j] = -__builtin_inf();
    for (; i + vector <= n; i += vector)
      for (Index j = 0; j < vector; ++j) lane[j] = x[i + j] > lane[j] ? x[i + j] : lane[j];
    for (Index width = vector / 2; width > 0; width /= 2)
      for (Index j = 0; j < width; ++j) lane[j] = lane[j + width] > lane[j] ? lane[j + width] : lane[j];
    largest = lane[0];
  }
  for (; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

template <class T> [[gnu::flatten, gnu::noinline]] T smallest_of(const T* x, Index n) {
  T smallest = __builtin_inf();
  Index i = 0;
  if (n >= vector) {
    T lane[vector];
    for (Index j = 0; j < vector; ++j) lane[j] = __builtin_inf();
    for (; i + vector <= n; i += vector)
      for (Index j = 0; j < vector; ++j) lane[j] = x[i + j] < lane[j] ? x[i + j] : lane[j];
    for (Index width = vector / 2; width > 0; width /= 2)
      for (Index j = 0; j < width; ++j) lane[j] = lane[j + width] < lane[j] ? lane[j + width] : lane[j];
    smallest = lane[0];
  }
  for (; i < n; ++i) smallest = x[i] < smallest ? x[i] : smallest;
  return smallest;
}

template <class T> [[gnu::flatten, gnu::noinline]] bool has_nan(const T* x, Index n) {
  int found = 0;
  for (Index i = 0; i < n; ++i) found |= x[i] != x[i];
  return found;
}

// The first entry equal to `value`, which is there: whole blocks are passed over at vector speed.
template <class T> [[gnu::flatten, gnu::noinline]] Index index_of(T value, const T* x, Index n) {
  Index i = 0;
  for (; i + block <= n; i += block) {
    int found = 0;
    for (Index j = 0; j < block; ++j) found |= x[i + j] == value;
    if (found) break;
  }
  while (x[i] != value) ++i;
  return i;
}

// ---- Sums ----------------------------------------------------------------------------------------

// A sum in double; for T = double with what the additions lost.
template <class T> struct Sum {
  alignas(64) double head[lanes] = {}, tail[lanes] = {};

  void add_lane(Index j, double x) {
    if constexpr (sizeof(T) == sizeof(double)) {
      Pair<double> sum = two_sum(head[j], x);
      head[j] = sum.head;
      tail[j] += sum.tail;
    } else {
      head[j] += x;
    }
  }
  [[gnu::flatten, gnu::noinline]] void add(const T* x, Index n) {
    Index i = 0;
    for (; i + lanes <= n; i += lanes)
      for (Index j = 0; j < lanes; ++j) add_lane(j, double(x[i + j]));
    for (Index j = 0; i < n; ++i, ++j) add_lane(j, double(x[i]));
  }
  // The sum of term(i), i < n.
  template <class Term> [[gnu::flatten, gnu::noinline]] void add_terms(Index n, Term term) {
    Index i = 0;
    for (; i + lanes <= n; i += lanes)
      for (Index j = 0; j < lanes; ++j) add_lane(j, term(i + j));
    for (Index j = 0; i < n; ++i, ++j) add_lane(j, term(i));
  }
  Pair<double> pair() const {
    double sum = 0, lost = 0;
    for (Index j = 0; j < lanes; ++j) {
      Pair<double> next = two_sum(sum, head[j]);
      sum = next.head;
      lost += next.tail + tail[j];
    }
    return {sum, lost};
  }
  double total() const {
    if constexpr (sizeof(T) == sizeof(double)) {
      Pair<double> sum = pair();
      return sum.head + sum.tail;
    }
    double half[lanes / 2];
    for (Index j = 0; j < lanes / 2; ++j) half[j] = head[j] + head[j + lanes / 2];
    for (Index width = lanes / 4; width > 0; width /= 2)
      for (Index j = 0; j < width; ++j) half[j] += half[j + width];
    return half[0];
  }
};

// ---- e^(x - m) -----------------------------------------------------------------------------------

// 2^-spare in double, whatever T.
template <class T> constexpr double unscale = double(Constants<T>::unspare);

// power (1 + r + t) and what its rounding took.
template <class T> inline Pair<T> split(T power, T r, T t) {
  Pair<T> y = fast_two_sum(r, t), e = fast_two_sum(power, power * y.head);
  return {e.head, mul_add(power, y.tail, e.tail)};
}

// Temperature 1: e^x 2^-M with M the integer next to m·log2(e), so that x - m, which would have to be
// a pair, never occurs. A large m is taken off first: that is exact for every x that counts.
// Error < 0.9 ULP.
template <class T> struct Plain {
  using C = Constants<T>;
  T largest, shift, lowest, placed_zero, power_of_largest;

  explicit Plain(T m) : largest(m) {
    shift = m > 2 * C::exp_is_zero + 16 || m < -C::exp_is_zero ? m : T(0);
    T rest = m - shift;
    lowest = rest - C::exp_is_zero;
    power_of_largest = mul_add(rest, C::log2e, C::to_integer) - C::to_integer;
    placed_zero = C::to_integer + (T(C::bias + C::spare) - power_of_largest);
  }
  Pair<T> operator()(T x) const {
    using Bits = typename C::Bits;
    T d = at_least(x - shift, lowest);
    T placed = mul_add(d, C::log2e, placed_zero);
    T n = placed - placed_zero;
    T power = __builtin_bit_cast(T, Bits(__builtin_bit_cast(Bits, placed) << C::mantissa));
    T r = mul_add(-n, C::ln2_head, d), correction = -n * C::ln2_tail, s = r + correction;
    T t = mul_add(s * s, beyond_linear(s, s * s), correction);
    return split(power, r, t);
  }
  // e^0 on this scale; for float better than float.
  Pair<double> one() const {
    if constexpr (sizeof(T) == sizeof(double)) return (*this)(largest);
    else return {__builtin_exp(double(largest - shift) - double(power_of_largest) * ln_2.head) / unscale<T>, 0};
  }
  T hidden() const { return -__builtin_inf(); }
  // x - m, best where it is small.
  Pair<double> difference(T x) const { return two_sum(double(x), -double(largest)); }
};

// e^((x - m) / temperature), for a negative temperature with m the smallest entry.
// Error < 0.9 ULP.
template <class T> struct Tempered {
  using C = Constants<T>;
  T largest;
  Pair<double> inverse;
  Pair<T> factor;

  Tempered(T m, double temperature) : largest(m) {
    inverse.head = 1 / temperature;
    inverse.tail = fma(-inverse.head, temperature, 1.0) / temperature;
    factor.head = T(inverse.head);
    factor.tail = T((inverse.head - double(factor.head)) + inverse.tail);
  }
  Pair<T> operator()(T x) const {
    Pair<T> d = two_sum(x, -largest);
    T head = d.head * factor.head;
    T tail = fma(d.head, factor.head, -head) + (d.head * factor.tail + d.tail * factor.head);
    bool far = head < -C::exp_is_zero;
    Exponential<T> e = spared_exponential(head, far ? T(0) : tail);
    return split(e.power, e.r, e.t);
  }
  Pair<double> one() const { return {1 / unscale<T>, 0}; }
  T hidden() const { return inverse.head < 0 ? __builtin_inf() : -__builtin_inf(); }
  Pair<double> difference(T x) const {
    Pair<double> d = two_sum(double(x), -double(largest));
    double head = d.head * inverse.head;
    double tail = fma(d.head, inverse.head, -head) + (d.head * inverse.tail + d.tail * inverse.head);
    return {head, tail};
  }
};

// Brings the next row near while this one is computed.
inline void prefetch(const char* at, Index bytes) {
  for (Index i = 0; i < bytes; i += cache_line) __builtin_prefetch(at + i);
}

// The sum of 2^spare e^(x - m) over the row, as a pair; the terms go to e, if there is one (it may be x).
// A lane starts above every term: what an addition loses is then known exactly. The lanes fit registers.
template <bool keep, class T, class W>
[[gnu::flatten, gnu::noinline]] Pair<double> sum_exponentials(const T* x, T* e, Index n, W weight,
                                                              const T* next,
                                                              T above = 4 / Constants<T>::unspare) {
  T sum[vector], lost[vector] = {};
  for (Index j = 0; j < vector; ++j) sum[j] = above;
  auto add = [&](Index i, Index j) {
    Pair<T> term = weight(x[i]);
    T next_sum = sum[j] + term.head;
    lost[j] += term.tail + (term.head - (next_sum - sum[j]));
    sum[j] = next_sum;
    if constexpr (keep) e[i] = term.head;
  };
  Index i = 0;
  for (; i + vector <= n; i += vector) {
    if (next) prefetch((const char*)(next + i), vector * Index(sizeof(T)));
#pragma GCC ivdep
    for (Index j = 0; j < vector; ++j) add(i + j, j);
  }
#pragma GCC ivdep
  for (Index j = 0; j < n - i; ++j) add(i + j, j);
  for (Index j = 0; j < vector; ++j) sum[j] -= above;
  for (Index width = vector / 2; width > 0; width /= 2)
    for (Index j = 0; j < width; ++j) {
      Pair<T> both = two_sum(sum[j], sum[j + width]);
      sum[j] = both.head;
      lost[j] += lost[j + width] + both.tail;
    }
  return fast_two_sum(double(sum[0]), double(lost[0]));
}

constexpr Index no_index = -1;

// The same without entry `skip`, on the scale of the others.
template <class T, class W>
inline Pair<double> sum_without(Index skip, const T* x, Index n, W weight) {
  T part[block];
  const Index first = skip / block * block, count = n - first < block ? n - first : block;
  for (Index i = 0; i < count; ++i) part[i] = first + i == skip ? weight.hidden() : x[first + i];
  const T* rows[3] = {x, part, x + first + count};
  const Index lengths[3] = {first, count, n - first - count};
  T above = 0;
  for (int k = 0; k < 3; ++k) {
    if (lengths[k] == 0) continue;
    T m = weight.hidden() > 0 ? smallest_of(rows[k], lengths[k]) : largest_of(rows[k], lengths[k]);
    T term = 4 * weight(m).head;
    above = term > above ? term : above;
  }
  Pair<double> sum = {0, 0};
  for (int k = 0; k < 3; ++k) {
    Pair<double> more = sum_exponentials<false>(rows[k], (T*)nullptr, lengths[k], weight, (const T*)nullptr, above);
    Pair<double> both = two_sum(sum.head, more.head);
    sum = {both.head, sum.tail + both.tail + more.tail};
  }
  return sum;
}

inline Pair<double> quotient(Pair<double> a, Pair<double> b) {
  double q = a.head / b.head;
  return {q, (fma(-q, b.head, a.head) + (a.tail - q * b.tail)) / b.head};
}

// log Σ e^(x - m). Beside a peak its own e^0 would drown the rest: there it counts exactly 1.
template <class T, class W>
inline double log_sum_of(const T* x, Index n, W weight, const T* next = nullptr) {
  Pair<double> one = weight.one();
  Pair<double> all = quotient(sum_exponentials<false>(x, (T*)nullptr, n, weight, next), one);
  if (!(all.head < 2)) return __builtin_log(all.head) + all.tail / all.head;
  Index largest = index_of(weight.largest, x, n);
  Pair<double> others = quotient(sum_without(largest, x, n, weight), one);
  return __builtin_log1p(others.head) + others.tail / (1 + others.head);
}

}  // namespace RHEOBASE_TARGET
