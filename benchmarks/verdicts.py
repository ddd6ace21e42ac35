"""How often verdicts and intervals of a comparison are right, over simulated tasks with a known truth.

python benchmarks/verdicts.py    # prints the tables and writes them into docs/comparing.md
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn.model_selection import KFold, RepeatedKFold

from rheobase.compare import _cell as cells
from rheobase.compare import array_problem, make_study
from rheobase.compare._rows import with_folds
from rheobase.compare._run import outcome
from rheobase.compare._split import split
from rheobase.compare._statistics import LEVEL
from rheobase.compare._verdict import BETTER, EQUAL, compare_pairs

PAGE = Path(__file__).parent.parent / "docs" / "comparing.md"
BEGIN, END = "<!-- verdicts: begin -->\n", "<!-- verdicts: end -->"
TASKS, SEEDS = 500, 10
EFFECTS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)

Scores = dict[str, np.ndarray]
Splits = list[tuple[np.ndarray, np.ndarray]]
Task = tuple[Scores, float]  # test scores by function, and the overlap of the splits


def linear(
    rows: int,
    features: int,
    penalty: float = 1.0,
    *,
    classes: bool = False,
    tails: float = np.inf,
    groups: np.ndarray | None = None,
    memory: float = 0.0,
    **known: Any,
) -> Callable[..., Task]:
    """Ridge models that each see their own features of one data set, split anew by each seed.

    All features count alike, so the models are equal over data sets of this source. On one data set they are
    not: its rows favour some features by chance, in every split. Rows of a group are alike, and with memory
    each row is like the one before it. ``known`` is what `compare` is told besides the groups.
    """

    def task(rng: np.random.Generator, functions: int, seeds: int) -> Task:
        X = rng.normal(size=(rows, functions, features))
        noise = rng.normal(size=rows) if tails == np.inf else rng.standard_t(tails, rows)
        if groups is not None:
            X = X / 2 + rng.normal(size=(groups.max() + 1, functions, features))[groups]
        if memory:
            for row in range(1, rows):
                X[row] = memory * X[row - 1] + np.sqrt(1 - memory**2) * X[row]
                noise[row] = memory * noise[row - 1] + np.sqrt(1 - memory**2) * noise[row]
        y = X.sum(axis=(1, 2)) / np.sqrt(features * functions) + 0.5 * noise
        y = np.sign(y) if classes else y
        scores = np.empty((functions, seeds))
        splits = (
            by_compare(rows, seeds, groups=groups, **known)
            if known or groups is not None
            else at_random(rng, rows, seeds)
        )
        for seed, (train, test) in enumerate(splits):
            for k in range(functions):
                A = X[train, k]
                weights = np.linalg.solve(
                    A.T @ A + penalty * np.eye(features), A.T @ (y[train] - y[train].mean())
                )
                z = X[test, k] @ weights + y[train].mean()
                error = ((z - y[test]) ** 2).mean() / y[test].var() if not classes else 0.0
                scores[k, seed] = (np.sign(z) == y[test]).mean() if classes else 1 - error
        overlap = np.mean([len(test) / len(train) for train, test in splits])
        return dict(zip("abcdefg", scores, strict=False)), float(overlap)

    return task


def at_random(rng: np.random.Generator, rows: int, seeds: int) -> Splits:
    """Return training and test rows of each seed, three fifths and one fifth."""
    held_out = rows // 5
    orders = [rng.permutation(rows) for _ in range(seeds)]
    return [(order[: rows - 2 * held_out], order[-held_out:]) for order in orders]


def by_compare(rows: int, seeds: int, cv: Any = None, **known: Any) -> Splits:
    """Return training and test rows of each seed as `compare` draws them."""
    problem = array_problem(np.zeros((rows, 1)), np.arange(rows) + 0.5, **known)
    if cv is not None:
        problem = with_folds(problem, cv)
    return [split(problem, seed)[::2] for seed in range(seeds)]


def networks(rng: np.random.Generator, functions: int, seeds: int) -> Task:
    """Real runs of two activations that are one: log_sigmoid(x) = -softplus(-x).

    Initial weights are as likely as their negatives, so both networks learn alike from any data.
    """
    X = rng.normal(size=(150, 5))
    y = (X[:, 0] * X[:, 1] + X[:, 2] + 0.5 * rng.normal(size=150) > 0).astype(int)
    problem = array_problem(X, y)
    study = make_study(
        problem, activations=["softplus", "log_sigmoid"], hidden=[8], seeds=seeds, epochs=10,
        learning_rates=[0.03],
    )  # fmt: skip
    train, _, test = cells.part_sizes(problem, study.seeds)[0]
    scores = {}
    for a in study.activations:
        cell = cells.run_cell(problem, study, cells.Task(a, study.learning_rates, study.seeds))
        scores[a.label] = np.array(outcome(cell["runs"])["scores"])
    return scores, test / train


def fresh(rng: np.random.Generator, functions: int, seeds: int) -> Task:
    """Skewed scores of runs that share no rows: each seed has data of its own, of its own difficulty."""
    difficulty = rng.normal(size=seeds)
    return {name: difficulty - rng.lognormal(0, 0.7, seeds) for name in "abcde"[:functions]}, 0.0


def judge(task: Callable[..., Task], functions: int, seed: int) -> tuple[bool, ...]:
    """Whether any function is called better, whether the sign-flip test alone says so, intervals with 0."""
    scores, overlap = task(np.random.default_rng(seed), functions, SEEDS)
    pairs = compare_pairs(scores, 0.0, overlap)
    return (
        any(pair["verdict"] == BETTER for pair in pairs),
        any(pair["p_seeds_holm"] <= LEVEL for pair in pairs),
        *(pair["interval"][0] <= 0 <= pair["interval"][1] for pair in pairs),
    )


def equal_functions() -> str:
    """Return the table over tasks whose functions are equal."""
    lines = [
        f"| {TASKS} tasks of equal functions, {SEEDS} seeds | functions | false *better* | by sign-flip test alone | intervals with 0 |",
        "|---|---|---|---|---|",
    ]
    for name, task, functions in (
        ("linear models, R², 150 rows", linear(150, 5), 2),
        ("the same, errors with heavy tails (t, 3 df)", linear(150, 5, tails=3), 2),
        ("the same, 30 features each, weights shrunk much", linear(150, 30, 100), 2),
        ("linear classifiers, accuracy, 100 rows (20 to test)", linear(100, 5, classes=True), 2),
        (
            "the first, 30 groups of 5 rows that are alike",
            linear(150, 5, groups=np.arange(150) // 5),
            2,
        ),
        ("the first, 300 rows in order of time", linear(300, 5, time_ordered=True), 2),
        (
            "the same, each row like the one before (correlation 0.8)",
            linear(300, 5, memory=0.8, time_ordered=True),
            2,
        ),
        ("the first, 10-fold cross-validation", linear(150, 5, cv=KFold(10)), 2),
        (
            "the first, 5-fold cross-validation, twice",
            linear(150, 5, cv=RepeatedKFold(n_splits=5, n_repeats=2, random_state=0)),
            2,
        ),
        ("networks by `compare`, softplus and log_sigmoid, accuracy", networks, 2),
        ("new rows for every seed, skewed scores", fresh, 2),
        ("linear models, R², 150 rows", linear(150, 5), 5),
        ("linear classifiers, accuracy, 100 rows (20 to test)", linear(100, 5, classes=True), 5),
        ("new rows for every seed, skewed scores", fresh, 5),
    ):
        judged = np.array(_each(judge, task, functions))
        false, alone, *covered = judged.mean(axis=0)
        lines.append(
            f"| {name} | {functions} | {false:.1%} | {alone:.1%} | {np.mean(covered):.1%} |"
        )
    return "\n".join(lines) + "\n"


def spread(task: Callable[..., Task], seed: int) -> float:
    """The variance over the seeds of the difference of two functions."""
    scores, _ = task(np.random.default_rng(seed), 2, SEEDS)
    return float((scores["a"] - scores["b"]).var(ddof=1))


def found(
    task: Callable[..., Task], functions: int, seeds: int, deviation: float, seed: int
) -> list[bool]:
    """Whether the first function is called better than all others when it is so by each of `EFFECTS`.

    The last figure: whether two functions that differ by the margin are called practically equal.
    """
    scores, overlap = task(np.random.default_rng(seed), functions, seeds)

    def pairs_of_first(effect: float, margin: float) -> list[str]:
        moved = {**scores, "a": scores["a"] + effect * deviation}
        return [
            pair["verdict"] if pair["first"] == "a" else "worse"
            for pair in compare_pairs(moved, margin * deviation, overlap)
            if "a" in (pair["first"], pair["second"])
        ]

    return [
        *(set(pairs_of_first(effect, 0.0)) == {BETTER} for effect in EFFECTS),
        EQUAL in pairs_of_first(3.0, 3.0),
    ]


def power() -> str:
    """Return the table of how often a real difference is found."""
    task = linear(150, 5)
    deviation = float(np.sqrt(np.mean(_each(spread, task))))
    sizes = " | ".join(f"{effect:g} sd" for effect in EFFECTS)
    lines = [
        f"| functions | seeds | {sizes} | false *practically equal* |",
        "|" + "---|" * (len(EFFECTS) + 3),
    ]
    for functions, seeds in ((2, 10), (2, 30), (5, 10)):
        rates = np.mean(_each(found, task, functions, seeds, deviation), axis=0)
        lines.append(f"| {functions} | {seeds} | {' | '.join(f'{r:.1%}' for r in rates)} |")
    return "\n".join(lines) + "\n"


def _each(function: Callable[..., Any], *given: Any) -> list[Any]:
    jobs = (joblib.delayed(function)(*given, seed) for seed in range(TASKS))
    return list(joblib.Parallel(n_jobs=-1)(jobs))


if __name__ == "__main__":
    tables = f"{equal_functions()}\n{power()}"
    print(tables)
    page = PAGE.read_text(encoding="utf-8")
    before, after = page[: page.index(BEGIN) + len(BEGIN)], page[page.index(END) :]
    PAGE.write_text(before + "\n" + tables + "\n" + after, encoding="utf-8")
