"""Writing a comparison to a directory: the page, the data behind it and a table, each atomically."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import _files
from ._page import render


def prepare_directory(directory: Path) -> None:
    """Make the directory, or say why no report could be left there, before anything runs."""
    _files.prepare_directory(
        directory, ("report.html", "result.json", "result.csv", "journal.jsonl")
    )


def write(result: Mapping[str, Any], directory: Path, lang: str = "en") -> Path:
    """Write ``report.html``, ``result.json`` and ``result.csv``; return the path of the page."""
    prepare_directory(directory)
    contents = {  # all made before the first is written
        "report.html": render(result, lang),
        "result.json": json.dumps(result, indent=1, allow_nan=False),
        "result.csv": _csv(result),
    }
    for name, text in contents.items():
        _files.replace(directory / name, text)
    return directory / "report.html"


def _csv(result: Mapping[str, Any]) -> str:
    """One line a function and seed; a diverged run has no test score."""
    text = io.StringIO()
    table = csv.writer(text)
    metric = result["settings"]["metric"]
    table.writerow(
        ["function", "learning_rate", "seed", f"validation_{metric}", f"test_{metric}", "diverged"]
    )
    for entry in result["activations"]:
        runs = zip(
            result["settings"]["seeds"],
            entry["history"]["validation"],
            entry["scores"],
            strict=True,
        )
        for seed, validation, score in runs:
            about = [entry["label"], entry["learning_rate"], seed]
            table.writerow([*about, validation[-1], score, score is None])
    return text.getvalue()
