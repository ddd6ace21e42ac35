"""What the callbacks share."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from torch import nn

from ..._errors import MissingExtraError
from .._watch import Watch

OnScalars = Callable[[dict[str, float], int], Any]


def need(library: str) -> None:
    """Say how to install a library that no extra brings, since whoever trains with it has it."""
    if find_spec(library) is None:
        raise MissingExtraError(
            f"this callback is for {library}, which is not installed: pip install {library}"
        )


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
