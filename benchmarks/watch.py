"""What `rheobase.torch.watch` costs: time of a training step with it and without, in pairs.

    python benchmarks/watch.py [--seconds 10] [--model cnn]

A round is `every` steps of each of two copies of a model, one of them watched, step by step in an order that
alternates, so that it has one sampled step. The figure is the median extra time of sampled steps and that of the
others, over the median plain step, with a 95 % interval of bootstrapped rounds. Prints Markdown.
"""

from __future__ import annotations

import argparse
import copy
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from rheobase.torch import watch


class Block(nn.Module):
    """The basic block of a ResNet."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm2d(after), nn.BatchNorm2d(after)])
        self.short = nn.Conv2d(before, after, 1, stride, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.norms[0](self.first(x)), inplace=True)
        return F.relu(self.norms[1](self.second(y)) + self.short(x), inplace=True)


def mlp() -> tuple[nn.Module, torch.Tensor]:
    layers = [part for _ in range(3) for part in (nn.Linear(512, 512), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(512, 10)), torch.randn(128, 512)


def cnn() -> tuple[nn.Module, torch.Tensor]:
    """The widths of ResNet-18, a block each. Narrower ones compute less for each output that is looked at."""
    blocks = [Block(64, 64, 1), Block(64, 128, 2), Block(128, 256, 2), Block(256, 512, 2)]
    stem = (nn.Conv2d(3, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(inplace=True))
    head = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))
    return nn.Sequential(*stem, *blocks, *head), torch.randn(16, 3, 32, 32)


def transformer() -> tuple[nn.Module, torch.Tensor]:
    layer = nn.TransformerEncoderLayer(128, 4, 512, batch_first=True, activation=F.gelu)
    body = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
    return nn.Sequential(body, nn.Flatten(), nn.Linear(32 * 128, 10)), torch.randn(16, 32, 128)


MODELS: dict[str, Callable[[], tuple[nn.Module, torch.Tensor]]] = {
    "mlp": mlp,
    "cnn": cnn,
    "transformer": transformer,
}


def step(model: nn.Module, optimiser: torch.optim.Optimizer, x: torch.Tensor) -> float:
    """Return the seconds that one training step takes."""
    y = torch.zeros(len(x), dtype=torch.long)
    start = time.perf_counter()
    optimiser.zero_grad()
    F.cross_entropy(model(x), y).backward()
    optimiser.step()
    return time.perf_counter() - start


def measure(name: str, every: int, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the seconds of steps, plain and watched, a row a round."""
    torch.manual_seed(0)
    plain, x = MODELS[name]()
    watched = copy.deepcopy(plain)
    pair = [(model, torch.optim.SGD(model.parameters(), 1e-3)) for model in (plain, watched)]
    rounds = []
    end = time.perf_counter() + seconds
    with watch(watched, every):
        while time.perf_counter() < end or len(rounds) < 4:
            took: dict[nn.Module, list[float]] = {plain: [], watched: []}
            for k in range(every):
                for model, optimiser in pair[:: 1 if (k + len(rounds)) % 2 else -1]:
                    took[model].append(step(model, optimiser, x))
            rounds.append((took[plain], took[watched]))
    plain_times, watched_times = np.array(rounds[1:]).transpose(1, 0, 2)  # the first warms up
    return plain_times, watched_times


def more(plain: np.ndarray, watched: np.ndarray) -> float:
    """The share of time that watching adds: that of sampled steps, and that of the others."""
    extra, every = watched - plain, plain.shape[1]
    others = (every - 1) * np.median(extra[:, 1:]) if every > 1 else 0.0
    return float((np.median(extra[:, 0]) + others) / (every * np.median(plain)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=10, help="for each line")
    parser.add_argument("--model", choices=MODELS, action="append")
    parser.add_argument("--every", type=int, action="append")
    given = parser.parse_args()
    print("| model | every | step, ms | more time | 95 % interval | rounds |")
    print("|---|---|---|---|---|---|")
    for name in given.model or MODELS:
        for every in given.every or (50, 1):
            plain, watched = measure(name, every, given.seconds)
            rng, rounds = np.random.default_rng(0), len(plain)
            draws = (rng.integers(rounds, size=rounds) for _ in range(500))
            low, high = np.quantile([more(plain[d], watched[d]) for d in draws], [0.025, 0.975])
            print(
                f"| {name} | {every} | {1e3 * np.median(plain):.1f} | {more(plain, watched):+.1%} "
                f"| {low:+.1%} to {high:+.1%} | {rounds} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
