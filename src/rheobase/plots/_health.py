"""Layer by epoch maps of a comparison."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from .._errors import InputError, require, suggest
from ._drawing import COLOURS, WIDTH, Floats, Result, axes_at, axes_or_new, floats, panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Quantity of a health map -> what its scale is (``share``, ``signed`` or ``log``).
HEALTH = {"dead": "share", "saturated": "share", "mean_output": "signed", "gradient_rms": "log"}
LEAST_SHARE = 0.1  # a scale of shares reaches so far at least: a trace of dead units is no alarm
SHADES = 24
_STRIP = 18.0  # units of one layer
_BETWEEN = 0.4  # layers of room between two functions


def health(result: Result, quantity: str = "dead", ax: Axes | None = None) -> Axes:
    """Draw a layer by epoch map of every function, one below the other.

    Parameters
    ----------
    result
        What ``compare(...).to_dict()`` gives.
    quantity
        One of `HEALTH`.
    ax
        Axes to draw on; by default those of a new figure.
    """
    if quantity not in HEALTH:
        raise InputError(
            f'health() has no quantity "{quantity}"; use one of {", ".join(HEALTH)}.'
            + suggest(quantity, HEALTH)
        )
    if result["settings"]["make"]:
        raise InputError("there are no layers to draw: nobody looks into the estimators of make=.")
    entries, scale = result["activations"], _Scale(quantity, result)
    rows = sum(len(entry["health"]["layers"]) + _BETWEEN for entry in entries)
    height = _STRIP * rows
    with axes_or_new(ax, 460, height + 76, (110, 40, 336, height)) as axes:
        top = 0.0
        ticks: dict[float, str] = {}
        for entry in entries:
            values = floats(entry["health"][quantity])
            _cells(axes, np.arange(values.shape[1] + 1) + 0.5, scale.colours(values), top)
            names = [f"{entry['label']} {k + 1}" for k in range(len(values))]
            ticks |= {top + k + 0.5: name for k, name in enumerate(names)}
            top += len(values) + _BETWEEN
        axes.set_ylim(top - _BETWEEN, 0)
        axes.set_yticks(list(ticks), list(ticks.values()))
        axes.set_title(quantity.replace("_", " "))
        axes.set_xlabel("epoch")
        _key(axes.inset_axes((0.62, 1.02, 0.24, 12 / height)), scale)
    return axes


def health_map(result: Result, label: str | None = None) -> Figure:
    """Draw layer by epoch maps of dead and saturated shares, mean output and gradient RMS.

    The scales are shared by all activations; ``label`` draws the panel of one alone. Blue is positive,
    orange negative, and the stronger the colour the larger the number.
    """
    scales = {kind: _Scale(kind, result) for kind in HEALTH}
    layers = max(len(entry["health"]["layers"]) for entry in result["activations"])
    strip = _STRIP * layers
    step = strip + 36

    def draw(figure: Figure, left: float, bottom: float, entry: Result) -> None:
        for place, (kind, scale) in enumerate(scales.items()):
            base = bottom + 40 + (len(scales) - 1 - place) * step
            values = floats(entry["health"][kind])
            axes = axes_at(figure, left + 36, base, WIDTH - 44, strip)
            _cells(axes, np.arange(values.shape[1] + 1) + 0.5, scale.colours(values))
            axes.set_ylim(len(values), 0)
            axes.set_yticks(np.arange(len(values)) + 0.5, [str(k + 1) for k in range(len(values))])
            axes.set_ylabel("layer")
            axes.set_title(kind.replace("_", " "))
            axes.tick_params(labelbottom=place == len(scales) - 1)
            _key(axes_at(figure, left + WIDTH - 100, base + strip + 7, 50, 8), scale)
        axes.set_xlabel("epoch")

    return panels(result, label, len(HEALTH) * step + 18, draw)


class _Scale:
    """The numbers of one health quantity to a few strengths of colour, alike for every activation."""

    def __init__(self, kind: str, result: Result) -> None:
        self.kind = HEALTH[kind]
        every = np.concatenate([floats(e["health"][kind]).ravel() for e in result["activations"]])
        every = every[np.isfinite(every) & ((every > 0) | (self.kind != "log"))]
        size = float(np.abs(every).max(initial=0.0)) or 1.0
        if self.kind == "share":
            size = max(size, LEAST_SHARE)
        low = {"share": 0.0, "signed": -size, "log": float(every.min(initial=size))}[self.kind]
        self.ends = (low, size)

    def colours(self, values: Floats) -> Floats:
        """Return RGBA; what is missing is blank, and zero on a logarithmic scale is the weakest."""
        low, high = self.ends
        if self.kind == "log":
            span = np.log(high / low) or 1.0
            strength = 0.08 + 0.92 * np.log(np.maximum(values, low) / low) / span
        else:
            strength = np.abs(values) / high
        colour = require("study", "matplotlib.colors").to_rgb
        rgba = np.empty((*values.shape, 4))
        rgba[..., :3] = np.where(
            (values < 0)[..., None], colour(COLOURS["second"]), colour(COLOURS["accent"])
        )
        # A logarithm may be an ULP over its end; what is not 0 is never as blank as 0.
        rgba[..., 3] = np.ceil(np.clip(strength, 0, 1) * SHADES - 1e-9) / SHADES
        rgba[np.isnan(values)] = (*colour(COLOURS["paper"]), 1.0)
        return rgba

    def steps(self, count: int) -> Floats:
        """Return numbers from one end to the other, for the key."""
        spread = np.geomspace if self.kind == "log" else np.linspace
        return spread(*self.ends, count)

    def text(self, value: float) -> str:
        """Return a number as the key shows it."""
        if self.kind == "share":
            return f"{100 * value:.2g} %"
        short = f"{value:.0e}".replace("e-0", "e-") if self.kind == "log" else f"{value:.2g}"
        return short.replace("-", "−")


def _cells(axes: Axes, edges: Floats, colours: Floats, top: float = 0.0) -> None:
    """Fill a cell for each layer and epoch; neighbours in a row of one colour are one rectangle.

    All rectangles of a colour are one shape, which keeps a page of many maps small.
    """
    path = require("study", "matplotlib.path").Path
    patches = require("study", "matplotlib.patches")
    whole = (edges[0], top), edges[-1] - edges[0], len(colours)
    axes.add_patch(patches.Rectangle(*whole, facecolor=COLOURS["rule"], alpha=0.4, linewidth=0))
    shapes: dict[tuple[float, ...], list[Any]] = {}
    for layer, row in enumerate(colours):
        starts = [0, *(np.flatnonzero((row[1:] != row[:-1]).any(axis=1)) + 1), len(row)]
        for start, end in pairwise(starts):
            left, right, above = edges[start], edges[end], top + layer
            corners = [(left, above), (right, above), (right, above + 1), (left, above + 1)]
            shapes.setdefault(tuple(row[start]), []).append(
                path([*corners, corners[0]], closed=True)
            )
    for colour, rectangles in shapes.items():
        axes.add_patch(
            patches.PathPatch(
                path.make_compound_path(*rectangles),
                facecolor=colour, edgecolor=COLOURS["paper"], linewidth=0.5,
            )
        )  # fmt: skip
    axes.set_xlim(edges[0], edges[-1])
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.xaxis.set_major_locator(require("study", "matplotlib.ticker").MaxNLocator(6, integer=True))


def _key(axes: Axes, scale: _Scale) -> None:
    """Draw the colours from one end of a scale to the other, with the numbers beside them."""
    values = scale.steps(11)
    _cells(axes, np.arange(12.0), scale.colours(values[None]))
    axes.set_ylim(1, 0)
    axes.set_axis_off()
    for side, value, align in ((-0.06, values[0], "right"), (1.06, values[-1], "left")):
        axes.text(
            side, 0.5, scale.text(value), ha=align, va="center_baseline", fontsize=10,
            color=COLOURS["muted"], transform=axes.transAxes,
        )  # fmt: skip
