"""`Activation`: one function with its exact derivative, bound to its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from . import _native
from ._arrays import explain
from ._errors import InputError, InputTypeError, suggest
from .facts import Facts, measure

Formula = Callable[..., Any]


@dataclass(frozen=True)
class Summary:
    """One row of words of the source's table, in one language."""

    character: str
    strength: str
    weakness: str
    used_in: str


@dataclass(frozen=True)
class Difference:
    """What a library does otherwise under the same or a kindred name."""

    library: str
    what: str


@dataclass(frozen=True)
class Declaration:
    """Everything that is said, not measured, of an activation.

    Attributes
    ----------
    formula, derivative : callable
        ``f(m, x, *params)`` over a math namespace ``m`` with ``exp``, ``expm1``, ``log``, ``log1p``,
        ``sqrt``, ``sin``, ``cos``, ``tanh``, ``cosh``, ``erf``, ``erfc``, ``where``, ``minimum``,
        ``maximum`` and ``isnan``: mpmath's or Arb's for the oracle of the tests, another array
        library's as a fallback. In float64 they are right to 2^-40 for every float32 input.
    text, latex : str
        The formula to read.
    params : mapping of str to float
        Parameters and their defaults, in the order of the native table.
    kinks : callable
        Points without a derivative, from the parameters.
    claims : mapping of str to object
        Promises about `Facts` at the default parameters, held by the tests.
    at_kink : str
        Which derivative is given at a kink.
    bounds : mapping of str to float
        Largest error in ULP by dtype, value and derivative.
    differences : tuple of Difference
        What other libraries do otherwise.
    summary : mapping of str to Summary
        Words of the table by language.
    """

    name: str
    formula: Formula
    derivative: Formula
    text: str
    latex: str
    summary: Mapping[str, Summary]
    claims: Mapping[str, Any]
    reference: str
    params: Mapping[str, float] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    kinks: Callable[..., tuple[float, ...]] = lambda *_: ()
    at_kink: str = ""
    bounds: Mapping[str, float] = field(
        default_factory=lambda: {"float16": 0.51, "bfloat16": 0.51, "float32": 1.0, "float64": 2.0}
    )
    differences: tuple[Difference, ...] = ()


