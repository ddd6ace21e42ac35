"""A model as an ONNX graph. It computes in float32; its values are those of `Model.outputs`."""

from __future__ import annotations

import json
import os
from importlib import metadata
from typing import Any

import numpy as np

from .._activation import Activation
from .._errors import InputError
from .._files import replace
from .._onnx_operators import OPSET
from ._graph import Graph
from ._model import Array, Model, is_catalogued
from ._storage import target

_IR_VERSION = 9  # the one of opset 20
_LARGEST = 2**31 - 2**24  # bytes of weights: a graph has to stay under 2 GiB with all it holds
_SAMPLES = "samples"  # the name of the open axis


def to_onnx(model: Model, path: str | os.PathLike[str]) -> None:
    """Write a model as an ONNX graph, which ONNX Runtime and others run.

    The graph computes in float32, whatever the model's dtype, and takes ``X``, float32 of shape
    (samples, features). A classifier returns ``label`` (int64 or strings) and ``probabilities``, a
    regressor ``values``. Class labels that are truth values or whole floats become int64. The file's
    properties hold ``estimator``, ``feature_names`` and ``classes`` (the latter two as JSON), where
    the model has them.

    Parameters
    ----------
    model : Model
    path : path-like
        Replaced in one step.

    Raises
    ------
    InputError
        Labels or activations that ONNX cannot hold, weights of 2 GiB or more, a graph that the installed
        onnx does not accept, or a path that cannot be written.
    MissingExtraError
        The package onnx is not installed.
    """
    _check_size(model)
    graph = Graph()
    features, width, kinds = model.inputs_count, model.outputs_count, graph.onnx.TensorProto
    value = _outputs(graph, model)
    outputs: list[tuple[str, int, list[Any]]] = []
    if model.classes is None:
        outputs.append((_named(graph, value, "values"), kinds.FLOAT, [_SAMPLES, width]))
    else:
        labels = _labels(model.classes)
        if model.multilabel:
            holds = graph.node("Greater", value, graph.constant(0.5))
            label = graph.node("Cast", holds, to=kinds.INT64)
        else:
            best = graph.node("ArgMax", value, axis=1, keepdims=0)
            label = graph.node("Gather", graph.constant(labels), best, axis=0)
        kind = kinds.STRING if labels.dtype.kind == "U" and not model.multilabel else kinds.INT64
        shape = [_SAMPLES, width] if model.multilabel else [_SAMPLES]
        outputs.append((_named(graph, label, "label"), kind, shape))
        named = _named(graph, value, "probabilities")
        outputs.append((named, kinds.FLOAT, [_SAMPLES, len(labels)]))

    info = graph.onnx.helper.make_tensor_value_info
    proto = graph.onnx.helper.make_model(
        graph.onnx.helper.make_graph(
            graph.nodes,
            "rheobase",
            [info("X", kinds.FLOAT, [_SAMPLES, features])],
            [info(name, kind, shape) for name, kind, shape in outputs],
            list(graph.constants.values()),
        ),
        opset_imports=[graph.onnx.helper.make_opsetid("", OPSET)],
        ir_version=_IR_VERSION,
        producer_name="rheobase",
        producer_version=metadata.version("rheobase"),
    )
    graph.onnx.helper.set_model_props(proto, _properties(model))
    try:
        graph.onnx.checker.check_model(proto, full_check=True)
    except (
        graph.onnx.checker.ValidationError,
        graph.onnx.shape_inference.InferenceError,
        ValueError,
    ) as error:
        raise InputError(
            f"to_onnx: onnx {graph.onnx.__version__} does not accept the graph, and nothing is written; "
            f"install another version of onnx, or report this: {error!s:.300}"
        ) from error
    replace(target("to_onnx", path), proto.SerializeToString(deterministic=True))


def _check_size(model: Model) -> None:
    arrays = [array for layer in model.layers for array in (layer.weights, layer.bias)]
    size = 4 * sum(array.size for array in arrays)
    if size > _LARGEST:
        raise InputError(
            f"to_onnx: the weights take {size:,} bytes in float32; expected up to {_LARGEST:,}, as an ONNX "
            "file holds 2 GiB. Save the model with `save`, or make it smaller."
        )


def _properties(model: Model) -> dict[str, str]:
    """What describes the model beside the graph; all but the estimator's name is JSON."""
    found = {key: model.metadata.get(key) for key in ("estimator", "feature_names")}
    found["classes"] = model.classes
    return {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in found.items()
        if value is not None
    }


def _outputs(graph: Graph, model: Model) -> str:
    """Write the layers and the output function; return the name of the output."""
    x = "X"
    for layer in model.layers:
        product = graph.node("MatMul", x, graph.constant(layer.weights))
        x = graph.node("Add", product, graph.constant(layer.bias))
        if given := layer.normalisation:
            scale, shift = graph.constant(given.scale), graph.constant(given.shift)
            x = graph.node("LayerNormalization", x, scale, shift, axis=-1, epsilon=given.epsilon)
        if layer.activation:
            # Operators are known by name, which a user's own function may share.
            known = is_catalogued(layer.activation)
            x = (graph.activation if known else graph.formula)(layer.activation, x)
    if not isinstance(model.output, Activation):
        return graph.node("Softmax", x, axis=-1)
    if model.binary:
        x = graph.node("Concat", graph.node("Neg", x), x, axis=1)
    # Composed, as operators are right absolutely only: Sigmoid of ONNX Runtime ends at -18.
    return graph.formula(model.output, x)


def _named(graph: Graph, value: str, name: str) -> str:
    """Give a value the name that users see."""
    graph.nodes.append(graph.onnx.helper.make_node("Identity", [value], [name]))
    return name


def _labels(classes: tuple[Any, ...]) -> Array:
    """The classes as an array of texts or int64."""
    labels = np.asarray(classes)
    if labels.dtype.kind == "U":
        return labels
    try:
        whole = [int(label) for label in classes]
        array = np.array(whole, np.int64)
    except (OverflowError, ValueError):
        whole, array = [], labels
    if whole != list(classes):
        raise InputError(
            f"to_onnx: classes are {classes!r:.60}; expected texts or integers of 64 bits, as ONNX has no "
            "other labels."
        )
    return array
