"""Intervals of a comparison, one row each: scores, pairs, mean ranks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from .._errors import InputError, require
from ._drawing import COLOURS, WIDTH, Result, axes_or_new, floats, grid, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_HEIGHT = 34.0  # of one row


def scores(result: Result, ax: Axes | None = None) -> Axes:
    """Draw every seed's test score, the mean and its interval, best activation first."""
    entries = result["activations"]
    with _rows([entry["label"] for entry in entries], ax) as axes:
        for place, entry in enumerate(entries):
            seeds = floats(entry["scores"])
            axes.plot(seeds, np.full(seeds.size, place + 0.2), **_SEED)
            _interval(axes, place, entry["mean"], entry["interval"], filled=True)
        axes.set_xlabel(f"test {result['settings']['metric']}")
    return axes


def paired_differences(result: Result, ax: Axes | None = None) -> Axes:
    """Draw the mean difference of each pair with its interval; filled where one is better.

    The band is the region of practical equivalence.
    """
    pairs = result["pairs"]
    with _rows([f"{pair['first']} − {pair['second']}" for pair in pairs], ax) as axes:
        margin = result["statistics"]["equivalence"]
        axes.axvspan(-margin, margin, color=COLOURS["rule"], alpha=0.5, linewidth=0, zorder=0)
        axes.axvline(0, color=COLOURS["muted"], linewidth=1)
        for place, pair in enumerate(pairs):
            better = pair["verdict"] == "better"
            _interval(axes, place, pair["difference"], pair["interval"], filled=better)
        axes.set_xlabel("difference")
    return axes


def critical_difference(result: Result, ax: Axes | None = None) -> Axes:
    """Draw mean ranks over data sets; a bar on the right joins functions that ranks do not tell apart.

    Parameters
    ----------
    result
        What ``compare_many(...).to_dict()`` gives.
    ax
        Axes to draw on; by default those of a new figure.

    Raises
    ------
    InputError
        The diagram would claim what the data sets do not show; the message says why.
    """
    if "critical_difference" not in result:
        raise InputError(
            "critical_difference() got a comparison on one data set: its seeds are not data sets. "
            "Give what compare_many(...).to_dict() returns."
        )
    if refused := result["critical_difference"]["refused"]:
        raise InputError(f"critical_difference() cannot be drawn: {refused}")
    found, entries = result["critical_difference"], result["activations"]
    with _rows([*(entry["label"] for entry in entries), "critical difference"], ax) as axes:
        for place, entry in enumerate(entries):
            _interval(axes, place, entry["mean_rank"], None, filled=True)
        best = entries[0]["mean_rank"]
        axes.plot([best, best + found["value"]], [len(entries)] * 2, color=COLOURS["muted"], lw=2)
        axes.set_xlim(0.8, max(len(entries), best + found["value"]) + 0.2 + 0.1 * len(entries))
        for k, group in enumerate(found["groups"]):
            axes.plot(
                [0.98 - 0.03 * k] * 2, group, color=COLOURS["accent"], linewidth=4,
                transform=axes.get_yaxis_transform(),
            )  # fmt: skip
        axes.set_xlabel("mean rank")
    return axes


@contextmanager
def _rows(names: Sequence[str], ax: Axes | None) -> Iterator[Axes]:
    """Axes with one line a row, its name above the line; the first row is on top."""
    height = _HEIGHT * len(names)
    with axes_or_new(ax, WIDTH, height + 44, (4, 40, WIDTH - 14, height)) as axes:
        axes.set_ylim(len(names) - 0.3, -0.7)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_formatter(plain)
        axes.xaxis.set_major_locator(
            require("study", "matplotlib.ticker").MaxNLocator(5, steps=[1, 2, 5, 10])
        )
        grid(axes, "x")
        for place, name in enumerate(names):
            axes.text(
                0, place - 0.26, name, va="bottom", transform=axes.get_yaxis_transform(),
                bbox={"facecolor": COLOURS["paper"], "linewidth": 0, "pad": 1.5},
            )  # fmt: skip
        yield axes


def _interval(axes: Axes, place: int, middle: Any, interval: Any, *, filled: bool) -> None:
    colour = COLOURS["accent"]
    if interval is not None and None not in interval:
        axes.plot(interval, [place, place], color=colour, linewidth=2)
    if middle is not None:
        face = colour if filled else COLOURS["paper"]
        axes.plot([middle], [place], "o", ms=7, mfc=face, mec=colour, mew=1.6, zorder=3)


_SEED: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 4.5,
    "markerfacecolor": COLOURS["context"],
    "markeredgewidth": 0,
    "alpha": 0.7,
}
