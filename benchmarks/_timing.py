"""Least times of several runs that take turns, and the machine on which they were taken."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from rheobase import _native

Run = Callable[[], object]
TURN = 1e-3  # seconds that a turn lasts at least
SHORT = 5e-2  # seconds; in a longer turn the waking of threads does not show
PAUSE = 2e-3  # between turns: other libraries' threads spin for a while before they sleep


def least_seconds(runs: dict[str, Run], turns: int, budget: float) -> dict[str, float]:
    """Return the least time of one call of each run over so many turns.

    Every run has two turns, and no more once they have cost it ``budget`` seconds.
    """
    calls, quick = {}, {}
    for name, run in runs.items():
        calls[name], quick[name] = _calls(run)
    best = dict.fromkeys(runs, float("inf"))
    spent = dict.fromkeys(runs, 0.0)
    for turn in range(turns):
        for name, run in runs.items():
            if turn >= 2 and spent[name] > budget:
                continue
            time.sleep(PAUSE)
            if quick[name]:
                run()  # wakes the threads
            started = time.perf_counter()
            for _ in range(calls[name]):
                run()
            taken = time.perf_counter() - started
            spent[name] += taken
            best[name] = min(best[name], taken / calls[name])
    return best


def _calls(run: Run) -> tuple[int, bool]:
    """How many calls make a turn, and whether it is short."""
    started, calls, taken = time.perf_counter(), 0, 0.0
    while taken < TURN:
        run()
        calls += 1
        taken = time.perf_counter() - started
    return calls, taken < SHORT


def machine(threads: int) -> dict[str, str]:
    """Name the processor, the instruction set and the versions."""
    names = ("numpy", "scipy", "torch", "jax", "onnxruntime")
    processor = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).exists():
        models = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        processor = models[0].split(":")[1].strip() if models else processor
    return {
        "date": date.today().isoformat(),
        "processor": processor,
        "cores": str(os.cpu_count()),
        "threads": str(threads),
        "instruction set": _native.isa,
        "python": platform.python_version(),
        "rheobase": importlib.metadata.version("rheobase") if _installed("rheobase") else "tree",
        **{name: importlib.metadata.version(name) for name in names if _installed(name)},
    }


def _installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
