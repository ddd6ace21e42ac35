"""What is known of the rows: groups, order in time, weights, and splits that are given."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rheobase._errors import InputError, require
from rheobase.compare._problem import MIN_ROWS, Problem, refuse_infinite
from rheobase.compare._words import count, say

Rows = NDArray[np.int64]

MIN_GROUPS = 3  # one for each part of the split
MIN_LEARNING = MIN_ROWS * 4 // 5  # rows of a fold that train and validate


def describe_rows(
    problem: Problem,
    *,
    groups: Rows | None,
    time_ordered: bool,
    weights: NDArray[np.float64] | None,
) -> Problem:
    """Return the problem with what is known of its rows, and notes of it."""
    if not isinstance(time_ordered, (bool, np.bool_)):
        raise InputError(
            f"time_ordered is {time_ordered!r:.60}; expected True or False: sort the rows by their times,"
            " and say True"
        )
    notes = []
    if groups is not None:
        notes.append(say("groups", groups=int(groups.max()) + 1))
    if time_ordered:
        rows = len(problem.y)
        if rows < 2 * MIN_ROWS:
            raise InputError(
                f"{count(rows, 'row')} in order of time: each seed takes half of them, so a"
                f" comparison needs at least {2 * MIN_ROWS}"
            )
        if groups is not None:
            _refuse_interrupted(groups)
        notes.append(say("time_ordered"))
    if weights is not None:
        notes.append(say("weighted"))
    return replace(
        problem,
        groups=groups,
        time_ordered=time_ordered,
        weights=weights,
        notes=(*problem.notes, *notes),
    )


def _refuse_interrupted(groups: Rows) -> None:
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    again = np.setdiff1d(starts, np.unique(groups, return_index=True)[1])
    if len(again):
        raise InputError(
            f"row {again[0]} is of a group that other groups have interrupted: in order of time the"
            " rows of a group must follow each other"
        )


def read_groups(values: Any, rows: int, what: str) -> NDArray[np.int64]:
    """Return the number of each row's group."""
    if not hasattr(values, "dtype"):
        values = np.array(values, dtype=object)  # in an array of text a missing value is text, too
    groups = _one_column(values, rows, what)
    cells = groups.tolist()
    if missing := sum(
        type(v).__name__ in ("NoneType", "NAType", "NaTType") or v != v for v in cells
    ):
        raise InputError(
            f"{what} has {count(missing, 'missing value')}: give each row a group, or drop it"
        )
    try:
        distinct, codes = np.unique(groups, return_inverse=True)
    except TypeError:
        kinds = sorted({type(value).__name__ for value in cells})
        raise InputError(
            f"{what} holds {' and '.join(kinds)}: expected values of one kind"
        ) from None
    if len(distinct) < MIN_GROUPS:
        raise InputError(
            f"{what} names {count(len(distinct), 'group')}: a split needs at least {MIN_GROUPS}, one"
            " each to train, validate and test"
        )
    return codes.astype(np.int64)


def read_weights(values: Any, rows: int, what: str) -> NDArray[np.float64]:
    """Return the weight of each row."""
    weights = _one_column(values, rows, what)
    if weights.dtype.kind not in "biuf":
        raise InputError(f"{what} has the type {weights.dtype}: expected numbers of 0 or more")
    weights = weights.astype(np.float64)
    if missing := int(np.isnan(weights).sum()):
        raise InputError(
            f"{what} has {count(missing, 'missing value')}: fill them, with 0 for rows that do not count"
        )
    refuse_infinite(weights, what)
    if (weights < 0).any():
        raise InputError(f"{what} has a weight of {weights.min():g}: expected numbers of 0 or more")
    if not weights.any():
        raise InputError(f"{what} is 0 for every row: expected some that count")
    return weights


def _one_column(values: Any, rows: int, what: str) -> NDArray[Any]:
    try:
        column = np.asarray(values)
    except ValueError:
        raise InputError(f"{what} is not one column: its rows have different lengths") from None
    if column.shape != (rows,):
        raise InputError(
            f"{what} has the shape {column.shape}: expected ({rows},), one for each row"
        )
    return column


