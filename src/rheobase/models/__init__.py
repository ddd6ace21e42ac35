"""Trained dense networks as plain data: computing, saving, loading and ONNX export."""

from __future__ import annotations

from ._model import Layer, Model, Normalisation
from ._onnx import to_onnx
from ._storage import load, save

__all__ = ["Layer", "Model", "Normalisation", "load", "save", "to_onnx"]
