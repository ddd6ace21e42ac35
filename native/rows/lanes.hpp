// Rows of floats in Lanes, in two layouts that the functions of rows cannot tell apart: one long row along the
// lanes, or short rows side by side, each in a lane of its own. What belongs to a row (its largest entry, its sum)
// is in every lane of the one layout and in the row's own lane of the other. The length of a row alone decides
// which it is, so a row's sums have one order wherever the row lies.
#pragma once

#include "../single/exponential.hpp"
#include "../wide.hpp"
#include "exponentials.hpp"

namespace RHEOBASE_TARGET {

constexpr Index short_row = 64;  // entries; longer rows run along the lanes
constexpr float spare_power = 64;      // exponentials carry 2^spare_power: none is subnormal before the last rounding

// Where a vector of entries is, and how many of them are there: all lanes, or the last few of a long row.
struct Full {
  Index at;
};
struct Part {
  Index at, count;
};

// What a function needs of both layouts. `turned`: the logits count negatively.
template <bool turned> struct LaneRows {
  const float *x, *second;  // second row operand
  float* y;                 // may be x
  Index n;
  Lanes grad = 1.0f;                     // upstream gradient of rows with one result
  const std::int64_t* target = nullptr;  // of each row
  const float* next = nullptr;           // the row after a long one, if it is worth fetching early

  bool has_target(int j) const { return target[j] >= 0 && target[j] < n; }
  static Lanes turn(Lanes v) { return turned ? -v : v; }
  static Lanes load_at(const float* from, Full p, float) { return load(from + p.at); }
  static Lanes load_at(const float* from, Part p, float absent) { return load_part(from + p.at, int(p.count), absent); }
  // Entries of a place; where a long row has ended they are such that they do not count.
  template <class P> Lanes logit(P p) const { return turn(load_at(x, p, turned ? __builtin_inff() : -__builtin_inff())); }
  template <class P> Lanes first(P p, float absent = 0) const { return load_at(x, p, absent); }
  template <class P> Lanes other(P p) const { return load_at(second, p, 0); }
  template <class P> Lanes result(P p) const { return load_at(y, p, 0); }
  void put(Full p, Lanes v) const { store(y + p.at, v); }
  void put(Part p, Lanes v) const { store_part(y + p.at, int(p.count), v); }
};

// One row along the lanes.
template <bool turned> struct LongRow : LaneRows<turned> {
  static constexpr bool along = true;
  static constexpr int count = 1;  // of rows
  float* streamed = nullptr;       // where the results go, if it is not y

  // f(place) for all vectors of the row, and g() after every block of them, which bounds the error of float sums.
  template <class F, class G> [[gnu::always_inline]] void each(F f, G g) const {
    Index i = 0;
    while (i + block <= this->n) {
      for (const Index end = i + block; i < end; i += lane_count) f(Full{i});
      g();
    }
    for (; i + lane_count <= this->n; i += lane_count) f(Full{i});
    if (i < this->n) f(Part{i, this->n - i});
    g();
  }
  template <class F> [[gnu::always_inline]] void each(F f) const { each(f, [] {}); }
  // The last pass: results f(place), past the caches if the row is `streamed` there.
  template <class F> [[gnu::always_inline]] void finish(F f) const {
    if (!streamed) return each([&](auto p) { this->put(p, f(p)); });
    const Index to_line = Index(-std::uintptr_t(streamed) % cache_line / sizeof(float));
    Index i = to_line < this->n ? to_line : this->n;
    part(0, i, f);
    for (; i + lane_count <= this->n; i += lane_count) stream(streamed + i, f(Full{i}));
    part(i, this->n, f);
  }
  template <class F> void part(Index i, Index end, F f) const {
    for (Index count; i < end; i += count) {
      count = end - i < lane_count ? end - i : lane_count - 1;
      store_part(streamed + i, int(count), f(Part{i, count}));
    }
  }
  // The next row comes nearer; in the pass that computes most.
  void fetch(Full p) const {
    if (this->next) __builtin_prefetch((const char*)(this->next + p.at));
  }
  void fetch(Part) const {}

  static Lanes largest(Lanes v) {
    return across(v.v, [](Lanes a, Lanes b) { return at_least(a, b).v; });
  }
  static DoubleVector total(HalfDoubles low, HalfDoubles high) {
    return across(low + high, [](HalfDoubles a, HalfDoubles b) { return a + b; })[0] - DoubleVector{};
  }
  template <class F> static DoubleVector of_each_row(DoubleVector v, F f) { return f(v[0]) - DoubleVector{}; }
  const float* row(int, float*) const { return this->x; }
  Index place_of(Index i, int) const { return i; }
  Lanes at_target() const { return this->has_target(0) ? this->x[*this->target] : 0.0f; }
  // v with 0 for the entry of the target.
  template <class P> Lanes without_target(P p, Lanes v) const {
    const Index lane = *this->target - p.at;
    if (lane < 0 || lane >= lane_count) return v;
    float each[lane_count];
    store(each, v);
    each[lane] = 0;
    return load(each);
  }
};

// Rows side by side.
template <bool turned> struct ShortRows : LaneRows<turned> {
  static constexpr bool along = false;
  Index apart = 0;         // elements from an entry of a row to its next
  int count = lane_count;  // of rows

  template <class F, class G> [[gnu::always_inline]] void each(F f, G g) const {
    for (Index i = 0; i < this->n; ++i) f(Full{i * apart});
    g();
  }
  template <class F> [[gnu::always_inline]] void each(F f) const { each(f, [] {}); }
  template <class F> [[gnu::always_inline]] void finish(F f) const {
    each([&](Full p) { this->put(p, f(p)); });
  }
  static void fetch(Full) {}
  static Lanes largest(Lanes v) { return v; }
  static DoubleVector total(HalfDoubles low, HalfDoubles high) {
    DoubleVector both;
    __builtin_memcpy(&both, &low, sizeof low);
    __builtin_memcpy((char*)&both + sizeof low, &high, sizeof high);
    return both;
  }
  template <class F> static DoubleVector of_each_row(DoubleVector v, F f) {
    double each[lane_count];
    __builtin_memcpy(each, &v, sizeof v);
    for (int j = 0; j < lane_count; ++j) each[j] = f(each[j]);
    __builtin_memcpy(&v, each, sizeof v);
    return v;
  }
  // Row j, in one piece.
  const float* row(int j, float* piece) const {
    for (Index i = 0; i < this->n; ++i) piece[i] = this->x[place_of(i, j)];
    return piece;
  }
  Index place_of(Index i, int j) const { return i * apart + j; }
  Lanes at_target() const {
    float each[lane_count] = {};
    for (int j = 0; j < count; ++j) each[j] = this->has_target(j) ? this->x[place_of(this->target[j], j)] : 0.0f;
    return load(each);
  }
  Lanes without_target(Full p, Lanes v) const {
    float each[lane_count] = {};
    for (int j = 0; j < count; ++j) each[j] = this->has_target(j) ? float(this->target[j] * apart) : -1.0f;
    return select(load(each) == float(p.at), 0.0f, v);
  }
};

// ---- e^(x - m) and its sum -----------------------------------------------------------------------

// The largest logit of each row. NaN is passed over: it makes the sum NaN later.
template <class Rows> inline Lanes largest_of(const Rows& rows) {
  Lanes m = -__builtin_inff();
  rows.each([&](auto p) { m = at_least(m, rows.logit(p)); });
  return rows.largest(m);
}

// `Plain` in Lanes: 2^spare_power e^(x - offset - power·ln 2), so that x - m, which would have to be a pair, never occurs.
struct PlainLanes {
  Lanes offset, lowest, power, cross;

