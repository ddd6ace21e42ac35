"""Markdown tables of a record that ``speed.py`` stored."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

PEERS = {"torch": "torch", "jax": "JAX", "onnxruntime": "ONNX Runtime", "scipy": "NumPy/SciPy"}
Cell = dict[str, Any]

NOTES = """\
Speeds in 10⁹ elements a second; *peer*: ours over the fastest peer's, which is named; *limit*: ours over the streaming
limit for the same arrays; *relu*: the time over relu's. **Bold**: slower than a peer. \\* several eager passes (torch: or
autograd). torch's backward of sigmoid and tanh starts from the saved output, ours from the input. JAX allocates its
results, as it always does."""


def tables(record: dict[str, Any]) -> str:
    """Return all tables of a record, headed by the machine."""
    about = ", ".join(f"{key} {value}" for key, value in record["machine"].items())
    parts = [f"Machine: {about}. Streaming limit: {record['limit']}.", NOTES]
    for key, cells in groupby(record["cells"], key=_group):
        parts += [f"**{key}**", "\n".join(_table(list(cells)))]
    if record["calls"]:
        parts += ["**One element, a call**", "\n".join(_calls(record["calls"]))]
    return "\n\n".join(parts) + "\n"


def _group(cell: Cell) -> str:
    where = {
        "element": "element-wise, {size:,} elements",
        "gated": "gated, {size:,} elements",
        "row": "rows of {shape} along axis {axis}",
    }[cell["kind"]]
    shape = " × ".join(map(str, cell["shape"]))
    where = where.format(size=cell["shape"][0], shape=shape, axis=cell["axis"])
    return f"{cell['part']}, {cell['dtype']}, {where}"


def _table(cells: list[Cell]) -> Iterator[str]:
    shown = [p for p in PEERS if any(p in cell["seconds"] for cell in cells)]
    relu = next((c["seconds"].get("rheobase") for c in cells if c["function"] == "relu"), None)
    yield (
        "| "
        + " | ".join(["function", "rheobase", "peer", "limit", "relu", *(PEERS[p] for p in shown)])
        + " |"
    )
    yield "|---" * (5 + len(shown)) + "|"
    for cell in cells:
        seconds = cell["seconds"]
        ours, base = seconds.get("rheobase"), seconds.get("relu", relu)
        size = 1
        for length in cell["shape"]:
            size *= length
        speeds = [
            _number(size / seconds[p] / 1e9 if p in seconds else None)
            + ("\\*" if p in cell["composed"] and p != "scipy" else "")
            for p in shown
        ]
        yield (
            "| "
            + " | ".join(
                [
                    cell["function"],
                    _number(ours and size / ours / 1e9),
                    _against_fastest(cell, ours),
                    _number(ours and "limit" in seconds and seconds["limit"] / ours),
                    _number(ours and base and ours / base),
                    *speeds,
                ]
            )
            + " |"
        )


def _against_fastest(cell: Cell, ours: float | None) -> str:
    theirs = {name: s for name, s in cell["seconds"].items() if name in PEERS}
    if not ours or not theirs:
        return "–"
    fastest = min(theirs, key=lambda name: theirs[name])
    ratio = theirs[fastest] / ours
    text = f"{ratio:.2f}" if ratio >= 1 else f"**{ratio:.2f}**"
    return f"{text} {PEERS[fastest]}"


def _calls(seconds: dict[str, float]) -> Iterator[str]:
    base = seconds["np.tanh"]
    yield "| function | ns | over np.tanh's |"
    yield "|---|---|---|"
    for name, taken in seconds.items():
        yield f"| {name} | {taken * 1e9:.0f} | {taken / base:.2f} |"


def _number(value: float | None | bool) -> str:
    return f"{value:.2f}" if value else "–"
