"""Running a study: every activation at the grid of learning rates, then at two more around its best."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, groupby
from math import sqrt
from typing import Any

import numpy as np

from rheobase.compare._cell import HEALTH, Run, Task, part_sizes, plain, run_cell
from rheobase.compare._journal import Journal
from rheobase.compare._made import run_made
from rheobase.compare._problem import Problem
from rheobase.compare._study import Study
from rheobase.compare._workers import each

Outcome = dict[str, Any]
Progress = Callable[[int, int], None]

REFINED = 2  # learning rates that are tried around the best
SEEDS_TOGETHER = 5  # of a cell: few enough to share a study out, enough to train side by side


def run_study(
    problem: Problem, study: Study, journal: Journal, on_progress: Progress | None
) -> list[Outcome]:
    """Run the cells that the journal does not hold yet; return what became of each activation."""
    blocks = list(seed_blocks(study.seeds, part_sizes(problem, study.seeds)))
    tasks = [[Task(a, study.learning_rates, block) for block in blocks] for a in study.activations]
    refine = len(study.learning_rates) > 1
    total = len(blocks) * len(tasks) * (1 + refine)

    def run_waiting() -> None:
        known = [task for task in chain(*tasks) if task.key in journal.cells]
        waiting = [task for task in chain(*tasks) if task.key not in journal.cells]
        run = run_made if study.make else run_cell
        cells = each(run, (problem, study), waiting, journal.kept)
        for done, cell in enumerate(chain([None], cells), start=len(known)):
            if cell:
                journal.append(cell)
            if on_progress:
                on_progress(done, total)

    def runs(tasks: Iterable[Task]) -> list[Run]:
        return [run for task in tasks for run in journal.cells[task.key]["runs"]]

    run_waiting()
    if refine:
        for own in tasks:
            rates = refined(study.learning_rates, best_rate(runs(own)))
            own += [Task(own[0].activation, rates, block) for block in blocks if rates]
        run_waiting()
    return [outcome(runs(own)) for own in tasks]


def seed_blocks(
    seeds: Sequence[int], sizes: Sequence[tuple[int, int, int]]
) -> Iterator[tuple[int, ...]]:
    """Return the seeds of each cell: neighbours whose parts have the same sizes."""
    for _, pairs in groupby(zip(seeds, sizes, strict=True), key=lambda pair: pair[1]):
        alike = [seed for seed, _ in pairs]
        for start in range(0, len(alike), SEEDS_TOGETHER):
            yield tuple(alike[start : start + SEEDS_TOGETHER])


def refined(rates: Sequence[float], best: float) -> tuple[float, ...]:
    """Return a learning rate on each side of the best, half way to the next on a logarithmic scale.

    Beyond an end of the grid, as far away as the next one on the other side.
    """
    k = rates.index(best)
    below = sqrt(rates[k - 1] * best) if k else best * best / rates[1]
    above = sqrt(best * rates[k + 1]) if k + 1 < len(rates) else best * best / rates[-2]
    short = [float(f"{rate:.3g}") for rate in (below, above)]  # easier to give again
    return tuple(rate for rate in short if rate not in rates)


def by_rate(runs: Iterable[Run]) -> dict[float, list[Run]]:
    """Return the runs of each learning rate, in the order of rates and seeds."""
    found: dict[float, list[Run]] = {}
    for run in sorted(runs, key=lambda run: float(run["learning_rate"])):
        found.setdefault(run["learning_rate"], []).append(run)
    return found


def best_rate(runs: Iterable[Run]) -> float:
    """Return the learning rate with the fewest diverged runs and, among those, the best validation."""
    rates = by_rate(runs)

    def merit(rate: float) -> tuple[int, float]:
        score = _validation(rates[rate])
        return -_lost(rates[rate]), -np.inf if score is None else score

    return max(rates, key=merit)


def outcome(runs: Sequence[Run]) -> Outcome:
    """Choose the learning rate by validation; open the test scores of its runs alone."""
    rates = by_rate(runs)
    rate = best_rate(runs)
    chosen = rates[rate]
    finished = [run for run in chosen if run["test"] is not None]
    return {
        "learning_rate": rate,
        "scores": [run["test"] for run in chosen],
        "learning_rate_scores": [
            {"learning_rate": r, "validation": plain(_validation(tried)), "diverged": _lost(tried)}
            for r, tried in rates.items()
        ],
        "history": {kind: [run[kind] for run in chosen] for kind in ("train_loss", "validation")},
        "health": _health([run["health"] for run in finished or chosen]),
    }


def _lost(runs: Iterable[Run]) -> int:
    return sum(run["test"] is None for run in runs)


def _validation(runs: Iterable[Run]) -> float | None:
    """The mean validation score after the last epoch of the runs that finished."""
    known = [run["validation"][-1] for run in runs if run["test"] is not None]
    return float(np.mean(known)) if known else None


def _health(runs: Sequence[Any]) -> Any:
    """The mean over runs of each map (layers, epochs); none of estimators that tell nothing."""
    if None in runs:
        return {kind: [] for kind in HEALTH}
    return {
        kind: plain(np.mean(np.array([maps[kind] for maps in runs], np.float64), axis=0))
        for kind in HEALTH
    }
