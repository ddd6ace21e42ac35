"""`Activation`: one function with its exact derivative, bound to its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from math import isfinite
from types import MappingProxyType
from typing import Any

import numpy as np

from . import _native
from ._arrays import (
    PLAIN,
    REFUSALS,
    UFUNC_OPTIONS,
    as_operands,
    as_parameter,
    brief,
    explain,
    has_own_ufuncs,
    learn_bfloat16,
)
from ._errors import InputError, InputTypeError, suggest
from ._namespaces import compute, library_of
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
    name : str
        The name of the native entry.
    formula, derivative : callable
        ``f(m, x, *params)`` over a math namespace ``m`` with ``exp``, ``expm1``, ``log``, ``log1p``,
        ``sqrt``, ``sin``, ``cos``, ``tanh``, ``cosh``, ``erf``, ``erfc``, ``where``, ``minimum``,
        ``maximum`` and ``isnan``: NumPy's and Arb's for the oracle of `rheobase.verify`, another
        array library's for its own arrays. In float64 they are right to 2^-40 for every float32
        input (a derivative next to its zero: absolutely).
    text, latex : str
        The formula to read.
    summary : mapping of str to Summary
        Words of the table by language.
    claims : mapping of str to object
        Promises about `Facts` at the default parameters, held by the tests.
    reference : str
        Where the function comes from.
    params : mapping of str to float
        Parameters and their defaults, in the order of the native entry.
    aliases : tuple of str
        Names that other libraries give it.
    kinks : callable
        Points without a derivative, from the parameters.
    legal : callable
        Whether parameters have a meaning; the bounds hold for those that do. `Activation.bind` takes
        no others.
    legal_text : str
        The same to read, such as "beta ≠ 0".
    at_kink : str
        Which derivative is given at a kink.
    bounds : mapping of str to float
        Largest error in ULP by dtype, value and derivative.
    differences : tuple of Difference
        What other libraries do otherwise.
    from_output : callable or None
        The derivative from the output, ``g(m, y, *params)``, where the output tells it.
    output_tells : callable
        Whether it does at these parameters.
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
    legal: Callable[..., bool] = lambda *_: True
    legal_text: str = ""
    at_kink: str = ""
    bounds: Mapping[str, float] = field(
        default_factory=lambda: {"float16": 0.51, "bfloat16": 0.51, "float32": 1.0, "float64": 2.0}
    )
    differences: tuple[Difference, ...] = ()
    from_output: Formula | None = None
    output_tells: Callable[..., bool] = lambda *_: True


@dataclass(frozen=True)
class Part:
    """One of the four things that are computed of an activation."""

    name: str  # as the caller writes it
    suffix: str  # of the ufunc's name
    bound: str  # the attribute that holds the bound ufunc
    inputs: tuple[str, ...]
    formula: Callable[..., Any]  # of the declaration, a namespace, the inputs and the parameters


_VALUE = Part("", "", "_value", ("x",), lambda d, m, x, *p: d.formula(m, x, *p))
_DERIVATIVE = Part(
    ".derivative", "_derivative", "_derivative", ("x",), lambda d, m, x, *p: d.derivative(m, x, *p)
)
_BOTH = Part(
    ".value_and_derivative",
    "_value_and_derivative",
    "_both",
    ("x",),
    lambda d, m, x, *p: (d.formula(m, x, *p), d.derivative(m, x, *p)),
)
_BACKWARD = Part(
    ".backward",
    "_backward",
    "_backward",
    ("x", "grad"),
    lambda d, m, x, grad, *p: grad * d.derivative(m, x, *p),
)
_PARTS = (_VALUE, _DERIVATIVE, _BOTH, _BACKWARD)


class Activation:
    """An activation function with its exact derivative.

    Call it like a NumPy ufunc; parameters may be passed by position or by name, as numbers or as
    arrays that broadcast. float16, bfloat16, float32 and float64 are kept, integers become floats as
    in ``np.tanh``. Whether parameters have a meaning is checked by `bind` alone, not in a call. The
    computation raises no floating-point warning; NumPy's own casts may, into a narrower ``out`` or
    ``dtype``. ``out``, ``where``, ``casting``, ``order``, ``dtype`` and ``subok`` are those of a ufunc.
    Arrays of PyTorch, JAX and other libraries with a namespace of their own go through the formula
    there, and stay differentiable.

    Attributes
    ----------
    name : str
    params : mapping of str to float
        The parameters this object is bound to.

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

    _value: Callable[..., Any]
    _derivative: Callable[..., Any]
    _both: Callable[..., Any]
    _backward: Callable[..., Any]

    def __init__(self, declaration: Declaration, params: Mapping[str, float] | None = None) -> None:
        self.declaration = declaration
        self.name = declaration.name
        self.params: Mapping[str, float] = MappingProxyType(dict(params or declaration.params))
        self._values = tuple(self.params.values())
        self._identity: tuple[Any, ...] = self.name, self._values
        self._bound: dict[Any, Activation] = {}
        self._bind_ufuncs()

    def _bind_ufuncs(self) -> None:
        for part in _PARTS:
            ufunc = self._operation(part)
            setattr(self, part.bound, _native.bind(ufunc, self._values) if self._values else ufunc)

    def _operation(self, part: Part) -> Any:
        """The ufunc of one part, parameters its last operands."""
        return getattr(_native, f"{self.name}{part.suffix}")

    @property
    def ufunc(self) -> np.ufunc:
        """The value as a real ufunc; parameters are its last operands, in float64."""
        ufunc: np.ufunc = self._operation(_VALUE)
        return ufunc

    # ---- Calls ----
    # What is common goes straight to a ufunc that has the parameters inside. Whatever that refuses,
    # and all the rest, goes the general way.

    def __call__(self, x: Any, /, *args: Any, out: Any = None, **named: Any) -> Any:
        """Return f(x), element by element."""
        if type(x) in PLAIN:
            try:
                ufunc = (self._with(args, named) if args or named else self)._value
                return ufunc(x) if out is None else ufunc(x, out)
            except REFUSALS:
                pass
        return self._general(_VALUE, (x,), args, out, named)

    def derivative(self, x: Any, /, *args: Any, out: Any = None, **named: Any) -> Any:
        """Return f'(x), computed from x; at a kink the derivative that the declaration names."""
        if type(x) in PLAIN:
            try:
                ufunc = (self._with(args, named) if args or named else self)._derivative
                return ufunc(x) if out is None else ufunc(x, out)
            except REFUSALS:
                pass
        return self._general(_DERIVATIVE, (x,), args, out, named)

    def value_and_derivative(self, x: Any, /, *args: Any, out: Any = None, **named: Any) -> Any:
        """Return f(x) and f'(x) in one pass; ``out`` is a pair."""
        if type(x) in PLAIN:
            try:
                ufunc = (self._with(args, named) if args or named else self)._both
                return ufunc(x) if out is None else ufunc(x, *out)
            except REFUSALS:
                pass
        return self._general(_BOTH, (x,), args, out, named)

    def backward(self, x: Any, grad: Any, /, *args: Any, out: Any = None, **named: Any) -> Any:
        """Return ``grad · f'(x)`` in one pass; ``out`` may be ``grad`` or ``x``."""
        if type(x) in PLAIN and type(grad) in PLAIN:
            try:
                ufunc = (self._with(args, named) if args or named else self)._backward
                return ufunc(x, grad) if out is None else ufunc(x, grad, out)
            except REFUSALS:
                pass
        return self._general(_BACKWARD, (x, grad), args, out, named)

    def _with(self, args: tuple[Any, ...], named: dict[str, Any]) -> Activation:
        """This activation bound to the numbers given in a call; the last ones are remembered.

        Raises TypeError for all that needs the general way.
        """
        key = (args, *named, *named.values())
        known = self._bound.get(key)
        if known is None:
            for value in (*args, *named.values()):
                if type(value) not in _NUMBERS or not value or not isfinite(value):
                    raise TypeError  # zero too, as 0.0 == -0.0
            if len(self._bound) >= _REMEMBERED:
                self._bound.clear()
            params = dict(zip(self.params, self._given(args, named), strict=True))
            known = self._bound[key] = Activation(self.declaration, params)
        return known

    def _general(
        self,
        part: Part,
        inputs: tuple[Any, ...],
        args: tuple[Any, ...],
        out: Any,
        named: dict[str, Any],
    ) -> Any:
        options = {key: named.pop(key) for key in UFUNC_OPTIONS.intersection(named)}
        if out is not None:
            options["out"] = out
        params = self._given(args, named)
        library = library_of(*inputs, *params)
        try:
            if library is not None:
                formula = partial(part.formula, self.declaration)
                return compute(library, formula, inputs, params, options)
            bfloat16 = learn_bfloat16(inputs)
            own = any(map(has_own_ufuncs, inputs))
            if own and part is _BOTH and out is None:  # many such arrays take ufuncs of one result
                return tuple(
                    self._general(each, inputs, args, out, {**named, **options})
                    for each in (_VALUE, _DERIVATIVE)
                )
            if args or named or own:  # its own way may pickle the ufunc, by name
                return self._operation(part)(*as_operands(inputs, params), **options)
            if bfloat16 and self.params:  # may have been bound before its loops were there
                self._bind_ufuncs()
            return getattr(self, part.bound)(*inputs, **options)
        except REFUSALS as error:
            call = f"{self.name}{part.name}({', '.join(part.inputs)})"
            operands = dict(zip((*part.inputs, *self.params), (*inputs, *params), strict=True))
            raise explain(call, error, operands, out, options=options, library=library) from error

    def _given(self, args: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, ...]:
        """The bound parameters, replaced by those given in a call."""
        if not args and not named:
            return self._values
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
                    f"{self.name}: got {name}={brief(value)}, {again}; it takes {takes}."
                    f"{'' if name in given else suggest(name, names)}"
                )
            given[name] = value
        return tuple(
            as_parameter(self.name, name, given[name]) if name in given else bound
            for name, bound in zip(names, self._values, strict=True)
        )

    # ---- What it is ----

    def bind(self, **params: float) -> Activation:
        """Return this activation with other parameters.

        Raises
        ------
        InputError, InputTypeError
            A parameter is unknown, not a finite number, or one that the function has no meaning for.
        """
        values = self._given((), params)
        if not values:
            return self
        for name, value in zip(self.params, values, strict=True):
            if np.ndim(value) or not np.isfinite(value):
                raise InputError(
                    f"{self.name}: {name} is {brief(value)}; a bound parameter is a finite number."
                )
        bound = Activation(
            self.declaration, dict(zip(self.params, map(float, values), strict=True))
        )
        if not self.declaration.legal(*bound.params.values()):
            raise InputError(f"{bound!r} has no meaning; expected {self.declaration.legal_text}.")
        return bound

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
        return self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.name, dict(self.params))


_NUMBERS = frozenset({float, int})
_REMEMBERED = 64  # bindings of numbers given in calls

registry: dict[str, Activation] = {}


def _restore(name: str, params: dict[str, float]) -> Activation:
    return registry[name].bind(**params)
