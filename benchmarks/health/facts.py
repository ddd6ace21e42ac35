"""What a layer does, measured with PyTorch alone: nothing here asks rheobase."""

from __future__ import annotations

from collections import defaultdict

import torch
from torch import Tensor, nn

from .record import FUNCTIONS


def silent_and_flat(model: nn.Module, X: Tensor) -> dict[str, tuple[float, float]]:
    """For each activation: the share of units that never vary, and of outputs at under 1 % of the largest slope."""
    seen: dict[str, list[tuple[nn.Module, Tensor]]] = defaultdict(list)
    hooks = []
    for name, module in model.named_modules():
        if isinstance(module, FUNCTIONS):
            hooks.append(
                module.register_forward_pre_hook(
                    lambda module, args, name=name: seen[name].append(
                        (module, args[0].detach().clone())
                    )
                )
            )
    with torch.no_grad():
        model(X)
    for hook in hooks:
        hook.remove()
    return {name: _layer(calls) for name, calls in seen.items()}


def _layer(calls: list[tuple[nn.Module, Tensor]]) -> tuple[float, float]:
    silent, flat = [], []
    for module, z in calls:
        z = z.movedim(1, -1) if z.ndim == 4 else z
        a, slope = _slope(module, z.reshape(-1, z.shape[-1]))
        largest = _slope(module, torch.linspace(-5, 5, 1001))[1].max()
        still = a.amax(0) - a.amin(0) <= 1e-6 * a.abs().mean(0)
        silent.append(float(still.float().mean()))
        flat.append(float((slope.abs() < 0.01 * largest).float().mean()))
    return min(silent), min(flat)  # of a loop over time the step that does best


def _slope(module: nn.Module, z: Tensor) -> tuple[Tensor, Tensor]:
    z = z.clone().requires_grad_()
    a = module(z * 1)  # times 1: it may work in place
    return a.detach(), torch.autograd.grad(a.sum(), z)[0]
