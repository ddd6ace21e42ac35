// The softmax family: one row at a time, in one contiguous row of the computing type.
//
// Contract for the values: 2 ULP on rows up to 10⁵ (logsumexp in float64: of the larger of the result and the largest
// logit). -∞ is a masked entry: probability 0. A row whose largest entry is ±∞ or NaN has no
// probabilities: NaN throughout; its logsumexp is that largest entry. A target outside the row: NaN.
#pragma once

#include <cstdlib>

#include "exponential.hpp"
#include "loop.hpp"

namespace RHEOBASE_TARGET {

constexpr int lanes = 16;
constexpr Index no_index = -1;

// NaN replaces the maximum, and stays.
template <class T> inline T larger(T x, T than) { return (x > than) | (x != x) ? x : than; }

template <class T> [[gnu::flatten, gnu::noinline]] T largest_of(const T* x, Index n) {
  alignas(64) T lane[vector];
  for (Index j = 0; j < vector; ++j) lane[j] = -__builtin_inf();
  for (Index i = 0; i < n; i += vector) {
    Index count = n - i < vector ? n - i : vector;
    if (count == vector)
      for (Index j = 0; j < vector; ++j) lane[j] = larger(x[i + j], lane[j]);
    else
      for (Index j = 0; j < count; ++j) lane[j] = larger(x[i + j], lane[j]);
  }
  for (Index width = vector / 2; width > 0; width /= 2)
    for (Index j = 0; j < width; ++j) lane[j] = larger(lane[j + width], lane[j]);
  return lane[0];
}

template <class T> inline Index index_of(T value, const T* x, Index n) {
  for (Index i = 0; i < n; ++i)
    if (x[i] == value) return i;
  return 0;
}

// x - m as an exact pair; its tail is 0 where e^(x - m) is 0 anyway (and x may be -∞).
template <class T> inline Pair<T> difference(T x, T m) {
  Pair<T> d = two_sum(x, -m);
  return {d.head, d.head < -Constants<T>::exp_is_zero ? T(0) : d.tail};
}

// Flattened, as evaluate_block.
template <class T>
[[gnu::flatten, gnu::noinline]] void exp_difference(const T* x, T m, T* e, Index n) {
#pragma GCC ivdep
  for (Index i = 0; i < n; ++i) {
    Pair<T> d = difference(x[i], m);
    e[i] = exp(d.head, d.tail);
  }
}

// A sum in double, for T = double with what the additions lost.
template <class T> struct Sum {
  alignas(64) double head[lanes] = {}, tail[lanes] = {};
  void add_lane(int j, double x) {
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
      for (int j = 0; j < lanes; ++j) add_lane(j, double(x[i + j]));
    for (int j = 0; i < n; ++i, ++j) add_lane(j, double(x[i]));
  }
  [[gnu::flatten, gnu::noinline]] void add_products(const T* x, const T* y, Index n) {
    Index i = 0;
    for (; i + lanes <= n; i += lanes)
      for (int j = 0; j < lanes; ++j) add_lane(j, double(x[i + j]) * double(y[i + j]));
    for (int j = 0; i < n; ++i, ++j) add_lane(j, double(x[i]) * double(y[i]));
  }
  double total() const {
    double sum = 0, lost = 0;
    for (int j = 0; j < lanes; ++j) {
      Pair<double> next = two_sum(sum, head[j]);
      sum = next.head;
      lost += next.tail + tail[j];
    }
    return sum + lost;
  }
};

// The sum of e^(x - m) over the row without entry `skip`: beside a peak, its own e^0 would drown the rest.
template <class T> inline double sum_exp_without(Index skip, const T* x, T m, Index n) {
  alignas(64) T e[block];
  Sum<T> sum;
  for (Index i = 0; i < n; i += block) {
    Index count = n - i < block ? n - i : block;
    exp_difference(x + i, m, e, count);
    if (skip >= i && skip < i + count) e[skip - i] = 0;
    sum.add(e, count);
  }
  return sum.total();
}

// log Σ e^(x - m): the largest entry counts exactly 1.
template <class T> inline double log_sum_of(const T* x, T m, Index n) {
  return __builtin_log1p(sum_exp_without(index_of(m, x, n), x, m, n));
}

inline bool is_infinite(double x) { return __builtin_fabs(x) == __builtin_inf(); }

// ---- The functions; a scalar operand comes and goes by pointer, as a row of one ----------------

template <class T> struct Row {
  const T* x;       // first row operand
  const T* second;  // second row operand or its single value
  Index target;
  T* y;  // row of results, or a single one
  Index n;
};

struct Softmax {
  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(Row<T> row) {
    T m = largest_of(row.x, row.n);
    exp_difference(row.x, m, row.y, row.n);
    Sum<T> sum;
    sum.add(row.y, row.n);
    scale(row.y, sum.total(), row.n);
  }
  static void scale(float* e, double total, Index n) {
    Parameter<float> inverse(1 / total);
#pragma GCC ivdep
    for (Index i = 0; i < n; ++i) e[i] = fma(e[i], inverse.head, e[i] * inverse.tail);
  }
  static void scale(double* e, double total, Index n) {
#pragma GCC ivdep
    for (Index i = 0; i < n; ++i) e[i] = e[i] / total;
  }
};

struct SoftmaxBackward {  // p·(g - Σ p·g), from p, the output
  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(Row<T> row) {
    Sum<T> sum;
    sum.add_products(row.x, row.second, row.n);
    double dot = sum.total();
#pragma GCC ivdep
    for (Index i = 0; i < row.n; ++i)
      row.y[i] = T(double(row.x[i]) * (double(row.second[i]) - dot));
  }
};

struct LogSoftmax {
  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(Row<T> row) {
    T m = largest_of(row.x, row.n);
    double log_sum = is_infinite(m) ? __builtin_nan("") : log_sum_of(row.x, m, row.n);
#pragma GCC ivdep
    for (Index i = 0; i < row.n; ++i) row.y[i] = shifted(row.x[i], m, log_sum);
  }
  // x - m - log_sum: both subtractions go downwards, nothing cancels.
  static float shifted(float x, float m, double log_sum) {
    return float((double(x) - double(m)) - log_sum);
  }
  static double shifted(double x, double m, double log_sum) {
    Pair<double> d = two_sum(x, -m);
    return (d.head - log_sum) + (x - x == 0 ? d.tail : 0.0);
  }
};

struct LogSoftmaxBackward {  // g - e^y Σ g, from y, the output
  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(Row<T> row) {
    Sum<T> sum;
    sum.add(row.second, row.n);
    double total = sum.total();
#pragma GCC ivdep
    for (Index i = 0; i < row.n; ++i)
      row.y[i] = T(double(row.second[i]) - total * exp(double(row.x[i])));
  }
};

struct LogSumExp {
  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(Row<T> row) {
    T m = largest_of(row.x, row.n);
    row.y[0] = is_infinite(m) ? m : T(of(row.x, m, row.n));
  }
  static double of(const double* x, double m, Index n) { return m + log_sum_of(x, m, n); }
  static double of(const float* x, float m, Index n) {
    double result = double(m) + log_sum_of(x, m, n);
    if (!(absolute(result) < 0.5 * absolute(double(m)))) return result;
    Sum<double> sum;  // the logarithm cancels the maximum: the exponentials must be better than float
    Index skip = index_of(m, x, n);
    for (Index i = 0; i < n; ++i)
      if (i != skip) sum.add_lane(int(i % lanes), exp(double(x[i]) - double(m)));
    return double(m) + __builtin_log1p(sum.total());
  }
};

struct LogSumExpBackward {  // g·softmax(x)
  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(Row<T> row) {
    T grad = row.second[0];
    Softmax::apply(row);
#pragma GCC ivdep
    for (Index i = 0; i < row.n; ++i) row.y[i] *= grad;
  }
};

struct CrossEntropy {  // -log softmax(x)[target]
  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(Row<T> row) {
    if (row.target < 0 || row.target >= row.n) {
      row.y[0] = T(__builtin_nan(""));
      return;
    }
    T m = largest_of(row.x, row.n);
    double log_sum = is_infinite(m) ? __builtin_nan("") : log_sum_of(row.x, m, row.n);
    row.y[0] = -LogSoftmax::shifted(row.x[row.target], m, log_sum);
  }
};

struct CrossEntropyBackward {  // g·(softmax(x) - [i = target])
  template <class T> [[gnu::flatten, gnu::noinline]] static void apply(Row<T> row) {
    T grad = row.second[0];
    bool inside = row.target >= 0 && row.target < row.n;
    T m = inside ? largest_of(row.x, row.n) : T(__builtin_nan(""));
    exp_difference(row.x, m, row.y, row.n);
    Sum<T> sum;
    T of_target = 0;
    if (inside) {
      of_target = row.y[row.target];
      row.y[row.target] = 0;
    }
    sum.add(row.y, row.n);
    double others = sum.total(), total = others + double(of_target);
    Softmax::scale(row.y, total, row.n);
    if (inside) row.y[row.target] = T(-(others / total));  // p - 1 without the subtraction
#pragma GCC ivdep
    for (Index i = 0; i < row.n; ++i) row.y[i] *= grad;
  }
};

// ---- The loop ------------------------------------------------------------------------------------

// Which operands a function has, and which of them are rows: (input row), (second: row, scalar or
// none), (target or none), (output: row or scalar).
enum class Operand { none, scalar, row };
template <class F> struct Operands { static constexpr Operand second = Operand::none, result = Operand::row; static constexpr bool target = false; };
template <> struct Operands<SoftmaxBackward> : Operands<Softmax> { static constexpr Operand second = Operand::row; };
template <> struct Operands<LogSoftmaxBackward> : Operands<SoftmaxBackward> {};
template <> struct Operands<LogSumExp> : Operands<Softmax> { static constexpr Operand result = Operand::scalar; };
template <> struct Operands<LogSumExpBackward> : Operands<Softmax> { static constexpr Operand second = Operand::scalar; };
template <> struct Operands<CrossEntropy> : Operands<LogSumExp> { static constexpr bool target = true; };
template <> struct Operands<CrossEntropyBackward> : Operands<LogSumExpBackward> { static constexpr bool target = true; };

// A NumPy generalised inner loop: arguments are x, (target: int64), (second), y.
template <class F, class S>
void row_loop(char** arguments, const Index* dimensions, const Index* strides, void*) {
  using T = Computing<S>;
  using O = Operands<F>;
  constexpr int second = 1 + O::target, result = second + (O::second != Operand::none);
  constexpr bool same_type = sizeof(S) == sizeof(T);
  constexpr Index size = sizeof(S);
  QuietFlags quiet;
  const Index rows = dimensions[0], n = dimensions[1];
  const Index* core = strides + result + 1;  // strides along the rows, one for each row operand
  const Index x_core = core[0];
  const Index second_core = O::second == Operand::row ? core[1] : 0;
  const Index y_core = O::result == Operand::row ? core[1 + (O::second == Operand::row)] : 0;

  parallel(rows, rows * n, 1, [=](Index begin, Index end) {
    T* memory = (T*)std::malloc(std::size_t(3 * n) * sizeof(T));
    T *x_row = memory, *second_row = memory + n, *y_row = memory + 2 * n;
    T scalar, one;
    for (Index i = begin; i < end; ++i) {
      auto at = [=](int k) { return arguments[k] + i * strides[k]; };
      Row<T> row = {x_row, second_row, no_index, y_row, n};
      if (same_type && x_core == size) row.x = (const T*)at(0);
      else gather<S>(at(0), x_core, x_row, n);
      if constexpr (O::target) row.target = Index(*(const std::int64_t*)at(1));
      if constexpr (O::second == Operand::row) {
        if (same_type && second_core == size) row.second = (const T*)at(second);
        else gather<S>(at(second), second_core, second_row, n);
      } else if constexpr (O::second == Operand::scalar) {
        convert(*(const S*)at(second), scalar);
        row.second = &scalar;
      }
      if constexpr (O::result == Operand::scalar) {
        row.y = &one;
        F::apply(row);
        convert(one, *(S*)at(result));
      } else {
        bool direct = same_type && y_core == size;
        if (direct) row.y = (T*)at(result);
        F::apply(row);
        if (!direct) scatter<S>(y_row, at(result), y_core, n);
      }
    }
    std::free(memory);
  });
}

}  // namespace RHEOBASE_TARGET
