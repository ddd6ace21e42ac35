"""Networks of dense layers: stacks, gates, residual branches, experts, loops, adapters, tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Make = Callable[..., nn.Module]

he = nn.init.kaiming_normal_
xavier = nn.init.xavier_uniform_
xavier_tanh = partial(nn.init.xavier_uniform_, gain=5 / 3)
orthogonal = partial(nn.init.orthogonal_, gain=2**0.5)
small_normal = partial(nn.init.normal_, std=0.02)


def lecun(weight: Tensor) -> Tensor:
    return nn.init.normal_(weight, std=weight[0].numel() ** -0.5)


def start(model: nn.Module, initial: Callable[[Tensor], Tensor] | None) -> nn.Module:
    """Draw all matrices anew and set biases to 0, unless PyTorch's own start is wanted."""
    for module in model.modules():
        if initial and isinstance(module, (nn.Linear, nn.Conv1d, nn.Conv2d)):
            initial(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return model


def stack(
    make: Make,
    widths: Sequence[int],
    inputs: int = 64,
    outputs: int = 10,
    initial: Callable[[Tensor], Tensor] | None = None,
    norm: Make | None = None,
    drop: Callable[[], nn.Module] | None = None,
) -> nn.Sequential:
    layers: list[nn.Module] = []
    before = inputs
    for width in widths:
        layers.append(nn.Linear(before, width))
        if norm:
            layers.append(norm(width))
        layers.append(make())
        if drop:
            layers.append(drop())
        before = width
    return start(nn.Sequential(*layers, nn.Linear(before, outputs)), initial)


def mlp(
    make: Make, depth: int, width: int = 64, inputs: int = 64, outputs: int = 10, **others
) -> nn.Sequential:
    return stack(make, [width] * depth, inputs, outputs, **others)


def mixed() -> nn.Sequential:
    """Two functions in one stack."""
    model = mlp(nn.Hardswish, 3)
    model[1] = nn.CELU()
    return model


def weight_normed() -> nn.Sequential:
    model = mlp(partial(nn.LeakyReLU, 0.1), 3)
    for k in (0, 2, 4):
        model[k] = nn.utils.parametrizations.weight_norm(model[k])
    return model


def autoencoder() -> nn.Sequential:
    """Tanh, through 12 numbers, and back to pixels through a sigmoid."""
    return nn.Sequential(*stack(nn.Tanh, [48, 32, 12, 32], outputs=64), nn.Sigmoid())


def probability() -> nn.Sequential:
    """One probability for each sample."""
    return nn.Sequential(*mlp(nn.ReLU, 2, 32, 30, 1), nn.Sigmoid(), nn.Flatten(0))


class Branches(nn.Module):
    """A branch of ReLU beside one of tanh."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.relus = nn.Sequential(nn.Linear(64, width), nn.ReLU())
        self.tanhs = nn.Sequential(nn.Linear(64, width), nn.Tanh())
        self.head = nn.Linear(2 * width, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.cat([self.relus(x), self.tanhs(x)], 1))


class Sparse(nn.Module):
    """Gives its hidden outputs, too, so that the loss can keep them few."""

    def __init__(self, width: int = 256) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(64, width), nn.Linear(width, width)
        self.relus = nn.ModuleList([nn.ReLU(), nn.ReLU()])
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        first = self.relus[0](self.first(x))
        second = self.relus[1](self.second(first))
        return self.head(second), first, second


class Heads(nn.Module):
    """Two heads, the second of which is not used in two of three batches."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(*mlp(nn.ReLU, 2, outputs=64), nn.ReLU())
        self.classes = mlp(nn.ReLU, 1, 32)
        self.number = mlp(nn.Tanh, 1, 32, outputs=1)
        self.calls = 0

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        h = self.trunk(x)
        self.calls += 1
        return self.classes(h), None if self.calls % 3 else self.number(h)


class PreNorm(nn.Module):
    """Residual branches after a norm, each begun at 0 if ``zero``, and left out at times if ``drop``."""

    def __init__(
        self,
        depth: int,
        f: Callable[[Tensor], Tensor] = F.gelu,
        norm: Make = nn.LayerNorm,
        zero: bool = True,
        drop: float = 0.0,
        width: int = 64,
    ) -> None:
        super().__init__()
        self.f, self.drop = f, drop
        self.first = nn.Linear(64, width)
        self.norms = nn.ModuleList([norm(width) for _ in range(depth)])
        self.ups = nn.ModuleList([nn.Linear(width, 2 * width) for _ in range(depth)])
        self.downs = nn.ModuleList([nn.Linear(2 * width, width) for _ in range(depth)])
        self.head = nn.Linear(width, 10)
        for down in self.downs if zero else ():
            nn.init.zeros_(down.weight)
            nn.init.zeros_(down.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        for norm, up, down in zip(self.norms, self.ups, self.downs, strict=True):
            if not (self.training and self.drop and torch.rand(()) < self.drop):
                x = x + down(self.f(up(norm(x))))
        return self.head(x)


class Highway(nn.Module):
    """Gates between a layer and its inputs, nearly shut at the start."""

    def __init__(self, depth: int = 10, width: int = 48) -> None:
        super().__init__()
        self.first = nn.Linear(64, width)
        self.inner = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.gates = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.head = nn.Linear(width, 10)
        for gate in self.gates:
            nn.init.constant_(gate.bias, -2.0)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x).relu()
        for inner, gate in zip(self.inner, self.gates, strict=True):
            share = torch.sigmoid(gate(x))
            x = share * F.relu(inner(x)) + (1 - share) * x
        return self.head(x)


class Gated(nn.Module):
    """Each layer has two halves, f of the first times the second."""

    def __init__(self, f: Callable[[Tensor], Tensor], depth: int = 3, width: int = 48) -> None:
        super().__init__()
        self.f = f
        befores = [64] + [width] * (depth - 1)
        self.inner = nn.ModuleList([nn.Linear(before, 2 * width) for before in befores])
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        for inner in self.inner:
            gate, up = inner(x).chunk(2, -1)
            x = self.f(gate) * up
        return self.head(x)


class Glu(Gated):
    """The same with PyTorch's own `glu`."""

    def __init__(self) -> None:
        super().__init__(torch.sigmoid)

    def forward(self, x: Tensor) -> Tensor:
        for inner in self.inner:
            x = F.glu(inner(x))
        return self.head(x)


class Maxout(nn.Module):
    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(64, 3 * width), nn.Linear(width, 3 * width)
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        for layer in (self.first, self.second):
            x = layer(x).unflatten(1, (-1, 3)).amax(2)
        return self.head(x)


class Experts(nn.Module):
    """A mixture of six, two for each sample."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.first, self.router = nn.Linear(64, width), nn.Linear(width, 6)
        self.experts = nn.ModuleList([mlp(nn.ReLU, 1, 32, width, width) for _ in range(6)])
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.silu(self.first(x))
        shares, chosen = self.router(x).softmax(-1).topk(2, -1)
        y = torch.zeros_like(x)
        for k, expert in enumerate(self.experts):
            rows, places = (chosen == k).nonzero(as_tuple=True)
            if len(rows):
                y = y.index_add(0, rows, expert(x[rows]) * shares[rows, places, None])
        return self.head(x + y)


class Equilibrium(nn.Module):
    """One layer used again and again, towards its fixed point."""

    def __init__(self, make: Make, loops: int = 15, width: int = 48) -> None:
        super().__init__()
        self.loops = loops
        self.first, self.again, self.f = nn.Linear(64, width), nn.Linear(width, width), make()
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        z = torch.zeros_like(x)
        for _ in range(self.loops):
            z = self.f(self.again(z) + x)
        return self.head(z)


class Flow(nn.Module):
    """An ordinary differential equation, solved in ten steps of Euler."""

    def __init__(self, steps: int = 10, width: int = 32) -> None:
        super().__init__()
        self.steps = steps
        self.first, self.head = nn.Linear(64, width), nn.Linear(width, 10)
        self.slope = mlp(nn.SiLU, 1, width, width, width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        for _ in range(self.steps):
            x = x + self.slope(x) / self.steps
        return self.head(x)


class Adapter(nn.Module):
    """A frozen layer and a product of two thin matrices beside it, which begins at 0."""

    def __init__(self, frozen: nn.Linear, rank: int = 4) -> None:
        super().__init__()
        self.frozen = frozen.requires_grad_(False)
        self.down = nn.Parameter(0.1 * torch.randn(rank, frozen.in_features))
        self.up = nn.Parameter(torch.zeros(frozen.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        return self.frozen(x) + x @ self.down.T @ self.up.T


class WideAndDeep(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.wide, self.deep = nn.Linear(150, 2), mlp(nn.ReLU, 3, 64, 150, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.wide(x) + self.deep(x)


class Embedded(nn.Module):
    """An embedding for each column of categories."""

    def __init__(self) -> None:
        super().__init__()
        self.columns = nn.ModuleList([nn.Embedding(25, 8) for _ in range(6)])
        self.net = mlp(nn.ReLU, 2, 64, 48, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.net(torch.cat([column(x[:, k]) for k, column in enumerate(self.columns)], 1))
