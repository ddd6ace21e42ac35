"""Which rows train, validate and test, and the features a network sees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rheobase._errors import InputError
from rheobase.compare._problem import Problem, quoted

Rows = NDArray[np.int64]

PARTS = ("training", "validation", "test")
SHARES = (0.6, 0.2, 0.2)
FOLD_SHARES = (0.75, 0.25)  # of the rows that a given fold does not test on
DRAWS = 100  # after which no other draw is expected to do
GOLDEN = 11400714819323198485  # 2**64 / golden ratio


def split(problem: Problem, seed: int) -> tuple[Rows, Rows, Rows]:
    """Draw the rows of the train, validation and test parts: 60, 20 and 20 percent.

    A classification is drawn class by class, so that each part holds every class. Groups are drawn
    whole. In order of time each seed takes half of the rows, that follow each other, and cuts them
    in that order. Of a given fold the test rows stand, and a quarter of the others validates.

    Parameters
    ----------
    problem : Problem
    seed : int
        The only thing the draw depends on, besides the problem. With folds the number of one.

    Returns
    -------
    train, validation, test : ndarray of int64
        Row numbers in ascending order; no row is in two parts, and the target varies in each.

    Raises
    ------
    InputError
        No such split was found.
    """
    rng = np.random.default_rng(seed)
    for draw in range(DRAWS):
        train, validation, test = parts = _draw(problem, seed, draw, rng)
        fault = _fault(problem, parts)
        if not fault:
            return train, validation, test
    if problem.folds is not None:
        raise InputError(f"split {seed} of cv: {fault}: choose other splits, or merge rare classes")
    raise InputError(
        f"seed {seed} finds no split: {fault} (in the last of {DRAWS} draws): give more rows, or"
        " merge rare classes" + (" or small groups" if problem.groups is not None else "")
    )


def _draw(problem: Problem, seed: int, draw: int, rng: np.random.Generator) -> list[Rows]:
    if problem.folds is not None:
        rows, test = problem.folds[seed]
        return [*_cut(problem, rows, FOLD_SHARES, rng), test]
    rows = np.arange(len(problem.y))
    if problem.time_ordered:
        # Longer windows would share more test rows than two random splits do, which share a fifth.
        # Multiples of the golden ratio lie evenly, however many; random ones would crowd somewhere.
        window = len(rows) // 2
        place = (seed * GOLDEN % 2**64 / 2**64 + draw / DRAWS) % 1
        start = int(place * (len(rows) - window + 1))
        rows = rows[start : start + window]
    return _cut(problem, rows, SHARES, rng)


def _cut(
    problem: Problem, rows: Rows, shares: Sequence[float], rng: np.random.Generator
) -> list[Rows]:
    if problem.time_ordered:
        return _in_order(rows, shares, problem.groups)
    strata = problem.y[rows] if problem.task == "classification" else np.zeros(len(rows), int)
    if problem.groups is not None:
        return _by_group(rows, shares, problem.groups[rows], strata, rng)
    return _by_stratum(rows, shares, strata, rng)


def _by_stratum(
    rows: Rows, shares: Sequence[float], strata: Rows, rng: np.random.Generator
) -> list[Rows]:
    pieces = []
    for stratum in np.unique(strata):
        drawn = rng.permutation(rows[strata == stratum])
        sizes = [max(1, round(len(drawn) * share)) for share in shares[1:]]
        pieces.append(np.split(drawn, len(drawn) - np.cumsum(sizes[::-1])[::-1]))
    return [np.sort(np.concatenate(part)) for part in zip(*pieces, strict=True)]


def _by_group(
    rows: Rows, shares: Sequence[float], groups: Rows, strata: Rows, rng: np.random.Generator
) -> list[Rows]:
    """Take the groups in random order, each to the part that lacks most rows of its strata.

    scikit-learn's splitters either take no care of rows and classes (GroupShuffleSplit), or sort
    groups by size, so that every seed gets nearly the same parts (StratifiedGroupKFold).
    """
    _, group = np.unique(groups, return_inverse=True)
    _, stratum = np.unique(strata, return_inverse=True)
    counts = np.zeros((group.max() + 1, stratum.max() + 1))
    np.add.at(counts, (group, stratum), 1)
    lacking = np.outer(shares, counts.sum(axis=0))
    empty = np.ones(len(shares), bool)
    part = np.empty(len(counts), int)
    for taken, one in enumerate(rng.permutation(len(counts))):
        wanted = lacking @ counts[one]
        if len(counts) - taken <= empty.sum():  # the last groups: no part is left without one
            wanted[~empty] = -np.inf
        part[one] = wanted.argmax()
        lacking[part[one]] -= counts[one]
        empty[part[one]] = False
    return [rows[part[group] == k] for k in range(len(shares))]


def _in_order(rows: Rows, shares: Sequence[float], groups: Rows | None) -> list[Rows]:
    ends = np.rint(np.cumsum(shares[:-1]) * len(rows)).astype(int)
    if groups is not None:
        borders = np.r_[0, np.flatnonzero(np.diff(groups[rows])) + 1, len(rows)]
        ends = borders[np.abs(borders[:, None] - ends).argmin(axis=0)]
    return np.split(rows, ends)


def _fault(problem: Problem, parts: Sequence[Rows]) -> str:
    """Say why nobody can learn or be judged on these parts; nothing if they can."""
    for name, rows in zip(PARTS, parts, strict=True):
        if not len(rows):
            return f"its {name} part is empty"
        y = problem.y[rows]
        if (y == y[0]).all():
            only = f": all are {quoted(problem.classes[y[0]])}" if problem.classes else ""
            return f"{quoted(problem.target)} does not vary over the {name} rows{only}"
        if problem.weights is not None and not problem.weights[rows].any():
            return f"all weights of the {name} rows are 0"
    if problem.classes:
        absent = np.setdiff1d(np.arange(len(problem.classes)), problem.y[parts[0]])
        if len(absent):
            return f"class {quoted(problem.classes[absent[0]])} is not among the training rows"
    return ""


def prepare(problem: Problem, train_rows: Rows) -> NDArray[np.float32]:
    """Fill missing values and standardise, with statistics of the training rows alone.

    Parameters
    ----------
    problem : Problem
    train_rows : ndarray of int64
        The rows whose medians, means and standard deviations are taken, whatever their weights.

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
