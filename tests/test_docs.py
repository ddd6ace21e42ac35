"""Every example in a docstring or a page runs, every page that is linked exists, every public name is documented."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import rheobase as rb

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
MODULES = [
    m.name for m in pkgutil.walk_packages(rb.__path__, "rheobase.") if "_native" not in m.name
]


@pytest.mark.parametrize("name", ["rheobase", *MODULES])
def test_examples_of_docstrings(name: str) -> None:
    if ".callbacks._" in name:  # each is for a library of its own
        pytest.importorskip(name, exc_type=rb.MissingExtraError)
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_of_pages(page: Path) -> None:
    examples = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    runner = doctest.DocTestRunner()
    for k, code in enumerate(examples):
        if ">>>" in code:
            test = doctest.DocTestParser().get_doctest(
                code, {"rb": rb}, f"{page.name}[{k}]", None, None
            )
            assert runner.run(test).failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if "://" not in link and not link.startswith("mailto:"):
            assert (page.parent / link).exists(), link


@pytest.mark.parametrize("name", rb.__all__)
def test_public_names_exist_and_are_documented(name: str) -> None:
    assert getattr(rb, name).__doc__
