"""Lines of several functions in panels side by side, with one legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from .._errors import require
from ._drawing import COLOURS, UNIT, WIDTH, axes_at, floats, grid, new_figure, plain, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Colour, dashes and marker of each line: no two differ in colour alone.
LINES: tuple[dict[str, Any], ...] = (
    {"color": "#b4500a", "linestyle": "-", "marker": "o"},
    {"color": "#7a3e9d", "linestyle": (0, (5, 2)), "marker": "s"},
    {"color": "#1a5fa8", "linestyle": "-", "marker": "^"},
    {"color": "#0b7a75", "linestyle": (0, (5, 2)), "marker": "v"},
    {"color": "#5b6b00", "linestyle": (0, (2, 2)), "marker": "D"},
    {"color": "#58616b", "linestyle": (0, (1, 2)), "marker": "x"},
    {"color": "#9c2f55", "linestyle": "-", "marker": "P"},
    {"color": "#2f4b7c", "linestyle": (0, (4, 1, 1, 1)), "marker": "*"},
)


@dataclass(frozen=True)
class Panel:
    """One panel: a line for each name, with its x and y; None leaves a gap."""

    title: str
    xlabel: str
    lines: Mapping[str, tuple[Sequence[float], Sequence[float | None]]]
    log: str = ""  # the axes with logarithmic scale: "", "x", "y" or "xy"
    limits: tuple[float, float] | None = None  # of y, where panels are to be compared
    diagonal: bool = False  # y = x for the eye


def line_panels(panels: Sequence[Panel]) -> Figure:
    """Draw panels, three in a row; a name has the same look in all of them."""
    names = list(dict.fromkeys(name for panel in panels for name in panel.lines))
    looks = {name: LINES[k % len(LINES)] for k, name in enumerate(names)}
    columns = min(3, len(panels))
    rows, height = ceil(len(panels) / columns), 230.0
    width = WIDTH if columns > 1 else 1.4 * WIDTH
    entry = 52 + 6.2 * max(map(len, names))  # of the legend
    in_row = max(1, int(width * columns // entry))
    legend_rows = ceil(len(names) / in_row)
    with style():
        figure = new_figure(width * columns, height * rows + 18 * legend_rows + 6)
        for place, panel in enumerate(panels):
            row, column = divmod(place, columns)
            bottom = (rows - 1 - row) * height + 44
            axes = axes_at(figure, width * column + 52, bottom, width - 66, height - 76)
            _draw(axes, panel, looks)
        line = require("study", "matplotlib.lines").Line2D
        figure.legend(
            handles=[line([], [], label=name, ms=5, **looks[name]) for name in names],
            loc="upper left",
            ncols=in_row,
            frameon=False,
            columnspacing=1.4,
            handlelength=2.4,
            borderaxespad=0.2,
        )
    return figure


def _draw(axes: Axes, panel: Panel, looks: Mapping[str, dict[str, Any]]) -> None:
    if panel.diagonal:
        axes.plot([0, 1], [0, 1], color=COLOURS["context"], linewidth=1)
    for name, (x, y) in panel.lines.items():
        axes.plot(floats(x), floats(y), ms=4, linewidth=1.6, **looks[name])
    axes.set_title(panel.title)
    axes.set_xlabel(panel.xlabel)
    if panel.limits:
        axes.set_ylim(*panel.limits)
    ticker = require("study", "matplotlib.ticker")
    for axis, letter in ((axes.xaxis, "x"), (axes.yaxis, "y")):
        if letter in panel.log:
            (axes.set_xscale if letter == "x" else axes.set_yscale)("log")
            low, high = axis.get_view_interval()
            if high < 100 * low:
                axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        else:
            axis.set_major_locator(ticker.MaxNLocator(5, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(_power if letter in panel.log else plain)
    axes.minorticks_off()
    grid(axes, "y")


def _power(value: float, position: float = 0) -> str:
    """A tick of a logarithmic axis: 1e−6 rather than 0.000001."""
    return (
        plain(value)
        if 1e-3 <= abs(value) < 1e4
        else f"1e{round(np.log10(value))}".replace("-", "−")
    )


def region_panels(
    regions: Mapping[str, Sequence[str]], points: Sequence[Sequence[float]], limit: float
) -> Figure:
    """Draw which class a network gives to each place of a square, and the samples.

    Parameters
    ----------
    regions
        By title: rows of a grid over [-limit, limit], from below, of the digits 0 and 1.
    points
        Samples of class 0 as (x, y), then of class 1, as many.
    """
    size, samples = 190.0, floats(points)
    columns = min(6, len(regions))
    half = len(samples) // 2
    with style():
        figure = new_figure(size * columns, (size + 10) * ceil(len(regions) / columns))
        up = figure.get_size_inches()[1] / UNIT
        for place, (title, rows) in enumerate(regions.items()):
            row, column = divmod(place, columns)
            bottom = up - (size + 10) * (row + 1) + 6
            axes = axes_at(figure, size * column + 6, bottom, size - 16, size - 20)
            image = floats([[float(c) for c in line] for line in rows])
            ticks = np.linspace(-limit, limit, len(image))
            axes.contourf(ticks, ticks, image, [-1, 0.5, 2], colors=["#f3d9c6", "#cddff0"])
            for part, colour in ((samples[:half], "second"), (samples[half:], "accent")):
                axes.plot(*part.T, "o", ms=2, mew=0, color=COLOURS[colour])
            axes.set_xticks([])
            axes.set_yticks([])
            axes.set_title(title)
    return figure
