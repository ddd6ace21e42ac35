"""The ill networks: a mechanism, where it sits, and what a right finding may be called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from . import models
from .networks import NETWORKS, Network

Change = Callable[[nn.Module], None]


@dataclass(frozen=True)
class Illness:
    """What is done to a network.

    ``born`` is done before training, ``struck`` when a third of it is left; ``spike`` is the learning rate of
    one epoch there. ``layer`` is where the mechanism sits, if it has a place.
    """

    mechanism: str
    network: str
    kinds: str  # any of these words
    layer: str = ""
    born: Change | None = None
    struck: Change | None = None
    spike: float = 0.0
    scale: float = 1.0  # of the pixels

    @property
    def trained(self) -> Network:
        return NETWORKS.get(self.network) or DEEP[self.network]


DEEP = {  # healthy twins of these are not among the others: they cannot be trained like this
    "MLP, ReLU, 10 layers": Network(lambda: models.mlp(nn.ReLU, 10)),
    "MLP, sigmoid, 8 layers": Network(lambda: models.mlp(nn.Sigmoid, 8)),
    "MLP, sigmoid, 5 layers": Network(lambda: models.mlp(nn.Sigmoid, 5)),
    "MLP, tanh, 40 layers": Network(lambda: models.mlp(nn.Tanh, 40)),
}


def shift(path: str, share: float = 1.0, by: float = -50.0) -> Change:
    """Move the first biases of a layer, or of the norm after it, which would take that back."""

    def change(model: nn.Module) -> None:
        bias = model.get_submodule(path).bias
        with torch.no_grad():
            bias[: round(share * len(bias))] += by

    return change


def shift_gate(path: str, part: slice, by: float) -> Change:
    def change(model: nn.Module) -> None:
        with torch.no_grad():
            model.get_submodule(path).bias[part] += by

    return change


def rescale(factor: float, only: str = "") -> Change:
    """Multiply all hidden matrices, or those of one layer."""

    def change(model: nn.Module) -> None:
        matrices = [(n, p) for n, p in model.named_parameters() if p.ndim > 1]
        with torch.no_grad():
            for name, p in matrices[:-1]:
                if only in name:
                    p *= factor

    return change


BIAS, CHANNELS = "bias far below 0", "dead channels"
SMALL, LARGE = "initial scale too small", "initial scale too large"
STACK, SPIKE, LOOP = "deep saturating stack", "learning-rate spike", "recurrence out of scale"
GATES, UNSCALED = "saturated gates", "inputs not scaled"

ILL = [
    Illness(BIAS, "MLP, ReLU", "dead", "3", struck=shift("2")),
    Illness(BIAS, "MLP, ReLU, sparse", "dead", "relus.0", struck=shift("inner.0", 0.9)),
    Illness(BIAS, "LSTM by hand", "dead", "head.1", struck=shift("head.0", 0.9)),
    Illness(BIAS, "autoencoder", "dead", "3", struck=shift("2")),
    Illness(BIAS, "experts, two idle", "dead", "relu", struck=shift("inner", 0.9)),
    Illness(CHANNELS, "CNN, ReLU", "dead", "4", struck=shift("3", 0.9)),
    Illness(CHANNELS, "CNN, ReLU, batch norm", "dead", "6", struck=shift("5", 0.9)),
    Illness(CHANNELS, "ResNet", "dead", "relus.2", struck=shift("norms.2", 0.9)),
    Illness(CHANNELS, "squeeze-excite, ReLU", "dead", "acts.1", struck=shift("norms.1", 0.9)),
    Illness(SMALL, "MLP, ReLU, 10 layers", "vanishing", born=rescale(0.2)),
    Illness(SMALL, "MLP, ELU, 6 layers", "vanishing", born=rescale(0.01)),
    Illness(SMALL, "MLP, GELU", "vanishing", born=rescale(0.002)),
    Illness(LARGE, "MLP, ReLU, 10 layers", "exploding non-finite", born=rescale(15)),
    Illness(LARGE, "MLP, ELU, 6 layers", "exploding non-finite", born=rescale(30)),
    Illness(LARGE, "CNN, ReLU", "exploding non-finite", born=rescale(30)),
    Illness(LARGE, "MLP, tanh", "saturated", born=rescale(100)),
    Illness(STACK, "MLP, sigmoid, 8 layers", "vanishing"),
    Illness(STACK, "MLP, sigmoid, 5 layers", "vanishing"),
    Illness(STACK, "MLP, tanh, 40 layers", "vanishing"),
    Illness(SPIKE, "MLP, ReLU", "any", spike=3.0),
    Illness(SPIKE, "MLP, tanh", "any", spike=3.0),
    Illness(SPIKE, "CNN, ReLU", "any", spike=3.0),
    Illness(SPIKE, "CNN, ReLU, batch norm", "any", spike=30.0),
    Illness(SPIKE, "transformer, GELU", "any", spike=3.0),
    Illness(LOOP, "RNN, ReLU", "exploding non-finite", born=rescale(4, "again")),
    Illness(LOOP, "RNN, tanh", "saturated exploding", born=rescale(30, "again")),
    Illness(LOOP, "RNN, tanh", "vanishing", born=rescale(0.02)),
    Illness(GATES, "LSTM by hand", "any", struck=shift_gate("inner", slice(96, 144), -50.0)),
    Illness(GATES, "GRU by hand", "any", struck=shift_gate("inner", slice(48, 96), 50.0)),
    Illness(GATES, "squeeze-excite, ReLU", "any", struck=shift("excites.1", by=-50.0)),
    Illness(UNSCALED, "MLP, tanh", "saturated", "1", scale=2550.0),
    Illness(UNSCALED, "MLP, sigmoid", "saturated", "1", scale=2550.0),
    Illness(UNSCALED, "RNN, tanh", "saturated", "f", scale=2550.0),
]
