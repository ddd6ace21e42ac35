"""One neuron: y = f(w·x + b)."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._errors import InputError
from ..catalog import ActivationLike
from ..catalog import activation as find_activation


class Neuron:
    """A neuron: it weighs its inputs, adds a bias and passes the sum through an activation.

    Parameters
    ----------
    weights : array_like, shape (inputs,)
    bias : float
    activation : str, Activation or pair of callables
    threshold : float, default 0.0
        The neuron fires when its potential exceeds this.

    Examples
    --------
    >>> import rheobase as rb
    >>> both = rb.Neuron([1.0, 1.0], bias=-1.5, activation="step")
    >>> both([[0, 0], [0, 1], [1, 0], [1, 1]])
    array([0., 0., 0., 1.])
    """

    def __init__(
        self, weights: Any, bias: float, activation: ActivationLike, threshold: float = 0.0
    ) -> None:
        self.weights = np.asarray(weights, dtype=np.float64)
        if self.weights.ndim != 1 or not self.weights.size:
            raise InputError(
                f"Neuron: weights have shape {self.weights.shape}; expected one number per input."
            )
        self.bias = float(bias)
        self.activation = find_activation(activation)
        self.threshold = float(threshold)

    def __call__(self, x: Any, /) -> Any:
        """Return the output f(w·x + b); the last axis of ``x`` runs over the inputs."""
        return self.activation(self.potential(x))

    def potential(self, x: Any, /) -> Any:
        """Return w·x + b."""
        x = np.asarray(x, dtype=np.float64)
        if x.shape[-1:] != self.weights.shape:
            raise InputError(
                f"Neuron: x has shape {x.shape}; its last axis must hold "
                f"{self.weights.size} inputs."
            )
        return x @ self.weights + self.bias

    def fires(self, x: Any, /) -> Any:
        """Return whether the potential exceeds the threshold."""
        return self.potential(x) > self.threshold
