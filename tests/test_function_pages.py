"""The pages of the functions are what ``tools/function_pages.py`` writes."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

import rheobase as rb

TOOL = runpy.run_path(str(Path(__file__).parents[1] / "tools" / "function_pages.py"))
FOLDER: Path = TOOL["FOLDER"]


@pytest.mark.parametrize("name", rb.catalog)
def test_page_is_up_to_date(name: str) -> None:
    assert (FOLDER / f"{name}.md").read_text("utf-8") == TOOL["page"](rb.catalog[name])


def test_index_lists_every_page() -> None:
    assert (FOLDER / "README.md").read_text("utf-8") == TOOL["index"]()
    assert {path.name for path in FOLDER.glob("*.md")} == set(TOOL["pages"]())
