"""What is measured of an activation function, never typed in.

`measure` looks only at the function: its value and derivative as callables on float64 arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isclose, isinf, nan, nextafter

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Function = Callable[[Array], Array]

FLAT = 0.01  # saturated: the slope is under this share of its maximum
_STEP = 1 / 256
_REACH = 40.0
_HALVINGS = 30  # of a cell: a continuous function then changes by 1e-9 of what it did, a jump stays


@dataclass(frozen=True)
class Facts:
    """Measured properties of one activation at its parameters.

    Attributes
    ----------
    domain : tuple of float
        Where the value is not NaN.
    infimum, supremum : float
        Bounds of the value; ``infimum_reached`` and ``supremum_reached`` tell whether a finite
        input attains them in exact arithmetic.
    at_zero : float
        f(0).
    mean, second_moment : float
        E f(z) and E f(z)² for z ~ N(0, 1); NaN if the domain is not the whole line.
    derivative_second_moment : float
        E f'(z)² for z ~ N(0, 1).
    max_slope : float
        sup |f'|.
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

    domain: tuple[float, float]
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


def measure(value: Function, derivative: Function, places: tuple[float, ...] = ()) -> Facts:
    """Measure a function from its value and derivative on float64 arrays.

    It looks at [-40, 40], and about each of ``places``, where something may happen.
    """
    with np.errstate(all="ignore"):
        return _measure(value, derivative, places)


def _measure(value: Function, derivative: Function, places: tuple[float, ...]) -> Facts:
    x, domain = _grid(value, places)
    y, slope = value(x), derivative(x)
    jumps = _jumps(value, x, y)
    found = (*jumps, *_jumps(derivative, x, slope))
    kinks = tuple(sorted({_known(point, places) for point in found}))
    max_slope = _max_slope(derivative, x, slope, kinks)
    dead_zones = _dead_zones(derivative, x, slope)
    infimum, infimum_reached = _lowest(value, x, y, dead_zones, jumps)
    supremum, supremum_reached = _lowest(lambda t: -value(t), x, -y, dead_zones, jumps)
    difference = np.diff(y)
    whole = domain == (-inf, inf)
    mean = _gaussian_mean(value, kinks) if whole else nan
    mirrored = value(-x)
    return Facts(
        domain=domain,
        infimum=infimum,
        supremum=0.0 - supremum,
        infimum_reached=infimum_reached,
        supremum_reached=supremum_reached,
        at_zero=float(value(np.zeros(1))[0]),
        mean=mean,
        second_moment=_gaussian_mean(lambda t: value(t) ** 2, kinks) if whole else nan,
        derivative_second_moment=(
            _gaussian_mean(lambda t: derivative(t) ** 2, kinks) if whole else nan
        ),
        max_slope=max_slope,
        saturation=(
            _saturation(derivative, x, slope, dead_zones, FLAT * max_slope),
            _negated(
                _saturation(
                    lambda t: derivative(-t),
                    -x[::-1],
                    slope[::-1],
                    tuple((-right, -left) for left, right in dead_zones[::-1]),
                    FLAT * max_slope,
                )
            ),
        ),
        dead_zones=dead_zones,
        kinks=kinks,
        smoothness="jump" if jumps else "kink" if kinks else _smoothness(derivative, x, slope),
        zero_centred=abs(mean) < 1e-9,
        monotone=bool((difference >= 0).all() or (difference <= 0).all()),
        odd=bool(np.allclose(y, -mirrored, rtol=1e-12, atol=1e-12)),
        even=bool(np.allclose(y, mirrored, rtol=1e-12, atol=1e-12)),
    )


def _grid(value: Function, places: tuple[float, ...]) -> tuple[Array, tuple[float, float]]:
    """Points to look at, where the value is defined, and the ends of that domain."""
    near = np.arange(-1, 1 + _STEP, _STEP)
    parts = [np.arange(-_REACH, _REACH + _STEP, _STEP)]
    parts += [place + near * max(1.0, abs(place)) for place in places if abs(place) > _REACH - 1]
    x = np.unique(np.concatenate(parts))
    defined = ~np.isnan(value(x))
    low = -inf if defined[0] else float(x[defined][0])
    high = inf if defined[-1] else float(x[defined][-1])
    return x[defined], (low, high)


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


