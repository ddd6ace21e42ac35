"""Scores, pairs, learning curves and learning rates of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from .._errors import InputError, require
from ._drawing import (
    COLOURS,
    RING,
    WIDTH,
    Floats,
    Result,
    axes_at,
    floats,
    grid,
    new_figure,
    panels,
    plain,
    style,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def _limits(values: Floats, pad: float = 0.04) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    room = pad * (high - low) or 0.01
    return low - room, high + room


def _intervals(rows: Sequence[str], height: float = 34) -> tuple[Figure, Axes]:
    """Axes with one line a row, its name above the line; the first row is on top."""
    figure = new_figure(WIDTH, height * len(rows) + 44)
    axes = axes_at(figure, 4, 40, WIDTH - 14, height * len(rows))
    axes.set_ylim(len(rows) - 0.3, -0.7)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_formatter(plain)
    axes.xaxis.set_major_locator(
        require("study", "matplotlib.ticker").MaxNLocator(5, steps=[1, 2, 5, 10])
    )
    grid(axes, "x")
    for place, name in enumerate(rows):
        axes.text(
            0, place - 0.26, name, va="bottom", transform=axes.get_yaxis_transform(),
            bbox={"facecolor": COLOURS["paper"], "linewidth": 0, "pad": 1.5},
        )  # fmt: skip
    return figure, axes


def scores(result: Result) -> Figure:
    """Draw every seed's test score, the mean and its interval, best activation first."""
    entries = result["activations"]
    with style():
        figure, axes = _intervals([entry["label"] for entry in entries])
        for place, entry in enumerate(entries):
            seeds = floats(entry["scores"])
            axes.plot(seeds, np.full(seeds.size, place), **_SEED)
            _interval(axes, place, entry["mean"], entry["interval"], filled=True)
        axes.set_xlabel(f"test {result['settings']['metric']}")
    return figure


def paired_differences(result: Result) -> Figure:
    """Draw the mean difference of each pair with its interval; filled where one is better.

    The band is the region of practical equivalence.
    """
    pairs = result["pairs"]
    with style():
        figure, axes = _intervals([f"{pair['first']} − {pair['second']}" for pair in pairs])
        margin = result["statistics"]["equivalence"]
        axes.axvspan(-margin, margin, color=COLOURS["rule"], alpha=0.5, linewidth=0, zorder=0)
        axes.axvline(0, color=COLOURS["muted"], linewidth=1)
        for place, pair in enumerate(pairs):
            better = pair["verdict"] == "better"
            _interval(axes, place, pair["difference"], pair["interval"], filled=better)
        axes.set_xlabel("difference")
    return figure


def _interval(axes: Axes, place: int, middle: Any, interval: Any, *, filled: bool) -> None:
    colour = COLOURS["accent"]
    if interval is not None and None not in interval:
        axes.plot(interval, [place, place], color=colour, linewidth=2)
    if middle is not None:
        face = colour if filled else COLOURS["paper"]
        axes.plot([middle], [place], "o", ms=7, mfc=face, mec=colour, mew=1.6, zorder=3)


