"""What NumPy computes: operands on the way to a ufunc, and its refusals in the words of the caller.

The hot path checks nothing: NumPy does, and only when it has refused a call is the reason looked for.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from decimal import Decimal
from numbers import Real
from types import MappingProxyType
from typing import Any

import numpy as np

from . import _native
from ._errors import InputError, InputTypeError, RheobaseError
from ._namespaces import library_of

PLAIN = frozenset({np.ndarray, float, int, np.float64, np.float32, np.float16})
REFUSALS = (TypeError, ValueError, OverflowError)
UFUNC_OPTIONS = frozenset({"where", "casting", "order", "dtype", "subok", "signature"})

_FLOATING = "float16, bfloat16, float32 or float64 (integers and booleans become floats)"


# ---- Operands ------------------------------------------------------------------------------------


def has_own_ufuncs(value: Any) -> bool:
    """Whether the array takes part in ufuncs in its own way (pandas, Dask, units)."""
    own = getattr(type(value), "__array_ufunc__", None)
    return own is not None and own is not np.ndarray.__array_ufunc__


def as_parameter(function: str, name: str, value: Any) -> Any:
    """Return a number as float, an array as it is; a list becomes an array."""
    expected = f"{function}: {name} is {brief(value)}; expected a real number or an array of them."
    try:
        if isinstance(value, (Real, Decimal)):
            return float(value)
        array = value if hasattr(value, "dtype") else np.asarray(value)
    except REFUSALS:  # a huge integer, a ragged list
        raise InputError(expected) from None
    if getattr(array.dtype, "kind", "f") not in "fiubV":
        raise InputTypeError(expected)
    return array


def as_operands(inputs: tuple[Any, ...], params: tuple[Any, ...]) -> list[Any]:
    """Return the operands of a ufunc with parameters.

    Beside a float64 parameter Python numbers would count as float16, the smallest float.
    """
    if all(type(x) in (float, int) for x in inputs):
        inputs = tuple(map(np.float64, inputs))
    return [*inputs, *(np.float64(p) if type(p) is float else p for p in params)]


def learn_bfloat16(inputs: tuple[Any, ...]) -> bool:
    """Register the loops of ml_dtypes' bfloat16 if an input has it; return whether one has."""
    for value in inputs:
        dtype = getattr(value, "dtype", None)
        if isinstance(dtype, np.dtype) and dtype.name == "bfloat16":
            _native.add_bfloat16(dtype)
            return True
    return False


def _learn_bfloat16_early() -> None:
    bfloat16 = getattr(sys.modules.get("ml_dtypes"), "bfloat16", None)
    if bfloat16 is not None:
        _native.add_bfloat16(np.dtype(bfloat16))


_learn_bfloat16_early()


# ---- Refusals ------------------------------------------------------------------------------------


def brief(value: Any) -> str:
    """Return what a message says of a value: its kind, and itself where that is short."""
    if isinstance(value, np.ndarray):
        return f"an array of dtype {value.dtype} and shape {value.shape}"
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # an integer of more digits than Python prints
        text = "of many digits"
    return f"{type(value).__name__} {text if len(text) <= 60 else text[:59] + '…'}"


def _as_array(call: str, name: str, value: Any) -> Any:
    """Return something with shape and a real dtype, or raise the error that says why not."""
    expected = f"{call}: {name} is {brief(value)}; expected {_FLOATING}."
    if hasattr(value, "toarray"):
        raise InputTypeError(
            f"{call}: {name} is {type(value).__name__}, a sparse matrix; expected an array. "
            f"Pass {name}.toarray(), or apply the function to {name}.data where f(0) = 0."
        )
    array = value
    if not (hasattr(value, "dtype") and hasattr(value, "shape")):
        try:
            array = np.asarray(value)
        except REFUSALS:
            raise InputError(
                f"{expected} Rows of a list must have one length; convert it to an array first."
            ) from None
    kind = getattr(array.dtype, "kind", "f")
    if str(array.dtype) != "bfloat16" and (kind not in "fiub" or array.dtype == np.longdouble):
        raise InputTypeError(
            f"{expected} Convert it first, for example with numpy.asarray({name}, 'float64')."
        )
    return array


