"""A table in a CSV or Parquet file, turned into one numeric problem."""

from __future__ import annotations

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rheobase._errors import InputError, require, suggest
from rheobase.compare._problem import (
    MIN_ROWS,
    Problem,
    check_task,
    quoted,
    read_target,
    refuse_duplicates,
    refuse_infinite,
)
from rheobase.compare._rows import describe_rows, read_groups, read_weights
from rheobase.compare._words import Said, count, in_words, say

if TYPE_CHECKING:
    import polars as pl

MAX_CATEGORIES = 50  # columns that one text column may become
MISSING = ("", "?", "na", "n/a", "nan", "null", "none")  # cells of a CSV file, in any case
TIMES = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f%#z")


def read_problem(
    path: str | os.PathLike[str],
    target: str | None,
    task: str | None = None,
    *,
    groups: str | None = None,
    time: str | None = None,
    time_ordered: bool = False,
    weights: str | None = None,
) -> Problem:
    """Read a table from a CSV or Parquet file.

    Numbers stay, booleans become 0 and 1, dates become numbers and text becomes one column for each
    of its values. All that was changed is in the notes of the problem.

    Parameters
    ----------
    path : path
        A file that ends in .csv, .tsv, .parquet or .pq. A CSV file has a header and is separated by
        commas, semicolons or tabs.
    target : str
        The column to predict; the task follows from it as in `array_problem`.
    task : {"classification", "regression"}, optional
        Overrides what the target tells.
    groups, weights : str, optional
        Columns that are no features, but say a row's group and weight (see `compare`).
    time : str, optional
        A column of dates or numbers that is no feature; the rows are sorted by it. Rows of one time
        stay in one part of a split, unless groups say which do.
    time_ordered : bool
        The rows of the file are in order of time.

    Returns
    -------
    Problem

    Raises
    ------
    InputError
        The file cannot be used; the message says why.
    """
    check_task(task)
    path = Path(path)
    notes: list[Said] = []
    frame = _read_table(path, notes)
    if target is None:
        raise InputError(
            f"no target is given: name the column of {path} to predict,"
            f" one of {_listed(frame.columns)}"
        )
    roles = {"to predict": target, "of groups": groups, "of times": time, "of weights": weights}
    taken = {role: column for role, column in roles.items() if column is not None}
    for role, column in taken.items():
        if column not in frame.columns:
            hint = suggest(column, frame.columns) or f" The columns are {_listed(frame.columns)}."
            raise InputError(f"{path} has no column {quoted(column)} {role}.{hint}")
    column, times = Counter(taken.values()).most_common(1)[0]
    if times > 1:
        raise InputError(
            f"column {quoted(column)} is given {times} roles: expected one for a column"
        )
    known = frame[target].is_not_null()
    if dropped := int((~known).sum()):
        notes.append(say("no_target", rows=dropped))
    frame = frame.filter(known)
    if time is not None:
        _check_times(frame[time])
        frame = frame.sort(time, maintain_order=True)
        if groups is None and frame[time].n_unique() < len(frame):
            groups = time
    y, known_task, classes, target_notes = read_target(_target_values(frame[target]), task, target)
    columns: dict[str, NDArray[np.float64]] = {}
    for feature in frame.drop(*taken.values()):
        columns |= _encoded(feature, notes)
    if not columns:
        raise InputError(
            f"{path} has no column left to predict {quoted(target)} from: {'; '.join(map(in_words, notes))}"
            if notes
            else f"{path} has only the column {quoted(target)}: add columns to predict it from"
        )
    X = np.column_stack(list(columns.values()))
    notes.extend(target_notes)
    return describe_rows(
        Problem(path.stem, X, y, known_task, classes, target, tuple(columns), tuple(notes)),
        groups=None
        if groups is None
        else read_groups(frame[groups].to_numpy(), len(y), f"column {quoted(groups)}"),
        time_ordered=time_ordered or time is not None,
        weights=None
        if weights is None
        else read_weights(frame[weights].to_numpy(), len(y), f"column {quoted(weights)}"),
    )


def _check_times(times: pl.Series) -> None:
    what = f"column {quoted(times.name)}"
    if not (times.dtype.is_numeric() or times.dtype.is_temporal()):
        raise InputError(
            f"{what} has the type {times.dtype} and cannot be sorted by time: expected numbers or"
            " dates such as 2024-01-31"
        )
    if missing := times.null_count():
        raise InputError(
            f"{what} has {count(missing, 'missing value')}: fill them or drop the rows"
        )


def _read_table(path: Path, notes: list[Said]) -> pl.DataFrame:
    polars = require("study", "polars")
    suffix = path.suffix.lower()
    if path.is_dir():
        raise InputError(f"{path} is a directory: expected a CSV or Parquet file")
    if not path.exists():
        raise InputError(f"{path} does not exist: expected a CSV or Parquet file")
    if suffix not in (".csv", ".tsv", ".parquet", ".pq"):
        raise InputError(
            f'{path} ends in "{suffix}": CSV (.csv, .tsv) and Parquet (.parquet, .pq) are read'
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):  # a byte order mark is nothing, too
        raise InputError(f"{path} is empty: expected a CSV or Parquet file")
    if suffix in (".csv", ".tsv"):
        frame = _read_csv(path, data, notes)
    else:
        try:
            frame = polars.read_parquet(io.BytesIO(data)).fill_nan(None)
        except (polars.exceptions.PolarsError, polars.exceptions.PanicException):
            raise InputError(f"{path} is not a Parquet file, or a damaged one") from None
    if frame.is_empty():
        raise InputError(f"{path} has column names but no rows: expected at least {MIN_ROWS} rows")
    return frame


