// The loops of every ufunc, compiled once per instruction set (RHEOBASE_TARGET names it and the flags).
#include "adam.hpp"
#include "functions.hpp"
#include "loop.hpp"
#include "rows.hpp"
#include "target.hpp"

namespace RHEOBASE_TARGET {

namespace table {
#define FUNCTION(NAME, COUNT, PERIODIC, LANES, POSITIVE, VALUE, DERIVATIVE, ...)                        \
  struct NAME##_ {                                                                                    \
    static constexpr int parameters = COUNT;                                                          \
    static constexpr bool periodic = PERIODIC, in_lanes = LANES, positive = POSITIVE;                 \
    template <class Way, class T> static inline T value(Way way, T x __VA_ARGS__) {                   \
      (void)way;                                                                                      \
      return VALUE;                                                                                   \
    }                                                                                                 \
    template <class Way, class T> static inline T derivative(Way way, [[maybe_unused]] T x __VA_ARGS__) { \
      (void)way;                                                                                      \
      return DERIVATIVE;                                                                              \
    }                                                                                                 \
  };
#define ONE(P) , [[maybe_unused]] Parameter<T> P
#define ACTIVATION0(NAME, VALUE, DERIVATIVE) FUNCTION(NAME, 0, false, false, false, VALUE, DERIVATIVE, )
#define ACTIVATION1(NAME, P, VALUE, DERIVATIVE) FUNCTION(NAME, 1, false, false, false, VALUE, DERIVATIVE, ONE(P))
#define LANES0(NAME, VALUE, DERIVATIVE) \
  FUNCTION(NAME, 0, false, true, false, wide_nan(x, VALUE), wide_nan(x, DERIVATIVE), )
#define LANES1(NAME, P, VALUE, DERIVATIVE) \
  FUNCTION(NAME, 1, false, true, true, wide_nan(x, VALUE), wide_nan(x, DERIVATIVE), ONE(P))
#define SIGNED1(NAME, P, VALUE, DERIVATIVE) FUNCTION(NAME, 1, false, true, false, VALUE, DERIVATIVE, ONE(P))
#define SIGNED2(NAME, P, Q, VALUE, DERIVATIVE) FUNCTION(NAME, 2, false, true, false, VALUE, DERIVATIVE, ONE(P) ONE(Q))
#define PERIODIC0(NAME, VALUE, DERIVATIVE) \
  FUNCTION(NAME, 0, true, true, false, wide_nan(x, VALUE), wide_nan(x, DERIVATIVE), )
#define PERIODIC1(NAME, P, VALUE, DERIVATIVE) \
  FUNCTION(NAME, 1, true, true, false, wide_nan(x, VALUE), wide_nan(x, DERIVATIVE), ONE(P))
#define GATE(NAME, FUNCTION)
#include "activations.inc"
#undef ACTIVATION0
#undef ACTIVATION1
#undef LANES0
#undef LANES1
#undef SIGNED1
#undef SIGNED2
#undef PERIODIC0
#undef PERIODIC1
#undef GATE
}  // namespace table

#define LOOPS(LOOP, WHAT) {LOOP<WHAT, Half>, LOOP<WHAT, BFloat16>, LOOP<WHAT, float>, LOOP<WHAT, double>}
#define ELEMENTS(NAME, OPERANDS, OP, DATA) {NAME, nullptr, OPERANDS, LOOPS(element_loop, OP), (void*)&DATA}
#define ROWS(NAME, SIGNATURE, OPERANDS, BODY) {NAME, SIGNATURE, OPERANDS, LOOPS(row_loop, BODY), nullptr}

// A function of rows: plain, and with a mask and a temperature.
#define ROWS_TO_ROWS(NAME, BODY)           \
  ROWS(NAME, "(n)->(n)", "xy", BODY),      \
  ROWS(NAME "_where", "(n),(n),()->(n)", "xbpy", Where<BODY>)
#define ROWS_TO_ONE(NAME, BODY)            \
  ROWS(NAME, "(n)->()", "xy", BODY),       \
  ROWS(NAME "_where", "(n),(n),()->()", "xbpy", Where<BODY>)
#define ROWS_BACKWARD(NAME, BODY)          \
  ROWS(NAME, "(n),(n)->(n)", "xxy", BODY), \
  ROWS(NAME "_where", "(n),(n),(n),()->(n)", "xbxpy", Where<BODY>)

