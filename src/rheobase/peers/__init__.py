"""What other libraries compute for the same functions: beside ours in accuracy and in speed.

Nothing is imported before it is asked for; a library that is not installed gives `MissingExtraError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .._errors import InputError, suggest
from ..catalog import catalog
from ._gated import GATED
from ._libraries import Jax, Library, OnnxRuntime, Run, SciPy, Torch
from ._peers import Peers
from ._piecewise import PIECEWISE
from ._rows import ROWS
from ._smooth import SMOOTH

Array = NDArray[Any]

_CLASSES: Mapping[str, Callable[[], Library]] = {
    "torch": Torch,
    "jax": Jax,
    "onnxruntime": OnnxRuntime,
    "scipy": SciPy,
}
LIBRARIES = tuple(_CLASSES)
TABLE: Mapping[str, Peers] = {**PIECEWISE, **SMOOTH, **GATED, **ROWS}
_NOTHING = Peers()


@cache
def library(name: str) -> Library:
    """Return a library, imported now.

    Raises
    ------
    InputError
        The name is none of `LIBRARIES`.
    MissingExtraError
        It is not installed.
    """
    if name not in _CLASSES:
        raise InputError(f"unknown library {name!r}.{suggest(name, LIBRARIES)}")
    return _CLASSES[name]()


def value(
    name: str, function: str, dtype: DTypeLike = "float32", **params: float
) -> Callable[..., Any] | None:
    """Return how a library computes a function on NumPy arrays of a dtype.

    Parameters
    ----------
    name : str
        One of `LIBRARIES`.
    function : str
        A name of the catalogue, of a row function (``axis`` is its parameter) or of a gated one.
    dtype : dtype
    **params : float
        Parameters in place of the declared ones.

    Returns
    -------
    callable or None
        None where the library does not have the function in that dtype.

    Examples
    --------
    >>> import numpy as np
    >>> from rheobase import peers
    >>> peers.value("scipy", "elu")(np.float32([-1, 2])).round(3)
    array([-0.632,  2.   ], dtype=float32)
    """
    return _taken(name, library(name).value, function, dtype, params)


def derivative(
    name: str, function: str, dtype: DTypeLike = "float32", **params: float
) -> Callable[..., Any] | None:
    """Return how a library differentiates a function: backward with upstream ones; as `value`.

    A function of two floating inputs gives two gradients.
    """
    return _taken(name, library(name).derivative, function, dtype, params)


def value_run(
    name: str, function: str, inputs: Sequence[Array], out: Array, threads: int, axis: int = -1
) -> Run | None:
    """Return a call without arguments that computes the value, into ``out`` where the library can.

    Parameters have their declared values; ``axis`` is that of row functions.  None where the library
    does not have the function in that dtype.
    """
    peers, given = _found(function, {}, axis)
    return _tried(name, lambda: library(name).value_run(peers, given, inputs, out, threads))


def backward_run(
    name: str,
    function: str,
    inputs: Sequence[Array],
    grad: Array,
    outs: Sequence[Array],
    threads: int,
    axis: int = -1,
) -> Run | None:
    """Return a call without arguments that computes the gradient at each floating input; as `value_run`."""
    peers, given = _found(function, {}, axis)
    return _tried(
        name, lambda: library(name).backward_run(peers, given, inputs, grad, outs, threads)
    )


def composed(name: str, function: str, part: str) -> bool:
    """Return whether a library needs several passes for the value or the backward of a function."""
    return library(name).composed(_found(function, {})[0], part)


def _found(
    function: str, params: Mapping[str, float], axis: int = -1
) -> tuple[Peers, Mapping[str, float]]:
    """What the table has of a function, and all of its parameters."""
    peers = TABLE.get(function, _NOTHING)
    if function in catalog:
        return peers, {**catalog[function].params, **params}
    return peers, {"axis": axis, **params} if "z" in peers.inputs else params


def _taken(
    name: str, build: Any, function: str, dtype: DTypeLike, params: Mapping[str, float]
) -> Callable[..., Any] | None:
    """What ``build`` makes of a function, if it takes arrays of the dtype."""
    peers, given = _found(function, params)
    found: Callable[..., Any] | None = build(peers, given)
    shape = (1, 1) if "z" in peers.inputs else (1,)
    probe = [
        np.zeros(1, np.int64) if x == "target" else np.full(shape, 0.5, dtype) for x in peers.inputs
    ]
    try:
        result = found and found(*probe)
    except library(name).refusals:
        return None
    kept = all(np.dtype(dtype) == part.dtype for part in _parts(result))
    return found if kept else None  # a result of another dtype is another function's


def _tried(name: str, build: Callable[[], Run | None]) -> Run | None:
    """The run, once tried; None if the library refuses its dtype."""
    try:
        run = build()
        if run is not None:
            run()
    except library(name).refusals:
        return None
    return run


def _parts(result: Any) -> Sequence[Array]:
    return result if isinstance(result, list) else [] if result is None else [result]
