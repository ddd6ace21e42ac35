"""Fixtures that several test modules share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def run_python(tmp_path: Path) -> Callable[..., str]:
    """Run Python code in a fresh interpreter (for another instruction set or thread count)."""

    def run(code: str, env: Mapping[str, str] | None = None, **kwargs: Any) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **(env or {})},
            cwd=kwargs.pop("cwd", tmp_path),
            capture_output=True,
            text=True,
            timeout=300,
            **kwargs,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
