// Sparsemax (Martins & Astudillo 2016) and hardmax.
#pragma once

#include "softmax.hpp"

namespace RHEOBASE_TARGET {

// The projection of x / temperature onto the simplex: max(d - τ, 0) with d = (x - m) / temperature and
// the τ for which it sums to 1.
struct Sparsemax : OfLogits {
  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(const Row<T>& row) {
    T m = row.extreme();
    if (!is_finite(m) || has_nan(row.x, row.n))
      return fill(row.y, T(__builtin_nan("")), row.n);
    with_weight(row, m, [&](auto weight) { project(row, weight); });
  }

  // Newton's method from below finds τ exactly, once the entries above it are the right ones; where
  // it halves their number too slowly, a bisection helps, so no row takes more than some 60 rounds.
  template <class T, class W>
  [[gnu::flatten, gnu::noinline]] static void project(const Row<T>& row, W weight) {
    double low = -1, high = 0;
    Index size = row.n + 1;
    Pair<double> threshold;
    for (;;) {
      Above above = sum_above(low, row, weight);
      threshold = above.threshold();
      double next = threshold.head;
      if (above.size == size || !(next > low)) break;
      bool slow = 2 * above.size > size;
      size = above.size;
      low = next;
      if (!slow) continue;
      double middle = 0.5 * (low + high);
      Above half = sum_above(middle, row, weight);
      if (half.size > 0 && half.threshold().head >= middle) low = middle;
      else high = middle;
    }
    subtract(row, weight, threshold);
  }

  struct Above {
    Pair<double> sum;
    Index size;
    Pair<double> threshold() const {  // (sum - 1) / size
      Pair<double> less = two_sum(sum.head, -1.0);
      double tail = less.tail + sum.tail, head = less.head / double(size);
      return {head, (fma(-head, double(size), less.head) + tail) / double(size)};
    }
  };
  template <class T, class W>
  [[gnu::flatten, gnu::noinline]] static Above sum_above(double low, const Row<T>& row, W weight) {
    const T* x = row.x;
    Sum<double> sum;
    Sum<float> tails, size;
    sum.add_terms(row.n, [=](Index i) {
      Pair<double> d = weight.difference(x[i]);
      return d.head > low ? d.head : 0.0;
    });
    tails.add_terms(row.n, [=](Index i) {
      Pair<double> d = weight.difference(x[i]);
      return d.head > low ? d.tail : 0.0;
    });
    size.add_terms(row.n, [=](Index i) { return weight.difference(x[i]).head > low ? 1.0 : 0.0; });
    Pair<double> heads = sum.pair();
    return {{heads.head, heads.tail + tails.total()}, Index(size.total())};
  }
  template <class T, class W>
  [[gnu::flatten, gnu::noinline]] static void subtract(const Row<T>& row, W weight,
                                                       Pair<double> threshold) {
    const T* x = row.x;
    T* y = row.y;
#pragma GCC ivdep
    for (Index i = 0; i < row.n; ++i) {
      Pair<double> d = weight.difference(x[i]);
      double p = (d.head - threshold.head) + (d.tail - threshold.tail);
      y[i] = p > 0 ? T(p) : T(0);
    }
  }
};

// g less its mean over the entries with p > 0, / temperature; from p, the output.
struct SparsemaxBackward : OfOutput {
  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(const Row<T>& row) {
    const T *p = row.x, *g = row.second;
    Sum<T> sum, size;
    sum.add_terms(row.n, [=](Index i) { return p[i] > 0 ? double(g[i]) : 0.0; });
    size.add_terms(row.n, [=](Index i) { return p[i] > 0 ? 1.0 : 0.0; });
    double mean = sum.total() / size.total();
    T* y = row.y;
    for (Index i = 0; i < row.n; ++i) {
      T result = T((double(g[i]) - mean) / row.temperature);
      y[i] = p[i] > 0 ? result : p[i] == 0 ? T(0) : p[i];  // NaN stays
    }
  }
};

// 1 at the first largest entry.
struct Hardmax : OfLogits {
  template <bool turned> [[gnu::flatten]] static void in_lanes(const ShortRows<turned>& rows) {
    Lanes m = -__builtin_inff(), nan = 0.0f, first = 1.0f;
    rows.each([&](Full p) {
      Lanes x = rows.first(p);
      m = at_least(m, x);
      nan = select(x == x, nan, __builtin_nanf(""));
    });
    rows.each([&](Full p) {
      Mask largest = rows.first(p) == m;
      rows.put(p, select(largest, first, 0.0f) + nan);
      first = select(largest, 0.0f, first);
    });
  }
  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(const Row<T>& row) {
    if (has_nan(row.x, row.n)) return fill(row.y, T(__builtin_nan("")), row.n);
    Index at = index_of(row.extreme(), row.x, row.n);
    while (row.masked(at)) ++at;  // only where all the others are -∞
    fill(row.y, T(0), row.n);
    row.y[at] = 1;
  }
};

// 0, whatever the operands.
struct HardmaxBackward : OfOutput {
  static constexpr bool constant = true;

  template <class T> static void apply(const Row<T>&) {}
};

}  // namespace RHEOBASE_TARGET
