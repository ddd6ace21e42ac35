"""`check_onnx`: what the activations of an ONNX model do on given data, forward only, with ONNX Runtime."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._activation import Activation
from ._arrays import brief
from ._errors import InputError, require
from ._onnx_operators import OPERATORS
from .catalog import catalog
from .health import Advice, LayerStatistics, Report, Role, layer_statistics

ROWS = 256  # at a time, if the model does not fix that

_ARITHMETIC = ("Exp", "Identity", "Sin")  # operators that no one means as an activation
_CHANNELS_FIRST = ("Conv", "ConvTranspose", "BatchNormalization", "InstanceNormalization")
_CHANNELS_LAST = ("Gemm", "MatMul", "LayerNormalization")
_NEW_AXES = ("Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze")

_ANY_FRAMEWORK = Advice(
    scale="scale the inputs to mean 0 and deviation 1",
    gain="start from weights of standard deviation rheobase.gain(f) / sqrt(inputs)",
    depth="start each layer from its own gain: rheobase.gain(f) / sqrt(inputs)",
    rate="train anew at a tenth of the learning rate",
    clip="clip the gradient at norm 1",
    living="take a function without a dead zone: leaky_relu or elu",
    steep="take a function that does not flatten: leaky_relu",
    normalise="normalise the pre-activations, by layers or batches",
    biases="start biases from 0 and not below",
)


def check_onnx(
    model: str | os.PathLike[str], data: NDArray[Any] | Mapping[str, NDArray[Any]]
) -> Report:
    """Say what the activations of an ONNX model do on given data.

    Parameters
    ----------
    model : path-like
    data : array, or mapping of the names of the model's inputs to arrays
        The first axis are the samples.

    Returns
    -------
    rheobase.health.Report
        Layers have the names of their nodes. There are no gradients in an ONNX model.

    Raises
    ------
    InputError
        The file is no ONNX model, it has no activation, or the data does not fit it.
    """
    onnx, runtime = require("onnx", "onnx"), require("onnx", "onnxruntime")
    try:
        proto = onnx.load(os.fspath(model))
    except OSError:
        raise
    except Exception as error:
        raise InputError(f"check: {model} is no ONNX model: {error!s:.100}") from error
    graph = proto.graph
    constants = {c.name: onnx.numpy_helper.to_array(c) for c in graph.initializer}
    constants |= {
        node.output[0]: onnx.numpy_helper.to_array(node.attribute[0].t)
        for node in graph.node
        if node.op_type == "Constant" and node.attribute[0].name == "value"
    }
    sites = [(node, f) for node in graph.node if (f := _function(onnx, node, constants))]
    if not sites:
        raise InputError(f"check: {model} has no activation that rheobase knows.")
    names = sorted({name for node, _ in sites for name in (node.input[0], node.output[0])})
    present = {value.name for value in graph.output}
    graph.output.extend(
        onnx.helper.make_empty_tensor_value_info(name) for name in names if name not in present
    )
    found = _run(runtime, proto, names, data)
    layers: dict[str, LayerStatistics] = {}
    for node, f in sites:
        z, a = found[node.input[0]], found[node.output[0]]
        if z.ndim > 1 and z.size:
            rows = [np.moveaxis(x, _axis(graph, node, z.ndim), -1) for x in (z, a)]
            rows = [x.reshape(-1, x.shape[-1]) for x in rows]
            layers[node.name or node.output[0]] = replace(
                layer_statistics(f, *rows),
                samples=len(z),
                role=_role(graph, node, f, present, constants),
                positions=len(rows[0]) / len(z),
            )
    return Report(layers, advice=_ANY_FRAMEWORK)


def _run(
    runtime: Any, proto: Any, names: list[str], data: NDArray[Any] | Mapping[str, NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    """The values of these names, for all samples."""
    options = runtime.SessionOptions()
    options.log_severity_level = 4  # a refusal is told in an error
    try:
        session = runtime.InferenceSession(
            proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        feeds = dict(_feeds(session.get_inputs(), data))
        samples = len(next(iter(feeds.values())))
        fixed = session.get_inputs()[0].shape[0]
        rows = fixed if isinstance(fixed, int) and fixed > 0 else ROWS
        parts = [
            session.run(names, {name: x[k : k + rows] for name, x in feeds.items()})
            for k in range(0, samples, rows)
        ]
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"check: ONNX Runtime refuses the model on this data: {error!s:.200}") from error  # fmt: skip
    if not parts:
        raise InputError("check: got no samples; expected one at least.")
    values = {name: [part[k] for part in parts] for k, name in enumerate(names)}
    return {name: np.concatenate(v) for name, v in values.items() if v[0].ndim}


def _feeds(
    inputs: Any, data: NDArray[Any] | Mapping[str, NDArray[Any]]
) -> Iterator[tuple[str, NDArray[Any]]]:
    arrays = dict(data) if isinstance(data, Mapping) else {inputs[0].name: data}
    if len(inputs) == len(arrays) == 1:
        arrays = {inputs[0].name: next(iter(arrays.values()))}  # whatever its name
    wanted = [each.name for each in inputs]
    if missing := [name for name in wanted if name not in arrays]:
        raise InputError(
            f"check: the data has {', '.join(arrays)}; expected arrays named {', '.join(wanted)} "
            f"({', '.join(missing)} missing)."
        )
    for each in inputs:
        array = arrays[each.name]
        if not array.ndim or array.dtype.kind not in "biuf":
            raise InputError(
                f"check: {each.name} is {brief(array)}; expected numbers, a row a sample."
            )
        dtype = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16,
            "tensor(int64)": np.int64, "tensor(int32)": np.int32}.get(each.type, array.dtype)  # fmt: skip
        yield each.name, array.astype(dtype)


# ---- Which function ----


def _function(onnx: Any, node: Any, constants: Mapping[str, NDArray[Any]]) -> Activation | None:
    """The function that a node applies, or None."""
    if node.op_type in _ARITHMETIC or node.domain not in ("", "ai.onnx"):
        return None
    rows = sorted(OPERATORS.items(), key=lambda row: (row[1].count("{"), -row[1].count(":")))
    for name, text in rows:  # what has no parameter left to choose comes first
        operator, attributes, operands = re.fullmatch(r"(\w+)(?:<(.*)>)?\(x(.*)\)", text).groups()  # type: ignore[union-attr]
        if operator != node.op_type:
            continue
        wanted = re.findall(r"(\w+): \w+ = ([^,]+)", attributes or "")
        found = [(value, _attribute(onnx, node, key)) for key, value in wanted]
        places = re.findall(r"\$\(([^)]*)\)", operands)
        given = [constants.get(operand) for operand in node.input[1:]]
        if len(given) == len(places) and all(x is not None and x.size == 1 for x in given):
            found += [(p, x.item()) for p, x in zip(places, given, strict=True)]  # type: ignore[union-attr]
            params = {word.strip("{}"): value for word, value in found if word.startswith("{")}
            if all(_same(params.get(word.strip("{}"), word), value) for word, value in found):
                return catalog[name].bind(**params)
    return catalog.get(node.op_type.lower())  # type: ignore[no-any-return]


def _same(wanted: Any, value: Any) -> bool:
    if isinstance(value, str):
        return bool(wanted == f'"{value}"')
    return bool(np.isclose(float(wanted), value))


def _attribute(onnx: Any, node: Any, key: str) -> Any:
    """The value of an attribute, or its default."""
    given = {a.name: a for a in node.attribute}
    attribute = given.get(key) or onnx.defs.get_schema(node.op_type).attributes[key].default_value
    value = onnx.helper.get_attribute_value(attribute)
    return value.decode() if isinstance(value, bytes) else value


# ---- Where it is ----


def _axis(graph: Any, node: Any, ndim: int) -> int:
    """Which axis holds the units: that of the layer which makes the pre-activation."""
    made_by = {name: other for other in graph.node for name in other.output}
    queue = [node.input[0]]
    for name in queue:  # grows
        maker = made_by.get(name)
        if maker is None:
            continue
        if maker.op_type in _CHANNELS_FIRST:
            return 1
        if maker.op_type in _CHANNELS_LAST:
            return -1
        if maker.op_type in _NEW_AXES:
            break
        queue += maker.input
    return 1 if ndim > 3 else -1


def _role(
    graph: Any, node: Any, f: Activation, outputs: set[str], constants: Mapping[str, Any]
) -> Role:
    """A bounded function may be a gate, or end the model on purpose."""
    if not (isfinite(f.facts.infimum) and isfinite(f.facts.supremum)):
        return "hidden"
    if node.output[0] in outputs:
        return "output"
    products = [other for other in graph.node if other.op_type == "Mul" and node.output[0] in other.input]  # fmt: skip
    shut = any(not any(name in constants for name in other.input) for other in products)
    return "gate" if shut else "hidden"
