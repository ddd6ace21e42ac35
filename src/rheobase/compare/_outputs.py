"""Estimators whose samples are a network's outputs already: what a scorer of scikit-learn wants to ask."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from rheobase.rows import softmax

Array = NDArray[Any]


class Classes(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Classes and probabilities from logits, shape (samples, classes)."""

    def __init__(self, classes: int) -> None:
        self.classes = classes
        self.classes_ = np.arange(classes)

    def predict(self, z: Array) -> Array:
        return np.asarray(z.argmax(axis=-1))

    def predict_proba(self, z: Array) -> Array:
        return np.asarray(softmax(z.astype(np.float64)))

    def decision_function(self, z: Array) -> Array:
        return np.asarray(z[:, 1] - z[:, 0]) if self.classes == 2 else z


class Values(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Values as they are, shape (samples, 1)."""

    def predict(self, z: Array) -> Array:
        return np.asarray(z[:, 0])


def estimator(outputs: int) -> Classes | Values:
    """Return the estimator for so many outputs."""
    return Classes(outputs) if outputs > 1 else Values()
