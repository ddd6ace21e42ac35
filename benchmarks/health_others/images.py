"""Convolutional networks, most for 8 × 8 digits, and a mixer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .dense import Make, mlp, start


def cnn(
    make: Make,
    norm: Make | None = None,
    widths: Sequence[int] = (16, 32, 32),
    outputs: int = 10,
    initial: Callable[[Tensor], Tensor] | None = None,
) -> nn.Module:
    layers: list[nn.Module] = []
    before = 1
    for k, width in enumerate(widths):
        layers.append(nn.Conv2d(before, width, 3, 2 if k else 1, 1))
        if norm:
            layers.append(norm(width))
        layers.append(make())
        before = width
    pool = [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return start(nn.Sequential(*layers, *pool, nn.Linear(before, outputs)), initial)


def lenet() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 3), nn.Tanh(),
        nn.Flatten(), nn.Linear(64, 84), nn.Tanh(), nn.Linear(84, 10),
    )  # fmt: skip


def autoencoder() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 8, 3, 2, 1), nn.ReLU(),
        nn.ConvTranspose2d(8, 16, 2, 2), nn.ReLU(), nn.ConvTranspose2d(16, 1, 2, 2), nn.Tanh(),
    )  # fmt: skip


def _conv(before: int, width: int, size: int = 3, bias: bool = True, groups: int = 1) -> nn.Conv2d:
    """A convolution that keeps the size of the image."""
    return nn.Conv2d(before, width, size, 1, size // 2, bias=bias, groups=groups)


class ResNet(nn.Module):
    """The last norm of a branch begins at 0."""

    def __init__(self, depth: int = 3, width: int = 16) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            _conv(1, width, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)
        )
        self.blocks = nn.ModuleList([self._block(width) for _ in range(depth)])
        self.relu, self.head = nn.ReLU(inplace=True), nn.Linear(width, 10)

    @staticmethod
    def _block(width: int) -> nn.Sequential:
        last = nn.BatchNorm2d(width)
        nn.init.zeros_(last.weight)
        return nn.Sequential(
            _conv(width, width, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True),
            _conv(width, width, bias=False), last,
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for block in self.blocks:
            x = self.relu(x + block(x))
        return self.head(x.mean((2, 3)))


class DenseNet(nn.Module):
    """Each layer reads all before it; its ReLU is a call of a function, no module."""

    def __init__(self, depth: int = 5, growth: int = 8) -> None:
        super().__init__()
        befores = [16 + growth * k for k in range(depth)]
        self.first = _conv(1, 16)
        self.norms = nn.ModuleList([nn.BatchNorm2d(before) for before in befores])
        self.convs = nn.ModuleList([_conv(before, growth) for before in befores])
        self.head = nn.Linear(16 + growth * depth, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        for norm, conv in zip(self.norms, self.convs, strict=True):
            x = torch.cat([x, conv(F.relu(norm(x)))], 1)
        return self.head(F.relu(x).mean((2, 3)))


class ConvNext(nn.Module):
    """A factor for each channel of a branch, which begins at a millionth."""

    def __init__(self, depth: int = 3, width: int = 24) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, width, 2, 2)
        self.convs = nn.ModuleList([_conv(width, width, groups=width) for _ in range(depth)])
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in range(depth)])
        self.ups = nn.ModuleList([nn.Linear(width, 4 * width) for _ in range(depth)])
        self.acts = nn.ModuleList([nn.GELU() for _ in range(depth)])
        self.downs = nn.ModuleList([nn.Linear(4 * width, width) for _ in range(depth)])
        self.scales = nn.Parameter(1e-6 * torch.ones(depth, width))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        for k, conv in enumerate(self.convs):
            y = self.norms[k](conv(x).permute(0, 2, 3, 1))
            y = self.scales[k] * self.downs[k](self.acts[k](self.ups[k](y)))
            x = x + y.permute(0, 3, 1, 2)
        return self.head(self.norm(x.mean((2, 3))))


class MobileBlock(nn.Module):
    """Widen, convolve each channel by itself, weigh the channels if ``squeeze``, and narrow."""

    def __init__(self, make: Make, squeeze: bool, width: int) -> None:
        super().__init__()
        wide = 3 * width
        self.widen = nn.Sequential(_conv(width, wide, 1), nn.BatchNorm2d(wide), make())
        self.depth = nn.Sequential(_conv(wide, wide, groups=wide), nn.BatchNorm2d(wide), make())
        self.squeeze = _conv(wide, width // 2, 1) if squeeze else None
        self.excite = _conv(width // 2, wide, 1) if squeeze else None
        self.narrow = nn.Sequential(_conv(wide, width, 1), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        y = self.depth(self.widen(x))
        if self.squeeze:
            y = y * F.hardsigmoid(self.excite(F.relu(self.squeeze(y.mean((2, 3), keepdim=True)))))
        return x + self.narrow(y)


class MobileNet(nn.Sequential):
    def __init__(self, make: Make, squeeze: bool, width: int = 16) -> None:
        super().__init__()
        self.stem = nn.Sequential(_conv(1, width), nn.BatchNorm2d(width), make())
        self.blocks = nn.Sequential(*[MobileBlock(make, squeeze, width) for _ in range(2)])
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = mlp(make, 1, 64, width)


class UNet(nn.Module):
    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.down, self.lower = self._pair(1, width), self._pair(width, 2 * width)
        self.bottom = self._pair(2 * width, 2 * width)
        self.raised, self.up = self._pair(4 * width, width), self._pair(2 * width, width)
        self.head = nn.Conv2d(width, 1, 1)

    @staticmethod
    def _pair(before: int, width: int) -> nn.Sequential:
        return nn.Sequential(
            _conv(before, width), nn.BatchNorm2d(width), nn.ReLU(), _conv(width, width), nn.ReLU()
        )

    def forward(self, x: Tensor) -> Tensor:
        high = self.down(x)
        low = self.lower(F.max_pool2d(high, 2))
        bottom = self.bottom(F.max_pool2d(low, 2))
        x = self.raised(torch.cat([F.interpolate(bottom, scale_factor=2), low], 1))
        return self.head(self.up(torch.cat([F.interpolate(x, scale_factor=2), high], 1)))


class Mixer(nn.Module):
    """Patches of 2 × 2; dense layers over the patches and over the channels in turn."""

    def __init__(self, depth: int = 3, width: int = 32) -> None:
        super().__init__()
        self.patches = nn.Conv2d(1, width, 2, 2)
        self.places = nn.ModuleList([mlp(nn.GELU, 1, 32, 16, 16) for _ in range(depth)])
        self.channels = nn.ModuleList([mlp(nn.GELU, 1, 64, width, width) for _ in range(depth)])
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in range(2 * depth)])
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).mT
        for k, (places, channels) in enumerate(zip(self.places, self.channels, strict=True)):
            x = x + places(self.norms[2 * k](x).mT).mT
            x = x + channels(self.norms[2 * k + 1](x))
        return self.head(x.mean(1))
