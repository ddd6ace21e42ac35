"""How a network is trained."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .data import Data
from .losses import accuracy


def adam(rate: float = 2e-3) -> Any:
    return partial(torch.optim.Adam, lr=rate)


def adamw(rate: float = 2e-3, decay: float = 0.05) -> Any:
    return partial(torch.optim.AdamW, lr=rate, weight_decay=decay)


def sgd(rate: float = 0.05, decay: float = 0.0) -> Any:
    return partial(torch.optim.SGD, lr=rate, momentum=0.9, weight_decay=decay)


def rmsprop(rate: float = 1e-3) -> Any:
    return partial(torch.optim.RMSprop, lr=rate)


@dataclass(frozen=True)
class Network:
    """One architecture and its training; ``bar`` is the score that a healthy one reaches."""

    make: Callable[[], nn.Module]
    data: Callable[[int], Data]
    bar: float = 0.93
    optimiser: Any = adam()  # noqa: RUF009 - a partial, which nobody changes
    epochs: int = 10
    batch: int | None = 64  # None: all rows at once
    loss: Callable[[Any, Tensor], Tensor] = F.cross_entropy
    score: Callable[[Any, Tensor], float] = accuracy
    warm: bool = False  # the rate rises over a tenth of the steps and falls as a cosine
    clip: float = 0.0  # the largest norm of the gradient, if any


Change = Callable[[nn.Module], None]


def train(
    model: nn.Module,
    network: Network,
    X: Tensor,
    y: Tensor,
    struck: Change | None = None,
    spike: float = 1.0,
) -> Iterator[int]:
    """Train, and yield after each epoch. A third before the end the network is struck; ``spike`` multiplies the rate of
    the epoch that follows."""
    optimiser = network.optimiser([p for p in model.parameters() if p.requires_grad])
    batch = network.batch or len(X)
    steps = network.epochs * math.ceil(len(X) / batch)
    rates = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: _warm(step / steps) if network.warm else 1.0
    )
    for epoch in range(network.epochs):
        here = epoch == 2 * network.epochs // 3
        if here and struck:
            struck(model)
        for rows in torch.randperm(len(X)).split(batch):
            for group, rate in zip(optimiser.param_groups, rates.get_last_lr(), strict=True):
                group["lr"] = rate * spike if here else rate
            optimiser.zero_grad()
            network.loss(model(X[rows]), y[rows]).backward()
            if network.clip:
                nn.utils.clip_grad_norm_(model.parameters(), network.clip)
            optimiser.step()
            rates.step()
        yield epoch


def _warm(done: float) -> float:
    return max(0.01, min(1.0, 10 * done)) * (1 + math.cos(math.pi * done)) / 2
