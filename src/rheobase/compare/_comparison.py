"""`compare`: the same network under each activation, fairly, and what differs."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from rheobase import _native
from rheobase._activation import Activation
from rheobase._errors import InputError
from rheobase.catalog import ActivationLike, catalog
from rheobase.compare._budget import epochs_within
from rheobase.compare._cell import part_sizes, plain
from rheobase.compare._claims import judge_claims
from rheobase.compare._cost import measure_costs
from rheobase.compare._data import array_problem, load_digits_problem
from rheobase.compare._journal import Journal, recorded_settings
from rheobase.compare._problem import Problem
from rheobase.compare._result import Comparison
from rheobase.compare._rows import with_folds
from rheobase.compare._run import Outcome, Progress, run_study
from rheobase.compare._statistics import LEVEL, interval, seeds_needed
from rheobase.compare._study import Study, digest, fingerprint, make_study
from rheobase.compare._verdict import compare_pairs, filled, margin_of, verdict
from rheobase.compare._words import in_words, say, worded
from rheobase.gain import gain


def compare(
    X: Any = None,
    y: Any = None,
    *,
    activations: Iterable[ActivationLike] | None = None,
    hidden: Sequence[int] = (64, 64),
    seeds: int | Iterable[int] | None = None,
    epochs: int = 30,
    minutes: float | None = None,
    batch_size: int = 32,
    learning_rates: Iterable[float] | None = None,
    solver: str = "adam",
    layer_norm: bool = False,
    metric: Any = None,
    equivalence: float | None = None,
    make: Callable[..., Any] | None = None,
    task: str | None = None,
    groups: Any = None,
    time_ordered: bool = False,
    cv: Any = None,
    sample_weight: Any = None,
    journal: str | os.PathLike[str] | None = None,
    resume: bool = False,
    on_progress: Progress | None = None,
) -> Comparison:
    """Train the same network under each activation function and say what differs.

    Each function gets its own initialisation gain and its own learning rate, chosen on a validation
    part from one grid; runs are paired by seed (same split, same batches, same underlying draw of
    weights); the test part is used once.

    Parameters
    ----------
    X : array_like, shape (rows, features), optional
        Finite numbers. By default scikit-learn's digits.
    y : array_like, shape (rows,), optional
        Classes or numbers.
    activations : iterable of str, Activation or pair of callables, optional
        By default sigmoid, tanh, relu, leaky_relu and elu. Your own (`custom`) need names of their own.
    hidden : sequence of int
        Units of each hidden layer.
    seeds : int or iterable of int, optional
        How many, or which. By default as many as the tests need, ten at least.
    epochs, batch_size : int
    minutes : float, optional
        How long the whole study may take, about, instead of ``epochs``: as many epochs, the same for every function,
        as a timed step says. With ``resume`` as many as the journal's.
    learning_rates : iterable of float, optional
        The grid; by default 0.001 to 0.1 for Adam and 0.003 to 0.3 for SGD. Around the best of several,
        two more are tried.
    solver : {"adam", "sgd"}, default "adam"
        SGD has Nesterov's momentum of 0.9.
    layer_norm : bool, default False
        Normalise the pre-activations of each hidden layer over its units.
    metric : str or scorer, optional
        Any of scikit-learn's (``sklearn.metrics.get_scorer_names``, ``make_scorer``), such as
        ``"neg_log_loss"``, ``"roc_auc"`` or ``"neg_mean_absolute_error"``; by default accuracy or R².
    equivalence : float, optional
        The largest difference of the metric that does not matter to you. By default 0.01 of accuracy
        or R², and a hundredth of the best mean loss.
    make : callable, optional
        ``make(activation, learning_rate=…, seed=…)`` returns an estimator with ``fit`` and ``predict`` to
        compare instead of our networks, whose settings then are its own (``hidden`` to ``layer_norm`` are refused).
        It gets standardised float32 features, and class numbers or standardised targets.
    task : {"classification", "regression"}, optional
        By default told from ``y``.
    groups : array_like, shape (rows,), optional
        What each row belongs to, such as a person or a place. Rows of one group are in one part of a
        split only.
    time_ordered : bool, default False
        The rows are in order of time. Each seed takes half of them, that follow each other, and trains
        on the first, validates on the next and tests on the last.
    cv : splitter of scikit-learn, int or iterable of (train, test), optional
        Splits that take the place of seeds, each of them one run. A quarter of the training rows
        validates, the last ones in order of time. An int is what scikit-learn makes of it; with groups
        or in order of time a splitter that knows them.
    sample_weight : array_like, shape (rows,), optional
        How much each row counts in training and in scores, 0 or more. Standardisation counts all alike.
    journal : path, optional
        File that finished cells are written to, so that the study can be resumed. An older journal
        there is written over.
    resume : bool
        Go on with the journal. Functions and seeds may be others than before; functions of your own
        may not take part, as they may have changed since.
    on_progress : callable, optional
        Called with the number of finished cells and of all cells.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        Something given cannot be used; nothing has run then.
    StudyError
        Workers were lost, or the journal cannot be written; finished cells are kept in the journal.

    Notes
    -----
    Cells run through joblib and honour ``joblib.parallel_config``, Dask and Ray included.

    Verdicts are about new rows from the same source, not about these rows alone: tests and intervals
    count in that the seeds split the same rows (docs/comparing.md says how, and what a verdict means).

    Examples
    --------
    >>> import rheobase as rb
    >>> result = rb.compare(activations=["tanh", "relu"], hidden=[8], seeds=2, epochs=1)
    >>> result.verdict.split(",")[0]
    'Too few seeds: at least 6 are needed for 2 functions'
    """
    problem = given_problem(
        X,
        y,
        task=task,
        groups=groups,
        time_ordered=time_ordered,
        cv=cv,
        sample_weight=sample_weight,
    )
    return compare_problem(
        problem,
        journal=journal,
        resume=resume,
        on_progress=on_progress,
        activations=activations,
        hidden=hidden,
        seeds=seeds,
        epochs=epochs,
        minutes=minutes,
        batch_size=batch_size,
        learning_rates=learning_rates,
        solver=solver,
        layer_norm=layer_norm,
        metric=metric,
        equivalence=equivalence,
        make=make,
    )


def given_problem(
    X: Any, y: Any, *, cv: Any = None, time_ordered: bool = False, **known: Any
) -> Problem:
    """Return the problem of arrays, or the digits where nothing is given."""
    if X is not None and y is None:
        raise InputError("compare got X without y; expected both, or neither for the digits.")
    alone = [name for name, given in {"y": y, **known}.items() if given is not None]
    alone += ["time_ordered"] * (time_ordered is not False)
    if X is None and alone:
        raise InputError(
            f"compare got {' and '.join(alone)} without X; leave it out for the digits."
        )
    if X is None:
        problem = load_digits_problem()
    else:
        problem = array_problem(X, y, time_ordered=time_ordered, **known)
    return problem if cv is None else with_folds(problem, cv)


def compare_problem(
    problem: Problem,
    *,
    journal: str | os.PathLike[str] | None = None,
    resume: bool = False,
    on_progress: Progress | None = None,
    command: str | None = None,
    minutes: float | None = None,
    **settings: Any,
) -> Comparison:
    """Compare on a problem that has been read; see `compare`."""
    from importlib.metadata import version  # slow, and needed only here

    started = time.perf_counter()
    study = make_study(problem, **settings)
    own = [repr(a) for a in study.activations if a.name not in catalog] + ["make"] * bool(
        study.make
    )
    if resume and own:
        raise InputError(
            f"the journal knows functions by name, and {own[0]} is your own, which may have changed "
            "since; start without resume, or leave it out."
        )
    if minutes is not None:
        if study.make or settings.get("epochs", 30) != 30:
            raise InputError("compare got minutes and make or epochs; give one of them.")
        known = recorded_settings(journal).get("epochs") if resume else None
        study = replace(study, epochs=known or epochs_within(minutes, problem, study))
    sizes = part_sizes(problem, study.seeds)
    parts = [round(float(np.mean(kind))) for kind in zip(*sizes, strict=True)]
    release = version("rheobase")
    with Journal(journal, fingerprint(problem, study, release), resume) as book:
        outcomes = run_study(problem, study, book, on_progress)
    costs = measure_costs(problem, study)
    notes = [*problem.notes, *[say("part_sizes")] * (len(set(sizes)) > 1)]
    result: dict[str, Any] = {
        "rheobase": release,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "machine": machine(),
        "data": {
            "name": problem.name,
            "rows": len(problem.y),
            "features": problem.X.shape[1],
            "task": problem.task,
            "classes": None if problem.classes is None else list(problem.classes),
            "target": problem.target,
            "parts": dict(zip(("train", "validation", "test"), parts, strict=True)),
            "digest": digest(problem),
            "groups": None if problem.groups is None else len(np.unique(problem.groups)),
            "time_ordered": problem.time_ordered,
            "cv": problem.folds is not None,
            "weighted": problem.weights is not None,
            "notes": [in_words(note) for note in notes],
            "said": notes,
        },
        "settings": study.settings(),
    }
    overlap = float(np.mean([test / train for train, _, test in sizes]))
    result |= _judge(study, outcomes, costs, overlap)
    result["seconds"] = round(time.perf_counter() - started, 1)
    return Comparison(result)


def _judge(
    study: Study, outcomes: Sequence[Outcome], costs: dict[str, dict[str, Any]], overlap: float
) -> dict[str, Any]:
    """Summaries, pairs, verdict and claims; every seed splits the same rows, which ``overlap`` tells."""
    found = {a.label: each for a, each in zip(study.activations, outcomes, strict=True)}
    scores = filled({label: each["scores"] for label, each in found.items()})
    ranking = sorted(scores, key=lambda label: -scores[label].mean())
    diverged = frozenset(label for label, each in found.items() if None in each["scores"])
    margin = margin_of(study.equivalence, study.metric.name, float(scores[ranking[0]].mean()))
    target = _target([each["history"]["validation"] for each in outcomes], margin)
    summaries = {
        a.label: _summary(a, found[a.label], study, target, overlap) | {"cost": costs[repr(a)]}
        for a in study.activations
    }
    pairs = compare_pairs({label: scores[label] for label in ranking}, margin, overlap, diverged)
    ranked = [summaries[label] for label in ranking]
    said = verdict(ranking, pairs, len(study.seeds), margin)
    if all(entry["mean"] is None for entry in ranked):
        said[0] = say("all_diverged")
    elif diverged:
        said.append(say("diverged", who=sorted(diverged)))
    rising = [label for label in ranking if _rises(found[label], margin)]
    if rising:
        said.append(say("rising", who=rising))
    return {
        "verdict": worded(said),
        "statistics": {
            "level": LEVEL,
            "equivalence": margin,
            "overlap": overlap,
            "seeds_needed": seeds_needed(len(ranking)),
        },
        "activations": ranked,
        "pairs": pairs,
        "claims": [] if study.make else judge_claims(ranked, pairs),
    }


def _rises(found: Outcome, margin: float) -> bool:
    """Whether the mean validation score still rose by half of what matters over the last fifth of the epochs."""
    curves = found["history"]["validation"]
    epochs = len(curves[0])
    if epochs < 5:
        return False
    late, last = (_mean_of(curve[k] for curve in curves) for k in (-1 - epochs // 5, -1))
    return late is not None and last is not None and last - late > margin / 2


def _target(curves: Sequence[list[list[float | None]]], margin: float) -> float:
    """The validation score that speed is measured to: practically that of the best function's last epoch."""
    ends = [_mean_of(curve[-1] for curve in seeds) for seeds in curves]
    return max((end for end in ends if end is not None), default=0.0) - margin


