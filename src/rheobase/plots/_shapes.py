"""Score and gradient of each function over depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._drawing import COLOURS, WIDTH, Result, axes_at, floats, grid, panels, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def over_depth(result: Result, label: str | None = None) -> Figure:
    """Draw test score and gradient, first layer / last, over depth; a line for each width, which stands at its
    end.

    Grey lines are the other functions.

    Parameters
    ----------
    result
        What ``compare_shapes(...).to_dict()`` gives.
    label
        Draw the panel of this function alone, on the scales that all of them share.
    """
    shapes = np.array([(shape["depth"], shape["width"]) for shape in result["shapes"]])
    depths = sorted({int(depth) for depth in shapes[:, 0]})
    ratios = floats([entry["gradient_ratios"] for entry in result["activations"]])
    positive = ratios[ratios > 0]

    def draw(figure: Figure, left: float, bottom: float, entry: Result) -> None:
        upper = axes_at(figure, left + 48, bottom + 158, WIDTH - 66, 112)
        lower = axes_at(figure, left + 48, bottom + 38, WIDTH - 66, 88)
        for each in sorted(result["activations"], key=lambda e: bool(e["label"] == entry["label"])):
            own = each["label"] == entry["label"]
            look: dict[str, Any] = {
                "color": COLOURS["accent" if own else "context"],
                "linewidth": 2 if own else 1,
            }
            for width in dict.fromkeys(shapes[:, 1]):
                at = shapes[:, 1] == width
                for axes, values in ((upper, each["means"]), (lower, each["gradient_ratios"])):
                    line = shapes[at, 0], floats(values)[at]
                    axes.plot(*line, "o-" if own else "-", ms=4, **look)
                    if own and axes is upper:
                        end = line[0][-1], line[1][-1]
                        axes.annotate(f" {width}", end, color=COLOURS["muted"], va="center")
        for axes in (upper, lower):
            grid(axes, "y")
            axes.set_xscale("log")
            axes.set_xticks(depths, [str(depth) for depth in depths])
            axes.minorticks_off()
            axes.yaxis.set_major_formatter(plain)
        upper.tick_params(labelbottom=False)
        upper.set_title(f"test {result['metric']}")
        lower.set_title("gradient, first / last layer")
        lower.set_xlabel("hidden layers")
        lower.axhline(1, color=COLOURS["muted"], linewidth=1)
        if positive.size:
            lower.set_yscale("log")
            lower.set_ylim(min(positive.min(), 0.5) / 2, max(positive.max(), 2) * 2)
            lower.minorticks_off()
            lower.yaxis.set_major_formatter(plain)  # the logarithmic scale brought its own

    return panels(result, label, 290, draw)
