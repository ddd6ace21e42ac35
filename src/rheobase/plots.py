"""Figures of activations and of comparisons, as matplotlib ``Figure`` objects.

Every function takes plain data and draws through matplotlib's object interface, so no global state is
left behind. Sizes suit a narrow screen: one panel is 360 units wide with text of 11 units.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ._activation import Activation
from ._errors import InputError, require

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Result = dict[str, Any]
Floats = NDArray[np.float64]

#: The role of each colour. Blue against orange stays distinct with every kind of colour blindness;
#: the report replaces each value by the style sheet's variable of the same name.
COLOURS = {
    "ink": "#1c2127",
    "muted": "#58616b",
    "rule": "#dcdfe3",
    "context": "#b4bbc3",
    "accent": "#1a5fa8",
    "second": "#b4500a",
    "paper": "#fefefe",
}

#: Quantity of a health map -> what its scale is (``share``, ``signed`` or ``log``).
HEALTH = {"dead": "share", "saturated": "share", "mean_output": "signed", "gradient_rms": "log"}

_UNIT = 1 / 72  # one unit of the page in inches
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "rheobase",
    "text.parse_math": False,  # a name may hold a dollar sign
    "text.color": COLOURS["ink"],
    "font.size": 11,
    "axes.labelsize": 11,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.titlecolor": COLOURS["ink"],
    "axes.labelcolor": COLOURS["muted"],
    "axes.edgecolor": COLOURS["rule"],
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "figure.facecolor": COLOURS["paper"],
    "lines.solid_capstyle": "round",
}


@contextmanager
def _style() -> Iterator[None]:
    with require("study", "matplotlib").rc_context(_STYLE):
        yield


def _figure(width: float, height: float) -> Figure:
    figure: Figure = require("study", "matplotlib.figure").Figure(
        figsize=(width * _UNIT, height * _UNIT), dpi=72
    )
    return figure


def _axes(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Add axes at a place given in units from the lower left corner."""
    across, up = (size / _UNIT for size in figure.get_size_inches())
    axes = figure.add_axes((left / across, bottom / up, width / across, height / up))
    # Ticks are made when first drawn, so their look is fixed here and not left to the style of then.
    axes.tick_params(colors=COLOURS["rule"], labelcolor=COLOURS["muted"], labelsize=11, length=0, pad=5)
    return axes


def _grid(axes: Axes, axis: str) -> None:
    axes.grid(True, axis=axis, color=COLOURS["rule"], linewidth=0.8)  # type: ignore[arg-type]


def _plain(value: float, _position: int | None = None) -> str:
    return f"{value:g}".replace("-", "−")


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure; the ending of ``path`` chooses the format.

    The same figure always gives the same bytes in SVG.
    """
    target = Path(path)
    kind = target.suffix.removeprefix(".").lower() or "svg"
    known = require("study", "matplotlib.backend_bases").FigureCanvasBase.get_supported_filetypes()
    if kind not in known:
        raise InputError(
            f'cannot write "{target}": no image format "{kind}"; use one of {", ".join(sorted(known))}'
        )
    image = _bytes(figure, kind)
    try:
        target.write_bytes(image)
    except OSError as error:
        raise InputError(f'cannot write "{target}": {error.strerror}') from error


def to_svg(figure: Figure) -> str:
    """Return a figure as SVG, with text as text."""
    return _bytes(figure, "svg").decode()


def _bytes(figure: Figure, kind: str) -> bytes:
    buffer = io.BytesIO()
    options: dict[str, Any] = {"metadata": {"Date": None}} if kind == "svg" else {"dpi": 200}
    with _style():
        figure.savefig(buffer, format=kind, **options)
    return buffer.getvalue()


# --- activations -----------------------------------------------------------------------------------

_SPAN = (-6.0, 6.0)


def plot_curves(
    activations: Iterable[Activation], path: str | os.PathLike[str] | None = None
) -> Figure:
    """Draw value and derivative of each activation over z from -6 to 6.

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
    width, height, top = 280.0, 230.0, 44.0
    with _style():
        figure = _figure(columns * width, rows * height + top)
        for place, activation in enumerate(shown):
            row, column = divmod(place, columns)
            bottom = (rows - 1 - row) * height + 26
            axes = _axes(figure, column * width + 34, bottom, width - 48, height - 60)
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
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        z = np.linspace(np.nextafter(start, end), np.nextafter(end, start), 241)
        value, derivative = activation.value_and_derivative(z)
        axes.plot(z, value, **_VALUE)
        axes.plot(z, derivative, **_DERIVATIVE)
    if kinks:
        axes.plot(kinks, activation(np.array(kinks)), **_KINK)

    axes.set_title(str(activation))
    axes.set_xlim(low, high)
    axes.set_xticks([-6, -3, 0, 3, 6])
    axes.margins(y=0.08)
    axes.xaxis.set_major_formatter(_plain)
    axes.yaxis.set_major_locator(require("study", "matplotlib.ticker").MaxNLocator(5))
    axes.yaxis.set_major_formatter(_plain)
    _grid(axes, "both")


