"""Optimisers: settings that bind to a parameter buffer and return their step.

Definitions are PyTorch's. A step works in place, Adam's in one native pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import sqrt
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .. import _native
from .._errors import InputError

Array = NDArray[Any]


class State(Protocol):
    """What an optimiser remembers between steps; it can be pickled."""

    def __call__(self, parameters: Array, gradients: Array, factor: float = 1.0) -> None:
        """Update ``parameters`` in place; ``factor`` scales the learning rate of this step."""


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

    def start(self, parameters: Array) -> State:
        """Return the state that updates parameters of this shape."""
        return _SGDState(self, parameters)

    def bind(self, parameters: Array, gradients: Array) -> Callable[[], None]:
        """Return a function that updates ``parameters`` in place from ``gradients``."""
        return partial(self.start(parameters), parameters, gradients)


class _SGDState:
    def __init__(self, settings: SGD, parameters: Array) -> None:
        self.rate = _column(settings.learning_rate, len(parameters)).astype(parameters.dtype)
        self.momentum, self.nesterov = settings.momentum, settings.nesterov
        self.velocity = np.zeros_like(parameters)
        self.change = np.empty_like(parameters)

    def __call__(self, parameters: Array, gradients: Array, factor: float = 1.0) -> None:
        velocity, change, direction = self.velocity, self.change, gradients
        if self.momentum:
            np.multiply(velocity, self.momentum, out=velocity)
            np.add(velocity, gradients, out=velocity)
            direction = velocity
        if self.nesterov:
            np.multiply(velocity, self.momentum, out=change)
            direction = np.add(change, gradients, out=change)
        np.multiply(direction, self.rate * factor, out=change)
        np.subtract(parameters, change, out=parameters)


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

    def start(self, parameters: Array) -> State:
        """Return the state that updates parameters of this shape."""
        return _AdamState(self, parameters)

    def bind(self, parameters: Array, gradients: Array) -> Callable[[], None]:
        """Return a function that updates ``parameters`` in place from ``gradients``."""
        return partial(self.start(parameters), parameters, gradients)


class _AdamState:
    def __init__(self, settings: Adam, parameters: Array) -> None:
        self.rate = _column(settings.learning_rate, len(parameters))
        self.betas, self.eps = settings.betas, settings.eps
        # The moments are kept without their factors 1 - beta.
        self.first, self.second = np.zeros_like(parameters), np.zeros_like(parameters)
        self.steps = 0

    def __call__(self, parameters: Array, gradients: Array, factor: float = 1.0) -> None:
        self.steps += 1
        (beta1, beta2), steps = self.betas, self.steps
        scale = sqrt((1 - beta2) / (1 - beta2**steps))
        rate = self.rate * ((1 - beta1) / (1 - beta1**steps) / scale * factor)
        moments = self.first, self.second
        settings = rate, beta1, beta2, self.eps / scale
        _native.adam(parameters, gradients, *moments, *settings, out=(parameters, *moments))


def _check_shares(optimizer: str, **values: float) -> None:
    for name, value in values.items():
        if not 0 <= value < 1:
            raise InputError(f"{optimizer}: {name} is {value}; expected 0 or more and less than 1.")


def _column(learning_rate: Any, replicas: int) -> Array:
    """One learning rate per replica, as a column."""
    rate = np.asarray(learning_rate, dtype=np.float64)
    if rate.shape not in ((), (replicas,)) or not (np.isfinite(rate) & (rate > 0)).all():
        raise InputError(
            f"learning_rate is {learning_rate!r:.60}; expected a positive number, or one for each "
            f"of the {replicas} replicas."
        )
    return np.broadcast_to(rate, replicas)[:, None]
