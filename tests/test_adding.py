"""The page ``docs/adding.md``, applied to a copy of this tree, adds a working activation."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EDIT = re.compile(r"In `([^`]+)`, after the entry of `(\w+)`:\n\n```\w+\n(.*?)```", re.DOTALL)


def edits() -> list[tuple[str, str, str]]:
    """The page's edits: file, name of the entry before, text."""
    return EDIT.findall((ROOT / "docs" / "adding.md").read_text(encoding="utf-8"))


def insert(source: str, before: str, text: str) -> str:
    """``source`` with ``text`` after the entry of ``before``."""
    if f'name="{before}"' in source:  # a declaration ends at its closing parenthesis
        end = source.index("\n    ),\n", source.index(f'name="{before}"')) + len("\n    ),\n")
        return source[:end] + text + source[end:]
    end = source.find("\n\n", source.index(f"({before},"))  # a native entry ends at a blank line
    entry = source if end < 0 else source[:end]
    return entry.rstrip("\n") + "\n\n" + text + source[len(entry) :]


def copy_tree(target: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)


def run(*command: str, cwd: Path, site: Path) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        check=False,
        env=os.environ | {"PYTHONPATH": str(site), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def test_the_page_has_two_edits() -> None:
    assert [file for file, _, _ in edits()] == [
        "native/activations.inc",
        "src/rheobase/catalog/_sigmoids.py",
    ]


def test_adding_isru_takes_two_edits(tmp_path: Path) -> None:
    tree, site = tmp_path / "tree", tmp_path / "site"
    copy_tree(tree)
    for file, before, text in edits():
        path = tree / file
        path.write_text(insert(path.read_text("utf-8"), before, text), encoding="utf-8")
    # -O1 in place of -O3 compiles in a third of the time; the checks below pass with either
    pip = ("-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-deps")
    quick = ("-C", "cmake.build-type=None", "-C", "cmake.define.CMAKE_CXX_FLAGS=-O1")
    run(*pip, *quick, "--target", str(site), str(tree), cwd=tmp_path, site=site)

    where = run("-c", "import rheobase; print(rheobase.__file__)", cwd=tmp_path, site=site)
    assert Path(where.strip()).is_relative_to(site), "another rheobase shadows the one just built"

    run("tools/function_pages.py", cwd=tree, site=site)

    # Every check that the catalogue generates, for the new function.
    checks = ("-m", "pytest", "tests", "-q", "-k", "isru", "--ignore=tests/test_adding.py")
    closing = run(*checks, "-o", "addopts=", "-p", "no:cacheprovider", cwd=tree, site=site)
    assert re.search(r"\d+ passed", closing), closing

    assert "isru" in run(str(site / "bin" / "rheobase"), "table", cwd=tmp_path, site=site)
