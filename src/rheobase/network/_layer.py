"""A dense layer: views into the buffers of its network, and its part of a pass."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._activation import Activation
from ._learned import LearnedParameters
from ._normalisation import LayerNorm

Array = NDArray[Any]


class LayerShape(NamedTuple):
    """What a layer is made of."""

    inputs: int
    units: int
    activation: Activation | None
    layer_norm: bool
    learned: int  # parameters of the activation that are trained

    @property
    def size(self) -> int:
        """How many numbers the layer learns."""
        return (self.inputs + 1 + 2 * self.layer_norm) * self.units + self.learned


class Dense:
    """A layer z = xW + b, normalised if it has a normalisation, a = f(z).

    Attributes
    ----------
    parameters : ndarray, shape (replicas, n)
        All that the layer learns.
    weights, weights_gradient : ndarray, shape (replicas, inputs, outputs)
        Views into the buffers of the network, as are the next.
    bias, bias_gradient : ndarray, shape (replicas, 1, outputs)
    activation : Activation or None
        None on the last layer, where the head takes its place.
    normalisation : LayerNorm or None
    learned : LearnedParameters or None
    """

    def __init__(self, shape: LayerShape, parameters: Array, gradients: Array) -> None:
        self.activation, self.parameters = shape.activation, parameters
        start = 0

        def take(*axes: int) -> tuple[Array, Array]:
            nonlocal start
            begin, start = start, start + prod(axes)
            first, second = (
                buffer[:, begin:start].reshape(-1, *axes) for buffer in (parameters, gradients)
            )
            return first, second

        self.weights, self.weights_gradient = take(shape.inputs, shape.units)
        self.bias, self.bias_gradient = take(1, shape.units)
        self.normalisation = (
            LayerNorm(take(1, shape.units), take(1, shape.units)) if shape.layer_norm else None
        )
        self.learned = (
            LearnedParameters(shape.activation, *take(shape.learned))
            if shape.learned and shape.activation
            else None
        )

    def reset(self) -> None:
        """Set all but the weights to where training starts."""
        self.bias[...] = 0
        if self.normalisation:
            self.normalisation.reset()
        if self.learned:
            self.learned.reset()

    def forward(self, x: Array, z: Array) -> Array:
        """Fill the pre-activations."""
        np.matmul(x, self.weights, out=z)
        np.add(z, self.bias, out=z)
        if self.normalisation:
            self.normalisation.forward(z)
        return z

    def activate(self, z: Array, a: Array) -> Array:
        """Fill the outputs of a hidden layer."""
        assert self.activation
        operands = self.learned.values if self.learned else ()
        return np.asarray(self.activation(z, *operands, out=a))

    def activate_backward(self, z: Array, gradient: Array) -> None:
        """Turn the gradient of the outputs into that of the pre-activations, in place."""
        assert self.activation
        if self.learned:
            self.learned.backward(z, gradient)
        operands = self.learned.values if self.learned else ()
        self.activation.backward(z, gradient, *operands, out=gradient)

    def backward(self, x: Array, gradient: Array, below: Array | None) -> None:
        """Fill the gradients of what is learned, and into ``below`` that of the inputs."""
        if self.normalisation:
            gradient = self.normalisation.backward(gradient)
        np.matmul(x.swapaxes(-1, -2), gradient, out=self.weights_gradient)
        np.matmul(_ones(gradient.shape[-2], gradient.dtype), gradient, out=self.bias_gradient)
        if below is not None:
            np.matmul(gradient, self.weights.swapaxes(-1, -2), out=below)


@lru_cache(8)
def _ones(rows: int, dtype: Any) -> Array:
    """A row whose product is the sum over rows."""
    return np.ones((1, rows), dtype)
