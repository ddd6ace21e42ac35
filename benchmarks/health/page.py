"""How networks are judged, what tables are made of, and where they are written."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import joblib
import torch
from scipy.stats import binomtest

Judged = TypeVar("Judged")

PAGE = Path(__file__).parents[2] / "docs" / "watching.md"


def judged(judge: Callable[..., Judged], tasks: Iterable[tuple[Any, ...]]) -> list[Judged]:
    """Judge on two processes of one thread each."""

    def alone(*task: Any) -> Judged:
        torch.set_num_threads(1)
        warnings.simplefilter("ignore")
        return judge(*task)

    found: list[Judged] = joblib.Parallel(n_jobs=2)(joblib.delayed(alone)(*task) for task in tasks)
    return found


def share(hits: int, n: int) -> str:
    """A share with its 95 % interval by Clopper and Pearson."""
    if not n:
        return "–"
    low, high = binomtest(hits, n).proportion_ci()
    return f"{hits / n:.0%} ({low:.0%} to {high:.0%})"


def listed(title: str, lines: Iterable[str]) -> str:
    found = list(lines)
    return f"- {title}: {len(found)}{'' if not found else ' (' + '; '.join(found) + ')'}."


def write(name: str, text: str) -> None:
    """Put the text between the markers of that name."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
    before, _, rest = PAGE.read_text().partition(begin)
    PAGE.write_text(before + begin + text + end + rest.partition(end)[2])