def _jumps(function: Function, x: Array, y: Array) -> list[float]:
    """Points at which the function jumps, by more than 1e-8 of its size there and 1e-15.

    Most of the change of the last cell must be between two neighbouring floats: a steep function
    spreads it.
    """
    low, high, at_low, at_high = x[:-1], x[1:], y[:-1], y[1:]
    finite = np.isfinite(at_low) & np.isfinite(at_high)
    low, high, at_low, at_high = (part[finite] for part in (low, high, at_low, at_high))
    threshold = 1e-8 * (np.abs(at_low) + np.abs(at_high)) + 1e-15
    for _ in range(_HALVINGS):  # follow the half with the larger change
        middle = (low + high) / 2
        at_middle = function(middle)
        left = np.abs(at_middle - at_low) > np.abs(at_high - at_middle)
        low, high = np.where(left, low, middle), np.where(left, middle, high)
        at_low, at_high = np.where(left, at_low, at_middle), np.where(left, at_middle, at_high)
    found = set()
    for k in np.flatnonzero(np.abs(at_high - at_low) > threshold):
        start, half = float(at_low[k]), abs(float(at_high[k] - at_low[k])) / 2
        edge = _bisect(
            lambda t, start=start, half=half: abs(_at(function, t) - start) < half,  # type: ignore[misc]
            float(low[k]),
            float(high[k]),
        )
        if abs(_at(function, edge[1]) - _at(function, edge[0])) > half:
            found.add(min(edge, key=lambda t: len(repr(t))))  # 0.3, not its neighbour
    return sorted(found)


def _known(point: float, places: tuple[float, ...]) -> float:
    """Return the place that this is but for rounding, or the point itself."""
    place = min(places, key=lambda place: abs(place - point), default=point)
    return place if isclose(point, place, rel_tol=1e-12, abs_tol=1e-12) else point


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
    value: Function,
    x: Array,
    y: Array,
    dead_zones: tuple[tuple[float, float], ...],
    jumps: list[float],
) -> tuple[float, bool]:
    """Infimum of the value and whether a finite input reaches it."""
    lowest, reached = _lowest_between(value, x, y, dead_zones)
    for jump in jumps:
        for side in (-inf, inf):  # the limit beside the jump, along a line through two floats
            near = nextafter(jump, side)
            limit = 2 * _at(value, near) - _at(value, nextafter(near, side))
            if limit < lowest:
                lowest, reached = limit + 0.0, limit == _at(value, jump)
    return lowest, reached


def _lowest_between(
    value: Function, x: Array, y: Array, dead_zones: tuple[tuple[float, float], ...]
) -> tuple[float, bool]:
    """`_lowest` but for jumps."""
    limits = value(np.array([-inf, inf]))
    limit = float(np.min(limits, initial=inf, where=~np.isnan(limits)))
    inside = int(np.argmin(y))
    if limit <= y[inside]:
        flat = [x[(x >= left) & (x <= right)] for left, right in dead_zones]
        return limit + 0.0, any(bool((value(part) == limit).any()) for part in flat)
    if isinf(y[inside]):
        return float(y[inside]), False
    lowest, points, k = float(y[inside]), x, inside
    for _ in range(3):  # zoom in: at an extremum the value's error is the square of the place's
        points = np.linspace(points[max(k - 1, 0)], points[min(k + 1, len(points) - 1)], 2001)
        k = int(np.argmin(value(points)))
        lowest = min(lowest, _at(value, points[k]))
    return lowest + 0.0, True  # no negative zero


def _max_slope(derivative: Function, x: Array, slope: Array, kinks: tuple[float, ...]) -> float:
    """sup |f'|, both sides of each kink included."""
    sides = [np.nextafter(kinks, -inf), np.nextafter(kinks, inf)] if kinks else [x[:1]]
    inside, _ = _lowest(lambda t: -np.abs(derivative(t)), x, -np.abs(slope), (), [])
    return max(0.0 - inside, float(np.abs(derivative(np.concatenate(sides))).max()))


def _saturation(
    derivative: Function,
    x: Array,
    slope: Array,
    dead_zones: tuple[tuple[float, float], ...],
    bound: float,
) -> float | None:
    """The point below which |f'| stays under ``bound`` without being exactly 0."""
    steep = np.flatnonzero(np.abs(slope) >= bound)
    dead = bool(dead_zones) and dead_zones[0][0] == -inf
    if dead or not len(steep) or steep[0] == 0 or not abs(_at(derivative, -inf)) < bound:
        return None
    start = int(steep[0])
    return _bisect(lambda t: abs(_at(derivative, t)) < bound, float(x[start - 1]), float(x[start]))[
        0
    ]


def _smoothness(derivative: Function, x: Array, slope: Array) -> str:
    """Where f'' changes most from cell to cell: does the change stay in cells of a 64th?"""
    change = _bend_change(x, slope)
    k = int(np.argmax(change)) + 1
    fine = np.linspace(x[k - 1], x[k + 1], 129)
    return (
        "once" if _bend_change(fine, derivative(fine)).max() > change[k - 1] / 2 > 0 else "smooth"
    )


def _bend_change(x: Array, slope: Array) -> Array:
    change: Array = np.nan_to_num(np.abs(np.diff(np.diff(slope) / np.diff(x))), nan=0, posinf=0)
    return change


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
