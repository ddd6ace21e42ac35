// The only element loop. Every function of the table runs through it, for every type, stride and
// instruction set: a block of elements is brought together (where it is not contiguous already), the function
// runs over whole vectors, and the block is put back.
// A short block is padded, so no element ever meets another piece of code because of its position.
#pragma once

#include <cstring>
#include <type_traits>

#include "blocks.hpp"

namespace RHEOBASE_TARGET {

constexpr Index cache_line = 64;  // bytes
constexpr Index streaming_from = Index(1) << 24;  // bytes of output: past the caches, write around them
constexpr Index threads_from = 1 << 15;           // elements: below, waking a thread costs more

// Whole cache lines from `from` to `to`, both aligned, around the caches.
inline void stream(const char* from, char* to, Index bytes) {
#if defined(__AVX512F__)
  for (Index i = 0; i < bytes; i += 64)
    _mm512_stream_si512((__m512i*)(to + i), _mm512_load_si512((const __m512i*)(from + i)));
#elif defined(__AVX__)
  for (Index i = 0; i < bytes; i += 32)
    _mm256_stream_si256((__m256i*)(to + i), _mm256_load_si256((const __m256i*)(from + i)));
#elif defined(__x86_64__)
  for (Index i = 0; i < bytes; i += 16)
    _mm_stream_si128((__m128i*)(to + i), _mm_load_si128((const __m128i*)(from + i)));
#else
  std::memcpy(to, from, std::size_t(bytes));
#endif
}

inline void finish_streaming() {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}

// An activation raises no floating-point warning: flags set by its arithmetic (a tiny exponential, a
// comparison with NaN) say nothing about the result, and those of the caller are put back.
struct QuietFlags {
#if defined(__x86_64__)
  unsigned saved = _mm_getcsr();
  ~QuietFlags() { _mm_setcsr(saved); }
#elif defined(__aarch64__)
  unsigned saved = __builtin_aarch64_get_fpsr();
  ~QuietFlags() { __builtin_aarch64_set_fpsr(saved); }
#endif
};

// body(begin, end) over [0, n) on the threads that are worth waking; cuts fall on multiples of `step`.
template <class Body> inline void parallel(Index n, Index work, Index step, const Body& body) {
  int threads = work < threads_from ? 1 : thread_count();
  if (threads <= 1 || n <= step) return body(0, n);
  Index share = ((n + threads - 1) / threads + step - 1) / step * step;
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int k = 0; k < threads; ++k) {
    Index begin = k * share < n ? k * share : n;
    Index end = begin + share < n ? begin + share : n;
    if (begin < end) body(begin, end);
  }
}

// ---- The loop ------------------------------------------------------------------------------------

// What a ufunc computes: its arguments are the inputs, the parameters (float64) and the outputs.
enum class Op { value, derivative, value_and_derivative, backward, gate, gate_backward };
constexpr int inputs(Op op) {
  return op == Op::gate_backward ? 3 : op == Op::backward || op == Op::gate ? 2 : 1;
}
constexpr int outputs(Op op) { return op == Op::value_and_derivative || op == Op::gate_backward ? 2 : 1; }

// out = the results for in. Where there are two results, neither lies on an input.
template <Op op, class S>
inline void run(const Parts<S>& f, const S* const* in, S* const* out, Index n, const Parameters& given) {
  const S* one = ones<S>.at;
  if constexpr (op == Op::value) {
    f.value(in[0], one, out[0], n, given);
  } else if constexpr (op == Op::derivative) {
    f.slope(in[0], one, out[0], n, given);
  } else if constexpr (op == Op::backward) {
    f.slope(in[0], in[1], out[0], n, given);
  } else {
    f.value(in[0], one, out[0], n, given);
    f.slope(in[0], one, out[1], n, given);
  }
}
template <Op op, class S> inline void run(const GateParts<S>& f, const S* const* in, S* const* out, Index n, const Parameters&) {
  if constexpr (op == Op::gate) f.value(in[0], in[1], out[0], n);
  else f.backward(in[0], in[1], in[2], out[0], out[1], n);
}

