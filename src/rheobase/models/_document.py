"""A model as a JSON document and named tensors, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .._activation import Activation
from .._errors import InputError
from ..catalog import catalog
from ._model import SOFTMAX, Array, Layer, Model, Normalisation, catalogued


def described(model: Model) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the document and the tensors of a model."""
    tensors: dict[str, Array] = {}
    layers = []
    for k, layer in enumerate(model.layers):
        tensors |= {f"layers.{k}.weights": layer.weights, f"layers.{k}.bias": layer.bias}
        if given := layer.normalisation:
            tensors |= {f"layers.{k}.scale": given.scale, f"layers.{k}.shift": given.shift}
        layers.append(
            {
                "activation": layer.activation and described_activation(layer.activation),
                "epsilon": given and given.epsilon,
            }
        )
    document = {
        "dtype": str(model.dtype),
        "layers": layers,
        "output": described_activation(model.output)
        if isinstance(model.output, Activation)
        else SOFTMAX,
        "classes": model.classes and list(model.classes),
        "metadata": dict(model.metadata),
    }
    try:
        same = json.loads(json.dumps(document, allow_nan=False)) == document
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"save: the metadata cannot be written as JSON: {error}.") from None
    if not same:  # tuples and keys that are no texts
        raise InputError(
            "save: the metadata would come back otherwise; expected dicts with texts as keys, lists, "
            "texts, numbers, truth values and None."
        )
    return document, tensors


def rebuilt(document: Any, tensors: Mapping[str, Array]) -> Model:
    """Return the model of a document and its tensors; neither is trusted."""
    document = _keys(document, "dtype", "layers", "output", "classes", "metadata")
    dtype, given, classes = document["dtype"], document["layers"], document["classes"]
    if not isinstance(given, list) or not isinstance(document["metadata"], dict):
        raise InputError("layers are no list, or metadata no object.")
    if not (classes is None or (isinstance(classes, list) and classes)):
        raise InputError(f"classes are {classes!r:.60}; expected a list or null.")
    if dtype not in ("float32", "float64"):
        raise InputError(f"dtype is {dtype!r:.40}; expected float32 or float64.")
    left = dict(tensors)

    def tensor(name: str) -> Array:
        if name not in left:
            raise InputError(f"the tensor {name} is missing.")
        array = left.pop(name)
        if array.dtype != dtype:
            raise InputError(f"the tensor {name} is {array.dtype}; expected {dtype}.")
        return array

    layers = []
    for k, described_layer in enumerate(given):
        entry = _keys(described_layer, "activation", "epsilon")
        normalisation = None
        if entry["epsilon"] is not None:
            scale, shift = tensor(f"layers.{k}.scale"), tensor(f"layers.{k}.shift")
            normalisation = Normalisation(scale, shift, entry["epsilon"])
        function = None if entry["activation"] is None else rebuilt_activation(entry["activation"])
        weights, bias = tensor(f"layers.{k}.weights"), tensor(f"layers.{k}.bias")
        layers.append(Layer(weights, bias, function, normalisation))
    if left:
        raise InputError(f"tensors that no layer has: {', '.join(map(repr, left))[:80]}.")
    output = document["output"]
    return Model(
        tuple(layers),
        SOFTMAX if output == SOFTMAX else rebuilt_activation(output),
        classes if classes is None else tuple(classes),
        dtype,
        document["metadata"],
    )


def described_activation(function: Activation) -> dict[str, Any]:
    """Return a function of the catalogue as JSON."""
    return {"name": catalogued("save", function).name, "params": dict(function.params)}


def rebuilt_activation(entry: Any) -> Activation:
    """Return the function of an entry that is not trusted."""
    entry = _keys(entry, "name", "params")
    name, params = entry["name"], entry["params"]
    if not isinstance(name, str) or not isinstance(params, dict):
        raise InputError(f"{entry!r:.80} describes no activation.")
    found = catalog.get(name)
    if found is None or found.name != name:
        raise InputError(f"unknown activation {name!r:.60}; expected a name of the catalogue.")
    if params.keys() != found.params.keys():
        raise InputError(
            f"{name} has parameters {', '.join(params)!r:.60}; expected {', '.join(found.params)!r}."
        )
    if any(type(value) is not float for value in params.values()):
        raise InputError(f"{name} has parameters {params!r:.60}; expected floats.")
    bound: Activation = found.bind(**params)
    return bound


def _keys(entry: Any, *keys: str) -> dict[str, Any]:
    """The entry, once it is an object of just these keys."""
    if not isinstance(entry, dict) or entry.keys() != set(keys):
        raise InputError(f"{entry!r:.60} has other keys than {', '.join(keys)}.")
    return entry
