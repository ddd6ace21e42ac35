"""Speed of every function and its backward beside other libraries and the memory's limit, in one run.

    python benchmarks/speed.py                          all functions, float32, three sizes, rows, calls
    python benchmarks/speed.py --quick                  a look at it: few functions, few turns
    python benchmarks/speed.py --names gelu swiglu softmax --dtypes float16 bfloat16
    python benchmarks/speed.py --json benchmarks/results/NAME.json
    python benchmarks/page.py benchmarks/results/NAME.json   the tables into docs/performance.md

Everyone computes on the same arrays into prepared memory (JAX allocates); each figure is the least of
several turns in which the libraries take turns.  Prints Markdown; progress goes to standard error.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

QUICK = ("relu", "sigmoid", "gelu", "swiglu", "softmax", "logsumexp")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--names", nargs="+", metavar="NAME")
    parser.add_argument("--sizes", nargs="+", type=int, default=[1000, 65_000, 16_000_000])
    parser.add_argument("--dtypes", nargs="+", default=["float32"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def main() -> None:
    chosen = arguments()
    if hasattr(os, "sched_setaffinity"):  # JAX takes as many threads as it may run on
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: chosen.threads])
    import jax
    import ml_dtypes  # noqa: F401  # gives NumPy the name bfloat16
    import threadpoolctl

    from _cases import Effort, calls, names
    from _limit import Limit
    from _tables import tables
    from _timing import machine

    jax.config.update("jax_enable_x64", "float64" in chosen.dtypes)
    limit = Limit(chosen.threads)
    effort = Effort(chosen.threads, *((3, 0.1) if chosen.quick else (9, 0.6)), limit)
    wanted = chosen.names or (QUICK if chosen.quick else None)
    picked = {
        kind: [name for name in names(kind) if wanted is None or name in wanted]
        for kind in ("element", "gated", "row")
    }
    with threadpoolctl.threadpool_limits(chosen.threads):
        cells = [cell.to_dict() for cell in _cells(chosen, picked, effort)]
        one = calls(picked["element"], effort)
    order = ["element", "gated", "row"]
    cells.sort(  # stable: a table after the other, functions in the catalogue's order
        key=lambda c: (c["dtype"], order.index(c["kind"]), c["shape"], c["axis"] or 0, c["part"]),
    )
    record = {
        "machine": machine(chosen.threads),
        "limit": limit.how,
        "cells": cells,
        "calls": one,
    }
    print(tables(record))
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def _cells(chosen, picked, effort) -> Iterator:
    from _cases import SHAPES, elements, gated, rows

    for dtype in map(np.dtype, chosen.dtypes):
        sources = [elements(picked["element"], size, dtype, effort) for size in chosen.sizes]
        sources += [gated(picked["gated"], size, dtype, effort) for size in chosen.sizes]
        sources += [
            rows(picked["row"], shape, axis, dtype, effort)
            for shape in SHAPES[: 2 if chosen.quick else None]
            for axis in (-1, 0)
        ]
        for source in sources:
            for cell in source:
                print(f"{cell.part} {cell.function} {cell.dtype} {cell.shape}", file=sys.stderr)
                yield cell


if __name__ == "__main__":
    main()
