"""Value and derivative of activations."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from .._activation import Activation
from .._errors import InputError, require
from ._drawing import COLOURS, RING, UNIT, axes_at, grid, new_figure, plain, save, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SPAN = (-8.0, 8.0)


def plot_curves(
    activations: Iterable[Activation], path: str | os.PathLike[str] | None = None
) -> Figure:
    """Draw value and derivative of each activation over z from -8 to 8.

    Kinks are marked; zones in which the function is saturated or dead are shaded.

    Parameters
    ----------
    activations
        One panel each.
    path
        Where to save the figure; ``None`` does not save it.
    """
    shown = list(activations)
    if not shown:
        raise InputError("plot_curves() got no activation; give at least one, such as relu")
    columns = min(3, len(shown))
    rows = ceil(len(shown) / columns)
    width, height = 280.0, 230.0
    top = 18.0 if columns > 1 else 34.0  # for the legend, which takes one line or two
    with style():
        figure = new_figure(columns * width, rows * height + top)
        for place, activation in enumerate(shown):
            row, column = divmod(place, columns)
            bottom = (rows - 1 - row) * height + 26
            axes = axes_at(figure, column * width + 34, bottom, width - 48, height - 60)
            _curve_panel(axes, activation)
        _curve_legend(figure)
    if path is not None:
        save(figure, path)
    return figure


def _curve_panel(axes: Axes, activation: Activation) -> None:
    low, high = _SPAN
    facts = activation.facts
    below, above = facts.saturation
    for start, end in ((low, below), (above, high)):
        if start is not None and end is not None and start < end:
            axes.axvspan(max(start, low), min(end, high), **_SATURATED)
    for start, end in facts.dead_zones:
        if max(start, low) < min(end, high):
            axes.axvspan(max(start, low), min(end, high), **_DEAD)

    # Curves stop on both sides of a kink: no line joins the two sides of a jump.
    kinks = [kink for kink in activation.kinks if low < kink < high]
    edges = [low, *kinks, high]
    for start, end in pairwise(edges):
        z = np.linspace(np.nextafter(start, end), np.nextafter(end, start), 241)
        value, derivative = activation.value_and_derivative(z)
        axes.plot(z, value, **_VALUE)
        axes.plot(z, derivative, **_DERIVATIVE)
    if kinks:
        axes.plot(kinks, activation(np.array(kinks)), **RING)

    axes.set_title(str(activation))
    axes.set_xlim(low, high)
    axes.set_xticks([-8, -4, 0, 4, 8])
    axes.margins(y=0.08)
    axes.xaxis.set_major_formatter(plain)
    axes.yaxis.set_major_locator(
        require("study", "matplotlib.ticker").MaxNLocator(5, steps=[1, 2, 5, 10])
    )
    axes.yaxis.set_major_formatter(plain)
    grid(axes, "both")


_VALUE: dict[str, Any] = {"color": COLOURS["accent"], "linewidth": 2}
_DERIVATIVE: dict[str, Any] = {
    "color": COLOURS["second"],
    "linewidth": 1.6,
    "linestyle": (0, (4, 2)),
}
_SATURATED: dict[str, Any] = {"facecolor": COLOURS["context"], "alpha": 0.25, "linewidth": 0}
_DEAD: dict[str, Any] = {
    "facecolor": "none",
    "edgecolor": COLOURS["context"],
    "hatch": "///",
    "linewidth": 0,
}


def _curve_legend(figure: Figure) -> None:
    line = require("study", "matplotlib.lines").Line2D
    patch = require("study", "matplotlib.patches").Patch
    figure.legend(
        handles=[
            line([], [], label="value", **_VALUE),
            line([], [], label="derivative", **_DERIVATIVE),
            line([], [], label="kink", **RING),
            patch(label="saturated", **_SATURATED),
            patch(label="dead", **_DEAD),
        ],
        loc="upper left",
        ncols=5 if figure.get_figwidth() / UNIT > 400 else 3,
        frameon=False,
        columnspacing=1.4,
        handlelength=1.6,
    )
