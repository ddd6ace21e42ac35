"""What the runs say: which differences are shown, and a verdict in words."""

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

BETTER = "better"
EQUAL = "practically equal"
NO_DIFFERENCE = "no difference seen"
TOO_FEW = "too few seeds"
TOO_FEW_DATA = "too few data sets"
EQUIVALENCE = 0.01  # of accuracy or R², and of the size of the best mean loss


class Answer:
    """What a study says: plain data with a verdict and a ranking."""

    def __init__(self, result: dict[str, Any]) -> None:
        self._result = result

    @property
    def verdict(self) -> str:
        """What the study says, in one sentence."""
        return str(self._result["verdict"]["headline"])

    @property
    def ranking(self) -> list[str]:
        """The functions, best first: by mean test score, or over data sets by mean rank."""
        return [entry["label"] for entry in self._result["activations"]]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON."""
        return self._result

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.verdict}>"


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
) -> dict[str, Any]:
    """Return the verdict in words: a headline and details; ``margin`` is what counts as equal."""
    best = ranking[0]
    said = in_words(ranking, pairs, "has the highest mean score")
    needed = seeds_needed(len(ranking))
    if seeds < needed:
        said["headline"] = (
            f"Too few seeds: at least {needed} are needed for {len(ranking)} functions, "
            f"this study has {seeds}. {best} has the highest mean score."
        )
    else:
        only_here = [
            p["second"]
            for p in pairs
            if (p["first"], p["verdict"]) == (best, NO_DIFFERENCE) and p["p_seeds_holm"] <= LEVEL
        ]
        if only_here:
            said["details"].append(
                f"New splits of these rows would show {best} ahead of {_and(only_here)} again; "
                "that new rows from the same source would is not shown."
            )
    said["details"].append(
        f"{seeds} paired seeds, {pairs_of(len(ranking))} comparisons, corrected after Holm at "
        f"{LEVEL:.0%}; a difference within ±{margin:.3g} counts as practically equal."
    )
    return said


def in_words(
    ranking: Sequence[str], pairs: Sequence[Mapping[str, Any]], leading: str
) -> dict[str, Any]:
    """Return headline and details of judged pairs; ``leading`` says in what the first one leads."""
    best = ranking[0]
    against: dict[str, list[str]] = {kind: [] for kind in (BETTER, EQUAL, NO_DIFFERENCE)}
    for p in pairs:
        if p["first"] == best or (p["second"] == best and p["verdict"] != BETTER):
            against.setdefault(p["verdict"], []).append(
                p["second"] if p["first"] == best else p["first"]
            )
    relations = (
        ("better than", against[BETTER]),
        ("practically equal to", against[EQUAL]),
        ("no difference seen from", against[NO_DIFFERENCE]),
    )
    shown = [f"{what} {_and(who)}" for what, who in relations if who]
    if len(against[BETTER]) == len(ranking) - 1:
        headline = f"{best} is better than every other function here."
    elif against[BETTER]:
        headline = f"{best} leads: {'; '.join(shown)}."
    elif all(pair["verdict"] == EQUAL for pair in pairs):
        headline = f"All {len(ranking)} functions are practically equal here; {best} {leading}."
    elif len(against[EQUAL]) == len(ranking) - 1:
        headline = f"{best} {leading}; every other function is practically equal to it."
    else:
        headline = f"Nothing is shown to differ from {best}, which {leading}."
    details = [f"{best}: {what}." for what in shown]
    others = [
        f"{p['first']} is better than {p['second']}"
        for p in pairs
        if p["verdict"] == BETTER and p["first"] != best
    ]
    if others:
        details.append(f"Among the others: {_and(others)}.")
    return {"headline": headline, "details": details}


def _and(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
