"""Layer by epoch maps of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .._errors import require
from ._drawing import COLOURS, WIDTH, Floats, Result, axes_at, floats, panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Quantity of a health map -> what its scale is (``share``, ``signed`` or ``log``).
HEALTH = {"dead": "share", "saturated": "share", "mean_output": "signed", "gradient_rms": "log"}


def health_map(result: Result, label: str | None = None) -> Figure:
    """Draw layer by epoch maps of dead and saturated shares, mean output and gradient RMS.

    The scales are shared by all activations; ``label`` draws the panel of one alone. Blue is positive,
    orange negative, and the stronger the colour the larger the number.
    """
    scales = {kind: _Scale(kind, result) for kind in HEALTH}
    layers = max(len(entry["health"]["layers"]) for entry in result["activations"])
    strip = 18.0 * layers
    step = strip + 36

    def draw(figure: Figure, left: float, bottom: float, entry: Result) -> None:
        for place, (kind, scale) in enumerate(scales.items()):
            base = bottom + 40 + (len(scales) - 1 - place) * step
            values = floats(entry["health"][kind])
            axes = axes_at(figure, left + 62, base, WIDTH - 70, strip)
            _cells(axes, np.arange(values.shape[1] + 1) + 0.5, scale.colours(values))
            axes.set_yticks(np.arange(values.shape[0]) + 0.5, entry["health"]["layers"])
            axes.set_title(kind.replace("_", " "))
            axes.tick_params(labelbottom=place == len(scales) - 1)
            _key(figure, left + WIDTH - 8, base + strip + 7, scale)
        axes.set_xlabel("epoch")

    return panels(result, label, len(HEALTH) * step + 18, draw)


class _Scale:
    """The numbers of one health quantity to strengths of colour, alike for every activation."""

    def __init__(self, kind: str, result: Result) -> None:
        self.kind = HEALTH[kind]
        every = np.concatenate([floats(e["health"][kind]).ravel() for e in result["activations"]])
        every = every[np.isfinite(every) & ((every > 0) | (self.kind != "log"))]
        size = float(np.abs(every).max(initial=0.0)) or 1.0
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
        rgba[..., 3] = np.clip(strength, 0, 1)  # a logarithm may be an ULP over its end
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


def _cells(axes: Axes, edges: Floats, colours: Floats) -> None:
    layers = np.arange(colours.shape[0] + 1)
    axes.axvspan(edges[0], edges[-1], facecolor=COLOURS["rule"], alpha=0.4, linewidth=0)
    axes.pcolormesh(edges, layers, colours, edgecolors=COLOURS["paper"], linewidth=0.5)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(colours.shape[0], 0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.xaxis.set_major_locator(require("study", "matplotlib.ticker").MaxNLocator(6, integer=True))


def _key(figure: Figure, right: float, bottom: float, scale: _Scale) -> None:
    """Draw the colours from one end of a scale to the other, with the numbers beside them."""
    axes = axes_at(figure, right - 92, bottom, 50, 8)
    values = scale.steps(11)
    _cells(axes, np.arange(12.0), scale.colours(values[None]))
    axes.set_axis_off()
    for side, value, align in ((-0.06, values[0], "right"), (1.06, values[-1], "left")):
        axes.text(
            side, 0.5, scale.text(value), ha=align, va="center_baseline", fontsize=10,
            color=COLOURS["muted"], transform=axes.transAxes,
        )  # fmt: skip
