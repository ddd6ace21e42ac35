"""A cell: the networks of one activation at some learning rates and seeds, trained side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rheobase._activation import Activation
from rheobase.compare._problem import Problem
from rheobase.compare._split import prepare, split
from rheobase.compare._study import Study
from rheobase.network import PROBE, History, Network, train
from rheobase.network._network import blocks
from rheobase.network._threads import one_thread

Array = NDArray[Any]
Run = dict[str, Any]
Cell = dict[str, Any]

HEALTH = ("dead", "saturated", "mean_output", "gradient_rms")


@dataclass(frozen=True)
class Task:
    """What one cell trains: a network for each seed and learning rate."""

    activation: Activation
    learning_rates: tuple[float, ...]
    seeds: tuple[int, ...]

    @property
    def key(self) -> str:
        """What the cell is called in a journal."""
        return json.dumps([repr(self.activation), self.learning_rates, self.seeds])


@dataclass(frozen=True, eq=False)
class Data:
    """The prepared data of some seeds, one after the other, and each seed's rows in it.

    Attributes
    ----------
    X : ndarray of float32, shape (seeds * rows, features)
    y : ndarray, shape (seeds * rows,)
        Class numbers or targets as given.
    train, probe, validation, test : ndarray of int, shape (seeds, n)
    centre, spread : ndarray of float64, shape (seeds,)
        Mean and deviation of a seed's training targets; 0 and 1 of classes.
    weights : ndarray of float64, shape (seeds * rows,), or None
    """

    X: Array
    y: Array
    train: Array
    probe: Array
    validation: Array
    test: Array
    centre: Array
    spread: Array
    weights: Array | None

    def target(self) -> Array:
        """Return what the networks learn: class numbers, or each seed's standardised targets."""
        if self.y.dtype.kind == "i":
            return self.y
        each = self.y.reshape(len(self.centre), -1)
        return np.asarray((each - self.centre[:, None]) / self.spread[:, None]).ravel()


def make_data(problem: Problem, seeds: Sequence[int]) -> Data:
    """Split and prepare the data for each seed with the statistics of its own training part."""
    rows = len(problem.y)
    parts = [split(problem, seed) for seed in seeds]
    train_rows, validation, test = (
        np.stack([part + k * rows for k, part in enumerate(kind)])
        for kind in zip(*parts, strict=True)
    )
    probe = [
        np.random.default_rng([seed, 2]).permutation(part)[:PROBE]  # rows may come sorted
        for seed, part in zip(seeds, train_rows, strict=True)
    ]
    centre, spread = np.zeros(len(parts)), np.ones(len(parts))
    if problem.task == "regression":
        centre[:] = [problem.y[part[0]].mean() for part in parts]
        spread[:] = [problem.y[part[0]].std() for part in parts]
    return Data(
        X=np.concatenate([prepare(problem, part[0]) for part in parts]),
        y=np.tile(problem.y, len(parts)),
        train=train_rows,
        probe=np.stack(probe),
        validation=validation,
        test=test,
        centre=centre,
        spread=spread,
        weights=None if problem.weights is None else np.tile(problem.weights, len(parts)),
    )


def part_sizes(problem: Problem, seeds: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return the rows of each seed's training, validation and test part."""
    sizes = []
    for seed in seeds:
        train_rows, validation, test = split(problem, seed)
        sizes.append((len(train_rows), len(validation), len(test)))
    return sizes


def make_network(problem: Problem, study: Study, activation: Activation, seeds: Any) -> Network:
    """Return the study's network with a replica for each seed."""
    classes = len(problem.classes or ())
    return Network(
        (problem.X.shape[1], *study.hidden, classes or 1),
        activation,
        head="softmax" if classes else "identity",
        replicas=len(seeds),
        seed=list(seeds),
        layer_norm=study.layer_norm,
    )


def run_cell(problem: Problem, study: Study, task: Task) -> Cell:
    """Train and test a network for each seed and learning rate.

    Every network is tested once, after its last epoch. Who reads the cell chooses the learning rate by
    validation scores and looks at the test scores of that rate alone.
    """
    data = make_data(problem, task.seeds)
    rates = len(task.learning_rates)
    place = np.repeat(np.arange(len(task.seeds)), rates)  # of each replica's seed
    validation, test = data.validation[place], data.test[place]

    def score(z: Array, rows: Array) -> Array:
        z = z * data.spread[place, None, None] + data.centre[place, None, None]
        return study.metric(z, data.y[rows], None if data.weights is None else data.weights[rows])

    with one_thread():  # the same arithmetic everywhere
        network = make_network(problem, study, task.activation, np.repeat(task.seeds, rates))
        history = train(
            network,
            study.optimizer(np.tile(task.learning_rates, len(task.seeds))),
            data.X,
            data.target(),
            epochs=study.epochs,
            batch_size=study.batch_size,
            rows=data.train[place],
            validation=validation,
            probe=data.probe[place],
            sample_weight=data.weights,
            score=lambda z, target, weights: score(z, validation),
        )
        with np.errstate(all="ignore"):
            z = [network.logits(data.X[test[:, block]]) for block in blocks(test.shape[1])]
            tested = score(np.concatenate(z, axis=1), test)
    diverged = (history.diverged >= 0) | ~np.isfinite(history.validation[:, -1])
    tested[diverged] = np.nan
    pairs = [(seed, rate) for seed in task.seeds for rate in task.learning_rates]
    runs = [_run(*pair, tested[k], history, k) for k, pair in enumerate(pairs)]
    return {"key": task.key, "runs": runs}


def _run(seed: int, rate: float, test: float, history: History, replica: int) -> Run:
    return {
        "seed": seed,
        "learning_rate": rate,
        "test": plain(test),
        "train_loss": plain(history.loss[replica]),
        "validation": plain(history.validation[replica]),
        "health": {kind: plain(getattr(history, kind)[replica]) for kind in HEALTH},
    }


def plain(values: Any) -> Any:
    """Turn an array into nested lists with null for what is not finite."""
    values = np.asarray(values, np.float64)
    if values.ndim:
        return [plain(value) for value in values]
    return float(f"{values:.6g}") if np.isfinite(values) else None
