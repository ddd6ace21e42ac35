"""For skorch: ``NeuralNetClassifier(…, callbacks=[SkorchWatch()])``."""

from __future__ import annotations

from typing import Any

from ._common import Watching, need

need("skorch")
from skorch.callbacks import Callback  # noqa: E402


class SkorchWatch(Watching, Callback):  # type: ignore[misc]
    """Watches the module of a net during `fit`, and logs after each epoch.

    A net does not tell of an exception; ``watch.stop()`` detaches then, and so does the next `fit`.
    """

    def on_train_begin(self, net: Any, *_: Any, **__: Any) -> None:
        """Attach."""
        self._begin(net.module_)

    def on_epoch_end(self, net: Any, *_: Any, **__: Any) -> None:
        """Log."""
        self._pass_on()

    def on_train_end(self, net: Any, *_: Any, **__: Any) -> None:
        """Detach."""
        self._end()
