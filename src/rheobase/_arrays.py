"""What a ufunc refused, said in the words of the caller.

The hot path checks nothing: NumPy does, and only when it has refused a call is the reason looked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ._errors import InputError, InputTypeError, RheobaseError

_FLOATING = "float16, float32 or float64 (integers and booleans become floats)"


def _describe(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of dtype {value.dtype} and shape {value.shape}"
    return f"{type(value).__name__} {value!r}"[:80]


def explain(
    call: str,
    error: Exception,
    operands: Mapping[str, Any],
    out: Any,
    result: tuple[int, ...] | None,
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
    """
    arrays = {}
    for name, value in operands.items():
        try:
            arrays[name] = np.asarray(value)
        except ValueError:
            return InputError(f"{call}: {name} is not an array: {_describe(value)}")
        if arrays[name].dtype.kind not in "fiub" or arrays[name].dtype == np.longdouble:
            return InputTypeError(
                f"{call}: {name} is {_describe(arrays[name])}; expected {_FLOATING}. "
                f"Convert it first, for example with {name}.astype('float64')."
            )
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
            return InputTypeError(f"{call}: out is {_describe(target)}; expected a NumPy array.")
        if target.shape != result:
            return InputError(
                f"{call}: out has shape {target.shape}; expected {result}, the shape of the result."
            )
        if not target.flags.writeable:
            return InputError(f"{call}: out is read-only; pass a copy of it.")
        if target.dtype.kind != "f":
            return InputTypeError(
                f"{call}: out has dtype {target.dtype}; expected the dtype of the result, a float."
            )
    kind = InputTypeError if isinstance(error, TypeError) else InputError
    return kind(f"{call}: {error}")


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
