"""The node cases of ONNX's own backend test go through rheobase, dtype by dtype."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from onnx import helper
from onnx.backend.test.case.node import collect_testcases

import rheobase as rb

# operator: function, {attribute: (our parameter, ONNX's default)}; further inputs follow as parameters
ELEMENTWISE: dict[str, tuple[str, dict[str, tuple[str, float]]]] = {
    "Celu": ("celu", {"alpha": ("alpha", 1.0)}),
    "Clip": ("hard_tanh", {}),
    "Elu": ("elu", {"alpha": ("alpha", 1.0)}),
    "Exp": ("exponential", {}),
    "Gelu": ("gelu", {}),
    "HardSigmoid": ("hard_sigmoid", {"alpha": ("slope", 0.2), "beta": ("offset", 0.5)}),
    "HardSwish": ("hard_swish", {}),
    "LeakyRelu": ("leaky_relu", {"alpha": ("negative_slope", 0.01)}),
    "Mish": ("mish", {}),
    "PRelu": ("prelu", {}),
    "Relu": ("relu", {}),
    "Selu": ("selu", {}),
    "Shrink": ("hard_shrink", {"lambd": ("lambd", 0.5)}),
    "Sigmoid": ("sigmoid", {}),
    "Sin": ("sine", {}),
    "Softplus": ("softplus", {}),
    "Softsign": ("softsign", {}),
    "Swish": ("swish", {"alpha": ("beta", 1.0)}),
    "Tanh": ("tanh", {}),
    "ThresholdedRelu": ("thresholded_relu", {"alpha": ("alpha", 1.0)}),
}
ROWS = {"Softmax": "softmax", "LogSoftmax": "log_softmax", "Hardmax": "hardmax"}
LOSS = "SoftmaxCrossEntropyLoss"
VARIANTS = {  # an attribute that names another function: what to take it for, or None for no such thing
    ("approximate", "tanh"): ("Gelu", "gelu_tanh"),
    ("bias", 1.5): ("Shrink", "soft_shrink"),
}


TOLERANCE = {"float16": 4e-3, "bfloat16": 4e-2, "float32": 2e-6, "float64": 2e-6, "int8": 2e-6}


def collect() -> list[Any]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        cases = collect_testcases(None)
    known = {*ELEMENTWISE, *ROWS, LOSS}
    return [
        case
        for case in cases
        if case.model is not None
        and len(case.model.graph.node) == 1  # the others spell an operator out in smaller ones
        and case.model.graph.node[0].op_type in known
    ]


def translate(case: Any) -> Callable[..., Any]:
    """The case's operator as a function of its inputs."""
    node = case.model.graph.node[0]
    given = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    if node.op_type in ROWS:
        function = getattr(rb, ROWS[node.op_type])
        return lambda x: function(x, axis=given.get("axis", -1))
    if node.op_type == LOSS:
        return lambda *inputs: loss(node, given, *inputs)
    name, attributes = ELEMENTWISE[node.op_type]
    for attribute, value in list(given.items()):
        value = value.decode() if isinstance(value, bytes) else value
        if (attribute, value) in VARIANTS:
            assert VARIANTS[attribute, value][0] == node.op_type
            name = VARIANTS[attribute, value][1]
            del given[attribute]
        elif (attribute, value) == ("approximate", "none"):
            del given[attribute]
    if not attributes.keys() >= given.keys():
        pytest.skip(f"{name} has no parameter for {', '.join(given.keys() - attributes.keys())}")
    if node.op_type == "Clip" and (len(node.input) < 3 or not all(node.input)):
        pytest.skip(f"{name} takes both bounds")
    named = {ours: given.get(theirs, default) for theirs, (ours, default) in attributes.items()}
    return lambda x, *params: rb.activation(name)(x, *params, **named)


def loss(node: Any, given: dict[str, Any], x: Any, target: Any, *weights: Any) -> Any:
    if weights:
        pytest.skip("cross_entropy takes no class weights")
    ignored = {"ignore_index": given["ignore_index"]} if "ignore_index" in given else {}
    each = rb.cross_entropy(x, target, axis=1, **ignored)
    counted = np.sum(target != given.get("ignore_index", -(2**31)))
    reduce = {
        "none": lambda e: e,
        "sum": np.sum,
        "mean": lambda e: np.sum(e) / e.dtype.type(counted),
    }
    result = reduce[given.get("reduction", b"mean").decode()](each)
    return (result, rb.log_softmax(x, axis=1)) if len(node.output) > 1 else result


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("case", collect(), ids=lambda case: case.name)
def test_onnx_node_case(case: Any, dtype: str) -> None:
    function = translate(case)
    native = np.dtype(getattr(ml_dtypes, dtype, dtype))
    for inputs, outputs in case.data_sets:
        cast = [a if a.dtype.kind in "iu" and k else a.astype(native) for k, a in enumerate(inputs)]
        if len(np.unique(cast[0].astype(float))) < len(np.unique(inputs[0])) < 10:
            pytest.skip(f"{dtype} does not tell the inputs apart")
        if "min_greater_than_max" in case.name:
            pytest.skip("hard_tanh takes its bounds in order")
        tolerance = max(TOLERANCE[dtype], TOLERANCE[inputs[0].dtype.name])
        results = function(*cast)
        for result, expected in zip(
            results if isinstance(results, tuple) else (results,), outputs, strict=True
        ):
            assert result.dtype == native
            np.testing.assert_allclose(
                np.asarray(result, float),
                np.asarray(expected, float),
                rtol=tolerance,
                atol=tolerance,
            )


def test_cases_were_found_for_every_operator() -> None:
    found = {case.model.graph.node[0].op_type for case in collect()}
    assert found == {*ELEMENTWISE, *ROWS, LOSS}
