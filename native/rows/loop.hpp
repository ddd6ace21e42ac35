// The loop over rows. A row is brought into contiguous scratch of the computing type where it does not
// already lie so, the function runs over it, and the results are put back.
#pragma once

#include <atomic>
#include <cstdlib>

#include "short.hpp"

namespace RHEOBASE_TARGET {

constexpr Index small_scratch = 4096;   // elements that fit the stack
constexpr Index fetch_up_to = 1 << 18;  // bytes of a row that the next one may still be fetched beside

// Scratch of one thread: on the stack if it is small.
template <class T> class Scratch {
  alignas(cache_line) T small[small_scratch];
  void* large = nullptr;

 public:
  T* begin = small;
  explicit Scratch(Index size) {
    if (size <= small_scratch) return;
    large = std::malloc(std::size_t(size) * sizeof(T) + cache_line);
    begin = (T*)((std::uintptr_t(large) + cache_line - 1) / cache_line * cache_line);
  }
  ~Scratch() { std::free(large); }
  bool failed() const { return begin != small && !large; }
};

// Masked entries become `hidden`; returns how many are not.
template <class T>
[[gnu::flatten, gnu::noinline]] Index hide(const bool* mask, Index stride, T hidden, T* x, Index n) {
  Index count = 0;
  if (stride == 1) {
    for (Index i = 0; i < n; ++i) x[i] = mask[i] ? x[i] : hidden, count += mask[i];
  } else {
    for (Index i = 0; i < n; ++i) x[i] = mask[i * stride] ? x[i] : hidden, count += mask[i * stride];
  }
  return count;
}

// Whether F has a text for rows of this layout.
template <class F, class Rows> concept HasLanes = !F::general && requires(const Rows& rows) { F::in_lanes(rows); };

// The results go to row.y, or past the caches to `streamed`, if it is given; row.y is scratch then.
template <class F, class T> inline void run(const Row<T>& row, char* streamed) {
  constexpr bool in_lanes = sizeof(T) == sizeof(float) && HasLanes<F, LongRow<F::turned>>;
  if (row.count == 0) {
    fill(row.y, T(F::of_nothing), F::reduces ? 1 : row.n);
  } else if constexpr (in_lanes) {
    LongRow<F::turned> rows = {{row.x, row.second, row.y, row.n, row.grad, &row.target, row.next}, (float*)streamed};
    if constexpr (F::reduces) row.y[0] = F::in_lanes(rows).v[0];
    else F::in_lanes(rows);
    return;
  } else {
    F::apply(row);
  }
  if (streamed) stream_row((const char*)row.y, streamed, row.n * Index(sizeof(T)));
}

// Zeros in every row.
template <class S, class T> void clear(RowOperand<S, T> y, Index rows, Index n) {
  static constexpr Index piece = 4096;
  alignas(cache_line) static constexpr char zeros[piece + cache_line] = {};
  if (y.columns()) std::swap(rows, n), std::swap(y.row_stride, y.stride);
  const Index size = y.size, bytes = rows * n * size;
  if (y.stride == size && y.row_stride == n * size) {  // one piece of memory
    const bool past_cache = bytes >= streaming_from;
    parallel((bytes + piece - 1) / piece, rows * n, 1, [=](Index begin, Index end) {
      for (Index i = begin * piece; i < end * piece && i < bytes; i += piece) {
        const Index count = bytes - i < piece ? bytes - i : piece;
        if (past_cache) stream_row(zeros + std::uintptr_t(y.at + i) % cache_line, y.at + i, count);
        else std::memset(y.at + i, 0, std::size_t(count));
      }
      if (past_cache) finish_streaming();
    });
  } else {
    parallel(rows, rows * n, 1, [=](Index begin, Index end) {
      for (Index i = begin; i < end; ++i)
        for (Index j = 0; j < n; ++j) std::memset(y.at + i * y.row_stride + j * y.stride, 0, std::size_t(size));
    });
  }
}

// A NumPy generalised inner loop: arguments are x, (mask), (target: int64), (second), (grad),
// (temperature, (smoothing): float64), y; those after x where F has them.
template <class F, class S>
void row_loop(char** arguments, const Index* dimensions, const Index* strides, void*) {
  using T = Computing<S>;
  constexpr bool general = F::general;
  constexpr int mask = 1, target = mask + general, second = target + F::has_target,
                grad = second + F::has_second, temperature = grad + F::has_grad,
                smoothing = temperature + general, result = smoothing + (general && F::has_smoothing);
  QuietFlags quiet;
  const Index rows = dimensions[0], n = dimensions[1];
  const Index* core = strides + result + 1;  // strides along the rows, one for each row operand

  using Operand = RowOperand<S, T>;
  const Operand x = {arguments[0], strides[0], core[0]};
  Operand other, y;
  if constexpr (F::has_second) other = {arguments[second], strides[second], core[1 + general]};
  if constexpr (!F::reduces)
    y = {arguments[result], strides[result], core[1 + general + F::has_second]};
  if constexpr (F::constant) return clear(y, rows, n);
  if constexpr (sizeof(T) == sizeof(float) && HasLanes<F, ShortRows<F::turned>>)
    if (n > 0 && n <= short_row)
      return short_loop<F, S>(x, other, y, rows, n, {arguments[target], strides[target]},
                              {arguments[grad], strides[grad]}, {arguments[result], strides[result]});
  const bool masks = general && !(core[1] == 0 && strides[mask] == 0 && *arguments[mask]);
  const bool columns = x.columns() || (F::has_second && other.columns()) || (!F::reduces && y.columns());
  const bool past_cache = !F::reduces && !columns && y.contiguous() &&
                          rows * n * Index(sizeof(S)) >= streaming_from && y.at != x.at;
  const bool copy_x = masks || !x.contiguous() || columns;
  const bool copy_second = F::has_second && (!other.contiguous() || columns);
  const bool copy_y = !F::reduces && (!y.contiguous() || columns || past_cache);
  const bool shared = copy_x && copy_y && !past_cache;  // y over x
  const Index apart = (n / together + 2) * together;    // rows do not fall on the same cache sets
  const Index group = columns ? together : 1;
  const Index copies = copy_x + copy_second + (copy_y && !shared);
  std::atomic<bool> failed = false;

  parallel(rows, rows * n, group, [=, &failed](Index begin, Index end) {
    Scratch<T> scratch(copies * group * apart);
    if (scratch.failed()) {
      failed = true;
      return;
    }
    T* free = scratch.begin;
    auto take = [&](bool copy) { return copy ? (free += group * apart) - group * apart : nullptr; };
    Operand own_x = x, own_other = other, own_y = y;
    own_x.scratch = take(copy_x), own_x.apart = apart;
    own_other.scratch = take(copy_second), own_other.apart = apart;
    own_y.scratch = shared ? own_x.scratch : take(copy_y), own_y.apart = apart;

    for (Index first = begin; first < end; first += group) {
      const Index count = end - first < group ? end - first : group;
      own_x.bring(first, count, n);
      own_other.bring(first, count, n);
      for (Index i = first; i < first + count; ++i) {
        auto at = [=](int k) { return arguments[k] + i * strides[k]; };
        Row<T> row = {own_x.row(i, first), nullptr, nullptr, n};
        row.count = n;
        if (!copy_x && i + 1 < end && n * Index(sizeof(S)) <= fetch_up_to) row.next = own_x.row(i + 1, first);
        if constexpr (F::has_second) row.second = own_other.row(i, first);
        if constexpr (F::has_target) row.target = Index(*(const std::int64_t*)at(target));
        if constexpr (F::has_grad) convert(*(const S*)at(grad), row.grad);
        if constexpr (F::turned) row.temperature = -1;
        if constexpr (general) row.temperature = *(const double*)at(temperature);
        if constexpr (general && F::has_smoothing) row.smoothing = *(const double*)at(smoothing);
        if (masks) {
          row.mask = (const bool*)at(mask), row.mask_stride = core[1];
          row.count = hide(row.mask, row.mask_stride, T(F::hidden(row.temperature)), own_x.row(i, first), n);
        }
        T one;
        T* place = F::reduces ? &one : own_y.row(i, first);
        if (past_cache) place += std::uintptr_t(own_y.at + i * own_y.row_stride) % cache_line / sizeof(T);
        row.y = place;
        run<F>(row, past_cache ? at(result) : nullptr);
        if (F::reduces) convert(one, *(S*)at(result));
      }
      if (!past_cache) own_y.put_back(first, count, n);
    }
    if (past_cache) finish_streaming();
  });
  if (failed) out_of_memory();
}

}  // namespace RHEOBASE_TARGET
