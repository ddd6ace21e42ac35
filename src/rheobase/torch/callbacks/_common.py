"""What the callbacks share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from .._watch import Watch

OnScalars = Callable[[dict[str, float], int], Any]


class Watching:
    """Holds the watch from the beginning of a training to its end."""

    watch: Watch | None = None

    def __init__(self, every: int = 50, on_scalars: OnScalars | None = None) -> None:
        super().__init__()
        self.every = every
        self.on_scalars = on_scalars

    def _begin(self, model: nn.Module, attach: bool = True) -> None:
        self._end()
        self.watch = Watch(model, self.every, attach=attach)

    def _pass_on(self) -> None:
        if self.on_scalars is not None and self.watch is not None:
            self.on_scalars(self.watch.scalars(), self.watch.steps)

    def _end(self) -> None:
        if self.watch is not None:
            self.watch.stop()