// An activation's four ufuncs; P has one letter for each of its parameters.
#define FOUR(NAME, P)                                                                              \
  ELEMENTS(#NAME, "x" P "y", Op::value, function<table::NAME##_>),                                                     \
  ELEMENTS(#NAME "_derivative", "x" P "y", Op::derivative, function<table::NAME##_>),                                  \
  ELEMENTS(#NAME "_value_and_derivative", "x" P "yy", Op::value_and_derivative, function<table::NAME##_>),             \
  ELEMENTS(#NAME "_backward", "xx" P "y", Op::backward, function<table::NAME##_>),

static const Ufunc ufuncs[] = {
#define ACTIVATION0(NAME, VALUE, DERIVATIVE) FOUR(NAME, "")
#define ACTIVATION1(NAME, P, VALUE, DERIVATIVE) FOUR(NAME, "p")
#define LANES0(NAME, VALUE, DERIVATIVE) FOUR(NAME, "")
#define LANES1(NAME, P, VALUE, DERIVATIVE) FOUR(NAME, "p")
#define SIGNED1(NAME, P, VALUE, DERIVATIVE) FOUR(NAME, "p")
#define SIGNED2(NAME, P, Q, VALUE, DERIVATIVE) FOUR(NAME, "pp")
#define PERIODIC0(NAME, VALUE, DERIVATIVE) FOUR(NAME, "")
#define PERIODIC1(NAME, P, VALUE, DERIVATIVE) FOUR(NAME, "p")
#define GATE(NAME, FUNCTION)                     \
  ELEMENTS(#NAME, "xxy", Op::gate, gated_function<table::FUNCTION##_>),    \
  ELEMENTS(#NAME "_backward", "xxxyy", Op::gate_backward, gated_function<table::FUNCTION##_>),
#include "activations.inc"
#undef ACTIVATION0
#undef ACTIVATION1
#undef LANES0
#undef LANES1
#undef SIGNED1
#undef SIGNED2
#undef PERIODIC0
#undef PERIODIC1
#undef GATE
    ROWS_TO_ROWS("softmax", Softmax),
    ROWS_BACKWARD("softmax_backward", SoftmaxBackward),
    ROWS("softmin", "(n)->(n)", "xy", Turned<Softmax>),
    ROWS("softmin_backward", "(n),(n)->(n)", "xxy", Turned<SoftmaxBackward>),
    ROWS_TO_ROWS("log_softmax", LogSoftmax),
    ROWS_BACKWARD("log_softmax_backward", LogSoftmaxBackward),
    ROWS_TO_ONE("logsumexp", LogSumExp),
    ROWS_TO_ONE("logmeanexp", LogMeanExp),
    ROWS("logsumexp_backward", "(n),()->(n)", "xxy", LogSumExpBackward),
    ROWS("logsumexp_backward_where", "(n),(n),(),()->(n)", "xbxpy", Where<LogSumExpBackward>),
    ROWS_TO_ROWS("sparsemax", Sparsemax),
    ROWS_BACKWARD("sparsemax_backward", SparsemaxBackward),
    ROWS_TO_ROWS("hardmax", Hardmax),
    ROWS_BACKWARD("hardmax_backward", HardmaxBackward),
    ROWS("cross_entropy", "(n),()->()", "xiy", CrossEntropy),
    ROWS("cross_entropy_where", "(n),(n),(),(),()->()", "xbippy", Where<CrossEntropy>),
    ROWS("cross_entropy_backward", "(n),(),()->(n)", "xixy", CrossEntropyBackward),
    ROWS("cross_entropy_backward_where", "(n),(n),(),(),(),()->(n)", "xbixppy",
         Where<CrossEntropyBackward>),
    ROWS("soft_cross_entropy_where", "(n),(n),(n),(),()->()", "xbxppy", Where<SoftCrossEntropy>),
    ROWS("soft_cross_entropy_backward_where", "(n),(n),(n),(),(),()->(n)", "xbxxppy",
         Where<SoftCrossEntropyBackward>),
    {"adam", nullptr, "xxxxppppyyy", {nullptr, nullptr, adam_loop<float>, adam_loop<double>}, nullptr},
};

extern const Target target;
const Target target = {ufuncs, int(sizeof(ufuncs) / sizeof(ufuncs[0]))};

}  // namespace RHEOBASE_TARGET
