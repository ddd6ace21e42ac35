// Softmax, its logarithm, logsumexp and logmeanexp, and their backward.
#pragma once

#include "lanes.hpp"

namespace RHEOBASE_TARGET {

// One row of every operand, contiguous and of the computing type. A masked entry of x has the
// function's `hidden` value already; `y` may be x.
template <class T> struct Row {
  const T* x;
  const T* second;  // second row operand
  T* y;             // row of results, or a single one
  Index n;
  const T* next = nullptr;  // the row that comes after x, if it is worth fetching early
  T grad = 1;               // upstream gradient of a row with one result
  Index target = no_index;
  const bool* mask = nullptr;  // false: the entry is masked; nullptr: none is
  Index mask_stride = 0;
  Index count = 0;  // of entries that are not masked, > 0
  double temperature = 1, smoothing = 0;

  bool masked(Index i) const { return mask && !mask[i * mask_stride]; }
  T extreme() const { return temperature < 0 ? smallest_of(x, n) : largest_of(x, n); }
};

// f(weight), with the weight that the temperature asks for.
template <class T, class F> inline auto with_weight(const Row<T>& row, T m, F f) {
  return row.temperature == 1 ? f(Plain<T>(m)) : f(Tempered<T>(m, row.temperature));
}

template <class T> inline void fill(T* y, T value, Index n) {
  for (Index i = 0; i < n; ++i) y[i] = value;
}

// y·factor/temperature.
template <class T>
[[gnu::flatten, gnu::noinline]] void multiply(T* y, T factor, double temperature, Index n) {
  if (temperature == 1) {
    for (Index i = 0; i < n; ++i) y[i] *= factor;
  } else {
    double both = double(factor) / temperature;
    for (Index i = 0; i < n; ++i) y[i] = T(double(y[i]) * both);
  }
}

// e / total, rounded once.
template <class T> [[gnu::flatten, gnu::noinline]] void scale(T* e, Pair<double> total, Index n) {
  double inverse = 1 / total.head;
  T head = T(inverse), tail;
  if constexpr (sizeof(T) == sizeof(double)) tail = (fma(-inverse, total.head, 1.0) - inverse * total.tail) * inverse;
  else tail = T(inverse - double(head) - inverse * (inverse * total.tail));
#pragma GCC ivdep
  for (Index i = 0; i < n; ++i) e[i] = fma(e[i], head, e[i] * tail);
}

// The same in Lanes, the terms where the results go.
template <class Rows> inline void scale(const Rows& rows, DoubleVector total, Lanes factor = 1.0f) {
  Twins inverse = pair_of(rows.of_each_row(total, [](double sum) { return 1 / sum; }));
  rows.finish([&](auto p) {
    Lanes e = rows.result(p);
    return fma(e, inverse.head, e * inverse.tail) * factor;
  });
}

// A function's operands beside x, and what it makes of masked entries and of a row of nothing else.
struct OfLogits {
  static constexpr bool general = false, reduces = false, has_second = false, has_grad = false, has_target = false,
                        has_smoothing = false, turned = false, constant = false;
  static constexpr double of_nothing = 0;
  static double hidden(double temperature) {
    return temperature < 0 ? __builtin_inf() : -__builtin_inf();
  }
};
// The same for a backward that starts from the output.
struct OfOutput : OfLogits {
  static constexpr bool has_second = true;
  static double hidden(double) { return 0; }
};

// The same function with a mask and a temperature; of the negative logits.
template <class F> struct Where : F {
  static constexpr bool general = true;
};
template <class F> struct Turned : F {
  static constexpr bool turned = true;
};

struct Softmax : OfLogits {
  template <class Rows> [[gnu::flatten]] static void in_lanes(const Rows& rows) { scale(rows, exponentials(rows)); }
  // The terms become the results; returns their sums.
  template <class Rows> static DoubleVector exponentials(const Rows& rows) {
    const PlainLanes weight(largest_of(rows));
    LaneSum sum;
    rows.each(
        [&](auto p) {
          rows.fetch(p);
          rows.put(p, sum.add(weight(rows.logit(p))));
        },
        [&] { sum.flush(); });
    return rows.total(sum.low, sum.high);
  }
  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(const Row<T>& row) {
    T m = row.extreme();
    if (!is_finite(m)) return fill(row.y, T(__builtin_nan("")), row.n);
    Pair<double> total = with_weight(row, m, [&](auto weight) {
      return sum_exponentials<true>(row.x, row.y, row.n, weight, row.next);
    });
    scale(row.y, total, row.n);
  }
};

// p·(g - Σ p·g) / temperature, from p, the output. Where p is 0, so is the gradient, whatever g.
struct SoftmaxBackward : OfOutput {
  template <class Rows> [[gnu::flatten]] static void in_lanes(const Rows& rows) {
    auto factors = [&](auto p) {
      Lanes y = rows.first(p);
      return Twins{y, select(y == 0.0f, 0.0f, rows.other(p))};
    };
    Twins dot = pair_of(sum_of(rows, [&](auto p) {
      Twins both = factors(p);
      Lanes product = both.head * both.tail;
      return Twins{product, lost(both.head, both.tail, product)};
    }));
    rows.finish([&](auto p) {
      Twins both = factors(p);
      Lanes slope = both.head * ((both.tail - dot.head) - dot.tail);
      return select(both.head == 0.0f, 0.0f, rows.turn(slope));
    });
  }
  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(const Row<T>& row) {
    const T *p = row.x, *g = row.second;
    Sum<T> sum;
    sum.add_terms(row.n,
                  [=](Index i) { return p[i] == 0 ? 0.0 : double(p[i]) * double(g[i]); });
    subtract(row, sum.pair());
    if (row.temperature != 1) multiply(row.y, T(1), row.temperature, row.n);
  }
  template <class T>
  [[gnu::flatten, gnu::noinline]] static void subtract(const Row<T>& row, Pair<double> dot) {
    const T *p = row.x, *g = row.second;
    T head = T(dot.head), tail = T((dot.head - double(head)) + dot.tail);
    T* y = row.y;
#pragma GCC ivdep
    for (Index i = 0; i < row.n; ++i) y[i] = p[i] == 0 ? T(0) : p[i] * ((g[i] - head) - tail);
  }
};

struct LogSoftmax : OfLogits {
  static constexpr double of_nothing = -__builtin_inf();

