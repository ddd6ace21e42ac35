"""Intervals as small drawings in rows, so that they sort and hide with their rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._errors import require

WIDTH, HEIGHT = 220, 22  # of a row
_EDGE = 14  # room for half a number at the ends of the axis


@dataclass(frozen=True)
class Strips:
    """Markup of the numbers of a scale and of the rows on it."""

    axis: Any
    rows: list[Any]


def score_strips(result: Mapping[str, Any]) -> Strips:
    """Draw the test scores of each function: seeds, mean and interval."""
    entries = result["activations"]
    scale = _Scale(v for e in entries for v in (*e["scores"], *(e["interval"] or ())))
    rows = [scale.row(e["mean"], e["interval"], seeds=e["scores"]) for e in entries]
    return Strips(scale.axis(), rows)


def pair_strips(result: Mapping[str, Any]) -> Strips:
    """Draw the difference of each pair and its interval; filled where one is better."""
    pairs = result["pairs"]
    ends = (v for p in pairs for v in (p["difference"], *(p["interval"] or ()), 0.0))
    scale = _Scale(ends, band=result["statistics"]["equivalence"])
    rows = [
        scale.row(p["difference"], p["interval"], filled=p["verdict"] == "better") for p in pairs
    ]
    return Strips(scale.axis(), rows)


class _Scale:
    """A scale that holds all ``values``, and rows drawn on it.

    ``band`` is half the width of a band around 0, shaded in each row.
    """

    def __init__(self, values: Iterable[float | None], band: float | None = None) -> None:
        known = [value for value in values if value is not None] or [0.0, 1.0]
        low, high = min(known), max(known)
        room = 0.03 * (high - low) or 0.01
        self._low, self._high = low - room, high + room
        locator = require("study", "matplotlib.ticker").MaxNLocator(4, steps=[1, 2, 5, 10])
        self._ticks = [
            float(tick)
            for tick in locator.tick_values(self._low, self._high)
            if self._low <= tick <= self._high
        ]
        lines = "".join(f"M{self._x(tick)} 0V{HEIGHT}" for tick in self._ticks)
        self._behind = f'<path class="grid" d="{lines}"/>'
        if band is not None:
            left, right = self._x(-band), self._x(band)
            self._behind = (
                f'<path class="band" d="M{left} 0H{right}V{HEIGHT}H{left}z"/>{self._behind}'
                f'<path class="zero" d="M{self._x(0)} 0V{HEIGHT}"/>'
            )

    def row(
        self,
        middle: float | None,
        interval: Sequence[float | None] | None,
        *,
        seeds: Iterable[float | None] = (),
        filled: bool = True,
    ) -> Any:
        """Return a row: an interval with a dot at its middle, and single values as small dots below."""
        dots = "".join(
            f'<circle class="seed" cx="{self._x(seed)}" cy="17" r="2"/>'
            for seed in seeds
            if seed is not None
        )
        bar = ""
        if interval and None not in interval:
            low, high = (self._x(end) for end in interval if end is not None)
            bar = f'<path class="bar" d="M{low} 9H{high}"/>'
        dot = ""
        if middle is not None:
            kind = "filled" if filled else "open"
            dot = f'<circle class="{kind}" cx="{self._x(middle)}" cy="9" r="4"/>'
        return _svg(self._behind + dots + bar + dot)

    def axis(self) -> Any:
        """Return the numbers of the scale."""
        texts = (f'<text x="{self._x(tick)}" y="14">{_number(tick)}</text>' for tick in self._ticks)
        return _svg("".join(texts))

    def _x(self, value: float) -> float:
        inside = min(max(value, self._low), self._high)  # the band may reach beyond
        part = (inside - self._low) / (self._high - self._low)
        return round(_EDGE + part * (WIDTH - 2 * _EDGE), 1)


def _number(value: float) -> str:
    return f"{value:.6g}".replace("-", "−")


def _svg(body: str) -> Any:
    return require("study", "markupsafe").Markup(
        f'<svg class="strip" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true" focusable="false">'
        f"{body}</svg>"
    )
