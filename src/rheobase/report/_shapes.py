"""The page over depths and widths, with a report of each shape beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import _files
from ..compare import shape_name
from ._files import write
from ._page import render_page


def render_shapes(result: Mapping[str, Any], lang: str = "en") -> str:
    """Return what ``compare_shapes(...).to_dict()`` says as one HTML page."""
    names = [shape_name(shape["depth"], shape["width"]) for shape in result["shapes"]]
    return render_page("shapes.html.j2", result, result["metric"], lang, names=names)


def write_shapes(result: Mapping[str, Any], directory: Path, lang: str = "en") -> Path:
    """Write ``report.html``, ``result.json`` and a directory for each shape; return the path of the page."""
    contents = {
        "report.html": render_shapes(result, lang),
        "result.json": json.dumps(result, indent=1, allow_nan=False),
    }
    for shape in result["shapes"]:
        write(shape["result"], directory / shape_name(shape["depth"], shape["width"]), lang)
    for name, text in contents.items():
        _files.replace(directory / name, text)
    return directory / "report.html"
