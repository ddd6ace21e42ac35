"""The training loop and what it records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._errors import InputError
from ..health import layer_statistics
from ._network import Network, blocks
from ._optimizers import Optimizer

Array = NDArray[Any]
Score = Callable[[Array, Array, Array | None], Array]

PROBE = 256  # samples of the default probe
TOGETHER = (
    5  # replicas of a layer that are measured at a time: more leave the cache, at half the speed
)


@dataclass(frozen=True)
class History:
    """What `train` records, at the end of each epoch. NaN where there is no figure.

    Attributes
    ----------
    loss : ndarray, shape (replicas, epochs)
        Mean over the epoch's samples of the loss before each step, weighted where samples are.
    validation : ndarray, shape (replicas, epochs)
        Accuracy, or R² of the identity head, on the validation rows; NaN without any.
    gradient_rms, dead, dormant, saturated, mean_output : ndarray, shape (replicas, layers, epochs)
        Of each hidden layer on the probe (see `rheobase.health.LayerStatistics`); the gradient is
        that of a sample's own loss, so that it does not depend on the probe's size. Dead and
        saturated are judged by the parameters that activations start from.
    diverged : ndarray, shape (replicas,)
        The first epoch with a loss that is not finite, -1 if there is none.
    """

    loss: NDArray[np.float64]
    validation: NDArray[np.float64]
    gradient_rms: NDArray[np.float64]
    dead: NDArray[np.float64]
    dormant: NDArray[np.float64]
    saturated: NDArray[np.float64]
    mean_output: NDArray[np.float64]
    diverged: NDArray[np.int64]

    @classmethod
    def empty(cls, replicas: int, layers: int, epochs: int) -> History:
        """Return a history to fill."""
        curve = np.full((replicas, epochs), np.nan)
        layer_map = np.full((replicas, layers, epochs), np.nan)
        return cls(
            loss=curve,
            validation=curve.copy(),
            gradient_rms=layer_map,
            dead=layer_map.copy(),
            dormant=layer_map.copy(),
            saturated=layer_map.copy(),
            mean_output=layer_map.copy(),
            diverged=np.full(replicas, -1),
        )


def train(
    network: Network,
    optimizer: Optimizer,
    X: Any,
    y: Any,
    *,
    epochs: int,
    batch_size: int = 32,
    rows: Any = None,
    validation: Any = None,
    probe: Any = None,
    sample_weight: Any = None,
    score: Score | None = None,
    on_epoch: Callable[[int], None] | None = None,
) -> History:
    """Train every replica of a network.

    Parameters
    ----------
    network : Network
    optimizer : Optimizer
        `SGD` or `Adam`; it starts afresh with each call.
    X : array_like, shape (samples, inputs)
    y : array_like
        Targets, as the network's head takes them.
    epochs, batch_size : int
        The last batch of an epoch holds what is left.
    rows, validation, probe : array_like of int, shape (n,) or (replicas, n), optional
        Samples to train on (by default all), to score after each epoch (none) and to measure the
        layers on (the first 256 of ``rows``); the same for every replica or a row for each.
    sample_weight : array_like, shape (samples,), optional
        How much each sample counts in losses and validation scores, 0 or more. The loss of a batch is
        the weighted mean over its samples.
    score : callable, optional
        The validation score of each replica from logits (replicas, rows, outputs), targets and
        weights (None without ``sample_weight``); by default the head's own.
    on_epoch : callable, optional
        Called with the number of each finished epoch, from 0.

    Returns
    -------
    History

    Notes
    -----
    The order of a replica's batches depends on its seed alone. A replica whose loss is no longer
    finite goes on without disturbing the others; `History.diverged` says which.
    """
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if not isinstance(value, (int, np.integer)) or value < 1:
            raise InputError(f"train: {name} is {value!r}; expected an integer of 1 or more.")
    X, target = network.check(X, y)
    if X.ndim != 2:
        raise InputError(f"train: X has shape {X.shape}; expected (samples, inputs).")
    replicas, samples = network.replicas, len(X)
    rows = _check_rows("rows", np.arange(samples) if rows is None else rows, replicas, samples)
    probe = _check_rows("probe", rows[:, :PROBE] if probe is None else probe, replicas, samples)
    if validation is not None:
        validation = _check_rows("validation", validation, replicas, samples)
    weights = None
    if sample_weight is not None:
        weights = _check_weights(sample_weight, samples)
        for name, chosen in (("rows", rows), ("validation", validation)):
            if chosen is not None and not weights[chosen].any(axis=1).all():
                raise InputError(
                    f"train: sample_weight is 0 in all {name} of a replica; expected one above 0."
                )

    step = optimizer.bind(network.parameters, network.gradients)
    shuffle = _Shuffle(network.seeds)
    gather = _Gather(X, target, weights, replicas)
    history = History.empty(replicas, len(network.activations), epochs)
    with np.errstate(all="ignore"):
        for epoch in range(epochs):
            order = np.take_along_axis(rows, shuffle(rows.shape[1]), axis=1)
            total, seen = np.zeros(replicas), np.zeros(replicas)
            for start in range(0, order.shape[1], batch_size):
                batch = order[:, start : start + batch_size]
                x, wanted, each = gather(batch)
                loss, _ = network.backward(x, wanted, each)
                step()
                network.confine()
                size = batch.shape[1] if each is None else each.sum(axis=1)
                total += loss.astype(np.float64) * size
                seen += size
            finite = np.isfinite(total)
            history.loss[finite, epoch] = (total / seen)[finite]
            history.diverged[~finite & (history.diverged < 0)] = epoch
            _measure(network, gather(probe), history, epoch)
            if validation is not None:
                history.validation[:, epoch] = _score(
                    network, gather, validation, score or network.head.score
                )
            if on_epoch:
                on_epoch(epoch)
    lost = history.diverged >= 0
    for replica in np.flatnonzero(lost):
        history.validation[replica, history.diverged[replica] :] = np.nan
    return history


class _Shuffle:
    """Orders of samples: one stream per distinct seed, apart from the seed's draw of weights."""

    def __init__(self, seeds: tuple[int, ...]) -> None:
        distinct, self.stream = np.unique(seeds, return_inverse=True)
        self.generators = [np.random.default_rng([int(seed), 1]) for seed in distinct]

    def __call__(self, n: int) -> Array:
        return np.stack([rng.permutation(n) for rng in self.generators])[self.stream]


