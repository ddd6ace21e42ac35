"""Print the page of the record: ``python tools/accuracy_page.py > docs/accuracy.md``."""

from __future__ import annotations

import math
from pathlib import Path

from rheobase import catalog
from rheobase.peers import LIBRARIES
from rheobase.verify import DTYPES, PARTS, Key, Record

HEAD = """# Accuracy

<!-- Written by tools/accuracy_page.py from accuracy.json. -->

The largest error of every value and derivative at the default parameters, in units in the last place (ULP),
against an [oracle](design.md#numerical-contract) that shares nothing with the kernels. 0.5 is the best there is: every
result is the one nearest to the truth. ∞ is a NaN in the place of a number, or the reverse.

```sh
rheobase verify --exhaustive    # every finite float32, float16 and bfloat16; an interrupted run goes on
rheobase verify --peers         # the other libraries, on the same samples
```

The figure of rheobase is the largest of the instruction sets {isas}; with ● it is over **every** finite input,
otherwise over samples: evenly spaced bit patterns (4 million in float32, 16 thousand in float64), and all numbers next to
0, ±1, kinks, parameters and zeros. *At* is an input where it occurs. The other libraries are taken at the samples; – is a
function that a library does not have in that type. A figure in the millions means that a result lost all its digits: a tail
that is 0 too early, or subnormal numbers that count as 0 (JAX on this processor does that).

A test holds every figure of rheobase below to its bound, and to itself: it may not get worse.
"""


def page(record: Record) -> str:
    """Return the page."""
    own = sorted({key.source for key in record.figures if key.source not in LIBRARIES})
    isas = ", ".join(source.split()[-1] for source in own)
    sections = [HEAD.format(isas=isas)]
    for dtype in DTYPES:
        rows = [
            row(record, name, part, dtype, own)
            for name in catalog
            for part in PARTS
            if any(Key(name, part, dtype, source) in record.figures for source in own)
        ]
        head = ["function", "", "rheobase", "at", *LIBRARIES]
        lines = [head, ["---", "---", "--:", "--:", *["--:"] * len(LIBRARIES)], *rows]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        sections.append(f"## {dtype}\n\n{table}\n")
    runs = [
        f"- {run['date']}: {run['machine']}; "
        + ", ".join(f"{name} {version}" for name, version in run["versions"].items())
        for _, run in sorted(record.runs.items())
    ]
    sections.append("## Runs\n\n" + "\n".join(runs) + "\n")
    return "\n".join(sections)


def row(record: Record, name: str, part: str, dtype: str, own: list[str]) -> list[str]:
    """Return the cells of one value or derivative."""
    figures = {
        source: record.figures[key]
        for source in (*own, *LIBRARIES)
        if (key := Key(name, part, dtype, source)) in record.figures
    }
    ours = [figures[source] for source in own if source in figures]
    worst = max(ours, key=lambda figure: float(figure["ulp"]))
    mark = " ●" if all(figure["exhaustive"] for figure in ours) else ""
    at = "" if worst["at"] is None else f"{worst['at']:.9g}"
    theirs = [cell(figures[source]["ulp"]) if source in figures else "–" for source in LIBRARIES]
    return [name, part, cell(worst["ulp"]) + mark, at, *theirs]


def cell(ulp: float | str) -> str:
    """Return an error as it is read."""
    size = float(ulp)
    if size >= 10:
        return "∞" if math.isinf(size) else f"{size:,.0f}" if size < 1e6 else f"{size:.1e}"
    return f"{math.ceil(1000 * size) / 1000:.3f}"


if __name__ == "__main__":
    print(page(Record.read(Path(__file__).parent.parent / "accuracy.json")), end="")
