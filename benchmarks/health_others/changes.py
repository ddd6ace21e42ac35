"""What is done to a network to make it ill, and proofs by PyTorch alone that it is."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..health.facts import silent_and_flat
from .train import Change, Network


def all_of(*changes: Change) -> Change:
    def change(model: nn.Module) -> None:
        for each in changes:
            each(model)

    return change


def fill(value: float) -> Change:
    """Make all matrices constant."""

    def change(model: nn.Module) -> None:
        for p in model.parameters():
            if p.ndim > 1:
                nn.init.constant_(p, value)

    return change


def zero(model: nn.Module) -> None:
    """Make all parameters 0."""
    for p in model.parameters():
        nn.init.zeros_(p)


def normal(model: nn.Module) -> None:
    """Draw all matrices from N(0, 1)."""
    for p in model.parameters():
        if p.ndim > 1:
            nn.init.normal_(p)


def norm_at(path: str, weight: float, bias: float, learns: bool = True) -> Change:
    """Set the weights and biases of a norm."""

    def change(model: nn.Module) -> None:
        norm = model.get_submodule(path).requires_grad_(learns)
        nn.init.constant_(norm.weight, weight)
        nn.init.constant_(norm.bias, bias)

    return change


# ---- of inputs


def times(factor: float) -> Callable[[Tensor], Tensor]:
    return lambda X: factor * X


def column(place: int, factor: float = 1.0, shift: float = 0.0) -> Callable[[Tensor], Tensor]:
    def change(X: Tensor) -> Tensor:
        X = X.clone()
        X[:, place] = factor * X[:, place] + shift
        return X

    return change


def nan_in_some(X: Tensor) -> Tensor:
    """Every fiftieth row is missing."""
    return torch.where(torch.arange(len(X))[:, None] % 50 == 0, torch.nan, X)


# ---- proofs

Proof = Callable[[nn.Module, Network, Tensor, Tensor], bool]


def still_or_flat(*layers: str) -> Proof:
    """80 % of the units still, or of the outputs at under 1 % of the slope, in each of the layers that a sample reaches."""

    def proof(model: nn.Module, network: Network, X: Tensor, y: Tensor) -> bool:
        facts = silent_and_flat(model, X)
        reached = [facts[layer] for layer in layers if layer in facts]
        return bool(reached) and all(max(fact) >= 0.8 for fact in reached)

    return proof


def far_below(path: str) -> Proof:
    """80 % of what a layer gives to a function without a module is under −20."""

    def proof(model: nn.Module, network: Network, X: Tensor, y: Tensor) -> bool:
        given = []
        hook = model.get_submodule(path).register_forward_hook(
            lambda module, args, z: given.append(z)
        )
        with torch.no_grad():
            model(X)
        hook.remove()
        return float((given[0] < -20).float().mean()) >= 0.8

    return proof


def no_gradient(path: str) -> Proof:
    def proof(model: nn.Module, network: Network, X: Tensor, y: Tensor) -> bool:
        model.zero_grad()
        network.loss(model(X), y).backward()
        return all(p.grad is None for p in model.get_submodule(path).parameters())

    return proof
