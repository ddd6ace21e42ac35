"""What a swap does to parameters: weights drawn anew by gain, and an optimiser that learns of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from math import isfinite, sqrt
from typing import Any

import torch
from torch import Tensor, nn

from .._activation import Activation
from .._arrays import brief
from .._errors import InputError
from ..gain import gain
from ._known import function_of_module, is_known_module
from ._places import Inventory, Replacement
from ._sites import shown
from ._traces import WEIGHTED, Seen


class Applied(nn.Module):
    """An activation of the user's own, made by `rheobase.custom`, as a module."""

    def __init__(self, activation: Activation) -> None:
        super().__init__()
        self.activation = activation

    def forward(self, x: Tensor) -> Any:
        """Return the function of ``x``."""
        return self.activation(x)

    def extra_repr(self) -> str:
        return str(self.activation)


# ---- Weights -------------------------------------------------------------------------------------


def feeding(
    model: nn.Module, sites: list[Replacement], seen: Seen
) -> tuple[dict[nn.Module, float], list[str]]:
    """Return the gain of each layer that feeds a site, and which sites have none."""
    gains: dict[nn.Module, float] = {}
    left_out = []
    for site in sites:
        function = _function_of(site.new)
        scale = gain(function)
        layers = [model.get_submodule(p) for x in site.places for p in seen.feeders.get(x.path, [])]
        layers += [
            x.owner.linear1
            for x in site.places
            if isinstance(x.owner, nn.TransformerEncoderLayer | nn.TransformerDecoderLayer)
        ]
        ready = [layer for layer in layers if _has_weights(layer)]
        for layer in ready:
            gains.setdefault(layer, scale if isfinite(scale) else 1.0)
        if not ready:
            path = shown(site.places[0].path)
            left_out.append(f"No weights drawn for {path}: no layer that feeds it was found.")
    return gains, left_out


def _function_of(new: nn.Module) -> Activation:
    if isinstance(new, Applied):
        return new.activation
    found = function_of_module(new) if is_known_module(new) else "it is not in the catalogue"
    if isinstance(found, str):
        raise InputError(
            f"swap: reinitialise needs the gain of {brief(new)}, and {found}; "
            "draw the weights yourself."
        )
    return found


def _has_weights(layer: Any) -> bool:
    """Whether there is a weight to write into, and not one that is computed or still to come."""
    weight = layer._parameters.get("weight")
    lazy = isinstance(weight, nn.parameter.UninitializedParameter)
    return isinstance(layer, WEIGHTED) and weight is not None and not lazy


@torch.no_grad()
def draw(
    model: nn.Module, gains: Mapping[nn.Module, float], seed: int | None, stack: ExitStack
) -> None:
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    for layer in model.modules():
        if layer in gains:
            weight, bias = layer._parameters["weight"], layer._parameters["bias"]
            assert weight is not None
            deviation = gains[layer] / sqrt(weight[0].numel())
            _write(weight, deviation * torch.randn(weight.shape, generator=generator), stack)
            if bias is not None:
                _write(bias, torch.zeros(()), stack)


def _write(parameter: Tensor, value: Tensor, stack: ExitStack) -> None:
    stack.callback(_put_back, parameter, parameter.detach().clone())
    parameter.copy_(value)


@torch.no_grad()
def _put_back(parameter: Tensor, value: Tensor) -> None:
    parameter.copy_(value)


# ---- The optimiser -------------------------------------------------------------------------------


def update(
    optimizer: torch.optim.Optimizer,
    model: nn.Module,
    found: Inventory,
    sites: list[Replacement],
    drawn: Iterable[nn.Module],
    stack: ExitStack,
) -> None:
    """Bring the parameters of an optimiser up to those of the model."""
    for group in optimizer.param_groups:
        for key in ("params", "param_names"):
            if key in group:
                stack.callback(group[key].__setitem__, slice(None), list(group[key]))
    there = set(model.parameters())
    gone = {p for p in found.parameters if p not in there}
    fresh = {p for layer in drawn for p in layer.parameters(recurse=False)}
    for parameter in gone | fresh:  # its momentum belongs to what was there
        if parameter in optimizer.state:
            state = optimizer.state.pop(parameter)
            stack.callback(optimizer.state.__setitem__, parameter, state)
    group_of = {p: group for group in optimizer.param_groups for p in group["params"]}
    for site in sites:
        place = site.places[0]
        near = [group_of[p] for p in found.neighbours(place) if p in group_of]
        group = (near or optimizer.param_groups[-1:])[0]
        for name, parameter in site.new.named_parameters():
            if parameter not in group_of:
                group_of[parameter] = group
                group["params"].append(parameter)
                if "param_names" in group:
                    group["param_names"].append(f"{shown(place.path)}.{name}")
                stack.callback(optimizer.state.pop, parameter, None)
    for group in optimizer.param_groups:
        stays = [k for k, parameter in enumerate(group["params"]) if parameter not in gone]
        for key in ("params", "param_names"):
            if key in group:
                group[key][:] = [group[key][k] for k in stays]