  template <class Rows> [[gnu::flatten]] static void in_lanes(const Rows& rows) {
    Lanes m = largest_of(rows), log_sum = floats(log_sum_of(rows, m));
    rows.finish([&](auto p) { return (rows.logit(p) - m) - log_sum; });
  }
  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(const Row<T>& row) {
    T m = row.extreme();
    if (!is_finite(m)) return fill(row.y, T(__builtin_nan("")), row.n);
    with_weight(row, m, [&](auto weight) {
      double log_sum = log_sum_of(row.x, row.n, weight, row.next);
      shift(row.x, row.y, row.n, weight, log_sum);
    });
  }
  // (x - m) - log_sum: both go downwards, nothing cancels.
  template <class T, class W>
  [[gnu::flatten, gnu::noinline]] static void shift(const T* x, T* y, Index n, W weight,
                                                    double log_sum) {
#pragma GCC ivdep
    for (Index i = 0; i < n; ++i) y[i] = shifted(x[i], weight, log_sum);
  }
  static float shifted(float x, const Plain<float>& weight, double log_sum) {
    return (x - weight.largest) - float(log_sum);
  }
  template <class T, class W> static T shifted(T x, const W& weight, double log_sum) {
    Pair<double> d = weight.difference(x);
    return T((d.head - log_sum) + (is_finite(d.head) ? d.tail : 0.0));
  }
};

// (g - e^y Σ g) / temperature, from y, the output. Entries with y = -∞ are left out.
struct LogSoftmaxBackward : OfOutput {
  static double hidden(double) { return -__builtin_inf(); }

