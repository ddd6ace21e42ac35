"""Layer normalisation of pre-activations."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class LayerNorm:
    """(z - mean) / sqrt(variance + epsilon) · scale + shift, over the units of each sample.

    Attributes
    ----------
    scale, shift, scale_gradient, shift_gradient : ndarray, shape (replicas, 1, units)
        Views into the buffers of the network.

    References
    ----------
    Ba, Kiros, Hinton, Layer normalization (2016).
    """

    epsilon = 1e-5  # PyTorch's

    def __init__(self, scale: tuple[Array, Array], shift: tuple[Array, Array]) -> None:
        self.scale, self.scale_gradient = scale
        self.shift, self.shift_gradient = shift
        self.normal = self.product = np.empty((0, 0, 0), self.scale.dtype)  # of the last pass
        self.inverse = self.normal

    def reset(self) -> None:
        """Start as a mere normalisation."""
        self.scale[...], self.shift[...] = 1, 0

    def forward(self, z: Array) -> None:
        """Normalise in place."""
        if self.normal.shape != z.shape:
            self.normal, self.product = np.empty_like(z), np.empty_like(z)
        normal, product = self.normal, self.product
        np.subtract(z, z.mean(axis=-1, keepdims=True), out=normal)
        np.square(normal, out=product)
        variance = product.mean(axis=-1, keepdims=True)
        self.inverse = 1 / np.sqrt(variance + z.dtype.type(self.epsilon))
        np.multiply(normal, self.inverse, out=normal)
        np.multiply(normal, self.scale, out=z)
        np.add(z, self.shift, out=z)

    def backward(self, gradient: Array) -> Array:
        """Fill the parameters' gradients; return the gradient before normalisation."""
        normal, product = self.normal, self.product
        np.multiply(gradient, normal, out=product)
        product.sum(axis=-2, keepdims=True, out=self.scale_gradient)
        gradient.sum(axis=-2, keepdims=True, out=self.shift_gradient)
        np.multiply(product, self.scale, out=product)
        along = product.mean(axis=-1, keepdims=True)
        np.multiply(gradient, self.scale, out=product)
        mean = product.mean(axis=-1, keepdims=True)
        np.subtract(product, mean, out=product)
        np.multiply(normal, along, out=normal)
        np.subtract(product, normal, out=product)
        return np.multiply(product, self.inverse, out=product)
