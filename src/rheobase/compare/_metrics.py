"""Metrics: scikit-learn's scorers, for many networks at a time; higher is better in each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rheobase._errors import InputError, require, suggest
from rheobase.compare._problem import Problem
from rheobase.rows import cross_entropy

Array = NDArray[Any]
DEFAULTS = {"classification": "accuracy", "regression": "r2"}
OTHER_TASK = {"classification": ("_regression",), "regression": ("_classification", "_ranking")}


def _mean(values: Array, weights: Array | None) -> Array:
    if weights is None:
        return np.asarray(values.mean(axis=-1))
    return np.asarray((values * weights).sum(axis=-1) / weights.sum(axis=-1))


def accuracy(z: Array, y: Array, weights: Array | None) -> Array:
    """Return the share of rows whose largest logit is that of their class."""
    return _mean((z.argmax(axis=-1) == y).astype(np.float64), weights)


def neg_log_loss(z: Array, y: Array, weights: Array | None) -> Array:
    """Return minus the mean cross-entropy."""
    return -_mean(cross_entropy(z.astype(np.float64), y), weights)


def r2(z: Array, y: Array, weights: Array | None) -> Array:
    """Return the share of the targets' variance that is explained; 0 where they do not vary."""
    error = _mean(np.square(z[..., 0] - y), weights)
    variance = _mean(np.square(y - _mean(y, weights)[..., None]), weights)
    return np.asarray(1 - np.divide(error, variance, out=np.ones_like(error), where=variance > 0))


def neg_mean_absolute_error(z: Array, y: Array, weights: Array | None) -> Array:
    """Return minus the mean absolute error."""
    return -_mean(np.abs(z[..., 0] - y), weights)


FAST: dict[str, Callable[[Array, Array, Array | None], Array]] = {
    score.__name__: score for score in (accuracy, neg_log_loss, r2, neg_mean_absolute_error)
}


@dataclass(frozen=True)
class Metric:
    """One of `FAST`, or a scorer of scikit-learn.

    Attributes
    ----------
    name : str
        Of the scorer as scikit-learn knows it, or how it was made.
    best : float
        No score can be higher.
    scorer : callable or None
        As scikit-learn's ``get_scorer`` gives it; None where `FAST` has it.
    """

    name: str
    best: float
    scorer: Any = None

    def of(self, estimator: Any, X: Array, y: Array, **weights: Array) -> float:
        """Return the score of a fitted estimator; ``sample_weight`` may weigh the rows."""
        scorer = self.scorer or require("study", "sklearn.metrics").get_scorer(self.name)
        return float(scorer(estimator, X, y, **weights))

    def __call__(self, z: Array, y: Array, weights: Array | None = None) -> Array:
        """Return the score of each replica; NaN where a network's output is not finite.

        Parameters
        ----------
        z : ndarray, shape (replicas, rows, outputs)
            Logits, or values in the units of the targets.
        y : ndarray, shape (replicas, rows)
        weights : ndarray, shape (replicas, rows), optional
        """
        if self.scorer is None:
            with np.errstate(all="ignore"):
                return FAST[self.name](z, y, weights)
        from rheobase.compare._outputs import estimator  # needs scikit-learn

        scores = np.full(len(z), np.nan)
        for k in np.flatnonzero(np.isfinite(z).all(axis=(1, 2))):
            more = {} if weights is None else {"sample_weight": weights[k]}
            try:
                scores[k] = self.scorer(estimator(z.shape[-1]), z[k], y[k], **more)
            except (ValueError, TypeError) as error:
                raise InputError(
                    f"metric {self.name!r} cannot score a network's outputs: {error}"
                ) from error
        return scores


def find_metric(metric: Any, problem: Problem) -> Metric:
    """Return a metric by scikit-learn's name or scorer; it is tried on the targets themselves."""
    metrics = require("study", "sklearn.metrics")
    if metric is None:
        metric = DEFAULTS[problem.task]
    if isinstance(metric, str):
        names = metrics.get_scorer_names()
        if metric not in names:
            raise InputError(
                f"metric is {metric!r}; expected the name of a scorer of scikit-learn, such as "
                f"{' or '.join(_fitting(problem))}.{suggest(metric, names)}"
            )
        scorer, name = metrics.get_scorer(metric), metric
        best = 0.0 if name.startswith("neg_") else 1.0
    elif hasattr(metric, "_score_func"):
        scorer, name = metric, repr(metric)
        best = 0.0 if "greater_is_better=False" in name else np.inf
    else:
        raise InputError(
            f"metric is {metric!r:.80}; expected the name of a scorer of scikit-learn or what "
            "sklearn.metrics.make_scorer returns."
        )
    found = Metric(name, best, None if name in FAST else scorer)
    _refuse_unfit(scorer, name, problem)
    return found


def _refuse_unfit(scorer: Any, name: str, problem: Problem) -> None:
    classes = len(problem.classes or ())
    kind = f"classification with {classes} classes" if classes else "regression"
    reason = ""
    if scorer._score_func.__module__.endswith(OTHER_TASK[problem.task]):
        reason = f"expected {', '.join(_fitting(problem))} or another one for it."
    else:
        from rheobase.compare._outputs import estimator

        perfect = np.eye(classes)[problem.y] if classes else problem.y[:, None]
        more = {} if problem.weights is None else {"sample_weight": problem.weights}
        try:
            scorer(estimator(max(classes, 1)), perfect, problem.y, **more)
        except (ValueError, TypeError) as error:
            reason = str(error)
    if reason:
        raise InputError(f"metric {name!r} does not fit a {kind}: {reason}")


def _fitting(problem: Problem) -> list[str]:
    classification = problem.task == "classification"
    return [name for name in FAST if (name in ("accuracy", "neg_log_loss")) == classification]
