"""What is measured of an activation function, never typed in.

`measure` looks only at the function: its value and derivative as callables on float64 arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, nextafter

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Function = Callable[[Array], Array]

FLAT = 0.01  # saturated: the slope is under this share of its maximum
_STEP = 1 / 256
_REACH = 40.0


@dataclass(frozen=True)
class Facts:
    """Measured properties of one activation at its parameters.

    Attributes
    ----------
    infimum, supremum : float
        Bounds of the value; ``infimum_reached`` and ``supremum_reached`` tell whether a finite
        input attains them in exact arithmetic.
    at_zero : float
        f(0).
    mean, second_moment : float
        E f(z) and E f(z)² for z ~ N(0, 1).
    derivative_second_moment : float
        E f'(z)² for z ~ N(0, 1).
    max_slope : float
        max |f'|.
    saturation : tuple of (float or None)
        Below the first and above the second point |f'| stays under 1 % of ``max_slope`` without
        being exactly 0; None where there is no such side.
    dead_zones : tuple of (float, float)
        Closed intervals on which f' is exactly 0 by definition (not because it underflows).
    kinks : tuple of float
        Points without a derivative.
    smoothness : str
        "jump" (discontinuous), "kink" (continuous), "once" (f' continuous, f'' not) or "smooth".
    zero_centred : bool
        The mean output is 0 for z ~ N(0, 1).
    monotone, odd, even : bool
    """

    infimum: float
    supremum: float
    infimum_reached: bool
    supremum_reached: bool
    at_zero: float
    mean: float
    second_moment: float
    derivative_second_moment: float
    max_slope: float
    saturation: tuple[float | None, float | None]
    dead_zones: tuple[tuple[float, float], ...]
    kinks: tuple[float, ...]
    smoothness: str
    zero_centred: bool
    monotone: bool
    odd: bool
    even: bool


def measure(value: Function, derivative: Function) -> Facts:
    """Measure a function from its value and derivative on float64 arrays."""
    x = np.arange(-_REACH, _REACH + _STEP, _STEP)
    y, slope = value(x), derivative(x)
    max_slope = float(np.abs(slope).max())
    jumps = _jumps(value, x, y, 0.05)
    kinks = tuple(sorted({*jumps, *_jumps(derivative, x, slope, 0.05 * max(max_slope, 1e-300))}))
    dead_zones = _dead_zones(derivative, x, slope)
    infimum, infimum_reached = _lowest(value, x, y, dead_zones)
    supremum, supremum_reached = _lowest(lambda t: -value(t), x, -y, dead_zones)
    difference = np.diff(y)
    mean = _gaussian_mean(value, kinks)
    return Facts(
        infimum=infimum,
        supremum=-supremum,
        infimum_reached=infimum_reached,
        supremum_reached=supremum_reached,
        at_zero=float(value(np.zeros(1))[0]),
        mean=mean,
        second_moment=_gaussian_mean(lambda t: value(t) ** 2, kinks),
        derivative_second_moment=_gaussian_mean(lambda t: derivative(t) ** 2, kinks),
        max_slope=max_slope,
        saturation=(
            _saturation(derivative, x, slope, FLAT * max_slope),
            _negated(_saturation(lambda t: derivative(-t), x, slope[::-1], FLAT * max_slope)),
        ),
        dead_zones=dead_zones,
        kinks=kinks,
        smoothness="jump" if jumps else "kink" if kinks else _smoothness(x, slope),
        zero_centred=abs(mean) < 1e-9,
        monotone=bool((difference >= 0).all() or (difference <= 0).all()),
        odd=bool(np.allclose(y, -y[::-1], rtol=1e-12, atol=1e-12)),
        even=bool(np.allclose(y, y[::-1], rtol=1e-12, atol=1e-12)),
    )


def _negated(point: float | None) -> float | None:
    return None if point is None else -point


def _bisect(inside: Callable[[float], bool], low: float, high: float) -> tuple[float, float]:
    """Narrow (low, high) to neighbouring floats between which ``inside`` changes."""
    at_low = inside(low)
    while nextafter(low, high) != high:
        middle = (low + high) / 2
        if middle in (low, high):  # across zero the midpoint of neighbours is one of them
            break
        if inside(middle) == at_low:
            low = middle
        else:
            high = middle
    return low, high


def _at(function: Function, point: float) -> float:
    return float(function(np.array([point]))[0])


def _jumps(function: Function, x: Array, y: Array, threshold: float) -> list[float]:
    """Points at which the function jumps by more than ``threshold``."""
    found = []
    for k in np.flatnonzero(np.abs(np.diff(y)) > threshold):
        start = float(y[k])
        half = abs(float(y[k + 1]) - start) / 2
        low, high = _bisect(
            lambda t, start=start, half=half: abs(_at(function, t) - start) < half,  # type: ignore[misc]
            float(x[k]),
            float(x[k + 1]),
        )
        if abs(_at(function, high) - _at(function, low)) > threshold / 2:
            found.append(min(low, high, key=lambda t: len(repr(t))))  # 0.3, not its neighbour
    return found


def _dead_zones(derivative: Function, x: Array, slope: Array) -> tuple[tuple[float, float], ...]:
    flat = slope == 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flat, [False]]).astype(np.int8)))
    zones = []
    for first, past in edges.reshape(-1, 2):
        left, right = -inf, inf
        if first > 0:
            left = _bisect(lambda t: _at(derivative, t) == 0, float(x[first]), float(x[first - 1]))[
                0
            ]
        if past < len(x):
            right = _bisect(lambda t: _at(derivative, t) == 0, float(x[past - 1]), float(x[past]))[
                0
            ]
        if right - left < _STEP / 2:  # the derivative crosses zero, it does not stay
            continue
        if all(_leaves_at_once(derivative, edge) for edge in (left, right) if abs(edge) < inf):
            zones.append((left, right))
    return tuple(zones)


def _leaves_at_once(derivative: Function, edge: float) -> bool:
    """Beside the edge of a zone of zeros: has the slope a size, or does it rise out of underflow?"""
    near = 1e-3 * max(1.0, abs(edge))
    return max(abs(_at(derivative, edge - near)), abs(_at(derivative, edge + near))) > 1e-200


def _lowest(
    value: Function, x: Array, y: Array, dead_zones: tuple[tuple[float, float], ...]
) -> tuple[float, bool]:
    """Infimum of the value and whether a finite input reaches it."""
    limits = value(np.array([-inf, inf]))
    inside = int(np.argmin(y))
    if limits.min() <= y[inside]:
        lowest = float(limits.min()) + 0.0  # no negative zero
        flat = [x[(x >= left) & (x <= right)] for left, right in dead_zones]
        return lowest, any(bool((value(part) == lowest).any()) for part in flat)
    fine = np.linspace(x[max(inside - 1, 0)], x[min(inside + 1, len(x) - 1)], 20001)
    return float(value(fine).min()) + 0.0, True


def _saturation(derivative: Function, x: Array, slope: Array, bound: float) -> float | None:
    """The point below which |f'| stays under ``bound`` without being exactly 0."""
    steep = np.flatnonzero(np.abs(slope) >= bound)
    if not len(steep) or steep[0] == 0 or not slope[: steep[0]].any():
        return None
    start = int(steep[0])
    return _bisect(lambda t: abs(_at(derivative, t)) < bound, float(x[start - 1]), float(x[start]))[
        0
    ]


def _smoothness(x: Array, slope: Array) -> str:
    bend = np.diff(slope) / _STEP
    change = np.abs(np.diff(bend))
    return "once" if change.max() > 0.1 * max(np.abs(bend).max(), 1e-9) else "smooth"


def _gaussian_mean(function: Function, kinks: tuple[float, ...]) -> float:
    """E function(z), z ~ N(0, 1): Gauss-Legendre on panels that end at the kinks."""
    cuts = np.unique(
        np.concatenate([np.arange(-12.0, 12.5, 0.5), [k for k in kinks if abs(k) < 12]])
    )
    nodes, weights = np.polynomial.legendre.leggauss(16)
    half = np.diff(cuts)[:, None] / 2
    z = cuts[:-1, None] + half * (nodes + 1)
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    return float((function(z.ravel()).reshape(z.shape) * density * weights * half).sum())
