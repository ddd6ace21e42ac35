// The only element loop. Every function of the table runs through it, for every type, stride and
// instruction set: a block of elements is brought into contiguous storage of the computing type
// (where it does not already lie so), the function runs over whole vectors, and the block is put back.
// A short block is padded, so no element ever meets another piece of code because of its position.
#pragma once

#include <cstdint>
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "math.hpp"
#include "target.hpp"

namespace RHEOBASE_TARGET {

struct Half {
  std::uint16_t bits;
};

template <class S> struct ComputingType { using type = S; };
template <> struct ComputingType<Half> { using type = float; };
template <class S> using Computing = typename ComputingType<S>::type;

constexpr Index block = 512;      // elements; all buffers of a block fit the first-level cache
constexpr Index vector = 64;      // a block is padded to a multiple of this many elements
constexpr Index cache_line = 64;  // bytes
constexpr Index streaming_from = Index(1) << 24;  // bytes of output: past the caches, write around them
constexpr Index threads_from = 1 << 15;           // elements: below, waking a thread costs more

// ---- Between storage and computing type ----------------------------------------------------------

inline float widen(Half h) {
  std::uint32_t sign = std::uint32_t(h.bits & 0x8000u) << 16, rest = h.bits & 0x7fffu;
  float size = __builtin_bit_cast(float, rest << 13) * 0x1p112f;  // exact, subnormals too
  std::uint32_t bits = __builtin_bit_cast(std::uint32_t, size);
  return __builtin_bit_cast(float, sign | (rest >= 0x7c00u ? bits | 0x7f800000u : bits));
}

inline Half narrow(float x) {
  std::uint32_t all = __builtin_bit_cast(std::uint32_t, x), bits = all & 0x7fffffffu;
  float size = __builtin_bit_cast(float, bits);
  std::uint32_t subnormal = __builtin_bit_cast(std::uint32_t, size + 0.5f) - 0x3f000000u;
  std::uint32_t normal = (bits + 0xc8000fffu + ((bits >> 13) & 1u)) >> 13;
  std::uint32_t finite = bits < 0x38800000u ? subnormal : normal;
  std::uint32_t infinite = bits > 0x7f800000u ? 0x7e00u : 0x7c00u;
  std::uint32_t half = bits >= 0x47800000u ? infinite : finite;
  return {std::uint16_t(half | ((all >> 16) & 0x8000u))};
}

inline void convert(float x, float& to) { to = x; }
inline void convert(double x, double& to) { to = x; }
inline void convert(Half x, float& to) { to = widen(x); }
inline void convert(float x, Half& to) { to = narrow(x); }

template <class From, class To> inline void convert_contiguous(const From* from, To* to, Index n) {
#pragma GCC ivdep
  for (Index i = 0; i < n; ++i) convert(from[i], to[i]);
}

#if defined(__F16C__)
inline void convert_contiguous(const Half* from, float* to, Index n) {
  Index i = 0;
  for (; i + 8 <= n; i += 8)
    _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i*)(from + i))));
  for (; i < n; ++i) to[i] = widen(from[i]);
}
inline void convert_contiguous(const float* from, Half* to, Index n) {
  Index i = 0;
  for (; i + 8 <= n; i += 8)
    _mm_storeu_si128((__m128i*)(to + i), _mm256_cvtps_ph(_mm256_loadu_ps(from + i), 0));
  for (; i < n; ++i) to[i] = narrow(from[i]);
}
#endif

template <class S, class T> inline void gather(const char* from, Index stride, T* to, Index n) {
  if (stride == Index(sizeof(S))) return convert_contiguous((const S*)from, to, n);
  for (Index i = 0; i < n; ++i) convert(*(const S*)(from + i * stride), to[i]);
}

template <class S, class T> inline void scatter(const T* from, char* to, Index stride, Index n) {
  if (stride == Index(sizeof(S))) return convert_contiguous(from, (S*)to, n);
  for (Index i = 0; i < n; ++i) convert(from[i], *(S*)(to + i * stride));
}

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

// ---- One function over one block -----------------------------------------------------------------

enum class Op { value, derivative, value_and_derivative, backward };
constexpr int inputs(Op op) { return op == Op::backward ? 2 : 1; }
constexpr int outputs(Op op) { return op == Op::value_and_derivative ? 2 : 1; }

template <class T> struct Result {
  T first, second;
};

template <class F, Op op, class T, class... P>
inline Result<T> evaluate(T x, T grad, P... p) {
  if constexpr (op == Op::value) return {F::value(x, p...), 0};
  else if constexpr (op == Op::derivative) return {F::derivative(x, p...), 0};
  else if constexpr (op == Op::backward) return {grad * F::derivative(x, p...), 0};
  else return {F::value(x, p...), F::derivative(x, p...)};
}

// A function of its own, with everything inlined into it: inside a larger one the compiler stops inlining
// at some size, and one call left in the loop keeps it from being vectorised.
template <Op op, class T, class At>
[[gnu::flatten, gnu::noinline]] void evaluate_block(const T* x, const T* grad, T* first, T* second,
                                                    Index n, At at) {
#pragma GCC ivdep
  for (Index i = 0; i < n; ++i) {
    Result<T> result = at(x[i], op == Op::backward ? grad[i] : T(0), i);
    first[i] = result.first;
    if constexpr (outputs(op) == 2) second[i] = result.second;
  }
}

