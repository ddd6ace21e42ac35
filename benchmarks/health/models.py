"""Small networks of many kinds for 8 × 8 digits. Activations are modules, so that every tool can see them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


def mlp(
    make: Callable[[], nn.Module], depth: int, width: int = 64, norm: bool = False
) -> nn.Sequential:
    layers: list[nn.Module] = []
    before = 64
    for _ in range(depth):
        layers += [nn.Linear(before, width), *[nn.BatchNorm1d(width)] * norm, make()]
        before = width
    return nn.Sequential(*layers, nn.Linear(before, 10))


def cnn(make: Callable[[], nn.Module], norm: bool = False) -> nn.Sequential:
    layers: list[nn.Module] = [nn.Unflatten(1, (1, 8, 8))]
    before = 1
    for width, stride in ((16, 1), (32, 2), (32, 2)):
        norms = [nn.BatchNorm2d(width)] if norm else []
        layers += [nn.Conv2d(before, width, 3, stride, 1), *norms, make()]
        before = width
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(before * 4, 10))


class SparseMlp(nn.Module):
    """Most outputs are 0: a tenth of their mean is added to the loss, by way of the gradient."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.ModuleList([nn.Linear(64, 256), nn.Linear(256, 256)])
        self.relus = nn.ModuleList([nn.ReLU(), nn.ReLU()])
        self.head = nn.Linear(256, 10)

    def forward(self, x: Tensor) -> Tensor:
        for linear, relu in zip(self.inner, self.relus, strict=True):
            x = relu(linear(x))
            if x.requires_grad:
                x.register_hook(lambda g: g + 0.1 / g.numel())
        return self.head(x)


class Residual(nn.Module):
    """Two residual blocks with batch norm, as ResNet has them."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, width, 3, padding=1)
        self.convs = nn.ModuleList([nn.Conv2d(width, width, 3, padding=1) for _ in range(4)])
        self.norms = nn.ModuleList([nn.BatchNorm2d(width) for _ in range(4)])
        self.relus = nn.ModuleList([nn.ReLU(inplace=True) for _ in range(4)])
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x.view(-1, 1, 8, 8))
        for k in (0, 2):
            y = self.relus[k](self.norms[k](self.convs[k](x)))
            x = self.relus[k + 1](x + self.norms[k + 1](self.convs[k + 1](y)))
        return self.head(x.mean((2, 3)))


class Gated(nn.Module):
    """silu(gate) · up, as in SwiGLU."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gate, self.up = nn.Linear(width, 2 * width), nn.Linear(width, 2 * width)
        self.silu, self.down = nn.SiLU(), nn.Linear(2 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(self.silu(self.gate(x)) * self.up(x))


class Transformer(nn.Module):
    """Pre-norm, a token for each row of pixels."""

    def __init__(self, gated: bool, width: int = 32, depth: int = 2) -> None:
        super().__init__()
        self.embed = nn.Linear(8, width)
        self.place = nn.Parameter(0.1 * torch.randn(8, width))
        self.attend = nn.ModuleList(
            [nn.MultiheadAttention(width, 4, batch_first=True) for _ in range(depth)]
        )
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in range(2 * depth)])
        self.forwards = nn.ModuleList(
            [
                Gated(width)
                if gated
                else nn.Sequential(
                    nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
                )
                for _ in range(depth)
            ]
        )
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x.view(-1, 8, 8)) + self.place
        for k, (attend, feed) in enumerate(zip(self.attend, self.forwards, strict=True)):
            y = self.norms[2 * k](x)
            x = x + attend(y, y, y, need_weights=False)[0]
            x = x + feed(self.norms[2 * k + 1](x))
        return self.head(x.mean(1))


