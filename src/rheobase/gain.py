"""The initialisation gain, from measured moments."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, isfinite, sqrt

import numpy as np

from .catalog import ActivationLike, activation


def gain(function: ActivationLike, /) -> float:
    """Return the factor of the initial weights that keeps the gradient's variance over depth.

    It is ``1 / sqrt(E f'(z)²)`` for ``z ~ N(0, 1)``: with weights of standard deviation
    ``gain / sqrt(inputs)`` a layer neither shrinks nor blows up the gradient at the start.

    Parameters
    ----------
    function : str, Activation or pair of callables

    Returns
    -------
    float
        Infinite for a function whose slope is zero everywhere, such as `step`; NaN for one that is not
        defined everywhere.

    References
    ----------
    Poole et al., Exponential expressivity in deep neural networks (2016), for the edge of chaos.

    Examples
    --------
    >>> import rheobase as rb
    >>> round(rb.gain("relu"), 4)
    1.4142
    >>> round(rb.gain(rb.sigmoid), 2)
    4.72
    """
    moment = activation(function).facts.derivative_second_moment
    return 1 / sqrt(moment) if moment else inf


def gains(functions: Iterable[ActivationLike], /) -> list[float]:
    """Return a gain for each of several layers, one on top of the other.

    `gain` supposes pre-activations z ~ N(0, 1). In a deep network their variance drifts, and the
    gradient with it. Here each layer's weights get ``1 / sqrt(E f'(z)²)`` for the function f below them,
    at the variance that z has there; so the expected variance of the gradient stays level in a wide network.
    The first layer takes `gain` of its own function.

    Parameters
    ----------
    functions : iterable of str, Activation or pair of callables
        From the first layer to the last.

    Returns
    -------
    list of float
        Of layer k, whose weights then have the standard deviation ``gains[k] / sqrt(inputs)``. 1 where a
        function has no slope.

    Examples
    --------
    >>> import rheobase as rb
    >>> from rheobase.gain import gains
    >>> [round(g, 3) for g in gains(["relu"] * 3)]
    [1.414, 1.414, 1.414]
    >>> [round(g, 2) for g in gains(["sigmoid"] * 4)]
    [4.72, 8.55, 9.23, 9.63]
    """
    z = np.linspace(-8, 8, 8000)  # without 0, where many functions have a kink
    density = np.exp(-z * z / 2)
    density /= density.sum()
    found: list[float] = []
    variance, scale = 1.0, 0.0
    for function in map(activation, functions):
        scale = scale or gain(function)  # the first layer's
        scale = scale if isfinite(scale) else 1.0
        found.append(scale)
        variance *= scale**2  # of the pre-activations, from the mean square of what comes in
        value, slope = function.value_and_derivative(sqrt(variance) * z)
        moment = float(density @ slope**2)
        variance, scale = float(density @ value**2), 1 / sqrt(moment) if moment else inf
    return found
