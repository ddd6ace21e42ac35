"""What the units of a layer do on a fixed set of samples, and whether that is a fault.

Knows no framework and no network.
"""

from ._diagnosis import diagnose
from ._findings import Finding
from ._report import Report
from ._statistics import CONSTANT, DORMANT, LayerStatistics, Role, layer_statistics
from ._words import NEVER_FLAT, WITHOUT_DEAD_ZONE, Advice

__all__ = [
    "CONSTANT",
    "DORMANT",
    "NEVER_FLAT",
    "WITHOUT_DEAD_ZONE",
    "Advice",
    "Finding",
    "LayerStatistics",
    "Report",
    "Role",
    "diagnose",
    "layer_statistics",
]
