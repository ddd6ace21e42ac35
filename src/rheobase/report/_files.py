"""Writing a comparison to a directory: the page, the data behind it and a table, each atomically."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._errors import InputError
from .._files import replace
from ._page import render


def prepare_directory(directory: Path) -> None:
    """Make the directory, or say why no report could be left there, before anything runs."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
        for name in ("report.html", "result.json", "result.csv", "journal.jsonl"):
            if (directory / name).is_dir():
                raise IsADirectoryError(0, f"{name} in it is a directory")
    except OSError as error:
        raise InputError(
            f"no report can be written to {directory}: {error.strerror}. Choose another directory."
        ) from error


def write(result: Mapping[str, Any], directory: Path, lang: str = "en") -> Path:
    """Write ``report.html``, ``result.json`` and ``result.csv``; return the path of the page."""
    prepare_directory(directory)
    contents = {  # all made before the first is written
        "report.html": render(result, lang),
        "result.json": json.dumps(result, indent=1, allow_nan=False),
        "result.csv": _csv(result),
    }
    for name, text in contents.items():
        replace(directory / name, text)
    return directory / "report.html"


def _csv(result: Mapping[str, Any]) -> str:
    """One line a function and seed."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["function", "learning_rate", "seed", result["settings"]["metric"]])
    for entry in result["activations"]:
        for seed, score in zip(result["settings"]["seeds"], entry["scores"], strict=True):
            table.writerow([entry["label"], entry["learning_rate"], seed, score])
    return text.getvalue()
