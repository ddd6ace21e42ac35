"""What is judged: the kernels of each instruction set, and other libraries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import _native
from .._activation import Activation
from .._errors import require
from ._judge import Call

OWN = "rheobase "  # a source is this and an instruction set, or the name of a peer


def dtype_of(name: str) -> np.dtype[Any]:
    """Return a dtype; bfloat16 comes from ml_dtypes, and the kernels get to know it."""
    if name != "bfloat16":
        return np.dtype(name)
    found: np.dtype[Any] = np.dtype(require("study", "ml_dtypes").bfloat16)
    _native.add_bfloat16(found)
    return found


def calls_of(
    function: Activation, part: str, dtype: np.dtype[Any], sources: Sequence[str]
) -> dict[str, Call]:
    """Return the value or derivative of each source; a peer may have none."""
    calls = {
        source: kernel(function, part, source.removeprefix(OWN))
        if source.startswith(OWN)
        else peer(function, part, dtype, source)
        for source in sources
    }
    return {source: call for source, call in calls.items() if call is not None}


def kernel(function: Activation, part: str, isa: str) -> Call:
    """Return the value or derivative compiled for an instruction set."""
    name = function.name if part == "value" else f"{function.name}_derivative"
    ufunc: Any = _native.ufuncs_of(isa)[name]
    params = [np.float64(value) for value in function.params.values()]
    return lambda x: ufunc(x, *params)


def peer(function: Activation, part: str, dtype: np.dtype[Any], library: str) -> Call | None:
    """Return the value or derivative of another library, or None where it does not have it."""
    from .. import peers  # brings PyTorch and others, when they are asked for

    make = peers.value if part == "value" else peers.derivative
    return make(library, function.name, dtype, **function.params)
