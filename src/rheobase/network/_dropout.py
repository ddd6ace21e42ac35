"""Dropout: outputs of hidden layers set to 0 at random while a network trains."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Dropout:
    """Zero a share of a layer's outputs and scale the others, so that their mean stays.

    Parameters
    ----------
    rate : float
        Probability that an output is dropped.
    rng : numpy.random.Generator
    """

    def __init__(self, rate: float, rng: np.random.Generator) -> None:
        self.rate = rate
        self.rng = rng
        self.masks: dict[int, Array] = {}  # of the last forward pass, by layer

    def forward(self, layer: int, a: Array) -> None:
        """Draw the mask of a layer and apply it to its outputs, in place."""
        kept = self.rng.random(a.shape, np.float32) >= self.rate
        self.masks[layer] = kept.astype(a.dtype) / a.dtype.type(1 - self.rate)
        np.multiply(a, self.masks[layer], out=a)

    def backward(self, layer: int, gradient: Array) -> None:
        """Apply the same mask to the gradient at these outputs, in place."""
        np.multiply(gradient, self.masks[layer], out=gradient)
