"""Trained dense networks as plain data: computing, saving, loading and ONNX export."""

from __future__ import annotations

from ._document import described_activation, rebuilt_activation
from ._model import SOFTMAX, Layer, Model, Normalisation
from ._onnx import to_onnx
from ._storage import load, save

__all__ = [
    "SOFTMAX",
    "Layer",
    "Model",
    "Normalisation",
    "described_activation",
    "load",
    "rebuilt_activation",
    "save",
    "to_onnx",
]
