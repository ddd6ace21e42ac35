"""Optimisers: settings that bind to a parameter buffer and return their step.

Definitions are PyTorch's. Each step is a few passes over whole arrays, in place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .._errors import InputError

Array = NDArray[Any]


class Optimizer(Protocol):
    """What `train` asks of an optimiser."""

    def bind(self, parameters: Array, gradients: Array) -> Callable[[], None]:
        """Return a function that updates ``parameters`` (replicas, P) from ``gradients``."""


@dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent.

    Parameters
    ----------
    learning_rate : float or array_like, shape (replicas,)
    momentum : float, default 0.0
    nesterov : bool, default False
    """

    learning_rate: Any
    momentum: float = 0.0
    nesterov: bool = False

    def __post_init__(self) -> None:
        _check_shares("SGD", momentum=self.momentum)
        if self.nesterov and not self.momentum:
            raise InputError("SGD: nesterov=True needs a momentum above 0.")

    def bind(self, parameters: Array, gradients: Array) -> Callable[[], None]:
        """Return a function that updates ``parameters`` in place from ``gradients``."""
        rate = _column(self.learning_rate, parameters)
        velocity = np.zeros_like(parameters)
        change = np.empty_like(parameters)

        def step() -> None:
            direction = gradients
            if self.momentum:
                np.multiply(velocity, self.momentum, out=velocity)
                np.add(velocity, gradients, out=velocity)
                direction = velocity
            if self.nesterov:
                np.multiply(velocity, self.momentum, out=change)
                direction = np.add(change, gradients, out=change)
            np.multiply(direction, rate, out=change)
            np.subtract(parameters, change, out=parameters)

        return step


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma and Ba 2015).

    Parameters
    ----------
    learning_rate : float or array_like, shape (replicas,), default 0.001
    betas : tuple of float, default (0.9, 0.999)
        Decay of the mean of the gradient and of its square.
    eps : float, default 1e-8
    """

    learning_rate: Any = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8

    def __post_init__(self) -> None:
        _check_shares("Adam", **{f"betas[{k}]": beta for k, beta in enumerate(self.betas)})

    def bind(self, parameters: Array, gradients: Array) -> Callable[[], None]:
        """Return a function that updates ``parameters`` in place from ``gradients``."""
        rate = _column(self.learning_rate, parameters)
        beta1, beta2 = self.betas
        # The moments are kept without their factors 1 - beta, which saves two passes a step.
        first, second = np.zeros_like(parameters), np.zeros_like(parameters)
        change = np.empty_like(parameters)
        steps = 0

        def step() -> None:
            nonlocal steps
            steps += 1
            scale = sqrt((1 - beta2) / (1 - beta2**steps))
            np.multiply(first, beta1, out=first)
            np.add(first, gradients, out=first)
            np.multiply(second, beta2, out=second)
            np.multiply(gradients, gradients, out=change)
            np.add(second, change, out=second)
            np.sqrt(second, out=change)
            np.add(change, self.eps / scale, out=change)
            np.divide(first, change, out=change)
            np.multiply(change, rate * ((1 - beta1) / (1 - beta1**steps) / scale), out=change)
            np.subtract(parameters, change, out=parameters)

        return step


def _check_shares(optimizer: str, **values: float) -> None:
    for name, value in values.items():
        if not 0 <= value < 1:
            raise InputError(f"{optimizer}: {name} is {value}; expected 0 or more and less than 1.")


def _column(learning_rate: Any, parameters: Array) -> Array:
    """One learning rate per replica, as a column in the dtype of the parameters."""
    rate = np.asarray(learning_rate, dtype=np.float64)
    replicas = len(parameters)
    if rate.shape not in ((), (replicas,)) or not (np.isfinite(rate) & (rate > 0)).all():
        raise InputError(
            f"learning_rate is {learning_rate!r:.60}; expected a positive number, or one for each "
            f"of the {replicas} replicas."
        )
    return np.broadcast_to(rate, replicas)[:, None].astype(parameters.dtype)
