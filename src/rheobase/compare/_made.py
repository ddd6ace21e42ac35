"""A cell of estimators that the caller makes: scikit-learn's, skorch's, or any that fit and predict as they do."""

from __future__ import annotations

from typing import Any

import numpy as np

from rheobase._errors import InputError, require
from rheobase.compare._cell import Cell, Data, Run, Task, make_data, plain
from rheobase.compare._problem import Problem
from rheobase.compare._study import Study
from rheobase.network._threads import one_thread


def run_made(problem: Problem, study: Study, task: Task) -> Cell:
    """Fit and test an estimator for each seed and learning rate; see `run_cell`."""
    data = make_data(problem, task.seeds)
    with one_thread():
        runs = [
            _run(data, study, task, place, rate)
            for place in range(len(task.seeds))
            for rate in task.learning_rates
        ]
    return {"key": task.key, "runs": runs}


def _run(data: Data, study: Study, task: Task, place: int, rate: float) -> Run:
    seed = task.seeds[place]
    estimator = _make(study, task, rate, seed)
    if data.weights is not None and not require(
        "study", "sklearn.utils.validation"
    ).has_fit_parameter(estimator, "sample_weight"):
        raise InputError(
            f"make returned a {type(estimator).__name__}, whose fit takes no sample_weight; expected one "
            "that does, or leave the weights out."
        )

    def known(rows: Any) -> dict[str, Any]:
        return {} if data.weights is None else {"sample_weight": data.weights[rows]}

    if data.y.dtype.kind == "f":  # it learns standardised targets, as our networks do
        estimator = require("study", "sklearn.compose").TransformedTargetRegressor(
            estimator, transformer=require("study", "sklearn.preprocessing").StandardScaler()
        )
    train = data.train[place]
    estimator.fit(data.X[train], data.y[train], **known(train))
    validation, test = (
        study.metric.of(estimator, data.X[rows], data.y[rows], **known(rows))
        for rows in (data.validation[place], data.test[place])
    )
    return {
        "seed": seed,
        "learning_rate": rate,
        "test": plain(test) if np.isfinite(validation) else None,
        "train_loss": [],
        "validation": [plain(validation)],
        "health": None,
    }


def _make(study: Study, task: Task, rate: float, seed: int) -> Any:
    assert study.make
    estimator = study.make(task.activation, learning_rate=rate, seed=seed)
    if not hasattr(estimator, "fit") or not hasattr(estimator, "predict"):
        raise InputError(
            f"make({task.activation!r}, learning_rate={rate:g}, seed={seed}) returned a "
            f"{type(estimator).__name__}; expected an estimator with fit and predict."
        )
    return estimator
