"""Parameters of an activation that are trained with the weights, such as PReLU's slope."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._activation import Activation
from .._dual import value_and_slope

Array = NDArray[Any]


class LearnedParameters:
    """The parameters of a layer's activation, one value of each for all its units.

    Attributes
    ----------
    values, gradient : ndarray, shape (parameters, replicas, 1, 1)
        Views into the buffers of the network.

    References
    ----------
    He et al., Delving deep into rectifiers (2015), for PReLU.
    """

    def __init__(self, activation: Activation, values: Array, gradient: Array) -> None:
        self.activation = activation
        self.values, self.gradient = (
            array.T.reshape(*array.T.shape, 1, 1) for array in (values, gradient)
        )
        self.last = self.values.copy()

    def reset(self) -> None:
        """Start from the values that the activation is bound to."""
        for value, start in zip(self.values, self.activation.params.values(), strict=True):
            value[...] = start
        self.last[...] = self.values

    def bound(self, replica: int) -> Activation:
        """Return the activation with what a replica has learned."""
        learned = (float(value[replica, 0, 0]) for value in self.values)
        return self.activation.bind(**dict(zip(self.activation.params, learned, strict=True)))

    def backward(self, z: Array, gradient: Array) -> None:
        """Fill the values' gradient from that of the outputs."""
        formula = self.activation.declaration.formula
        for k, total in enumerate(self.gradient):
            _, slope = value_and_slope(formula, (z, *self.values), 1 + k)
            np.sum(gradient * slope, axis=(1, 2), keepdims=True, out=total)

    def confine(self) -> None:
        """Take back a step to values that the function has no meaning for."""
        legal = np.asarray(self.activation.declaration.legal(*self.values), bool)
        np.copyto(self.values, self.last, where=~legal)
        self.last[...] = self.values
