"""What to run: the settings of a comparison, checked before anything starts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rheobase._activation import Activation
from rheobase._errors import InputError, suggest
from rheobase.catalog import ActivationLike
from rheobase.compare._metrics import Metric, find_metric
from rheobase.compare._problem import Problem
from rheobase.compare._split import split
from rheobase.compare._statistics import seeds_needed
from rheobase.gain import gain
from rheobase.network import SGD, Adam, Optimizer
from rheobase.network._network import hidden_activation

ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "elu")
SOLVERS = {  # and the learning rates that each is tried at
    "adam": (0.001, 0.003, 0.01, 0.03, 0.1),
    "sgd": (0.003, 0.01, 0.03, 0.1, 0.3),
}
MOMENTUM = 0.9
DENSE: dict[str, Any] = {  # settings of our own networks alone, and their defaults
    "hidden": (64, 64),
    "epochs": 30,
    "batch_size": 32,
    "solver": "adam",
    "layer_norm": False,
}
Make = Callable[..., Any]  # activation, learning_rate=, seed= -> estimator
MOST = 100_000  # of seeds, epochs, units, rows of a batch


@dataclass(frozen=True)
class Study:
    """The settings of one comparison."""

    activations: tuple[Activation, ...]
    hidden: tuple[int, ...]
    seeds: tuple[int, ...]
    epochs: int
    batch_size: int
    learning_rates: tuple[float, ...]
    solver: str
    layer_norm: bool
    metric: Metric
    equivalence: float | None
    make: Make | None

    def optimizer(self, learning_rates: Any) -> Optimizer:
        """Return the optimiser of networks with these learning rates."""
        if self.solver == "adam":
            return Adam(learning_rates)
        return SGD(learning_rates, momentum=MOMENTUM, nesterov=True)

    def settings(self) -> dict[str, Any]:
        """Return the settings as plain data."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        plain |= {
            "activations": [repr(a) for a in self.activations],
            "metric": self.metric.name,
            "make": None if self.make is None else _name(self.make),
        }
        if self.make:
            plain |= dict.fromkeys(DENSE)
        listed = {
            key: list(value) if isinstance(value, tuple) else value for key, value in plain.items()
        }
        if self.make:
            return listed
        return listed | {
            "optimizer": "adam" if self.solver == "adam" else f"sgd, Nesterov momentum {MOMENTUM}",
            "dtype": "float32",
            "initialisation": "normal, gain 1/sqrt(E f'(z)^2) of each activation at its layer's variance",
        }


