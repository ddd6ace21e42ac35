"""Arrays of other libraries: the functions that a formula uses, from the array's own namespace.

The results are that library's arrays, on their device and in their dtype, and as differentiable as the
library makes them.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

_NUMPYS = (np.ndarray, np.generic, int, float, list, tuple)
_SPECIAL = {
    "numpy": "scipy.special",
    "torch": "torch.special",
    "jax": "jax.scipy.special",
    "cupy": "cupyx.scipy.special",
}


def library_of(*values: Any) -> Any:
    """Return the namespace of the first array that is not NumPy's to compute, or None."""
    tensor = getattr(sys.modules.get("torch"), "Tensor", ())
    for value in values:
        if isinstance(value, _NUMPYS):
            continue
        if isinstance(value, tensor):
            return sys.modules["torch"]
        if hasattr(value, "__array_namespace__"):
            return value.__array_namespace__()
    return None


class Namespace:
    """The ``m`` of a formula: functions of ``library`` that take Python numbers as well.

    Minimum and maximum are selections, whose gradient at a tie is that of the first argument and not
    half of each.
    """

    def __init__(self, library: Any, like: Any) -> None:
        self._library = library
        self._like = like

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function = _find(self._library, name)
        return lambda *operands: function(*map(self._lift, operands))

    def minimum(self, a: Any, b: Any) -> Any:
        return self.where(b < a, b, a)

    def maximum(self, a: Any, b: Any) -> Any:
        return self.where(b > a, b, a)

    def _lift(self, value: Any) -> Any:
        return value if hasattr(value, "dtype") else self._library.full_like(self._like, value)


@cache
def _find(library: ModuleType, name: str) -> Callable[..., Any]:
    special = _SPECIAL.get(library.__name__.partition(".")[0])
    for place in (library.__name__, special):
        if place and hasattr(module := importlib.import_module(place), name):
            return getattr(module, name)  # type: ignore[no-any-return]
    raise TypeError(
        f"the formula needs {name}, which it does not have; "
        "convert the array to NumPy first, for example with numpy.asarray(x)"
    )


def compute(
    library: Any,
    formula: Callable[..., Any],
    inputs: tuple[Any, ...],
    params: tuple[Any, ...],
    options: Mapping[str, Any],
) -> Any:
    """Return ``formula(m, *inputs, *params)`` over the functions of ``library``."""
    if options:
        raise TypeError(f"the result is a new array; leave out {', '.join(sorted(options))}")
    arrays = [_as_floats(library, value) for value in inputs]
    dtype = arrays[0].dtype
    params = tuple(library.asarray(p, dtype=dtype) if type(p) is np.ndarray else p for p in params)
    try:
        with np.errstate(all="ignore"):  # for libraries that are built on NumPy
            return formula(Namespace(library, arrays[0]), *arrays, *params)
    except NotImplementedError as error:  # PyTorch's float8, its sparse tensors
        reason = str(error).partition(". ")[0]
        raise TypeError(
            f"it does not compute this of dtype {dtype} ({reason}); "
            "convert it to float32 or to a dense array first"
        ) from error


def _as_floats(library: Any, value: Any) -> Any:
    """Return ``value`` as an array of ``library``; integers become its default float."""
    if isinstance(value, _NUMPYS):
        value = library.asarray(value)
    default = library.asarray(0.0).dtype
    if hasattr(library, "isdtype"):
        real = not library.isdtype(value.dtype, "complex floating")
        floating = library.isdtype(value.dtype, "real floating")
    else:  # PyTorch
        real, floating = not value.is_complex(), value.is_floating_point()
    if not real:
        raise TypeError(f"got dtype {value.dtype}, expected a real one")
    if floating:
        return value
    return value.to(default) if hasattr(value, "to") else library.astype(value, default)