def _read_csv(path: Path, data: bytes, notes: list[Said]) -> pl.DataFrame:
    """Parse with the csv module: polars fills up short rows without a word."""
    import polars as pl

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
        notes.append(say("latin_1"))
    if re.search(r"[\x00-\x08\x0e-\x1f]", text[:65536]) or re.match(
        r"\s*<(!doctype|html|\?xml)", text, re.IGNORECASE
    ):
        raise InputError(f"{path} is not a table: expected text in UTF-8 with separated columns")

    def records(separator: str, strict: bool) -> Iterable[tuple[int, list[str]]]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
        return ((reader.line_num, record) for record in reader if record)

    try:
        separator = max(",;\t", key=lambda mark: len(next(iter(records(mark, strict=False)))[1]))
        rows = []
        for line, record in records(separator, strict=True):
            rows.append(record)
            if len(record) != len(rows[0]):
                raise InputError(
                    f"{path} is not a table: line {line} has {count(len(record), 'value')}"
                    f" and the header has {len(rows[0])}"
                )
    except csv.Error as error:
        raise InputError(f"{path} is not a table: {error}") from None
    names = [name.strip() for name in rows.pop(0)]
    refuse_duplicates(tuple(filter(None, names)), str(path))
    if not all(names):
        notes.append(say("no_name"))
    cells = zip(*rows, strict=True) if rows else [()] * len(names)
    return pl.DataFrame(
        [
            _typed(pl.Series(name, column, dtype=pl.String), separator == ";", notes)
            for name, column in zip(names, cells, strict=True)
            if name
        ]
    )


def _typed(column: pl.Series, decimal_comma: bool, notes: list[Said]) -> pl.Series:
    """Return a column of text as numbers, booleans or times, if all its values are."""
    import polars as pl

    text = column.str.strip_chars()
    lower = text.str.to_lowercase()
    text = text.set(lower.is_in(MISSING), None)
    plain = text.str.replace(r"^([+-]?\d+),(\d+)$", "${1}.${2}") if decimal_comma else text
    numbers = plain.cast(pl.Float64, strict=False)
    if numbers.null_count() == text.null_count():
        if (plain != text).any():
            notes.append(say("commas", column=quoted(column.name)))
        return numbers
    if text.drop_nulls().str.to_lowercase().is_in(("true", "false")).all():
        return (lower == "true").set(text.is_null(), None)
    for form in TIMES:
        times = text.str.to_datetime(form, strict=False)
        if times.null_count() == text.null_count():
            return times
    words = text.filter(text.is_not_null() & numbers.is_null())
    if 2 * len(words) < len(text) - text.null_count():
        notes.append(
            say(
                "mostly_numbers",
                column=quoted(column.name),
                values=len(words),
                example=quoted(words[0]),
            )
        )
    return text


def _target_values(column: pl.Series) -> NDArray[Any]:
    import polars as pl

    kind = column.dtype
    if kind == pl.Boolean or kind.is_integer():
        return column.to_numpy()
    if kind.is_numeric():
        return column.cast(pl.Float64).to_numpy()
    if kind in (pl.String, pl.Categorical, pl.Enum):
        return column.cast(pl.String).to_numpy().astype(object)
    raise InputError(
        f"the target {quoted(column.name)} has the type {kind}: expected numbers, booleans or text"
    )


def _encoded(column: pl.Series, notes: list[Said]) -> dict[str, NDArray[np.float64]]:
    """Return the numeric columns that one column of a table becomes, by name."""
    import polars as pl

    name, kind, missing = column.name, column.dtype, column.null_count()
    what = f"column {quoted(name)}"
    if missing == len(column):
        notes.append(say("empty", column=quoted(name)))
        return {}
    if kind in (pl.String, pl.Categorical, pl.Enum):
        return _one_hot(column.cast(pl.String), notes)
    if kind.is_temporal():
        notes.append(say("times", column=quoted(name)))
        column = column.to_physical()
    elif not (kind.is_numeric() or kind == pl.Boolean):
        notes.append(say("kind", column=quoted(name), kind=str(kind)))
        return {}
    values = column.cast(pl.Float64).fill_null(np.nan).to_numpy()
    refuse_infinite(values, what)
    if missing:
        notes.append(say("filled", values=missing, column=quoted(name)))
    return {name: values}


def _one_hot(column: pl.Series, notes: list[Said]) -> dict[str, NDArray[np.float64]]:
    name, missing = column.name, column.null_count()
    what = quoted(name)
    counts = Counter(column.drop_nulls().to_list())
    if len(counts) == len(column) - missing:
        notes.append(say("identifier", column=what))
        return {}
    by_frequency = sorted(counts, key=lambda value: (-counts[value], value))
    kept = sorted(by_frequency[:MAX_CATEGORIES])
    columns = {f"{name}={value}": column == value for value in kept}
    if len(counts) > MAX_CATEGORIES:
        columns[f"{name} (other)"] = column.is_not_null() & ~column.is_in(kept)
        notes.append(say("many_values", column=what, distinct=len(counts), kept=MAX_CATEGORIES))
    if missing:
        columns[f"{name} (missing)"] = column.is_null()
        notes.append(say("missing_category", values=missing, column=what))
    return {
        feature: flags.fill_null(False).to_numpy().astype(np.float64)
        for feature, flags in columns.items()
    }


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(map(quoted, names[:10])) + more