def critical_difference(result: Result) -> Figure:
    """Draw mean ranks over data sets; a bar on the right joins functions that ranks do not tell apart.

    Parameters
    ----------
    result
        What ``compare_many(...).to_dict()`` gives.

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
    found, entries = result["critical_difference"], result["activations"]
    if found["refused"]:
        raise InputError(f"critical_difference() cannot be drawn: {found['refused']}")
    with style():
        figure, axes = _intervals([*(entry["label"] for entry in entries), "critical difference"])
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
    return figure


def learning_curves(result: Result, label: str | None = None) -> Figure:
    """Draw validation score and training loss over the epochs.

    Thin lines are seeds, the bold one is their median, grey ones are the medians of the others.

    Parameters
    ----------
    result
        What ``compare(...).to_dict()`` gives.
    label
        Draw the panel of this activation alone, on the scales that all of them share.
    """
    metric = result["settings"]["metric"]
    kinds = ("validation", "train_loss")
    runs = {
        kind: [(e["label"], floats(e["history"][kind])) for e in result["activations"]]
        for kind in kinds
    }
    every = {kind: np.concatenate([run.ravel() for _, run in runs[kind]]) for kind in kinds}
    losses = every["train_loss"][every["train_loss"] > 0]

    def draw(figure: Figure, left: float, bottom: float, entry: Result) -> None:
        upper = axes_at(figure, left + 40, bottom + 158, WIDTH - 50, 132)
        lower = axes_at(figure, left + 40, bottom + 38, WIDTH - 50, 88)
        for axes, kind in zip((upper, lower), kinds, strict=True):
            for name, run in runs[kind]:
                _curve(axes, run, name == entry["label"])
            grid(axes, "y")
            axes.set_xlim(1, max(2, every[kind].size // max(1, sum(len(r) for _, r in runs[kind]))))
            axes.xaxis.set_major_locator(
                require("study", "matplotlib.ticker").MaxNLocator(6, integer=True)
            )
        upper.set_title(f"validation {metric}")
        upper.set_ylim(_limits(_above_outliers(every["validation"])))
        upper.yaxis.set_major_formatter(plain)
        upper.tick_params(labelbottom=False)
        lower.set_title("training loss")
        lower.set_xlabel("epoch")
        if losses.size:
            lower.set_yscale("log")
            lower.set_ylim(losses.min() / 1.3, losses.max() * 1.3)
            lower.minorticks_off()
        lower.yaxis.set_major_formatter(plain)

    return panels(result, label, 310, draw)


def _above_outliers(values: Floats) -> Floats:
    """Drop what lies far below nearly all, so that one bad start does not flatten every curve."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return finite
    usual, best = np.quantile(finite, 0.01), finite.max()
    kept: Floats = finite[finite >= usual - (best - usual)]
    return kept


def _curve(axes: Axes, seeds: Floats, own: bool) -> None:
    epochs = np.arange(1, seeds.shape[1] + 1)
    # A median over the seeds that are left: an epoch without any keeps its gap.
    alive = np.isfinite(seeds).any(axis=0)
    median = np.full(epochs.size, np.nan)
    median[alive] = np.nanmedian(seeds[:, alive], axis=0)
    if own:
        axes.plot(epochs, seeds.T, color=COLOURS["accent"], alpha=0.35, linewidth=0.7)
        axes.plot(epochs, median, color=COLOURS["accent"], linewidth=2.4, zorder=3)
    else:
        axes.plot(epochs, median, color=COLOURS["context"], linewidth=1.1, zorder=1)


def learning_rate_sensitivity(result: Result, label: str | None = None) -> Figure:
    """Draw the validation score at each learning rate; a ring marks the chosen one.

    Grey lines are the other activations; ``label`` draws the panel of one alone.
    """
    curves = {
        entry["label"]: floats(
            [(row["learning_rate"], row["validation"]) for row in entry["learning_rate_scores"]]
        )
        for entry in result["activations"]
    }
    every = np.concatenate([curve[:, 1] for curve in curves.values()])

    def draw(figure: Figure, left: float, bottom: float, entry: Result) -> None:
        axes = axes_at(figure, left + 40, bottom + 38, WIDTH - 58, 116)
        for name, curve in curves.items():
            rates, values = curve.T
            if name == entry["label"]:
                axes.plot(rates, values, "o-", color=COLOURS["accent"], linewidth=2, ms=4, zorder=2)
                chosen = rates == entry["learning_rate"]
                axes.plot(rates[chosen], values[chosen], **_CHOSEN)
            else:
                axes.plot(rates, values, color=COLOURS["context"], linewidth=1.1, zorder=1)
        rates = curves[entry["label"]][:, 0]
        axes.set_xscale("log")
        axes.set_xticks(rates[:: ceil(rates.size / 6)])
        axes.minorticks_off()
        axes.xaxis.set_major_formatter(plain)
        axes.yaxis.set_major_formatter(plain)
        axes.set_ylim(_limits(every, 0.1))
        axes.set_title(f"validation {result['settings']['metric']}")
        axes.set_xlabel("learning rate")
        grid(axes, "y")

    return panels(result, label, 176, draw)


_SEED: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 4.5,
    "markerfacecolor": COLOURS["context"],
    "markeredgewidth": 0,
    "alpha": 0.7,
}
_CHOSEN: dict[str, Any] = {**RING, "markersize": 9, "markeredgecolor": COLOURS["accent"]}
