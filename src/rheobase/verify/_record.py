"""The record of figures, ``accuracy.json``: one line a figure, always in the same order."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from .._errors import InputError
from .._files import replace
from ._judge import Figure

FORMAT = 1
_KEYS = {"ulp", "at", "above", "inputs", "exhaustive", "run"}


class Key(NamedTuple):
    """What a figure is of; ``source`` is rheobase with an instruction set, or a peer."""

    function: str
    part: str
    dtype: str
    source: str


@dataclass
class Record:
    """Figures by key, and the runs (date, machine, versions) that they come from.

    Parameters
    ----------
    path : Path
        It need not exist.
    """

    path: Path
    figures: dict[Key, dict[str, Any]] = field(default_factory=dict)
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Record:
        """Read a record, or start one where there is no file.

        Raises
        ------
        InputError
            The file is not a record, or of a newer format.
        """
        record = cls(path)
        if not path.exists():
            if not path.parent.is_dir():
                raise InputError(f"no record can be written to {path}: no such directory.")
            return record
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            written = content["rheobase-accuracy"]
            if written == FORMAT:
                record.runs = dict(content["runs"])
                for line in content["figures"]:
                    figure = dict(line)
                    record.figures[Key(*(figure.pop(name) for name in Key._fields))] = figure
                    if figure.keys() != _KEYS or figure["run"] not in record.runs:
                        raise KeyError("a figure is incomplete")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path} is not a record of rheobase verify; name another with --record."
            ) from error
        if written != FORMAT:
            raise InputError(
                f"{path} is of format {written}, this rheobase knows {FORMAT}; "
                "name another with --record."
            )
        return record

    def ulp(self, key: Key) -> float | None:
        """Return the largest error on record."""
        return float(self.figures[key]["ulp"]) if key in self.figures else None

    def put(self, key: Key, figure: Figure, exhaustive: bool, run: Mapping[str, Any]) -> None:
        """Put a figure in; one over every input gives way to samples only if they are worse."""
        known = self.figures.get(key)
        if known and known["exhaustive"] and not exhaustive and figure.ulp <= float(known["ulp"]):
            return
        name = _name(run)
        self.runs[name] = dict(run)
        self.figures[key] = {
            "ulp": "inf" if math.isinf(figure.ulp) else rounded_up(figure.ulp),
            "at": figure.at,
            "above": figure.above,
            "inputs": figure.inputs,
            "exhaustive": exhaustive,
            "run": name,
        }

    def write(self) -> None:
        """Write the record, whole or not at all."""
        used = {figure["run"] for figure in self.figures.values()}
        head = {
            "rheobase-accuracy": FORMAT,
            "runs": {name: run for name, run in sorted(self.runs.items()) if name in used},
        }
        lines = [
            json.dumps({**key._asdict(), **figure}, allow_nan=False)
            for key, figure in sorted(self.figures.items())
        ]
        text = json.dumps(head, allow_nan=False)[:-1] + ',\n"figures": [\n' + ",\n".join(lines)
        try:
            replace(self.path, text + "\n]}\n")
        except OSError as error:
            raise InputError(f"{self.path} cannot be written: {error.strerror}.") from error


def rounded_up(ulp: float) -> float:
    """Return an error to the four decimals that are recorded."""
    return math.ceil(ulp * 1e4) / 1e4


def _name(run: Mapping[str, Any]) -> str:
    """Return a short name of a run: its date and a digest of the rest."""
    digest = hashlib.sha256(json.dumps(run, sort_keys=True).encode()).hexdigest()
    return f"{run['date']}-{digest[:6]}"
