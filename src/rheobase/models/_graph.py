"""An ONNX graph under construction, and formulas that write themselves into it.

A declaration's formula runs here on `Traced` values: what it computes elsewhere becomes nodes. So a
function needs no second text of its formula to be exported.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from .._activation import Activation
from .._errors import InputError, require
from .._onnx_operators import LIMITS, OPERATORS

# Q(t) = e^(x²) erfc(x) / t in its 11 Chebyshev points of [0, 1], highest power first; right to 3e-8.
_ERFC = (
    *(0.04535133647, -0.24558003551, 0.51689953849, -0.48247475865, 0.15188517832, -0.06795827474),
    *(0.09582719924, 0.17494859635, 0.24691356122, 0.28209286733, 0.28209479965),
)


class Graph:
    """Nodes and constants; every value is the name of a tensor.

    It is the math namespace of formulas as well (``exp``, ``where`` and so on).
    """

    def __init__(self) -> None:
        self.onnx = require("onnx", "onnx")
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}
        self._names: dict[tuple[str, bytes], str] = {}

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Append a node of one output and return the output's name."""
        output = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, value: Any) -> str:
        """Return the name of a constant: float32 of numbers, other arrays as they are."""
        array = np.asarray(value)
        if array.dtype.kind == "f":
            with np.errstate(all="ignore"):
                narrowed = np.asarray(array, np.float32)
            if (np.isfinite(array) & ~np.isfinite(narrowed)).any():
                raise InputError(
                    "to_onnx: a weight or parameter is too large for float32, in which the graph computes."
                )
            array = narrowed
        strings = array.dtype.kind == "U"
        key = (f"{array.dtype}{array.shape}", array.tobytes())
        if key not in self._names:
            name = self._names[key] = f"constant_{len(self._names)}"
            self.constants[name] = self.onnx.numpy_helper.from_array(
                array.astype(object) if strings else array, name
            )
        return self._names[key]

    def activation(self, function: Activation, x: str) -> str:
        """Return f(x): ONNX's own operator where it has one, else composed."""
        limit = LIMITS.get(function.name)
        suits = limit is None or limit(*function.params.values())
        if function.name not in OPERATORS or not suits:
            return self.formula(function, x)
        constants: list[str] = []

        def constant(match: re.Match[str]) -> str:
            constants.append(self.constant(float(match[1])))
            return constants[-1]

        text = OPERATORS[function.name].format(**function.params)
        parsed = self.onnx.parser.parse_node("y = " + re.sub(r"\$\((.*?)\)", constant, text))
        output = self.node(parsed.op_type, x, *constants)
        self.nodes[-1].attribute.extend(parsed.attribute)
        return output

    def formula(self, function: Activation, x: str) -> str:
        """Return f(x) composed of elementary operators, as its declaration computes it."""
        try:
            result = function.declaration.formula(self, Traced(self, x), *function.params.values())
        except (AttributeError, TypeError) as error:  # of a user's own formula
            raise InputError(
                f"to_onnx: the formula of {function!r} cannot be written as a graph ({error}); expected "
                "arithmetic, comparisons and the functions that rheobase.custom names."
            ) from error
        return result.name if result.name != x else self.node("Identity", x)

    # ---- The math namespace of formulas ----

    def traced(self, operator: str, *operands: Any) -> Traced:
        """Append a node whose operands are traced values or numbers."""
        names = [v.name if isinstance(v, Traced) else self.constant(float(v)) for v in operands]
        return Traced(self, self.node(operator, *names))

    def exp(self, x: Any) -> Traced:
        return self.traced("Exp", x)

    def log(self, x: Any) -> Traced:
        return self.traced("Log", x)

    def sqrt(self, x: Any) -> Traced:
        return self.traced("Sqrt", x)

    def sin(self, x: Any) -> Traced:
        return self.traced("Sin", x)

    def cos(self, x: Any) -> Traced:
        return self.traced("Cos", x)

    def tanh(self, x: Any) -> Traced:
        return self.traced("Tanh", x)

    def cosh(self, x: Any) -> Traced:
        return self.traced("Cosh", x)

    def erf(self, x: Any) -> Traced:
        return self.traced("Erf", x)

    def erfc(self, x: Any) -> Any:
        """Return erfc(x) with the digits of its tail: e^(-x²) t Q(t), t = 1 / (1 + |x|/2)."""
        size = self.minimum(abs(x), 1e3)  # erfc is 0 long before, and the square of the size finite
        t, q = 1.0 / (1.0 + size * 0.5), 0.0
        for coefficient in _ERFC:
            q = q * t + coefficient
        head = self.traced("Round", size * 32.0) / 32.0  # has an exact square
        tail = t * q * self.exp(-(head * head)) * self.exp((head - size) * (head + size))
        return self.where(x < 0.0, 2.0 - tail, tail)

    def where(self, condition: Any, yes: Any, no: Any) -> Traced:
        return self.traced("Where", condition, yes, no)

    def minimum(self, a: Any, b: Any) -> Traced:
        return self.traced("Min", a, b)

    def maximum(self, a: Any, b: Any) -> Traced:
        return self.traced("Max", a, b)

    def isnan(self, x: Any) -> Traced:
        return self.traced("IsNaN", x)

    def log1p(self, u: Any) -> Any:
        """Return log(1 + u): what rounding 1 + u lost is put right by a factor (W. Kahan)."""
        w = 1.0 + u
        return self.where(w == 1.0, u, self.log(w) * (u / self.where(w == 1.0, 1.0, w - 1.0)))

    def expm1(self, u: Any) -> Any:
        """Return e^u - 1 through tanh, which keeps small numbers, from -|u|."""
        t = self.tanh(self.where(u < 0.0, u, -u) * 0.5)
        below = 2.0 * t / (1.0 - t)
        return self.where(u < 0.0, below, -below * self.exp(u))


class Traced:
    """A tensor of a graph: arithmetic on it appends nodes."""

    __array_ufunc__ = None  # a NumPy number on the left leaves the operation to the tensor

    def __init__(self, graph: Graph, name: str) -> None:
        self.graph = graph
        self.name = name

    def _infix(operator: str, mirrored: bool = False) -> Any:  # type: ignore[misc]
        def method(self: Traced, other: Any) -> Traced:
            operands = (other, self) if mirrored else (self, other)
            return self.graph.traced(operator, *operands)

        return method

    def _prefix(operator: str) -> Any:  # type: ignore[misc]
        return lambda self: self.graph.traced(operator, self)

    __add__, __radd__ = _infix("Add"), _infix("Add", mirrored=True)
    __sub__, __rsub__ = _infix("Sub"), _infix("Sub", mirrored=True)
    __mul__, __rmul__ = _infix("Mul"), _infix("Mul", mirrored=True)
    __truediv__, __rtruediv__ = _infix("Div"), _infix("Div", mirrored=True)
    __lt__, __le__ = _infix("Less"), _infix("LessOrEqual")
    __gt__, __ge__ = _infix("Greater"), _infix("GreaterOrEqual")
    __eq__, __and__, __or__ = _infix("Equal"), _infix("And"), _infix("Or")
    __rpow__ = _infix("Pow", mirrored=True)
    __neg__, __abs__, __invert__ = _prefix("Neg"), _prefix("Abs"), _prefix("Not")
    __hash__ = object.__hash__

    def __ne__(self, other: Any) -> Any:
        return ~(self == other)

    def __pow__(self, exponent: Any) -> Any:
        square = isinstance(exponent, int) and exponent == 2
        return self * self if square else self.graph.traced("Pow", self, exponent)
