"""The healthy networks: what they must reach, and how they are trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor, nn
from torch.nn import functional as F

from . import models

BATCH = 32
WATCHED = 10  # one step in so many
Data = tuple[Tensor, Tensor, Tensor, Tensor]


@dataclass(frozen=True)
class Network:
    """One architecture and its training with Adam; ``bar`` is what a healthy one reaches on unseen data."""

    make: Callable[[], nn.Module]
    bar: float = 0.93
    epochs: int = 12
    rate: float = 2e-3
    copies: bool = False  # the targets are the inputs, and the score is R²


NETWORKS: Mapping[str, Network] = {
    "MLP, ReLU": Network(lambda: models.mlp(nn.ReLU, 3)),
    "MLP, ReLU, sparse": Network(models.SparseMlp),
    "MLP, GELU": Network(lambda: models.mlp(nn.GELU, 4)),
    "MLP, GELU, 6 layers": Network(lambda: models.mlp(nn.GELU, 6), 0.9),
    "MLP, ReLU, 6 layers": Network(lambda: models.mlp(nn.ReLU, 6), 0.9),
    "MLP, tanh": Network(lambda: models.mlp(nn.Tanh, 3)),
    "MLP, sigmoid": Network(lambda: models.mlp(nn.Sigmoid, 2), epochs=20, rate=5e-3),
    "MLP, sigmoid, batch norm": Network(lambda: models.mlp(nn.Sigmoid, 4, norm=True)),
    "MLP, ELU, 6 layers": Network(lambda: models.mlp(nn.ELU, 6), epochs=16),
    "CNN, ReLU": Network(lambda: models.cnn(nn.ReLU)),
    "CNN, ReLU, batch norm": Network(lambda: models.cnn(nn.ReLU, norm=True)),
    "CNN, SiLU, batch norm": Network(lambda: models.cnn(nn.SiLU, norm=True)),
    "ResNet": Network(models.Residual, epochs=10),
    "squeeze-excite, ReLU": Network(lambda: models.SqueezeExcite(nn.ReLU, nn.Sigmoid), epochs=16),
    "squeeze-excite, hard": Network(lambda: models.SqueezeExcite(nn.Hardswish, nn.Hardsigmoid)),
    "transformer, GELU": Network(lambda: models.Transformer(gated=False), 0.9),
    "transformer, SwiGLU": Network(lambda: models.Transformer(gated=True), 0.9),
    "LSTM by hand": Network(models.Lstm, 0.9, epochs=16, rate=4e-3),
    "GRU by hand": Network(models.Gru, 0.9),
    "LSTM of PyTorch": Network(models.Fused, 0.9, rate=4e-3),
    "RNN, tanh": Network(lambda: models.Rnn(nn.Tanh), 0.85, rate=1e-3),
    "RNN, ReLU": Network(lambda: models.Rnn(nn.ReLU), 0.8, rate=3e-4),
    "autoencoder": Network(models.Autoencoder, 0.5, epochs=20, copies=True),
    "experts, two idle": Network(models.Experts),
}


@cache
def digits(scale: float = 1.0) -> Data:
    """Return training and test rows, pixels from 0 to ``scale``."""
    X, y = load_digits(return_X_y=True)
    parts = train_test_split((X / 16 * scale).astype("float32"), y, test_size=0.25, random_state=0)
    X, X_test, y, y_test = map(torch.as_tensor, parts)
    return X, y, X_test, y_test


def loss_of(network: Network) -> Callable[[Tensor, Any], Tensor]:
    return F.mse_loss if network.copies else F.cross_entropy


def score(network: Network, model: nn.Module, X: Tensor, target: Tensor) -> float:
    """Accuracy, or R² of a copy; a result that is not finite scores 0."""
    with torch.no_grad():
        output = model(X)
    if not output.isfinite().all():
        return 0.0
    if network.copies:
        return float(1 - (output - target).var() / target.var())
    return float((output.argmax(1) == target).float().mean())
