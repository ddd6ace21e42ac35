"""The comparison: fair, honest, and the same whoever runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from scipy import stats

import rheobase as rb
from rheobase.compare import array_problem
from rheobase.compare._cell import make_data
from rheobase.compare._claims import CLAIMS
from rheobase.compare._statistics import holm, seeds_needed, sign_flip_p
from rheobase.compare._verdict import compare_pairs, filled, verdict
from rheobase.compare._words import worded

SMALL: dict[str, Any] = {
    "activations": ["relu", "tanh"],
    "hidden": [8],
    "seeds": 3,
    "epochs": 3,
    "learning_rates": [0.003, 0.01],
}


def without_times(result: Any) -> dict[str, Any]:
    plain = result.to_dict()
    for entry in plain["activations"]:
        del entry["cost"]
    return {key: plain[key] for key in ("activations", "pairs", "verdict")}


def test_workers_and_backends_do_not_matter() -> None:
    alone = without_times(rb.compare(**SMALL))
    for backend in ("loky", "threading"):
        with joblib.parallel_config(backend=backend, n_jobs=2):
            assert without_times(rb.compare(**SMALL)) == alone


def test_an_activation_is_judged_alone() -> None:
    """Who else takes part changes nothing in a function's own runs."""
    both = {e["label"]: e["scores"] for e in rb.compare(**SMALL).to_dict()["activations"]}
    other = rb.compare(**(SMALL | {"activations": ["relu", "elu"]})).to_dict()["activations"]
    assert {e["label"]: e["scores"] for e in other}["relu"] == both["relu"]


def test_a_journal_is_resumed(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    first = without_times(rb.compare(**SMALL, journal=path))
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-1]))
    calls: list[tuple[int, int]] = []
    again = rb.compare(**SMALL, journal=path, resume=True, on_progress=lambda *c: calls.append(c))
    assert without_times(again) == first
    assert calls == [(2, 4), (3, 4), (4, 4)]
    with pytest.raises(rb.InputError, match="another study"):
        rb.compare(**(SMALL | {"epochs": 4}), journal=path, resume=True)


def test_a_diverged_run_is_shown_and_never_dropped() -> None:
    result = rb.compare(**(SMALL | {"learning_rates": [1e30]})).to_dict()
    assert all(
        entry["diverged"] + sum(s is not None for s in entry["scores"]) == 3
        for entry in result["activations"]
    )
    assert sum(entry["diverged"] for entry in result["activations"]) > 0


def test_default_seeds_are_enough() -> None:
    assert seeds_needed(5) == 9
    for functions in range(2, 30):
        n, pairs = seeds_needed(functions), functions * (functions - 1) / 2
        assert 2.0 ** (1 - n) * pairs <= 0.05 < 2.0 ** (2 - n) * pairs


def test_sign_flip_is_exact_and_holm_is_statsmodels() -> None:
    d = np.array([0.3, 0.1, 0.2, 0.05, 0.4, -0.01, 0.2, 0.3])
    signs = np.array(np.meshgrid(*[[-1, 1]] * 8)).reshape(8, -1)
    share = (np.abs((signs * d[:, None]).mean(axis=0)) >= abs(d.mean()) - 1e-12).mean()
    assert sign_flip_p(d) == pytest.approx(share)
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert stats.rankdata(holm([0.2, 0.001, 0.05])).tolist() == [3, 1, 2]


@pytest.mark.parametrize(
    ("gap", "noise", "seeds", "verdict"),
    [
        (0.05, 0.002, 10, "better"),
        (0.0, 0.001, 10, "practically equal"),
        (0.01, 0.08, 10, "no difference seen"),
        (0.05, 0.002, 4, "too few seeds"),
    ],
)
def test_verdicts(gap: float, noise: float, seeds: int, verdict: str) -> None:
    rng = np.random.default_rng(0)
    base = 0.9 + rng.normal(0, 0.02, seeds)
    scores = {"a": base + gap + rng.normal(0, noise, seeds), "b": base}
    (pair,) = compare_pairs(scores, 0.01)
    assert pair["verdict"] == verdict


