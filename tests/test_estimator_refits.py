"""Fits that go on: partial_fit and warm_start, and what a change of parameters between them does."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn import neural_network
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.preprocessing import scale

import rheobase as rb

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

IRIS = load_iris(return_X_y=True)
DIGITS = load_digits(return_X_y=True)
DIGITS = DIGITS[0] / 16, DIGITS[1]
DIABETES = tuple(map(scale, load_diabetes(return_X_y=True)))


def classifier(**options):
    return rb.MLPClassifier(
        **{"hidden_layer_sizes": 16, "random_state": 0, "max_iter": 30} | options
    )


@pytest.mark.parametrize(("kind", "data"), [("MLPClassifier", IRIS), ("MLPRegressor", DIABETES)])
@pytest.mark.parametrize("solver", ["sgd", "lbfgs"])
def test_from_equal_weights_it_goes_where_scikit_learn_goes(kind, data, solver):
    options = {"hidden_layer_sizes": (9, 5), "activation": "tanh", "shuffle": False, "alpha": 0.1}
    options |= {"solver": solver, "batch_size": 32, "max_iter": 1, "random_state": 0}
    ours, theirs = (
        getattr(library, kind)(**options, warm_start=True).fit(*data)
        for library in (rb, neural_network)
    )
    for own, other in ((ours.coefs_, theirs.coefs_), (ours.intercepts_, theirs.intercepts_)):
        for to, start in zip(own, other, strict=True):
            to[...] = start
    for model in (ours, theirs):
        model.set_params(max_iter=5, learning_rate_init=0.02).fit(*data)
    assert ours.loss_ == pytest.approx(theirs.loss_, rel=1e-9)
    for own, other in zip(ours.coefs_, theirs.coefs_, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("before", [False, True])
def test_early_stopping_may_change_between_fits(before):
    model = classifier(early_stopping=before, warm_start=True).fit(*IRIS)
    model.set_params(early_stopping=not before).fit(*IRIS)
    assert (model.best_loss_ is None) == (model.validation_scores_ is not None) == (not before)
    model.set_params(early_stopping=False).partial_fit(*IRIS)
    assert np.isfinite(model.best_loss_)
    assert model.plot_training()


def test_each_partial_fit_drops_other_outputs():
    options = {"dropout": 0.5, "solver": "sgd", "learning_rate_init": 1e-300, "batch_size": 150}
    model = classifier(**options)
    losses = {model.partial_fit(*IRIS, classes=range(3)).loss_ for _ in range(4)}
    assert len(losses) == 4


def test_a_first_partial_fit_that_fails_leaves_no_classes():
    model = classifier()
    with pytest.raises(ValueError, match="NaN"):
        model.partial_fit(IRIS[0] * np.nan, IRIS[1], classes=range(3))
    with pytest.raises(ValueError, match="first call"):
        model.partial_fit(*IRIS)
    assert model.fit(*DIGITS).classes_.tolist() == list(range(10))


def test_partial_fit_after_another_solver_on_other_data():
    model = classifier().fit(*DIGITS).set_params(solver="lbfgs").fit(*IRIS)
    model.set_params(solver="adam").partial_fit(*IRIS)
    assert model.n_iter_ == 1


def test_partial_fit():
    model = classifier(learning_rate_init=0.02)
    for _ in range(30):
        model.partial_fit(*DIGITS, classes=range(10))
    assert model.score(*DIGITS) > 0.95
    assert model.t_ == 30 * len(DIGITS[1])
    with pytest.raises(ValueError, match="first call"):
        classifier().partial_fit(*IRIS)
    with pytest.raises(ValueError, match="early_stopping"):
        classifier(early_stopping=True).partial_fit(*IRIS, classes=range(3))
    assert not hasattr(classifier(solver="lbfgs"), "partial_fit")


def test_partial_fit_goes_on_after_pickling():
    one = rb.MLPRegressor(hidden_layer_sizes=16, random_state=0).partial_fit(*DIABETES)
    other = pickle.loads(pickle.dumps(one))
    for model in (one, other):
        model.partial_fit(*DIABETES)
    np.testing.assert_array_equal(one.predict(DIABETES[0]), other.predict(DIABETES[0]))


def test_warm_start_goes_on():
    model = classifier(warm_start=True).fit(*IRIS)
    before = model.loss_
    assert model.fit(*IRIS).loss_ < before
    with pytest.raises(ValueError, match="same classes"):
        model.fit(IRIS[0], IRIS[1] > 1)


def test_class_weight_of_a_part_without_some_class():
    X, y = IRIS[0][:100], IRIS[1][:100]  # of three classes
    ours, same = (
        classifier(class_weight=w).partial_fit(X, y, v, classes=range(3))
        for w, v in (({0: 3.0, 2: 5.0}, None), (None, np.where(y == 0, 3.0, 1.0)))
    )
    np.testing.assert_array_equal(ours.coefs_[0], same.coefs_[0])


@pytest.mark.parametrize("go_on", ["fit", "partial_fit"])
def test_other_layers_are_no_way_to_go_on(go_on):
    model = classifier(warm_start=True).fit(*IRIS).set_params(hidden_layer_sizes=(16, 8))
    with pytest.raises(ValueError, match=r"is \[16, 8\], and the network to go on from has \[16\]"):
        getattr(model, go_on)(*IRIS)