def with_folds(problem: Problem, cv: Any) -> Problem:
    """Return the problem with the splits of ``cv``, rows that learn and rows that test.

    ``cv`` is a splitter of scikit-learn, pairs of row numbers, or a number of folds that
    scikit-learn's own rule turns into a splitter, one for groups or time where rows have them.
    """
    try:
        if isinstance(cv, (int, np.integer)) and not isinstance(cv, bool):
            cv = _splitter(problem, int(cv))
        with warnings.catch_warnings():  # groups that are cut are refused below
            warnings.filterwarnings("ignore", "The groups parameter is ignored")
            pairs = cv.split(problem.X, problem.y, problem.groups) if hasattr(cv, "split") else cv
            pairs = [(train, test) for train, test in pairs]
    except TypeError:
        raise InputError(
            f"cv is {cv!r:.60}; expected a splitter of scikit-learn, a number of folds, or pairs of"
            " row numbers (train, test)"
        ) from None
    except ValueError as error:
        raise InputError(f"cv cannot split these rows: {error}") from error
    folds = tuple(_fold(problem, k, *pair) for k, pair in enumerate(pairs))
    if len(folds) < 2:
        raise InputError(f"cv makes {count(len(folds), 'split')}: a comparison needs two or more")
    note = say("folds", folds=len(folds))
    return replace(problem, folds=folds, notes=(*problem.notes, note))


def _splitter(problem: Problem, folds: int) -> Any:
    model_selection = require("study", "sklearn.model_selection")
    classification = problem.task == "classification"
    if problem.time_ordered:
        return model_selection.TimeSeriesSplit(folds)
    if problem.groups is not None:
        kind = "StratifiedGroupKFold" if classification else "GroupKFold"
        return getattr(model_selection, kind)(folds)
    return model_selection.check_cv(folds, problem.y, classifier=classification)


def _fold(problem: Problem, number: int, train: Any, test: Any) -> tuple[Rows, Rows]:
    what = f"split {number} of cv"
    learn, judge = (
        _row_numbers(rows, len(problem.y), f"{what}: its {part} part")
        for rows, part in ((train, "training"), (test, "test"))
    )
    if common := len(np.intersect1d(learn, judge)):
        raise InputError(f"{what}: {count(common, 'row')} would both train and test")
    if len(learn) < MIN_LEARNING:
        raise InputError(
            f"{what} trains on {count(len(learn), 'row')}: a comparison needs at least {MIN_LEARNING}"
        )
    if problem.groups is not None:
        shared = np.intersect1d(problem.groups[learn], problem.groups[judge])
        if len(shared):
            raise InputError(
                f"{what}: {count(len(shared), 'group')} would both train and test: take a splitter for"
                " groups, such as GroupKFold"
            )
    if problem.time_ordered and learn[-1] > judge[0]:
        raise InputError(
            f"{what}: row {learn[-1]} trains and row {judge[0]} before it tests: take a splitter for"
            " rows in order of time, such as TimeSeriesSplit"
        )
    return learn, judge


def _row_numbers(rows: Any, known: int, what: str) -> Rows:
    rows = np.asarray(rows)
    if rows.ndim == 1 and not rows.size:
        raise InputError(f"{what} is empty")
    if rows.ndim != 1 or rows.dtype.kind not in "iu":
        raise InputError(
            f"{what} has the type {rows.dtype} and the shape {rows.shape}: expected row numbers"
        )
    if rows.min() < 0 or rows.max() >= known:
        raise InputError(
            f"{what} holds {rows.min()} to {rows.max()}: the rows are 0 to {known - 1}"
        )
    distinct = np.unique(rows)
    if len(distinct) < len(rows):
        raise InputError(f"{what} holds {count(len(rows) - len(distinct), 'row')} more than once")
    return distinct.astype(np.int64)