def explain(
    call: str,
    error: Exception,
    operands: Mapping[str, Any],
    out: Any,
    result: tuple[int, ...] | None = None,
    options: Mapping[str, Any] = MappingProxyType({}),
    library: Any = None,
) -> RheobaseError:
    """Turn NumPy's refusal into an error that restates the request.

    Parameters
    ----------
    call : str
        The call as the user would write it.
    error : Exception
        What NumPy raised.
    operands : mapping of str to object
        The inputs by name.
    out : object
        The ``out`` argument, or None.
    result : tuple of int or None
        The shape the result has, where the caller knows it better than broadcasting does.
    options : mapping of str to object, optional
        The other keywords of the ufunc.
    library : module, optional
        Whose arrays they are, if not NumPy's; then its own words must do.
    """
    kind = InputTypeError if isinstance(error, TypeError) else InputError
    reason = " ".join(str(error).split())
    if library is not None:
        return kind(f"{call}: with arrays of {library.__name__}: {reason}")
    try:
        arrays = {name: _as_array(call, name, value) for name, value in operands.items()}
    except RheobaseError as found:
        return found
    where = np.asarray(options.get("where", True))
    if where.dtype != bool:
        return InputTypeError(
            f"{call}: where has dtype {where.dtype}; expected booleans, for example where=x > 0."
        )
    if where.ndim:
        arrays["where"] = where
    if result is None:
        try:
            result = np.broadcast_shapes(*(array.shape for array in arrays.values()))
        except ValueError:
            shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
            return InputError(f"{call}: the shapes do not broadcast together: {shapes}.")
    for target in out if isinstance(out, tuple) else (out,):
        if target is None:
            continue
        if not isinstance(target, np.ndarray):
            return InputTypeError(f"{call}: out is {brief(target)}; expected a NumPy array.")
        if target.shape != result:
            return InputError(
                f"{call}: out has shape {target.shape}; expected {result}, the shape of the result."
            )
        if not target.flags.writeable:
            return InputError(f"{call}: out is read-only; pass a copy of it.")
        if target.dtype.kind != "f" and target.dtype.name != "bfloat16":
            return InputTypeError(
                f"{call}: out has dtype {target.dtype}; expected the dtype of the result, a float."
            )
    dtype = options.get("dtype")
    if dtype is not None and reason.startswith("No loop"):
        return InputTypeError(
            f"{call}: dtype is {np.dtype(dtype)}; expected float16, float32 or float64. "
            "For bfloat16 convert the arrays themselves, for example with x.astype(dtype)."
        )
    return kind(f"{call}: {reason}")


def normalise_axis(call: str, axis: Any, shape: tuple[int, ...]) -> int:
    """Return ``axis`` counted from the front, or say that the array has no such axis."""
    if not isinstance(axis, (int, np.integer)):
        raise InputTypeError(f"{call}: axis is {axis!r}; expected an integer.")
    if not shape:
        raise InputError(f"{call}: got a single number; expected an array with at least one axis.")
    if not -len(shape) <= axis < len(shape):
        raise InputError(
            f"{call}: axis is {axis}, but the array of shape {shape} has {len(shape)} "
            f"axes: expected {-len(shape)} to {len(shape) - 1}."
        )
    return int(axis) % len(shape)


def even_axis(call: str, axis: Any, shape: tuple[int, ...]) -> int:
    """Return ``axis`` counted from the front, or say that it has no two halves."""
    found = normalise_axis(call, axis, shape)
    if shape[found] % 2:
        raise InputError(
            f"{call}: the array has shape {shape}; expected an even length along the axis."
        )
    return found


def halves(call: str, x: Any, axis: int) -> tuple[Any, Any]:
    """Return views of the two halves of ``x`` along ``axis``."""
    if library_of(x) is None and not hasattr(x, "__array_function__"):  # a list, a pandas object
        x = np.asarray(x)
    axis = even_axis(call, axis, tuple(x.shape))
    length = x.shape[axis]
    before = (slice(None),) * axis
    first, second = slice(None, length // 2), slice(length // 2, None)
    return x[(*before, first, ...)], x[(*before, second, ...)]


def generator(call: str, rng: Any) -> np.random.Generator:
    """Return the generator, or a new one of the seed, or say what came instead."""
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, (bool, np.bool_)) or not isinstance(rng, (int, np.integer)):
        raise InputTypeError(
            f"{call}: rng is {brief(rng)}; expected an int or a Generator, for example "
            "numpy.random.default_rng(0)."
        )
    if rng < 0:
        raise InputError(f"{call}: rng is {rng}; a seed must not be negative.")
    return np.random.default_rng(int(rng))
