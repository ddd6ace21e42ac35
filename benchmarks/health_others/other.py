"""Networks of no family: coordinates, equations, sets, graphs, pairs, spikes, actions, and some with a mistake."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import data
from .dense import Adapter, Make, mlp, xavier


class Sine(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.sin(30 * x)


class Gaussian(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.exp(-x * x)


def siren() -> nn.Sequential:
    """Sine of thirty times its inputs, with the weights of Sitzmann et al."""
    model = mlp(Sine, 3, 64, 2, 1)
    with torch.no_grad():
        for k, layer in enumerate(model[::2]):
            bound = (6 / layer.in_features) ** 0.5 / 30 if k else 1 / layer.in_features
            layer.weight.uniform_(-bound, bound)
    return model


class Fourier(nn.Module):
    """Sines and cosines of random projections, then ReLU."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("directions", 3 * torch.randn(2, 32))
        self.net = mlp(nn.ReLU, 3, 64, 64, 1)

    def forward(self, x: Tensor) -> Tensor:
        angles = x @ self.directions
        return self.net(torch.cat([angles.sin(), angles.cos()], -1))


class RadialBasis(nn.Module):
    def __init__(self, units: int = 50) -> None:
        super().__init__()
        self.centres, self.widths = (
            nn.Parameter(torch.randn(units, 2)),
            nn.Parameter(torch.ones(units)),
        )
        self.f, self.head = Gaussian(), nn.Linear(units, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.f(torch.cdist(x, self.centres) * self.widths))


