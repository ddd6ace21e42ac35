"""Elements a second of every function and its backward beside other libraries, in one run.

    python benchmarks/elements.py [--sizes 1000 65000 16000000] [--threads 2]

float32, ``out=`` arrays everywhere, each figure the best of several turns in which the libraries take
turns; the streaming limit is a copy by the same number of threads around the caches (`identity`).
Prints a Markdown table: 10⁹ elements a second, and the time relative to relu's at that size.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import threadpoolctl
import torch

import rheobase as rb
from rheobase import _native

Run = Callable[[], object]


def torch_runs(x: np.ndarray, grad: np.ndarray, out: np.ndarray) -> dict[str, Run]:
    """The functions of torch that write into a given tensor, and their backward."""
    tx, tg, ty = map(torch.from_numpy, (x, grad, out))
    aten = torch.ops.aten
    done = {"sigmoid": torch.sigmoid(tx), "tanh": torch.tanh(tx)}
    nn = torch._C._nn
    return {
        "relu": lambda: torch.clamp_min(tx, 0, out=ty),
        "leaky_relu": lambda: nn.leaky_relu(tx, 0.01, out=ty),
        "sigmoid": lambda: torch.sigmoid(tx, out=ty),
        "tanh": lambda: torch.tanh(tx, out=ty),
        "elu": lambda: nn.elu(tx, out=ty),
        "relu backward": lambda: aten.threshold_backward.grad_input(tg, tx, 0, grad_input=ty),
        "leaky_relu backward": lambda: aten.leaky_relu_backward.grad_input(
            tg, tx, 0.01, False, grad_input=ty
        ),
        "sigmoid backward": lambda: aten.sigmoid_backward.grad_input(
            tg, done["sigmoid"], grad_input=ty
        ),
        "tanh backward": lambda: aten.tanh_backward.grad_input(tg, done["tanh"], grad_input=ty),
        "elu backward": lambda: aten.elu_backward.grad_input(tg, 1, 1, 1, False, tx, grad_input=ty),
    }


def best_seconds(runs: dict[str, Run], turns: int, calls: int) -> dict[str, float]:
    """The least mean time of each over so many turns of so many calls."""
    best = dict.fromkeys(runs, float("inf"))
    for turn in range(turns + 1):
        for name, run in runs.items():
            started = time.perf_counter()
            for _ in range(calls):
                run()
            if turn:
                best[name] = min(best[name], (time.perf_counter() - started) / calls)
    return best


def measure(size: int) -> None:
    """Print the table of one size."""
    x = np.random.default_rng(0).normal(0, 2, size).astype(np.float32)
    grad, out = np.ones_like(x), np.empty_like(x)
    runs: dict[str, Run] = {}
    for name in ("identity", "relu", "leaky_relu", "sigmoid", "tanh", "elu"):
        function = rb.catalog[name]
        runs[name] = lambda f=function: f(x, out=out)
        runs[f"{name} backward"] = lambda f=function: f.backward(x, grad, out=out)
    runs |= {f"torch {name}": run for name, run in torch_runs(x, grad, out).items()}
    runs["numpy tanh"] = lambda: np.tanh(x, out=out)
    seconds = best_seconds(runs, turns=9, calls=max(1, min(1000, 10_000_000 // size)))
    print(
        f"\n{size:,} elements\n\n| function | rheobase | torch | rheobase / torch | time / relu |"
    )
    print("|---|---|---|---|---|")
    for name in runs:
        if name.startswith(("torch ", "numpy ")):
            continue
        ours, theirs = size / seconds[name] / 1e9, seconds.get(f"torch {name}")
        peer = f"{size / theirs / 1e9:.2f} | {theirs / seconds[name]:.2f}" if theirs else "– | –"
        base = seconds["relu backward" if name.endswith("backward") else "relu"]
        print(f"| {name} | {ours:.2f} | {peer} | {seconds[name] / base:.2f} |")
    print(f"\nNumPy's tanh: {size / seconds['numpy tanh'] / 1e9:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 65_000, 16_000_000])
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    processor = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    print(
        f"{processor}, {chosen.threads} threads, instruction set {_native.isa}, torch {torch.__version__}"
    )
    with threadpoolctl.threadpool_limits(chosen.threads):
        for size in chosen.sizes:
            measure(size)


if __name__ == "__main__":
    main()
