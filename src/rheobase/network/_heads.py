"""Heads: what is put on the last layer's pre-activations, fused with its loss.

The loss of a sample is summed over the outputs, the loss of a batch is the mean over its samples.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _native
from .._errors import InputError, suggest

Array = NDArray[Any]


class Head(ABC):
    """An output function with the loss that belongs to it."""

    metric: str  #: what `score` returns

    @abstractmethod
    def encode(self, y: Any, outputs: int, dtype: np.dtype[Any]) -> Array:
        """Check targets and return them as the losses want them; samples are the first axis."""

    @abstractmethod
    def loss(self, z: Array, target: Array, scratch: Array) -> Array:
        """Return the loss of each sample; ``scratch`` has the shape of ``z``."""

    @abstractmethod
    def backward(self, z: Array, target: Array, out: Array) -> Array:
        """Write the gradient of the mean loss with respect to ``z``."""

    @abstractmethod
    def output(self, z: Array) -> Array:
        """Return what the network says: probabilities or values."""

    @abstractmethod
    def predict(self, z: Array) -> Array:
        """Return classes or values, in the form of the targets."""

    @abstractmethod
    def score(self, z: Array, target: Array, weights: Array | None = None) -> Array:
        """Return the metric of each replica; ``z`` is (replicas, samples, outputs).

        ``weights``, (samples,) or (replicas, samples), weigh the samples.
        """


class Softmax(Head):
    """Softmax and cross-entropy; targets are class numbers."""

    metric = "accuracy"

    def encode(self, y: Any, outputs: int, dtype: np.dtype[Any]) -> Array:
        y = np.asarray(y)
        if y.ndim != 1 or y.dtype.kind not in "iub":
            raise InputError(
                f"softmax head: y has dtype {y.dtype} and shape {y.shape}; expected one class "
                "number (an integer) per sample."
            )
        if y.size and not 0 <= y.min() <= y.max() < outputs:
            raise InputError(
                f"softmax head: y holds classes {y.min()} to {y.max()}; a network with {outputs} "
                f"outputs takes 0 to {outputs - 1}."
            )
        return np.asarray(y, dtype=np.int64)

    def loss(self, z: Array, target: Array, scratch: Array) -> Array:
        return np.asarray(_native.cross_entropy(z, target))

    def backward(self, z: Array, target: Array, out: Array) -> Array:
        return np.asarray(
            _native.cross_entropy_backward(z, target, z.dtype.type(1 / z.shape[-2]), out=out)
        )

    def output(self, z: Array) -> Array:
        return np.asarray(_native.softmax(z))

    def predict(self, z: Array) -> Array:
        return np.asarray(z.argmax(axis=-1))

    def score(self, z: Array, target: Array, weights: Array | None = None) -> Array:
        return np.asarray(np.average(z.argmax(axis=-1) == target, axis=1, weights=weights))


class Sigmoid(Head):
    """Sigmoid and binary cross-entropy, one yes or no per output; targets are 0 and 1.

    Targets are encoded as the sign s = 1 - 2y, so that the loss log(1 + e^(s·z)) and its gradient
    s·sigmoid(s·z) cancel nothing at either end.
    """

    metric = "accuracy"

    def encode(self, y: Any, outputs: int, dtype: np.dtype[Any]) -> Array:
        y = _columns("sigmoid", y, outputs)
        if not np.isin(y, (0, 1)).all():
            raise InputError("sigmoid head: y holds other values than 0 and 1.")
        return np.asarray(1 - 2 * y, dtype=dtype)

    def loss(self, z: Array, target: Array, scratch: Array) -> Array:
        np.multiply(z, target, out=scratch)
        return np.asarray(np.logaddexp(0, scratch, out=scratch).sum(axis=-1))

    def backward(self, z: Array, target: Array, out: Array) -> Array:
        np.multiply(z, target, out=out)
        _native.sigmoid(out, out=out)
        np.multiply(out, target, out=out)
        return np.asarray(np.divide(out, z.shape[-2], out=out))

    def output(self, z: Array) -> Array:
        return np.asarray(_native.sigmoid(z))

    def predict(self, z: Array) -> Array:
        return _drop_single((z > 0).astype(np.int64))

    def score(self, z: Array, target: Array, weights: Array | None = None) -> Array:
        hits = ((z > 0) == (target < 0)).mean(axis=2)
        return np.asarray(np.average(hits, axis=1, weights=weights))


class Identity(Head):
    """No function and half the squared error, ½(z - y)²; targets are real numbers."""

    metric = "r2"

    def encode(self, y: Any, outputs: int, dtype: np.dtype[Any]) -> Array:
        y = _columns("identity", y, outputs)
        if not np.isfinite(y).all():
            raise InputError("identity head: y holds NaN or infinity; expected finite numbers.")
        return np.asarray(y, dtype=dtype)

    def loss(self, z: Array, target: Array, scratch: Array) -> Array:
        np.subtract(z, target, out=scratch)
        return np.asarray(np.square(scratch, out=scratch).sum(axis=-1) / 2)

    def backward(self, z: Array, target: Array, out: Array) -> Array:
        np.subtract(z, target, out=out)
        return np.asarray(np.divide(out, z.shape[-2], out=out))

    def output(self, z: Array) -> Array:
        return z.copy()

    def predict(self, z: Array) -> Array:
        return _drop_single(z.copy())

    def score(self, z: Array, target: Array, weights: Array | None = None) -> Array:
        """Return R², the mean over the outputs; 0 for a target that does not vary."""
        each = np.ones((z.shape[1], 1)) if weights is None else weights[..., None]
        error = (each * np.square(target - z, dtype=np.float64)).sum(axis=1)
        mean = (each * target).sum(axis=-2, keepdims=True) / each.sum(axis=-2, keepdims=True)
        spread = (each * np.square(target - mean)).sum(axis=-2)
        spread = np.broadcast_to(spread, error.shape)
        ratio = np.divide(error, spread, out=np.ones_like(error), where=spread > 0)
        return np.asarray((1 - ratio).mean(axis=-1))


HEADS: dict[str, Head] = {"softmax": Softmax(), "sigmoid": Sigmoid(), "identity": Identity()}


def find_head(name: str | Head) -> Head:
    """Return a head by name; a head is returned as it is."""
    if isinstance(name, Head):
        return name
    if name not in HEADS:
        raise InputError(
            f"unknown head {name!r}.{suggest(str(name), HEADS)} Known: {', '.join(HEADS)}."
        )
    return HEADS[name]


def _columns(head: str, y: Any, outputs: int) -> Array:
    """Targets as (samples, outputs); a single output may leave its axis out."""
    y = np.asarray(y)
    columns = y[:, None] if y.ndim == 1 else y
    if columns.ndim != 2 or columns.shape[1] != outputs or y.dtype.kind not in "iubf":
        raise InputError(
            f"{head} head: y has dtype {y.dtype} and shape {y.shape}; expected {outputs} numbers "
            "per sample."
        )
    return np.asarray(columns.astype(np.float64))


def _drop_single(columns: Array) -> Array:
    return np.asarray(columns[..., 0] if columns.shape[-1] == 1 else columns)
