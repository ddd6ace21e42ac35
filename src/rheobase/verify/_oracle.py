"""The oracle: a declaration's own formula, in float64 for narrower types and in ball arithmetic for the rest.

It shares nothing with the kernels.  `fast` is good to about 2^-40 of the result, except next to a
zero that the formula reaches by cancellation; `exact` (Arb) is good to far more than a float64 everywhere.
"""

from __future__ import annotations

import math
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._activation import Activation, Formula
from .._errors import require

Floats = NDArray[np.float64]
PARTS = ("value", "derivative")

FUNCTIONS = (
    *("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tanh", "cosh", "erf", "erfc"),
    *("where", "minimum", "maximum", "isnan"),
)
PRECISIONS = (128, 256, 512, 1024, 2048, 4096)  # bits; the sine of 1e308 needs over a thousand
GOOD_BITS = 90  # of the result, beside the 53 of a float64
NOTHING = -1200  # 2^NOTHING is nothing beside the smallest float64
FAR = 1_000_000  # exp(±FAR) is beyond the range of float64 and of every product with one


def formula_of(function: Activation, part: str) -> Formula:
    """Return the declared formula of the value or the derivative."""
    declaration = function.declaration
    return declaration.formula if part == "value" else declaration.derivative


@cache
def _numpy_namespace() -> SimpleNamespace:
    special = require("study", "scipy.special")
    return SimpleNamespace(
        **{name: getattr(special if name.startswith("erf") else np, name) for name in FUNCTIONS}
    )


def fast(function: Activation, part: str, x: Floats) -> Floats:
    """Return the value or derivative (``part``) at the samples, in float64."""
    with np.errstate(all="ignore"):
        result = formula_of(function, part)(_numpy_namespace(), x, *function.params.values())
    return np.broadcast_to(np.asarray(result, np.float64), x.shape)


class _BallNamespace:
    """Arb under the names that formulas use."""

    def __getattr__(self, name: str) -> Any:
        if name not in FUNCTIONS:
            raise AttributeError(name)
        arb = require("study", "flint").arb
        return lambda x: getattr(arb(x), name)()

    @staticmethod
    def where(condition: bool, yes: Any, no: Any) -> Any:
        return yes if condition else no

    @staticmethod
    def minimum(a: Any, b: Any) -> Any:
        return b if b < a else a

    @staticmethod
    def maximum(a: Any, b: Any) -> Any:
        return b if b > a else a

    @staticmethod
    def isnan(x: Any) -> bool:
        return bool(x.is_nan())

    @staticmethod
    def exp(x: Any) -> Any:
        return _bounded(x).exp()

    @staticmethod
    def expm1(x: Any) -> Any:
        return _bounded(x).expm1()

    @staticmethod
    def cosh(x: Any) -> Any:
        return _bounded(x).cosh()


def _bounded(x: Any) -> Any:
    """x, or ±FAR: beyond it Arb gives up on an exponential."""
    return require("study", "flint").arb(FAR if x > FAR else -FAR if x < -FAR else x)


def ball(function: Activation, part: str, x: float) -> Any:
    """Return the value or derivative at one point as a ball that is small beside a float64's last place."""
    flint = require("study", "flint")
    formula, namespace = formula_of(function, part), _BallNamespace()
    for bits in PRECISIONS:
        with flint.ctx.workprec(bits):
            params = [flint.arb(value) for value in function.params.values()]
            y = flint.arb(formula(namespace, flint.arb(x), *params))
            if y.rel_accuracy_bits() >= GOOD_BITS or y.rad() < flint.arb(2) ** NOTHING:
                break
    return y


def exact(function: Activation, part: str, x: ArrayLike) -> tuple[Floats, Floats]:
    """Return the value or derivative at the samples: nearest float64 and the rest in its units in the last place."""
    pairs = [_split(ball(function, part, float(xi))) for xi in np.ravel(x)]
    head, rest = np.array(pairs, np.float64).reshape(-1, 2).T
    return head, rest


def _split(y: Any) -> tuple[float, float]:
    head = float(y)
    if math.isinf(head):  # what lies a little beyond the largest number counts as so far from it
        largest = math.copysign(np.finfo(np.float64).max, head)
        rest = float((y - largest) / math.ulp(largest))
        return (largest, rest) if abs(rest) < 2**52 else (head, 0.0)
    return (head, 0.0) if math.isnan(head) else (head, float((y - head) / math.ulp(head)))