class Activation:
    """An activation function with its exact derivative.

    Call it like a NumPy ufunc; parameters may be passed by position or by name, as numbers or as
    arrays that broadcast. float16, float32 and float64 are kept, integers become floats as in
    ``np.tanh``. No call raises a floating-point warning.

    Attributes
    ----------
    name : str
    params : mapping of str to float
        The parameters this object is bound to.
    ufunc : numpy.ufunc
        The value as a real ufunc; parameters are its last operands, in float64.

    Examples
    --------
    >>> import numpy as np
    >>> import rheobase as rb
    >>> rb.elu(np.array([-1.0, 0.0, 2.0]))
    array([-0.63212056,  0.        ,  2.        ])
    >>> rb.elu.derivative(np.array([-1.0, 0.0, 2.0]), alpha=0.5)
    array([0.18393972, 0.5       , 1.        ])
    >>> rb.leaky_relu.bind(negative_slope=0.2)
    leaky_relu(negative_slope=0.2)
    """

    ufunc: np.ufunc

    def __init__(self, declaration: Declaration, params: Mapping[str, float] | None = None) -> None:
        self.declaration = declaration
        self.name = declaration.name
        self.params: Mapping[str, float] = MappingProxyType(dict(params or declaration.params))
        self._values = tuple(np.float64(value) for value in self.params.values())
        self.ufunc = getattr(_native, self.name)
        self._derivative: np.ufunc = getattr(_native, f"{self.name}_derivative")
        self._both: np.ufunc = getattr(_native, f"{self.name}_value_and_derivative")
        self._backward: np.ufunc = getattr(_native, f"{self.name}_backward")

    # ---- Calls ----

    def __call__(
        self, x: Any, /, *args: Any, out: Any = None, where: Any = True, **named: Any
    ) -> Any:
        """Return f(x), element by element."""
        values = self._given(args, named) if args or named else self._values
        try:
            if values and type(x) in _NUMBERS:  # else float16 would do beside a float64 parameter
                x = np.float64(x)
            if where is True:  # keywords cost, and few calls need both
                return self.ufunc(x, *values) if out is None else self.ufunc(x, *values, out)
            return self.ufunc(x, *values, out=out, where=where)
        except (TypeError, ValueError) as error:
            raise self._explain("", error, {"x": x}, values, out) from error

    def derivative(
        self, x: Any, /, *args: Any, out: Any = None, where: Any = True, **named: Any
    ) -> Any:
        """Return f'(x), computed from x; at a kink the derivative that the declaration names."""
        values = self._given(args, named) if args or named else self._values
        try:
            return self._derivative(_number(x), *values, out=out, where=where)
        except (TypeError, ValueError) as error:
            raise self._explain(".derivative", error, {"x": x}, values, out) from error

    def value_and_derivative(
        self, x: Any, /, *args: Any, out: Any = (None, None), where: Any = True, **named: Any
    ) -> Any:
        """Return f(x) and f'(x) in one pass; ``out`` is a pair."""
        values = self._given(args, named) if args or named else self._values
        try:
            return self._both(_number(x), *values, out=out, where=where)
        except (TypeError, ValueError) as error:
            raise self._explain(".value_and_derivative", error, {"x": x}, values, out) from error

    def backward(
        self, x: Any, grad: Any, /, *args: Any, out: Any = None, where: Any = True, **named: Any
    ) -> Any:
        """Return ``grad · f'(x)`` in one pass; ``out`` may be ``grad`` or ``x``."""
        values = self._given(args, named) if args or named else self._values
        try:
            return self._backward(_number(x), _number(grad), *values, out=out, where=where)
        except (TypeError, ValueError) as error:
            raise self._explain(".backward", error, {"x": x, "grad": grad}, values, out) from error

    def _given(self, args: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, ...]:
        """The bound parameters, replaced by those given in a call."""
        names = tuple(self.params)
        takes = ", ".join(names) or "no parameters"
        if len(args) > len(names):
            raise InputTypeError(
                f"{self.name}: got {len(args)} parameters after x; it takes {takes}."
            )
        given = dict(zip(names, args, strict=False))
        for name, value in named.items():
            if name not in self.params or name in given:
                again = "twice" if name in given else "which it does not know"
                raise InputTypeError(
                    f"{self.name}: got {name}={value!r}, {again}; it takes {takes}."
                    f"{'' if name in given else suggest(name, names)}"
                )
            given[name] = value
        return tuple(
            _as_parameter(self.name, name, given[name]) if name in given else bound
            for name, bound in zip(names, self._values, strict=True)
        )

    def _explain(
        self, part: str, error: Exception, inputs: dict[str, Any], values: tuple[Any, ...], out: Any
    ) -> Exception:
        operands = inputs | dict(zip(self.params, values, strict=True))
        return explain(f"{self.name}{part}({', '.join(inputs)})", error, operands, out, None)

    # ---- What it is ----

    def bind(self, **params: float) -> Activation:
        """Return this activation with other parameters.

        Raises
        ------
        InputError, InputTypeError
            A parameter is unknown or not a finite number.
        """
        values = self._given((), params)
        for name, value in zip(self.params, values, strict=True):
            if np.ndim(value) or not np.isfinite(value):
                raise InputError(
                    f"{self.name}: {name} is {value}; a bound parameter is a finite number."
                )
        return Activation(
            self.declaration, {k: float(v) for k, v in zip(self.params, values, strict=True)}
        )

    @cached_property
    def facts(self) -> Facts:
        """What is measured of the function at these parameters."""
        return measure(self, self.derivative, self.kinks)

    @property
    def label(self) -> str:
        """The name alone at the default parameters, else with the parameters."""
        return self.name if dict(self.params) == dict(self.declaration.params) else repr(self)

    @property
    def formula(self) -> str:
        """The formula, to read."""
        return self.declaration.text

    @property
    def latex(self) -> str:
        """The formula in LaTeX."""
        return self.declaration.latex

    @property
    def reference(self) -> str:
        """Where the function comes from."""
        return self.declaration.reference

    @property
    def claims(self) -> Mapping[str, Any]:
        """What the declaration promises of the facts at the default parameters."""
        return self.declaration.claims

    @property
    def kinks(self) -> tuple[float, ...]:
        """Points without a derivative, at these parameters."""
        return self.declaration.kinks(*self.params.values())

    def __repr__(self) -> str:
        params = ", ".join(
            f"{name}={value:g}" if float(f"{value:g}") == value else f"{name}={value!r}"
            for name, value in self.params.items()
        )
        return f"{self.name}({params})" if params else self.name

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Activation):
            return NotImplemented
        return self.name == other.name and self._values == other._values

    def __hash__(self) -> int:
        return hash((self.name, self._values))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.name, dict(self.params))


def _as_parameter(function: str, name: str, value: Any) -> Any:
    """Python numbers count as float64; arrays pass as they are."""
    if isinstance(value, (int, float)):
        return np.float64(value)
    if value is None or isinstance(value, (str, bytes, complex)):
        raise InputTypeError(
            f"{function}: {name} is {value!r}; expected a real number or an array."
        )
    return value


_NUMBERS = (float, int)


def _number(x: Any) -> Any:
    return np.float64(x) if type(x) in _NUMBERS else x


registry: dict[str, Activation] = {}


def _restore(name: str, params: dict[str, float]) -> Activation:
    return registry[name].bind(**params)
