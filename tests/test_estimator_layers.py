"""Layer normalisation, trained parameters of activations, callbacks, and parts of a batch."""

from __future__ import annotations

from contextlib import ExitStack

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris
from threadpoolctl import threadpool_info, threadpool_limits

import rheobase as rb
from rheobase.network import Adam, train

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_digits(return_X_y=True)
DIGITS = (X / 16).astype(np.float32)[:600], Y[:600]


def fitted(activation="leaky_relu", data=DIGITS, **options):
    options = {"max_iter": 40, "learning_rate_init": 0.02, "batch_size": 32} | options
    return rb.MLPClassifier((24, 16), activation, random_state=0, **options).fit(*data)


OPTIONS = [
    {"layer_norm": True},
    {"trainable_activations": True},
    {"layer_norm": True, "trainable_activations": True, "activation": "swish"},
]


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_they_learn_and_survive_files(options, solver, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    model = fitted(solver=solver, **options)
    assert model.score(*DIGITS) > 0.95
    model.save(tmp_path / "model.safetensors")
    again = rb.load(tmp_path / "model.safetensors")
    expected = model.predict_proba(DIGITS[0])
    np.testing.assert_array_equal(again.predict_proba(DIGITS[0]), expected)
    np.testing.assert_array_equal(again.fit(*DIGITS).coefs_[0], model.coefs_[0])
    model.to_onnx(tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    np.testing.assert_allclose(
        session.run(None, {"X": DIGITS[0]})[1], expected, rtol=2e-5, atol=1e-7
    )


def test_normalised_pre_activations_have_mean_0_and_variance_1():
    network = rb.Network([64, 50, 10], "relu", layer_norm=True)
    z = network.forward(DIGITS[0] * 100 + 7).z[0]
    np.testing.assert_allclose(z.mean(axis=-1), 0, atol=1e-5)
    np.testing.assert_allclose(z.var(axis=-1), 1, rtol=1e-4)


def test_a_trained_parameter_starts_where_it_is_bound_and_moves():
    slopes = fitted(trainable_activations=True).network_.functions()
    assert len({0.01, *(slope.params["negative_slope"] for slope in slopes)}) == 3
    untrained = rb.Network([2, 3, 2], rb.elu.bind(alpha=0.5), trainable_activations=True)
    assert untrained.functions()[0] == rb.elu.bind(alpha=0.5)


def test_health_knows_what_was_learned():
    model = fitted("hard_tanh", trainable_activations=True)
    judged = [layer.activation for layer in model.health(DIGITS[0]).layers.values()]
    assert judged == list(model.network_.functions()) != list(model.network_.activations)


def test_each_replica_learns_its_own_parameter():
    network = rb.Network([64, 8, 10], "leaky_relu", replicas=2, trainable_activations=True)
    train(network, Adam([0.001, 0.01]), *DIGITS, epochs=3)
    first, second = (network.functions(k)[0] for k in range(2))
    assert first != second


def test_lbfgs_ends_at_a_parameter_with_meaning():
    options = {"trainable_activations": True, "solver": "lbfgs", "max_iter": 60, "random_state": 1}
    model = rb.MLPClassifier(6, "soft_shrink", **options).fit(*load_iris(return_X_y=True))
    assert model.network_.functions()[0].params["lambd"] >= 0
    assert model.loss_ < 0.05


def test_no_step_leads_to_a_parameter_without_meaning():
    network = rb.Network([64, 8, 10], "squareplus", trainable_activations=True)
    train(network, Adam(3.0), *DIGITS, epochs=2)
    assert network.functions()[0].params["b"] > 0


# ---- Parts and threads ----


@pytest.mark.parametrize("options", ["", "dropout=0.2", "solver='lbfgs'"])
def test_bits_do_not_depend_on_the_number_of_threads(run_python, options):
    code = (
        "import numpy as np, rheobase as rb, hashlib, warnings; warnings.simplefilter('ignore');"
        "r = np.random.default_rng(0); X = r.random((2100, 300), np.float32);"
        f"m = rb.MLPClassifier((200, 100), batch_size=500, max_iter=3, random_state=0, {options});"
        "print(hashlib.sha256(m.fit(X, r.integers(0, 10, 2100)).network_.parameters).hexdigest())"
    )
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    assert len({run_python(code, dict.fromkeys(names, n)) for n in "12"}) == 1


def test_fits_at_the_same_time_share_the_limit_of_blas():
    from rheobase.estimators._batch import team

    def threads():
        return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}

    with threadpool_limits(2, user_api="blas"):
        with ExitStack() as first, ExitStack() as second:
            first.enter_context(team())
            second.enter_context(team())
            first.close()
            assert threads() == {1}
        assert threads() == {2}


@pytest.mark.parametrize("weighted", [False, True])
def test_parts_of_a_batch_add_up_to_its_gradient(weighted):
    from rheobase.estimators._batch import Data, Gradient, Team

    rng = np.random.default_rng(0)
    X, y = rng.random((450, 200)), rng.integers(0, 5, 450)
    weights = rng.random(450) if weighted else None
    network = rb.Network([200, 150, 5], "tanh", dtype=np.float64)
    gradient = Gradient(network, Data(X, y, y, weights), 450, Team(2), lambda: None)
    assert len(gradient.parts) > 1
    loss, weight = gradient(np.arange(450))
    parts = network.gradients.copy()
    whole, _ = network.backward(X, y, weights)
    assert loss == pytest.approx(whole[0], rel=1e-12)
    assert weight == pytest.approx(weights.sum() if weighted else 450)
    np.testing.assert_allclose(parts, network.gradients, rtol=1e-9, atol=1e-15)


# ---- Callbacks ----


class Stopper:
    """A callback that looks at each round's estimator and stops after some."""

    def __init__(self, most=2):
        self.scores, self.calls, self.most = [], [], most

    def setup(self, estimator, context):
        self.calls.append("setup")

    def teardown(self, estimator, context):
        self.calls.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.calls.append(f"begin {context.task_name}")

    def on_fit_task_end(self, estimator, context, *, X, y, fitted_estimator):
        self.calls.append(f"end {context.task_name}")
        if context.task_name == "round":
            self.scores.append(fitted_estimator.score(X, y))
        return len(self.scores) == self.most


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_callbacks_see_each_round_and_stop_the_fit(solver):
    pytest.importorskip("sklearn.callback")
    watcher = Stopper()
    model = rb.MLPClassifier((24,), solver=solver, random_state=0).set_callbacks(watcher)
    assert model.fit(*DIGITS).score(*DIGITS) == watcher.scores[-1] != watcher.scores[0]
    assert model.n_iter_ == 2
    rounds = ["begin round", "end round"] * 2
    assert watcher.calls == ["setup", "begin fit", *rounds, "end fit", "teardown"]


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_callbacks_see_no_other_rounds(solver):
    pytest.importorskip("sklearn.callback")
    watcher = Stopper(most=99)
    model = rb.MLPClassifier((24,), solver=solver, max_iter=3, random_state=0)
    assert model.set_callbacks(watcher).fit(*DIGITS).n_iter_ == len(watcher.scores) == 3


def test_callbacks_are_torn_down_when_fit_fails():
    pytest.importorskip("sklearn.callback")
    watcher = Stopper()
    model = rb.MLPClassifier((24,), learning_rate_init=1e30, solver="sgd").set_callbacks(watcher)
    with pytest.raises(ValueError, match="non-finite"):
        model.fit(*DIGITS)
    assert watcher.calls[-1] == "teardown"
