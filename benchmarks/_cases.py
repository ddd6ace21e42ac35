"""What is timed: every function of rheobase on given arrays, with its peers and the streaming limit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from _limit import Limit
from _timing import Run, least_seconds

import rheobase as rb
from rheobase import peers

STREAMED = 60_000_000  # bytes from which arrays cannot stay in a cache


@dataclass
class Cell:
    """Least seconds of one computation by everyone who has it."""

    kind: str  # element, gated or row
    function: str
    part: str  # value or backward
    dtype: str
    shape: tuple[int, ...]
    axis: int | None = None
    composed: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Effort:
    """How long to measure."""

    threads: int
    turns: int
    budget: float  # seconds of a run, after which it has no further turns
    limit: Limit


def names(kind: str) -> list[str]:
    """The functions of a kind that rheobase has."""
    if kind == "element":
        return list(rb.catalog)
    first = {"gated": "gate", "row": "z"}[kind]
    return [n for n, p in peers.TABLE.items() if p.inputs[0] == first and hasattr(rb, n)]


def elements(chosen: list[str], size: int, dtype: np.dtype[Any], effort: Effort) -> Iterator[Cell]:
    """Value and backward of element-wise functions."""
    rng = np.random.default_rng(0)
    normal, grad = rng.normal(0, 2, size).astype(dtype), rng.normal(0, 1, size).astype(dtype)
    for name in chosen:
        f = rb.catalog[name]
        x = np.where(np.isfinite(f(normal)), normal, dtype.type(0.5))  # logit has a domain
        out = np.empty_like(x)
        runs = {"rheobase": lambda f=f, x=x, out=out: f(x, out=out)}
        yield _measured(Cell("element", name, "value", dtype.name, x.shape), runs, [x], out, effort)
        runs = {"rheobase": lambda f=f, x=x, out=out: f.backward(x, grad, out=out)}
        cell = Cell("element", name, "backward", dtype.name, x.shape)
        yield _measured(cell, runs, [x], out, effort, grad, [out])


def gated(chosen: list[str], size: int, dtype: np.dtype[Any], effort: Effort) -> Iterator[Cell]:
    """Value and backward of gated functions."""
    rng = np.random.default_rng(0)
    gate, up, grad = (rng.normal(0, 2, size).astype(dtype) for _ in range(3))
    outs = (np.empty_like(gate), np.empty_like(gate))
    for name in chosen:
        f = getattr(rb, name)
        runs: dict[str, Run] = {"rheobase": lambda f=f: f(gate, up, out=outs[0])}
        cell = Cell("gated", name, "value", dtype.name, gate.shape)
        yield _measured(cell, runs, [gate, up], outs[0], effort)
        runs = {"rheobase": lambda f=f: f.backward(gate, up, grad, out=outs)}
        cell = Cell("gated", name, "backward", dtype.name, gate.shape)
        yield _measured(cell, runs, [gate, up], outs[0], effort, grad, list(outs))


def rows(
    chosen: list[str], shape: tuple[int, ...], axis: int, dtype: np.dtype[Any], effort: Effort
) -> Iterator[Cell]:
    """Value and backward of functions of rows, beside a relu over the same logits."""
    rng = np.random.default_rng(0)
    z = rng.normal(0, 2, shape).astype(dtype)
    targets = rng.integers(0, shape[axis], shape[:axis] + shape[axis % len(shape) + 1 :])
    inputs_by_name = {"z": z, "target": targets}
    into = np.empty_like(z)

    def relu() -> object:
        return rb.relu(z, out=into)

    for name in chosen:
        f = getattr(rb, name)
        inputs = [inputs_by_name[key] for key in peers.TABLE[name].inputs]
        result = f(*inputs, axis=axis)
        if result.dtype != dtype:
            continue  # not among its dtypes
        grad = rng.normal(0, 1, result.shape).astype(dtype)
        runs: dict[str, Run] = {
            "rheobase": lambda f=f, i=inputs, y=result: f(*i, axis=axis, out=y),
            "relu": relu,
        }
        cell = Cell("row", name, "value", dtype.name, shape, axis)
        yield _measured(cell, runs, inputs, result, effort)
        saved = [result] if f.saved == "y" else inputs
        runs = {
            "rheobase": lambda f=f, s=saved, g=grad: f.backward(*s, g, axis=axis, out=into),
            "relu": relu,
        }
        cell = Cell("row", name, "backward", dtype.name, shape, axis)
        yield _measured(cell, runs, inputs, into, effort, grad, [into])


def calls(chosen: list[str], effort: Effort) -> dict[str, float]:
    """Seconds of a call on one float32, by function, beside NumPy's tanh."""
    x = np.full(1, 0.5, np.float32)
    runs: dict[str, Run] = {name: lambda f=rb.catalog[name]: f(x) for name in chosen}
    return least_seconds({"np.tanh": lambda: np.tanh(x), **runs}, effort.turns, effort.budget)


def _measured(
    cell: Cell,
    runs: dict[str, Run],
    inputs: list[np.ndarray],
    out: np.ndarray,
    effort: Effort,
    grad: np.ndarray | None = None,
    outs: list[np.ndarray] | None = None,
) -> Cell:
    """The cell with the times of rheobase, of every peer and, beyond the caches, of streaming."""
    options = {} if cell.axis is None else {"axis": cell.axis}
    for library in peers.LIBRARIES:
        if grad is None or outs is None:
            run = peers.value_run(library, cell.function, inputs, out, effort.threads, **options)
        else:
            run = peers.backward_run(
                library, cell.function, inputs, grad, outs, effort.threads, **options
            )
        if run is not None:
            runs[library] = run
            if peers.composed(library, cell.function, cell.part):
                cell.composed.append(library)
    streamed = [x for x in inputs if x.shape == cell.shape]
    if grad is not None and grad.shape == cell.shape:
        streamed.append(grad)
    if sum(x.nbytes for x in streamed) + out.nbytes >= STREAMED and out.shape == cell.shape:
        runs["limit"] = effort.limit.run(streamed, outs or [out])
    try:
        runs["rheobase"]()
    except rb.RheobaseError:  # a dtype that it does not have
        del runs["rheobase"]
    cell.seconds = least_seconds(runs, effort.turns, effort.budget)
    return cell
