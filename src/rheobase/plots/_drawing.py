"""What all figures share: style, colours, places in units of the page, and how they are written.

Sizes suit a narrow screen: one panel is 300 units wide with text of 11 units.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._errors import InputError, require

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

UNIT = 1 / 72  # one unit of the page in inches
WIDTH = 300.0  # of one panel
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "rheobase",
    "text.parse_math": False,  # a name may hold a dollar sign
    "text.color": COLOURS["ink"],
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 11,
    "axes.labelsize": 11,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.titley": 1.0,  # as is, without looking for what may be in the way
    "axes.titlecolor": COLOURS["ink"],
    "axes.labelcolor": COLOURS["muted"],
    "axes.edgecolor": COLOURS["rule"],
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "figure.facecolor": COLOURS["paper"],
    "lines.solid_capstyle": "round",
    "path.simplify_threshold": 0.3,  # a third of a unit is not seen
}


@contextmanager
def style() -> Iterator[None]:
    with require("study", "matplotlib").rc_context(_STYLE):
        yield


def new_figure(width: float, height: float) -> Figure:
    figure: Figure = require("study", "matplotlib.figure").Figure(
        figsize=(width * UNIT, height * UNIT), dpi=72
    )
    return figure


def axes_at(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Add axes at a place given in units from the lower left corner."""
    across, up = (size / UNIT for size in figure.get_size_inches())
    axes = figure.add_axes((left / across, bottom / up, width / across, height / up))
    # Ticks are made when first drawn, so their look is fixed here and not left to the style of then.
    axes.tick_params(
        colors=COLOURS["rule"], labelcolor=COLOURS["muted"], labelsize=11, length=0, pad=5
    )
    return axes


@contextmanager
def axes_or_new(
    ax: Axes | None, width: float, height: float, place: tuple[float, float, float, float]
) -> Iterator[Axes]:
    """Yield the caller's axes as they are, or those of a new figure at a place (`axes_at`) in our style."""
    if ax is not None:
        yield ax
        return
    with style():
        yield axes_at(new_figure(width, height), *place)


def grid(axes: Axes, axis: str) -> None:
    axes.grid(True, axis=axis, color=COLOURS["rule"], linewidth=0.8)  # type: ignore[arg-type]


def plain(value: float, _position: float = 0) -> str:
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
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    options: dict[str, Any] = {"metadata": nothing} if kind == "svg" else {"dpi": 200}
    with style():
        figure.savefig(buffer, format=kind, **options)
    return buffer.getvalue()


def floats(values: Any) -> Floats:
    """Return numbers as an array, null as NaN."""
    return np.array(values, dtype=np.float64)


def panels(
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
    with style():
        figure = new_figure(WIDTH * columns, cell * rows)
        for place, entry in enumerate(shown):
            row, column = divmod(place, columns)
            left, bottom = WIDTH * column, cell * (rows - 1 - row)
            if label is None:
                across, up = left + 6, bottom + height + 8
                figure.text(
                    across / (WIDTH * columns), up / (cell * rows), entry["label"], weight="bold"
                )
            draw(figure, left, bottom, entry)
    return figure


#: How a single point is marked: a ring.
RING: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 6,
    "markerfacecolor": COLOURS["paper"],
    "markeredgecolor": COLOURS["ink"],
    "markeredgewidth": 1.4,
    "zorder": 3,
}
