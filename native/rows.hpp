// The functions of whole rows.
//
// Contract for the values: 2 ULP on rows up to 10⁵ (logsumexp and logmeanexp in float64: of the largest
// of the result, the largest logit and log n). -∞ has probability 0. A row whose largest entry is ±∞ or NaN has no
// probabilities: NaN throughout; its logsumexp is that largest entry. A masked entry is as if it were not
// there; of a row without any other entry, and of an empty one, each function has its `of_nothing`.
#pragma once

#include "rows/cross_entropy.hpp"
#include "rows/loop.hpp"
#include "rows/softmax.hpp"
#include "rows/sparse.hpp"
