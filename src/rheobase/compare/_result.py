"""What a comparison returns: plain data, the same as arrays, and figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rheobase import plots
from rheobase._errors import InputError, require
from rheobase.compare._verdict import filled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Arrays = dict[str, NDArray[Any]]


class Answer:
    """What a study says: plain data with a verdict and a ranking."""

    def __init__(self, result: dict[str, Any]) -> None:
        self._result = result

    @property
    def verdict(self) -> str:
        """What the study says, in one sentence."""
        return str(self._result["verdict"]["headline"])

    @property
    def ranking(self) -> list[str]:
        """The functions, best first: by mean test score, or over data sets by mean rank."""
        return [entry["label"] for entry in self._result["activations"]]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON."""
        return self._result

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.verdict}>"


class Comparison(Answer):
    """The result of `compare`.

    Every ``plot_`` method draws on matplotlib axes given as ``ax``, or on new ones that pyplot shows, and
    returns them.

    Examples
    --------
    >>> import rheobase as rb
    >>> result = rb.compare(activations=["tanh", "relu"], hidden=[8], seeds=2, epochs=1)
    >>> sorted(result.ranking)
    ['relu', 'tanh']
    >>> result.results_["split0_test_score"].shape
    (2,)
    >>> result.plot_scores().get_xlabel()
    'test accuracy'
    """

    @property
    def results_(self) -> Arrays:
        """One array a column and one entry a function, best first, as scikit-learn's ``cv_results_``.

        ``pandas.DataFrame(result.results_)`` makes a table of it. NaN stands for what could not be had:
        ``split3_test_score`` of a function whose run with the fourth seed diverged. Such a run counts as
        worst in ``rank_test_score`` and not at all in ``mean_`` and ``std_test_score``.
        """
        entries = self._result["activations"]
        scores = _column([entry["scores"] for entry in entries])
        runs = filled({entry["label"]: entry["scores"] for entry in entries})
        validation = _column([[run[-1] for run in e["history"]["validation"]] for e in entries])
        columns: Arrays = {
            "function": np.array(self.ranking),
            "param_learning_rate": _column([entry["learning_rate"] for entry in entries]),
            "rank_test_score": _ranks([runs[label].mean() for label in self.ranking]),
            "mean_test_score": _finished(np.mean, scores),
            "std_test_score": _finished(np.std, scores),
            "low_test_score": _column([(entry["interval"] or [None])[0] for entry in entries]),
            "high_test_score": _column([(entry["interval"] or [None])[-1] for entry in entries]),
            "mean_validation_score": _finished(np.mean, validation),
            "diverged": np.array([entry["diverged"] for entry in entries]),
            "epochs_to_target": _column([e["epochs_to_target"]["median"] for e in entries]),
        }
        for key in ("dead", "saturated", "mean_output", "gradient_ratio"):
            columns[key] = _column([entry[key] for entry in entries])
        for k, seed_scores in enumerate(scores.T):
            columns[f"split{k}_test_score"] = seed_scores
        return columns

    def plot_scores(self, ax: Axes | None = None) -> Axes:
        """Draw every seed's test score, the mean and its interval."""
        return _drawn(ax, len(self.ranking), plots.scores, self._result)

    def plot_pairs(self, ax: Axes | None = None) -> Axes:
        """Draw the mean difference of every two functions and its interval."""
        return _drawn(ax, len(self._result["pairs"]), plots.paired_differences, self._result)

    def plot_learning_curves(self, ax: Axes | None = None) -> Axes:
        """Draw the validation score over the epochs, the median over the seeds."""
        return _drawn(ax, 0, plots.median_curves, self._result, "validation")

    def plot_losses(self, ax: Axes | None = None) -> Axes:
        """Draw the training loss over the epochs, the median over the seeds."""
        return _drawn(ax, 0, plots.median_curves, self._result, "train_loss")

    def plot_learning_rates(self, ax: Axes | None = None) -> Axes:
        """Draw the validation score at each learning rate; a ring marks the chosen one."""
        return _drawn(ax, 0, plots.learning_rates, self._result)

    def plot_health(self, quantity: str = "dead", ax: Axes | None = None) -> Axes:
        """Draw a layer by epoch map of every function.

        Parameters
        ----------
        quantity : {"dead", "saturated", "mean_output", "gradient_rms"}
        ax : matplotlib axes, optional
        """
        layers = sum(len(entry["health"]["layers"]) for entry in self._result["activations"])
        return _drawn(ax, layers, plots.health, self._result, quantity)


class ManyComparison(Answer):
    """The result of `compare_many`."""

    @property
    def results_(self) -> Arrays:
        """One array a column and one entry a function, best first; ``split`` k is the k-th data set."""
        entries = self._result["activations"]
        scores = _column([entry["scores"] for entry in entries])
        return {
            "function": np.array(self.ranking),
            "mean_rank": _column([entry["mean_rank"] for entry in entries]),
            "diverged": np.array([entry["diverged"] for entry in entries]),
            "mean_test_score": scores.mean(axis=1),
            "std_test_score": scores.std(axis=1),
        } | {f"split{k}_test_score": column for k, column in enumerate(scores.T)}

    def plot_critical_difference(self, ax: Axes | None = None) -> Axes:
        """Draw mean ranks and Nemenyi's critical difference.

        Raises
        ------
        InputError
            The diagram would claim what the data sets do not show; the message says why.
        """
        return _drawn(ax, len(self.ranking) + 1, plots.critical_difference, self._result)


def _drawn(ax: Axes | None, rows: int, draw: Callable[..., Axes], *what: Any) -> Axes:
    """Draw on ``ax``, or on new axes that notebooks and ``pyplot.show`` show, high enough for the rows."""
    if ax is not None:
        return draw(*what, ax=ax)
    pyplot = require("study", "matplotlib.pyplot")
    size = (6.4, max(4.8, 0.45 * rows + 0.6))
    figure, axes = pyplot.subplots(figsize=size, layout="constrained")
    try:
        return draw(*what, ax=axes)
    except InputError:
        pyplot.close(figure)  # it would be shown empty
        raise


def _column(values: Sequence[Any]) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)  # None is NaN


def _finished(what: Any, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Apply to the finished runs of each function; NaN where there are none."""
    return _column(
        [what(row[~np.isnan(row)]) if (~np.isnan(row)).any() else None for row in scores]
    )


def _ranks(means: Sequence[float]) -> NDArray[np.int32]:
    """Return 1 for the highest; equal ones share the better rank, as in ``cv_results_``."""
    return np.array([1 + sum(other > mean for other in means) for mean in means], dtype=np.int32)
