"""Running a study: one cell for each activation, all its seeds and learning rates side by side."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rheobase._activation import Activation
from rheobase._errors import InputError, require
from rheobase.compare._data import Problem
from rheobase.compare._journal import Journal
from rheobase.compare._split import prepare, split
from rheobase.compare._study import Study
from rheobase.network import PROBE, Adam, Network, train
from rheobase.rows import cross_entropy

Array = NDArray[Any]
Cell = dict[str, Any]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Data:
    """The prepared data of every seed, one after the other, and each seed's rows in it."""

    X: Array
    y: Array
    train: Array
    probe: Array
    validation: Array
    test: Array
    outputs: int
    head: str

    def parts(self) -> dict[str, int]:
        """Return the number of rows of each part."""
        return {name: getattr(self, name).shape[1] for name in ("train", "validation", "test")}


def make_data(problem: Problem, study: Study) -> Data:
    """Split and prepare the data for each seed with the statistics of its own training part."""
    X, y, parts = [], [], []
    for k, seed in enumerate(study.seeds):
        rows = split(problem, seed)
        X.append(prepare(problem, rows[0]))
        target = problem.y
        if problem.task == "regression":
            spread = target[rows[0]].std()
            if not spread > 0:
                raise InputError(
                    f"{problem.target} does not vary over the training rows of seed {seed}; "
                    "a regression needs a target that does."
                )
            target = (target - target[rows[0]].mean()) / spread
        y.append(target)
        parts.append([part + k * len(target) for part in rows])
    probes = [
        np.random.default_rng([seed, 2]).permutation(part[0])[:PROBE]  # rows may come sorted
        for seed, part in zip(study.seeds, parts, strict=True)
    ]
    train_rows, validation, test = (np.stack(part) for part in zip(*parts, strict=True))
    classification = problem.task == "classification"
    return Data(
        np.concatenate(X),
        np.concatenate(y),
        train_rows,
        np.stack(probes),
        validation,
        test,
        outputs=len(problem.classes or ()) if classification else 1,
        head="softmax" if classification else "identity",
    )


def negative_log_loss(z: Array, target: Array) -> Array:
    """Return minus the mean cross-entropy of logits, a figure for each replica."""
    return np.asarray(-cross_entropy(z.astype(np.float64), target).mean(axis=-1))


def negative_absolute_error(z: Array, target: Array) -> Array:
    """Return minus the mean absolute error, in standard deviations of the training targets."""
    return np.asarray(-np.abs(z - target).astype(np.float64).mean(axis=(-2, -1)))


SCORES: dict[str, Callable[[Array, Array], Array] | None] = {  # None: the head's own
    "accuracy": None,
    "r2": None,
    "neg_log_loss": negative_log_loss,
    "neg_mean_absolute_error": negative_absolute_error,
}


def run_cell(data: Data, study: Study, activation: Activation) -> Cell:
    """Train every seed at every learning rate with one activation and test the chosen rate.

    The rate is the one with the fewest diverged runs and, among those, the best mean validation score
    after the last epoch. Only its networks see the test part.
    """
    seeds, rates = np.array(study.seeds), np.array(study.learning_rates)
    replicas = len(seeds) * len(rates)
    sizes = (data.X.shape[1], *study.hidden, data.outputs)
    started = time.perf_counter()
    with require("study", "threadpoolctl").threadpool_limits(1):  # the same arithmetic everywhere
        network = Network(
            sizes,
            activation,
            head=data.head,
            replicas=replicas,
            seed=np.repeat(seeds, len(rates)).tolist(),
        )
        history = train(
            network,
            Adam(np.tile(rates, len(seeds))),
            data.X,
            data.y,
            epochs=study.epochs,
            batch_size=study.batch_size,
            rows=np.repeat(data.train, len(rates), axis=0),
            validation=np.repeat(data.validation, len(rates), axis=0),
            probe=np.repeat(data.probe, len(rates), axis=0),
            score=SCORES[study.metric],
        )
        shape = (len(seeds), len(rates))
        diverged = (history.diverged >= 0) | ~np.isfinite(history.validation[:, -1])
        diverged = diverged.reshape(shape)
        final = np.where(diverged, np.nan, history.validation[:, -1].reshape(shape))
        lost, means = diverged.sum(axis=0), _mean(final, axis=0)
        best = min(
            range(len(rates)), key=lambda k: (lost[k], -np.nan_to_num(means[k], nan=-np.inf))
        )
        chosen = np.arange(len(seeds)) * len(rates) + best

        tested = Network(
            sizes, activation, head=data.head, replicas=len(seeds), seed=seeds.tolist()
        )
        tested.parameters[...] = network.parameters[chosen]
        _, target = tested.check(data.X, data.y)
        with np.errstate(all="ignore"):
            z = tested.logits(data.X[data.test])
            score = SCORES[study.metric] or tested.head.score
            scores = score(z, target[data.test])
    scores[diverged[:, best]] = np.nan

    def over_seeds(values: Array) -> Any:  # (replicas, layers, epochs) -> layer by layer
        kept = values[chosen][~diverged[:, best]]
        return plain(kept.mean(axis=0)) if len(kept) else plain(np.full(values.shape[1:], np.nan))

    return {
        "activation": repr(activation),
        "learning_rate": float(rates[best]),
        "scores": plain(scores),
        "learning_rate_scores": [
            {"learning_rate": float(r), "validation": plain(m), "diverged": int(d)}
            for r, m, d in zip(rates, means, lost, strict=True)
        ],
        "history": {
            "train_loss": plain(history.loss[chosen]),
            "validation": plain(history.validation[chosen]),
        },
        "health": {
            "layers": [f"hidden {k + 1}" for k in range(len(study.hidden))],
            "dead": over_seeds(history.dead),
            "saturated": over_seeds(history.saturated),
            "mean_output": over_seeds(history.mean_output),
            "gradient_rms": over_seeds(history.gradient_rms),
        },
        "seconds": round(time.perf_counter() - started, 3),
    }


def run_study(
    data: Data, study: Study, journal: Journal, on_progress: Progress | None
) -> list[Cell]:
    """Run the cells that the journal does not hold yet, through joblib; return all in order."""
    joblib = require("study", "joblib")
    waiting = [a for a in study.activations if repr(a) not in journal.cells]
    if on_progress:
        on_progress(len(study.activations) - len(waiting), len(study.activations))
    jobs = (joblib.delayed(run_cell)(data, study, a) for a in waiting)
    for cell in joblib.Parallel(return_as="generator_unordered")(jobs):
        journal.append(cell)
        if on_progress:
            on_progress(
                sum(repr(a) in journal.cells for a in study.activations), len(study.activations)
            )
    return [journal.cells[repr(a)] for a in study.activations]


def plain(values: Any) -> Any:
    """Turn an array into nested lists with null for what is not finite."""
    values = np.asarray(values, np.float64)
    if values.ndim:
        return [plain(value) for value in values]
    return float(f"{values:.6g}") if np.isfinite(values) else None


def _mean(values: Array, axis: int) -> Array:
    """The mean without NaN; NaN where there is nothing else."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0).sum(axis=axis) / known.sum(axis=axis))
