"""The stub of the extension is what its generator writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_stub_is_current() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "native_stub.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == (ROOT / "src" / "rheobase" / "_native.pyi").read_text()
