"""Rows that are weighted: in the gradient, in training, in scores and in a whole comparison."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, r2_score
from sklearn.neighbors import KNeighborsClassifier

import rheobase as rb

RNG = np.random.default_rng(0)
ROWS = 120
X = RNG.normal(size=(ROWS, 2))
TWO = np.arange(ROWS) % 2
SMALL: dict[str, Any] = {"activations": ["relu", "tanh"], "seeds": 3, "learning_rates": [0.01]}
NETWORK: dict[str, Any] = {"hidden": [4], "epochs": 2}


def scores(result: rb.Comparison) -> list[list[float]]:
    return [entry["scores"] for entry in result.to_dict()["activations"]]


@pytest.mark.parametrize("head", ["softmax", "sigmoid", "identity"])
def test_whole_weights_are_rows_repeated(head: str) -> None:
    weights = RNG.integers(0, 4, (3, ROWS))  # other weights for each replica
    network = rb.Network([2, 5, 2], "tanh", head=head, replicas=3, dtype=float, seed=[0, 1, 2])
    y = TWO if head == "softmax" else np.stack([TWO, 1 - TWO], axis=1)
    x, target = network.check(X, y)
    loss, _ = network.backward(x, target, weights)
    found = loss, network.gradients.copy(), network.head.score(network.logits(X), target, weights)
    for replica, times in enumerate(weights):
        rows = np.repeat(np.arange(ROWS), times)
        repeated, _ = network.backward(x[rows], target[rows])
        score = network.head.score(network.logits(X[rows]), target[rows])
        expected = repeated, network.gradients, score
        for one, other in zip(found, expected, strict=True):
            assert one[replica] == pytest.approx(other[replica], rel=1e-9, abs=1e-12)


def test_training_and_validation_are_weighted() -> None:
    weights = RNG.integers(0, 4, ROWS).astype(float)
    rows = np.repeat(np.arange(ROWS), weights.astype(int))
    histories = []
    for x, y, w in ((X, TWO, weights), (X[rows], TWO[rows], None)):
        network = rb.Network([2, 4, 2], "tanh", dtype=float)
        settings: dict[str, Any] = {"epochs": 5, "batch_size": 10**3, "sample_weight": w}
        every = np.arange(len(x))
        optimizer = rb.SGD(0.5)
        histories.append(rb.train(network, optimizer, x, y, validation=every, **settings))
    assert histories[0].loss == pytest.approx(histories[1].loss)
    assert histories[0].validation == pytest.approx(histories[1].validation)


def test_a_loss_is_the_weighted_mean_over_its_batches() -> None:
    weights = np.r_[np.zeros(60), np.full(60, 3.0)]
    network = rb.Network([2, 4, 2], "tanh", dtype=float)
    still = rb.SGD(1e-300)
    history = rb.train(network, still, X, TWO, epochs=1, batch_size=32, sample_weight=weights)
    assert history.loss[0, 0] == pytest.approx(network.loss(X[60:], TWO[60:])[0])


def test_weighted_scores_are_those_of_scikit_learn() -> None:
    weights = RNG.random(ROWS)
    z = RNG.normal(size=(1, ROWS, 2))
    softmax = rb.Network([2, 2, 2], "relu", head="softmax").head
    hits = accuracy_score(TWO, z[0].argmax(axis=1), sample_weight=weights)
    assert softmax.score(z, TWO, weights) == pytest.approx(hits)
    identity = rb.Network([2, 2, 1], "relu", head="identity").head
    explained = r2_score(X[:, 0], z[0, :, 0], sample_weight=weights)
    assert identity.score(z[..., :1], X[:, :1], weights) == pytest.approx(explained)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (np.ones(3), "one number for each of the 120 samples"),
        (-np.ones(ROWS), "holds -1.0 to -1.0"),
        (np.full(ROWS, np.nan), "finite numbers of 0 or more"),
        (np.zeros(ROWS), "0 in all rows of a replica"),
    ],
)
def test_train_refuses_weights(weights: Any, words: str) -> None:
    network = rb.Network([2, 2, 2], "relu")
    with pytest.raises(rb.InputError, match=words):
        rb.train(network, rb.SGD(0.1), X, TWO, epochs=1, sample_weight=weights)


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc"])
def test_rows_of_weight_0_count_nowhere(metric: str) -> None:
    """Wrong classes of rows without weight change neither what is learned nor any score."""
    weights = (RNG.random(ROWS) < 0.6).astype(float)
    y = (X[:, 0] > 0).astype(int)
    spoiled = np.where(weights > 0, y, 1 - y)
    given = SMALL | NETWORK | {"metric": metric, "time_ordered": True}  # parts as y may change
    right, wrong, unweighted = (
        scores(rb.compare(X, each, **given, sample_weight=w))
        for each, w in ((y, weights), (spoiled, weights), (y, None))
    )
    assert right == wrong
    assert right != unweighted


@pytest.mark.parametrize("kind", [LogisticRegression, Ridge])
def test_estimators_that_are_made_are_weighted(kind: Any) -> None:
    y = (X[:, 0] > 0).astype(int) if kind is LogisticRegression else X[:, 0]
    weights = (RNG.random(ROWS) < 0.6).astype(float)
    spoiled = np.where(weights > 0, y, 1 - y)

    def make(activation: Any, *, learning_rate: float, seed: int) -> Any:
        return kind()

    given = SMALL | {"make": make, "time_ordered": True}
    right, wrong, unweighted = (
        scores(rb.compare(X, each, **given, sample_weight=w))
        for each, w in ((y, weights), (spoiled, weights), (y, None))
    )
    assert right == wrong
    assert right != unweighted


def test_made_estimators_that_take_no_weights_are_refused() -> None:
    make = lambda activation, *, learning_rate, seed: KNeighborsClassifier()  # noqa: E731
    with pytest.raises(
        rb.InputError, match="KNeighborsClassifier, whose fit takes no sample_weight"
    ):
        rb.compare(X, TWO, **SMALL, make=make, sample_weight=np.ones(ROWS))
