"""Files that a tool prints are what it prints."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("tool", "file"),
    [
        ("native_stub", "src/rheobase/_native.pyi"),
        ("coefficients", "native/coefficients.hpp"),
        ("accuracy_page", "docs/accuracy.md"),
    ],
)
def test_file_is_current(tool: str, file: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", ROOT / "tools" / f"{tool}.py"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout == (ROOT / file).read_text(encoding="utf-8")
