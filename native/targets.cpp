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
#define ROW_LOOPS(BODY, GENERAL)                                     \
  {row_loop<BODY, Half, GENERAL>, row_loop<BODY, float, GENERAL>, \
   row_loop<BODY, double, GENERAL>}

// A function of rows, plain and with a mask and a temperature.
#define ROWS(NAME, BODY, SIGNATURE, OPERANDS, GENERAL_SIGNATURE, GENERAL_OPERANDS) \
  {NAME, SIGNATURE, OPERANDS, ROW_LOOPS(BODY, false)},                             \
  {NAME "_where", GENERAL_SIGNATURE, GENERAL_OPERANDS, ROW_LOOPS(BODY, true)},
#define ROWS_TO_ROWS(NAME, BODY) ROWS(NAME, BODY, "(n)->(n)", "xy", "(n),(n),()->(n)", "xbpy")
#define ROWS_TO_ONE(NAME, BODY) ROWS(NAME, BODY, "(n)->()", "xy", "(n),(n),()->()", "xbpy")
#define ROWS_BACKWARD(NAME, BODY) \
  ROWS(NAME, BODY, "(n),(n)->(n)", "xxy", "(n),(n),(n),()->(n)", "xbxpy")
#define ONE_BACKWARD(NAME, BODY) \
  ROWS(NAME, BODY, "(n),()->(n)", "xxy", "(n),(n),(),()->(n)", "xbxpy")

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
    ROWS_TO_ROWS("softmax", Softmax)
    ROWS_BACKWARD("softmax_backward", SoftmaxBackward)
    ROWS_TO_ROWS("log_softmax", LogSoftmax)
    ROWS_BACKWARD("log_softmax_backward", LogSoftmaxBackward)
    ROWS_TO_ONE("logsumexp", LogSumExp)
    ROWS_TO_ONE("logmeanexp", LogMeanExp)
    ONE_BACKWARD("logsumexp_backward", LogSumExpBackward)
    ROWS_TO_ROWS("sparsemax", Sparsemax)
    ROWS_BACKWARD("sparsemax_backward", SparsemaxBackward)
    ROWS_TO_ROWS("hardmax", Hardmax)
    ROWS("cross_entropy", CrossEntropy, "(n),()->()", "xiy", "(n),(n),(),(),()->()", "xbippy")
    ROWS("cross_entropy_backward", CrossEntropyBackward,
         "(n),(),()->(n)", "xixy", "(n),(n),(),(),(),()->(n)", "xbixppy")
    {"soft_cross_entropy_where", "(n),(n),(n),(),()->()", "xbxppy", ROW_LOOPS(SoftCrossEntropy, true)},
    {"soft_cross_entropy_backward_where", "(n),(n),(n),(),(),()->(n)", "xbxxppy",
     ROW_LOOPS(SoftCrossEntropyBackward, true)},
};

extern const Target target;
const Target target = {ufuncs, int(sizeof(ufuncs) / sizeof(ufuncs[0]))};

}  // namespace RHEOBASE_TARGET
