// The loop over short rows of floats: as many as fill a tile become its columns, so that a lane is a row.
#pragma once

#include "operand.hpp"
#include "sparse.hpp"

namespace RHEOBASE_TARGET {

constexpr Index tile_width = 64;  // rows

// One number of each row, or none.
struct Numbers {
  char* at;
  Index stride;
};

// Rows first, first + 1, … become columns of the tile; and back.
template <class S>
[[gnu::flatten, gnu::noinline]] void to_tile(const RowOperand<S, float>& x, Index first, Index count, Index n, float* tile) {
  const char* from = x.at + first * x.row_stride;
  if (x.columns()) {
    for (Index i = 0; i < n; ++i) convert_contiguous((const S*)(from + i * x.stride), tile + i * tile_width, count);
  } else if (x.contiguous() && x.row_stride % x.size == 0) {
    transpose((const float*)from, x.row_stride / x.size, tile, tile_width, count, n);
  } else {
    for (Index j = 0; j < count; ++j)
      for (Index i = 0; i < n; ++i) convert(*(const S*)(from + j * x.row_stride + i * x.stride), tile[i * tile_width + j]);
  }
  const Index padded = (count + lane_count - 1) / lane_count * lane_count;
  for (Index i = 0; i < n; ++i)
    for (Index j = count; j < padded; ++j) tile[i * tile_width + j] = 0;
}
template <class S>
[[gnu::flatten, gnu::noinline]] void from_tile(const float* tile, const RowOperand<S, float>& y, Index first, Index count,
                                               Index n, bool past_cache) {
  char* to = y.at + first * y.row_stride;
  if (y.columns()) {
    for (Index i = 0; i < n; ++i, to += y.stride, tile += tile_width)
      if (past_cache && std::uintptr_t(to) % cache_line == 0 && count == tile_width)
        stream((const char*)tile, to, tile_width * y.size);
      else convert_contiguous(tile, (S*)to, count);
  } else if (y.contiguous() && y.row_stride % y.size == 0) {
    transpose(tile, tile_width, (float*)to, y.row_stride / y.size, n, count);
  } else {
    for (Index j = 0; j < count; ++j)
      for (Index i = 0; i < n; ++i) convert(tile[i * tile_width + j], *(S*)(to + j * y.row_stride + i * y.stride));
  }
}

template <class F, class S>
void short_loop(const RowOperand<S, float>& x, const RowOperand<S, float>& other, const RowOperand<S, float>& y,
                Index rows, Index n, Numbers target, Numbers grad, Numbers result) {
  const bool past_cache = !F::reduces && sizeof(S) == sizeof(float) && y.at != x.at &&
                          rows * n * Index(sizeof(S)) >= streaming_from;
  parallel(rows, rows * n, tile_width, [=](Index begin, Index end) {
    alignas(cache_line) float tile[short_row * tile_width], second[F::has_second ? short_row * tile_width : 1];
    alignas(cache_line) float grads[tile_width] = {}, results[tile_width];
    std::int64_t targets[tile_width];
    for (Index first = begin; first < end; first += tile_width) {
      const Index count = end - first < tile_width ? end - first : tile_width;
      to_tile(x, first, count, n, tile);
      if constexpr (F::has_second) to_tile(other, first, count, n, second);
      if constexpr (F::has_grad) gather<S>(grad.at + first * grad.stride, grad.stride, grads, count);
      if constexpr (F::has_target)
        for (Index j = 0; j < count; ++j) targets[j] = *(const std::int64_t*)(target.at + (first + j) * target.stride);
      for (Index k = 0; k < count; k += lane_count) {
        const int present = int(count - k < lane_count ? count - k : lane_count);
        const LaneRows<F::turned> operands = {tile + k, F::has_second ? second + k : nullptr, tile + k, n, load(grads + k), targets + k};
        const ShortRows<F::turned> lanes = {operands, tile_width, present};
        if constexpr (F::reduces) store(results + k, F::in_lanes(lanes));
        else F::in_lanes(lanes);
      }
      if constexpr (F::reduces) scatter<S>(results, result.at + first * result.stride, result.stride, count);
      else from_tile(tile, y, first, count, n, past_cache);
    }
    if (past_cache) finish_streaming();
  });
}

}  // namespace RHEOBASE_TARGET