def make_study(
    problem: Problem,
    *,
    activations: Iterable[ActivationLike] | None = None,
    hidden: Sequence[int] = (64, 64),
    seeds: int | Iterable[int] | None = None,
    epochs: int = 30,
    batch_size: int = 32,
    learning_rates: Iterable[float] | None = None,
    solver: str = "adam",
    layer_norm: bool = False,
    metric: Any = None,
    equivalence: float | None = None,
    make: Make | None = None,
) -> Study:
    """Check the settings and fill in the defaults."""
    if make is not None:
        _check_make(make, hidden, epochs, batch_size, solver, layer_norm)
    chosen = tuple(map(hidden_activation, ACTIVATIONS if activations is None else activations))
    if len({repr(a) for a in chosen}) < max(len(chosen), 2):
        raise InputError(
            f"activations are {', '.join(map(repr, chosen)) or 'empty'}; "
            "expected two different ones at least."
        )
    for a in chosen:
        if not np.isfinite(gain(a)):
            raise InputError(
                f"{a!r} has slope 0 everywhere: no gradient can train it. Leave it out."
            )
    sizes = tuple(_whole("hidden", width) for width in hidden)
    if not sizes:
        raise InputError("hidden is empty; expected the width of one hidden layer at least.")
    if problem.folds is not None:
        if seeds is not None:
            raise InputError(
                "compare got seeds and cv; each split of cv is one run. Leave seeds out, or give more "
                "splits, as RepeatedKFold does."
            )
        seeds = len(problem.folds)
    if seeds is None:
        seeds = max(10, seeds_needed(len(chosen)))
    if isinstance(seeds, (int, np.integer)):
        seeds = range(_whole("seeds", seeds))
    drawn = tuple(seeds)
    if not all(isinstance(s, (int, np.integer)) and not isinstance(s, bool) for s in drawn):
        raise InputError(f"seeds are {drawn!r:.60}; expected a number of seeds or whole numbers.")
    drawn = tuple(map(int, drawn))
    if len(drawn) < 2 or len(set(drawn)) < len(drawn) or min(drawn) < 0:
        raise InputError(
            f"seeds are {list(drawn)}; expected two or more different whole numbers from 0."
        )
    if solver not in SOLVERS:
        raise InputError(
            f"solver is {solver!r}; expected {' or '.join(SOLVERS)}.{suggest(str(solver), SOLVERS)}"
        )
    rates = tuple(sorted(float(r) for r in (learning_rates or SOLVERS[solver])))
    if not all(1e-30 <= rate <= 1e30 for rate in rates) or len(set(rates)) < len(rates):
        raise InputError(
            f"learning_rates are {list(rates)}; expected different positive numbers, 1e-30 to 1e30."
        )
    if layer_norm and 1 in sizes:
        raise InputError(
            f"hidden is {list(sizes)} with layer_norm; expected two units a layer at least, as "
            "normalising a single one leaves nothing of it."
        )
    return Study(
        activations=chosen,
        hidden=sizes,
        seeds=drawn,
        epochs=_whole("epochs", epochs),
        batch_size=min(_whole("batch_size", batch_size), len(split(problem, drawn[0])[0])),
        learning_rates=rates,
        solver=solver,
        layer_norm=bool(layer_norm),
        metric=find_metric(metric, problem),
        equivalence=check_equivalence(equivalence),
        make=make,
    )


def _name(make: Make) -> str:
    return str(getattr(make, "__qualname__", type(make).__name__))


def _check_make(make: Any, *dense: Any) -> None:
    """Refuse a factory that cannot be called, and settings of networks that it does not make."""
    if not callable(make):
        raise InputError(
            f"make is {make!r:.60}; expected a function of an activation, learning_rate and seed that "
            "returns an estimator."
        )
    given = [name for name, value in zip(DENSE, dense, strict=True) if value != DENSE[name]]
    if given:
        raise InputError(
            f"compare got make and {', '.join(given)}; the estimators that make returns have settings of "
            "their own. Leave one of them out."
        )


def fingerprint(problem: Problem, study: Study, version: str) -> dict[str, Any]:
    """Return everything that a cell's runs depend on, besides what the cell is called by."""
    named = ("activations", "learning_rates", "seeds")
    settings = {
        key: value for key, value in study.settings().items() if key not in (*named, "equivalence")
    }
    known = [problem.groups, problem.weights, *chain(*(problem.folds or ()))]
    return {
        "version": version,
        "data": digest(problem),
        "rows": [problem.time_ordered, *(each is not None and _hash(each) for each in known)],
        "settings": {"task": problem.task} | settings,
    }


def digest(problem: Problem) -> str:
    """Return a hash of the rows, whatever splits and weights they have."""
    return _hash(problem.X, problem.y)


def _hash(*arrays: NDArray[Any]) -> str:
    hashed = hashlib.sha256()
    for array in arrays:
        hashed.update(f"{array.dtype}{array.shape}".encode())
        hashed.update(np.ascontiguousarray(array).tobytes())
    return hashed.hexdigest()


def check_equivalence(margin: float | None) -> float | None:
    """Return half the width of the region of practical equivalence, None for the default."""
    if margin is None:
        return None
    number = isinstance(margin, (int, float, np.number)) and not isinstance(margin, bool)
    if not number or not 0 <= margin < np.inf:
        raise InputError(
            f"equivalence is {margin!r}; expected the largest difference of the metric that does "
            "not matter, such as 0.01, or 0 where every one does."
        )
    return float(margin)


def _whole(name: str, value: Any) -> int:
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or not 1 <= value <= MOST:
        raise InputError(f"{name} is {value!r}; expected a whole number from 1 to {MOST}.")
    return int(value)
