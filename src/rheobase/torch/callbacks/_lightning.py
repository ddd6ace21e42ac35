"""For Lightning: ``Trainer(…, callbacks=[LightningWatch()])``."""

from __future__ import annotations

from typing import Any

from ._common import Watching, need

need("lightning")
from lightning.pytorch.callbacks import Callback  # noqa: E402


class LightningWatch(Watching, Callback):  # type: ignore[misc]
    """Watches a LightningModule, whose step is a training step up to the backward, and logs after each epoch."""

    def on_train_start(self, trainer: Any, module: Any) -> None:
        """Attach; a training step need not call the module itself."""
        self._begin(module, attach=False)

    def on_train_batch_start(self, trainer: Any, module: Any, batch: Any, *_: Any) -> None:
        """Begin to look."""
        if self.watch is not None:
            self.watch.begin_step(batch)

    def on_before_backward(self, trainer: Any, module: Any, loss: Any) -> None:
        """Look no further: what runs again in a backward is counted once."""
        if self.watch is not None:
            self.watch.end_step()

    def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
        """Log."""
        self._pass_on()

    def on_train_end(self, trainer: Any, module: Any) -> None:
        """Detach."""
        self._end()

    def on_exception(self, trainer: Any, module: Any, exception: BaseException) -> None:
        """Detach."""
        self._end()
