// One function over one block of elements, as they are stored.
#pragma once

#include "angle.hpp"
#include "single/lanes.hpp"
#include "storage.hpp"

namespace RHEOBASE_TARGET {

constexpr Index block = 512;  // elements; all buffers of a block fit the first-level cache
constexpr Index vector = 64;  // a block is padded to a multiple of this many elements

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
template <class S, class At>
[[gnu::flatten, gnu::noinline]] void evaluate_block(const S* x, const S* factor, S* y, Index n, At at, Lanes) {
  for (Index i = 0; i < n; i += Batch<S>::count) {
    const Batch<S> xs = load_batch(x + i), factors = load_batch(factor + i);
    Batch<S> ys;
    for (int k = 0; k < batch_size<S>; ++k) ys.of[k] = at(xs.of[k], factors.of[k], i);
    store_batch(y + i, ys);
  }
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

// Numbers of a narrow type in the computing type.
template <class S> struct alignas(64) Widened {
  Computing<S> of[block];
  Widened(const S* x, Index n) { convert_contiguous(x, of, n); }
};

template <class Part, class S>
void run_block(const S* x, const S* factor, S* y, Index n, const Parameters& given) {
  using T = Computing<S>;
  using P = Parameter<T>;
  const double *p = given.of[0], *q = given.of[1];
  bool mend = false;
  if constexpr (Part::parameters > 0)
    for (Index i = 0; i < (given.uniform ? 1 : n); ++i) mend |= !holds<Part, T>(p[i], q[i]);

  if constexpr (sizeof(S) < sizeof(T)) {
    if constexpr (Part::in_lanes && !Part::periodic && in_lanes<S>) {
      if (given.uniform && !mend) {
        const Parameter<Lanes> p0(p[0]), q0(q[0]);
        return evaluate_block(x, factor, y, n, [p0, q0](Lanes xi, Lanes fi, Index) { return at<Part>(Near{}, xi, fi, p0, q0); }, Lanes());
      }
    }
    Widened<S> in(x, n), factors(factor, n);
    run_block<Part, T>(in.of, factors.of, in.of, n, given);
    convert_contiguous(in.of, y, n);
  } else {
    alignas(64) T copies[2][block];
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
    if constexpr (Part::in_lanes && in_lanes<T>) {
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
}

template <class S> struct alignas(64) Ones {
  S at[block];
  constexpr Ones() : at() {
    for (S& one : at) convert(Computing<S>(1), one);
  }
};
template <class S> constexpr Ones<S> ones;

// A function as the loop knows it: run_block of its parts.
template <class S> struct Parts {
  void (*value)(const S* x, const S* factor, S* y, Index n, const Parameters&);
  void (*slope)(const S* x, const S* factor, S* y, Index n, const Parameters&);
};

struct Function : Parts<Half>, Parts<BFloat16>, Parts<float>, Parts<double> {
  int parameters;
};

template <class F, class S> constexpr Parts<S> parts = {run_block<Value<F>, S>, run_block<Slope<F>, S>};
template <class F>
constexpr Function function = {parts<F, Half>, parts<F, BFloat16>, parts<F, float>, parts<F, double>, F::parameters};

// ---- Gates: f(x)·up ------------------------------------------------------------------------------

template <class F, class S>
[[gnu::flatten, gnu::noinline]] void run_gate(const S* x, const S* up, S* y, Index n) {
  using T = Computing<S>;
  if constexpr (F::in_lanes && in_lanes<S>) {
    for (Index i = 0; i < n; i += Batch<S>::count) {
      const Batch<S> xs = load_batch(x + i), ups = load_batch(up + i);
      Batch<S> ys;
      for (int k = 0; k < batch_size<S>; ++k) ys.of[k] = F::value(Near{}, xs.of[k]) * ups.of[k];
      store_batch(y + i, ys);
    }
  } else if constexpr (sizeof(S) < sizeof(T)) {
    Widened<S> in(x, n), ups(up, n);
    run_gate<F, T>(in.of, ups.of, in.of, n);
    convert_contiguous(in.of, y, n);
  } else {
#pragma GCC ivdep
    for (Index i = 0; i < n; ++i) y[i] = F::value(Near{}, x[i]) * up[i];
  }
}

// The gradients of x and up in one pass; neither lies on an input. What value and slope have in common is computed once.
template <class F, class S>
[[gnu::flatten, gnu::noinline]] void run_gate_backward(const S* x, const S* up, const S* grad, S* x_grad, S* up_grad, Index n) {
  using T = Computing<S>;
  if constexpr (F::in_lanes && in_lanes<S>) {
    for (Index i = 0; i < n; i += Batch<S>::count) {
      const Batch<S> xs = load_batch(x + i), ups = load_batch(up + i), grads = load_batch(grad + i);
      Batch<S> x_grads, up_grads;
      for (int k = 0; k < batch_size<S>; ++k) {
        up_grads.of[k] = F::value(Near{}, xs.of[k]) * grads.of[k];
        x_grads.of[k] = ups.of[k] * grads.of[k] * F::derivative(Near{}, xs.of[k]);
      }
      store_batch(up_grad + i, up_grads);
      store_batch(x_grad + i, x_grads);
    }
  } else if constexpr (sizeof(S) < sizeof(T)) {
    Widened<S> in(x, n), ups(up, n), grads(grad, n), x_grads(x, n), up_grads(x, n);
    run_gate_backward<F, T>(in.of, ups.of, grads.of, x_grads.of, up_grads.of, n);
    convert_contiguous(x_grads.of, x_grad, n);
    convert_contiguous(up_grads.of, up_grad, n);
  } else {
#pragma GCC ivdep
    for (Index i = 0; i < n; ++i) {
      up_grad[i] = F::value(Near{}, x[i]) * grad[i];
      x_grad[i] = up[i] * grad[i] * F::derivative(Near{}, x[i]);
    }
  }
}

template <class S> struct GateParts {
  void (*value)(const S* x, const S* up, S* y, Index n);
  void (*backward)(const S* x, const S* up, const S* grad, S* x_grad, S* up_grad, Index n);
};
struct GatedFunction : GateParts<Half>, GateParts<BFloat16>, GateParts<float>, GateParts<double> {
  static constexpr int parameters = 0;
};

template <class F, class S> constexpr GateParts<S> gate_parts = {run_gate<F, S>, run_gate_backward<F, S>};
template <class F>
constexpr GatedFunction gated_function = {gate_parts<F, Half>, gate_parts<F, BFloat16>, gate_parts<F, float>, gate_parts<F, double>};

}  // namespace RHEOBASE_TARGET
