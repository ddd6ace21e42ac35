"""Derivatives of formulas by dual numbers: a value beside its slope, over any math namespace.

A formula ``f(m, x, *params)`` that runs on them once yields its value and its derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import pi, sqrt
from typing import Any

import numpy as np

from ._namespaces import Namespace

# Slopes of elementary functions, from the argument x and the value y.
_SLOPES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "exp": lambda m, x, y: y,
    "expm1": lambda m, x, y: m.exp(x),  # y + 1 would cancel
    "log": lambda m, x, y: 1 / x,
    "log1p": lambda m, x, y: 1 / (1 + x),
    "sqrt": lambda m, x, y: 0.5 / y,
    "sin": lambda m, x, y: m.cos(x),
    "cos": lambda m, x, y: -m.sin(x),
    "tanh": lambda m, x, y: (1 / m.cosh(x)) ** 2,
    "cosh": lambda m, x, y: m.tanh(x) * y,
    "erf": lambda m, x, y: 2 / sqrt(pi) * m.exp(-x * x),
    "erfc": lambda m, x, y: -2 / sqrt(pi) * m.exp(-x * x),
}


class Dual:
    """A value and its slope; arithmetic differentiates, comparisons look at the value alone.

    A slope that is the same everywhere may be a Python number.
    """

    __array_ufunc__ = None  # an array on the left leaves the operation to the dual on the right

    def __init__(self, m: Any, value: Any, slope: Any) -> None:
        self.m = m
        self.value = value
        self.slope = slope

    def __add__(self, other: Any) -> Dual:
        value, slope = _parts(other)
        return Dual(self.m, self.value + value, _sum(self.slope, slope))

    def __sub__(self, other: Any) -> Dual:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Dual:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Dual:
        value, slope = _parts(other)
        total = _sum(_product(self.m, self.slope, value), _product(self.m, slope, self.value))
        return Dual(self.m, self.value * value, total)

    def __truediv__(self, other: Any) -> Dual:
        value, slope = _parts(other)
        quotient = self.value / value
        total = _sum(self.slope, -_product(self.m, slope, quotient))
        return Dual(self.m, quotient, _product(self.m, total, 1 / value))

    def __rtruediv__(self, other: Any) -> Dual:
        return Dual(self.m, other, 0.0) / self

    def __pow__(self, other: Any) -> Dual:
        value, slope = _parts(other)
        power = self.value**value
        total = _product(self.m, self.slope, value * self.value ** (value - 1))
        if isinstance(other, Dual):
            total = _sum(total, _product(self.m, slope, power * self.m.log(self.value)))
        return Dual(self.m, power, total)

    def __rpow__(self, other: Any) -> Dual:
        return Dual(self.m, other, 0.0) ** self

    def __neg__(self) -> Dual:
        return Dual(self.m, -self.value, -self.slope)

    def __abs__(self) -> Dual:
        x = self.value
        sign = self.m.where(x < 0, -1.0, self.m.where(x > 0, 1.0, 0.0))  # 0 at 0, as in PyTorch
        return Dual(self.m, abs(x), _product(self.m, self.slope, sign))

    __radd__, __rmul__ = __add__, __mul__

    def __lt__(self, other: Any) -> Any:
        return self.value < _parts(other)[0]

    def __le__(self, other: Any) -> Any:
        return self.value <= _parts(other)[0]

    def __gt__(self, other: Any) -> Any:
        return self.value > _parts(other)[0]

    def __ge__(self, other: Any) -> Any:
        return self.value >= _parts(other)[0]

    def __eq__(self, other: object) -> Any:
        return self.value == _parts(other)[0]

    def __ne__(self, other: object) -> Any:
        return self.value != _parts(other)[0]

    __hash__ = None  # type: ignore[assignment]


class DualNamespace:
    """The ``m`` of a formula that runs on dual numbers, over the ``m`` of their values."""

    def __init__(self, m: Any) -> None:
        self._m = m

    def __getattr__(self, name: str) -> Callable[[Any], Any]:
        if name not in _SLOPES:
            raise TypeError(
                f"the slope of {name} is not known; a formula has {', '.join(_SLOPES)}, where, minimum, "
                "maximum and isnan."
            )
        function, slope_of = getattr(self._m, name), _SLOPES[name]

        def of(x: Any) -> Any:
            if not isinstance(x, Dual):
                return function(x)
            value = function(x.value)
            slope = _product(self._m, x.slope, slope_of(self._m, x.value, value))
            return Dual(self._m, value, slope)

        return of

    def where(self, condition: Any, yes: Any, no: Any) -> Dual:
        """Select values and slopes: what the branch not taken computes is nowhere in the result."""
        (value, slope), (otherwise, other_slope) = _parts(yes), _parts(no)
        m = self._m
        constant = _is_number(slope, 0) and _is_number(other_slope, 0)
        chosen = 0.0 if constant else m.where(condition, slope, other_slope)
        return Dual(m, m.where(condition, value, otherwise), chosen)

    def minimum(self, a: Any, b: Any) -> Dual:
        return self.where(b < a, b, a)

    def maximum(self, a: Any, b: Any) -> Dual:
        return self.where(b > a, b, a)

    def isnan(self, x: Any) -> Any:
        return self._m.isnan(_parts(x)[0])


def _parts(x: Any) -> tuple[Any, Any]:
    """Value and slope of an operand; all but duals are constants."""
    return (x.value, x.slope) if isinstance(x, Dual) else (x, 0.0)


def _sum(a: Any, b: Any) -> Any:
    return b if _is_number(a, 0) else a if _is_number(b, 0) else a + b


def _product(m: Any, slope: Any, factor: Any) -> Any:
    """Return slope · factor, 0 where one of them is 0 and the other is not finite.

    What stands still adds nothing, however steep the rest: sqrt(x²) at 0, e^(-x²) at ∞.
    """
    if _is_number(slope, 0) or _is_number(factor, 0):
        return 0.0
    if _is_number(slope, 1):
        return factor
    product = slope * factor
    if isinstance(slope, float) or isinstance(factor, (int, float)):
        return product  # a number, not 0
    return m.where((slope == 0) | (factor == 0), 0.0, product)


def _is_number(x: Any, number: int) -> bool:
    return isinstance(x, (int, float)) and x == number


def slope_of(formula: Callable[..., Any], which: int = 0) -> Callable[..., tuple[Any, Any]]:
    """Return a function of the same operands that gives value and derivative of a formula.

    Parameters
    ----------
    formula : callable
        ``f(m, x, *params)`` over a math namespace.
    which : int, default 0
        The operand that the derivative is taken in: 0 is x, 1 the first parameter.

    Returns
    -------
    callable
        ``g(m, x, *params) -> (value, slope)``. Where the value is NaN, the slope is.
    """

    def both(m: Any, *operands: Any) -> tuple[Any, Any]:
        seeded = [Dual(m, x, 1.0) if k == which else x for k, x in enumerate(operands)]
        value, slope = _parts(formula(DualNamespace(m), *seeded))
        return value, m.where(m.isnan(value), value, slope)

    return both


def value_and_slope(
    formula: Callable[..., Any], operands: Sequence[Any], which: int = 0
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return value and derivative of a formula on NumPy arrays.

    Parameters
    ----------
    formula : callable
        ``f(m, x, *params)`` over a math namespace.
    operands : sequence of array_like
        x and the parameters; they broadcast. Results have the dtype of x, a float. What is narrower than
        float32 is computed in float32.
    which : int, default 0
        The operand that the derivative is taken in: 0 is x, 1 the first parameter.
    """
    x = np.asarray(operands[0])
    kind = np.dtype(np.float32) if x.dtype.itemsize < 4 else x.dtype
    arrays = [np.asarray(operand, kind) for operand in operands]
    m = Namespace(np, np.empty((), kind))
    with np.errstate(all="ignore"):
        results = slope_of(formula, which)(m, *arrays)
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    value, slope = (np.broadcast_to(np.asarray(part, x.dtype), shape) for part in results)
    return value, slope