// A parameter that a pair of floats cannot hold takes the way through double, element by element.
template <class F, Op op, class T> inline Result<T> evaluate_any(T x, T grad, double p) {
  if (Parameter<T>::holds(p)) return evaluate<F, op>(x, grad, Parameter<T>(p));
  constexpr Op inner = op == Op::backward ? Op::derivative : op;
  Result<double> wide = evaluate<F, inner>(double(x), 0.0, Parameter<double>(p));
  T first = T(wide.first);
  return {op == Op::backward ? grad * first : first, T(wide.second)};
}

template <class F, Op op, class T>
inline void run_block(const T* x, const T* grad, T* first, T* second, Index n, const double* p,
                      bool one_parameter) {
  if constexpr (F::parameters == 0) {
    evaluate_block<op>(x, grad, first, second, n,
                       [](T xi, T gi, Index) { return evaluate<F, op>(xi, gi); });
  } else {
    bool held = true;
    for (Index i = 0; i < (one_parameter ? 1 : n); ++i) held &= Parameter<T>::holds(p[i]);
    if (!held) {
      for (Index i = 0; i < n; ++i) {
        Result<T> result = evaluate_any<F, op>(x[i], op == Op::backward ? grad[i] : T(0),
                                               p[one_parameter ? 0 : i]);
        first[i] = result.first;
        if constexpr (outputs(op) == 2) second[i] = result.second;
      }
    } else if (one_parameter) {
      Parameter<T> parameter(p[0]);
      evaluate_block<op>(x, grad, first, second, n, [parameter](T xi, T gi, Index) {
        return evaluate<F, op>(xi, gi, parameter);
      });
    } else {
      evaluate_block<op>(x, grad, first, second, n, [p](T xi, T gi, Index i) {
        return evaluate<F, op>(xi, gi, Parameter<T>(p[i]));
      });
    }
  }
}

// ---- The loop ------------------------------------------------------------------------------------

// A NumPy inner loop: arguments are x, (grad), (parameter: float64), first, (second).
template <class F, Op op, class S>
void element_loop(char** arguments, const Index* dimensions, const Index* strides, void*) {
  using T = Computing<S>;
  constexpr int parameter = inputs(op), output = parameter + F::parameters;
  constexpr bool same_type = sizeof(S) == sizeof(T);
  constexpr Index size = sizeof(S);
  QuietFlags quiet;
  const Index n = dimensions[0];

  const bool one_parameter = F::parameters == 0 || strides[parameter] == 0;
  bool large = outputs(op) * n * size >= streaming_from;
  for (int k = output; k < output + outputs(op); ++k) {
    large &= strides[k] == size;
    for (int j = 0; j < output; ++j) large &= arguments[j] != arguments[k];  // in place: it is cached
  }

  parallel(n, n, cache_line, [=](Index begin, Index end) {
    alignas(64) T in[inputs(op)][block];
    alignas(64) T out[outputs(op)][block];
    alignas(64) double parameters[F::parameters == 0 ? 1 : block];
    if (F::parameters) parameters[0] = *(const double*)arguments[parameter];

    auto at = [=](int k, Index i) { return arguments[k] + i * strides[k]; };
    for (Index i = begin, count; i < end; i += count) {
      count = end - i < block ? end - i : block;
      const Index past = std::uintptr_t(at(output, i)) % cache_line;
      if (large && past) {  // one short block, and the output is aligned from then on
        Index to_line = (cache_line - past) / size;
        if (to_line < count) count = to_line;
      }
      const Index padded = (count + vector - 1) / vector * vector;

      const T* source[2] = {nullptr, nullptr};
      for (int k = 0; k < inputs(op); ++k) {
        if (same_type && strides[k] == size && padded == count) {
          source[k] = (const T*)at(k, i);
        } else {
          gather<S>(at(k, i), strides[k], in[k], count);
          for (Index j = count; j < padded; ++j) in[k][j] = 0;
          source[k] = in[k];
        }
      }
      if (!one_parameter) {
        gather<double>(at(parameter, i), strides[parameter], parameters, count);
        for (Index j = count; j < padded; ++j) parameters[j] = 0;
      }

      T* target[2] = {nullptr, nullptr};
      bool direct[2] = {};
      for (int k = 0; k < outputs(op); ++k) {
        direct[k] = same_type && strides[output + k] == size && padded == count && !large;
        target[k] = direct[k] ? (T*)at(output + k, i) : out[k];
      }
      run_block<F, op>(source[0], source[1], target[0], target[1], padded, parameters, one_parameter);

      for (int k = 0; k < outputs(op); ++k) {
        if (direct[k]) continue;
        char* to = at(output + k, i);
        bool lines = count * size % cache_line == 0 && std::uintptr_t(to) % cache_line == 0;
        if (same_type && large && lines) stream((const char*)out[k], to, count * size);
        else scatter<S>(out[k], to, strides[output + k], count);
      }
    }
    if (large) finish_streaming();
  });
}

}  // namespace RHEOBASE_TARGET
