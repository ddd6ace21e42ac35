"""The initialisation gain, from measured moments."""

from __future__ import annotations

from math import inf, sqrt

from ._activation import Activation
from .catalog import activation


def gain(function: str | Activation, /) -> float:
    """Return the factor of the initial weights that keeps the gradient's variance over depth.

    It is ``1 / sqrt(E f'(z)²)`` for ``z ~ N(0, 1)``: with weights of standard deviation
    ``gain / sqrt(inputs)`` a layer neither shrinks nor blows up the gradient at the start.

    Parameters
    ----------
    function : str or Activation

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
