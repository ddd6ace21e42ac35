"""What the units of a layer do on a fixed set of samples, and whether that is a fault.

Knows no framework and no network.
"""

from ._diagnosis import diagnose
from ._findings import Finding
from ._report import Report
from ._statistics import DORMANT, LayerStatistics, layer_statistics

__all__ = ["DORMANT", "Finding", "LayerStatistics", "Report", "diagnose", "layer_statistics"]
