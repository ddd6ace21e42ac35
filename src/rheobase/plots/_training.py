"""The losses of one training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .._errors import InputError, require
from ._drawing import COLOURS, WIDTH, axes_at, grid, new_figure, plain, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def training_curves(loss: Sequence[float], validation: Sequence[float] | None = None) -> Figure:
    """Draw the loss of each epoch, and the validation loss beside it."""
    if not len(loss):
        raise InputError("training_curves: no epochs to draw; lbfgs leaves no loss of each epoch.")
    with style():
        figure = new_figure(1.5 * WIDTH, 220)
        axes = axes_at(figure, 56, 44, 1.5 * WIDTH - 70, 150)
        for values, name, colour in (
            (loss, "training", "accent"),
            (validation, "validation", "second"),
        ):
            if values:
                axes.plot(range(1, len(values) + 1), values, color=COLOURS[colour], label=name)
        axes.set_xlabel("epoch")
        axes.set_title("loss")
        axes.xaxis.set_major_locator(
            require("study", "matplotlib.ticker").MaxNLocator(6, integer=True)
        )
        axes.yaxis.set_major_formatter(plain)
        grid(axes, "y")
        if validation:
            axes.legend(frameon=False)
    return figure
