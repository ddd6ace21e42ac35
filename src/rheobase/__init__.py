"""See, choose, run and watch activation functions.

>>> import rheobase as rb
>>> float(rb.sigmoid(0.0))
0.5
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _native as _native  # before NumPy, whose refusal of sub-interpreters says less
from ._activation import Activation
from ._custom import custom
from ._errors import (
    HealthError,
    InputError,
    InputTypeError,
    MissingExtraError,
    RheobaseError,
    StudyError,
)
from ._gated import Gated, gated, split_gate
from ._table import table
from ._variants import crelu, rrelu
from .catalog import activation, catalog
from .claims import claims
from .compare import (
    Comparison,
    ManyComparison,
    ShapesComparison,
    compare,
    compare_many,
    compare_shapes,
)
from .gain import gain
from .network import SGD, Adam, Network, Neuron, train
from .rows import (
    cross_entropy,
    gumbel_softmax,
    hardmax,
    log_softmax,
    logmeanexp,
    logsumexp,
    softmax,
    softmin,
    sparsemax,
)

__version__ = "0.1.0"

globals().update(catalog)  # rheobase.elu and all the others
glu, reglu, geglu, geglu_tanh, swiglu, bilinear = gated.values()  # spelt out for type checkers


if TYPE_CHECKING:
    from .estimators import MLPClassifier as MLPClassifier
    from .estimators import MLPRegressor as MLPRegressor
    from .estimators import load as load

_LAZY = ("MLPClassifier", "MLPRegressor", "load")  # not in __all__: they need scikit-learn


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        from . import estimators

        return getattr(estimators, name)
    if name not in catalog:  # where aliases are found
        raise AttributeError(f"module 'rheobase' has no attribute {name!r}")
    return catalog[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})


__all__ = [
    "SGD",
    "Activation",
    "Adam",
    "Comparison",
    "Gated",
    "HealthError",
    "InputError",
    "InputTypeError",
    "ManyComparison",
    "MissingExtraError",
    "Network",
    "Neuron",
    "RheobaseError",
    "ShapesComparison",
    "StudyError",
    "activation",
    "catalog",
    "claims",
    "compare",
    "compare_many",
    "compare_shapes",
    "crelu",
    "cross_entropy",
    "custom",
    "gain",
    "gated",
    "gumbel_softmax",
    "hardmax",
    "log_softmax",
    "logmeanexp",
    "logsumexp",
    "rrelu",
    "softmax",
    "softmin",
    "sparsemax",
    "split_gate",
    "table",
    "train",
    *catalog,
    *gated,
]
