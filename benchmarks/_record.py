"""One run of ``speed.py``: which cells, and everything that was measured as plain data."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import ml_dtypes  # noqa: F401  # gives NumPy the name bfloat16
import numpy as np
import threadpoolctl
from _cases import Cell, Effort, calls, elements, gated, names, rows
from _limit import Limit
from _timing import machine

SHAPES = ((16384, 1000), (64, 10), (1024, 50257), (32, 1, 128256))
QUICK = ("relu", "sigmoid", "gelu", "swiglu", "softmax", "logsumexp")


def record(
    wanted: Sequence[str] | None,
    sizes: Sequence[int],
    dtypes: Sequence[str],
    threads: int,
    quick: bool,
) -> dict[str, Any]:
    """Measure the functions of these names (None: all) and return the record that is stored."""
    jax.config.update("jax_enable_x64", "float64" in dtypes)
    limit = Limit(threads)
    effort = Effort(threads, *((3, 0.1) if quick else (9, 0.5)), limit)
    wanted = wanted or (QUICK if quick else None)
    picked = {
        kind: [name for name in names(kind) if wanted is None or name in wanted]
        for kind in ("element", "gated", "row")
    }
    cells = []
    with threadpoolctl.threadpool_limits(threads):
        for dtype in map(np.dtype, dtypes):
            for cell in _cells(picked, sizes, SHAPES[: 2 if quick else None], dtype, effort):
                print(cell.part, cell.function, cell.dtype, cell.shape, file=sys.stderr)
                cells.append(cell.to_dict())
        one = calls(picked["element"], effort)
    return {"machine": machine(threads), "limit": limit.how, "cells": cells, "calls": one}


def _cells(
    picked: dict[str, list[str]],
    sizes: Sequence[int],
    shapes: Sequence[tuple[int, ...]],
    dtype: np.dtype[Any],
    effort: Effort,
) -> Iterator[Cell]:
    for size in sizes:
        yield from elements(picked["element"], size, dtype, effort)
    for size in sizes:
        yield from gated(picked["gated"], size, dtype, effort)
    for shape in shapes:
        for axis in (-1, 0):
            yield from rows(picked["row"], shape, axis, dtype, effort)
