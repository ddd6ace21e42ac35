"""What makes a comparison fair: the choice of learning rates, solvers, and any metric of scikit-learn."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression

import rheobase as rb
from rheobase.compare import array_problem, load_digits_problem, make_study
from rheobase.compare._budget import epochs_within
from rheobase.compare._metrics import FAST, find_metric
from rheobase.compare._run import best_rate, outcome, refined, seed_blocks

rng = np.random.default_rng(0)
X = rng.normal(size=(150, 3))
TARGETS = {
    "binary": (X[:, 0] > 0).astype(int),
    "classes": np.digitize(X[:, 0], [-0.5, 0.5]),
    "regression": 50 + 20 * X[:, 1] + rng.normal(size=150),
}
SMALL: dict[str, Any] = {
    "activations": ["relu", "tanh"],
    "hidden": [8],
    "seeds": 3,
    "epochs": 3,
    "learning_rates": [0.003, 0.01],
}


def run(rate: float, validation: float | None, test: float | None = 0.5, seed: int = 0) -> Any:
    health = {k: [[0.0]] for k in ("dead", "saturated", "mean_output", "gradient_rms")}
    curve = {"train_loss": [1.0], "validation": [validation]}
    return {"seed": seed, "learning_rate": rate, "test": test, "health": health, **curve}


rates = st.lists(st.floats(1e-6, 10), min_size=2, max_size=6, unique=True).map(sorted)


@given(rates, st.data())
def test_refined_rates_lie_around_the_best(rates: list[float], data: st.DataObject) -> None:
    k = data.draw(st.integers(0, len(rates) - 1))
    found = refined(rates, rates[k])
    assert not {*found} & {*rates}
    neighbours = rates[max(k - 1, 0) : k + 2]
    if all(b > 1.1 * a for a, b in itertools.pairwise(neighbours)):
        below, above = found
        assert below < rates[k] < above
        assert k == 0 or rates[k - 1] < below
        assert k == len(rates) - 1 or above < rates[k + 1]


def test_a_fine_grid_has_nothing_between() -> None:
    assert refined([0.01, 0.010001, 0.010002], 0.010001) == ()


def test_a_rate_is_chosen_by_validation_and_by_the_runs_that_finish() -> None:
    """The highest test score and the validation score of a rate that diverged do not count."""
    runs = [run(0.1, 0.7, 0.2), run(0.01, 0.6, 0.9), run(1.0, 0.99), run(1.0, None, None, 1)]
    assert best_rate(runs) == 0.1
    assert outcome(runs)["scores"] == [0.2]
    assert best_rate([run(0.1, 0.0), run(0.2, -0.1)]) == 0.1  # a score of 0 is one


def test_cells_hold_seeds_of_equal_parts() -> None:
    sizes = [(6, 2, 2)] * 7 + [(7, 2, 1)] + [(6, 2, 2)]
    assert list(seed_blocks(range(9), sizes)) == [(0, 1, 2, 3, 4), (5, 6), (7,), (8,)]


@pytest.mark.parametrize(
    ("data", "metric"),
    [
        *(("binary", m) for m in ("accuracy", "roc_auc", "f1", "neg_brier_score", "neg_log_loss")),
        *(("classes", m) for m in ("accuracy", "neg_log_loss", "roc_auc_ovr", "f1_macro")),
        *(("regression", m) for m in ("r2", "neg_mean_absolute_error", "neg_max_error")),
        ("binary", metrics.make_scorer(metrics.fbeta_score, beta=2)),
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_metrics_are_scikit_learns(data: str, metric: Any, weighted: bool) -> None:
    y = TARGETS[data]
    weights = rng.uniform(size=150) if weighted and metric != "neg_max_error" else None
    if data == "regression":
        model = LinearRegression().fit(X[:30], y[:30])
        z = model.predict(X)[:, None]
    else:
        model = LogisticRegression().fit(X[:30], y[:30])
        z = np.log(model.predict_proba(X))
    scorer = metrics.get_scorer(metric)
    wanted = scorer(model, X, y, **({} if weights is None else {"sample_weight": weights}))
    found = find_metric(metric, array_problem(X, y))
    pair = [np.stack([each, each]) for each in (z, y)]
    got = found(*pair, None if weights is None else np.stack([weights, weights]))
    np.testing.assert_allclose(got, [wanted, wanted], rtol=1e-6)
    assert wanted <= found.best
    assert (found.scorer is None) == (metric in FAST)


@pytest.mark.parametrize(
    ("data", "metric", "words"),
    [
        ("classes", "roc_auc", "'roc_auc' does not fit a classification with 3 classes: multi"),
        ("classes", "r2", "does not fit a classification with 3 classes: expected accuracy"),
        ("regression", "accuracy", "does not fit a regression: expected r2"),
        ("classes", "acuracy", "such as accuracy or neg_log_loss. Did you mean"),
        ("regression", lambda *_: 1.0, "make_scorer"),
    ],
)
def test_metrics_that_do_not_fit(data: str, metric: Any, words: str) -> None:
    with pytest.raises(rb.InputError, match=words):
        rb.compare(X, TARGETS[data], **SMALL, metric=metric)


@pytest.mark.parametrize(
    "option",
    [
        {"solver": "sgd"},
        {"layer_norm": True},
        {"metric": "f1_macro"},
        {"metric": metrics.make_scorer(metrics.cohen_kappa_score)},
    ],
)
def test_options_reach_the_networks(option: dict[str, Any]) -> None:
    usual = rb.compare(**SMALL).to_dict()
    other = rb.compare(**SMALL, **option).to_dict()
    assert {e["label"]: e["mean"] for e in usual["activations"]} != {
        e["label"]: e["mean"] for e in other["activations"]
    }
    assert all(e["diverged"] == 0 for e in other["activations"])
    assert len(other["activations"][0]["learning_rate_scores"]) == 4


def test_errors_of_a_regression_are_in_the_units_of_its_target() -> None:
    means = [
        rb.compare(X, scale * TARGETS["regression"], **SMALL, metric="neg_mean_absolute_error")
        .to_dict()["activations"][0]["mean"]
        for scale in (1, 1000)
    ]  # fmt: skip
    assert means[1] == pytest.approx(1000 * means[0], rel=1e-3)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ({"solver": "adm"}, "solver is 'adm'; expected adam or sgd. Did you mean"),
        ({"layer_norm": True, "hidden": [1]}, "two units a layer"),
    ],
)
def test_options_that_cannot_be(option: dict[str, Any], words: str) -> None:
    with pytest.raises(rb.InputError, match=words):
        rb.compare(**(SMALL | option))


def boosted(kind: Any) -> Any:
    def make(activation: Any, *, learning_rate: float, seed: int) -> Any:
        rounds = {"relu": 60, "tanh": 1}[activation.name]
        return kind(n_estimators=rounds, learning_rate=learning_rate, random_state=seed)

    return make


@pytest.mark.parametrize("kind", [GradientBoostingClassifier, GradientBoostingRegressor])
def test_any_estimator_can_be_compared(kind: Any) -> None:
    classifies = kind is GradientBoostingClassifier
    y = (X[:, 0] * X[:, 1] > 0).astype(int) if classifies else TARGETS["regression"]
    few: dict[str, Any] = {
        "activations": ["tanh", "relu"],
        "seeds": 6,
        "learning_rates": [0.05, 0.1],
    }
    metric = "roc_auc" if classifies else "neg_mean_absolute_error"
    result = rb.compare(X, y, **few, make=boosted(kind), metric=metric)
    assert result.ranking == ["relu", "tanh"]
    best = result.to_dict()["activations"][0]
    assert best["mean"] > (0.8 if classifies else -10)
    assert len(best["learning_rate_scores"]) == 4
    assert result.to_dict()["claims"] == best["health"]["layers"] == []


def test_a_torch_network_can_be_compared() -> None:
    """The example of the page, as it stands there."""
    page = (Path(__file__).parent.parent / "docs" / "comparing.md").read_text(encoding="utf-8")
    code = page.split("<!-- skorch example -->\n```python\n")[1].split("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)
    best, worst = names["result"].to_dict()["activations"]
    assert (best["label"], worst["label"]) == ("relu", "sigmoid")
    assert best["mean"] > 0.9
    assert best["diverged"] == worst["diverged"] == 0


@pytest.mark.parametrize(
    ("make", "option", "words"),
    [
        ("relu", {}, "make is 'relu'; expected a function"),
        (lambda *_, **__: 3, {}, r"returned a int; expected an estimator"),
        (boosted(GradientBoostingClassifier), {"epochs": 3}, "make and epochs"),
        (boosted(GradientBoostingClassifier), {"resume": True}, "make is your own"),
    ],
)
def test_factories_that_cannot_be(make: Any, option: dict[str, Any], words: str) -> None:
    few: dict[str, Any] = {"activations": ["tanh", "relu"], "seeds": 2, "learning_rates": [0.1]}
    with pytest.raises(rb.InputError, match=words):
        rb.compare(X, TARGETS["binary"], **few, **option, make=make)


def test_a_time_budget_becomes_epochs_that_a_journal_keeps(tmp_path: Path) -> None:
    few: dict[str, Any] = {**SMALL, "journal": tmp_path / "journal.jsonl"}
    del few["epochs"]
    first = rb.compare(**few, minutes=0.01).to_dict()
    again = rb.compare(**few, minutes=0.02, resume=True).to_dict()
    assert again["settings"]["epochs"] == first["settings"]["epochs"] >= 1
    assert again["pairs"] == first["pairs"]
    problem = load_digits_problem()
    study = make_study(problem, **{k: v for k, v in SMALL.items() if k != "epochs"})
    little, much = (epochs_within(minutes, problem, study) for minutes in (1, 100))
    assert 1 < little < much


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ({"minutes": 0}, "minutes is 0; expected how long"),
        ({"minutes": "5"}, "minutes is '5'"),
        ({"minutes": 1, "epochs": 3}, "minutes and make or epochs"),
    ],
)
def test_budgets_that_cannot_be(option: dict[str, Any], words: str) -> None:
    few = {key: value for key, value in SMALL.items() if key != "epochs"}
    with pytest.raises(rb.InputError, match=words):
        rb.compare(**few, **option)
