"""What the runs say: which differences are shown, and a verdict, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from rheobase.compare._statistics import (
    LEVEL,
    Floats,
    difference_p,
    equivalence_p,
    holm,
    interval,
    pairs_of,
    seeds_needed,
    sign_flip_p,
    superiority,
)
from rheobase.compare._words import Said, say

BETTER = "better"
EQUAL = "practically equal"
NO_DIFFERENCE = "no difference seen"
TOO_FEW = "too few seeds"
TOO_FEW_DATA = "too few data sets"
EQUIVALENCE = 0.01  # of accuracy or R², and of the size of the best mean loss
MOST_LISTED = 10  # pairs among the others; more are left to the table


def filled(scores: Mapping[str, Sequence[float | None]]) -> dict[str, Floats]:
    """Fill in a score for each diverged run, worse than that of any finished one: none is dropped."""
    finite = [s for runs in scores.values() for s in runs if s is not None]
    worst, best = min(finite, default=0.0), max(finite, default=0.0)
    worst -= max(best - worst, 0.01 * abs(best), 0.01)
    return {
        name: np.array([worst if s is None else s for s in runs], float)
        for name, runs in scores.items()
    }


def margin_of(equivalence: float | None, metric: str, best: float) -> float:
    """Return what counts as equal: ``equivalence`` if given, or the default for the metric."""
    if equivalence is not None:
        return equivalence
    return EQUIVALENCE * (max(abs(best), 1e-12) if metric.startswith("neg_") else 1.0)


def compare_pairs(
    scores: Mapping[str, Floats],
    margin: float,
    overlap: float = 0.0,
    diverged: frozenset[str] = frozenset(),
) -> list[dict[str, Any]]:
    """Compare every two functions, each pair ordered with the higher mean first.

    *Better* needs two tests: that of the signs over the seeds, which supposes nothing of the shape of
    the differences, and the t-test that takes the overlap of the splits into account. ``p`` is the
    larger of the two. Each kind of p is corrected after Holm over all pairs.

    Parameters
    ----------
    scores : mapping of str to ndarray
        Test scores by function, paired by seed; higher is better.
    margin : float
        A mean difference within ±``margin`` is practically none.
    overlap : float
        Test rows / training rows where the seeds split the same rows anew, else 0.
    diverged : set of str
        Functions with a diverged run; they are practically equal to none.
    """
    pairs: list[dict[str, Any]] = []
    for a, b in combinations(scores, 2):
        first, second = (a, b) if scores[a].mean() >= scores[b].mean() else (b, a)
        differences = scores[first] - scores[second]
        p_seeds = sign_flip_p(differences)
        pairs.append(
            {
                "first": first,
                "second": second,
                "difference": float(differences.mean()),
                "interval": interval(differences, overlap),
                "superiority": superiority(differences),
                "p_seeds": p_seeds,
                "p": max(p_seeds, difference_p(differences, overlap)),
                "p_equal": equivalence_p(differences, margin, overlap),
            }
        )
    for key in ("p_seeds", "p", "p_equal"):
        for pair, p in zip(pairs, holm([pair[key] for pair in pairs]), strict=True):
            pair[f"{key}_holm"] = p
    enough = len(next(iter(scores.values()))) >= seeds_needed(len(scores))
    for pair in pairs:
        comparable = not {pair["first"], pair["second"]} & diverged
        pair["verdict"] = judged(pair, enough, comparable)
    return pairs


def judged(
    pair: Mapping[str, Any], enough: bool, comparable: bool = True, too_few: str = TOO_FEW
) -> str:
    """Return the verdict on one pair from its corrected p-values."""
    if not enough:
        return too_few
    if comparable and pair["p_equal_holm"] <= LEVEL / 2:  # so that the 95 % interval lies within
        return EQUAL
    return BETTER if pair["p_holm"] <= LEVEL else NO_DIFFERENCE


def verdict(
    ranking: Sequence[str], pairs: Sequence[Mapping[str, Any]], seeds: int, margin: float
) -> list[Said]:
    """Return what the runs say, the headline first; ``margin`` is what counts as equal."""
    best = ranking[0]
    headline, *details = relations(ranking, pairs, by="score")
    needed = seeds_needed(len(ranking))
    if seeds < needed:
        headline = too_few(ranking, "seeds", seeds, by="score")
    else:
        only_here = [
            p["second"]
            for p in pairs
            if (p["first"], p["verdict"]) == (best, NO_DIFFERENCE) and p["p_seeds_holm"] <= LEVEL
        ]
        if only_here:
            details.append(say("only_here", best=best, who=only_here))
    comparisons = pairs_of(len(ranking))
    basis = say("basis", seeds=seeds, pairs=comparisons, level=LEVEL, margin=margin)
    return [headline, *details, basis]


def too_few(ranking: Sequence[str], runs: str, count: int, by: str) -> Said:
    """Say that so few seeds or data sets can show nothing."""
    functions = len(ranking)
    needed = seeds_needed(functions)
    return say(
        "too_few",
        runs=runs,
        count=count,
        needed=needed,
        functions=functions,
        best=ranking[0],
        by=by,
    )


def relations(ranking: Sequence[str], pairs: Sequence[Mapping[str, Any]], by: str) -> list[Said]:
    """Return headline and details of judged pairs; ``by`` is what the first one leads in."""
    best = ranking[0]
    against: dict[str, list[str]] = {kind: [] for kind in (BETTER, EQUAL, NO_DIFFERENCE)}
    for p in pairs:
        if p["first"] == best or (p["second"] == best and p["verdict"] != BETTER):
            against.setdefault(p["verdict"], []).append(
                p["second"] if p["first"] == best else p["first"]
            )
    shown = [(kind, against[kind]) for kind in (BETTER, EQUAL, NO_DIFFERENCE) if against[kind]]
    if len(against[BETTER]) == len(ranking) - 1:
        headline = say("best_of_all", best=best)
    elif against[BETTER]:
        headline = say("leads", best=best, shown=shown)
    elif all(pair["verdict"] == EQUAL for pair in pairs):
        headline = say("all_equal", best=best, functions=len(ranking), by=by)
    elif len(against[EQUAL]) == len(ranking) - 1:
        headline = say("equal_to_best", best=best, by=by)
    else:
        headline = say("nothing_shown", best=best, by=by)
    details = []
    if headline["key"] == "nothing_shown" and len(shown) > 1:
        details = [say("against", best=best, shown=[relation]) for relation in shown]
    ahead = [
        (p["second"], p["difference"])
        for p in pairs
        if (p["first"], p["verdict"]) == (best, BETTER)
    ]
    if ahead:
        details.append(say("ahead", best=best, whom=ahead[:MOST_LISTED]))
    winners: dict[str, list[str]] = {}
    for p in pairs:
        if p["verdict"] == BETTER and p["first"] != best:
            winners.setdefault(p["first"], []).append(p["second"])
    better = sum(map(len, winners.values()))
    if better > MOST_LISTED:
        details.append(say("many_others", better=better, pairs=pairs_of(len(ranking) - 1)))
    elif winners:
        details.append(say("others", winners=winners))
    return [headline, *details]
