"""The gradient of a batch, in parts that threads share.

Where a part begins and ends depends on shapes alone, and so do the bits of the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..network import Dropout, Network
from ..network._threads import one_blas_thread

Array = NDArray[Any]
T = TypeVar("T")
R = TypeVar("R")

_PART = 100  # rows of a part at least: products of shorter matrices are slower
_PARTS = 4  # at most, as each has gradients of its own
_WORK = 1 << 22  # rows × parameters of a part from which a thread is worth waking


class Data(NamedTuple):
    """Checked samples: inputs, targets as the head encodes them and as the score wants them."""

    X: Any
    target: Array
    y: Array
    weights: Array | None

    def at(self, rows: Any) -> Data:
        """Return some of the samples."""
        weights = None if self.weights is None else self.weights[rows]
        return Data(self.X[rows], self.target[rows], self.y[rows], weights)

    def weight(self, rows: Array) -> float:
        """Return the weight of some of the samples."""
        return float(len(rows) if self.weights is None else self.weights[rows].sum())


class Team:
    """Threads that work on the pieces of one thing at a time."""

    def __init__(self, threads: int) -> None:
        self.pool = ThreadPoolExecutor(threads - 1) if threads > 1 else None

    def map(self, function: Callable[[T], R], pieces: Sequence[T]) -> list[R]:
        """Return the function of each piece, in order."""
        if self.pool is None or len(pieces) == 1:
            return [function(piece) for piece in pieces]
        waiting = [self.pool.submit(function, piece) for piece in pieces[1:]]
        return [function(pieces[0]), *(result.result() for result in waiting)]


@contextmanager
def team() -> Iterator[Team]:
    """Take over the threads that BLAS may use and leave it one: on more it sums in another order."""
    with one_blas_thread as threads:
        workers = Team(threads)
        try:
            yield workers
        finally:
            if workers.pool:
                workers.pool.shutdown()


class Gradient:
    """The mean loss of a batch and its gradient, each part of the rows in a network of its own."""

    def __init__(
        self,
        network: Network,
        data: Data,
        batch: int,
        workers: Team,
        dropout: Callable[[], Dropout | None],
    ) -> None:
        self.data, self.workers = data, workers
        self.gradients = network.gradients
        work = batch * network.parameters.size
        count = max(min(_PARTS, batch // _PART, work // _WORK), 1)
        networks = [network, *(network.sharing() for _ in range(count - 1))]
        self.parts = [_Part(one, data, dropout()) for one in networks]

    def __call__(self, rows: Array) -> tuple[float, float]:
        """Return loss and weight of the rows; the gradient is left in the network's ``gradients``."""
        pieces = np.array_split(rows, min(len(self.parts), len(rows)))
        weights = [self.data.weight(piece) for piece in pieces]
        total = sum(weights)
        shares = [weight / (total or 1.0) for weight in weights]
        losses = self.workers.map(_Part.run, list(zip(self.parts, pieces, shares, strict=False)))
        for part in self.parts[1 : len(pieces)]:
            np.add(self.gradients, part.network.gradients, out=self.gradients)
        return sum(losses), total


class _Part:
    """Loss and gradient of some rows, collected into buffers that are kept."""

    def __init__(self, network: Network, data: Data, dropout: Dropout | None) -> None:
        self.network, self.data, self.dropout = network, data, dropout
        self.buffers: dict[int, tuple[Array | None, Array]] = {}

    @staticmethod
    def run(job: tuple[_Part, Array, float]) -> float:
        """Return the rows' share of the loss; their share of the gradient is left in the network."""
        part, rows, share = job
        x, target = part.gather(rows)
        weights = None if part.data.weights is None else part.data.weights[rows]
        losses, _ = part.network.backward(x, target, weights, part.dropout, share)
        return float(losses[0]) * share

    def gather(self, rows: Array) -> tuple[Array, Array]:
        """Return inputs and targets; sparse rows become dense here."""
        X, target = self.data.X, self.data.target
        n = len(rows)
        if n not in self.buffers:
            x = np.empty((n, X.shape[1]), X.dtype) if isinstance(X, np.ndarray) else None
            self.buffers[n] = x, np.empty((n, *target.shape[1:]), target.dtype)
        x, y = self.buffers[n]
        np.take(target, rows, axis=0, out=y, mode="clip")  # the mode that does not buffer
        return take(X, rows) if x is None else np.take(X, rows, axis=0, out=x, mode="clip"), y


def take(X: Any, rows: Any) -> Array:
    """Return rows of a dense or sparse matrix as a dense array."""
    taken = X[rows]
    dense: Array = taken if isinstance(taken, np.ndarray) else taken.toarray()
    return dense
