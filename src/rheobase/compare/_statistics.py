"""Paired differences: interval, tests and their corrections.

The runs of a study split the same rows again and again, so they are not independent: training and
test parts of two seeds share rows. A test that takes them as independent speaks of new splits of
these rows. To speak of new rows from the same source, the variance of the mean of n runs is taken
as ``(1/n + overlap)`` times that of one run, with ``overlap`` = test rows / training rows (Nadeau
and Bengio 2003, "Inference for the Generalization Error"). ``overlap`` is 0 where runs share no rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from rheobase._errors import require

Floats = NDArray[np.float64]

LEVEL = 0.05  # of the tests, after Holm's correction
EXACT = 16  # pairs up to which all sign flips are tried


def pairs_of(functions: int) -> int:
    """Number of pairs among so many functions."""
    return functions * (functions - 1) // 2


def seeds_needed(functions: int) -> int:
    """Return the fewest pairs of runs with which a test of signs can reach significance.

    With n of them the smallest p of a sign-flip or a signed-rank test is ``2 / 2**n``, and Holm's
    first step multiplies it by the number of comparisons.
    """
    return next(n for n in count(1) if 2.0 ** (1 - n) * max(pairs_of(functions), 1) <= LEVEL)


def interval(values: Floats, overlap: float = 0.0) -> list[float]:
    """Return a 95 % interval of the mean, made wider where runs overlap.

    It is the BCa bootstrap interval, at the level that makes a normal interval as wide as Student's
    (Hesterberg 2015, "expanded percentiles"). BCa follows the skewness of the values, but of ten or so it
    covers too little, and of fewer than six their whole range would. So where Student's interval reaches
    further, its end counts. Both ends then move away from the mean by the factor
    ``sqrt(1 + n * overlap)``, as the standard error does.
    """
    if np.ptp(values) == 0:
        return [float(values[0])] * 2
    stats = require("study", "scipy.stats")
    n, mean = len(values), values.mean()
    t = stats.t.ppf(1 - LEVEL / 2, n - 1)
    half = t * sqrt(values.var(ddof=1) / n)
    low, high = mean - half, mean + half
    if n >= seeds_needed(2):
        found = stats.bootstrap(
            (values,),
            np.mean,
            n_resamples=9999,
            method="BCa",
            confidence_level=1 - 2 * stats.norm.sf(sqrt(n / (n - 1)) * t),
            rng=np.random.default_rng(0),
        ).confidence_interval
        if np.isfinite([found.low, found.high]).all():
            low, high = min(low, found.low), max(high, found.high)
    wider = sqrt(1 + n * overlap)
    return [float(mean + wider * (end - mean)) for end in (low, high)]


def sign_flip_p(differences: Floats, alternative: str = "two-sided") -> float:
    """Return the p of the paired sign-flip test (exact for up to 16 pairs)."""
    if not differences.any():
        return 1.0
    test = require("study", "scipy.stats").permutation_test(
        (differences,),
        np.mean,
        permutation_type="samples",
        alternative=alternative,
        n_resamples=max(9999, 2 ** min(len(differences), EXACT)),
        batch=4096,
        rng=np.random.default_rng(0),
    )
    return float(test.pvalue)


def signed_rank_p(differences: Floats, alternative: str = "two-sided") -> float:
    """Return the p of Wilcoxon's signed-rank test: the sign-flip test of the signed ranks.

    So it is exact with ties too, where tables are not; zeros keep their ranks and favour no side.
    """
    ranks = require("study", "scipy.stats").rankdata(np.abs(differences))
    return sign_flip_p(np.sign(differences) * ranks, alternative)


def above_p(differences: Floats, bound: float, overlap: float) -> float:
    """Return the p of the corrected resampled t-test of a mean above ``bound``, one-sided."""
    n, excess = len(differences), differences.mean() - bound
    if np.ptp(differences) == 0:
        return float(excess <= 0)
    error = sqrt((1 / n + overlap) * differences.var(ddof=1))
    return float(require("study", "scipy.stats").t.sf(excess / error, n - 1))


def difference_p(differences: Floats, overlap: float) -> float:
    """Return the two-sided p of the corrected resampled t-test of a mean other than 0."""
    tails = above_p(differences, 0.0, overlap), above_p(-differences, 0.0, overlap)
    return min(1.0, 2 * min(tails))


def equivalence_p(differences: Floats, margin: float, overlap: float) -> float:
    """Return the p of two one-sided tests (TOST) that the mean lies within ±``margin``."""
    return max(above_p(d, -margin, overlap) for d in (differences, -differences))


def superiority(differences: Floats) -> float:
    """Return the share of pairs with a difference above 0, ties as halves."""
    return float((differences > 0).mean() + (differences == 0).mean() / 2)


def holm(p: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p-values."""
    adjusted = np.empty(len(p))
    largest = 0.0
    for rank, k in enumerate(np.argsort(p)):
        largest = max(largest, min(1.0, (len(p) - rank) * p[k]))
        adjusted[k] = largest
    return adjusted.tolist()