  explicit PlainLanes(Lanes m) {
    offset = select((m > 224.0f) | (m < -104.0f), m, 0.0f);  // taken off exactly from every x that counts
    Lanes rest = m - offset;
    lowest = rest - 105.0f;
    power = fma(rest, Single::log2_e, 0x1.8p23f) - 0x1.8p23f;
    cross = power * -Single::ln_2[1];
  }
  Powers operator()(Lanes x) const {
    Powers e = power_of_e<1>(at_least(x - offset, lowest), spare_power - power);
    e.s = fma(e.r, cross, e.s);  // a large power·ln 2 has a tail, which matters beside r
    return e;
  }
  // The logarithm of the factor by which the exponentials are too small, less m; no huge number comes near it.
  DoubleVector log_of_scale_less(Lanes m) const {
    return (doubles(power) - double(spare_power)) * ln_2.head + doubles(offset - m);
  }
  // Whether the exponential of a logit is nothing, not even in a sum of many.
  Mask is_nothing(Lanes x) const { return x - offset < lowest; }
};

// The sum of such exponentials. A lane starts above every term: what an addition loses is then known exactly.
struct LaneSum {
  static constexpr float above = 0x1p66f;
  Lanes sum = above, lost = 0.0f;
  HalfDoubles low = {}, high = {};

