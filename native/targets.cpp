// The loops of every ufunc, compiled once per instruction set (RHEOBASE_TARGET names it and the flags).
#include "loop.hpp"
#include "rows.hpp"
#include "target.hpp"

namespace RHEOBASE_TARGET {

namespace table {
#define ACTIVATION0(NAME, VALUE, DERIVATIVE)                             \
  struct NAME##_ {                                                       \
    static constexpr int parameters = 0;                                 \
    template <class T> static inline T value(T x) { return VALUE; }      \
    template <class T> static inline T derivative([[maybe_unused]] T x) { return DERIVATIVE; } \
  };
#define ACTIVATION1(NAME, P, VALUE, DERIVATIVE)                                                  \
  struct NAME##_ {                                                                               \
    static constexpr int parameters = 1;                                                         \
    template <class T> static inline T value(T x, Parameter<T> P) { return VALUE; }              \
    template <class T> static inline T derivative([[maybe_unused]] T x,                          \
                                                  [[maybe_unused]] Parameter<T> P) {             \
      return DERIVATIVE;                                                                         \
    }                                                                                            \
  };
#include "activations.inc"
#undef ACTIVATION0
#undef ACTIVATION1
}  // namespace table

#define ELEMENT_LOOPS(NAME, OP) \
  {element_loop<table::NAME##_, OP, Half>, element_loop<table::NAME##_, OP, float>, \
   element_loop<table::NAME##_, OP, double>}
#define ROW_LOOPS(BODY) {row_loop<BODY, Half>, row_loop<BODY, float>, row_loop<BODY, double>}

// An activation's four ufuncs; P is the letter of its parameter.
#define FOUR(NAME, P)                                                                         \
  {#NAME, nullptr, "x" P "y", ELEMENT_LOOPS(NAME, Op::value)},                                \
  {#NAME "_derivative", nullptr, "x" P "y", ELEMENT_LOOPS(NAME, Op::derivative)},             \
  {#NAME "_value_and_derivative", nullptr, "x" P "yy",                                        \
   ELEMENT_LOOPS(NAME, Op::value_and_derivative)},                                            \
  {#NAME "_backward", nullptr, "xx" P "y", ELEMENT_LOOPS(NAME, Op::backward)},

static const Ufunc ufuncs[] = {
#define ACTIVATION0(NAME, VALUE, DERIVATIVE) FOUR(NAME, "")
#define ACTIVATION1(NAME, P, VALUE, DERIVATIVE) FOUR(NAME, "p")
#include "activations.inc"
#undef ACTIVATION0
#undef ACTIVATION1
    {"softmax", "(n)->(n)", "xy", ROW_LOOPS(Softmax)},
    {"softmax_backward", "(n),(n)->(n)", "xxy", ROW_LOOPS(SoftmaxBackward)},
    {"log_softmax", "(n)->(n)", "xy", ROW_LOOPS(LogSoftmax)},
    {"log_softmax_backward", "(n),(n)->(n)", "xxy", ROW_LOOPS(LogSoftmaxBackward)},
    {"logsumexp", "(n)->()", "xy", ROW_LOOPS(LogSumExp)},
    {"logsumexp_backward", "(n),()->(n)", "xxy", ROW_LOOPS(LogSumExpBackward)},
    {"cross_entropy", "(n),()->()", "xiy", ROW_LOOPS(CrossEntropy)},
    {"cross_entropy_backward", "(n),(),()->(n)", "xixy", ROW_LOOPS(CrossEntropyBackward)},
};

extern const Target target;
const Target target = {ufuncs, int(sizeof(ufuncs) / sizeof(ufuncs[0]))};

}  // namespace RHEOBASE_TARGET
