"""`Model`: a trained dense network as plain data, from which files and ONNX graphs are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._activation import Activation
from .._errors import InputError
from ..catalog import activation, catalog
from ..rows import softmax

Array = NDArray[Any]
Label = str | int | float | bool

SOFTMAX = "softmax"


@dataclass(frozen=True, eq=False)
class Normalisation:
    """Layer normalisation of pre-activations: (z - mean) / sqrt(variance + epsilon) · scale + shift.

    Attributes
    ----------
    scale, shift : ndarray, shape (units,)
    epsilon : float
    """

    scale: Array
    shift: Array
    epsilon: float = 1e-5

    def __call__(self, z: Array) -> Array:
        """Return the normalised pre-activations."""
        centred = z - z.mean(axis=-1, keepdims=True)
        variance = (centred * centred).mean(axis=-1, keepdims=True)
        normalised: Array = centred / np.sqrt(variance + z.dtype.type(self.epsilon))
        return normalised * self.scale + self.shift


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer z = xW + b, normalised if it has a normalisation, a = f(z).

    Attributes
    ----------
    weights : ndarray, shape (inputs, units)
    bias : ndarray, shape (units,)
    activation : Activation or None
        None on the last layer, where the model's output function takes its place.
    normalisation : Normalisation or None
    """

    weights: Array
    bias: Array
    activation: Activation | None = None
    normalisation: Normalisation | None = None


@dataclass(frozen=True, eq=False)
class Model:
    """A trained dense network: layers, output function, class labels, and what else is to be kept.

    The arrays are copied and cannot be written to.

    Parameters
    ----------
    layers : sequence of Layer
        The last one has no activation.
    output : str or Activation
        "softmax", or a function of the catalogue for each output: "sigmoid", "identity", "softplus" …
    classes : sequence of str, int, float or bool, optional
        Labels of a classifier. With softmax one for each output. With sigmoid two labels for
        one output, of which the output is the probability of the second; or one for each output, each
        of which holds or does not (multilabel). None for regression.
    dtype : {float32, float64}, default float32
        Of all arrays.
    metadata : mapping, optional
        Anything that JSON can hold, by string keys: feature names, the estimator's parameters, versions.

    Examples
    --------
    >>> import numpy as np
    >>> import rheobase as rb
    >>> from rheobase.models import Layer, Model
    >>> model = Model(
    ...     [Layer(np.eye(2), np.zeros(2), rb.relu), Layer(np.eye(2), np.zeros(2))],
    ...     "softmax",
    ...     classes=["no", "yes"],
    ... )
    >>> model.outputs([[1.0, 3.0]]).round(3)
    array([[0.119, 0.881]], dtype=float32)
    >>> model.predict([[1.0, 3.0]])
    array(['yes'], dtype='<U3')
    """

    layers: tuple[Layer, ...]
    output: str | Activation
    classes: tuple[Label, ...] | None = None
    dtype: np.dtype[Any] = np.dtype(np.float32)  # noqa: RUF009  (a constant)
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        dtype = np.dtype(self.dtype)
        if dtype not in (np.float32, np.float64):
            raise InputError(f"Model: dtype is {dtype}; expected float32 or float64.")
        object.__setattr__(self, "dtype", dtype)
        object.__setattr__(self, "layers", _checked(tuple(self.layers), dtype))
        if self.output != SOFTMAX:
            object.__setattr__(self, "output", activation(self.output))
        if self.classes is not None:
            classes = (c.item() if isinstance(c, np.generic) else c for c in self.classes)
            object.__setattr__(self, "classes", tuple(classes))
            self._check_classes()
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))

    def _check_classes(self) -> None:
        classes, width = self.classes or (), self.outputs_count
        kinds = {type(label) for label in classes}
        if len(kinds) != 1 or not kinds <= {str, int, float, bool}:
            raise InputError(
                f"Model: classes are {classes!r:.60}; expected labels of one kind: texts, integers, "
                "floats or truth values."
            )
        numbers = [label for label in classes if not isinstance(label, str)]
        if not all(-(2**63) <= number < 2**63 for number in numbers):
            raise InputError(
                f"Model: classes are {classes!r:.60}; expected numbers that 64 bits hold."
            )
        if len(set(classes)) != len(classes):
            raise InputError(f"Model: classes are {classes!r:.60}; expected each label once.")
        if self.output not in (SOFTMAX, catalog["sigmoid"]):
            raise InputError(
                f"Model: classes are given with output {self.output}; expected softmax or sigmoid."
            )
        if len(classes) != width and not (
            width == 1 and len(classes) == 2 and self.output != SOFTMAX
        ):
            raise InputError(
                f"Model: {len(classes)} classes for {width} outputs of {self.output}; expected one for "
                "each output, or two for one output of sigmoid."
            )

    @property
    def inputs_count(self) -> int:
        """How many features a sample has."""
        return len(self.layers[0].weights)

    @property
    def outputs_count(self) -> int:
        """How many outputs the last layer has."""
        return len(self.layers[-1].bias)

    @property
    def binary(self) -> bool:
        """Whether one output is the probability of the second of two classes."""
        return self.classes is not None and len(self.classes) > self.outputs_count

    @property
    def multilabel(self) -> bool:
        """Whether each output is the probability that its label holds."""
        return self.classes is not None and self.output != SOFTMAX and not self.binary

    def outputs(self, X: Any) -> Array:
        """Return values, or the probability of each class, shape (samples, outputs or classes)."""
        x = np.asarray(X)
        if x.ndim != 2 or x.shape[1] != self.inputs_count or x.dtype.kind not in "fiub":
            raise InputError(
                f"Model: X has dtype {x.dtype} and shape {x.shape}; expected numbers of shape "
                f"(samples, {self.inputs_count})."
            )
        with np.errstate(all="ignore"):
            x = x.astype(self.dtype, copy=False)
            for layer in self.layers:
                x = x @ layer.weights + layer.bias
                if layer.normalisation:
                    x = layer.normalisation(x)
                if layer.activation:
                    x = layer.activation(x)
            if self.binary:  # 1 - p would cancel
                x = np.concatenate([-x, x], axis=1)
            result: Array = softmax(x) if self.output == SOFTMAX else activation(self.output)(x)
            return result

    def predict(self, X: Any) -> Array:
        """Return values, labels, or 0 and 1 of a multilabel model."""
        outputs = self.outputs(X)
        if self.classes is None:
            return outputs
        if self.multilabel:
            return (outputs > 0.5).astype(np.int64)
        labels: Array = np.asarray(self.classes)[outputs.argmax(axis=1)]
        return labels


