"""Time of one training step beside scikit-learn's MLP and an equal PyTorch loop, in one run.

    python benchmarks/estimators.py [--turns 5] [--threads 2]

Same data, network (ReLU, Adam), batch and number of steps; no early stop. Each figure is the least of
several turns in which the libraries take turns. Prints Markdown. Memory is the peak that one fit
adds to the process, measured in a process of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

CASES = {  # data, hidden layers, batch, epochs
    "digits, 64-64, batch 32": ("digits", (64, 64), 32, 10),
    "digits, 64-64, batch 200": ("digits", (64, 64), 200, 30),
    "60000 × 784, 256-128, batch 200": ("wide", (256, 128), 200, 1),
}
LIBRARIES = ("rheobase", "scikit-learn", "torch")


def data(name: str) -> tuple[Any, Any]:
    if name == "digits":
        from sklearn.datasets import load_digits

        X, y = load_digits(return_X_y=True)
        return (X / 16).astype(np.float32), y
    rng = np.random.default_rng(0)
    return rng.random((60_000, 784), np.float32), rng.integers(0, 10, 60_000)


def fit(library: str, X: Any, y: Any, hidden: tuple[int, ...], batch: int, epochs: int) -> None:
    if library == "torch":
        fit_torch(X, y, hidden, batch, epochs)
        return
    from sklearn import neural_network

    import rheobase

    module = rheobase if library == "rheobase" else neural_network
    module.MLPClassifier(
        hidden, batch_size=batch, max_iter=epochs, n_iter_no_change=epochs, random_state=0
    ).fit(X, y)


def fit_torch(X: Any, y: Any, hidden: tuple[int, ...], batch: int, epochs: int) -> None:
    import torch

    torch.manual_seed(0)
    layers: list[Any] = []
    inputs = X.shape[1]
    for units in hidden:
        layers += [torch.nn.Linear(inputs, units), torch.nn.ReLU()]
        inputs = units
    model = torch.nn.Sequential(*layers, torch.nn.Linear(inputs, 10))
    loss_of = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), weight_decay=1e-4)
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    for _ in range(epochs):
        for rows in torch.randperm(len(X)).split(batch):
            optimizer.zero_grad()
            loss = loss_of(model(X[rows]), y[rows])
            loss.backward()
            optimizer.step()


def memory(library: str, case: str) -> float:
    """Return the MiB that one fit adds to the peak, in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--memory", library, case], capture_output=True, text=True
    )
    return float(done.stdout or "nan")


def peak() -> float:
    """Return the most memory that this process has had, in MiB (Linux)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: chosen.threads])
    if chosen.memory:
        library, case = chosen.memory
        name, hidden, batch, _ = CASES[case]
        X, y = data(name)
        fit(library, X[:500], y[:500], hidden, batch, 1)  # imports and pools
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew
        before = peak()
        fit(library, X, y, hidden, batch, 1)
        print(peak() - before)
        return

    from _timing import machine

    print(", ".join(f"{key} {value}" for key, value in machine(chosen.threads).items()), "\n")
    print("| µs per step (MiB added) |", " | ".join(LIBRARIES), "| × scikit-learn | × torch |")
    print("|---|" + "---|" * (len(LIBRARIES) + 2))
    for case, (name, hidden, batch, epochs) in CASES.items():
        X, y = data(name)
        best = dict.fromkeys(LIBRARIES, float("inf"))
        for _ in range(chosen.turns):
            for library in LIBRARIES:
                started = time.perf_counter()
                fit(library, X, y, hidden, batch, epochs)
                best[library] = min(best[library], time.perf_counter() - started)
        steps = epochs * -(-len(X) // batch)
        cells = [f"{best[key] / steps * 1e6:.0f} ({memory(key, case):.0f})" for key in LIBRARIES]
        ratios = [f"{best[key] / best['rheobase']:.2f}" for key in LIBRARIES[1:]]
        print(f"| {case} |", " | ".join([*cells, *ratios]), "|", flush=True)


if __name__ == "__main__":
    main()
