"""The oracle: a declaration's formula in extended precision, and errors in ULP against it.

It shares nothing with the kernels.  `extended` is fast (long double, 64 bits or more of mantissa) and
is itself checked by the tests against `exact` (mpmath at any precision).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._activation import Activation
from ._errors import require

Samples = NDArray[Any]


def extended(function: Activation, part: str, x: Samples) -> NDArray[np.longdouble]:
    """Return the value or derivative (``part``) at the samples, in long double."""
    formula = function.declaration.formula if part == "value" else function.declaration.derivative
    params = [np.longdouble(value) for value in function.params.values()]
    with np.errstate(all="ignore"):
        result: NDArray[np.longdouble] = formula(np, x.astype(np.longdouble), *params)
    return result


class _MpNamespace:
    """mpmath under the names that formulas use."""

    def __init__(self) -> None:
        self._mp = require("test", "mpmath").mp

    def __getattr__(self, name: str) -> Any:
        return getattr(self._mp, name)

    @staticmethod
    def where(condition: bool, yes: Any, no: Any) -> Any:
        return yes if condition else no

    @staticmethod
    def minimum(a: Any, b: Any) -> Any:
        return min(a, b)


def exact(function: Activation, part: str, x: float, digits: int = 60) -> Any:
    """Return the value or derivative at one point as an mpmath number of so many digits."""
    mpmath = require("test", "mpmath")
    formula = function.declaration.formula if part == "value" else function.declaration.derivative
    with mpmath.workdps(digits):
        params = [mpmath.mpf(value) for value in function.params.values()]
        return formula(_MpNamespace(), mpmath.mpf(x), *params)


def ulp_errors(computed: Samples, wanted: NDArray[np.longdouble]) -> NDArray[np.float64]:
    """Return |computed - wanted| in units in the last place of ``wanted`` in computed's dtype.

    0 where both overflow or both are NaN, infinite where only one of them does.
    """
    info = np.finfo(computed.dtype)
    with np.errstate(all="ignore"):
        size = np.maximum(np.abs(wanted), np.longdouble(info.tiny))
        _, exponent = np.frexp(size)
        ulp = np.ldexp(np.longdouble(1), exponent - 1 - info.nmant)
        errors = np.abs(computed.astype(np.longdouble) - wanted) / ulp
        rounded = wanted.astype(computed.dtype)
    same = (computed == rounded) & ~np.isfinite(rounded) | np.isnan(computed) & np.isnan(wanted)
    errors = np.where(same, 0, errors)
    finite: NDArray[np.float64] = np.nan_to_num(
        errors.astype(np.float64), nan=np.inf, posinf=np.inf
    )
    return finite


def bit_spaced(dtype: Any, count: int) -> Samples:
    """Return about ``count`` finite numbers, evenly spaced in their bit patterns (all, if there are fewer)."""
    dtype = np.dtype(dtype)
    bits = 8 * dtype.itemsize
    step = max(1, 2**bits // count)
    patterns = np.arange(min(count, 2**bits), dtype=np.uint64) * np.uint64(step) + np.uint64(
        step // 3
    )
    samples: Samples = patterns.astype(f"uint{bits}").view(dtype)
    return samples[np.isfinite(samples)]


def around_kinks(function: Activation, dtype: Any, count: int = 2000) -> Samples:
    """Return the numbers next to zero, the kinks and the points where a branch may lie."""
    centres = {0.0, *function.kinks, 1.0, -1.0}
    parts = []
    for centre in centres:
        up = np.full(count, centre, dtype)
        for k in range(1, count):
            up[k] = np.nextafter(up[k - 1], np.asarray(np.inf, dtype))
        parts += [up, (2 * np.asarray(centre, dtype) - up).astype(dtype)]
    ordinary = np.random.default_rng(0).normal(0, 4, 50_000).astype(dtype)
    return np.concatenate([*parts, ordinary])