def test_a_diverged_run_counts_as_worse_than_any_finished_one() -> None:
    assert filled({"a": [0.9, None], "b": [0.5, 0.6]})["a"][1] < 0.5


def test_every_claim_is_judged() -> None:
    activations = ["sigmoid", "tanh", "relu", "leaky_relu", "elu"]
    result = rb.compare(**(SMALL | {"activations": activations, "seeds": 2})).to_dict()
    assert [claim["id"] for claim in result["claims"]] == [claim[0] for claim in CLAIMS]
    assert "not tested" not in {claim["verdict"] for claim in result["claims"]}


def test_regression_and_metrics() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 3))
    y = X @ [1.0, -2.0, 0.5] + 0.05 * rng.normal(size=120)
    for metric in ("r2", "neg_mean_absolute_error"):
        result = rb.compare(X, y, **(SMALL | {"epochs": 40}), metric=metric).to_dict()
        assert result["data"]["task"] == "regression"
        assert result["activations"][0]["mean"] > (0.8 if metric == "r2" else -0.4)
    with pytest.raises(rb.InputError, match="does not fit"):
        rb.compare(X, y, **SMALL, metric="accuracy")
    with pytest.raises(rb.InputError, match="NaN"):
        rb.compare(np.where(X > 2, np.nan, X), y, **SMALL)


def test_a_function_that_never_trains_is_equal_to_none() -> None:
    runs = {"relu": [0.981, 0.982, 0.983, 0.984, 0.982] * 2, "elu": [None] * 10}
    (pair,) = compare_pairs(filled(runs), 0.01, 1 / 3, frozenset({"elu"}))
    assert (pair["first"], pair["verdict"]) == ("relu", "better")
    settings = SMALL | {"activations": ["relu", "identity"], "learning_rates": [1e30], "seeds": 8}
    study = rb.compare(**settings).to_dict()
    assert "diverged" in study["verdict"]["headline"]
    assert study["activations"][0]["mean"] is None


def test_words_agree_with_the_pairs() -> None:
    rng = np.random.default_rng(0)
    a, b = 0.95 + rng.normal(0, 0.05, 10), 0.9485 + rng.normal(0, 0.0005, 10)
    scores = {"a": a, "b": b, "c": 0.92 + rng.normal(0, 0.0005, 10)}
    ranking = sorted(scores, key=lambda name: -scores[name].mean())
    pairs = compare_pairs({name: scores[name] for name in ranking}, 0.01)
    said = worded(verdict(ranking, pairs, 10, 0.01))
    words = " ".join([said["headline"], *said["details"]])
    for pair in pairs:
        if pair["verdict"] == "better" and pair["first"] != ranking[0]:
            assert f"{pair['first']} is better than {pair['second']}" in words
    assert "level" not in words


def test_a_target_that_hardly_varies_is_named() -> None:
    y = np.zeros(60)
    y[7] = 0.5
    with pytest.raises(rb.InputError, match='"y" does not vary over the'):
        rb.compare(np.random.default_rng(0).normal(size=(60, 2)), y, **(SMALL | {"seeds": 10}))


def test_the_probe_sees_every_class_of_a_sorted_file() -> None:
    y = np.repeat(np.arange(10), 100)
    problem = array_problem(np.random.default_rng(0).normal(size=(1000, 2)), y)
    data = make_data(problem, range(3))
    for probe, train in zip(data.probe, data.train, strict=True):
        assert set(data.y[probe]) == set(range(10))
        assert set(probe) <= set(train)


def test_what_was_still_rising_is_said() -> None:
    """Five epochs at a small rate are too few, and sixty enough."""
    few = SMALL | {"learning_rates": [0.0003], "epochs": 5}
    said = rb.compare(**few).to_dict()["verdict"]
    assert "of relu and tanh were still rising" in " ".join(said["details"]).replace(
        "tanh and relu", "relu and tanh"
    )
    long = SMALL | {"learning_rates": [0.01], "epochs": 60}
    assert "rising" not in {each["key"] for each in rb.compare(**long).to_dict()["verdict"]["said"]}
