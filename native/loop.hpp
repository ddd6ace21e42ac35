// The only element loop. Every function of the table runs through it, for every type, stride and
// instruction set: a block of elements is brought into contiguous storage of the computing type
// (where it does not already lie so), the function runs over whole vectors, and the block is put back.
// A short block is padded, so no element ever meets another piece of code because of its position.
#pragma once

#include <cstring>

#include "angle.hpp"
#include "single/lanes.hpp"
#include "storage.hpp"

namespace RHEOBASE_TARGET {

constexpr Index block = 512;      // elements; all buffers of a block fit the first-level cache
constexpr Index vector = 64;      // a block is padded to a multiple of this many elements
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

// ---- One function over one block -----------------------------------------------------------------

// The two parts of an entry of the table; a slope comes multiplied by a factor, the upstream gradient.
template <class F> struct Value : F {
  template <class Way, class T, class... P> static inline T at(Way way, T x, T, P... p) {
    return F::value(way, x, p...);
  }
};
template <class F> struct Slope : F {
  template <class Way, class T, class... P> static inline T at(Way way, T x, T factor, P... p) {
    return factor * F::derivative(way, x, p...);
  }
};

// A block's parameters: one for all its elements or one for each. No function has more than two.
struct Parameters {
  const double* of[2];
  bool uniform;
};

template <class Part, class Way, class T>
inline T at(Way way, T x, T factor, [[maybe_unused]] Parameter<T> p, [[maybe_unused]] Parameter<T> q) {
  if constexpr (Part::parameters == 0) return Part::at(way, x, factor);
  else if constexpr (Part::parameters == 1) return Part::at(way, x, factor, p);
  else return Part::at(way, x, factor, p, q);
}

// A function of its own, with everything inlined into it: inside a larger one the compiler stops inlining
// at some size, and one call left in the loop keeps it from being vectorised.
template <class T, class At>
[[gnu::flatten, gnu::noinline]] void evaluate_block(const T* x, const T* factor, T* y, Index n, At at) {
#pragma GCC ivdep
  for (Index i = 0; i < n; ++i) y[i] = at(x[i], factor[i], i);
}

// The same in Lanes; n is a multiple of them.
template <class At>
[[gnu::flatten, gnu::noinline]] void evaluate_block(const float* x, const float* factor, float* y, Index n, At at, Lanes) {
  for (Index i = 0; i < n; i += lane_count) store(y + i, at(load(x + i), load(factor + i), i));
}

// Whether the vectors can have these parameters. Formulas of a positive parameter stay, between these bounds, with numbers
// that are neither tiny nor huge (130/p, p²).
template <class Part, class T> inline bool holds(double p, double q) {
  if constexpr (Part::positive && sizeof(T) == sizeof(float)) return p > 0x1p-27 && p < 0x1p20;
  else return Parameter<T>::holds(p) & Parameter<T>::holds(q);
}

// The elements whose way is not that of the vectors: an angle too large, or a parameter that a pair of floats cannot hold or
// that the formula does not expect (0, negative, far from 1), which goes through double.
template <class Part, class T>
[[gnu::noinline]] void mend_block(const T* x, const T* factor, T* y, Index n, const Parameters& given) {
  using P = Parameter<T>;
  for (Index i = 0; i < n; ++i) {
    const double p = given.of[0][given.uniform ? 0 : i], q = given.of[1][given.uniform ? 0 : i];
    const bool held = holds<Part, T>(p, q);
    if constexpr (Part::periodic) {
      const double angle = absolute(double(x[i]) * (Part::parameters ? p : 1.0));
      if (angle >= far_angle && x[i] - x[i] == 0) {
        y[i] = at<Part>(Far{}, x[i], factor[i], P(p), P(q));
        continue;
      }
    }
    if (!held)
      y[i] = factor[i] * T(at<Part>(Near{}, double(x[i]), 1.0, Parameter<double>(p), Parameter<double>(q)));
  }
}

// The largest size of n numbers, as bits: their order is that of the sizes (and NaN comes last).
template <class T> inline auto largest_bits(const T* x, Index n) {
  typename Constants<T>::Bits largest = 0;
  for (Index i = 0; i < n; ++i) {
    const auto bits = __builtin_bit_cast(typename Constants<T>::Bits, absolute(x[i]));
    largest = bits > largest ? bits : largest;
  }
  return largest;
}

template <class Part, class T>
void run_block(const T* x, const T* factor, T* y, Index n, const Parameters& given) {
  using P = Parameter<T>;
  const double *p = given.of[0], *q = given.of[1];
  alignas(64) T copies[2][block];
  bool mend = false;
  if constexpr (Part::parameters > 0)
    for (Index i = 0; i < (given.uniform ? 1 : n); ++i) mend |= !holds<Part, T>(p[i], q[i]);
  if constexpr (Part::periodic) {  // mend_block looks closer
    double size = Part::parameters ? 0 : 1;
    if constexpr (Part::parameters > 0)
      for (Index i = 0; i < (given.uniform ? 1 : n); ++i) size = at_least(size, absolute(p[i]));
    const T far = T(0.999 * far_angle / size);
    mend |= largest_bits(x, n) >= largest_bits(&far, 1);
  }
  if (mend) {  // the inputs are read again after y is written, which may lie on them
    for (Index i = 0; i < n; ++i) copies[0][i] = x[i], copies[1][i] = factor[i];
    x = copies[0], factor = copies[1];
  }
  if constexpr (Part::in_lanes && sizeof(T) == sizeof(float)) {
    using PL = Parameter<Lanes>;
    if (given.uniform) {
      const PL p0(p[0]), q0(q[0]);
      evaluate_block(x, factor, y, n, [p0, q0](Lanes xi, Lanes fi, Index) { return at<Part>(Near{}, xi, fi, p0, q0); }, Lanes());
    } else {
      evaluate_block(x, factor, y, n,
                     [p, q](Lanes xi, Lanes fi, Index i) { return at<Part>(Near{}, xi, fi, PL(p + i), PL(q + i)); }, Lanes());
    }
  } else if (given.uniform) {
    const P p0(p[0]), q0(q[0]);
    evaluate_block(x, factor, y, n, [p0, q0](T xi, T fi, Index) { return at<Part>(Near{}, xi, fi, p0, q0); });
  } else {
    evaluate_block(x, factor, y, n,
                   [p, q](T xi, T fi, Index i) { return at<Part>(Near{}, xi, fi, P(p[i]), P(q[i])); });
  }
  if (mend) mend_block<Part>(x, factor, y, n, given);
}

// A function as the loop knows it: run_block of its parts.
template <class T> struct Parts {
  void (*value)(const T* x, const T* factor, T* y, Index n, const Parameters&);
  void (*slope)(const T* x, const T* factor, T* y, Index n, const Parameters&);
};

struct Function : Parts<float>, Parts<double> {
  int parameters;
};

template <class F>
constexpr Function function = {{run_block<Value<F>, float>, run_block<Slope<F>, float>},
                               {run_block<Value<F>, double>, run_block<Slope<F>, double>},
                               F::parameters};

// ---- The loop ------------------------------------------------------------------------------------

// What a ufunc computes: its arguments are the inputs, the parameters (float64) and the outputs.
enum class Op { value, derivative, value_and_derivative, backward, gate, gate_backward };
constexpr int inputs(Op op) {
  return op == Op::gate_backward ? 3 : op == Op::backward || op == Op::gate ? 2 : 1;
}
constexpr int outputs(Op op) { return op == Op::value_and_derivative || op == Op::gate_backward ? 2 : 1; }

template <class T> struct alignas(64) Ones {
  T at[block];
  constexpr Ones() : at() {
    for (T& one : at) one = 1;
  }
};
template <class T> constexpr Ones<T> ones;

// out = the results for in; a gate multiplies: f(in[0])·in[1]. Where there are two results, neither lies on an input.
template <Op op, class T>
inline void run(const Parts<T>& f, const T* const* in, T* const* out, Index n, const Parameters& given) {
  const T* one = ones<T>.at;
  if constexpr (op == Op::value) {
    f.value(in[0], one, out[0], n, given);
  } else if constexpr (op == Op::derivative) {
    f.slope(in[0], one, out[0], n, given);
  } else if constexpr (op == Op::backward) {
    f.slope(in[0], in[1], out[0], n, given);
  } else if constexpr (op == Op::value_and_derivative) {
    f.value(in[0], one, out[0], n, given);
    f.slope(in[0], one, out[1], n, given);
  } else {
    alignas(64) T product[block];
    f.value(in[0], one, product, n, given);
    if constexpr (op == Op::gate) {
      for (Index i = 0; i < n; ++i) out[0][i] = product[i] * in[1][i];
    } else {  // in: gate, up, grad; out: their gradients
      for (Index i = 0; i < n; ++i) out[1][i] = product[i] * in[2][i];
      for (Index i = 0; i < n; ++i) product[i] = in[1][i] * in[2][i];
      f.slope(in[0], product, out[0], n, given);
    }
  }
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

// A NumPy inner loop; `data` is the Function.
template <Op op, class S>
void element_loop(char** arguments, const Index* dimensions, const Index* strides, void* data) {
  using T = Computing<S>;
  const Function& f = *(const Function*)data;
  constexpr int sources = inputs(op), targets = outputs(op), parameter = sources;
  const int output = parameter + f.parameters;
  constexpr bool same_type = sizeof(S) == sizeof(T);
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
    alignas(64) T in[sources][block];
    alignas(64) T out[targets][block];
    [[maybe_unused]] alignas(64) S stored[same_type ? 1 : block];
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

      const T* source[sources];
      for (int k = 0; k < sources; ++k) {
        if (same_type && strides[k] == size && padded == count) {
          source[k] = (const T*)at(k, i);
        } else {
          gather<S>(at(k, i), strides[k], in[k], count);
          for (Index j = count; j < padded; ++j) in[k][j] = 0;
          source[k] = in[k];
        }
      }
      if (!uniform)
        for (int k = 0; k < f.parameters; ++k) {
          gather<double>(at(parameter + k, i), strides[parameter + k], values[k], count);
          for (Index j = count; j < padded; ++j) values[k][j] = values[k][0];  // no cause to mend
        }

      T* target[targets];
      bool direct[targets];
      for (int k = 0; k < targets; ++k) {
        direct[k] = targets == 1 && same_type && strides[output] == size && padded == count && !large;
        target[k] = direct[k] ? (T*)at(output, i) : out[k];
      }
      run<op>(static_cast<const Parts<T>&>(f), source, target, padded, given);

      for (int k = 0; k < targets; ++k) {
        if (direct[k]) continue;
        char* to = at(output + k, i);
        bool lines = count * size % cache_line == 0 && std::uintptr_t(to) % cache_line == 0;
        if (large && lines) {
          if constexpr (!same_type) convert_contiguous(out[k], stored, count);
          stream(same_type ? (const char*)out[k] : (const char*)stored, to, count * size);
        } else {
          scatter<S>(out[k], to, strides[output + k], count);
        }
      }
    }
    if (large) finish_streaming();
  });
}

}  // namespace RHEOBASE_TARGET
