"""A model's ONNX graph, in ONNX Runtime, computes what the model does."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

import rheobase as rb
from rheobase._onnx_operators import OPERATORS
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
SIZES = np.logspace(-30, 18, 200)  # their squares are finite
TAILS = np.concatenate([-SIZES, SIZES, np.linspace(-120, 120, 24001)]).astype(np.float32)[:, None]


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
    # Parameters are floats in the graph, so jumps move, and next to a zero at which one cancels x its
    # rounding shows.
    for kink in function.kinks:
        inside &= abs(TAILS - kink) >= 1e-6 * abs(kink)
    moved = (
        2**-23 * max(map(abs, function.params.values()), default=0) if any(function.kinks) else 0
    )
    # An exponent t is a float too: the last place of t, times |t| up to 87, is what e^t is off by. These
    # two round it several times, which takes the bound over 1e-5 below 1e-20.
    steep = function.name in ("gelu", "gelu_tanh") and abs(wanted) < 1e-20
    bound = np.where(steep, 2e-5, 1e-5) * abs(wanted) + moved + 2e-43
    assert (abs(values[inside].astype(float) - wanted[inside]) <= bound[inside]).all()


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_a_function_of_the_outputs_at_the_ends(function: rb.Activation, tmp_path: Path) -> None:
    ends = np.array([[np.nan], [np.inf], [-np.inf], [0.0], [-0.0]], np.float32)
    model = Model([Layer(np.eye(1), np.zeros(1))], function)
    with np.errstate(all="ignore"):
        wanted = function(ends)
    np.testing.assert_allclose(run(model, ends, tmp_path)[0], wanted, rtol=1e-6)


@pytest.mark.parametrize(
    ("units", "mean", "spread"), [(16, 0, 1), (16, 100, 1), (16, 0, 1e-4), (16, 0, 1e6), (1, 3, 1)]
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_layer_normalisation(
    units: int, mean: float, spread: float, dtype: str, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    norm = Normalisation(rng.uniform(0.5, 2, units), rng.normal(size=units))
    model = Model(
        [
            Layer(np.eye(units), np.full(units, mean), rb.silu, norm),
            Layer(np.eye(units), np.zeros(units)),
        ],
        "identity",
        dtype=np.dtype(dtype),
    )
    inputs = np.float32(rng.normal(0, spread, (50, units)))
    (values,) = run(model, inputs, tmp_path)
    # What z = mean + … lost in rounding is large beside the spread.
    off = 2e-7 * mean / spread
    np.testing.assert_allclose(values, model.outputs(inputs), rtol=1e-5, atol=2e-6 + 2 * off)


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
    np.testing.assert_allclose(probabilities, model.outputs(X), rtol=1e-5)
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


def test_the_graph_says_where_it_comes_from(tmp_path: Path) -> None:
    metadata = {"estimator": "MLPClassifier", "feature_names": ["ä", "b", "c", "d"], "more": 1}
    model = replace(network(rb.relu, "softmax", ["a", "b", "c"], 3), metadata=metadata)
    found = session(model, tmp_path).get_modelmeta()
    assert found.producer_name == "rheobase"
    assert found.custom_metadata_map == {
        "classes": '["a", "b", "c"]',
        "estimator": "MLPClassifier",
        "feature_names": json.dumps(metadata["feature_names"]),
    }
    proto = onnx.load(tmp_path / "model.onnx")
    assert proto.producer_version == version("rheobase")
    to_onnx(replace(network(rb.relu, "identity", None, 3)), tmp_path / "model.onnx")
    assert not onnx.load(tmp_path / "model.onnx").metadata_props


def test_without_onnx_the_extra_is_named(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(rb.MissingExtraError, match=r'pip install "rheobase\[onnx\]"'):
        to_onnx(network(rb.relu, "identity", None, 3), tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


def test_a_graph_that_the_checker_refuses_is_not_written(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setitem(OPERATORS, "relu", "Nonesuch(x)")  # as an old onnx sees a new operator
    with pytest.raises(rb.InputError, match=r"does not accept the graph.*Nonesuch"):
        to_onnx(network(rb.relu, "identity", None, 3), tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


def test_a_graph_beyond_two_gibibytes_is_refused(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("rheobase.models._onnx._LARGEST", 4 * (4 * 9 + 9 + 9 * 7 + 7 + 7 * 3 + 3))
    to_onnx(network(rb.relu, "identity", None, 3), tmp_path / "m.onnx")
    with pytest.raises(rb.InputError, match="2 GiB"):
        to_onnx(network(rb.relu, "identity", None, 4), tmp_path / "n.onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["m.onnx"]


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
