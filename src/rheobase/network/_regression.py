"""Heads of regression: a loss on any output function."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._activation import Activation
from .._errors import InputError
from ._heads import Head, Identity

Array = NDArray[Any]


class Loss(ABC):
    """Loss of one value p against its target y, and its slope in p."""

    @abstractmethod
    def value(self, p: Array, y: Array) -> Array:
        """Return the loss of each element."""

    @abstractmethod
    def slope(self, p: Array, y: Array) -> Array:
        """Return its derivative in ``p``."""


class Squared(Loss):
    """½(p - y)²."""

    def value(self, p: Array, y: Array) -> Array:
        return np.asarray(np.square(p - y) / 2)

    def slope(self, p: Array, y: Array) -> Array:
        return np.asarray(p - y)


class Absolute(Loss):
    """|p - y|."""

    def value(self, p: Array, y: Array) -> Array:
        return np.asarray(np.abs(p - y))

    def slope(self, p: Array, y: Array) -> Array:
        return np.asarray(np.sign(p - y))


class Huber(Loss):
    """Squared up to an error of 1, from there on straight."""

    def value(self, p: Array, y: Array) -> Array:
        error = np.abs(p - y)
        near = np.minimum(error, 1)
        return np.asarray(near * (error - near / 2))

    def slope(self, p: Array, y: Array) -> Array:
        return np.asarray(np.clip(p - y, -1, 1))


class Poisson(Loss):
    """Half the Poisson deviance, y log(y/p) - y + p."""

    def value(self, p: Array, y: Array) -> Array:
        return np.asarray(_xlogx(y) - y * np.log(p) - y + p)

    def slope(self, p: Array, y: Array) -> Array:
        return np.asarray(1 - y / p)


LOSSES: dict[str, Loss] = {
    "squared_error": Squared(),
    "absolute_error": Absolute(),
    "huber": Huber(),
    "poisson": Poisson(),
}


class Regression(Identity):
    """Any loss of `LOSSES` on any output function."""

    def __init__(self, loss: str, output: Activation) -> None:
        self.name, self.function = loss, output
        # e^z takes the logarithm away, so that neither end overflows or divides by 0
        self.log_linear = loss == "poisson" and output.name == "exponential"

    def encode(self, y: Any, outputs: int, dtype: np.dtype[Any]) -> Array:
        y = np.asarray(super().encode(y, outputs, dtype))
        if self.name == "poisson" and (y < 0).any():
            raise InputError(f"poisson loss: y holds {y.min()}; expected numbers of 0 or more.")
        return np.asarray(y)

    def loss(self, z: Array, target: Array, scratch: Array) -> Array:
        if self.log_linear:
            losses = _xlogx(target) - target * z - target + self.function(z)
        else:
            losses = LOSSES[self.name].value(self.function(z), target)
        return np.asarray(losses.sum(axis=-1))

    def backward(self, z: Array, target: Array, out: Array) -> Array:
        p = self.function(z)
        if self.log_linear:
            np.subtract(p, target, out=out)
        else:
            np.copyto(out, LOSSES[self.name].slope(p, target))
            self.function.backward(z, out, out=out)
        return np.asarray(np.divide(out, z.shape[-2], out=out))

    def output(self, z: Array) -> Array:
        return np.asarray(self.function(z))

    def predict(self, z: Array) -> Array:
        return np.asarray(super().predict(self.function(z)))

    def score(self, z: Array, target: Array, weights: Array | None = None) -> Array:
        """Return R², the mean over the outputs."""
        return super().score(self.function(z), target, weights)


def regression_head(loss: str, output: Activation) -> Head:
    """Return the head of a loss and an output function."""
    if loss == "squared_error" and output.name == "identity":
        return Identity()
    return Regression(loss, output)


def _xlogx(y: Array) -> Array:
    return np.asarray(y * np.log(np.where(y > 0, y, 1)))
