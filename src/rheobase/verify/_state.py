"""What an exhaustive run has done so far, in a file beside the record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .. import _native
from .._files import replace
from ..catalog import __file__ as catalog_file
from ._judge import Figure


class State:
    """Segments done and their figures, by group (a part of a function, on some instruction sets).

    A file of other kernels, declarations or another oracle is left aside: its figures say nothing of these.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fingerprint = _fingerprint()
        self._groups: dict[str, dict[str, Any]] = {}
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["fingerprint"] == self._fingerprint:
                self._groups = content["groups"]
        except (OSError, ValueError, KeyError, TypeError):
            pass  # there is nothing to go on with

    def done(self, group: str) -> list[int]:
        """Return the segments of the group that are done."""
        return list(self._groups.get(group, {}).get("done", []))

    def figures(self, group: str) -> dict[str, Figure]:
        """Return the figures over these segments."""
        found = self._groups.get(group, {}).get("figures", {})
        return {source: Figure(**figure) for source, figure in found.items()}

    def add(self, group: str, segment: int, figures: Mapping[str, Figure]) -> None:
        """Add a segment, and see it written."""
        known = self.figures(group)
        for source, figure in figures.items():
            known.setdefault(source, Figure()).add(figure)
        self._groups[group] = {
            "done": [*self.done(group), segment],
            "figures": {source: asdict(figure) for source, figure in known.items()},
        }
        replace(
            self.path, json.dumps({"fingerprint": self._fingerprint, "groups": self._groups}) + "\n"
        )

    def remove(self) -> None:
        """Remove the file: the run is over."""
        self.path.unlink(missing_ok=True)


def _fingerprint() -> str:
    """Return a digest of what the figures depend on."""
    declared = Path(catalog_file).parent.glob("*.py")
    digest = hashlib.sha256()
    for path in [
        Path(_native.__file__),
        *sorted(declared),
        *sorted(Path(__file__).parent.glob("*.py")),
    ]:
        digest.update(path.read_bytes())
    return digest.hexdigest()
