// A row operand: where its rows are in memory, how they are brought into contiguous storage, and back.
#pragma once

#include "exponentials.hpp"

namespace RHEOBASE_TARGET {

constexpr Index together = 64;  // neighbouring columns: each of their rows may be in another page of memory

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
  const Index whole_height = height / square<T> * square<T>, whole_width = width / square<T> * square<T>;
  for (Index j = 0; j < whole_width; j += square<T>)
    for (Index i = 0; i < whole_height; i += square<T>)
      transpose_square(from + i * from_apart + j, from_apart, to + j * to_apart + i, to_apart);
  for (Index j = 0; j < width; ++j)
    for (Index i = j < whole_width ? whole_height : 0; i < height; ++i) to[j * to_apart + i] = from[i * from_apart + j];
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

}  // namespace RHEOBASE_TARGET
