"""Arrays and files become a Problem, or one clear line."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rheobase._errors import InputError
from rheobase.compare import Problem, array_problem, load_digits_problem, read_problem
from rheobase.compare._split import prepare, split
from rheobase.compare._words import in_words

ROWS = 60
RNG = np.random.default_rng(0)
X = RNG.normal(size=(ROWS, 3))
TWO = np.arange(ROWS) % 2


def write(tmp_path: Path, text: str | bytes, name: str = "data.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def table(*columns: tuple[str, Any], separator: str = ",") -> str:
    """CSV text; a column's values are repeated to ROWS rows, or called with the row number."""
    lines = [separator.join(name for name, _ in columns)]
    for row in range(ROWS):
        cells = [make(row) if callable(make) else make[row % len(make)] for _, make in columns]
        lines.append(separator.join(map(str, cells)))
    return "\n".join(lines) + "\n"


NUMBER = ("a", lambda row: row * 0.5)
CLASS = ("y", ["yes", "no"])


def refused(call: Any, *words: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_digits() -> None:
    problem = load_digits_problem()
    assert problem.X.shape == (1797, 64)
    assert problem.classes == tuple("0123456789")
    assert problem.y.dtype == np.int64


# -- arrays --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("y", "task", "expected"),
    [
        (TWO, None, "classification"),
        (TWO.astype(float), None, "classification"),
        (TWO.astype(bool), None, "classification"),
        (np.where(TWO, "b", "a"), None, "classification"),
        (np.where(TWO, "b", "a").astype(object), None, "classification"),
        (np.arange(ROWS) % 7, None, "regression"),  # ten rows for each value are not there
        (np.arange(ROWS) % 7, "classification", "classification"),
        (np.arange(ROWS), None, "regression"),
        (TWO + 0.5, None, "regression"),
        (TWO, "regression", "regression"),
        (TWO[:, None], None, "classification"),
    ],
)
def test_task_from_target(y: Any, task: str | None, expected: str) -> None:
    problem = array_problem(X, y, task)
    assert problem.task == expected
    assert problem.y.shape == (ROWS,)
    assert problem.y.dtype == (np.int64 if expected == "classification" else np.float64)
    assert (problem.classes is None) == (expected == "regression")


