"""Verifying: what is to be judged, the workers that judge it, and going on after an interruption."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .. import _native
from .._activation import Activation
from .._errors import InputError, require, suggest
from ..catalog import catalog
from ._calls import OWN, calls_of, dtype_of
from ._judge import Call, Figure, Judge
from ._oracle import PARTS
from ._record import Key, Record
from ._samples import SEGMENTS, around_kinks, around_zeros, bit_spaced, segment
from ._state import State

DTYPES = ("float16", "bfloat16", "float32", "float64")
CHUNK = 1 << 16  # inputs; the temporaries of a formula stay in the second-level cache
Progress = Callable[[int, int], None]


class Task(NamedTuple):
    """One piece of work: the samples, or one segment of all inputs."""

    name: str
    part: str
    dtype: str
    sources: tuple[str, ...]
    segment: int | None = None

    @property
    def group(self) -> str:
        """What the figures of the segments are added up for."""
        return " ".join([self.name, self.part, *self.sources])


class Result(NamedTuple):
    """A figure, what it is of, and whether every input was taken."""

    key: Key
    figure: Figure
    exhaustive: bool

    @property
    def bound(self) -> float:
        """What the declaration allows."""
        return catalog[self.key.function].declaration.bounds[self.key.dtype]

    @property
    def own(self) -> bool:
        """Whether it is rheobase's, which is held to the bound."""
        return self.key.source.startswith(OWN)


def samples(function: Activation, part: str, dtype: str, share: int = 1) -> np.ndarray[Any, Any]:
    """Return the inputs of a sampled judgement, or one in ``share`` of those that are spread."""
    kind = dtype_of(dtype)
    if kind.itemsize == 2:
        return bit_spaced(kind, 1 << 16)
    spread, dense = (1 << 22, 2000) if dtype == "float32" else (1 << 14, 300)
    return np.concatenate(
        [
            bit_spaced(kind, spread // share),
            around_kinks(function, kind, dense // share),
            around_zeros(function, part, kind, 100),
        ]
    )


def judge_samples(
    function: Activation, part: str, dtype: str, calls: dict[str, Call], share: int = 1
) -> dict[str, Figure]:
    """Judge results of a function on samples."""
    x = samples(function, part, dtype, share)
    return _judge(Judge(function, part, x.dtype), np.array_split(x, -(-x.size // CHUNK)), calls)


def _judge(
    judge: Judge, chunks: Iterable[np.ndarray[Any, Any]], calls: dict[str, Call]
) -> dict[str, Figure]:
    figures = {label: Figure() for label in calls}
    for x in chunks:
        judge.judge(x, calls, figures)
    return figures


def run_task(task: Task) -> tuple[Task, dict[str, Figure]]:
    """Do one piece of work."""
    function, dtype = catalog[task.name], dtype_of(task.dtype)
    calls = calls_of(function, task.part, dtype, task.sources)
    if task.segment is None:
        return task, judge_samples(function, task.part, task.dtype, calls)
    judge = Judge(function, task.part, dtype)
    np.empty(1 << 21)  # glibc keeps memory from now on that it would give back after each formula
    return task, _judge(judge, segment(task.segment, CHUNK), calls)


def verify(
    names: Sequence[str] = (),
    *,
    dtypes: Sequence[str] = (),
    isas: Sequence[str] = (),
    peers: Sequence[str] = (),
    exhaustive: bool = False,
    record: Path = Path("accuracy.json"),
    on_progress: Progress = lambda done, tasks: None,
) -> list[Result]:
    """Judge values and derivatives against the oracle and put the figures on record.

    Parameters
    ----------
    names, dtypes, isas : sequence of str
        Functions, floating types and instruction sets; all of this machine where empty.
    peers : sequence of str
        Libraries to judge on the same samples.
    exhaustive : bool
        Take every finite float32 (every half and bfloat16 is taken anyway).  A run that was interrupted goes on.
    record : Path
    on_progress : callable
        ``f(done, tasks)``.

    Raises
    ------
    InputError
        A name is unknown, or the file is not a record.
    """
    functions = [catalog[name].name for name in names] or list(catalog)
    dtypes = _known("dtype", dtypes, DTYPES)
    isas = _known("instruction set", isas, _native.isas)
    kept = Record.read(record)
    run = _this_run(peers)
    own = tuple(OWN + isa for isa in isas)
    plan = [
        Task(name, part, dtype, sources, piece)
        for name in functions
        for part in PARTS
        for dtype in dtypes
        for sources in (own, *((peer,) for peer in peers))
        for piece in (
            range(SEGMENTS) if exhaustive and dtype == "float32" and sources == own else (None,)
        )
    ]
    state = State(record.with_suffix(".partial.json"))
    results: list[Result] = []

    def settle(task: Task, figures: dict[str, Figure]) -> None:
        everything = task.segment is not None or dtype_of(task.dtype).itemsize == 2
        for source, figure in figures.items():
            key = Key(task.name, task.part, task.dtype, source)
            results.append(Result(key, figure, everything))
            kept.put(key, figure, everything, run)
        kept.write()

    pending = []
    for task in plan:
        done = () if task.segment is None else state.done(task.group)
        if task.segment not in done:
            pending.append(task)
        elif task.segment == 0 and len(done) == SEGMENTS:
            settle(task, state.figures(task.group))
    on_progress(len(plan) - len(pending), len(plan))
    joblib = require("study", "joblib")
    with joblib.parallel_config(backend="loky", n_jobs=-1, inner_max_num_threads=1):
        found = joblib.Parallel(return_as="generator_unordered")(
            joblib.delayed(run_task)(task) for task in pending
        )
        for finished, (task, figures) in enumerate(found, len(plan) - len(pending) + 1):
            if task.segment is None:
                settle(task, figures)
            else:
                state.add(task.group, task.segment, figures)
                if len(state.done(task.group)) == SEGMENTS:
                    settle(task, state.figures(task.group))
            on_progress(finished, len(plan))
    state.remove()
    order = {
        (t.name, t.part, t.dtype, source): k for k, t in enumerate(plan) for source in t.sources
    }
    return sorted(results, key=lambda result: order[result.key])


def _known(kind: str, given: Sequence[str], known: Sequence[str]) -> Sequence[str]:
    for name in given:
        if name not in known:
            raise InputError(
                f"unknown {kind} {name!r}.{suggest(name, known)} Known: {', '.join(known)}."
            )
    return given or known


def _this_run(peers: Sequence[str]) -> dict[str, Any]:
    """Date, machine and versions, as the record has them."""
    packages = ("numpy", "scipy", "python-flint")
    return {
        "date": datetime.date.today().isoformat(),
        "machine": f"{_processor()}, {os.cpu_count()} cores, {platform.system()}",
        "versions": {name: metadata.version(name) for name in (*packages, *peers)},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(
            line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")
        )
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
