"""Inputs: evenly over the bit patterns of a type, and densely where a branch or a zero may lie."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .._activation import Activation
from ._oracle import fast

Samples = NDArray[Any]
ZEROS = 16  # as many of a function's zeros as are looked at, those nearest to 0


def bit_spaced(dtype: DTypeLike, count: int) -> Samples:
    """Return about ``count`` finite numbers, evenly spaced in their bit patterns (all, if there are fewer)."""
    dtype = np.dtype(dtype)
    bits = 8 * dtype.itemsize
    step = max(1, 2**bits // count)
    patterns = np.arange(min(count, 2**bits), dtype=np.uint64) * np.uint64(step)
    samples: Samples = (patterns + np.uint64(step // 3)).astype(f"uint{bits}").view(dtype)
    return _finite(samples)


def _finite(samples: Samples) -> Samples:
    with np.errstate(invalid="ignore"):  # which ml_dtypes raises at NaN
        kept: Samples = samples[np.isfinite(samples)]
    return kept


def neighbours(centre: float, dtype: DTypeLike, count: int) -> Samples:
    """Return the ``count`` finite numbers on either side of ``centre``, and itself."""
    dtype = np.dtype(dtype)
    signed = np.dtype(f"int{8 * dtype.itemsize}")
    lowest = int(np.iinfo(signed).min)
    with np.errstate(over="ignore"):
        here = int(np.asarray(centre).astype(dtype).view(signed))
    order = (here if here >= 0 else lowest - here) + np.arange(-count, count + 1, dtype=np.int64)
    samples: Samples = np.where(order >= 0, order, lowest - order).astype(signed).view(dtype)
    return _finite(samples)


def around_kinks(function: Activation, dtype: DTypeLike, count: int) -> Samples:
    """Return numbers next to 0, ±1, the kinks and the parameters, and ordinary ones."""
    centres = {0.0, 1.0, -1.0, *function.kinks}
    centres |= {sign * value for value in function.params.values() for sign in (1, -1)}
    near = [neighbours(centre, dtype, count) for centre in sorted(centres)]
    ordinary = np.random.default_rng(0).normal(0, 4, 10 * count).astype(dtype)
    return np.concatenate([*near, ordinary])


@cache
def zeros(function: Activation, part: str) -> tuple[float, ...]:
    """Return where the value or derivative changes its sign, other than at 0."""
    x = np.sort(bit_spaced(np.float32, 1 << 16)).astype(np.float64)
    y = np.sign(fast(function, part, x))
    at = np.flatnonzero(y[:-1] * y[1:] < 0)
    at = at[np.argsort(np.abs(x[at]), kind="stable")][:ZEROS]
    low, high = x[at], x[at + 1]
    for _ in range(80):
        middle = low + (high - low) / 2
        left = fast(function, part, middle) * y[at] > 0
        low, high = np.where(left, middle, low), np.where(left, high, middle)
    return tuple(float(zero) for zero in low if abs(zero) > 1e-30)


def around_zeros(function: Activation, part: str, dtype: DTypeLike, count: int) -> Samples:
    """Return numbers next to the zeros, where an oracle in float64 would be too coarse."""
    near = [neighbours(zero, dtype, count) for zero in zeros(function, part)]
    return np.concatenate([np.empty(0, dtype), *near])


SEGMENTS = 34  # of all finite float32: either sign, 15 of the 255 exponents each
_EXPONENTS = 15


def segment(index: int, chunk: int) -> Iterator[Samples]:
    """Yield the float32 numbers of one of the `SEGMENTS`, some at a time; the array is used again."""
    start = (index % 2) << 31 | (index // 2) * _EXPONENTS << 23
    bits = np.arange(start, start + chunk, dtype=np.uint32)
    for _ in range((_EXPONENTS << 23) // chunk):
        yield bits.view(np.float32)
        bits += np.uint32(chunk)
