// The loop over rows. A row is brought into contiguous scratch of the computing type where it does not
// already lie so, the function runs over it, and the results are put back.
#pragma once

#include <cstdlib>

#include "softmax.hpp"

namespace RHEOBASE_TARGET {

constexpr Index together = 32;          // neighbouring columns: two cache lines of floats
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

// A small square, transposed in vectors of 16 bytes, which every instruction set has.
template <class T> constexpr Index square = 16 / sizeof(T);

inline void transpose_square(const float* from, Index from_apart, float* to, Index to_apart) {
  typedef float V __attribute__((vector_size(16), aligned(4)));
  V a = *(const V*)from, b = *(const V*)(from + from_apart);
  V c = *(const V*)(from + 2 * from_apart), d = *(const V*)(from + 3 * from_apart);
  V ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  V ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  *(V*)to = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  *(V*)(to + to_apart) = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  *(V*)(to + 2 * to_apart) = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  *(V*)(to + 3 * to_apart) = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}
inline void transpose_square(const double* from, Index from_apart, double* to, Index to_apart) {
  typedef double V __attribute__((vector_size(16), aligned(8)));
  V a = *(const V*)from, b = *(const V*)(from + from_apart);
  *(V*)to = __builtin_shufflevector(a, b, 0, 2);
  *(V*)(to + to_apart) = __builtin_shufflevector(a, b, 1, 3);
}

// to[j][i] = from[i][j], i < height, j < width.
template <class T>
inline void transpose(const T* from, Index from_apart, T* to, Index to_apart, Index height, Index width) {
  if (height % square<T> || width % square<T>) {
    for (Index i = 0; i < height; ++i)
      for (Index j = 0; j < width; ++j) to[j * to_apart + i] = from[i * from_apart + j];
    return;
  }
  for (Index j = 0; j < width; j += square<T>)
    for (Index i = 0; i < height; i += square<T>)
      transpose_square(from + i * from_apart + j, from_apart, to + j * to_apart + i, to_apart);
}

// `count` columns, side by side in memory, become rows of length n at distance `apart`; and back. Lines
// that lie a stride apart must be asked for: the processor does not foresee them.
constexpr Index tile_height = 16, foresee = 2 * tile_height;

template <class S, class T>
[[gnu::flatten, gnu::noinline]] void gather_columns(const char* from, Index stride, T* to, Index n,
                                                    Index count, Index apart) {
  alignas(cache_line) T tile[tile_height][together];
  for (Index i = 0; i < n; i += tile_height) {
    Index height = n - i < tile_height ? n - i : tile_height;
    for (Index k = 0; k < height; ++k) {
      if (i + k + foresee < n) prefetch(from + (i + k + foresee) * stride, count * Index(sizeof(S)));
      convert_contiguous((const S*)(from + (i + k) * stride), tile[k], count);
    }
    transpose(tile[0], together, to + i, apart, height, count);
  }
}
template <class S, class T>
[[gnu::flatten, gnu::noinline]] void scatter_columns(const T* from, char* to, Index stride, Index n,
                                                     Index count, Index apart) {
  alignas(cache_line) T tile[tile_height][together];
  for (Index i = 0; i < n; i += tile_height) {
    Index height = n - i < tile_height ? n - i : tile_height;
    transpose(from + i, apart, tile[0], together, count, height);
    for (Index k = 0; k < height; ++k) {
      if (i + k + foresee < n) prefetch(to + (i + k + foresee) * stride, count * Index(sizeof(S)));
      convert_contiguous(tile[k], (S*)(to + (i + k) * stride), count);
    }
  }
}

// To `to` past the caches, as far as it is whole cache lines; `from` lies at the same distance from one.
inline void stream_row(const char* from, char* to, Index bytes) {
  Index start = (cache_line - Index(std::uintptr_t(to) % cache_line)) % cache_line;
  start = start < bytes ? start : bytes;
  Index whole = (bytes - start) / cache_line * cache_line;
  std::memcpy(to, from, std::size_t(start));
  stream(from + start, to + start, whole);
  std::memcpy(to + start + whole, from + start + whole, std::size_t(bytes - start - whole));
}

// One row operand: where its rows are, and where they are while the function runs.
template <class S, class T> struct RowOperand {
  static constexpr Index size = sizeof(S);
  char* at = nullptr;
  Index row_stride = 0, stride = 0;  // in bytes, from row to row and within a row
  T* scratch = nullptr;              // nullptr: in its place
  Index apart = 0;                   // elements between the rows of the scratch

  bool contiguous() const { return sizeof(S) == sizeof(T) && stride == size; }
  bool columns() const { return row_stride == size && stride != size; }
  T* row(Index i, Index first) const {
    return scratch ? scratch + (i - first) * apart : (T*)(at + i * row_stride);
  }
  void bring(Index first, Index count, Index n) const {
    if (!scratch) return;
    if (columns()) return gather_columns<S>(at + first * row_stride, stride, scratch, n, count, apart);
    for (Index j = 0; j < count; ++j)
      gather<S>(at + (first + j) * row_stride, stride, scratch + j * apart, n);
  }
  void put_back(Index first, Index count, Index n) const {
    if (!scratch) return;
    if (columns()) return scatter_columns<S>(scratch, at + first * row_stride, stride, n, count, apart);
    for (Index j = 0; j < count; ++j)
      scatter<S>(scratch + j * apart, at + (first + j) * row_stride, stride, n);
  }
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
  bool failed = false;

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
        if (row.count > 0) F::apply(row);
        else fill(place, T(F::of_nothing), F::reduces ? 1 : n);
        if (F::reduces) convert(one, *(S*)at(result));
        if (past_cache) stream_row((const char*)place, at(result), n * Index(sizeof(S)));
      }
      if (!past_cache) own_y.put_back(first, count, n);
    }
    if (past_cache) finish_streaming();
  });
  if (failed) out_of_memory();
}

}  // namespace RHEOBASE_TARGET
