"""Callbacks that watch a model while another library trains it.

``SkorchWatch``, ``TransformersWatch`` and ``LightningWatch`` take ``every``, as `rheobase.torch.watch` does, and ``on_scalars``,
a callable ``on_scalars(scalars, step)`` that passes the figures to any logger. Their ``watch`` makes the reports.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "LightningWatch": "lightning",
    "SkorchWatch": "skorch",
    "TransformersWatch": "transformers",
}
__all__ = ["LightningWatch", "SkorchWatch", "TransformersWatch"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"rheobase.torch.callbacks has no {name!r}")
    return getattr(importlib.import_module(f"{__name__}._{_HOMES[name]}"), name)