_VALUE: dict[str, Any] = {"color": COLOURS["accent"], "linewidth": 2}
_DERIVATIVE: dict[str, Any] = {"color": COLOURS["second"], "linewidth": 1.6, "linestyle": (0, (4, 2))}
_KINK: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 6,
    "markerfacecolor": COLOURS["paper"],
    "markeredgecolor": COLOURS["ink"],
    "markeredgewidth": 1.4,
    "zorder": 3,
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
            line([], [], label="kink", **_KINK),
            patch(label="saturated", **_SATURATED),
            patch(label="dead", **_DEAD),
        ],
        loc="upper left",
        ncols=5 if figure.get_figwidth() / _UNIT > 400 else 3,
        frameon=False,
        columnspacing=1.4,
        handlelength=1.6,
    )


# --- comparisons -----------------------------------------------------------------------------------


def _floats(values: Any) -> Floats:
    """Return numbers as an array, null as NaN."""
    return np.array(values, dtype=np.float64)


def _limits(values: Floats, pad: float = 0.04) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    room = pad * (high - low) or 0.01
    return low - room, high + room


def _panels(
    result: Result,
    label: str | None,
    height: float,
    draw: Callable[[Figure, float, float, Result], None],
) -> Figure:
    """One panel an activation, or that of ``label`` alone; every panel has the same scales."""
    shown = [entry for entry in result["activations"] if label in (None, entry["label"])]
    cell = height if label else height + 24
    columns = min(3, len(shown))
    rows = ceil(len(shown) / columns)
    with _style():
        figure = _figure(_WIDTH * columns, cell * rows)
        for place, entry in enumerate(shown):
            row, column = divmod(place, columns)
            left, bottom = _WIDTH * column, cell * (rows - 1 - row)
            if label is None:
                across, up = left + 6, bottom + height + 8
                figure.text(
                    across / (_WIDTH * columns), up / (cell * rows), entry["label"], weight="bold"
                )
            draw(figure, left, bottom, entry)
    return figure


def _intervals(rows: Sequence[str], height: float = 34) -> tuple[Figure, Axes]:
    """Axes with one line a row, its name above the line; the first row is on top."""
    figure = _figure(_WIDTH, height * len(rows) + 44)
    axes = _axes(figure, 14, 40, _WIDTH - 28, height * len(rows))
    axes.set_ylim(len(rows) - 0.3, -0.7)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_formatter(_plain)
    axes.xaxis.set_major_locator(require("study", "matplotlib.ticker").MaxNLocator(5))
    _grid(axes, "x")
    for place, name in enumerate(rows):
        axes.text(
            0, place - 0.28, name, transform=axes.get_yaxis_transform(), va="bottom"
        ).set_in_layout(False)
    return figure, axes


def scores(result: Result) -> Figure:
    """Draw every seed's test score, the mean and its interval, best activation first."""
    entries = result["activations"]
    with _style():
        figure, axes = _intervals([entry["label"] for entry in entries])
        for place, entry in enumerate(entries):
            seeds = _floats(entry["scores"])
            axes.plot(seeds, np.full(seeds.size, place), **_SEED)
            _interval(axes, place, entry["mean"], entry["interval"], filled=True)
        axes.set_xlabel(f"test {result['settings']['metric']}")
    return figure


