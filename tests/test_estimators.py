"""MLPClassifier and MLPRegressor beside scikit-learn's own, and what only they have."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_matrix
from sklearn import neural_network
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import (
    load_diabetes,
    load_digits,
    load_iris,
    make_multilabel_classification,
    make_regression,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale
from sklearn.utils.estimator_checks import check_estimator

import rheobase as rb

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

IRIS = load_iris(return_X_y=True)
DIGITS = load_digits(return_X_y=True)
DIGITS = DIGITS[0] / 16, DIGITS[1]
DIABETES = tuple(map(scale, load_diabetes(return_X_y=True)))
LABELS = make_multilabel_classification(300, random_state=0)
SOLVERS = ("adam", "adamw", "sgd", "lbfgs")
STOCHASTIC = SOLVERS[:3]


def classifier(**options):
    return rb.MLPClassifier(
        **{"hidden_layer_sizes": 16, "random_state": 0, "max_iter": 30} | options
    )


def regressor(**options):
    return rb.MLPRegressor(
        **{"hidden_layer_sizes": 16, "random_state": 0, "max_iter": 30} | options
    )


# ---- As scikit-learn's ----


@pytest.mark.parametrize("make", [rb.MLPClassifier, rb.MLPRegressor])
def test_check_estimator(make):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_estimator(make(max_iter=100))


@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
def test_it_takes_what_scikit_learn_takes(kind):
    theirs = getattr(neural_network, kind)().get_params()
    ours = getattr(rb, kind)().get_params()
    assert {key: ours[key] for key in theirs} == theirs


@pytest.mark.parametrize(
    ("kind", "data", "options"),
    [
        ("MLPClassifier", IRIS, {"solver": "lbfgs"}),
        ("MLPClassifier", IRIS, {"max_iter": 300, "learning_rate_init": 0.01}),
        ("MLPClassifier", DIGITS, {"max_iter": 20}),
        ("MLPClassifier", DIGITS, {"max_iter": 20, "solver": "sgd", "learning_rate_init": 0.05}),
        ("MLPClassifier", LABELS, {"max_iter": 100}),
        ("MLPRegressor", DIABETES, {"max_iter": 100}),
        ("MLPRegressor", DIABETES, {"solver": "lbfgs", "max_iter": 20}),
    ],
)
def test_scores_are_at_least_scikit_learns_but_for_noise(kind, data, options):
    options = {"hidden_layer_sizes": 40, "random_state": 0} | options
    ours, theirs = (
        cross_val_score(
            getattr(library, kind)(**options), *data, cv=KFold(3, shuffle=True, random_state=0)
        )
        for library in (rb, neural_network)
    )
    assert ours.mean() > theirs.mean() - 0.05


# ---- Training ----


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("activation", ["relu", rb.leaky_relu.bind(negative_slope=0.2), "gelu"])
def test_every_solver_learns(solver, activation):
    options = {"solver": solver, "activation": activation, "max_iter": 80, "batch_size": 32}
    assert classifier(learning_rate_init=0.02, **options).fit(*DIGITS).score(*DIGITS) > 0.95


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "huber", "poisson"])
@pytest.mark.parametrize("output", ["softplus", "exponential"])
@pytest.mark.parametrize("weighted", [False, True])
def test_gradients_of_regression_agree_with_central_differences(loss, output, weighted):
    rng = np.random.default_rng(0)
    head = rb.network.regression_head(loss, rb.activation(output))
    network = rb.Network([3, 4, 2], "tanh", head=head, dtype=np.float64)
    x, weights = rng.normal(size=(6, 3)), rng.random(6) if weighted else None
    target = head.encode(rng.random((6, 2)), 2, network.dtype)
    network.backward(x, target, weights)
    gradients = network.gradients[0].copy()
    for k, start in enumerate(network.parameters[0].copy()):
        losses = []
        for step in (1e-6, -1e-6):
            network.parameters[0, k] = start + step
            losses.append(network.backward(x, target, weights)[0][0])
        network.parameters[0, k] = start
        assert gradients[k] == pytest.approx((losses[0] - losses[1]) / 2e-6, abs=1e-7)


def test_poisson_loss_predicts_rates():
    X = np.random.default_rng(0).normal(size=(500, 2))
    y = np.random.default_rng(1).poisson(np.exp(X[:, 0]))
    model = regressor(loss="poisson", solver="lbfgs", max_iter=50).fit(X, y)
    assert model.out_activation_ == "exponential"
    assert (model.predict(X) > 0).all()
    assert np.corrcoef(model.predict(X), np.exp(X[:, 0]))[0, 1] > 0.95


@pytest.mark.parametrize("sizes", [(), (5,), (6, 4)])
def test_layers(sizes):
    model = classifier(hidden_layer_sizes=sizes).fit(*IRIS)
    assert [w.shape for w in model.coefs_] == list(zip((4, *sizes), (*sizes, 3), strict=True))
    assert [len(b) for b in model.intercepts_] == [*sizes, 3]
    assert model.n_layers_ == len(sizes) + 2


def test_an_activation_for_each_layer():
    model = classifier(hidden_layer_sizes=(5, 5), activation=["elu", rb.tanh]).fit(*IRIS)
    assert model.network_.activations == (rb.elu, rb.tanh)
    with pytest.raises(ValueError, match="got 2 for 1 hidden layers"):
        classifier(activation=["elu", "tanh"]).fit(*IRIS)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_sample_of_weight_zero_is_not_there(solver):
    X, y = IRIS
    spoilt = np.where(np.arange(150) % 5, y, (y + 1) % 3)
    weights = (np.arange(150) % 5 > 0).astype(float)
    options = {"solver": solver, "max_iter": 100, "batch_size": 150, "learning_rate_init": 0.05}
    model = classifier(**options).fit(X, spoilt, weights)
    assert model.score(X, y) > 0.9
    assert model.score(X, spoilt, weights) == model.score(X[weights > 0], y[weights > 0])


def test_equal_weights_change_nothing():
    plain, weighted = classifier().fit(*IRIS), classifier().fit(*IRIS, np.ones(150))
    for one, other in zip(plain.coefs_, weighted.coefs_, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9)


def test_class_weight_moves_the_boundary():
    X, y = IRIS[0][50:, :2], IRIS[1][50:] - 1  # they overlap
    share = [
        classifier(class_weight=w, solver="lbfgs").fit(X, y).predict(X).mean()
        for w in ({0: 50}, None, {1: 50})
    ]
    assert share[0] < share[1] < share[2]


@pytest.mark.parametrize("solver", ["sgd", "adamw"])
def test_the_penalty_of_a_step_is_that_of_its_formula(solver):
    options = {"solver": solver, "momentum": 0, "max_iter": 1, "learning_rate_init": 0.1}
    plain, penalised = (classifier(alpha=alpha, **options).fit(*IRIS) for alpha in (0, 3))
    start = rb.MLPClassifier(
        16, random_state=0, max_iter=1, learning_rate_init=1e-300, solver="sgd"
    )
    divisor = 1 if solver == "adamw" else len(IRIS[1])
    for w, v, first in zip(plain.coefs_, penalised.coefs_, start.fit(*IRIS).coefs_, strict=True):
        np.testing.assert_allclose(v - w, -0.1 * 3 / divisor * first, rtol=1e-9, atol=1e-15)
    np.testing.assert_array_equal(plain.intercepts_[0], penalised.intercepts_[0])


def test_alpha_shrinks_weights():
    sizes = [
        sum(np.square(w).sum() for w in classifier(alpha=alpha, solver="lbfgs").fit(*IRIS).coefs_)
        for alpha in (0, 1, 100)
    ]
    assert sizes[0] > sizes[1] > sizes[2]


@pytest.mark.parametrize("schedule", ["invscaling", "adaptive", "cosine"])
def test_schedules_lower_the_rate(schedule):
    options = {"solver": "sgd", "learning_rate_init": 0.1, "n_iter_no_change": 1, "tol": 1.0}
    model = classifier(learning_rate=schedule, **options).fit(*IRIS)
    assert model._factor < 1


def test_the_gradient_is_clipped():
    free, clipped = (
        classifier(solver="sgd", momentum=0, clip_norm=norm, max_iter=1, batch_size=150, alpha=0)
        for norm in (None, 1e-3)
    )
    start = [w.copy() for w in classifier(learning_rate_init=1e-300, max_iter=1).fit(*IRIS).coefs_]
    moved = [
        sum(np.square(w - s).sum() for w, s in zip(m.fit(*IRIS).coefs_, start, strict=True))
        for m in (free, clipped)
    ]
    assert moved[1] <= (1e-3 * 1e-3) ** 2 < moved[0]


def test_dropout_keeps_the_mean_and_masks_the_gradient():
    dropout = rb.network.Dropout(0.25, np.random.default_rng(0))
    a, gradient = np.ones((1, 200, 200)), np.ones((1, 200, 200))
    dropout.forward(0, a)
    dropout.backward(0, gradient)
    assert a.mean() == pytest.approx(1, abs=0.02)
    np.testing.assert_array_equal(a, gradient)
    assert classifier(dropout=0.3, max_iter=60).fit(*DIGITS).score(*DIGITS) > 0.85


def test_early_stopping_is_stratified_and_keeps_the_best(monkeypatch):
    seen, original = [], rb.MLPClassifier._validation_score

    def spy(self, z, y, weights):
        score = original(self, z, y, weights)
        seen.append((score, self.network_.parameters.copy(), np.bincount(y).tolist()))
        return score

    monkeypatch.setattr(rb.MLPClassifier, "_validation_score", spy)
    options = {"max_iter": 40, "learning_rate_init": 0.1, "tol": 0.5}
    model = classifier(early_stopping=True, validation_fraction=0.2, **options).fit(*IRIS)
    scores, parameters, counts = zip(*seen, strict=True)
    assert counts[0] == [10, 10, 10]
    assert model.validation_scores_ == list(scores)
    assert len(model.validation_loss_curve_) == model.n_iter_
    assert model.best_validation_score_ == max(scores)
    assert model.best_loss_ is None
    best = parameters[int(np.argmax(scores))]
    np.testing.assert_array_equal(model.network_.parameters, best)
    assert not np.array_equal(best, parameters[-1])


# ---- Data ----


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(dtype):
    X, y = IRIS
    model = classifier().fit(X.astype(dtype), y)
    assert {a.dtype for a in (*model.coefs_, *model.intercepts_)} == {np.dtype(dtype)}
    assert model.predict_proba(X.astype(dtype)).dtype == dtype


@pytest.mark.parametrize("solver", SOLVERS)
def test_sparse_gives_the_same_bits(solver):
    X, y = DIGITS
    dense, sparse = (classifier(solver=solver, max_iter=3) for _ in range(2))
    a = dense.fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(a, sparse.fit(csr_matrix(X), y).predict_proba(csr_matrix(X)))


def test_multilabel_and_multioutput():
    model = classifier(max_iter=100).fit(*LABELS)
    assert model.predict(LABELS[0]).shape == LABELS[1].shape
    np.testing.assert_array_equal(model.predict(LABELS[0]), model.predict_proba(LABELS[0]) > 0.5)
    sparse = classifier(max_iter=100).fit(LABELS[0], csr_matrix(LABELS[1]))
    np.testing.assert_array_equal(sparse.coefs_[0], model.coefs_[0])
    X, y = make_regression(100, n_targets=3, random_state=0)
    assert regressor(solver="lbfgs", max_iter=200).fit(X, scale(y)).score(X, scale(y)) > 0.95


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_feature_names(frame):
    names = ["a", "b", "c", "d"]
    X = frame(dict(zip(names, IRIS[0].T, strict=True)))
    model = classifier().fit(X, IRIS[1])
    assert model.feature_names_in_.tolist() == names
    assert model.predict(X).tolist() == classifier().fit(*IRIS).predict(IRIS[0]).tolist()


def test_log_probabilities_do_not_underflow():
    X, y = IRIS[0][:100], IRIS[1][:100]
    model = classifier().fit(X, y)
    np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), model.predict_proba(X))
    assert np.isfinite(model.predict_log_proba(X * 1e5)).all()


def test_divergence_names_epoch_layer_and_cause():
    with pytest.raises(ValueError, match=r"non-finite.*layer.*epoch \d+.*learning_rate_init"):
        regressor(solver="sgd", learning_rate_init=1e5, max_iter=100).fit(*DIABETES)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"activation": "rellu"}, 'Did you mean "relu"'),
        ({"activation": "logit"}, "defined on"),
        ({"hidden_layer_sizes": (3, -1)}, "must be > 0"),
        ({"solver": "newton"}, "solver"),
        ({"momentum": 1.5}, "momentum"),
        ({"early_stopping": True, "validation_fraction": 0.001}, "too small|test_size"),
    ],
)
def test_bad_parameters(options, message):
    with pytest.raises(ValueError, match=message):
        classifier(**options).fit(*IRIS)


# ---- In scikit-learn's world ----


def test_predictions_at_the_same_time_do_not_meet():
    interruptions = []

    def value(x):
        if interruptions:
            interruptions.pop()()
        return np.tanh(x)

    model = classifier(activation=(value, lambda x: 1 - np.tanh(x) ** 2)).fit(*IRIS)
    first, last = IRIS[0][:50], IRIS[0][100:]
    expected = model.predict_proba(first)
    interruptions.append(lambda: model.predict_proba(last))
    np.testing.assert_array_equal(model.predict_proba(first), expected)
    assert not interruptions


def test_the_same_seed_gives_the_same_bits():
    a, b = (classifier(dropout=0.1).fit(*IRIS) for _ in range(2))
    np.testing.assert_array_equal(a.predict_proba(IRIS[0]), b.predict_proba(IRIS[0]))


def test_search_over_activations_and_clone():
    grid = {"mlpclassifier__activation": [rb.elu, rb.leaky_relu.bind(negative_slope=0.3), "gelu"]}
    search = GridSearchCV(make_pipeline(StandardScaler(), classifier()), grid, cv=2)
    search.fit(*IRIS)
    assert search.best_params_["mlpclassifier__activation"] in grid["mlpclassifier__activation"]
    model = clone(classifier(activation=rb.elu.bind(alpha=0.5)))
    assert model.activation == rb.elu.bind(alpha=0.5)


def test_cross_validation_and_calibration():
    assert cross_validate(classifier(max_iter=200), *IRIS, n_jobs=2)["test_score"].min() > 0.7
    assert CalibratedClassifierCV(classifier(max_iter=200)).fit(*IRIS).score(*IRIS) > 0.8


def test_pickle_predicts_the_same():
    model = classifier(activation=rb.elu.bind(alpha=0.5)).fit(*IRIS)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(model.predict_proba(IRIS[0]), again.predict_proba(IRIS[0]))


def test_health_plot_and_repr():
    model = classifier(hidden_layer_sizes=(8, 4), early_stopping=True).fit(*IRIS)
    layers = model.health(*IRIS).layers
    assert {name: len(layer.dead[0]) for name, layer in layers.items()} == {
        "hidden 1": 8,
        "hidden 2": 4,
    }
    assert layers["hidden 1"].gradient_rms > 0
    blind = model.health(IRIS[0])
    assert np.isnan(blind.layers["hidden 1"].gradient_rms)
    assert "Gradients were not looked at" in str(blind)
    assert len(model.plot_training().axes[0].lines) == 2
    assert "MLPClassifier" in model._repr_html_()


def test_health_finds_a_dead_layer():
    model = classifier(hidden_layer_sizes=(8, 4)).fit(*IRIS)
    assert not [one for one in model.health(*IRIS).findings if one.severity == "error"]
    model.intercepts_[1][:] = -1000
    worst = model.health(*IRIS).findings[0]
    assert (worst.layer, worst.kind, worst.severity) == ("hidden 2", "dead", "error")


def test_import_needs_no_scikit_learn(run_python):
    code = "import sys, rheobase; assert 'sklearn' not in sys.modules; print('fine')"
    assert run_python(code) == "fine\n"
    code = (
        "import sys; sys.modules['sklearn'] = None; import rheobase as rb\n"
        "try: rb.MLPClassifier\nexcept rb.MissingExtraError as error: print(error)"
    )
    assert "rheobase[study]" in run_python(code)


def test_it_warns_when_it_has_not_converged():
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(3\)"):
        classifier(max_iter=3).fit(*IRIS)
