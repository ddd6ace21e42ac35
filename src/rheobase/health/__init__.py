"""What the units of a layer do on a fixed set of samples. Knows no framework and no network."""

from ._statistics import DORMANT, LayerStatistics, layer_statistics

__all__ = ["DORMANT", "LayerStatistics", "layer_statistics"]
