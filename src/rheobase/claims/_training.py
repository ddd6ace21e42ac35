"""Training one function at every seed and learning rate side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rheobase._activation import Activation
from rheobase.network import SGD, Adam, History, Network, Optimizer, train

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Grid:
    """Networks of every seed (first) and learning rate (second)."""

    network: Network
    history: History
    seeds: Sequence[int]
    rates: Sequence[float]

    def shaped(self, values: Array) -> Array:
        """Return values of the replicas as (seeds, rates, ...)."""
        return values.reshape(len(self.seeds), len(self.rates), *values.shape[1:])

    def scores(self, X: Array, y: Array, rows: Array) -> Array:
        """Return the score of each network on its seed's rows, shape (seeds, rates); diverged ones 0."""
        spread = np.repeat(rows, len(self.rates), axis=0)
        _, target = self.network.check(X, y)
        with np.errstate(all="ignore"):
            z = self.network.logits(X[spread])
            score = self.network.head.score(z, target[spread])
        return self.shaped(np.where(np.isfinite(z).all(axis=(1, 2)), score, 0.0))


def momentum(rates: Array) -> Optimizer:
    """Stochastic gradient descent with the usual momentum."""
    return SGD(rates, momentum=0.9)


def train_grid(
    sizes: Sequence[int],
    activation: str | Activation,
    X: Array,
    y: Array,
    *,
    seeds: Sequence[int],
    rates: Sequence[float],
    epochs: int,
    batch_size: int = 32,
    optimizer: Callable[[Array], Optimizer] = Adam,
    head: str = "softmax",
    rows: Array | None = None,
    validation: Array | None = None,
    probe: Array | None = None,
    prepare: Callable[[Network], None] | None = None,
    on_epoch: Callable[[int, Network], None] | None = None,
) -> Grid:
    """Train a network for each seed and learning rate.

    ``rows``, ``validation`` and ``probe`` are (seeds, n); ``prepare`` changes the starting weights.
    """

    def spread(part: Array | None) -> Array | None:
        return None if part is None else np.repeat(part, len(rates), axis=0)

    network = Network(
        sizes,
        activation,
        head=head,
        replicas=len(seeds) * len(rates),
        seed=np.repeat(seeds, len(rates)).tolist(),
    )
    if prepare:
        prepare(network)
    history = train(
        network,
        optimizer(np.tile(np.asarray(rates, np.float64), len(seeds))),
        X,
        y,
        epochs=epochs,
        batch_size=batch_size,
        rows=spread(rows),
        validation=spread(validation),
        probe=spread(probe),
        on_epoch=None if on_epoch is None else lambda epoch: on_epoch(epoch, network),
    )
    return Grid(network, history, seeds, rates)


def finite_mean(values: Array) -> Array:
    """Return the mean over the first axis without NaN; NaN where there is nothing else."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0).sum(axis=0) / known.sum(axis=0))


def epochs_to(level: float, values: Array) -> Array:
    """Return the epochs, from 1, until values that are taken after each reach a level from above.

    Between two epochs the way is taken as straight; infinity where the level is not reached.
    """
    reached = values <= level
    first = reached.argmax(axis=-1)
    now, before = (
        np.take_along_axis(values, np.maximum(k, 0)[..., None], axis=-1)[..., 0]
        for k in (first, first - 1)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        back = np.where(first > 0, (level - now) / (before - now), 0.0)
    return np.asarray(np.where(reached.any(axis=-1), first + 1 - back, np.inf))


def soonest(epochs: Array, loss: Array) -> int:
    """Return the learning rate with the fewest median epochs; of several, that of the least final loss.

    Both are (seeds, rates).
    """
    median = np.median(epochs, axis=0)
    final = np.nan_to_num(np.median(loss, axis=0), nan=np.inf)
    return min(range(len(median)), key=lambda k: (median[k], final[k]))


def sooner(a: float | None, b: float | None) -> bool:
    """Whether a is reached clearly before b: in a fifth less at least. None is never."""
    return a is not None and (b is None or a <= 0.8 * b)
