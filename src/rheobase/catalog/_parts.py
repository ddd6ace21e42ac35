"""Parts that formulas share; each is right in every namespace, at ±∞ and for NaN.

Branches are taken by ``x < 0``, not by ``abs``: automatic differentiation then gives the true slope at 0.
"""

from __future__ import annotations

from math import inf, nan
from typing import Any

# Real constants as sums of two doubles, so that an oracle of more precision gets them to 2^-100.
# Both are positive: ∞ times a constant is then ∞.
ROOT_HALF = (0.7071067811865475, 6.268583589525109e-17)  # 1/√2
NORMAL_PEAK = (0.39894228040143265, 3.0587879208480523e-17)  # 1/√(2π)
TWICE_ROOT_2_BY_PI = (1.5957691216057306, 1.223515168339221e-16)  # 2√(2/π)


def times(constant: tuple[float, float], x: Any) -> Any:
    """Return constant · x."""
    return x * constant[0] + x * constant[1]


def flat(m: Any, x: Any, condition: Any, yes: Any, no: Any) -> Any:
    """Return ``yes`` or ``no``, numbers, in the dtype of x; NaN for NaN (which no condition holds for)."""
    return m.where(condition, yes, m.where(m.isnan(x), x, no))


def damped(m: Any, x: Any, factor: Any) -> Any:
    """Return x · factor, 0 where the factor has become 0 (∞ · 0 would be NaN)."""
    return m.where(factor == 0, 0.0, x * factor)


def decay(m: Any, x: Any) -> Any:
    """Return e^-|x|."""
    return m.exp(m.where(x < 0, x, -x))


def logistic(m: Any, x: Any) -> Any:
    """Return 1 / (1 + e^-x)."""
    e = decay(m, x)
    return m.where(x < 0, e / (1 + e), 1 / (1 + e))


def softplus(m: Any, x: Any) -> Any:
    """Return log(1 + e^x)."""
    return m.where(x < 0, 0.0, x) + m.log1p(decay(m, x))


def normal_density(m: Any, x: Any) -> Any:
    """Return e^(-x²/2) / √(2π)."""
    return times(NORMAL_PEAK, m.exp(-x * x / 2))


def normal_share(m: Any, x: Any) -> Any:
    """Return P(z <= x) for z ~ N(0, 1)."""
    return m.erfc(times(ROOT_HALF, -x)) / 2


def self_gated(m: Any, x: Any, t: Any) -> Any:
    """Return x · logistic(t)."""
    return damped(m, x, logistic(m, t))


def self_gated_slope(m: Any, t: Any, x_slope_of_t: Any) -> Any:
    """Return the derivative of x · logistic(t(x)), given x · t'(x).

    It is σ(t) (1 + x t' σ(-t)); near its zero the bracket is right absolutely.
    """
    return damped(m, 1 + damped(m, x_slope_of_t, logistic(m, -t)), logistic(m, t))


def tanh_shrink(m: Any, x: Any) -> Any:
    """Return x - tanh x; where that cancels, from Lambert's continued fraction of tanh.

    tanh x = x / (1 + c) with c = x²/(3 + x²/(5 + …)), so x - tanh x = x c / (1 + c); twelve levels are
    right to 2^-100 for |x| < 1/2.
    """
    near = m.where(abs(x) < 0.5, x, 0.0)
    square = near * near
    c = square / 27
    for odd in range(25, 2, -2):
        c = square / (odd + c)
    return m.where(abs(x) < 0.5, near * c / (1 + c), x - m.tanh(x))


def logit(m: Any, x: Any) -> Any:
    """Return log(x / (1 - x)), NaN outside [0, 1]; about 1/2 by log1p, which keeps the zero."""
    inside = (x > 0) & (x < 1)
    y = m.where(inside, x, 0.5)
    middle = (y > 0.25) & (y < 0.75)
    z = m.where(middle, y, 0.5)
    value = m.where(middle, m.log1p((2 * z - 1) / (1 - z)), m.log(y) - m.log1p(-y))
    return m.where(x == 0, -inf, m.where(x == 1, inf, m.where(inside, value, nan)))


def logit_slope(m: Any, x: Any) -> Any:
    """Return 1 / (x (1 - x)), NaN outside [0, 1]."""
    inside = (x > 0) & (x < 1)
    y = m.where(inside, x, 0.5)
    return m.where((x == 0) | (x == 1), inf, m.where(inside, 1 / (y * (1 - y)), nan))


def squareplus(m: Any, x: Any, b: Any) -> Any:
    """Return (x + √(x² + b)) / 2; for x < 0, where that cancels, b/2 / (|x| + √(x² + b))."""
    size = m.where(x < 0, -x, x)
    half = (size + m.sqrt(x * x + b)) / 2
    return m.where(x < 0, b / (4 * half), half)


def squareplus_slope(m: Any, x: Any, b: Any) -> Any:
    """Return squareplus / √(x² + b) without cancellation: b/2 / (√… (|x| + √…)), or 1 minus that."""
    root = m.sqrt(x * x + b)
    low = b / (2 * root * (abs(x) + root))
    return m.where(x < 0, low, 1 - low)


def mish(m: Any, x: Any) -> Any:
    """Return x tanh(log(1 + e^x)), the tanh as a quotient in e^-|x|."""
    e = decay(m, x)
    low = e * (e + 2) / (e * (e + 2) + 2)
    high = (1 + 2 * e) / (1 + 2 * e * (1 + e))
    return damped(m, x, m.where(x < 0, low, high))


def mish_slope(m: Any, x: Any) -> Any:
    """Return mish' = T + x T', T the tanh of `mish`."""
    e = decay(m, x)
    below, above = e * (e + 2) + 2, 1 + 2 * e * (1 + e)
    low = damped(m, (e + 2) * below + 4 * x * (e + 1), e / below**2)
    high = (1 + 2 * e) / above + damped(m, x, 4 * e * e * (1 + e) / above**2)
    return m.where(x < 0, low, high)
