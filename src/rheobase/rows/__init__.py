"""The softmax family: functions of whole rows, along any axis; docs/rows.md has their definitions."""

from __future__ import annotations

from . import _elsewhere as of
from ._cross_entropy import CrossEntropy
from ._function import RowFunction
from ._gumbel import GumbelSoftmax

_softmax = (of.softmax, of.softmax_backward)
softmax = RowFunction("softmax", "e^z_i / Σ_j e^z_j", saved="y", elsewhere=_softmax)
softmin = RowFunction(
    "softmin", "e^-z_i / Σ_j e^-z_j", saved="y", general="softmax", sign=-1, elsewhere=_softmax
)
log_softmax = RowFunction(
    "log_softmax",
    "z_i - log Σ_j e^z_j",
    saved="y",
    elsewhere=(of.log_softmax, of.log_softmax_backward),
)
logsumexp = RowFunction(
    "logsumexp",
    "log Σ_j e^z_j",
    saved="z",
    reduces=True,
    elsewhere=(of.logsumexp, of.logsumexp_backward),
)
logmeanexp = RowFunction(
    "logmeanexp",
    "log (1/n) Σ_j e^z_j",
    saved="z",
    reduces=True,
    backward="logsumexp",
    elsewhere=(of.logmeanexp, of.logsumexp_backward),
)
sparsemax = RowFunction(
    "sparsemax",
    "max(z_i - τ, 0), with τ such that the sum is 1",
    saved="y",
    elsewhere=(of.sparsemax, of.sparsemax_backward),
)
hardmax = RowFunction(
    "hardmax",
    "1 at the first largest z_i, else 0",
    saved="y",
    elsewhere=(of.hardmax, of.hardmax_backward),
)
gumbel_softmax = GumbelSoftmax()
cross_entropy = CrossEntropy()

__all__ = [
    "CrossEntropy",
    "GumbelSoftmax",
    "RowFunction",
    "cross_entropy",
    "gumbel_softmax",
    "hardmax",
    "log_softmax",
    "logmeanexp",
    "logsumexp",
    "softmax",
    "softmin",
    "sparsemax",
]
