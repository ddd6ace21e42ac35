"""Running experiments and judging their claims; the outcome is one plain document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rheobase._errors import require
from rheobase.claims._claim import Experiment, Result
from rheobase.claims._list import EXPERIMENTS
from rheobase.compare._comparison import machine
from rheobase.network._threads import one_thread

Document = dict[str, Any]
FORMAT = 1


def run_one(name: str, seed: int) -> Result:
    """Run one experiment, on one thread of the linear algebra so that its bits do not vary."""
    with one_thread():
        result: Result = EXPERIMENTS[name].run(seed)
    return result


def run_all(
    experiments: Sequence[Experiment],
    seed: int,
    on_progress: Callable[[int, int], None] | None,
) -> Document:
    """Run what is not timed through joblib, then what is timed alone; judge everything."""
    from importlib.metadata import version  # slow, and needed only here

    for package in {package for e in experiments for package in e.packages}:
        require("claims", package)
    joblib = require("study", "joblib")
    results: dict[str, Result] = {}

    def note(name: str, result: Result) -> None:
        results[name] = result
        if on_progress:
            on_progress(len(results), len(experiments))

    jobs = (joblib.delayed(named_run)(e.name, seed) for e in experiments if not e.timed)
    for name, result in joblib.Parallel(return_as="generator_unordered")(jobs):
        note(name, result)
    for experiment in experiments:
        if experiment.timed:
            note(experiment.name, run_one(experiment.name, seed))
    document: Document = {
        "rheobase-claims": FORMAT,
        "rheobase": version("rheobase"),
        "seed": seed,
        "results": {e.name: results[e.name] for e in experiments},
    }
    if any(e.timed for e in experiments):
        document["machine"] = machine()
    return document | {"verdicts": judge(document["results"])}


def named_run(name: str, seed: int) -> tuple[str, Result]:
    """Return the name with the result, as they come in any order."""
    return name, run_one(name, seed)


def judge(results: Mapping[str, Result]) -> list[dict[str, str]]:
    """Return the verdict on each claim of these results."""
    return [
        {
            "id": claim.id,
            "statement": claim.statement,
            "verdict": claim.verdict(results[name]),
            "figures": claim.figures(results[name]),
        }
        for name in results
        for claim in EXPERIMENTS[name].claims
    ]
