"""Losses and scores. A score is of unseen rows, and the higher the better."""

from __future__ import annotations

from functools import partial

from torch import Tensor
from torch.nn import functional as F

Outputs = tuple[Tensor, ...]

smoothed = partial(F.cross_entropy, label_smoothing=0.1)


def accuracy(output: Tensor, y: Tensor) -> float:
    """Of classes, or of each next letter."""
    return float((output.argmax(-1) == y).float().mean())


def balanced(output: Tensor, y: Tensor) -> float:
    """The mean of both classes' recalls."""
    right = output.argmax(1) == y
    return float(sum(right[y == k].float().mean() for k in (0, 1)) / 2)


def signs(output: Tensor, y: Tensor) -> float:
    return float(((output > 0) == (y > 0.5)).float().mean())


def r2(output: Tensor, y: Tensor) -> float:
    return float(1 - ((output - y) ** 2).mean() / y.var())


def r2_of_first(output: Outputs, y: Tensor) -> float:
    return r2(output[0], y)


def accuracy_of_first(output: Outputs, y: Tensor) -> float:
    return accuracy(output[0], y)


def each_step(output: Tensor, y: Tensor) -> Tensor:
    return F.cross_entropy(output.flatten(0, 1), y.flatten())


def probability(output: Tensor, y: Tensor) -> Tensor:
    return F.binary_cross_entropy(output, y.float())


def halves(output: Tensor, y: Tensor) -> float:
    return signs(output - 0.5, y)


def overlap(output: Tensor, y: Tensor) -> float:
    """Dice's coefficient."""
    chosen = (output > 0).float()
    return float(2 * (chosen * y).sum() / (chosen.sum() + y.sum()))


def few_active(output: Outputs, y: Tensor) -> Tensor:
    """With what the hidden layers put out added."""
    return F.cross_entropy(output[0], y) + 0.03 * sum(hidden.abs().mean() for hidden in output[1:])


def both_heads(output: tuple[Tensor, Tensor | None], y: Tensor) -> Tensor:
    """The classes, and where the second head was asked the number itself."""
    classes, number = output
    value = F.cross_entropy(classes, y)
    return value if number is None else value + 0.3 * F.mse_loss(number, y[:, None] / 10)


def actor_and_critic(output: Outputs, y: Tensor) -> Tensor:
    return F.mse_loss(output[0], y) + F.mse_loss(output[1], y.abs())


def equation(output: Outputs, _: Tensor) -> Tensor:
    """What is left of u″ = −u, u(0) = 0 and u′(0) = 1."""
    _, rest, begin, slope = output
    return (rest**2).mean() + (begin**2).mean() + ((slope - 1) ** 2).mean()


def solution(output: Outputs, x: Tensor) -> float:
    return r2(output[0], x.sin())


def evidence(output: Outputs, x: Tensor) -> Tensor:
    """The lower bound of a variational autoencoder."""
    copy, mean, log_variance = output
    code = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(1).mean()
    return F.binary_cross_entropy(copy, x, reduction="sum") / len(x) + code


def contrast(output: Outputs, same: Tensor) -> Tensor:
    """Near if the same, and at least 2 apart if not."""
    distance = ((output[0] - output[1]).pow(2).sum(1) + 1e-6).sqrt()
    return (same * distance**2 + (1 - same) * F.relu(2 - distance) ** 2).mean()


def near(output: Outputs, same: Tensor) -> float:
    return halves(1.5 - (output[0] - output[1]).norm(dim=1), same)