class Oscillator(nn.Module):
    """u″ = −u with u(0) = 0 and u′(0) = 1: gives u, what is left of the equation, u(0) and u′(0)."""

    def __init__(self) -> None:
        super().__init__()
        self.net = mlp(nn.Tanh, 3, 32, 1, 1, initial=xavier)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        with torch.enable_grad():
            u, _, bend = self._twice(x.detach().requires_grad_())
            begin, begin_slope, _ = self._twice(torch.zeros(1, 1).requires_grad_())
        return u, bend + u, begin, begin_slope

    def _twice(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        u = self.net(x)
        slope = torch.autograd.grad(u.sum(), x, create_graph=True)[0]
        return u, slope, torch.autograd.grad(slope.sum(), x, create_graph=True)[0]


class DeepSets(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.each, self.all = mlp(nn.ReLU, 2, 32, 2, 32), mlp(nn.ReLU, 1, 32, 32, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.all(self.each(x).mean(1))


class Bag(nn.Module):
    """The rows of a digit as a bag, weighed by gated attention."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.each, self.places = (
            mlp(nn.ReLU, 1, 64, 8, width),
            nn.Parameter(0.3 * torch.randn(8, width)),
        )
        self.value, self.gate = nn.Linear(width, 16), nn.Linear(width, 16)
        self.weigh, self.head = nn.Linear(16, 4), nn.Linear(4 * width, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.each(x) + self.places
        weights = self.weigh(torch.tanh(self.value(x)) * torch.sigmoid(self.gate(x))).softmax(1)
        return self.head((weights.mT @ x).flatten(1))


class Modulated(nn.Module):
    """Four columns scale and shift what the other six do (FiLM)."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.conditions = mlp(nn.ReLU, 1, 32, 4, 2 * width)
        self.first, self.head = nn.Linear(6, width), nn.Linear(width, 1)

    def forward(self, x: Tensor) -> Tensor:
        scale, shift = self.conditions(x[:, :4]).chunk(2, 1)
        return self.head(F.silu(self.first(x[:, 4:]) * (1 + scale) + shift))


class Graph(nn.Module):
    """Two graph convolutions with dropout between them, and a linear one."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.register_buffer("links", data.adjacency())
        self.first, self.second = nn.Linear(16, width), nn.Linear(width, width)
        self.relus = nn.ModuleList([nn.ReLU(), nn.ReLU()])
        self.head = nn.Linear(width, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relus[0](self.links @ self.first(x))
        x = F.dropout(x, 0.5, self.training)
        return self.links @ self.head(self.relus[1](self.links @ self.second(x)))


class Siamese(nn.Module):
    """One network for both of a pair."""

    def __init__(self) -> None:
        super().__init__()
        self.net = mlp(nn.ReLU, 2, outputs=16)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.net(x[:, 0]), self.net(x[:, 1])


class Towers(nn.Module):
    """A network for each of a pair, and the cosine between them."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = mlp(nn.ReLU, 2, outputs=16), mlp(nn.ReLU, 2, outputs=16)

    def forward(self, x: Tensor) -> Tensor:
        return 8 * F.cosine_similarity(self.left(x[:, 0]), self.right(x[:, 1]))


class Variational(nn.Module):
    """Gives the copy, and the mean and log variance of the code."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU())
        self.mean, self.log_variance = nn.Linear(64, 8), nn.Linear(64, 8)
        self.decoder = nn.Sequential(
            nn.Linear(8, 64),
            nn.ReLU(),
            nn.Linear(64, 128),
            nn.ReLU(),
            nn.Linear(128, 64),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        h = self.encoder(x)
        mean, log_variance = self.mean(h), self.log_variance(h)
        noise = torch.randn_like(mean) if self.training else 0.0
        return self.decoder(mean + noise * (log_variance / 2).exp()), mean, log_variance


class _Spike(torch.autograd.Function):
    """A step, with the slope of a smooth one."""

    @staticmethod
    def forward(context: Any, above: Tensor) -> Tensor:
        context.save_for_backward(above)
        return (above > 0).float()

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:
        (above,) = context.saved_tensors
        return gradient / (1 + 5 * above.abs()) ** 2


class Spiking(nn.Module):
    def __init__(self, steps: int = 8, width: int = 100) -> None:
        super().__init__()
        self.steps = steps
        self.first, self.head = nn.Linear(64, width), nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        current = self.first(x)
        potential, out = torch.zeros_like(current), 0
        for _ in range(self.steps):
            potential = 0.9 * potential + current
            spike = _Spike.apply(potential - 1)
            potential = potential * (1 - spike)
            out = out + self.head(spike)
        return out / self.steps


def policy() -> nn.Sequential:
    """A continuous action between −1 and 1."""
    return nn.Sequential(*mlp(nn.ReLU, 2, 64, 4, 1), nn.Tanh())


class ActorCritic(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(*mlp(nn.Tanh, 2, 64, 4, 64), nn.Tanh())
        self.actor, self.critic = nn.Linear(64, 1), nn.Linear(64, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = self.trunk(x)
        return self.actor(h).tanh(), self.critic(h)


# ---- tuned after training on the digits under 8


def _pretrained() -> nn.Sequential:
    model = mlp(nn.ReLU, 4, 96)
    optimiser = torch.optim.Adam(model.parameters(), 2e-3)
    X, y, _, _ = data.digits(torch.initial_seed())  # the rows that this run trains on
    known = y < 8
    for _ in range(150):
        optimiser.zero_grad()
        F.cross_entropy(model(X[known]), y[known]).backward()
        optimiser.step()
    return model


def tuned_whole() -> nn.Sequential:
    return _pretrained()


def tuned_end() -> nn.Sequential:
    """All but the last two dense layers are frozen."""
    model = _pretrained()
    model[:-3].requires_grad_(False)
    return model


def tuned_adapters() -> nn.Sequential:
    model = _pretrained()
    for k in range(0, 8, 2):
        model[k] = Adapter(model[k])
    return model


# ---- with a mistake


class Wrong(nn.Module, ABC):
    """``between`` stands between the first function and the rest."""

    def __init__(self, make: Make = nn.ReLU, width: int = 48) -> None:
        super().__init__()
        self.first, self.f = nn.Linear(64, width), nn.ReLU()
        self.second, self.g = nn.Linear(width, width), make()
        self.head = nn.Linear(width, 10)

    @abstractmethod
    def between(self, x: Tensor) -> Tensor: ...

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.g(self.second(self.between(self.f(self.first(x))))))


class LogOfZero(Wrong):
    def between(self, x: Tensor) -> Tensor:
        return torch.log(x)


class DivisionByZero(Wrong):
    """A unit that is 0 on a whole batch has no deviation."""

    def between(self, x: Tensor) -> Tensor:
        return (x - x.mean(0)) / x.std(0)


class Detached(Wrong):
    """No gradient reaches the first layer."""

    def between(self, x: Tensor) -> Tensor:
        return x.detach()
