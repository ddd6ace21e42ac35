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
from pathlib import Path


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
    if hasattr(os, "sched_setaffinity"):  # before JAX starts as many threads as it may run on
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: chosen.threads])
    from _record import record
    from _tables import tables

    measured = record(chosen.names, chosen.sizes, chosen.dtypes, chosen.threads, chosen.quick)
    print(tables(measured))
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
