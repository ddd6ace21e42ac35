"""Figures of activations and of comparisons.

Every function takes an activation or plain data and draws through matplotlib's object interface, so no
global state is left behind. What is one drawing takes ``ax`` and returns the axes; what has several panels
returns a figure.
"""

from ._comparison import (
    learning_curves,
    learning_rate_sensitivity,
    learning_rates,
    median_curves,
)
from ._curves import plot_curves
from ._drawing import COLOURS, save, to_svg
from ._health import HEALTH, health, health_map
from ._intervals import (
    critical_difference,
    paired_differences,
    scores,
)
from ._lines import Panel, line_panels, region_panels
from ._shapes import over_depth
from ._training import training_curves

__all__ = [
    "COLOURS",
    "HEALTH",
    "Panel",
    "critical_difference",
    "health",
    "health_map",
    "learning_curves",
    "learning_rate_sensitivity",
    "learning_rates",
    "line_panels",
    "median_curves",
    "over_depth",
    "paired_differences",
    "plot_curves",
    "region_panels",
    "save",
    "scores",
    "to_svg",
    "training_curves",
]