def _mean_of(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _summary(
    activation: Activation, found: Outcome, study: Study, target: float, overlap: float
) -> dict[str, Any]:
    health = found["health"]
    last = {
        key: _mean_of(layer[-1] for layer in health[key])
        for key in ("dead", "saturated", "mean_output")
    }
    layers = len(health["gradient_rms"])
    first, deepest = (health["gradient_rms"][k][-1] if layers else None for k in (0, -1))
    reached = [
        next(
            (k + 1 for k, score in enumerate(curve) if score is not None and score >= target), None
        )
        for curve in ([] if study.make else found["history"]["validation"])
    ]
    known = [epoch for epoch in reached if epoch is not None]
    most = len(known) > len(reached) / 2  # the median counts the runs that never get there
    rates = [row["learning_rate"] for row in found["learning_rate_scores"]]
    finished = np.array([score for score in found["scores"] if score is not None])
    return {
        "name": activation.name,
        "label": activation.label,
        "params": dict(activation.params),
        "gain": round(gain(activation), 6),
        "learning_rate": found["learning_rate"],
        "learning_rate_at_edge": len(rates) > 1 and found["learning_rate"] in (rates[0], rates[-1]),
        "scores": found["scores"],
        "mean": plain(finished.mean()) if len(finished) else None,
        "interval": plain(np.minimum(interval(finished, overlap), study.metric.best))
        if len(finished) > 1
        else [None, None],
        "diverged": sum(score is None for score in found["scores"]),
        "target": plain(target),
        "epochs_to_target": {
            "median": float(np.median([np.inf if e is None else e for e in reached]))
            if most
            else None,
            "reached": len(known),
            "of": len(reached),
        },
        **last,
        "gradient_ratio": plain(first / deepest) if first is not None and deepest else None,
        "learning_rate_scores": found["learning_rate_scores"],
        "history": found["history"],
        "health": {"layers": [f"hidden {k + 1}" for k in range(layers)]} | health,
    }


def machine() -> dict[str, Any]:
    """Return what the runs were made and timed on."""
    from importlib.metadata import version  # slow, and needed only here

    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "packages": {name: version(name) for name in ("scipy", "scikit-learn", "joblib")},
        "blas": f"{blas['name']} {blas['version']}",
        "isa": _native.isa,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(
            line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")
        )
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