def paired_differences(result: Result) -> Figure:
    """Draw the mean difference of each pair with its interval; filled where one is better."""
    pairs = result["pairs"]
    with _style():
        figure, axes = _intervals([f"{pair['first']} − {pair['second']}" for pair in pairs])
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
        kind: [(e["label"], _floats(e["history"][kind])) for e in result["activations"]]
        for kind in kinds
    }
    every = {kind: np.concatenate([run.ravel() for _, run in runs[kind]]) for kind in kinds}
    losses = every["train_loss"][every["train_loss"] > 0]

    def draw(figure: Figure, left: float, bottom: float, entry: Result) -> None:
        upper = _axes(figure, left + 48, bottom + 168, _WIDTH - 58, 146)
        lower = _axes(figure, left + 48, bottom + 40, _WIDTH - 58, 92)
        for axes, kind in zip((upper, lower), kinds, strict=True):
            for label, run in runs[kind]:
                _curve(axes, run, label == entry["label"])
            _grid(axes, "y")
            axes.set_xlim(1, max(2, every[kind].size // max(1, sum(len(r) for _, r in runs[kind]))))
            axes.xaxis.set_major_locator(
                require("study", "matplotlib.ticker").MaxNLocator(6, integer=True)
            )
        upper.set_title(f"validation {metric}")
        upper.set_ylim(_limits(_above_outliers(every["validation"])))
        upper.yaxis.set_major_formatter(_plain)
        upper.tick_params(labelbottom=False)
        lower.set_title("training loss")
        lower.set_xlabel("epoch")
        if losses.size:
            lower.set_yscale("log")
            lower.set_ylim(losses.min() / 1.3, losses.max() * 1.3)
            lower.minorticks_off()
        lower.yaxis.set_major_formatter(_plain)

    return _panels(result, label, 338, draw)


def _above_outliers(values: Floats) -> Floats:
    """Drop the lowest hundredth, so that one bad start does not flatten every curve."""
    finite = values[np.isfinite(values)]
    return finite[finite >= np.quantile(finite, 0.01)] if finite.size else finite


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
        entry["label"]: _floats(
            [(row["learning_rate"], row["validation"]) for row in entry["learning_rate_scores"]]
        )
        for entry in result["activations"]
    }
    every = np.concatenate([curve[:, 1] for curve in curves.values()])

    def draw(figure: Figure, left: float, bottom: float, entry: Result) -> None:
        axes = _axes(figure, left + 48, bottom + 40, _WIDTH - 66, 120)
        for label, (rates, values) in ((name, curve.T) for name, curve in curves.items()):
            if label == entry["label"]:
                axes.plot(rates, values, "o-", color=COLOURS["accent"], linewidth=2, ms=4, zorder=2)
                chosen = rates == entry["learning_rate"]
                axes.plot(rates[chosen], values[chosen], **_CHOSEN)
            else:
                axes.plot(rates, values, color=COLOURS["context"], linewidth=1.1, zorder=1)
        rates = curves[entry["label"]][:, 0]
        axes.set_xscale("log")
        axes.set_xticks(rates[:: ceil(rates.size / 6)])
        axes.minorticks_off()
        axes.xaxis.set_major_formatter(_plain)
        axes.yaxis.set_major_formatter(_plain)
        axes.set_ylim(_limits(every, 0.1))
        axes.set_title(f"validation {result['settings']['metric']}")
        axes.set_xlabel("learning rate")
        _grid(axes, "y")

    return _panels(result, label, 190, draw)


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
            values = _floats(entry["health"][kind])
            axes = _axes(figure, left + 66, base, _WIDTH - 76, strip)
            _cells(axes, np.arange(values.shape[1] + 1) + 0.5, scale.colours(values))
            axes.set_yticks(np.arange(values.shape[0]) + 0.5, entry["health"]["layers"])
            axes.set_title(kind.replace("_", " "))
            axes.tick_params(labelbottom=place == len(scales) - 1)
            _key(figure, left + _WIDTH - 10, base + strip + 7, scale)
        axes.set_xlabel("epoch")

    return _panels(result, label, len(HEALTH) * step + 26, draw)


class _Scale:
    """The numbers of one health quantity to strengths of colour, alike for every activation."""

    def __init__(self, kind: str, result: Result) -> None:
        self.kind = HEALTH[kind]
        every = np.concatenate([_floats(e["health"][kind]).ravel() for e in result["activations"]])
        every = every[np.isfinite(every) & ((every > 0) | (self.kind != "log"))]
        size = float(np.abs(every).max(initial=0.0)) or 1.0
        low = {"share": 0.0, "signed": -size, "log": float(every.min(initial=size))}[self.kind]
        self.ends = (low, size)

    def colours(self, values: Floats) -> Floats:
        """Return RGBA; what is missing stays blank, and zero on a logarithmic scale is the weakest."""
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
        rgba[..., 3] = np.nan_to_num(strength)
        return rgba

    def steps(self, count: int) -> Floats:
        """Return numbers from one end to the other, for the key."""
        spread = np.geomspace if self.kind == "log" else np.linspace
        return spread(*self.ends, count)

    def text(self, value: float) -> str:
        """Return a number as the key shows it."""
        if self.kind == "share":
            return f"{100 * value:.2g} %"
        return f"{value:.1e}" if self.kind == "log" else f"{value:.2g}".replace("-", "−")


def _cells(axes: Axes, edges: Floats, colours: Floats) -> None:
    layers = np.arange(colours.shape[0] + 1)
    axes.pcolormesh(edges, layers, colours, edgecolors=COLOURS["paper"], linewidth=0.5)
    axes.set_ylim(colours.shape[0], 0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.xaxis.set_major_locator(
        require("study", "matplotlib.ticker").MaxNLocator(6, integer=True)
    )


def _key(figure: Figure, right: float, bottom: float, scale: _Scale) -> None:
    """Draw the colours from one end of a scale to the other, with the numbers beside them."""
    axes = _axes(figure, right - 110, bottom, 66, 8)
    values = scale.steps(11)
    _cells(axes, np.arange(12.0), scale.colours(values[None]))
    axes.set_axis_off()
    for side, value, align in ((-0.06, values[0], "right"), (1.06, values[-1], "left")):
        axes.text(
            side, 0.5, scale.text(value), ha=align, va="center_baseline", fontsize=10,
            color=COLOURS["muted"], transform=axes.transAxes,
        )  # fmt: skip


_WIDTH = 360.0
_SEED: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 4.5,
    "markerfacecolor": COLOURS["context"],
    "markeredgewidth": 0,
    "alpha": 0.7,
}
_CHOSEN: dict[str, Any] = {**_KINK, "markersize": 9, "markeredgecolor": COLOURS["accent"]}
