"""See, choose, run and watch activation functions.

>>> import rheobase as rb
>>> float(rb.sigmoid(0.0))
0.5
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ._activation import Activation
from ._errors import InputError, InputTypeError, MissingExtraError, RheobaseError
from ._rows import cross_entropy, log_softmax, logsumexp, softmax
from ._table import table
from .catalog import activation, catalog
from .gain import gain

if TYPE_CHECKING:
    from .compare import compare
    from .network import Adam, Network, Neuron, SGD, train

    sigmoid: Activation
    tanh: Activation
    relu: Activation
    leaky_relu: Activation
    elu: Activation
    identity: Activation
    step: Activation

__version__ = "0.1.0"

_LAZY = {
    "compare": "compare",
    "Adam": "network",
    "Network": "network",
    "Neuron": "network",
    "SGD": "network",
    "train": "network",
}

__all__ = [
    "Activation",
    "InputError",
    "InputTypeError",
    "MissingExtraError",
    "RheobaseError",
    "activation",
    "catalog",
    "cross_entropy",
    "gain",
    "log_softmax",
    "logsumexp",
    "softmax",
    "table",
    *_LAZY,
    *catalog,
]

globals().update(catalog)


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'rheobase' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_LAZY[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
