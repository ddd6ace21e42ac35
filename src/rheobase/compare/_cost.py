"""What an activation costs in training, measured alone and serially after the study."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rheobase._activation import Activation
from rheobase.catalog import catalog
from rheobase.compare._cell import make_data, make_network
from rheobase.compare._problem import Problem
from rheobase.compare._run import SEEDS_TOGETHER
from rheobase.compare._study import Study
from rheobase.network._threads import one_thread

REPEATS = 9


def measure_costs(problem: Problem, study: Study) -> dict[str, dict[str, Any]]:
    """Return nanoseconds an element (value and backward), relative to relu, and the share of a step.

    The array is that of a cell's training step: replicas × batch × the widest hidden layer. The functions take
    turns, so that a change of the machine's speed meets all of them.
    """
    replicas = _replicas(study)
    shape = (replicas, study.batch_size, max(study.hidden))
    rng = np.random.default_rng(0)
    z = rng.standard_normal(shape, dtype=np.float32)
    gradient, out = np.ones_like(z), np.empty_like(z)

    def one_pass(function: Activation) -> Callable[[], None]:
        def run() -> None:
            function(z, out=out)
            function.backward(z, gradient, out=out)

        return run

    relu = catalog["relu"]
    timed: Sequence[Activation] = [
        *study.activations,
        *([] if relu in study.activations else [relu]),
    ]
    with one_thread():
        seconds = in_turns([one_pass(function) for function in timed])
        step = None if study.make else step_seconds(problem, study)
    elements = replicas * study.batch_size * sum(study.hidden)
    per_element = {repr(f): s / z.size for f, s in zip(timed, seconds, strict=True)}
    base = per_element[repr(relu)]

    def share_of_step(own: float) -> float | None:
        if step is None:
            return None
        rest = step - base * elements  # what a step of relu takes besides the activation
        return round(own * elements / (rest + own * elements), 4)

    return {
        repr(f): {
            "nanoseconds": round(1e9 * per_element[repr(f)], 4),
            "relative_to_relu": round(per_element[repr(f)] / base, 3),
            "share_of_step": share_of_step(per_element[repr(f)]),
        }
        for f in study.activations
    }


def _replicas(study: Study) -> int:
    return min(len(study.seeds), SEEDS_TOGETHER) * len(study.learning_rates)


def step_seconds(problem: Problem, study: Study) -> float:
    """Return the time of one training step of a cell's relu networks."""
    data = make_data(problem, study.seeds[:1])
    rates = np.resize(study.learning_rates, _replicas(study))
    network = make_network(problem, study, catalog["relu"], np.zeros(len(rates), int))
    step = study.optimizer(rates).bind(network.parameters, network.gradients)
    batch = data.train[0, : study.batch_size]
    X, target = network.check(data.X[batch], data.target()[batch])
    X = np.repeat(X[None], len(rates), axis=0)
    target = np.repeat(target[None], len(rates), axis=0)

    def run() -> None:
        network.backward(X, target)
        step()

    return in_turns([run])[0]


def in_turns(runs: Sequence[Callable[[], None]]) -> list[float]:
    """Return the least time of each, one warm-up apart."""
    best = [float("inf")] * len(runs)
    for repeat in range(REPEATS + 1):
        for k, run in enumerate(runs):
            started = time.perf_counter()
            run()
            if repeat:
                best[k] = min(best[k], time.perf_counter() - started)
    return best
