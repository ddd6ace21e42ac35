"""Every function for PyTorch: `functional` and `nn`, on rheobase's kernels, differentiable, compilable.

>>> import torch
>>> from rheobase.torch import nn
>>> nn.SiLU()(torch.tensor([-1.0, 0.0, 1.0]))
tensor([-0.2689,  0.0000,  0.7311])
"""

from __future__ import annotations

from .._errors import require

require("torch", "torch")

from . import functional, nn  # noqa: E402

__all__ = ["functional", "nn"]
