"""Arrays, or nothing, turned into one numeric problem."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rheobase._errors import InputError, require
from rheobase.compare._problem import (
    Problem,
    check_task,
    quoted,
    read_target,
    refuse_duplicates,
    refuse_infinite,
)
from rheobase.compare._rows import describe_rows, read_groups, read_weights
from rheobase.compare._words import count


def load_digits_problem() -> Problem:
    """Return scikit-learn's handwritten digits: 1797 images of 8 by 8 pixels, ten classes."""
    digits = require("study", "sklearn.datasets").load_digits()
    y, task, classes, notes = read_target(digits.target, "classification", "digit")
    return Problem(
        "digits", digits.data, y, task, classes, "digit", tuple(digits.feature_names), notes
    )


def array_problem(
    X: ArrayLike,
    y: ArrayLike,
    task: str | None = None,
    name: str = "arrays",
    *,
    groups: ArrayLike | None = None,
    time_ordered: bool = False,
    sample_weight: ArrayLike | None = None,
) -> Problem:
    """Take arrays or data frames of numbers.

    Parameters
    ----------
    X : array_like or data frame, shape (rows, features)
        Finite real numbers.
    y : array_like, shape (rows,)
        Text or booleans are classes; so are whole numbers with at most 20 distinct values and ten
        rows or more for each. All else is a regression.
    task : {"classification", "regression"}, optional
        Overrides what `y` tells.
    name : str
        What the data is called in a report.
    groups, time_ordered, sample_weight
        What is known of the rows, as in `compare`.

    Returns
    -------
    Problem

    Raises
    ------
    InputError
        The arrays cannot be used; the message says why.
    """
    check_task(task)
    matrix, features = _matrix(X)
    target = str(getattr(y, "name", None) or "y")
    values = _vector(y)
    if len(matrix) != len(values):
        raise InputError(
            f"X has {len(matrix)} rows and y has {len(values)}: give one target for each row of X"
        )
    for index, feature in enumerate(features):
        refuse_infinite(matrix[:, index], f"column {quoted(feature)} of X")
        _refuse_nan(matrix[:, index], f"column {quoted(feature)} of X")
    labels, known_task, classes, notes = read_target(values, task, target)
    rows = len(labels)
    return describe_rows(
        Problem(name, matrix, labels, known_task, classes, target, features, notes),
        groups=None if groups is None else read_groups(groups, rows, "groups"),
        time_ordered=time_ordered,
        weights=None
        if sample_weight is None
        else read_weights(sample_weight, rows, "sample_weight"),
    )


def _matrix(X: Any) -> tuple[NDArray[Any], tuple[str, ...]]:
    if hasattr(X, "columns"):
        names = tuple(map(str, X.columns))
        refuse_duplicates(names, "X")
        # Column by column: a frame that mixes bool and float is an object array as a whole.
        columns = [_numeric(X[key], f"column {quoted(str(key))} of X") for key in X.columns]
        matrix = np.column_stack(columns) if columns else np.empty((len(X), 0))
    else:
        matrix = _numeric(X, "X")
        if matrix.ndim != 2:
            raise InputError(
                f"X has the shape {matrix.shape}: expected two dimensions, (rows, features)"
                + ("; X.reshape(-1, 1) makes one feature" if matrix.ndim == 1 else "")
            )
        names = tuple(f"x{index}" for index in range(matrix.shape[1]))
    if not names:
        raise InputError("X has no columns: expected at least one feature")
    single = matrix.dtype.kind == "f" and matrix.dtype.itemsize <= 4
    return np.array(matrix, dtype=np.float32 if single else np.float64), names


def _numeric(values: Any, what: str) -> NDArray[Any]:
    try:
        array = np.asarray(values)
    except ValueError:
        raise InputError(f"{what} is not a table: its rows have different lengths") from None
    if array.dtype.kind not in "biuf":
        raise InputError(
            f"{what} has the type {array.dtype}, expected real numbers: convert it, or give a"
            " CSV or Parquet file, where text becomes numbers"
        )
    return array


def _vector(y: Any) -> NDArray[Any]:
    """Return y as numbers, booleans, or an object array of nothing but str."""
    try:
        array = np.asarray(y)
    except ValueError:
        raise InputError("y is not one column: its rows have different lengths") from None
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise InputError(f"y has the shape {array.shape}: expected one dimension, (rows,)")
    if array.dtype.kind == "U":
        return array.astype(object)
    if array.dtype.kind == "O":
        if all(isinstance(value, str) for value in array):
            return np.array([str(value) for value in array], dtype=object)
        kinds = sorted({type(value).__name__ for value in array})
        if {"str", "NoneType", "NAType"}.isdisjoint(kinds):
            array = np.array(array.tolist())
    else:
        kinds = [str(array.dtype)]
    if array.dtype.kind not in "biuf":
        raise InputError(
            f"y holds {' and '.join(kinds)}: expected numbers, booleans or text, none missing"
        )
    _refuse_nan(array, "y")
    return array


def _refuse_nan(values: NDArray[Any], what: str) -> None:
    if missing := int(np.isnan(values).sum()):
        raise InputError(
            f"{what} has {count(missing, 'NaN value')}: fill or drop them (in a CSV or Parquet"
            " file missing features are filled for you)"
        )
