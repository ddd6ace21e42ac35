"""scikit-learn's callbacks, which are told of each round of `fit`: an epoch, or an iteration of L-BFGS."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # scikit-learn before 1.9 has none

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Nothing to support."""

    def with_callbacks(fit: Any) -> Any:
        """Return the method as it is."""
        return fit


__all__ = ["CallbackSupportMixin", "Rounds", "with_callbacks"]


class Rounds:
    """What the callbacks of an estimator are told; without any, nothing happens."""

    def __init__(self, est: Any, at_most: int, X: Any, y: Any, sample_weight: Any) -> None:
        self.est = est
        self.samples: dict[str, Any] = {"X": X, "y": y}
        if sample_weight is not None:
            self.samples["metadata"] = {"sample_weight": sample_weight}
        self.fit: Any = None
        self.round: Any = None
        if getattr(est, "_skl_callbacks", None) or hasattr(est, "_parent_callback_ctx"):
            self.fit = est._init_callback_context(max_subtasks=at_most)
            self.fit.call_on_fit_task_begin(estimator=est, **self.samples)

    def begin(self) -> None:
        """Say that a round begins, unless one goes on."""
        if self.fit and not self.round:
            self.round = self.fit.subcontext(task_name="round")
            self.round.call_on_fit_task_begin(
                estimator=self.est, reconstruction_attributes=self._fitted, **self.samples
            )

    def end(self) -> bool:
        """Say that a round is over; return whether a callback wants to stop."""
        if not self.round:
            return False
        ended, self.round = self.round, None
        return bool(
            ended.call_on_fit_task_end(
                estimator=self.est, reconstruction_attributes=self._fitted, **self.samples
            )
        )

    def close(self) -> None:
        """Say that `fit` is over."""
        self.end()  # of a round that was interrupted
        if self.fit:
            self.fit.call_on_fit_task_end(
                estimator=self.est, reconstruction_attributes=self._fitted, **self.samples
            )

    def _fitted(self) -> dict[str, Any]:
        """What an estimator as of now differs in from one that goes on training."""
        return {"network_": deepcopy(self.est.network_)}
