"""A problem: what is predicted from what, and what is known of its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rheobase._errors import InputError, suggest
from rheobase.compare._words import Said, count, say

Task = Literal["classification", "regression"]

TASKS = ("classification", "regression")
MIN_ROWS = 30  # 18 to train, 6 to validate, 6 to test: under that a score is noise
MIN_CLASS_ROWS = 3  # one for each part of the split
MAX_WHOLE_CLASSES = 20  # more distinct whole numbers than this are a quantity


@dataclass(frozen=True, eq=False)
class Problem:
    """A table of numbers and what to predict from it.

    Attributes
    ----------
    name : str
        What the data is called in a report.
    X : ndarray of float32 or float64, shape (rows, features)
        As given, not scaled; NaN where a file has no value (`prepare` fills it in).
    y : ndarray, shape (rows,)
        Class numbers (int64) or targets (float64, as given, not scaled).
    task : {"classification", "regression"}
    classes : tuple of str or None
        The name of each class number; None for a regression.
    target : str
        The name of what is predicted.
    features : tuple of str
        The names of the columns of `X`.
    notes : tuple of sentences (`_words`)
        What was done to the data, one sentence each, for the reader of a report.
    groups : ndarray of int64, shape (rows,), or None
        The number of each row's group; rows of one group are in one part of a split only.
    time_ordered : bool
        Rows are in order of time: those that train come before those that validate and test.
    weights : ndarray of float64, shape (rows,), or None
        How much each row counts, in training and in scores.
    folds : tuple of pairs of ndarray of int64, or None
        The rows that learn and those that test in each given split, in ascending order.
    """

    name: str
    X: NDArray[Any]
    y: NDArray[Any]
    task: Task
    classes: tuple[str, ...] | None
    target: str
    features: tuple[str, ...]
    notes: tuple[Said, ...] = ()
    groups: NDArray[np.int64] | None = None
    time_ordered: bool = False
    weights: NDArray[np.float64] | None = None
    folds: tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...] | None = None


def check_task(task: str | None) -> None:
    if task is not None and task not in TASKS:
        raise InputError(
            f'unknown task "{task}": expected "classification" or "regression".'
            + suggest(str(task), TASKS)
        )


def read_target(
    values: NDArray[Any], task: str | None, name: str
) -> tuple[NDArray[Any], Task, tuple[str, ...] | None, tuple[Said, ...]]:
    """Return y, the task, the names of the classes, and notes; ``values`` has nothing missing."""
    what = f"the target {quoted(name)}"
    if len(values) < MIN_ROWS:
        raise InputError(
            f"{count(len(values), 'row')} with a target: a comparison needs at least {MIN_ROWS}"
        )
    text = values.dtype.kind == "O"
    if values.dtype.kind == "f":
        refuse_infinite(values, what)
    if text and task == "regression":
        raise InputError(
            f"{what} is text (such as {quoted(values[0])}) and a regression needs numbers:"
            " choose a numeric target or the task classification"
        )
    distinct, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(distinct) == 1:
        raise InputError(
            f"{what} is {quoted(_label(distinct[0]))} in all {len(values)} rows, so there is"
            " nothing to learn: choose a target that varies"
        )
    notes: tuple[Said, ...] = ()
    whole = values.dtype.kind in "iu" or (
        values.dtype.kind == "f" and bool(np.all(distinct == np.rint(distinct)))
    )
    if task is None:
        few = len(distinct) <= min(MAX_WHOLE_CLASSES, len(values) // 10)
        task = "classification" if text or values.dtype.kind == "b" or (whole and few) else TASKS[1]
        if whole:
            other = "regression" if task == "classification" else "classification"
            note = say(
                "whole_numbers", target=quoted(name), distinct=len(distinct), task=task, other=other
            )
            notes = (note,)
    if task == "regression":
        return values.astype(np.float64), "regression", None, notes
    if counts.min() < MIN_CLASS_ROWS:
        rare = _label(distinct[counts.argmin()])
        raise InputError(
            f"class {quoted(rare)} of {what} has {count(int(counts.min()), 'row')} and needs"
            f" {MIN_CLASS_ROWS} (one each to train, validate and test): merge or drop it"
            + ("" if text else ", or set the task to regression")
        )
    return codes.astype(np.int64), "classification", tuple(map(_label, distinct)), notes


def _label(value: Any) -> str:
    whole = isinstance(value, np.floating) and value == np.rint(value)
    return str(int(value) if whole else value)


def refuse_infinite(values: NDArray[Any], what: str) -> None:
    with np.errstate(invalid="ignore"):
        too_large = int((np.abs(values) > np.finfo(np.float32).max).sum())
    if too_large:
        raise InputError(
            f"{what} has {count(too_large, 'value')} that"
            f" {'is' if too_large == 1 else 'are'} infinite or too large for float32:"
            " replace or drop them"
        )


def refuse_duplicates(names: Iterable[str], what: str) -> None:
    name, count = Counter(names).most_common(1)[0] if names else ("", 1)
    if count > 1:
        raise InputError(
            f"{what} has {count} columns with the name {quoted(name)}: give each its own name"
        )


def quoted(name: object) -> str:
    """Return a name in quotation marks, on one line and not too long."""
    text = " ".join(str(name).split())
    return f'"{text if len(text) <= 40 else text[:39] + "…"}"'