  template <class Rows> [[gnu::flatten]] static void in_lanes(const Rows& rows) {
    const Lanes least = -__builtin_inff();
    Twins sum = pair_of(sum_of(rows, [&](auto p) {
      Lanes y = rows.first(p, -__builtin_inff());
      return Twins{select(absolute(y) < __builtin_inff(), rows.other(p), 0.0f), 0.0f};
    }));
    rows.finish([&](auto p) {
      Lanes y = rows.first(p), e = unspared(power_of_e<1>(at_least(y, -105.0f), 64.0f));
      return select(y == least, 0.0f, less(less(rows.other(p), sum.tail, e), sum.head, e));
    });
  }
  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(const Row<T>& row) {
    const T *y = row.x, *g = row.second;
    Sum<T> sum;
    sum.add_terms(row.n, [=](Index i) { return is_finite(y[i]) ? double(g[i]) : 0.0; });
    subtract(row, sum.total());
    if (row.temperature != 1) multiply(row.y, T(1), row.temperature, row.n);
  }
  template <class T>
  [[gnu::flatten, gnu::noinline]] static void subtract(const Row<T>& row, double total) {
    const T *x = row.x, *g = row.second;
    T* y = row.y;
    T head = T(total), tail = T(total - double(head));
#pragma GCC ivdep
    for (Index i = 0; i < row.n; ++i) {
      T p = exp(x[i]);
      T result = mul_add(-head, p, g[i] - tail * p);
      y[i] = x[i] == -__builtin_inf() ? T(0) : result;
    }
  }
};

template <bool mean> struct LogOfSum : OfLogits {
  static constexpr bool reduces = true;
  static constexpr double of_nothing = -__builtin_inf();

  template <class Rows> [[gnu::flatten]] static Lanes in_lanes(const Rows& rows) {
    Lanes m = largest_of(rows);
    DoubleVector result = near_log_sum(rows, m) + doubles(m);
    if (mean) result -= __builtin_log(double(rows.n));
    mend(rows, result, [&](const float* x) {
      float one;
      Row<float> row = {x, nullptr, &one, rows.n};
      row.count = rows.n;
      apply(row);
      return double(one);
    });
    return floats(result);
  }
  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(const Row<T>& row) {
    T m = row.extreme();
    if (!is_finite(m)) {
      bool nan = has_nan(row.x, row.n);
      row.y[0] = nan ? T(__builtin_nan("")) : row.temperature < 0 ? -m : m;
      return;
    }
    double result = with_weight(
        row, m, [&](auto weight) { return of(log_sum_of(row.x, row.n, weight, row.next), row, m); });
    row.y[0] = T(sizeof(T) < sizeof(double) && absolute(result) < 0.5 ? wide(row, m) : result);
  }
  // The logarithm of the sum, or mean, from that of Σ e^(x - m).
  template <class T> static double of(double log_sum, const Row<T>& row, T m) {
    if (mean) log_sum -= __builtin_log(double(row.count));
    if (row.temperature == 1) return double(m) + log_sum;
    Pair<double> at_m = Tempered<T>(0, row.temperature).difference(m);
    return at_m.head + (is_finite(at_m.head) ? log_sum + at_m.tail : 0.0);
  }
  // Where m and the logarithm cancel: exponentials better than float.
  template <class T>
  [[gnu::flatten, gnu::noinline]] static double wide(const Row<T>& row, T m) {
    Index largest = index_of(m, row.x, row.n);
    double inverse = 1 / row.temperature;
    double x[block], sum = 0;
    for (Index i = 0; i < row.n; i += block) {
      Index count = row.n - i < block ? row.n - i : block;
      for (Index j = 0; j < count; ++j)
        x[j] = exp((double(row.x[i + j]) - double(m)) * inverse);
      if (largest >= i && largest < i + count) x[largest - i] = 0;
      for (Index j = 0; j < count; ++j) sum += x[j];
    }
    return of(__builtin_log1p(sum), row, m);
  }
};
using LogSumExp = LogOfSum<false>;
using LogMeanExp = LogOfSum<true>;

// g·softmax(x) / temperature: of the mean as of the sum.
struct LogSumExpBackward : OfLogits {
  static constexpr bool has_grad = true;

  template <class Rows> [[gnu::flatten]] static void in_lanes(const Rows& rows) {
    scale(rows, Softmax::exponentials(rows), rows.grad);
  }
  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(const Row<T>& row) {
    Softmax::apply(row);
    multiply(row.y, row.grad, row.temperature, row.n);
  }
};

}  // namespace RHEOBASE_TARGET