class Lstm(nn.Module):
    """A cell written by hand, so that its gates can be looked at."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.width = width
        self.inner = nn.Linear(8 + width, 4 * width)
        self.gates, self.proposal, self.out = nn.Sigmoid(), nn.Tanh(), nn.Tanh()
        self.head = nn.Sequential(nn.Linear(width, 32), nn.ReLU(), nn.Linear(32, 10))

    def forward(self, x: Tensor) -> Tensor:
        x = x.view(-1, 8, 8)
        h = c = x.new_zeros(len(x), self.width)
        for t in range(8):
            i, f, o, g = self.inner(torch.cat([x[:, t], h], 1)).chunk(4, 1)
            c = self.gates(f + 1) * c + self.gates(i) * self.proposal(g)
            h = self.gates(o) * self.out(c)
        return self.head(h)


class Gru(nn.Module):
    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.width = width
        self.inner, self.fresh = nn.Linear(8 + width, 2 * width), nn.Linear(8 + width, width)
        self.gates, self.proposal = nn.Sigmoid(), nn.Tanh()
        self.head = nn.Sequential(nn.Linear(width, 32), nn.ReLU(), nn.Linear(32, 10))

    def forward(self, x: Tensor) -> Tensor:
        x = x.view(-1, 8, 8)
        h = x.new_zeros(len(x), self.width)
        for t in range(8):
            r, z = self.gates(self.inner(torch.cat([x[:, t], h], 1))).chunk(2, 1)
            h = z * h + (1 - z) * self.proposal(self.fresh(torch.cat([x[:, t], r * h], 1)))
        return self.head(h)


class Rnn(nn.Module):
    """The plain recurrence, 8 rows three times over: 24 steps."""

    def __init__(self, make: Callable[[], nn.Module], width: int = 48) -> None:
        super().__init__()
        self.width = width
        self.inner, self.again = nn.Linear(8, width), nn.Linear(width, width)
        self.f, self.head = make(), nn.Linear(width, 10)
        nn.init.orthogonal_(self.again.weight)

    def forward(self, x: Tensor) -> Tensor:
        x = x.view(-1, 8, 8).repeat(1, 3, 1)
        h = x.new_zeros(len(x), self.width)
        for t in range(24):
            h = self.f(self.inner(x[:, t]) + self.again(h))
        return self.head(h)


class Fused(nn.Module):
    """PyTorch's LSTM, whose inside nobody sees, and a head."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.lstm = nn.LSTM(8, width, batch_first=True)
        self.head = nn.Sequential(nn.Linear(width, 32), nn.Tanh(), nn.Linear(32, 10))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.lstm(x.view(-1, 8, 8))[0][:, -1])


class SqueezeExcite(nn.Module):
    """Convolutions whose channels are weighed by a gate."""

    def __init__(self, make: Callable[[], nn.Module], gate: Callable[[], nn.Module]) -> None:
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(1, 16, 3, 1, 1), nn.Conv2d(16, 32, 3, 2, 1)])
        self.norms = nn.ModuleList([nn.BatchNorm2d(16), nn.BatchNorm2d(32)])
        self.acts = nn.ModuleList([make(), make()])
        self.squeezes = nn.ModuleList([nn.Linear(16, 8), nn.Linear(32, 8)])
        self.excites = nn.ModuleList([nn.Linear(8, 16), nn.Linear(8, 32)])
        self.relus = nn.ModuleList([nn.ReLU(), nn.ReLU()])
        self.gates = nn.ModuleList([gate(), gate()])
        self.head = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 10))

    def forward(self, x: Tensor) -> Tensor:
        x = x.view(-1, 1, 8, 8)
        for k in (0, 1):
            x = self.acts[k](self.norms[k](self.convs[k](x)))
            weight = self.gates[k](self.excites[k](self.relus[k](self.squeezes[k](x.mean((2, 3))))))
            x = x * weight[..., None, None]
        return self.head(x.mean((2, 3)))


class Autoencoder(nn.Sequential):
    """64 pixels through 16 numbers, and back through a sigmoid."""

    def __init__(self) -> None:
        super().__init__(
            nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 16), nn.ReLU(),
            nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 64), nn.Sigmoid(),
        )  # fmt: skip


class Experts(nn.Module):
    """A mixture of eight, one for each sample; two of them are never chosen."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.inner, self.relu = nn.Linear(64, width), nn.ReLU()
        self.router = nn.Linear(width, 8)
        self.register_buffer("closed", torch.tensor([0.0] * 6 + [-1e9] * 2))
        self.experts = nn.ModuleList(
            [nn.Sequential(nn.Linear(width, 32), nn.GELU(), nn.Linear(32, width)) for _ in range(8)]
        )
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.inner(x))
        share, chosen = (self.router(x) + self.closed).softmax(1).max(1)
        y = torch.zeros_like(x)
        for k, expert in enumerate(self.experts):
            rows = chosen == k
            if rows.any():
                y[rows] = share[rows, None] * expert(x[rows])
        return self.head(x + y)
