// -Σ q log softmax(x / temperature), fused; q is one-hot at an index or a row of its own, smoothed to
// (1 - s) q + s / (number of entries).
#pragma once

#include "softmax.hpp"

namespace RHEOBASE_TARGET {

// A row whose target is `no_index` is ignored; any other target outside the row gives NaN.
struct CrossEntropy : OfLogits {
  static constexpr bool reduces = true, has_target = true, has_smoothing = true;

  template <class Rows> [[gnu::flatten]] static Lanes in_lanes(const Rows& rows) {
    Lanes m = largest_of(rows);
    DoubleVector log_sum = log_sum_of(rows, m);
    Lanes loss = floats(log_sum - (doubles(rows.at_target()) - doubles(m)));
    for (int j = 0; j < rows.count; ++j)
      if (!rows.has_target(j)) loss.v[j] = rows.target[j] == no_index ? 0.0f : __builtin_nanf("");
    return loss;
  }
  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(const Row<T>& row) {
    if (row.target == no_index) {
      row.y[0] = 0;
      return;
    }
    T m = row.extreme();
    if (row.target < 0 || row.target >= row.n || !is_finite(m)) {
      row.y[0] = T(__builtin_nan(""));
      return;
    }
    row.y[0] = with_weight(row, m, [&](auto weight) {
      double log_sum = log_sum_of(row.x, row.n, weight, row.next);
      double loss = surprise(row.x[row.target], weight, log_sum);
      if (row.smoothing == 0) return T(loss);
      double all = 0;
      for (Index i = 0; i < row.n; ++i)
        if (!row.masked(i)) all += surprise(row.x[i], weight, log_sum);
      double own = row.smoothing < 1 ? (1 - row.smoothing) * loss : 0;  // even of an impossible target
      return T(own + row.smoothing / double(row.count) * all);
    });
  }
  // -log p of an entry: log_sum - (x - m), where nothing cancels.
  template <class T, class W> static double surprise(T x, const W& weight, double log_sum) {
    Pair<double> d = weight.difference(x);
    return (log_sum - d.head) - (is_finite(d.head) ? d.tail : 0.0);
  }
};

// g·(p - q) / temperature.
struct CrossEntropyBackward : OfLogits {
  static constexpr bool has_target = true, has_grad = true, has_smoothing = true;

  // The target's term is left out of the sum: its own slope is -(sum of the others) / total, p - 1 without the subtraction.
  template <class Rows> [[gnu::flatten]] static void in_lanes(const Rows& rows) {
    const PlainLanes weight(largest_of(rows));
    const Powers own = weight(rows.at_target());
    LaneSum sum;
    rows.each(
        [&](auto p) {
          rows.fetch(p);
          Powers e = weight(rows.logit(p));
          e.head = select(weight.is_nothing(rows.logit(p)), 0.0f, rows.without_target(p, e.head));
          rows.put(p, sum.add(e));
        },
        [&] { sum.flush(); });
    const DoubleVector others = rows.total(sum.low, sum.high);
    const DoubleVector total = others + doubles(own.head) * (1.0 + doubles(own.p()));
    const Twins inverse = pair_of(rows.of_each_row(total, [](double all) { return 1 / all; }));
    Lanes factor = rows.grad, ignored = 0.0f;
    for (int j = 0; j < rows.count; ++j) {
      if (rows.has_target(j)) rows.y[rows.place_of(rows.target[j], j)] = -float(others[j]);
      else if (rows.target[j] == no_index) ignored.v[j] = 1;
      else factor.v[j] = __builtin_nanf("");
    }
    if (rows.along) factor = factor.v[0], ignored = ignored.v[0];
    rows.finish([&](auto p) {
      Lanes e = rows.result(p);
      return select(ignored == 0.0f, fma(e, inverse.head, e * inverse.tail) * factor, 0.0f);
    });
  }
  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(const Row<T>& row) {
    if (row.target == no_index) return fill(row.y, T(0), row.n);
    T m = row.extreme();
    if (row.target < 0 || row.target >= row.n || !is_finite(m))
      return fill(row.y, T(__builtin_nan("")), row.n);
    double of_target = with_weight(row, m, [&](auto weight) {
      sum_exponentials<true>(row.x, row.y, row.n, weight, row.next);
      return double(row.y[row.target]);
    });
    row.y[row.target] = 0;
    Sum<T> sum;
    sum.add(row.y, row.n);
    double others = sum.total(), total = others + of_target;
    scale(row.y, {total, 0}, row.n);
    double at_target = -(others / total);  // p - 1 without the subtraction
    if (row.smoothing != 0) {
      double each = row.smoothing / double(row.count);
      for (Index i = 0; i < row.n; ++i) row.y[i] = T(double(row.y[i]) - each);
      at_target += row.smoothing - each;
    }
    row.y[row.target] = T(at_target);
    if (row.mask)
      for (Index i = 0; i < row.n; ++i)
        if (row.masked(i)) row.y[i] = 0;
    multiply(row.y, row.grad, row.temperature, row.n);
  }
};

struct SoftCrossEntropy : OfLogits {
  static constexpr bool reduces = true, has_second = true, has_smoothing = true;

  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(const Row<T>& row) {
    T m = row.extreme();
    if (!is_finite(m)) {
      row.y[0] = T(__builtin_nan(""));
      return;
    }
    row.y[0] = with_weight(row, m, [&](auto weight) {
      double log_sum = log_sum_of(row.x, row.n, weight, row.next), loss = 0;
      for (Index i = 0; i < row.n; ++i) {
        double q = probability(row, i);
        if (q != 0) loss += q * CrossEntropy::surprise(row.x[i], weight, log_sum);
      }
      return T(loss);
    });
  }
  // q after smoothing.
  template <class T> static double probability(const Row<T>& row, Index i) {
    double q = double(row.second[i]);
    if (row.smoothing == 0) return q;
    double each = row.masked(i) ? 0.0 : row.smoothing / double(row.count);
    return (1 - row.smoothing) * q + each;
  }
};

// g·(p Σq - q) / temperature.
struct SoftCrossEntropyBackward : OfLogits {
  static constexpr bool has_second = true, has_grad = true, has_smoothing = true;

  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(const Row<T>& row) {
    double sum = 0;
    for (Index i = 0; i < row.n; ++i) sum += SoftCrossEntropy::probability(row, i);
    Softmax::apply(row);
    for (Index i = 0; i < row.n; ++i) {
      double slope = double(row.y[i]) * sum - SoftCrossEntropy::probability(row, i);
      row.y[i] = row.masked(i) ? T(0) : T(slope);
    }
    multiply(row.y, row.grad, row.temperature, row.n);
  }
};

}  // namespace RHEOBASE_TARGET
