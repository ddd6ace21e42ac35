"""Markdown tables of a record that ``speed.py`` stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod
from typing import Any

PEERS = {"torch": "torch", "jax": "JAX", "onnxruntime": "ONNX Runtime", "scipy": "NumPy/SciPy"}
Cell = dict[str, Any]

NOTES = """\
Speeds in 10⁹ elements a second. *peer*: our speed over that of the fastest peer, which is named. *limit*: our speed over
the streaming limit on the same arrays, where they fit no cache. *relu*: our time over relu's on the same arrays.
**Bold**: slower than a peer. \\*: several eager passes (for torch's backward: autograd). torch's backward of some functions,
like sigmoid, starts from the saved output; ours starts from the input. JAX allocates its results, as it always does."""


def tables(record: dict[str, Any]) -> str:
    """Return all tables of a record, headed by the machine."""
    about = ", ".join(f"{key} {value}" for key, value in record["machine"].items())
    parts = [f"Machine: {about}. Streaming limit: {record['limit']}.", NOTES]
    groups: dict[str, list[Cell]] = {}
    for cell in record["cells"]:
        groups.setdefault(_group(cell), []).append(cell)
    for title, cells in groups.items():
        streamed = [cell["seconds"]["limit"] for cell in cells if "limit" in cell["seconds"]]
        if streamed:
            title += f" (streaming: {prod(cells[0]['shape']) / min(streamed) / 1e9:.3g})"
        parts += [f"**{title}**", "\n".join(_speeds(cells))]
    parts += ["**A call on one element**", "\n".join(_calls(record["calls"]))]
    below = [line for cells in groups.values() for line in _below(cells)]
    parts += [f"**Below the target: {len(below)} of {len(record['cells'])} cells**"]
    return "\n\n".join([*parts, "\n".join(below)]) + "\n"


def _group(cell: Cell) -> str:
    shape = " × ".join(f"{length:,}" for length in cell["shape"])
    where = f"rows of {shape} along axis {cell['axis']}" if cell["kind"] == "row" else shape
    return f"{cell['kind']}, {cell['part']}, {cell['dtype']}, {where}"


def _speeds(cells: list[Cell]) -> Iterator[str]:
    shown = [peer for peer in PEERS if any(peer in cell["seconds"] for cell in cells)]
    yield _line(["function", "rheobase", "peer", "limit", "relu", *(PEERS[p] for p in shown)])
    yield "|---" * (5 + len(shown)) + "|"
    for cell in cells:
        ratios = _ratios(cell, cells)
        peer = "–"
        if "peer" in ratios:
            text = f"{ratios['peer']:.2f}"
            peer = f"{text if ratios['peer'] >= 1 else f'**{text}**'} {PEERS[_fastest(cell)]}"
        speeds = [
            _speed(cell, name) + ("\\*" if name in cell["composed"] and name != "scipy" else "")
            for name in shown
        ]
        measures = [f"{ratios[key]:.2f}" if key in ratios else "–" for key in ("limit", "relu")]
        yield _line([cell["function"], _speed(cell, "rheobase"), peer, *measures, *speeds])


def _ratios(cell: Cell, cells: list[Cell]) -> dict[str, float]:
    """Speed relative to the fastest peer and to the limit, time relative to relu's."""
    seconds = cell["seconds"]
    ours = seconds.get("rheobase")
    if ours is None:
        return {}
    found = {}
    if fastest := _fastest(cell):
        found["peer"] = seconds[fastest] / ours
    if "limit" in seconds:
        found["limit"] = seconds["limit"] / ours
    of_relu = (c["seconds"].get("rheobase") for c in cells if c["function"] == "relu")
    if relu := seconds.get("relu", next(of_relu, None)):
        found["relu"] = ours / relu
    return found


def _fastest(cell: Cell) -> str:
    theirs = {name: taken for name, taken in cell["seconds"].items() if name in PEERS}
    return min(theirs, key=lambda name: theirs[name], default="")


def _below(cells: list[Cell]) -> Iterator[str]:
    """The cells that miss a target of the design, in words."""
    for cell in cells:
        ratios = _ratios(cell, cells)
        misses = []
        if ratios.get("peer", 1) < 1:
            misses.append(f"{ratios['peer']:.2f} of {PEERS[_fastest(cell)]}")
        if "limit" in ratios and cell["kind"] != "row":
            if cell["part"] == "backward" and ratios["limit"] < 0.8:
                misses.append(f"{ratios['limit']:.2f} of the limit")
            if cell["part"] == "value" and ratios.get("relu", 1) > 1.5:
                misses.append(f"{ratios['relu']:.2f} of relu's time")
        if misses:
            yield f"- {cell['function']}, {_group(cell)}: {', '.join(misses)}"


def _calls(seconds: dict[str, float]) -> Iterator[str]:
    yield _line(["function", "ns", "over np.tanh's"])
    yield "|---|---|---|"
    for name, taken in seconds.items():
        yield _line([name, f"{taken * 1e9:.0f}", f"{taken / seconds['np.tanh']:.2f}"])


def _speed(cell: Cell, name: str) -> str:
    taken = cell["seconds"].get(name)
    return f"{prod(cell['shape']) / taken / 1e9:.3g}" if taken else "–"


def _line(entries: Iterable[str]) -> str:
    return f"| {' | '.join(entries)} |"