def is_catalogued(function: Activation) -> bool:
    """Whether the function is the catalogue's, and not a user's own."""
    known = catalog.get(function.name)
    return known is not None and known.declaration is function.declaration


def catalogued(call: str, function: Activation) -> Activation:
    """Return the function if it is the catalogue's: a file cannot hold a user's own, which is code."""
    if not is_catalogued(function):
        raise InputError(
            f"{call}: {function!r} is your own function, and the file would have to hold code; expected "
            "functions of rheobase.catalog. Keep the weights, and build the model again with your function."
        )
    return function


def _checked(layers: tuple[Layer, ...], dtype: np.dtype[Any]) -> tuple[Layer, ...]:
    """The layers with arrays of their own, once they fit together."""
    if not layers:
        raise InputError("Model: there are no layers; expected one or more.")
    found: list[Layer] = []
    for k, layer in enumerate(layers):
        weights = _array(layer.weights, f"weights of layer {k}", 2, dtype)
        if found and len(weights) != len(found[-1].bias):
            raise InputError(
                f"Model: layer {k} takes {len(weights)} inputs; expected the {len(found[-1].bias)} "
                "units of the layer before it."
            )
        bias = _array(layer.bias, f"bias of layer {k}", 1, dtype)
        given = layer.normalisation
        normalisation = given and Normalisation(
            _array(given.scale, f"scale of layer {k}", 1, dtype),
            _array(given.shift, f"shift of layer {k}", 1, dtype),
            _epsilon(given.epsilon),
        )
        vectors = [bias, *((normalisation.scale, normalisation.shift) if normalisation else ())]
        if any(len(vector) != weights.shape[1] for vector in vectors):
            raise InputError(
                f"Model: layer {k} has weights of shape {weights.shape} and vectors of lengths "
                f"{[len(v) for v in vectors]}; expected {weights.shape[1]} each."
            )
        if (layer.activation is None) != (k == len(layers) - 1):
            raise InputError(
                f"Model: layer {k} of {len(layers)} has activation {layer.activation!r}; expected one on "
                "every layer but the last, which has the output function."
            )
        found.append(
            Layer(weights, bias, layer.activation and activation(layer.activation), normalisation)
        )
    return tuple(found)


def _array(values: Any, name: str, axes: int, dtype: np.dtype[Any]) -> Array:
    with np.errstate(all="ignore"):
        array = np.array(values, dtype, order="C")
    if array.ndim != axes or not array.size:
        raise InputError(
            f"Model: {name} has shape {array.shape}; expected {axes} axes, none empty."
        )
    if not np.isfinite(array).all():
        raise InputError(f"Model: {name} holds NaN or infinity; expected finite numbers.")
    array.setflags(write=False)
    return array


def _epsilon(value: Any) -> float:
    if type(value) not in (int, float) or not 0 < value < 1:
        raise InputError(
            f"Model: epsilon of a normalisation is {value!r:.40}; expected a number between 0 and 1."
        )
    return float(value)
