"""What the programs of a page print is what stands below them."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

ROOT = Path(__file__).parents[1]
TOOL = runpy.run_path(str(ROOT / "tools" / "run_page.py"))
PAGE = (
    "```python\nx = 2\nprint(x)\n```\n{}\nwords\n\n<!-- python\nprint(x + 1)\n-->\n{}<!-- end -->\n"
)


def test_the_page_prints_what_it_shows() -> None:
    threads = torch.get_num_threads()
    page = (ROOT / "docs" / "healthy.md").read_text("utf-8")
    with torch.random.fork_rng():
        try:
            assert TOOL["differences"](page, TOOL["written"](page)) == []
        finally:
            torch.set_num_threads(threads)


@pytest.mark.parametrize("old", [("", ""), ("\n```text\n5\n```\n", "6\n")])
def test_output_is_pasted_and_replaced(old: tuple[str, str]) -> None:
    assert TOOL["written"](PAGE.format(*old)) == PAGE.format("\n```text\n2\n```\n", "3\n")


@pytest.mark.parametrize(
    ("line", "other", "same"),
    [
        ("relu  0.94  +1.2e-04", "relu 0.95   +1.3e-04", True),  # the last digit
        ("16 of 32 units", "17 of 32 units", True),
        ("std 88.99", "std 91.50", True),  # 3 %
        ("std 88.99", "std 95.00", False),
        ("1.2e-04", "1.2e-05", False),
        ("16 of 32 units", "16 of 32 layers", False),
        ("1 is dead", "1 is dead\n3 is dead", False),
        ("+0.02", "-0.02", False),
    ],
)
def test_words_are_equal_and_numbers_near(line: str, other: str, same: bool) -> None:
    assert (TOOL["differences"](line, other) == []) == same
