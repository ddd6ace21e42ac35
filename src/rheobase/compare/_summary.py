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
EXACT = 16  # seeds up to which all sign flips are tried
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
    """Return the two-sided p of the paired sign-flip test (exact for up to 16 pairs)."""
    if not differences.any():
        return 1.0
    test = require("study", "scipy.stats").permutation_test(
        (differences,),
        np.mean,
        permutation_type="samples",
        n_resamples=max(9999, 2 ** min(len(differences), EXACT)),
        batch=4096,
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
    """Fill in a score for each diverged run, worse than that of any finished one: none is dropped."""
    finite = [s for runs in scores.values() for s in runs if s is not None]
    worst, best = min(finite, default=0.0), max(finite, default=0.0)
    worst -= max(best - worst, 0.01 * abs(best), 0.01)
    return {
        name: np.array([worst if s is None else s for s in runs], float)
        for name, runs in scores.items()
    }


def compare_pairs(
    scores: Mapping[str, Floats], scale: float, diverged: frozenset[str] = frozenset()
) -> list[dict[str, Any]]:
    """Compare every two functions, each pair ordered with the higher mean first.

    Parameters
    ----------
    scores : mapping of str to ndarray
        Test scores by function, paired by seed; higher is better.
    scale : float
        The size that `EQUIVALENCE` is a share of.
    diverged : set of str
        Functions with a diverged run; they are practically equal to none.
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
        elif {pair["first"], pair["second"]} & diverged:
            pair["verdict"] = BETTER if p <= LEVEL else NO_DIFFERENCE
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
    relations = (
        ("better than", against[BETTER]),
        ("practically equal to", against[EQUAL]),
        ("no difference seen from", against[NO_DIFFERENCE]),
    )
    if against[TOO_FEW]:
        needed = seeds_needed(len(ranking))
        headline = (
            f"Too few seeds to tell: {needed} are needed at least for {len(ranking)} functions, "
            f"this study has {seeds}. {best} has the highest mean score."
        )
    elif len(against[BETTER]) == len(ranking) - 1:
        headline = f"{best} is better than every other function here."
    elif against[BETTER]:
        headline = (
            f"{best} leads: {'; '.join(f'{what} {_and(who)}' for what, who in relations if who)}."
        )
    elif all(pair["verdict"] == EQUAL for pair in pairs):
        headline = (
            f"All {len(ranking)} functions are practically equal here; {best} has the highest mean."
        )
    elif not against[NO_DIFFERENCE]:
        headline = f"{best} has the highest mean; every other function is practically equal to it."
    else:
        headline = f"Nothing is shown to differ from {best}, which has the highest mean."
    details = [f"{best}: {what} {_and(who)}." for what, who in relations if who]
    others = [p for p in pairs if p["verdict"] == BETTER and best not in (p["first"], p["second"])]
    if others:
        listed = [f"{p['first']} is better than {p['second']}" for p in others]
        details.append(f"Among the others: {_and(listed)}.")
    details.append(
        f"{seeds} paired seeds, {pairs_of(len(ranking))} comparisons, Holm-corrected sign-flip tests at "
        f"{LEVEL:.0%}; a difference within ±{margin:.3g} counts as practically equal."
    )
    return {"headline": headline, "details": details}


def _and(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