def test_class_numbers_follow_names() -> None:
    problem = array_problem(X, [10.0, 2.0] * (ROWS // 2))
    assert problem.classes == ("2", "10")
    assert problem.y[:2].tolist() == [1, 0]


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i8", "u1", "?"])
def test_dtypes(dtype: str) -> None:
    problem = array_problem(np.arange(ROWS * 2).reshape(ROWS, 2).astype(dtype), TWO)
    assert problem.X.dtype == (np.float32 if dtype in ("f2", "f4") else np.float64)


def test_frame_and_copy() -> None:
    frame = pl.DataFrame({"a": X[:, 0], "b": TWO == 1})
    problem = array_problem(frame, pl.Series("kind", ["u", "v"] * (ROWS // 2)))
    assert problem.features == ("a", "b")
    assert problem.target == "kind"
    mine = X.copy()
    problem = array_problem(mine, TWO)
    mine[:] = 0
    assert np.array_equal(problem.X, X)


def changed(row: int, column: int, value: float) -> Any:
    copy = X.copy()
    copy[row, column] = value
    return copy


@pytest.mark.parametrize(
    ("features", "y", "task", "words"),
    [
        (changed(1, 2, np.nan), TWO, None, ["x2", "1 NaN value"]),
        (changed(1, 2, np.inf), TWO, None, ["x2", "infinite"]),
        (changed(1, 2, 1e300), TWO, None, ["x2", "too large"]),
        (X, np.where(TWO, np.nan, 1.0), None, ["y", "30 NaN"]),
        (X, np.where(TWO, np.inf, 0.5), None, ["y", "infinite"]),
        (X[:, 0], TWO, None, ["(60,)", "reshape"]),
        (X[None], TWO, None, ["(1, 60, 3)"]),
        (X[:, :0], TWO, None, ["no columns"]),
        (X.astype(complex), TWO, None, ["complex128"]),
        (X.astype(object), TWO, None, ["object"]),
        ([[1.0, 2.0], [3.0]], TWO, None, ["different lengths"]),
        (pl.DataFrame({"a": ["u"] * ROWS}), TWO, None, ['column "a" of X', "CSV"]),
        (X, TWO[:-1], None, ["60 rows", "59"]),
        (X, np.c_[TWO, TWO], None, ["(60, 2)"]),
        (X, TWO.astype(complex), None, ["complex128"]),
        (X, [None, "a"] * 30, None, ["NoneType and str"]),
        (X, TWO, "clasification", ['Did you mean "classification"?']),
        (X, ["u", "v"] * 30, "regression", ["text", '"u"']),
        (X, [5] * ROWS, None, ["5", "all 60 rows"]),
        (X, [0.5] * ROWS, None, ["0.5", "all 60 rows"]),
        (X, ["rare"] * 2 + ["often"] * 58, None, ['"rare"', "2 rows"]),
        (X[:29], TWO[:29], None, ["29 rows", "30"]),
    ],
)
def test_bad_arrays(features: Any, y: Any, task: str | None, words: list[str]) -> None:
    refused(lambda: array_problem(features, y, task), *words)


# -- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators(tmp_path: Path, separator: str) -> None:
    path = write(tmp_path, "\ufeff" + table(NUMBER, CLASS, separator=separator))
    problem = read_problem(path, "y")
    assert problem.features == ("a",)
    assert problem.classes == ("no", "yes")
    assert problem.X[3, 0] == 1.5
    assert problem.name == "data"


@pytest.mark.parametrize(
    ("column", "width", "note"),
    [
        (["1", "NA", "2"], 1, '20 missing values in column "c" filled with'),
        (["1", "nan", ""], 1, "40 missing"),
        (["true", "False"], 1, None),
        (["red", "green", "blue"], 3, None),
        (["red", "", "blue"], 3, "category of their own"),
        (lambda row: f"id{row}", None, "occurs once"),
        (["", "NA"], None, "no values"),
        (lambda row: date(2024, 1, 1) + timedelta(row), 1, "time"),
        (["2024-01-02T03:04:05Z", "2024-01-03T03:04:05.5Z"], 1, "time"),
        (["1", "2", "3", "x"], 4, "mostly numbers"),
        (['"two\nlines"', "one"], 2, None),
    ],
)
def test_columns(tmp_path: Path, column: Any, width: int | None, note: str | None) -> None:
    problem = read_problem(write(tmp_path, table(NUMBER, ("c", column), CLASS)), "y")
    assert problem.X.shape == (ROWS, 1 + (width or 0))
    assert len(problem.features) == problem.X.shape[1]
    assert any(note in line for line in map(in_words, problem.notes)) if note else not problem.notes


def test_many_categories(tmp_path: Path) -> None:
    values = [f"v{row}" for row in range(55)] + ["v0"] * 5
    problem = read_problem(write(tmp_path, table(("c", values), CLASS)), "y")
    assert problem.X.shape == (ROWS, 51)
    assert problem.features[-1] == "c (other)"
    assert np.array_equal(problem.X.sum(axis=1), np.ones(ROWS))
    assert any("55 distinct" in note for note in map(in_words, problem.notes))


def test_decimal_comma(tmp_path: Path) -> None:
    text = table(("a", lambda row: f"{row},5"), CLASS, separator=";")
    assert read_problem(write(tmp_path, text), "y").X[2, 0] == 2.5


def test_latin_1_index_and_missing_targets(tmp_path: Path) -> None:
    text = table(("", lambda row: row), NUMBER, ("y", ["süß", "herb", "süß", "herb", ""]))
    problem = read_problem(write(tmp_path, text.encode("latin-1")), "y")
    assert problem.classes == ("herb", "süß")
    assert problem.features == ("a",)
    assert len(problem.y) == 48
    for word in ("Latin-1", "without a name", "12 rows without a target"):
        assert any(word in note for note in map(in_words, problem.notes))


def test_parquet(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "whole": range(ROWS),
            "gap": [1.5, None, float("nan")] * 20,
            "flag": [True, None] * 30,
            "kind": pl.Series(["u", "v", None] * 20, dtype=pl.Categorical),
            "day": [date(2024, 1, 1) + timedelta(row) for row in range(ROWS)],
            "list": [[1, 2]] * ROWS,
            "y": np.arange(ROWS) / 7,
        }
    )
    frame.write_parquet(tmp_path / "t.parquet")
    problem = read_problem(tmp_path / "t.parquet", "y")
    assert problem.task == "regression"
    assert problem.features == (
        "whole", "gap", "flag", "kind=u", "kind=v", "kind (missing)", "day",
    )  # fmt: skip
    assert np.isnan(problem.X[:, 1]).sum() == 40
    assert any('"list" dropped' in note for note in map(in_words, problem.notes))


GOOD = table(NUMBER, CLASS)


@pytest.mark.parametrize(
    ("text", "name", "target", "words"),
    [
        ("", "data.csv", "y", ["empty"]),
        (" \n\n", "data.csv", "y", ["empty"]),
        ("", "data.parquet", "y", ["empty"]),
        ("\ufeff", "data.csv", "y", ["empty"]),
        ("a,y\n", "data.csv", "y", ["no rows"]),
        (b"\x89PNG\r\n\x1a\n\0\0", "data.csv", "y", ["not a table"]),
        (bytes(range(256)) * 9, "data.csv", "y", ["not a table"]),
        (bytes(range(256)) * 9, "data.parquet", "y", ["not a Parquet file"]),
        (b"PAR1" + bytes(range(256)) + b"\x08\0\0\0PAR1", "t.pq", "y", ["not a Parquet file"]),
        (GOOD, "data.parquet", "y", ["not a Parquet file"]),
        ("<!DOCTYPE html>\n<p>a, b</p>", "data.csv", "y", ["not a table"]),
        (GOOD + "1,2,3\n", "data.csv", "y", ["line 62", "3 values", "2"]),
        (GOOD + "1\n", "data.csv", "y", ["line 62", "1 value "]),
        (GOOD + '"1,2\n', "data.csv", "y", ["not a table", "end of data"]),
        (GOOD, "data.xlsx", "y", [".xlsx", "CSV", "Parquet"]),
        (GOOD, "data", "y", ["CSV", "Parquet"]),
        (GOOD, "data.csv", None, ["no target", '"a", "y"']),
        (table(NUMBER, ("price", TWO)), "data.csv", "prise", ['Did you mean "price"?']),
        (GOOD, "data.csv", "zzz", ['"a", "y"']),
        (table(NUMBER, NUMBER, CLASS), "data.csv", "y", ['2 columns with the name "a"']),
        (table(("a", ["inf", "1"]), CLASS), "data.csv", "y", ['column "a"', "infinite"]),
        (table(CLASS), "data.csv", "y", ["only the column"]),
        (table(("id", "n{}".format), CLASS), "data.csv", "y", ["no column left", "identifier"]),
        (table(NUMBER, ("y", [""])), "data.csv", "y", ["0 rows"]),
        (table(NUMBER, ("y", ["2024-01-01"])), "data.csv", "y", ["Datetime"]),
        (table(("odd\tname;", [1]), CLASS, separator=","), "data.tsv", "odd", ["no column"]),
    ],
)
def test_bad_files(
    tmp_path: Path, text: str | bytes, name: str, target: str | None, words: list[str]
) -> None:
    path = write(tmp_path, text, name)
    refused(lambda: read_problem(path, target), *words)


def test_bad_paths(tmp_path: Path) -> None:
    refused(lambda: read_problem(tmp_path, "y"), "directory")
    refused(lambda: read_problem(tmp_path / "none.csv", "y"), "does not exist")
    path = write(tmp_path, GOOD)
    refused(lambda: read_problem(path, "y", "regression"), "text")
    refused(lambda: read_problem(path, "y", "regresion"), 'Did you mean "regression"?')


# -- split and prepare ---------------------------------------------------------------------------


def made(features: Any, y: Any, task: Any) -> Problem:
    classes = tuple(map(str, np.unique(y))) if task == "classification" else None
    names = tuple(f"x{index}" for index in range(features.shape[1]))
    return Problem("made", features, np.asarray(y), task, classes, "y", names)


@given(
    st.lists(st.integers(3, 40), min_size=2, max_size=6).filter(lambda n: sum(n) >= 30),
    st.integers(0, 2**32),
    st.sampled_from(["classification", "regression"]),
)
def test_split_partitions_rows(sizes: list[int], seed: int, task: str) -> None:
    y = np.repeat(np.arange(len(sizes)), sizes)
    problem = made(np.zeros((len(y), 1)), y, task)
    parts = split(problem, seed)
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(len(y)))
    assert len(parts[1]) == len(parts[2])
    assert abs(len(parts[1]) - len(y) / 5) <= len(sizes)
    for part, again in zip(parts, split(problem, seed), strict=True):
        assert np.array_equal(part, again)
        if task == "classification":
            assert set(y[part]) == set(y)


def test_split_depends_on_seed() -> None:
    problem = load_digits_problem()
    assert [len(part) for part in split(problem, 0)] == [1079, 359, 359]
    assert not np.array_equal(split(problem, 0)[2], split(problem, 1)[2])


@given(st.integers(0, 2**32), st.floats(-1e30, 1e30))
def test_prepare_sees_training_rows_only(seed: int, other: float) -> None:
    rng = np.random.default_rng(seed)
    features = rng.normal(3, 5, size=(ROWS, 4))
    features[rng.random(features.shape) < 0.2] = np.nan
    features[:, 3] = 0.1
    problem = made(features, TWO, "classification")
    train, validation, test = split(problem, seed)
    prepared = prepare(problem, train)
    assert prepared.dtype == np.float32
    assert np.isfinite(prepared).all()
    assert np.allclose(prepared[train].mean(axis=0), 0, atol=1e-5)
    assert np.allclose(prepared[train].std(axis=0), [1, 1, 1, 0], atol=1e-5)
    spoiled = features.copy()
    spoiled[np.r_[validation, test]] = other
    again = prepare(made(spoiled, TWO, "classification"), train)
    assert np.array_equal(again[train], prepared[train])
    assert not again[:, 3].any()


def test_prepare_fills_with_training_median() -> None:
    features = np.arange(10.0)[:, None].copy()
    features[9] = np.nan
    prepared = prepare(made(features, TWO[:10], "classification"), np.arange(5))
    assert prepared[9, 0] == prepared[2, 0] == 0
    features[:5] = np.nan
    assert not prepare(made(features, TWO[:10], "classification"), np.arange(5)).any()
