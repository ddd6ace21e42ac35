"""`custom`: a user's own activation, of two NumPy callables or of one formula."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from ._activation import Activation, Declaration, Part, registry
from ._arrays import brief
from ._dual import slope_of
from ._errors import InputError, InputTypeError
from ._namespaces import Namespace
from .facts import Facts, measure

Array = NDArray[Any]
Function = Callable[..., Any]

_BETWEEN = np.sinh(np.linspace(-4, 4, 96))  # to ±27, dense about 0
_SAMPLE = np.sort(np.concatenate([_BETWEEN, np.arange(-8, 8.5, 0.5)]))  # holes are at round numbers


def custom(
    value: Function, derivative: Function | None = None, *, name: str | None = None
) -> Activation:
    """Return an activation of your own.

    It goes wherever one of the catalogue does: `Network`, the estimators, `compare`, `gain`. Its facts,
    kinks among them, are measured.

    Parameters
    ----------
    value : callable
        With ``derivative`` a NumPy callable, ``x -> f(x)``. Without, a formula ``f(m, x)`` over a math
        namespace ``m`` with ``exp``, ``expm1``, ``log``, ``log1p``, ``sqrt``, ``sin``, ``cos``, ``tanh``,
        ``cosh``, ``erf``, ``erfc``, ``where``, ``minimum``, ``maximum`` and ``isnan``; its derivative is
        found, and it also takes arrays of PyTorch and JAX and can be exported to ONNX. Constants in it
        are Python numbers. ``erf`` and ``erfc`` of NumPy arrays need SciPy.
    derivative : callable, optional
        A NumPy callable, ``x -> f'(x)``.
    name : str, optional
        By default that of ``value``. A name of the catalogue is refused.

    Returns
    -------
    Activation
        float32 and float64 are passed on as they are, float16 and bfloat16 computed in float32. Two are
        equal if their names and callables are. They pickle if their callables do. Of the options of a ufunc
        there is ``out`` alone, and arrays of pandas and its kind come back as NumPy's.

    Raises
    ------
    InputError
        On a sample over [-27, 27] the callables raise, do not keep shape and dtype, do not work element
        by element, write into their input, are NaN between numbers, or the derivative is not that of the
        value.

    Notes
    -----
    The estimators call it from several threads at a time.

    Examples
    --------
    >>> import numpy as np
    >>> import rheobase as rb
    >>> bent = rb.custom(lambda m, x: m.where(x > 0, x, m.tanh(x) / 2), name="bent")
    >>> bent.derivative(np.array([-1.0, 0.0, 2.0])).round(3)
    array([0.21, 0.5 , 1.  ])
    >>> bent.kinks
    (0.0,)
    >>> rb.custom(np.arctan, lambda x: 1 / (1 + x * x))
    arctan
    """
    for part, function in (("value", value), ("derivative", derivative)):
        if not callable(function) and (part, function) != ("derivative", None):
            raise InputTypeError(f"custom: {part} is {brief(function)}; expected a callable.")
    if name in registry:
        raise InputError(f"custom: {name} is a function of the catalogue; expected another name.")
    made = CustomActivation(name or _name_of(value), value, derivative)
    _check(made)
    return made


def _name_of(function: Function) -> str:
    name = str(getattr(function, "__name__", type(function).__name__))
    return "custom" if name == "<lambda>" else f"custom_{name}" if name in registry else name


def is_pair(value: object) -> TypeGuard[tuple[Function, Function]]:
    """Whether it is a tuple of two callables, value and derivative, that are no activations."""
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and all(callable(each) and not isinstance(each, Activation) for each in value)
    )


class CustomActivation(Activation):
    """What `custom` returns; unchecked."""

    def __init__(self, name: str, value: Function, derivative: Function | None) -> None:
        if derivative is None:
            formula: Function = value
            slope: Function = lambda m, x: slope_of(value)(m, x)[1]  # noqa: E731
        else:
            formula, slope = (_on_numpy(name, function) for function in (value, derivative))
        super().__init__(Declaration(name, formula, slope, "", "", {}, {}, ""))
        self._identity = name, value, derivative

    @property
    def ufunc(self) -> np.ufunc:
        """There is none."""
        raise AttributeError(f"{self.name} is your own function, which is no ufunc; call it.")

    def _operation(self, part: Part) -> Function:
        return partial(self._compute, part)

    def _compute(self, part: Part, *operands: Any, out: Any = None, **options: Any) -> Any:
        """Compute one part; it is called as a ufunc is."""
        if options:
            raise TypeError(f"it is your own function; leave out {', '.join(sorted(options))}")
        count = len(part.inputs)
        inputs = [_as_floats(operand) for operand in operands[:count]]
        dtype = np.result_type(*inputs)
        wide = np.dtype(np.float32) if dtype.itemsize < 4 else dtype
        m = Namespace(np, np.empty((), wide))
        with np.errstate(all="ignore"):
            found = part.formula(self.declaration, m, *(x.astype(wide, copy=False) for x in inputs))
            results = found if isinstance(found, tuple) else (found,)
            outs = operands[count:] or (out if isinstance(out, tuple) else (out,) * len(results))
            given = [_into(each, y, dtype) for each, y in zip(outs, results, strict=True)]
        return given[0] if len(given) == 1 else tuple(given)

    @cached_property
    def facts(self) -> Facts:
        """What is measured of the function."""
        return measure(self, self.derivative)

    @property
    def kinks(self) -> tuple[float, ...]:
        """Points without a derivative, as measured."""
        return self.facts.kinks

    def __deepcopy__(self, memo: dict[int, Any]) -> CustomActivation:
        return self  # nothing in it changes, and copies of its callables would not be equal

    def __reduce__(self) -> tuple[Any, ...]:
        return CustomActivation, self._identity


def _on_numpy(name: str, function: Function) -> Function:
    """Return a NumPy callable as a formula, which refuses all other namespaces."""

    def formula(m: Any, x: Any) -> Any:
        if not isinstance(x, np.ndarray):
            raise InputError(
                f"{name} is made of NumPy callables, which take NumPy arrays alone; "
                "make it of a formula f(m, x) with rheobase.custom."
            )
        return function(x)

    return formula


def _as_floats(value: Any) -> Array:
    """Return an array of floats; integers become floats as in ``np.tanh``."""
    x = np.asarray(value)
    if x.dtype.kind in "biu":
        return x.astype(np.result_type(x, np.float16))
    if x.dtype.name != "bfloat16" and (x.dtype.kind != "f" or x.dtype.itemsize > 8):
        raise TypeError(f"got dtype {x.dtype}")
    return x


def _into(out: Any, y: Any, dtype: np.dtype[Any]) -> Any:
    """Return ``y`` as a new array, or a number, of this dtype; or write it into ``out``."""
    if out is None:
        return np.array(y, dtype)[()]  # a copy: identity returns x itself
    np.copyto(out, y, casting="same_kind")
    return out


# ---- What is checked once -------------------------------------------------------------------------


def _check(function: CustomActivation) -> None:
    """Raise InputError where the function cannot be an activation."""
    for dtype in (np.float32, np.float64):
        x = _SAMPLE.astype(dtype)
        value, slope = (_checked_part(function, part, x) for part in ("value", "derivative"))
        defined = np.flatnonzero(~np.isnan(value))
        if not len(defined):
            raise InputError(f"custom: the value of {function} is NaN everywhere.")
        inside = slice(defined[0], defined[-1] + 1)
        for part, y in (("value", value), ("derivative", slope)):
            holes = x[inside][np.isnan(y[inside])]
            if len(holes):
                raise InputError(
                    f"custom: the {part} of {function} at x = {holes[0]:g} is NaN in {x.dtype}; "
                    "expected a number, or an infinity. Choose one there with where."
                )
    _check_slope(function)


def _checked_part(function: CustomActivation, part: str, x: Array) -> Array:
    declared = function.declaration
    formula = declared.formula if part == "value" else declared.derivative
    call = f"custom: the {part} of {function}"
    m = Namespace(np, np.empty((), x.dtype))
    given, others = x.copy(), x[:3:-1].reshape(5, -1)  # other places, shape and company
    try:
        with np.errstate(all="ignore"):
            y = formula(m, given)
            elsewhere = formula(m, others.copy())
    except Exception as error:
        raise InputError(
            f"{call} raised {type(error).__name__}: {error} Expected two NumPy callables, "
            "x -> f(x) and x -> f'(x), or a formula f(m, x), which computes by the functions of m."
        ) from error
    if not isinstance(y, np.ndarray) or (y.dtype, y.shape) != (x.dtype, x.shape):
        raise InputError(
            f"{call} is {brief(y)} for {brief(x)}; expected an array like it. Constants in it must "
            "be Python numbers, as NumPy's own are float64, and where a value is constant, + 0 * x "
            "gives it a shape."
        )
    if not np.array_equal(given, x):
        raise InputError(f"{call} writes into its input; expected a new array.")
    wanted = y[:3:-1].reshape(5, -1)
    if np.shape(elsewhere) != wanted.shape or not np.allclose(
        elsewhere, wanted, rtol=1e-4, atol=1e-6, equal_nan=True
    ):
        raise InputError(
            f"{call} depends on the place of an element in the array, on the others or on chance; "
            "expected a function of one element."
        )
    return y


def _check_slope(function: CustomActivation) -> None:
    """Hold the derivative against difference quotients, where left and right agree."""
    x = _BETWEEN
    h = 1e-5 * (1 + abs(x))
    with np.errstate(all="ignore"):
        low, middle, high = (function(x + step) for step in (-h, 0 * h, h))
        left, right = (middle - low) / h, (high - middle) / h
        quotient, slope = (left + right) / 2, function.derivative(x)
        rounding = 1e-14 * np.max(np.abs([low, middle, high]), axis=0) / h
        bend = np.abs(right - left)
        size = np.maximum(np.abs(quotient), np.abs(slope))
        smooth = bend <= 0.01 * np.abs(quotient) + rounding
        wrong = smooth & (np.abs(slope - quotient) > 1e-3 * size + bend + rounding)
    if wrong.any():
        k = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"custom: the derivative of {function} at x = {x[k]:.6g} is {slope[k]:.6g}, but its value "
            f"has the slope {quotient[k]:.6g} there. The derivative is taken in x, not in the output."
        )
