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
  // Positive numbers are added by fours first (2 roundings, and half the time).
  [[gnu::flatten, gnu::noinline]] void add_positive(const T* x, Index n) {
    Index i = 0;
    for (; i + 4 * lanes <= n; i += 4 * lanes)
      for (Index j = 0; j < lanes; ++j) {
        const T* at = x + i + j;
        add_lane(j, double((at[0] + at[lanes]) + (at[2 * lanes] + at[3 * lanes])));
      }
    add(x + i, n - i);
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
template <class T> constexpr double unspared = double(Constants<T>::unspare);

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
  double one() const {
    if constexpr (sizeof(T) == sizeof(double)) return (*this)(largest).head;
    else return __builtin_exp(double(largest - shift) -
                              double(power_of_largest) * 0x1.62e42fefa39efp-1) / unspared<T>;
  }
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
  double one() const { return 1 / unspared<T>; }
  Pair<double> difference(T x) const {
    Pair<double> d = two_sum(double(x), -double(largest));
    double head = d.head * inverse.head;
    double tail = fma(d.head, inverse.head, -head) + (d.head * inverse.tail + d.tail * inverse.head);
    return {head, tail};
  }
};

// e = 2^spare e^(x - m); returns what rounding e took from the sum. The lanes fit registers.
template <class T, class W>
[[gnu::flatten, gnu::noinline]] T exponential_block(const T* x, T* e, Index n, W weight) {
  T lost[vector] = {};
  Index i = 0;
  for (; i + vector <= n; i += vector)
#pragma GCC ivdep
    for (Index j = 0; j < vector; ++j) {
      Pair<T> both = weight(x[i + j]);
      e[i + j] = both.head;
      lost[j] += both.tail;
    }
#pragma GCC ivdep
  for (Index j = 0; j < n - i; ++j) {
    Pair<T> both = weight(x[i + j]);
    e[i + j] = both.head;
    lost[j] += both.tail;
  }
  for (Index width = vector / 2; width > 0; width /= 2)
    for (Index j = 0; j < width; ++j) lost[j] += lost[j + width];
  return lost[0];
}

// Brings the next row near while this one is computed.
inline void prefetch(const char* at, Index bytes) {
  for (Index i = 0; i < bytes; i += cache_line) __builtin_prefetch(at + i);
}

// e = 2^spare e^(x - m) over the row (e may be x), and its sum.
template <class T, class W>
inline double exponentials(const T* x, T* e, Index n, W weight, const T* next) {
  Sum<T> sum;
  double lost = 0;
  for (Index i = 0; i < n; i += block) {
    Index count = n - i < block ? n - i : block;
    if (next) prefetch((const char*)(next + i), count * Index(sizeof(T)));
    lost += double(exponential_block(x + i, e + i, count, weight));
    sum.add_positive(e + i, count);
  }
  return sum.total() + lost;
}

constexpr Index no_index = -1;

// The sum of 2^spare e^(x - m) over the row without entry `skip`.
template <class T, class W>
inline double sum_without(Index skip, const T* x, Index n, W weight, const T* next = nullptr) {
  alignas(64) T e[block];
  Sum<T> sum;
  double lost = 0;
  for (Index i = 0; i < n; i += block) {
    Index count = n - i < block ? n - i : block;
    if (next) prefetch((const char*)(next + i), count * Index(sizeof(T)));
    double block_lost = double(exponential_block(x + i, e, count, weight));
    bool skips = skip >= i && skip < i + count;
    if (skips) e[skip - i] = 0, block_lost -= double(weight(x[skip]).tail);
    lost += block_lost;
    sum.add_positive(e, count);
  }
  return sum.total() + lost;
}

// log Σ e^(x - m). Beside a peak its own e^0 would drown the rest: there it counts exactly 1.
template <class T, class W>
inline double log_sum_of(const T* x, Index n, W weight, const T* next = nullptr) {
  double ratio = sum_without(no_index, x, n, weight, next) / weight.one();
  if (!(ratio < 2)) return __builtin_log(ratio);
  return __builtin_log1p(sum_without(index_of(weight.largest, x, n), x, n, weight) / weight.one());
}

}  // namespace RHEOBASE_TARGET
