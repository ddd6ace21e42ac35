"""Statistics of comparisons: against other libraries, against full enumeration, and against known truth."""

from __future__ import annotations

import warnings
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import rheobase as rb
from rheobase import plots
from rheobase.compare._statistics import (
    difference_p,
    equivalence_p,
    holm,
    interval,
    seeds_needed,
    sign_flip_p,
    signed_rank_p,
    superiority,
)
from rheobase.compare._verdict import compare_pairs, verdict

DIFFERENCES = np.array([0.3, 0.1, 0.2, 0.05, 0.4, -0.01, 0.2, 0.3])


def library(name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of their own dependencies
        return pytest.importorskip(name)


# --- one data set ----------------------------------------------------------------------------------


def test_sign_flip_tries_all_signs() -> None:
    signs = np.array([*product((-1, 1), repeat=8)])
    share = np.abs((signs * DIFFERENCES).mean(axis=1)) >= abs(DIFFERENCES.mean()) - 1e-12
    assert sign_flip_p(DIFFERENCES) == pytest.approx(share.mean())


def test_without_overlap_the_t_test_is_scipys() -> None:
    assert difference_p(DIFFERENCES, 0.0) == pytest.approx(
        stats.ttest_1samp(DIFFERENCES, 0.0).pvalue
    )
    low, high = stats.ttest_1samp(DIFFERENCES, 0.0).confidence_interval(0.95)
    assert interval(DIFFERENCES[:4]) == pytest.approx(
        stats.ttest_1samp(DIFFERENCES[:4], 0.0).confidence_interval(0.95)
    )
    assert interval(DIFFERENCES)[0] <= low < high <= interval(DIFFERENCES)[1]


@pytest.mark.parametrize("folds", [2, 5, 10])
def test_overlap_is_counted_as_baycomp_does(folds: int) -> None:
    """In k folds test / training rows is 1 / (k - 1), the posterior's tails are one-sided p-values."""
    d = np.resize(DIFFERENCES, 2 * folds) * np.linspace(0.5, 1, 2 * folds)
    posterior = library("baycomp").two_on_single(d, np.zeros_like(d), rope=0.25, runs=2, names=None)
    overlap = 1 / (folds - 1)
    assert equivalence_p(d, 0.25, overlap) == pytest.approx(max(posterior[0], posterior[2]))
    sides = library("baycomp").two_on_single(d, np.zeros_like(d), rope=0, runs=2)
    assert difference_p(d, overlap) == pytest.approx(2 * min(sides))


def test_holm_is_statsmodels() -> None:
    p = np.random.default_rng(0).uniform(0, 0.2, 15)
    multitest = library("statsmodels.stats.multitest")
    assert holm(p) == pytest.approx(multitest.multipletests(p, method="holm")[1])


def test_intervals_widen_with_the_overlap_and_hold_the_mean() -> None:
    skewed = np.random.default_rng(0).lognormal(size=12)
    plain, wide = interval(skewed), interval(skewed, 1 / 3)
    for end, far in zip(plain, wide, strict=True):
        assert far - skewed.mean() == pytest.approx((end - skewed.mean()) * np.sqrt(5))
    assert skewed.mean() - plain[0] < plain[1] - skewed.mean()  # BCa leans to the long tail
    assert interval(np.full(5, 0.25), 1 / 3) == [0.25, 0.25]


def test_superiority_shares_ties() -> None:
    assert superiority(np.array([1.0, 0.0, -1.0, 2.0])) == 0.625


def shared_rows(rng: np.random.Generator) -> np.ndarray:
    """Differences of two models over ten splits of 100 rows, whose errors differ row by row."""
    row = rng.normal(size=100)
    return np.array([row[rng.permutation(100)[:20]].mean() for _ in range(10)])


def test_overlapping_splits_are_not_taken_for_evidence() -> None:
    """Over data sets the mean difference is 0; on each one it is not, and every split repeats it."""
    rng = np.random.default_rng(0)
    tasks = [shared_rows(rng) for _ in range(500)]
    assert np.mean([difference_p(d, 0.0) <= 0.05 for d in tasks]) > 0.15
    assert np.mean([difference_p(d, 20 / 60) <= 0.05 for d in tasks]) <= 0.05


def test_what_only_new_splits_would_repeat_is_said_and_is_not_better() -> None:
    d = np.array([1.0, 2, 3, 1, 2, 3, 1, 2, 3, 0.5])
    scores = {"a": d, "b": np.zeros(10)}
    (pair,) = compare_pairs(scores, 0.0, 1.0)
    assert pair["p_seeds"] < 0.05 < pair["p"]
    assert pair["verdict"] == "no difference seen"
    said = verdict(["a", "b"], [pair], 10, 0)
    assert {"key": "only_here", "best": "a", "who": ["b"]} in said
    (pair,) = compare_pairs(scores, 0.0, 0.0)
    assert pair["verdict"] == "better"


def test_equivalence_is_the_callers_and_needs_no_new_runs(tmp_path: Path) -> None:
    small: dict[str, Any] = {
        "activations": ["relu", "leaky_relu"],
        "hidden": [8],
        "seeds": 6,
        "epochs": 2,
        "learning_rates": [0.01],
        "journal": tmp_path / "journal.jsonl",
    }
    for bad in (-0.1, float("nan"), "much", True):
        with pytest.raises(rb.InputError, match="equivalence is"):
            rb.compare(**small, equivalence=bad)
    assert not any(tmp_path.iterdir())
    calls: list[tuple[int, int]] = []
    for margin, said in ((0.5, "practically equal"), (0.0, "no difference seen")):
        resume: dict[str, Any] = {"resume": True, "on_progress": lambda *c: calls.append(c)}
        result = rb.compare(**small, **resume, equivalence=margin).to_dict()
        assert result["statistics"]["equivalence"] == margin
        assert result["pairs"][0]["verdict"] == said
    assert calls[4:] == [(4, 4), (4, 4)]


# --- several data sets -----------------------------------------------------------------------------

NAMES = ("elu", "relu", "tanh", "sigmoid")


def results(sets: int, functions: int = 4, step: float = 0.03, seed: int = 0) -> list[Any]:
    """Results as `compare` gives them, of functions that differ by ``step`` from one to the next."""
    rng = np.random.default_rng(seed)
    return [
        {
            "data": {"name": f"set {k}", "digest": str(k)},
            "settings": {"metric": "accuracy"},
            "activations": [
                {
                    "label": name,
                    "scores": (0.9 - step * j + level + rng.normal(0, 0.02, 3)).tolist(),
                }
                for j, name in enumerate(NAMES[:functions])
            ],
        }
        for k, level in enumerate(rng.normal(0, 0.1, sets))
    ]


def score_table(many: dict[str, Any]) -> np.ndarray:
    return np.array([entry["scores"] for entry in many["activations"]]).T


def test_many_agrees_with_scipy_and_scikit_posthocs() -> None:
    many = rb.compare_many(results(12, step=0.01)).to_dict()
    scores = score_table(many)
    chi2 = stats.friedmanchisquare(*scores.T).statistic
    assert many["friedman"]["chi2"] == pytest.approx(chi2)
    assert many["friedman"]["p"] == pytest.approx(stats.f.sf(11 * chi2 / (36 - chi2), 3, 33))
    theirs = library("scikit_posthocs").posthoc_wilcoxon(list(scores.T), p_adjust="holm")
    labels = [entry["label"] for entry in many["activations"]]
    for pair in many["pairs"]:
        a, b = (labels.index(pair[key]) + 1 for key in ("first", "second"))
        assert pair["p_holm"] == pytest.approx(theirs.loc[a, b], abs=1e-5)  # rounded


def test_the_critical_difference_is_nemenyis() -> None:
    many = rb.compare_many(results(12)).to_dict()
    found, scores = many["critical_difference"], score_table(many)
    p = library("scikit_posthocs").posthoc_nemenyi_friedman(-scores).to_numpy()
    ranks = np.array([entry["mean_rank"] for entry in many["activations"]])
    within = np.abs(ranks[:, None] - ranks) <= found["value"]
    assert np.array_equal(within, p > 0.05)
    joined = np.eye(4, dtype=bool)
    for start, end in found["groups"]:
        joined[start : end + 1, start : end + 1] = True
    assert np.array_equal(joined, within)
    theirs = library("autorank").autorank(pd.DataFrame(scores), force_mode="nonparametric")
    assert found["value"] == pytest.approx(theirs.cd, rel=1e-3)


def test_signed_ranks_are_exact_with_ties_and_zeros() -> None:
    d = np.array([0.0, 0.1, 0.1, 0.2, -0.1, 0.3, 0.0, 0.4])
    ranks = stats.rankdata(np.abs(d))
    signs = np.array([*product((-1, 1), repeat=8)])
    sums = (ranks * (d != 0) * signs).sum(axis=1)
    seen = (ranks * np.sign(d)).sum()
    assert signed_rank_p(d) == pytest.approx((np.abs(sums) >= abs(seen) - 1e-12).mean())


@pytest.mark.parametrize(
    ("sets", "step", "said"),
    [(12, 0.05, "better"), (12, 0.0, "no difference seen"), (7, 0.05, "too few data sets")],
)
def test_words_over_data_sets(sets: int, step: float, said: str) -> None:
    many = rb.compare_many(results(sets, step=step), equivalence=0.0)
    assert {pair["verdict"] for pair in many.to_dict()["pairs"]} == {said}
    if said == "better":
        assert many.ranking == list(NAMES)
        assert many.verdict == "elu is better than every other function here."


def test_diverged_runs_are_counted_over_data_sets() -> None:
    given = results(12)
    given[3]["activations"][2]["scores"][1] = None
    many = rb.compare_many(given).to_dict()
    assert {e["label"]: e["diverged"] for e in many["activations"]}["tanh"] == 1
    assert {e["label"]: e["scores"][3] for e in many["activations"]}["tanh"] < 0.8


def test_equal_over_data_sets() -> None:
    many = rb.compare_many(results(12, step=0.001), equivalence=0.1)
    assert many.verdict.startswith("All 4 functions are practically equal")


def test_a_diagram_is_drawn_where_it_is_valid_and_refused_with_the_reason_elsewhere() -> None:
    axes = plots.critical_difference(rb.compare_many(results(12)).to_dict())
    assert {"elu", "critical difference"} <= {text.get_text() for text in axes.texts}
    for given, why in (
        (results(seeds_needed(4) - 1), "too few for 4 functions: at least 8"),
        (results(12, step=0.0), "Friedman's test sees no difference"),
        (results(12, functions=2), "two functions"),
    ):
        with pytest.raises(rb.InputError, match=why):
            plots.critical_difference(rb.compare_many(given).to_dict())
    with pytest.raises(rb.InputError, match="seeds are not data sets"):
        plots.critical_difference(results(1)[0])


def test_what_are_not_several_data_sets_is_refused() -> None:
    one, two = results(2)
    for given, why in (
        (one, "Seeds of one data set are not data sets"),
        ({"digits": one, "again": one}, "hold the same rows"),
        ([one, one], "two data sets of the name"),
        ([one, {**two, "settings": {"metric": "r2"}}], "expected one metric"),
        ([one, {**two, "activations": two["activations"][:3]}], "different functions"),
        ({"a": one, "b": 3}, "expected a result of compare or"),
        ([one, (1, 2)], "without a name"),
        ({"a": one, "b": {}}, "no result of compare"),
    ):
        with pytest.raises(rb.InputError, match=why):
            rb.compare_many(given)
