"""A problem: what is predicted from what, which rows train, and the features a network sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rheobase._errors import InputError, suggest

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
    notes : tuple of str
        What was done to the data, one sentence each, for the reader of a report.
    """

    name: str
    X: NDArray[Any]
    y: NDArray[Any]
    task: Task
    classes: tuple[str, ...] | None
    target: str
    features: tuple[str, ...]
    notes: tuple[str, ...] = ()


def split(
    problem: Problem, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Draw the rows of the train, validation and test parts: 60, 20 and 20 percent.

    A classification is drawn class by class, so that each part holds every class.

    Parameters
    ----------
    problem : Problem
        Each of its classes has three rows at least.
    seed : int
        The only thing the draw depends on, besides the problem.

    Returns
    -------
    train, validation, test : ndarray of int64
        Row numbers in ascending order; every row is in exactly one part.
    """
    rng = np.random.default_rng(seed)
    classification = problem.task == "classification"
    strata = problem.y if classification else np.zeros(len(problem.y))
    parts: tuple[list[NDArray[np.int64]], ...] = ([], [], [])
    for stratum in np.unique(strata):
        rows = rng.permutation(np.flatnonzero(strata == stratum))
        held_out = max(1, round(len(rows) / 5))
        pieces = np.split(rows, [len(rows) - 2 * held_out, len(rows) - held_out])
        for part, piece in zip(parts, pieces, strict=True):
            part.append(piece)
    train, validation, test = (np.sort(np.concatenate(part)) for part in parts)
    return train, validation, test


def prepare(problem: Problem, train_rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Fill missing values and standardise, with statistics of the training rows alone.

    Parameters
    ----------
    problem : Problem
    train_rows : ndarray of int64
        The rows whose medians, means and standard deviations are taken.

    Returns
    -------
    X : ndarray of float32, shape (rows, features)
        All rows. A column that does not vary over the training rows is 0 everywhere.
    """
    X = problem.X.astype(np.float64)
    for column in np.flatnonzero(np.isnan(X).any(axis=0)):
        values = X[:, column]
        known = values[train_rows][~np.isnan(values[train_rows])]
        values[np.isnan(values)] = np.median(known) if known.size else 0.0
    # Dividing by the largest value first makes a constant column exactly +-1: its deviation
    # is then exactly 0, not a rounding error.
    largest = np.abs(X[train_rows]).max(axis=0)
    X /= np.where(largest > 0, largest, 1.0)
    train = X[train_rows]
    deviation = train.std(axis=0)
    X -= train.mean(axis=0)
    X /= np.where(deviation > 0, deviation, 1.0)
    X[:, deviation == 0] = 0.0
    return X.astype(np.float32)


def check_task(task: str | None) -> None:
    if task is not None and task not in TASKS:
        raise InputError(
            f'unknown task "{task}": expected "classification" or "regression".'
            + suggest(str(task), TASKS)
        )


def read_target(
    values: NDArray[Any], task: str | None, name: str
) -> tuple[NDArray[Any], Task, tuple[str, ...] | None, tuple[str, ...]]:
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
    notes: tuple[str, ...] = ()
    whole = values.dtype.kind in "iu" or (
        values.dtype.kind == "f" and bool(np.all(distinct == np.rint(distinct)))
    )
    if task is None:
        few = len(distinct) <= min(MAX_WHOLE_CLASSES, len(values) // 10)
        task = "classification" if text or values.dtype.kind == "b" or (whole and few) else TASKS[1]
        if whole:
            other = "regression" if task == "classification" else "classification"
            notes = (
                f"{what} has {len(distinct)} distinct whole numbers and is taken as a {task}"
                f" (set the task to {other} if that is wrong)",
            )
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


def quoted(name: object) -> str:
    """Return a name in quotation marks, on one line and not too long."""
    text = " ".join(str(name).split())
    return f'"{text if len(text) <= 40 else text[:39] + "…"}"'


def count(number: int, noun: str) -> str:
    """Return "1 row", "2 rows"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
