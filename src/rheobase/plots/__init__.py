"""Figures of activations and of comparisons, as matplotlib ``Figure`` objects.

Every function takes an activation or plain data and draws through matplotlib's object interface, so no
global state is left behind.
"""

from ._comparison import (
    critical_difference,
    learning_curves,
    learning_rate_sensitivity,
    paired_differences,
    scores,
)
from ._curves import plot_curves
from ._drawing import COLOURS, save, to_svg
from ._health import HEALTH, health_map
from ._lines import Panel, line_panels, region_panels
from ._training import training_curves

__all__ = [
    "COLOURS",
    "HEALTH",
    "Panel",
    "critical_difference",
    "health_map",
    "learning_curves",
    "learning_rate_sensitivity",
    "line_panels",
    "paired_differences",
    "plot_curves",
    "region_panels",
    "save",
    "scores",
    "to_svg",
    "training_curves",
]
