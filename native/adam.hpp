// One step of Adam (Kingma & Ba 2015) in one pass over the parameters.
//
// The moments are kept without their factors 1 - beta, which the caller puts into rate and eps:
//   first = beta1·first + g, second = beta2·second + g², parameter -= rate · (first / (√second + eps)).
// Each operation is rounded on its own, as separate passes over whole arrays would do.
#pragma once

#include <cmath>

#include "loop.hpp"

namespace RHEOBASE_TARGET {

template <class S> struct Moments {
  S parameter, first, second;
};

template <class S>
inline Moments<S> adam_step(S parameter, S gradient, S first, S second, S rate, S beta1, S beta2, S eps) {
  first = beta1 * first + gradient;
  second = beta2 * second + gradient * gradient;
  return {parameter - rate * (first / (std::sqrt(second) + eps)), first, second};
}

// Inputs: parameter, gradient, first, second, and rate, beta1, beta2, eps in float64, the same for all
// elements of a call. Outputs: parameter, first, second, which may lie on their inputs.
template <class S> void adam_loop(char** arguments, const Index* dimensions, const Index* strides, void*) {
  QuietFlags quiet;
  constexpr int moving[] = {0, 1, 2, 3, 8, 9, 10};
  auto at = [=](int k, Index i) { return arguments[k] + i * strides[k]; };
  auto setting = [=](int k, Index i) { return S(*(const double*)at(k, i)); };
  bool together = true;
  for (int k : moving) together &= strides[k] == Index(sizeof(S));
  for (int k = 4; k < 8; ++k) together &= strides[k] == 0;
  const Index n = dimensions[0];
  if (together) {
    const S *p = (const S*)arguments[0], *g = (const S*)arguments[1], *m = (const S*)arguments[2],
            *v = (const S*)arguments[3];
    S *to_p = (S*)arguments[8], *to_m = (S*)arguments[9], *to_v = (S*)arguments[10];
    const S rate = setting(4, 0), beta1 = setting(5, 0), beta2 = setting(6, 0), eps = setting(7, 0);
#pragma GCC ivdep
    for (Index i = 0; i < n; ++i) {
      const Moments<S> next = adam_step(p[i], g[i], m[i], v[i], rate, beta1, beta2, eps);
      to_p[i] = next.parameter, to_m[i] = next.first, to_v[i] = next.second;
    }
  } else {
    auto value = [=](int k, Index i) { return *(const S*)at(k, i); };
    for (Index i = 0; i < n; ++i) {
      const Moments<S> next = adam_step(value(0, i), value(1, i), value(2, i), value(3, i), setting(4, i),
                                        setting(5, i), setting(6, i), setting(7, i));
      *(S*)at(8, i) = next.parameter, *(S*)at(9, i) = next.first, *(S*)at(10, i) = next.second;
    }
  }
}

}  // namespace RHEOBASE_TARGET
