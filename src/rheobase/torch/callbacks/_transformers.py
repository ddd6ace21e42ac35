"""For the Trainer of Hugging Face: ``Trainer(…, callbacks=[TransformersWatch()])``."""

from __future__ import annotations

from typing import Any

from ..._errors import InputError
from ._common import Watching, need

need("transformers")
from transformers import TrainerCallback  # noqa: E402


class TransformersWatch(Watching, TrainerCallback):  # type: ignore[misc]
    """Watches the model that a Trainer trains, and logs when it does.

    A Trainer does not tell of an exception; ``watch.stop()`` detaches then, and so does the next training.
    """

    def on_train_begin(self, args: Any, state: Any, control: Any, **named: Any) -> None:
        """Attach."""
        if args.torch_compile:
            raise InputError(
                "TransformersWatch: torch_compile=True makes a compiled model that no callback is given; compile it "
                "yourself, Trainer(torch.compile(model), …), with remove_unused_columns=False."
            )
        self._begin(named["model"])

    def on_log(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Log."""
        self._pass_on()

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Detach."""
        self._end()
