"""Errors in units in the last place."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._errors import require

Samples = NDArray[Any]


class Format(NamedTuple):
    """What a binary floating-point type can hold."""

    bits_behind: int  # of the significand, behind the leading one
    smallest_normal: float
    largest: float


@cache
def format_of(dtype: np.dtype[Any]) -> Format:
    """Return the format of a floating type, bfloat16 among them."""
    known = np.issubdtype(dtype, np.floating)
    info = (np if known else require("study", "ml_dtypes")).finfo(dtype)
    return Format(int(info.nmant), float(info.smallest_normal), float(info.max))


def unit(wanted: Samples, dtype: np.dtype[Any]) -> Samples:
    """Return the distance between neighbours in ``dtype`` where ``wanted`` lies."""
    form = format_of(dtype)
    _, exponent = np.frexp(np.maximum(np.abs(wanted), form.smallest_normal))
    units: Samples = np.ldexp(wanted.dtype.type(1), exponent - 1 - form.bits_behind)
    return units


def ulp_errors(
    computed: Samples, wanted: Samples, rest: Samples | None = None
) -> NDArray[np.float64]:
    """Return |computed - wanted| in units in the last place of ``wanted`` in computed's dtype.

    0 where both are NaN or the same infinity, infinite where only one of them is NaN.  An infinite
    ``computed`` counts as the power of two that follows the largest number, and is right where ``wanted``
    rounds to it.

    Parameters
    ----------
    computed : ndarray
    wanted : ndarray
        Of float64 or longer.
    rest : ndarray, optional
        What is to be added to ``wanted``, in its own float64 units.

    Examples
    --------
    >>> ulp_errors(np.float32([1, np.inf]), np.array([1 + 2.0**-24, 1e39]))
    array([0.5, 0. ])
    """
    with np.errstate(all="ignore"):
        units = unit(wanted, computed.dtype)
        result = computed.astype(wanted.dtype)
        largest = wanted.dtype.type(format_of(computed.dtype).largest)
        errors = (np.clip(result, -largest, largest) - wanted) / units
        if rest is not None:
            errors -= rest * (unit(wanted, np.dtype(np.float64)) / units)
        at = np.flatnonzero(np.isinf(result))
        if at.size:
            beyond = np.sign(result[at]) * errors[at] + unit(largest, computed.dtype) / units[at]
            errors[at] = np.where(beyond <= 0.5, 0, beyond)
    errors = np.abs(errors).astype(np.float64, copy=False)
    errors[np.isnan(errors)] = np.inf
    errors[np.isnan(result) & np.isnan(wanted)] = 0
    return np.asarray(errors)