// Whether two operands of n elements share memory, without being one and the same. NumPy allows it where a loop that
// runs forwards reads every element before it writes there: on one thread, then.
inline bool overlap(const char* a, Index a_stride, const char* b, Index b_stride, Index n, Index size) {
  if (a == b && a_stride == b_stride) return false;
  const Index a_last = a_stride * (n - 1), b_last = b_stride * (n - 1);
  const char *a_low = a_last < 0 ? a + a_last : a, *a_high = (a_last < 0 ? a : a + a_last) + size;
  const char *b_low = b_last < 0 ? b + b_last : b, *b_high = (b_last < 0 ? b : b + b_last) + size;
  return a_low < b_high && b_low < a_high;
}

// A NumPy inner loop; `data` is the Function, or the GatedFunction.
template <Op op, class S>
void element_loop(char** arguments, const Index* dimensions, const Index* strides, void* data) {
  constexpr bool gate = op == Op::gate || op == Op::gate_backward;
  const auto& f = *(const std::conditional_t<gate, GatedFunction, Function>*)data;
  constexpr int sources = inputs(op), targets = outputs(op), parameter = sources;
  const int output = parameter + f.parameters;
  constexpr Index size = sizeof(S);
  QuietFlags quiet;
  const Index n = dimensions[0];

  bool uniform = true;
  for (int k = parameter; k < output; ++k) uniform &= strides[k] == 0;
  bool large = targets * n * size >= streaming_from;
  for (int k = output; k < output + targets; ++k) {
    large &= strides[k] == size;
    for (int j = 0; j < output; ++j) large &= arguments[j] != arguments[k];  // in place: it is cached
  }

  bool apart = true;
  for (int k = output; k < output + targets; ++k)
    for (int j = 0; j < output; ++j)
      apart &= !overlap(arguments[j], strides[j], arguments[k], strides[k], n, Index(sizeof(double)));

  parallel(n, apart ? n : 0, vector, [=, &f](Index begin, Index end) {
    alignas(64) S in[sources][block];
    alignas(64) S out[targets][block];
    alignas(128) double values[2][block];  // the parameters; those that f does not have are 0
    values[0][0] = values[1][0] = 0;
    if (uniform)
      for (int k = 0; k < f.parameters; ++k) values[k][0] = *(const double*)arguments[parameter + k];
    else
      for (Index j = 0; j < block; ++j) values[1][j] = 0;
    const Parameters given = {{values[0], values[1]}, uniform};

    auto at = [=](int k, Index i) { return arguments[k] + i * strides[k]; };
    for (Index i = begin, count; i < end; i += count) {
      count = end - i < block ? end - i : block;
      const Index past = std::uintptr_t(at(output, i)) % cache_line;
      if (large && past) {  // one short block, and the output is aligned from then on
        Index to_line = (cache_line - past) / size;
        if (to_line < count) count = to_line;
      }
      const Index padded = (count + vector - 1) / vector * vector;

      const S* source[sources];
      for (int k = 0; k < sources; ++k) {
        if (strides[k] == size && padded == count) {
          source[k] = (const S*)at(k, i);
        } else {
          gather<S>(at(k, i), strides[k], in[k], count);
          for (Index j = count; j < padded; ++j) in[k][j] = S{};
          source[k] = in[k];
        }
      }
      if (!uniform)
        for (int k = 0; k < f.parameters; ++k) {
          gather<double>(at(parameter + k, i), strides[parameter + k], values[k], count);
          for (Index j = count; j < padded; ++j) values[k][j] = values[k][0];  // no cause to mend
        }

      S* target[targets];
      bool direct[targets];
      for (int k = 0; k < targets; ++k) {
        direct[k] = targets == 1 && strides[output] == size && padded == count && !large;
        target[k] = direct[k] ? (S*)at(output, i) : out[k];
      }
      run<op>(static_cast<const std::conditional_t<gate, GateParts<S>, Parts<S>>&>(f), source, target, padded, given);

      for (int k = 0; k < targets; ++k) {
        if (direct[k]) continue;
        char* to = at(output + k, i);
        bool lines = count * size % cache_line == 0 && std::uintptr_t(to) % cache_line == 0;
        if (large && lines) {
          stream((const char*)out[k], to, count * size);
        } else {
          scatter<S>(out[k], to, strides[output + k], count);
        }
      }
    }
    if (large) finish_streaming();
  });
}

}  // namespace RHEOBASE_TARGET