class _Gather:
    """Collects each replica's samples, targets and weights into buffers that are kept."""

    def __init__(self, X: Array, target: Array, weights: Array | None, replicas: int) -> None:
        self.sources = X, target, weights
        self.replicas = replicas
        self.buffers: dict[int, list[Array | None]] = {}

    def __call__(self, rows: Array) -> Any:
        n = rows.shape[1]
        if n not in self.buffers:
            self.buffers[n] = [
                source
                if source is None
                else np.empty((self.replicas, n, *source.shape[1:]), source.dtype)
                for source in self.sources
            ]
        for source, buffer in zip(self.sources, self.buffers[n], strict=True):
            if source is not None:  # "clip" is the mode that does not buffer
                np.take(source, rows, axis=0, out=buffer, mode="clip")
        return self.buffers[n]


def _measure(network: Network, probe: Sequence[Array], history: History, epoch: int) -> None:
    x, target, _ = probe
    _, current = network.backward(x, target)
    for k, activation in enumerate(network.activations):
        for start in range(0, network.replicas, TOGETHER):
            some = slice(start, start + TOGETHER)
            arrays = current.z[k][some], current.a[k][some], current.gradient[k][some]
            measured = layer_statistics(activation, *arrays)
            history.gradient_rms[some, k, epoch] = measured.gradient_rms * measured.samples
            history.dead[some, k, epoch] = measured.dead_share
            history.dormant[some, k, epoch] = measured.dormant_share
            history.saturated[some, k, epoch] = measured.saturated_share
            history.mean_output[some, k, epoch] = measured.mean_output


def _score(network: Network, gather: _Gather, rows: Array, score: Score) -> Array:
    z = np.empty((network.replicas, rows.shape[1], network.sizes[-1]), network.dtype)
    for block in blocks(rows.shape[1]):
        z[:, block] = network.forward(gather(rows[:, block])[0]).z[-1]
    _, target, weights = gather.sources
    return score(z, target[rows], None if weights is None else weights[rows])


def _check_rows(name: str, rows: Any, replicas: int, samples: int) -> NDArray[np.int64]:
    rows = np.asarray(rows)
    if (
        rows.dtype.kind not in "iu"
        or rows.ndim not in (1, 2)
        or not rows.size
        or (rows.ndim == 2 and len(rows) != replicas)
    ):
        raise InputError(
            f"train: {name} has dtype {rows.dtype} and shape {rows.shape}; expected integers of "
            f"shape (n,) or ({replicas}, n), n at least 1."
        )
    if rows.min() < 0 or rows.max() >= samples:
        raise InputError(
            f"train: {name} holds {rows.min()} to {rows.max()}; X has the rows 0 to {samples - 1}."
        )
    return np.broadcast_to(rows.astype(np.int64), (replicas, rows.shape[-1]))


def _check_weights(weights: Any, samples: int) -> NDArray[np.float64]:
    weights = np.asarray(weights)
    if weights.dtype.kind not in "fiub" or weights.shape != (samples,):
        raise InputError(
            f"train: sample_weight has dtype {weights.dtype} and shape {weights.shape}; expected "
            f"one number for each of the {samples} samples."
        )
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise InputError(
            f"train: sample_weight holds {weights.min()} to {weights.max()}; expected finite numbers "
            "of 0 or more."
        )
    return np.asarray(weights, np.float64)