  // Returns the term, rounded.
  [[gnu::always_inline]] Lanes add(Powers e) {
    Lanes p = e.p(), term = fma(e.head, p, e.head), next = sum + term;
    lost = fma(e.head, p, lost + (e.head - (next - sum)));
    sum = next;
    return term;
  }
  [[gnu::always_inline]] void flush() {
    low += halves(sum - above).low + halves(lost).low;
    high += halves(sum - above).high + halves(lost).high;
    sum = above, lost = 0.0f;
  }
};

// The sum of term(place), each a pair, over each row.
template <class Rows, class F> [[gnu::always_inline]] inline DoubleVector sum_of(const Rows& rows, F term) {
  HalfDoubles low = {}, high = {};
  Lanes sum = 0.0f, tail = 0.0f;
  rows.each(
      [&](auto p) {
        Twins one = term(p), next = any_sum(sum, one.head);
        sum = next.head, tail = tail + (next.tail + one.tail);
      },
      [&] {
        low += halves(sum).low + halves(tail).low;
        high += halves(sum).high + halves(tail).high;
        sum = 0.0f, tail = 0.0f;
      });
  return rows.total(low, high);
}

inline Twins pair_of(DoubleVector v) {
  Lanes head = floats(v);
  return {head, floats(v - doubles(head))};
}

// log x. Domain: 2^-100 < x < 2^1000, or NaN. Relative error < 2^-36, of log 2 next to 1.
inline double log_of_sum(double x) {
  std::int64_t above = std::int64_t(__builtin_bit_cast(std::uint64_t, x)) - 0x3fe6a09e667f3bcd;  // √½
  double k = double(above >> 52);
  double f = x * __builtin_bit_cast(double, std::uint64_t(1023 - (above >> 52)) << 52);
  return twice_atanh<float>((f - 1) / (f + 1)) + k * ln_2.head;
}

// f(row) in place of what is too small, or NaN, for its relative error to be known.
template <class Rows, class F> inline void mend(const Rows& rows, DoubleVector& v, F f) {
  constexpr double least = 0x1p-5;
  double each[lane_count];
  float piece[short_row];
  __builtin_memcpy(each, &v, sizeof v);
  bool any = false;
  for (int j = 0; j < rows.count; ++j) any |= !(absolute(each[j]) >= least);
  if (!any) return;
  for (int j = 0; j < rows.count; ++j)
    if (!(absolute(each[j]) >= least)) each[j] = f(rows.row(j, piece));
  __builtin_memcpy(&v, each, sizeof v);
  if (Rows::along) v = each[0] - DoubleVector{};
}

// log Σ e^(x - m), m the largest logit of each row. Absolute error < 2^-30.
template <class Rows> inline DoubleVector near_log_sum(const Rows& rows, Lanes m) {
  const PlainLanes weight(m);
  LaneSum sum;
  rows.each(
      [&](auto p) {
        rows.fetch(p);
        sum.add(weight(rows.logit(p)));
      },
      [&] { sum.flush(); });
  return rows.of_each_row(rows.total(sum.low, sum.high), log_of_sum) + weight.log_of_scale_less(m);
}

// The same beside a peak as well.
template <class Rows> inline DoubleVector log_sum_of(const Rows& rows, Lanes m) {
  DoubleVector result = near_log_sum(rows, m);
  mend(rows, result, [&](const float* x) {
    float largest = largest_of(x, rows.n);
    return is_finite(largest) ? log_sum_of(x, rows.n, Plain<float>(largest)) : __builtin_nan("");
  });
  return result;
}

}  // namespace RHEOBASE_TARGET
