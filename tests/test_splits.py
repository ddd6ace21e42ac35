"""Splits by group, in order of time and as given, and rows that are weighted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import model_selection
from sklearn.metrics import make_scorer

import rheobase as rb
from rheobase.compare import Problem, array_problem, read_problem
from rheobase.compare._rows import with_folds
from rheobase.compare._split import split
from rheobase.compare._words import in_words
from rheobase.report import render

RNG = np.random.default_rng(0)
ROWS = 120
X = RNG.normal(size=(ROWS, 2))
TWO = np.arange(ROWS) % 2
BLOCKS = np.arange(ROWS) // 6  # groups that follow each other


def problem(y: Any = TWO, **known: Any) -> Problem:
    return array_problem(np.zeros((len(y), 1)), y, **known)


def folded(cv: Any, y: Any = TWO, **known: Any) -> Problem:
    return with_folds(problem(y, **known), cv)


def check_parts(given: Problem, seed: int) -> list[Any]:
    """What holds of every split, however it is drawn."""
    parts = split(given, seed)
    rows = np.concatenate(parts)
    assert len(np.unique(rows)) == len(rows)
    for part, again in zip(parts, split(given, seed), strict=True):
        assert np.array_equal(part, again)
        assert np.array_equal(part, np.sort(part))
        assert len(np.unique(given.y[part])) > 1
    if given.classes:
        assert set(given.y[parts[0]]) == set(range(len(given.classes)))
    if given.groups is not None:
        apart = [set(given.groups[part]) for part in parts]
        assert sum(map(len, apart)) == len(set.union(*apart))
    if given.time_ordered:
        assert parts[0].max() < parts[1].min()
        assert parts[1].max() < parts[2].min()
    return list(parts)


# -- groups --------------------------------------------------------------------------------------


@given(
    st.lists(st.integers(2, 40), min_size=3, max_size=40).filter(lambda n: sum(n) >= 30),
    st.integers(0, 2**32),
)
def test_groups_stay_together(sizes: list[int], seed: int) -> None:
    groups = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    given = problem(np.arange(len(groups)) + 0.5, groups=groups)
    parts = check_parts(given, seed)
    assert sum(map(len, parts)) == len(groups)
    for part, share in zip(parts, (0.6, 0.2, 0.2), strict=True):
        assert abs(len(part) - share * len(groups)) <= 2 * max(sizes)


@given(st.integers(0, 2**32), st.integers(2, 4), st.booleans())
def test_groups_keep_the_shares_of_classes(seed: int, classes: int, pure: bool) -> None:
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, 60, 900)
    y = groups % classes if pure else rng.integers(0, classes, 900)
    parts = check_parts(problem(y, task="classification", groups=groups), seed)
    for part, share in zip(parts, (0.6, 0.2, 0.2), strict=True):
        assert np.allclose(np.bincount(y[part]) / np.bincount(y), share, atol=0.15)


def test_seeds_draw_other_groups_even_if_sizes_differ() -> None:
    sizes = np.arange(3, 23)
    given = problem(np.arange(sizes.sum()) % 2, groups=np.repeat(np.arange(20), sizes))
    assert len({tuple(split(given, seed)[2]) for seed in range(10)}) == 10


# -- order of time -------------------------------------------------------------------------------


@given(st.integers(60, 400), st.integers(0, 2**32), st.integers(1, 4))
def test_time_is_kept(rows: int, seed: int, size: int) -> None:
    groups = np.arange(rows) // size
    given = problem(np.arange(rows) + 0.5, time_ordered=True, groups=groups)
    train, validation, test = check_parts(given, seed)
    used = np.concatenate([train, validation, test])
    assert np.array_equal(used, np.arange(used[0], used[0] + rows // 2))
    assert abs(len(train) - 0.3 * rows) <= size
    assert abs(len(test) - 0.1 * rows) <= size


@pytest.mark.parametrize("seeds", [6, 10, 55])
def test_windows_begin_evenly(seeds: int) -> None:
    given = problem(np.arange(400) + 0.5, time_ordered=True)
    starts = [0, *sorted(split(given, seed)[0][0] for seed in range(seeds)), 200]
    assert np.diff(starts).max() <= 2 * 200 / seeds


def test_a_window_holds_what_it_must() -> None:
    y = TWO.copy()
    y[:30] = 0  # many windows train on one class for the first rows
    y[100::2] = 2
    with pytest.raises(rb.InputError, match=r'class "2" is not among the training rows'):
        split(problem(y, time_ordered=True), 0)
    y[70:] = np.arange(50) % 3
    for seed in range(10):
        check_parts(problem(y, time_ordered=True), seed)


# -- given splits --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cv", "known", "folds"),
    [
        (5, {}, 5),
        (model_selection.RepeatedKFold(n_splits=4, n_repeats=2, random_state=0), {}, 8),
        (5, {"groups": BLOCKS}, 5),
        (model_selection.GroupShuffleSplit(7, random_state=0), {"groups": BLOCKS}, 7),
        (3, {"time_ordered": True}, 3),
        (3, {"time_ordered": True, "groups": BLOCKS}, 3),
        (((np.arange(90), np.arange(90, 120)), (np.arange(30, 120), np.arange(30))), {}, 2),
    ],
)
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_given_splits(cv: Any, known: dict[str, Any], folds: int, task: str) -> None:
    given = folded(cv, task=task, **known)
    assert given.folds is not None
    assert len(given.folds) == folds
    for seed, (learn, test) in enumerate(given.folds):
        parts = check_parts(given, seed)
        assert np.array_equal(parts[2], test)
        assert np.array_equal(np.sort(np.concatenate(parts[:2])), learn)
        assert abs(len(parts[1]) - len(learn) / 4) <= 6


def test_given_splits_are_those_of_scikit_learn() -> None:
    wanted = model_selection.StratifiedKFold(4).split(X, TWO)
    for (learn, test), (train, held) in zip(folded(4).folds or (), wanted, strict=True):
        assert np.array_equal(learn, train)
        assert np.array_equal(test, held)


# -- columns of a table --------------------------------------------------------------------------


def table(tmp_path: Path, **changed: Any) -> Path:
    columns = {
        "y": TWO,
        "a": X[:, 0],
        "who": [f"p{k}" for k in BLOCKS],
        "day": [f"2024-01-{1 + (5 * k) % 28:02}" for k in range(ROWS)],
        "w": 1 + BLOCKS,
    } | changed
    lines = [
        ",".join(columns),
        *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True)),
    ]
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_columns_say_what_is_known_of_rows(tmp_path: Path) -> None:
    path = table(tmp_path)
    found = read_problem(path, "y", groups="who", weights="w")
    assert found.groups is not None
    assert len(set(zip(found.groups, BLOCKS, strict=True))) == len(set(found.groups)) == 20
    assert found.weights is not None
    assert np.array_equal(found.weights, 1 + BLOCKS)
    assert not {"who", "w"} & {name.split("=")[0] for name in found.features}
    assert any("20 groups" in note for note in map(in_words, found.notes))


def test_a_table_is_sorted_by_time_and_days_stay_whole(tmp_path: Path) -> None:
    found = read_problem(table(tmp_path), "y", time="day")
    assert found.time_ordered
    assert found.groups is not None
    assert np.array_equal(found.groups, np.sort(found.groups))
    assert len(set(found.groups)) == 28
    assert set(found.features) == {"a", "w", *(f"who=p{k}" for k in set(BLOCKS))}
    check_parts(found, 0)
    plain = read_problem(table(tmp_path), "y", time_ordered=True)
    assert plain.time_ordered
    assert plain.groups is None


# -- refusals ------------------------------------------------------------------------------------

RARE = np.r_[np.zeros(117, int), [1, 1, 1]]
REFUSED: list[tuple[str, Callable[[], Any]]] = [
    ("groups has the shape (119,)", lambda: problem(groups=BLOCKS[1:])),
    ("groups has 2 missing values", lambda: problem(groups=[None, np.nan, *BLOCKS[2:]])),
    ("groups holds int and str", lambda: problem(groups=["a", *BLOCKS.tolist()[1:]])),
    ("groups names 2 groups", lambda: problem(groups=BLOCKS > 9)),
    ("row 119 is of a group that", lambda: problem(groups=[*BLOCKS[:-1], 0], time_ordered=True)),
    ("time_ordered is array", lambda: problem(time_ordered=np.arange(ROWS))),
    ("59 rows in order of time", lambda: problem(TWO[:59], time_ordered=True)),
    ("sample_weight has the shape (5,)", lambda: problem(sample_weight=np.ones(5))),
    ("sample_weight has 1 missing value", lambda: problem(sample_weight=[np.nan, *BLOCKS[1:]])),
    ("has a weight of -1", lambda: problem(sample_weight=[-1, *BLOCKS[1:]])),
    ("has 1 value that is infinite", lambda: problem(sample_weight=[np.inf, *BLOCKS[1:]])),
    ("sample_weight is 0 for every row", lambda: problem(sample_weight=0 * BLOCKS)),
    ("sample_weight has the type", lambda: problem(sample_weight=["a"] * ROWS)),
    (
        'validation rows: all are "0"',
        lambda: split(problem(RARE, groups=np.minimum(BLOCKS, 3)), 0),
    ),
    ("does not vary over the", lambda: split(problem(RARE + 0.5, groups=BLOCKS), 0)),
    (
        "all weights of the",
        lambda: split(problem(sample_weight=np.arange(ROWS) == 0), 0),
    ),
    ("cv is 'five'; expected", lambda: folded("five")),
    ("cv is True; expected", lambda: folded(True)),
    ("cv cannot split these rows", lambda: folded(1)),
    ("cv cannot split these rows", lambda: folded(30, groups=BLOCKS)),
    ("its test part is empty", lambda: folded([(np.arange(90), [])])),
    ("its training part holds 0 to 120", lambda: folded([(np.arange(121), [0])])),
    ("expected row numbers", lambda: folded([(TWO > 0, TWO < 1)])),
    ("2 rows more than once", lambda: folded([([*range(90), 0, 1], np.arange(90, 120))])),
    ("30 rows would both train and test", lambda: folded([(np.arange(90), np.arange(60, 120))])),
    ("split 0 of cv trains on 20 rows", lambda: folded([(np.arange(20), np.arange(20, 120))])),
    (
        "such as GroupKFold",
        lambda: folded([(np.arange(2, 120, 2), np.arange(1, 120, 2))], groups=BLOCKS),
    ),
    (
        "such as TimeSeriesSplit",
        lambda: folded([(np.arange(30, 120), np.arange(30))], time_ordered=True),
    ),
    (
        'split 0 of cv: "y" does not vary over the test rows: all are "0"',
        lambda: split(folded([(np.arange(90), np.arange(90, 120, 2))] * 2), 0),
    ),
]


@pytest.mark.parametrize(("words", "call"), REFUSED, ids=[words for words, _ in REFUSED])
def test_refusals(words: str, call: Callable[[], Any]) -> None:
    with pytest.raises(rb.InputError) as caught:
        call()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("roles", "changed", "words"),
    [
        ({"groups": "whom"}, {}, 'no column "whom" of groups. Did you mean "who"?'),
        ({"groups": "y"}, {}, 'column "y" is given 2 roles'),
        ({"groups": "who"}, {"who": ["", *"abc" * 39, "a", "b"]}, '"who" has 1 missing value'),
        ({"weights": "who"}, {}, 'column "who" has the type object'),
        ({"weights": "w"}, {"w": ["", *BLOCKS[1:]]}, 'column "w" has 1 missing value'),
        ({"time": "who"}, {}, 'column "who" has the type String and cannot be sorted'),
        ({"time": "day"}, {"day": ["", *BLOCKS[1:]]}, 'column "day" has 1 missing value'),
    ],
)
def test_columns_are_refused(
    roles: dict[str, str], changed: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(rb.InputError) as caught:
        read_problem(table(tmp_path, **changed), "y", **roles)
    assert words in str(caught.value)


# -- whole comparisons ---------------------------------------------------------------------------

SMALL: dict[str, Any] = {
    "activations": ["relu", "tanh"],
    "hidden": [4],
    "epochs": 2,
    "learning_rates": [0.01],
}


def scores(result: rb.Comparison) -> list[list[float]]:
    return [entry["scores"] for entry in result.to_dict()["activations"]]


def test_a_comparison_takes_it_all() -> None:
    plain = rb.compare(X, TWO, **SMALL, seeds=2).to_dict()
    for known in (
        {"groups": BLOCKS, "seeds": 2},
        {"time_ordered": True, "seeds": 2},
        {"sample_weight": 1 + BLOCKS, "seeds": 2},
        {"cv": 2},
    ):
        found = rb.compare(X, TWO, **SMALL, **known).to_dict()
        assert len(found["data"]["notes"]) > len(plain["data"]["notes"])
        assert found["data"]["digest"] == plain["data"]["digest"]
        assert len(found["settings"]["seeds"]) == 2
        assert found["activations"][0]["scores"] != plain["activations"][0]["scores"]
        call = render(found).split("rheobase.compare(")[1].split("</code>")[0]
        named = {"groups", "time_ordered", "sample_weight", "cv", "seeds"}
        assert {name for name in named if f"{name}=" in call} == known.keys()


def test_shapes_are_compared_on_given_splits() -> None:
    few = {key: value for key, value in SMALL.items() if key != "hidden"}
    found = rb.compare_shapes(X, TWO, depths=[1, 2], widths=[3], cv=3, groups=BLOCKS, **few)
    assert found.result(2, 3)["settings"]["seeds"] == [0, 1, 2]
    assert any("20 groups" in note for note in found.result(1, 3)["data"]["notes"])


def test_overlap_is_the_mean_over_given_splits() -> None:
    cv = [(np.arange(80), np.arange(80, 120)), (np.arange(40, 120), np.arange(20))]
    found = rb.compare(X, TWO, **SMALL, cv=cv).to_dict()
    assert found["statistics"]["overlap"] == pytest.approx((40 / 60 + 20 / 60) / 2)
    assert found["data"]["parts"] == {"train": 60, "validation": 20, "test": 30}


def test_a_journal_is_of_its_splits_and_weights(tmp_path: Path) -> None:
    given: dict[str, Any] = {"journal": tmp_path / "journal.jsonl", "seeds": 2} | SMALL
    known: list[dict[str, Any]] = [
        {},
        {"groups": BLOCKS},
        {"groups": BLOCKS // 2},
        {"time_ordered": True},
        {"sample_weight": 1 + BLOCKS},
        {"cv": 2, "seeds": None},
        {"cv": model_selection.KFold(2, shuffle=True, random_state=0), "seeds": None},
    ]
    for each in known:
        rb.compare(X, TWO, **(given | each))
        rb.compare(X, TWO, **(given | each), resume=True)
        for other in known:
            if other is not each:
                with pytest.raises(rb.InputError, match="another study"):
                    rb.compare(X, TWO, **(given | other), resume=True)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"cv": 5, "seeds": 5}, "seeds and cv"),
        ({"cv": [(np.arange(90), np.arange(90, 120))]}, "cv makes 1 split"),
        ({"sample_weight": BLOCKS, "metric": make_scorer(lambda y, z: 1.0)}, "does not fit"),
        ({"sample_weight": np.ones(3)}, "sample_weight has the shape"),
    ],
)
def test_a_comparison_refuses(given: dict[str, Any], words: str) -> None:
    with pytest.raises(rb.InputError, match=words):
        rb.compare(X, TWO, **SMALL, **given)


@pytest.mark.parametrize(
    "known", [{"groups": BLOCKS}, {"time_ordered": True}, {"sample_weight": BLOCKS}]
)
def test_digits_have_no_groups_time_or_weights(known: dict[str, Any]) -> None:
    with pytest.raises(rb.InputError, match=f"{next(iter(known))} without X"):
        rb.compare(**SMALL, **known)
