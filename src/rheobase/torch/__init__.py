"""For PyTorch: every function on rheobase's kernels (`functional`, `nn`), what the activations of a model do
while it trains (`watch`) or on given data (`check`), and others in their place (`swap`).

>>> import torch
>>> from rheobase.torch import nn
>>> nn.SiLU()(torch.tensor([-1.0, 0.0, 1.0]))
tensor([-0.2689,  0.0000,  0.7311])
"""

from __future__ import annotations

from .._errors import require

require("torch", "torch")

from . import functional, nn  # noqa: E402
from ._check import check, check_init  # noqa: E402
from ._swap import Swap, swap  # noqa: E402
from ._watch import Watch, watch  # noqa: E402

__all__ = ["Swap", "Watch", "check", "check_init", "functional", "nn", "swap", "watch"]
