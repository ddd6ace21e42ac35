"""Learning curves and learning rates of a comparison: all functions in one, or a panel for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    axes_or_new,
    floats,
    grid,
    panels,
    plain,
)
from ._lines import LINES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ONE = (
    460.0,
    330.0,
    (52.0, 44.0, 394.0, 256.0),
)  # size of a figure of all functions, place of its axes


def median_curves(result: Result, quantity: str = "validation", ax: Axes | None = None) -> Axes:
    """Draw the validation score or training loss of every function, the median over the seeds.

    Parameters
    ----------
    result
        What ``compare(...).to_dict()`` gives.
    quantity
        ``"validation"`` or ``"train_loss"``.
    ax
        Axes to draw on; by default those of a new figure.
    """
    runs = _runs(result, quantity)
    with axes_or_new(ax, *_ONE) as axes:
        _lines(axes, {name: _median(run) for name, run in runs.items()})
        _epoch_axis(axes, runs)
        _curve_axis(axes, runs, quantity)
        axes.set_xlabel("epoch")
        axes.set_title(_curve_title(result, quantity))
    return axes


def learning_rates(result: Result, ax: Axes | None = None) -> Axes:
    """Draw the validation score of every function at each of its learning rates; a ring marks the chosen one."""
    curves = _rate_curves(result)
    with axes_or_new(ax, *_ONE) as axes:
        _lines(axes, curves)
        for entry in result["activations"]:
            _chosen(axes, curves[entry["label"]], entry, COLOURS["ink"])
        _rate_axes(axes, curves, result)
    return axes


def learning_curves(result: Result, label: str | None = None) -> Figure:
    """Draw validation score and training loss over the epochs, a panel for each function.

    Thin lines are seeds, the bold one is their median, grey ones are the medians of the others.

    Parameters
    ----------
    result
        What ``compare(...).to_dict()`` gives.
    label
        Draw the panel of this activation alone, on the scales that all of them share.
    """
    kinds = ("validation", "train_loss")
    runs = {kind: _runs(result, kind) for kind in kinds}

    def draw(figure: Figure, left: float, bottom: float, entry: Result) -> None:
        upper = axes_at(figure, left + 40, bottom + 158, WIDTH - 50, 132)
        lower = axes_at(figure, left + 40, bottom + 38, WIDTH - 50, 88)
        for axes, kind in zip((upper, lower), kinds, strict=True):
            own = runs[kind][entry["label"]]
            epochs = np.arange(1, own.shape[1] + 1)
            _others(axes, [_median(run) for run in runs[kind].values()])
            axes.plot(
                *_joined([(epochs, seed) for seed in own]),
                color=COLOURS["accent"], alpha=0.35, linewidth=0.7,
            )  # fmt: skip
            axes.plot(*_median(own), color=COLOURS["accent"], linewidth=2.4, zorder=3)
            _epoch_axis(axes, runs[kind])
            _curve_axis(axes, runs[kind], kind)
            axes.set_title(_curve_title(result, kind))
        upper.tick_params(labelbottom=False)
        lower.set_xlabel("epoch")

    return panels(result, label, 310, draw)


def learning_rate_sensitivity(result: Result, label: str | None = None) -> Figure:
    """Draw the validation score at each learning rate; a ring marks the chosen one.

    Grey lines are the other activations; ``label`` draws the panel of one alone.
    """
    curves = _rate_curves(result)

    def draw(figure: Figure, left: float, bottom: float, entry: Result) -> None:
        axes = axes_at(figure, left + 40, bottom + 38, WIDTH - 58, 116)
        own = curves[entry["label"]]
        _others(axes, list(curves.values()))
        axes.plot(*own, "o-", color=COLOURS["accent"], linewidth=2, ms=4, zorder=2)
        _chosen(axes, own, entry, COLOURS["accent"])
        _rate_axes(axes, curves, result)

    return panels(result, label, 176, draw)


def _runs(result: Result, quantity: str) -> dict[str, Floats]:
    """Return (seeds, epochs) of each function."""
    if result["settings"]["make"]:
        raise InputError(
            "there are no learning curves to draw: the estimators of make= tell of no epochs."
        )
    return {e["label"]: floats(e["history"][quantity]) for e in result["activations"]}


def _median(run: Floats) -> Floats:
    """Return epochs and the median over the seeds that are left; an epoch without any keeps its gap."""
    alive = np.isfinite(run).any(axis=0)
    median = np.full(run.shape[1], np.nan)
    median[alive] = np.nanmedian(run[:, alive], axis=0)
    return np.stack([np.arange(1.0, run.shape[1] + 1), median])


def _rate_curves(result: Result) -> dict[str, Floats]:
    """Return learning rates, ascending, and validation scores of each function; each has rates of its own."""
    curves = {
        entry["label"]: floats(
            [(row["learning_rate"], row["validation"]) for row in entry["learning_rate_scores"]]
        )
        for entry in result["activations"]
    }
    return {label: curve[curve[:, 0].argsort()].T for label, curve in curves.items()}


def _joined(curves: Sequence[Any]) -> Floats:
    """Return x and y of several curves as those of one line with gaps: one path in a file."""
    gap = np.full((2, 1), np.nan)
    return np.concatenate([part for curve in curves for part in (floats(curve), gap)], axis=1)


def _others(axes: Axes, curves: Sequence[Floats]) -> None:
    axes.plot(*_joined(curves), color=COLOURS["context"], linewidth=1.1, zorder=1)


def _lines(axes: Axes, curves: Mapping[str, Floats]) -> None:
    """Draw the best functions as lines of different looks and the rest in grey."""
    seen, rest = list(curves)[: len(LINES)], list(curves.values())[len(LINES) :]
    for name, look in zip(seen, LINES, strict=False):
        x, y = curves[name]
        axes.plot(x, y, ms=4, linewidth=1.6, markevery=max(1, x.size // 8), label=name, **look)
    if rest:
        _others(axes, rest)
        axes.lines[-1].set_label("others")
    axes.legend(frameon=False, fontsize="small")


def _chosen(axes: Axes, curve: Floats, entry: Result, colour: str) -> None:
    rates, values = curve
    chosen = rates == entry["learning_rate"]
    axes.plot(rates[chosen], values[chosen], **{**RING, "markersize": 9, "markeredgecolor": colour})


def _epoch_axis(axes: Axes, runs: Mapping[str, Floats]) -> None:
    axes.set_xlim(1, max(2, *(run.shape[1] for run in runs.values())))
    axes.xaxis.set_major_locator(require("study", "matplotlib.ticker").MaxNLocator(6, integer=True))


def _curve_axis(axes: Axes, runs: Mapping[str, Floats], quantity: str) -> None:
    every = np.concatenate([run.ravel() for run in runs.values()])
    if quantity == "validation":
        axes.set_ylim(_limits(_above_outliers(every)))
    elif (losses := every[every > 0]).size:
        axes.set_yscale("log")
        axes.set_ylim(losses.min() / 1.3, losses.max() * 1.3)
        axes.minorticks_off()
    axes.yaxis.set_major_formatter(plain)
    grid(axes, "y")


def _curve_title(result: Result, quantity: str) -> str:
    return (
        f"validation {result['settings']['metric']}"
        if quantity == "validation"
        else "training loss"
    )


def _rate_axes(axes: Axes, curves: Mapping[str, Floats], result: Result) -> None:
    rates, values = np.concatenate(list(curves.values()), axis=1)
    ticker = require("study", "matplotlib.ticker")
    axes.set_xscale("log")
    axes.set_xlim(rates.min() / 1.25, rates.max() * 1.25)
    decades = np.log10(rates.max() / rates.min())
    subs = (1, 3) if 0.5 < decades < 4 else (1, 2, 5) if decades <= 0.5 else (1,)
    axes.xaxis.set_major_locator(ticker.LogLocator(subs=subs, numticks=7))
    axes.minorticks_off()
    axes.xaxis.set_major_formatter(plain)
    axes.yaxis.set_major_formatter(plain)
    axes.set_ylim(_limits(values, 0.1))
    axes.set_title(f"validation {result['settings']['metric']}")
    axes.set_xlabel("learning rate")
    grid(axes, "y")


def _limits(values: Floats, pad: float = 0.04) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    room = pad * (high - low) or 0.01
    return low - room, high + room


def _above_outliers(values: Floats) -> Floats:
    """Drop what lies far below nearly all, so that one bad start does not flatten every curve."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return finite
    usual, best = np.quantile(finite, 0.01), finite.max()
    kept: Floats = finite[finite >= usual - (best - usual)]
    return kept
