"""`compare_many`: what several data sets say together. Each data set counts once, however many seeds it has."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np

from rheobase._errors import InputError, require
from rheobase.compare._comparison import compare_problem
from rheobase.compare._data import array_problem
from rheobase.compare._problem import Problem
from rheobase.compare._result import Comparison, ManyComparison
from rheobase.compare._statistics import (
    LEVEL,
    Floats,
    holm,
    pairs_of,
    seeds_needed,
    signed_rank_p,
    superiority,
)
from rheobase.compare._study import check_equivalence, digest
from rheobase.compare._verdict import (
    TOO_FEW_DATA,
    filled,
    judged,
    margin_of,
    relations,
    too_few,
)
from rheobase.compare._words import say, worded

Study = Mapping[str, Any]  # what `Comparison.to_dict` gives


def compare_many(
    studies: Mapping[str, Any] | Iterable[Any],
    *,
    equivalence: float | None = None,
    journal: str | os.PathLike[str] | None = None,
    **settings: Any,
) -> ManyComparison:
    """Say what several data sets, each compared by itself, say together of the same functions.

    Every data set gives one figure for each function, its mean test score. Seeds are repeated looks at
    one data set and add none. Functions are compared pair by pair by Wilcoxon's signed-rank test over
    the data sets, corrected after Holm; Friedman's test asks whether any differ.

    Parameters
    ----------
    studies : mapping or iterable
        Name -> what `compare` returned, or its ``to_dict()``, or ``(X, y)`` that is compared first. Without
        names, those of the results' data.
    equivalence : float, optional
        The largest difference of the metric that does not matter; by default as in `compare`, by data set.
    journal : path, optional
        Directory for a journal of each data set that is run, named after its rows.
    **settings
        For `compare`, where there is data to run, such as ``seeds`` or ``resume``.

    Returns
    -------
    ManyComparison

    Raises
    ------
    InputError
        Fewer than two data sets, the same one twice, or results that differ in metric or functions.

    References
    ----------
    Demšar (2006), "Statistical Comparisons of Classifiers over Multiple Data Sets"; Benavoli, Corani and
    Mangili (2016) on why pairs are not judged by mean ranks.

    Examples
    --------
    >>> import numpy as np
    >>> import rheobase as rb
    >>> rng = np.random.default_rng(0)
    >>> data = {f"noise {k}": rng.normal(size=(2, 60)) for k in range(3)}
    >>> data = {name: (x[:, None], y) for name, (x, y) in data.items()}
    >>> result = rb.compare_many(data, activations=["relu", "tanh"], hidden=[4], seeds=2, epochs=1)
    >>> result.verdict.split(",")[0]
    'Too few data sets: at least 6 are needed for 2 functions'
    """
    margin = check_equivalence(equivalence)
    found = _named(studies)
    if len(found) < 2:
        raise InputError(
            f"compare_many got {len(found)} data set{'s' * (len(found) != 1)}; expected two at least. Seeds of one"
            " data set are not data sets: compare judges those."
        )
    problems = {
        name: given if isinstance(given, Mapping) else _problem(name, given)
        for name, given in found.items()
    }
    if journal is not None:
        Path(journal).mkdir(parents=True, exist_ok=True)

    def run(problem: Problem) -> Study:
        own = None if journal is None else Path(journal) / f"{digest(problem)[:16]}.jsonl"
        return compare_problem(problem, equivalence=margin, journal=own, **settings).to_dict()

    results = {
        name: given if isinstance(given, Mapping) else run(given)
        for name, given in problems.items()
    }
    labels, metric = _checked(results)
    scores, margins = [], []
    for result in results.values():
        runs = filled({e["label"]: e["scores"] for e in result["activations"]})
        means = [float(runs[label].mean()) for label in labels]
        scores.append(means)
        margins.append(margin_of(margin, metric, max(means)))
    summary = _summarised(list(results), labels, metric, np.array(scores), margins)
    for entry in summary["activations"]:
        entry["diverged"] = sum(
            e["scores"].count(None)
            for result in results.values()
            for e in result["activations"]
            if e["label"] == entry["label"]
        )
    return ManyComparison(summary)


def _named(studies: Any) -> dict[str, Any]:
    """Return what was given by name, comparisons as plain data."""
    if isinstance(studies, (Comparison, Problem)):
        studies = [studies]
    if isinstance(studies, Mapping) and "activations" in studies:  # one plain result
        studies = [studies]
    if isinstance(studies, Mapping):
        pairs = [(str(name), _plain(given)) for name, given in studies.items()]
    else:
        pairs = []
        for given in map(_plain, studies):
            if not isinstance(given, Mapping):
                raise InputError(
                    f"compare_many got a {type(given).__name__} without a name; expected results of compare, or a"
                    " mapping of names to (X, y)."
                )
            pairs.append((str(given.get("data", {}).get("name")), given))
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                f"compare_many got two data sets of the name {name!r}: give a mapping of different names to results."
            )
    return dict(pairs)


def _plain(given: Any) -> Any:
    return given.to_dict() if isinstance(given, Comparison) else given


def _problem(name: str, given: Any) -> Problem:
    if isinstance(given, Problem):
        return given
    if not isinstance(given, tuple) or len(given) != 2:
        raise InputError(
            f"compare_many got a {type(given).__name__} for {name!r}; expected a result of compare or (X, y)."
        )
    return array_problem(*given, name=name)


def _checked(results: Mapping[str, Study]) -> tuple[list[str], str]:
    """Return functions and metric, which all data sets must share; each must be another one."""
    for name, result in results.items():
        if not result.keys() >= {"activations", "settings", "data"}:
            raise InputError(
                f"compare_many got a mapping for {name!r} that is no result of compare."
            )
    (first, wanted), *others = results.items()
    labels = [entry["label"] for entry in wanted["activations"]]
    metric = str(wanted["settings"]["metric"])
    digests = {wanted["data"].get("digest"): first}
    for name, result in others:
        if result["settings"]["metric"] != metric:
            raise InputError(
                f"{first} was compared by {metric} and {name} by {result['settings']['metric']}; expected one metric."
            )
        if {entry["label"] for entry in result["activations"]} != set(labels):
            raise InputError(
                f"{first} and {name} were compared under different functions; expected the same ones."
            )
        digest = result["data"].get("digest")  # results before 0.2 have none
        if digest is not None and digest in digests:
            raise InputError(
                f"{digests[digest]} and {name} hold the same rows: other seeds of one data set are not another data"
                " set. Leave one out."
            )
        digests[digest] = name
    return labels, metric


def _summarised(
    names: list[str], labels: list[str], metric: str, scores: Floats, margins: Sequence[float]
) -> dict[str, Any]:
    """Ranks, tests and words from mean scores (data sets, functions)."""
    stats = require("study", "scipy.stats")
    ranks = stats.rankdata(-scores, axis=1).mean(axis=0)
    order = np.argsort(ranks, kind="stable")
    ranking = [labels[k] for k in order]
    pairs = _pairs({labels[k]: scores[:, k] for k in order}, np.array(margins))
    said = relations(ranking, pairs, by="rank")
    needed = seeds_needed(len(labels))
    if len(names) < needed:
        said[0] = too_few(ranking, "data sets", len(names), by="rank")
    comparisons = pairs_of(len(labels))
    said.append(say("basis_many", sets=len(names), pairs=comparisons, level=LEVEL))
    friedman = _friedman(scores) if len(labels) > 2 else None
    return {
        "metric": metric,
        "data": names,
        "verdict": worded(said),
        "statistics": {"level": LEVEL, "equivalence": list(margins), "data_sets_needed": needed},
        "activations": [
            {"label": labels[k], "mean_rank": float(ranks[k]), "scores": scores[:, k].tolist()}
            for k in order
        ],
        "pairs": pairs,
        "friedman": friedman,
        "critical_difference": _critical_difference(ranks[order], len(names), friedman),
    }


def _pairs(scores: Mapping[str, Floats], margins: Floats) -> list[dict[str, Any]]:
    """Compare every two functions over the data sets, each pair with the higher median difference first."""
    pairs: list[dict[str, Any]] = []
    for a, b in combinations(scores, 2):
        first, second = (a, b) if np.median(scores[a] - scores[b]) >= 0 else (b, a)
        differences = scores[first] - scores[second]
        pairs.append(
            {
                "first": first,
                "second": second,
                "difference": float(np.median(differences)),
                "superiority": superiority(differences),
                "p": signed_rank_p(differences),
                "p_equal": max(
                    signed_rank_p(margins + d, "greater") for d in (differences, -differences)
                ),
            }
        )
    for key in ("p", "p_equal"):
        for pair, p in zip(pairs, holm([pair[key] for pair in pairs]), strict=True):
            pair[f"{key}_holm"] = p
    enough = len(margins) >= seeds_needed(len(scores))
    for pair in pairs:
        pair["verdict"] = judged(pair, enough, too_few=TOO_FEW_DATA)
    return pairs


def _friedman(scores: Floats) -> dict[str, float]:
    """Return Friedman's statistic and the p of Iman and Davenport's F, which is less conservative."""
    stats = require("study", "scipy.stats")
    sets, functions = scores.shape
    if np.ptp(scores, axis=1).max() == 0:
        return {"chi2": 0.0, "p": 1.0}
    chi2 = float(stats.friedmanchisquare(*scores.T).statistic)
    most = sets * (functions - 1)
    f = (sets - 1) * chi2 / (most - chi2) if chi2 < most * (1 - 1e-12) else np.inf
    return {
        "chi2": chi2,
        "p": float(stats.f.sf(f, functions - 1, (functions - 1) * (sets - 1))),
    }


def _critical_difference(
    ranks: Floats, sets: int, friedman: Mapping[str, float] | None
) -> dict[str, Any]:
    """Return Nemenyi's critical difference of mean ranks and who lies within it, or why there is none.

    ``ranks`` ascend; a group is a range of positions, ends included.
    """
    functions, needed = len(ranks), seeds_needed(len(ranks))
    refused = None
    if friedman is None:
        refused = "two functions have no critical difference: the signed-rank test compares them."
    elif sets < needed:
        refused = (
            f"{sets} data sets are too few for {functions} functions: at least {needed} are needed. More seeds do"
            " not help, as they are not data sets."
        )
    elif friedman["p"] > LEVEL:
        refused = (
            f"Friedman's test sees no difference between the functions (p = {friedman['p']:.2g}), so that mean ranks"
            " may not be compared."
        )
    if refused:
        return {"value": None, "groups": [], "refused": refused}
    q = require("study", "scipy.stats").studentized_range.ppf(1 - LEVEL, functions, np.inf)
    value = float(q / sqrt(2) * sqrt(functions * (functions + 1) / (6 * sets)))
    groups: list[list[int]] = []
    for start in range(functions):
        end = int(np.flatnonzero(ranks - ranks[start] <= value)[-1])
        if end > start and (not groups or end > groups[-1][1]):
            groups.append([start, end])
    return {"value": value, "groups": groups, "refused": None}
