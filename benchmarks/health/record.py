"""What the other tools look at, recorded from a copy of a network at one step: small figures of arrays."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

FUNCTIONS = (
    nn.ReLU, nn.GELU, nn.SiLU, nn.ELU, nn.SELU, nn.LeakyReLU, nn.Tanh, nn.Sigmoid, nn.Softplus,
    nn.Hardswish, nn.Hardsigmoid, nn.Hardtanh, nn.ReLU6, nn.Softsign,
)  # fmt: skip
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Layer:
    """One activation at one step: its inputs and outputs, a row for each sample, pixel or token."""

    name: str
    kind: str  # the class of the module in lower case
    z: Array
    a: Array


@dataclass(frozen=True)
class Step:
    """One step: the activations, and the gradient of each matrix of weights."""

    layers: list[Layer]
    gradients: dict[str, Array]


def look(
    model: nn.Module,
    X: Tensor,
    y: Tensor,
    loss: Callable[[Tensor, Tensor], Tensor],
) -> Step:
    """Run a copy of the model forwards and backwards."""
    model = copy.deepcopy(model)
    layers: list[Layer] = []

    def hook(name: str, module: nn.Module) -> None:
        kept: list[Tensor] = []
        module.register_forward_pre_hook(
            lambda module, args: kept.append(args[0].detach().clone())
        )  # cloned: it may work in place
        module.register_forward_hook(
            lambda module, args, a: layers.append(
                Layer(name, type(module).__name__.lower(), _rows(kept.pop()), _rows(a.detach()))
            )
        )

    for name, module in model.named_modules():
        if isinstance(module, FUNCTIONS):
            hook(name, module)
    model.zero_grad()
    loss(model(X), y).backward()
    gradients = {
        name: p.grad.double().numpy()
        for name, p in model.named_parameters()
        if p.grad is not None and p.ndim > 1
    }
    return Step(layers, gradients)


def _rows(x: Tensor) -> Array:
    """Units last: the channels of a convolution, or the last axis."""
    if x.ndim == 4:
        x = x.movedim(1, -1)
    return x.reshape(-1, x.shape[-1]).double().numpy()
