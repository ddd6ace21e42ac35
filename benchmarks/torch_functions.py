"""`rheobase.torch` beside PyTorch's own modules: forward and backward, peak memory, calls, memory modes.

    python benchmarks/torch_functions.py                       every module that PyTorch has as well
    python benchmarks/torch_functions.py --names silu softmax --turns 3
    python benchmarks/torch_functions.py --calls               the cost of a call on eight elements
    python benchmarks/torch_functions.py --memory              what memory= saves, costs and loses

Both sides take turns on the same tensors; times are the least of the turns. Prints Markdown.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from _timing import least_seconds

import rheobase as rb
from rheobase.torch import functional as F
from rheobase.torch import nn
from rheobase.torch._families import GATES, ROWS
from rheobase.torch._memory import FROM_OUTPUT, MASKED

OTHERWISE = ("Threshold", "Bilinear", "Identity")  # no defaults; another function; a view


def common() -> list[str]:
    """Return the functions that PyTorch has a module of."""
    return [
        name
        for name, kind in nn.MODULES.items()
        if hasattr(torch.nn, kind.__name__) and kind.__name__ not in OTHERWISE
    ]


def step(
    module: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, grad: torch.Tensor
) -> None:
    """Run forward and backward once."""
    torch.autograd.grad(module(x), x, grad)


def peak(run: Callable[[], object]) -> float:
    """Return how many bytes a run takes on top, by the kernel's own high-water mark."""
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    run()
    return _status("VmHWM") - before


def _status(key: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) * 1024 for line in lines if line.startswith(key))


def inputs(
    module: Callable[[torch.Tensor], torch.Tensor], size: int, dtype: torch.dtype
) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randn(max(1, size // 1000), min(size, 1000), dtype=dtype).requires_grad_()
    return x, torch.randn_like(module(x))


def table_of_steps(names: list[str], size: int, turns: int, dtype: torch.dtype) -> None:
    print("| | torch, ms | rheobase, ms | ratio | peak torch, MB | peak rheobase, MB |")
    print("|---|---|---|---|---|---|")
    for name in names:
        ours = nn.MODULES[name](**{"gate": "second"} if name in GATES else {})
        theirs = getattr(torch.nn, nn.class_name(name))(**{"dim": -1} if name in ROWS else {})
        x, grad = inputs(ours, size, dtype)
        runs = {"theirs": partial(step, theirs, x, grad), "ours": partial(step, ours, x, grad)}
        least = least_seconds(runs, turns, budget=60)
        a, b = (peak(run) / 1e6 for run in runs.values())
        print(
            f"| `{name}` | {least['theirs'] * 1e3:.1f} | {least['ours'] * 1e3:.1f} "
            f"| {least['theirs'] / least['ours']:.2f} | {a:.0f} | {b:.0f} |",
            flush=True,
        )


def table_of_calls(names: list[str], turns: int) -> None:
    print(
        "| µs, 8 elements | forward, torch | rheobase | operator | with backward, torch | rheobase |"
    )
    print("|---|---|---|---|---|---|")
    for name in names:
        if name in GATES or name in ROWS:
            continue
        theirs, ours = getattr(torch.nn, nn.class_name(name))(), F.FUNCTIONS[name]
        op, params = getattr(torch.ops.rheobase, name).default, rb.catalog[name].params.values()
        x, grad = inputs(ours, 8, torch.float32)
        plain = x.detach()
        runs = {
            "theirs": partial(theirs, plain),
            "ours": partial(ours, plain),
            "op": partial(op, plain, *params),
            "their step": partial(step, theirs, x, grad),
            "our step": partial(step, ours, x, grad),
        }
        least = least_seconds(runs, turns, budget=10)
        print(
            f"| `{name}` | " + " | ".join(f"{least[k] * 1e6:.1f}" for k in runs) + " |", flush=True
        )


def table_of_memory(names: list[str], size: int, turns: int) -> None:
    print(
        "| | memory | bytes saved | forward and backward, ms | largest error of f′ | right to 1 % within |"
    )
    print("|---|---|---|---|---|---|")
    for name in names:
        for memory, known in (("input", F.FUNCTIONS), ("output", FROM_OUTPUT), ("mask", MASKED)):
            if name not in known:
                continue
            of = partial(F.FUNCTIONS[name], memory=memory)
            x, grad = inputs(of, size, torch.float32)
            least = least_seconds({"ours": partial(step, of, x, grad)}, turns, budget=20)
            error, right = loss(name, of)
            print(
                f"| `{name}` | {memory} | {saved(of, x):.4g} | {least['ours'] * 1e3:.1f} "
                f"| {error:.1g} | {right} |",
                flush=True,
            )


def saved(of: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> float:
    """Return the bytes that are kept for backward, per element."""
    kept: list[int] = []
    with torch.autograd.graph.saved_tensors_hooks(
        lambda t: kept.append(t.nbytes) or t, lambda t: t
    ):
        of(x)
    return sum(kept) / x.numel()


def loss(name: str, of: Callable[[torch.Tensor], torch.Tensor]) -> tuple[float, str]:
    """Return the largest error of f', as a share of f' where that is above 1, and where 1 % of f' holds.

    Over float32 numbers from -100 to 100, beside float64; 1 % is asked where f' is a normal number.
    """
    low, high = rb.catalog[name].claims.get("domain", (-100.0, 100.0))
    near = np.geomspace(1e-30, high, 200_000)
    x = np.concatenate([np.linspace(low, high, 800_001), near, -near if low < 0 else near])
    leaf = torch.from_numpy(np.unique(x.astype(np.float32))).requires_grad_()
    (found,) = torch.autograd.grad(of(leaf).sum(), leaf)
    slope = rb.catalog[name].derivative(leaf.detach().double().numpy())
    inner = np.abs(slope) < np.finfo(np.float32).max
    error, slope = np.abs(found.numpy() - slope)[inner], np.abs(slope[inner])
    tiny = np.finfo(np.float32).tiny
    wrong = leaf.detach().numpy()[inner][(error > 0.01 * slope) & (slope > tiny)]
    below = max(wrong[wrong < 0], default=-np.inf)
    above = min(wrong[wrong >= 0], default=np.inf)
    right = f"{below:.3g} to {above:.3g}" if wrong.size else "everywhere"
    return float((error / np.maximum(slope, 1)).max()), right


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--names", nargs="+", metavar="NAME")
    parser.add_argument("--size", type=int, default=16_000_000)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--calls", action="store_true")
    parser.add_argument("--memory", action="store_true")
    chosen = parser.parse_args()
    if chosen.memory:
        table_of_memory(chosen.names or [*FROM_OUTPUT], chosen.size, chosen.turns)
    elif chosen.calls:
        table_of_calls(chosen.names or common(), chosen.turns)
    else:
        dtype = getattr(torch, chosen.dtype)
        table_of_steps(chosen.names or common(), chosen.size, chosen.turns, dtype)


if __name__ == "__main__":
    main()
