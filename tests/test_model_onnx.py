"""A model's ONNX graph, in ONNX Runtime, computes what the model does."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

import rheobase as rb
from rheobase.models import Layer, Model, Normalisation, to_onnx

OTHER = {
    "celu": {"alpha": -1.7},
    "elu": {"alpha": 0.3},
    "hard_shrink": {"lambd": 1.2},
    "hard_sigmoid": {"slope": -0.4, "offset": 0.2},
    "hard_tanh": {"min_val": -0.3, "max_val": 2.0},
    "leaky_relu": {"negative_slope": -0.4},
    "snake": {"alpha": -2.5},
    "soft_shrink": {"lambd": 1.1},
    "softplus": {"beta": 3.0},
    "squareplus": {"b": 0.01},
    "step": {"threshold": 0.4},
    "swish": {"beta": -0.7},
    "threshold": {"threshold": -0.5, "value": 3.0},
    "thresholded_relu": {"alpha": -0.6},
}
FUNCTIONS = [*rb.catalog.values(), *(rb.activation(n, **p) for n, p in OTHER.items())]
HIDDEN = [f for f in FUNCTIONS if f.facts.domain[0] == -np.inf]
SIZES = np.logspace(-30, 18, 200)
TAILS = np.concatenate([-SIZES, SIZES, np.linspace(-120, 120, 2401)]).astype(np.float32)[:, None]


def session(model: Model, directory: Path) -> onnxruntime.InferenceSession:
    path = directory / "model.onnx"
    to_onnx(model, path)
    onnx.checker.check_model(onnx.load(path), full_check=True)
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def run(model: Model, X: Any, directory: Path) -> list[Any]:
    return session(model, directory).run(None, {"X": np.float32(X)})


def network(function: Any, output: Any, classes: Any, width: int, dtype: str = "float32") -> Model:
    rng = np.random.default_rng(3)
    sizes = [4, 9, 7, width]
    layers = [
        Layer(rng.normal(size=(n, m)) * 0.25, rng.normal(size=m), function)
        for n, m in pairwise(sizes[:-1])
    ]
    last = Layer(rng.normal(size=(7, width)) * 0.5, rng.normal(size=width))
    norm = Normalisation(rng.uniform(0.5, 2, 9), rng.normal(size=9), 1e-3)
    first = Layer(layers[0].weights, layers[0].bias, function, norm)
    return Model((first, layers[1], last), output, classes, dtype)


X = np.random.default_rng(4).normal(0, 2, (50, 4)).astype(np.float32)


@pytest.mark.parametrize("function", HIDDEN, ids=str)
def test_probabilities_and_labels_are_the_models(function: rb.Activation, tmp_path: Path) -> None:
    model = network(function, "softmax", ["a", "be", "c"], 3)
    label, probabilities = run(model, X, tmp_path)
    # A probability of 1e-18 hangs on a logit of 40, whose last place alone is 4e-6.
    np.testing.assert_allclose(probabilities, model.outputs(X), rtol=1e-5, atol=1e-12)
    assert label.tolist() == model.predict(X).tolist()


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_a_function_of_the_outputs_keeps_its_tails(function: rb.Activation, tmp_path: Path) -> None:
    model = Model([Layer(np.eye(1), np.zeros(1))], function)
    with np.errstate(all="ignore"):
        wanted = function(TAILS.astype(float)).astype(np.float32)
    (values,) = run(model, TAILS, tmp_path)
    inside = np.isfinite(wanted)
    for kink in function.kinks:  # parameters are floats there
        inside &= (abs(TAILS - kink) > 1e-5) | (kink == 0)
    single = {"gelu": 3e-7}.get(function.name, 1e-37)  # erf alone is right absolutely
    np.testing.assert_allclose(values[inside], wanted[inside], rtol=2e-5, atol=single)


@pytest.mark.parametrize(
    ("output", "classes", "width"),
    [
        ("sigmoid", [3, -7], 1),
        ("sigmoid", [False, True], 1),
        ("sigmoid", ["no", "yes"], 1),
        ("sigmoid", [0, 1, 2], 3),
        ("softmax", [1.0, 2.0, 4.0], 3),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_kind_of_classes(
    output: str, classes: Any, width: int, dtype: str, tmp_path: Path
) -> None:
    model = network(rb.silu, output, classes, width, dtype)
    label, probabilities = run(model, X, tmp_path)
    np.testing.assert_allclose(probabilities, model.outputs(X), rtol=2e-5)
    assert label.dtype == (object if isinstance(classes[0], str) else np.int64)
    assert label.tolist() == model.predict(X).tolist()


def test_the_graph_says_what_it_takes_and_gives(tmp_path: Path) -> None:
    found = session(network(rb.relu, "softmax", ["a", "b", "c"], 3), tmp_path)
    assert [(i.name, i.shape, i.type) for i in found.get_inputs()] == [
        ("X", ["samples", 4], "tensor(float)")
    ]
    assert [(o.name, o.shape, o.type) for o in found.get_outputs()] == [
        ("label", ["samples"], "tensor(string)"),
        ("probabilities", ["samples", 3], "tensor(float)"),
    ]


def test_refusals(tmp_path: Path) -> None:
    halves = Model([Layer(np.eye(2), np.zeros(2))], "softmax", [0.5, 1.5])
    with pytest.raises(rb.InputError, match="no other labels"):
        to_onnx(halves, tmp_path / "m.onnx")
    huge = Model([Layer(np.eye(1) * 1e200, np.zeros(1))], "identity", dtype="float64")
    with pytest.raises(rb.InputError, match="too large for float32"):
        to_onnx(huge, tmp_path / "m.onnx")
    with pytest.raises(rb.InputError, match="expected a file"):
        to_onnx(Model([Layer(np.eye(1), np.zeros(1))], "identity"), tmp_path)
    assert not list(tmp_path.iterdir())
