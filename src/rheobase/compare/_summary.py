"""What the runs say: paired differences, their uncertainty, and a verdict in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rheobase._errors import require
from rheobase.compare._study import LEVEL, pairs_of, seeds_needed

Floats = NDArray[np.float64]

BETTER = "better"
EQUAL = "practically equal"
NO_DIFFERENCE = "no difference seen"
TOO_FEW = "too few seeds to tell"
EQUIVALENCE = (
    0.01  # a difference within 0.01 (accuracy, R²; 1 % of the size of a loss) does not matter
)


def interval(values: Floats) -> list[float]:
    """Return the 95 % BCa bootstrap interval of the mean."""
    if np.ptp(values) == 0:
        return [float(values[0])] * 2
    found = (
        require("study", "scipy.stats")
        .bootstrap((values,), np.mean, n_resamples=9999, method="BCa", rng=np.random.default_rng(0))
        .confidence_interval
    )
    if np.isfinite([found.low, found.high]).all():
        return [float(found.low), float(found.high)]
    return [float(values.min()), float(values.max())]  # BCa needs more than a lone outlier


def sign_flip_p(differences: Floats) -> float:
    """Return the two-sided p of the paired sign-flip test (exact for up to 13 pairs)."""
    if not differences.any():
        return 1.0
    test = require("study", "scipy.stats").permutation_test(
        (differences,),
        np.mean,
        permutation_type="samples",
        n_resamples=9999,
        rng=np.random.default_rng(0),
    )
    return float(test.pvalue)


def holm(p: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p-values."""
    adjusted = np.empty(len(p))
    largest = 0.0
    for rank, k in enumerate(np.argsort(p)):
        largest = max(largest, min(1.0, (len(p) - rank) * p[k]))
        adjusted[k] = largest
    return adjusted.tolist()


def filled(scores: Mapping[str, Sequence[float | None]]) -> dict[str, Floats]:
    """A diverged run counts as the worst score that any run has, so that it is never dropped."""
    finite = [s for runs in scores.values() for s in runs if s is not None]
    worst = min(finite, default=0.0)
    return {
        name: np.array([worst if s is None else s for s in runs], float)
        for name, runs in scores.items()
    }


def compare_pairs(scores: Mapping[str, Floats], scale: float) -> list[dict[str, Any]]:
    """Compare every two functions, each pair ordered with the higher mean first.

    Parameters
    ----------
    scores : mapping of str to ndarray
        Test scores by function, paired by seed; higher is better.
    scale : float
        The size that `EQUIVALENCE` is a share of.
    """
    pairs: list[dict[str, Any]] = []
    for a, b in combinations(scores, 2):
        first, second = (a, b) if scores[a].mean() >= scores[b].mean() else (b, a)
        differences = scores[first] - scores[second]
        pairs.append(
            {
                "first": first,
                "second": second,
                "difference": float(differences.mean()),
                "interval": interval(differences),
                "p": sign_flip_p(differences),
            }
        )
    seeds = len(next(iter(scores.values())))
    for pair, p in zip(pairs, holm([pair["p"] for pair in pairs]), strict=True):
        pair["p_holm"] = p
        low, high = pair["interval"]
        if seeds < seeds_needed(len(scores)):
            pair["verdict"] = TOO_FEW
        elif -EQUIVALENCE * scale < low and high < EQUIVALENCE * scale:
            pair["verdict"] = EQUAL
        else:
            pair["verdict"] = BETTER if p <= LEVEL else NO_DIFFERENCE
    return pairs


def verdict(
    ranking: Sequence[str], pairs: Sequence[Mapping[str, Any]], seeds: int, margin: float
) -> dict[str, Any]:
    """Return the verdict in words: a headline and details; ``margin`` is what counts as equal."""
    best = ranking[0]
    against: dict[str, list[str]] = {kind: [] for kind in (BETTER, EQUAL, NO_DIFFERENCE, TOO_FEW)}
    for name in ranking[1:]:
        pair = next(p for p in pairs if {p["first"], p["second"]} == {best, name})
        against[pair["verdict"]].append(name)
    if against[TOO_FEW]:
        needed = seeds_needed(len(ranking))
        headline = (
            f"Too few seeds to tell: {needed} are needed at least for {len(ranking)} functions, "
            f"this study has {seeds}. {best} has the highest mean score."
        )
    elif len(against[BETTER]) == len(ranking) - 1:
        headline = f"{best} is better than every other function here."
    elif against[BETTER]:
        level = _and([*against[EQUAL], *against[NO_DIFFERENCE]])
        headline = (
            f"{best} leads and is better than {_and(against[BETTER])}; level with it: {level}."
        )
    elif against[EQUAL] and not against[NO_DIFFERENCE]:
        headline = (
            f"All {len(ranking)} functions are practically equal here; {best} has the highest mean."
        )
    else:
        headline = (
            f"No function is shown to be better than the others; {best} has the highest mean."
        )
    details = [
        f"{_and(names)}: {what} {best}."
        for what, names in (
            ("practically equal to", against[EQUAL]),
            ("no difference seen from", against[NO_DIFFERENCE]),
            ("worse than", against[BETTER]),
        )
        if names
    ]
    details.append(
        f"{seeds} paired seeds, {pairs_of(len(ranking))} comparisons, Holm-corrected sign-flip tests at "
        f"{LEVEL:.0%}; a difference within ±{margin:.3g} counts as practically equal."
    )
    return {"headline": headline, "details": details}


def _and(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
