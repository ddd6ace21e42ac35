"""A user's own activation does whatever one of the catalogue does, or says why not."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV

import rheobase as rb
from rheobase.models import Layer, Model, save, to_onnx
from rheobase.plots import plot_curves

IRIS = load_iris(return_X_y=True)
X = np.linspace(-6, 6, 121).reshape(11, 11)


def elu_formula(m: Any, x: Any) -> Any:
    return m.where(x > 0, x, m.expm1(m.minimum(x, 0.0)) / 2)


def elu_value(x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)) / 2)


def elu_slope(x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, 1, np.exp(np.minimum(x, 0)) / 2).astype(x.dtype)


ELU = rb.elu.bind(alpha=0.5)
FORMULA = rb.custom(elu_formula, name="half_elu")
PAIR = rb.custom(elu_value, elu_slope, name="half_elu")
both = pytest.mark.parametrize("own", [FORMULA, PAIR], ids=["formula", "pair"])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int64"])
@both
def test_calls_are_those_of_the_catalogue(own: rb.Activation, dtype: str) -> None:
    x = X.astype(dtype)
    grad = np.asarray(ELU(x)) - 1
    tolerance = {"rtol": {2: 2e-3, 4: 1e-6, 8: 1e-14}[ELU(x).itemsize], "atol": 1e-7}
    calls: list[Callable[[rb.Activation, Any], Any]] = [
        lambda f, out: f(x, out=out),
        lambda f, out: f.derivative(x, out=out),
        lambda f, out: f.backward(x, grad, out=out),
        lambda f, out: f.value_and_derivative(x, out=None if out is None else (out.copy(), out))[1],
    ]
    for call in calls:
        found, wanted = call(own, None), call(ELU, None)
        assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
        np.testing.assert_allclose(found, wanted, **tolerance)
        np.testing.assert_array_equal(call(own, np.empty_like(wanted)), found)
    gradient = grad.copy()
    assert own.backward(x, gradient, out=gradient) is gradient
    np.testing.assert_array_equal(gradient, own.backward(x, grad))


@both
def test_numbers_lists_and_bfloat16(own: rb.Activation) -> None:
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    assert own(1.5) == 1.5
    assert type(own(-1)) is type(rb.elu(-1))
    assert own.derivative([2, 3]).tolist() == [1.0, 1.0]
    x = X.astype(bfloat16)
    np.testing.assert_array_equal(own(x), ELU(x))


def test_identity_gives_a_new_array() -> None:
    x = np.ones(3)
    assert not np.shares_memory(rb.custom(lambda x: x, np.ones_like)(x), x)


@both
def test_what_is_known_of_it(own: rb.Activation) -> None:
    facts, wanted = own.facts, ELU.facts
    assert (facts.kinks, own.kinks) == (wanted.kinks, ELU.kinks)
    assert facts.infimum == pytest.approx(wanted.infimum)
    assert facts.saturation == pytest.approx(wanted.saturation)
    assert rb.gain(own) == pytest.approx(rb.gain(ELU))
    assert (repr(own), own.label, dict(own.params)) == ("half_elu", "half_elu", {})
    assert rb.activation(own) is own.bind() is own
    plot_curves([own])


def test_names() -> None:
    assert repr(rb.custom(elu_value, elu_slope)) == "elu_value"
    assert repr(rb.custom(lambda m, x: x)) == "custom"
    assert repr(rb.custom(np.arctan, lambda x: 1 / (1 + x * x))) == "arctan"


@both
def test_equality_pickle_and_clone(own: rb.Activation) -> None:
    for again in (
        pickle.loads(pickle.dumps(own)),
        clone(rb.MLPClassifier(activation=own)).activation,
    ):
        assert again == own
        assert hash(again) == hash(own)
        assert again(-1.0) == own(-1.0)
    assert FORMULA != PAIR
    assert own != rb.custom(elu_formula, name="other")


def test_formula_takes_arrays_of_other_libraries() -> None:
    torch = pytest.importorskip("torch")
    x = torch.tensor([-1.0, 2.0], requires_grad=True)
    FORMULA(x).sum().backward()
    np.testing.assert_allclose(x.grad, FORMULA.derivative(x.detach()))
    np.testing.assert_allclose(x.grad, ELU.derivative(x.detach().numpy()), rtol=1e-6)
    with pytest.raises(rb.InputError, match="with arrays of torch: half_elu is made of NumPy"):
        PAIR(x)


@pytest.mark.parametrize(
    "own", [FORMULA, PAIR, (elu_value, elu_slope)], ids=["formula", "pair", "callables"]
)
def test_networks_train_with_it(own: Any) -> None:
    def history(activation: Any) -> Any:
        network = rb.Network([4, 8, 8, 3], activation, seed=1)
        return rb.train(network, rb.Adam(0.01), *IRIS, epochs=3).loss

    np.testing.assert_allclose(history(own), history(ELU), rtol=1e-4)
    np.testing.assert_allclose(history([own, ELU]), history(ELU), rtol=1e-4)
    assert rb.Neuron([1.0], 0.0, own)([-1.0]) == pytest.approx(ELU(-1.0))


@pytest.mark.parametrize(
    "own",
    [FORMULA, PAIR, (elu_value, elu_slope), ["tanh", FORMULA]],
    ids=["formula", "pair", "callables", "list"],
)
def test_estimators_take_it(own: Any) -> None:
    est = rb.MLPClassifier((16, 16), own, random_state=0, max_iter=300, learning_rate_init=0.01)
    assert clone(est).get_params()["activation"] == own
    est.fit(*IRIS)
    assert est.score(*IRIS) > 0.95
    assert len(est.health(IRIS[0]).layers) == 2
    again = pickle.loads(pickle.dumps(est))
    np.testing.assert_array_equal(again.predict_proba(IRIS[0]), est.predict_proba(IRIS[0]))
    regression = rb.MLPRegressor(activation=own[:1] if isinstance(own, list) else own, max_iter=5)
    with pytest.warns(match="converged"):
        regression.fit(*IRIS)


def test_it_can_be_searched_for_in_processes() -> None:
    lines = {"activation": ["relu", FORMULA, (elu_value, elu_slope)]}
    est = rb.MLPClassifier((8,), solver="lbfgs", tol=1e-2, random_state=0)
    found = GridSearchCV(est, lines, cv=2, n_jobs=2).fit(*IRIS)
    scores = found.cv_results_["mean_test_score"]
    assert scores[1] == pytest.approx(scores[2], abs=0.05)


def test_compare_takes_it(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "activations": ["relu", PAIR, rb.custom(lambda m, x: m.sin(x), name="wave")],
        "hidden": [4],
        "seeds": 2,
        "epochs": 1,
        "learning_rates": [0.01],
        "journal": tmp_path / "journal",
    }
    import joblib

    with joblib.parallel_config(n_jobs=2):
        result = rb.compare(*IRIS, **settings)
    assert set(result.ranking) == {"relu", "half_elu", "wave"}
    with pytest.raises(rb.InputError, match="half_elu is your own"):
        rb.compare(*IRIS, **settings, resume=True)


def model(hidden: Any, output: Any = "identity") -> Model:
    rng = np.random.default_rng(0)
    first = Layer(rng.normal(size=(2, 5)), rng.normal(size=5), hidden)
    return Model([first, Layer(rng.normal(size=(5, 2)), np.zeros(2))], output)


@pytest.mark.parametrize(
    "formula",
    [
        elu_formula,
        lambda m, x: m.where(x != 0, 2.0 ** m.minimum(x, 3.0) - 1, 0.0),
        lambda m, x: 0.5 * m.erf(x) ** 3,
        lambda m, x: abs(x) ** 1.5,
    ],
)
def test_a_formula_becomes_an_onnx_graph(formula: Any, tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    own = rb.custom(formula)
    for made in (model(own), model("relu", own)):
        to_onnx(made, tmp_path / "m.onnx")
        session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
        x = np.random.default_rng(1).normal(size=(50, 2)).astype("f4")
        np.testing.assert_allclose(
            session.run(None, {"X": x})[0], made.outputs(x), rtol=1e-5, atol=1e-6
        )


def test_what_files_cannot_hold_is_refused(tmp_path: Path) -> None:
    for own in (FORMULA, PAIR):
        with pytest.raises(rb.InputError, match="your own function"):
            save(model(own), tmp_path / "m")
    with pytest.raises(rb.InputError, match="made of NumPy callables"):
        to_onnx(model(PAIR), tmp_path / "m")
    for own in (FORMULA, (elu_value, elu_slope)):
        est = rb.MLPClassifier((4,), own, solver="lbfgs", tol=1e-1).fit(*IRIS)
        with pytest.raises(rb.InputError, match=r"your own|no file of numbers"):
            est.save(tmp_path / "m")
    assert not list(tmp_path.iterdir())


def writes(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0, out=x)


@pytest.mark.parametrize(
    ("callables", "message"),
    [
        (
            (np.tanh, lambda x: 1 - x**2),
            r"derivative of custom_tanh at x = .* but its value has the slope",
        ),
        ((np.tanh, lambda y: 1 - np.tanh(y)), "has the slope"),
        ((np.exp, lambda x: -np.exp(x)), "has the slope"),
        ((np.tanh,), "or a formula f"),
        ((lambda m, x: np.tanh(x),), "by the functions of m"),
        ((lambda m, x: m.arctan(x),), "slope of arctan is not known"),
        ((lambda m, x: x if x > 0 else 0.1 * x,), "truth value"),
        ((lambda m, x: np.float64(2) * x,), "is an array of dtype float64"),
        ((lambda m, x: 1.0,), r"\+ 0 \* x"),
        ((lambda x: x, lambda x: 1.0), r"derivative of custom is float 1.0"),
        ((lambda x: x.astype("f8"), np.ones_like), "of dtype float64"),
        ((np.cumsum, np.ones_like), "expected an array like it|place"),
        ((lambda x: x - x.mean(), np.ones_like), "on the others"),
        ((writes, np.ones_like), "writes into its input"),
        ((lambda m, x: m.sin(x) / x,), "at x = 0 is NaN"),
        ((lambda m, x: m.log(-m.exp(x)),), "NaN everywhere"),
        ((elu_formula, None, "relu"), "function of the catalogue"),
        ((elu_formula, None, "logistic"), "function of the catalogue"),
    ],
)
def test_what_is_no_activation_is_refused(callables: tuple[Any, ...], message: str) -> None:
    value, derivative, name = (*callables, None, None)[:3]
    with pytest.raises(rb.InputError, match=message):
        rb.custom(value, derivative, name=name)


def test_other_refusals() -> None:
    with pytest.raises(rb.InputTypeError, match="value is str 'tanh'"):
        rb.custom("tanh")
    with pytest.raises(rb.InputTypeError, match="a tuple of two callables"):
        rb.activation([elu_value, elu_slope])
    with pytest.raises(rb.InputTypeError, match="takes no parameters"):
        FORMULA(X, alpha=2.0)
    with pytest.raises(rb.InputTypeError, match="leave out where"):
        FORMULA(X, where=X > 0)
    with pytest.raises(rb.InputError, match="out has shape"):
        FORMULA(X, out=np.empty(3))
    with pytest.raises(rb.InputTypeError, match="complex"):
        FORMULA(X + 0j)
    with pytest.raises(AttributeError, match="no ufunc"):
        _ = FORMULA.ufunc
    with pytest.raises(rb.InputError, match=r"defined on \[0, inf\] only"):
        rb.Network([2, 3, 2], rb.custom(lambda m, x: m.sqrt(x)))


def test_infinities_and_domains_are_allowed() -> None:
    root = rb.custom(lambda m, x: m.sqrt(x), name="root")
    assert root.derivative(0.0) == np.inf
    assert root.facts.domain == (0.0, np.inf)
