"""What tables are made of, and where they are written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from scipy.stats import binomtest

PAGE = Path(__file__).parents[2] / "docs" / "watching.md"


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
