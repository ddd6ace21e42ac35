"""Tensors as NumPy sees them, and what may be done with them beside PyTorch's dispatcher."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd import forward_ad

from .._arrays import brief
from .._errors import InputTypeError, require

FLOATS = frozenset({torch.float16, torch.bfloat16, torch.float32, torch.float64})
HUGE = 1 << 22  # bytes: from here on NumPy asks for huge pages


def as_array(tensor: Tensor) -> Any:
    """Return the memory of a tensor on the CPU as a NumPy array."""
    if tensor.requires_grad:
        tensor = tensor.detach()
    if tensor.dtype is torch.bfloat16:  # unknown to NumPy
        return tensor.view(torch.int16).numpy().view(_bfloat16())
    return tensor.numpy()


@cache
def _bfloat16() -> np.dtype[Any]:
    dtype: np.dtype[Any] = np.dtype(require("torch", "ml_dtypes").bfloat16)
    return dtype


def dtype_of(tensor: Tensor) -> np.dtype[Any]:
    """Return the dtype as NumPy has it."""
    dtype: np.dtype[Any] = as_array(tensor.new_empty(0)).dtype
    return dtype


def as_operand(parameter: float | Tensor) -> Any:
    """Return a parameter as the kernels take it: a number, or an array of float64."""
    return as_array(parameter.double()) if isinstance(parameter, Tensor) else parameter


def new_like(tensor: Tensor) -> Tensor:
    """Return uninitialised memory of the same layout."""
    if tensor.nbytes < HUGE or not tensor.is_contiguous():
        return torch.empty_like(tensor)
    return new(tensor, tensor.shape)


def new(like: Tensor, shape: Sequence[int]) -> Tensor:
    """Return uninitialised memory of the same dtype.

    Large results take NumPy's: touching new memory page by page would cost more than any function.
    """
    size = prod(shape) * like.itemsize
    if size < HUGE:
        return like.new_empty(shape)
    memory = torch.from_numpy(np.empty(size, np.uint8)).untyped_storage()
    return like.new_empty(0).set_(memory, 0, shape)  # type: ignore[call-overload, no-any-return]


def as_floats(call: str, x: Any) -> Tensor:
    """Return a tensor of a floating dtype that there are functions for; integers become floats."""
    if not isinstance(x, Tensor):
        raise InputTypeError(
            f"{call}: got {brief(x)}; expected a torch.Tensor. The functions of rheobase itself take arrays."
        )
    if x.dtype in FLOATS:
        return x
    if x.dtype.is_floating_point or x.dtype.is_complex:
        raise InputTypeError(
            f"{call}: got dtype {x.dtype}; expected float16, bfloat16, float32 or float64. "
            "Convert it first, for example with x.float()."
        )
    return x.to(torch.get_default_dtype())


def is_eager(x: Tensor) -> bool:
    """Whether nothing but autograd looks on: a kernel may then be called without the dispatcher."""
    return (
        (type(x) is Tensor or type(x) is torch.nn.Parameter)
        and x.is_cpu
        and not x.is_neg()  # a view whose memory has the other sign
        and torch._C._len_torch_dispatch_stack() == 0
        and not is_transformed()
        and torch._C._get_tracing_state() is None
        and not is_dual()
    )


def is_transformed() -> bool:
    """Whether a transform of torch.func is under way."""
    return torch._C._functorch.maybe_current_level() is not None


def is_dual() -> bool:
    """Whether forward-mode differentiation is under way."""
    return forward_ad._current_level >= 0
