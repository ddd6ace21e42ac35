"""The journal: finished cells, a line of JSON each, so that an interrupted study loses nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from rheobase._errors import InputError

RUN = {"seed", "learning_rate", "test", "train_loss", "validation", "health"}


class Journal:
    """Finished cells of one study, in memory and, with a path, in a file.

    Parameters
    ----------
    path : Path or None
    study : str
        Fingerprint of the study; it stands in the first line.
    resume : bool
        Go on with the file, which must be of the same study, instead of starting it anew.
    """

    def __init__(self, path: Path | None, study: str, resume: bool = False) -> None:
        self.path = path
        self.cells: dict[str, dict[str, Any]] = {}
        header = {"rheobase-journal": 2, "study": study}
        if path is None:
            return
        try:
            complete = self._read(path, header) if resume and path.exists() else 0
            if complete:
                with path.open("rb+") as file:
                    file.truncate(complete)  # a line that was cut off
            else:
                path.write_text(json.dumps(header) + "\n", encoding="utf-8")
        except OSError as error:
            raise InputError(f"the journal {path} cannot be written: {error.strerror}.") from error

    def _read(self, path: Path, header: dict[str, Any]) -> int:
        data = path.read_bytes()
        complete = data.rfind(b"\n") + 1
        if not complete:
            return 0  # it was stopped before the first line was there
        try:
            lines = [json.loads(line) for line in data[:complete].decode().splitlines()]
            cells = {cell["key"]: cell for cell in lines[1:]}
            if any(not run.keys() >= RUN for cell in cells.values() for run in cell["runs"]):
                raise KeyError("a cell is incomplete")
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path} is not a journal of rheobase; remove it or start without --resume."
            ) from error
        if not lines or lines[0] != header:
            raise InputError(
                f"{path} is of another study (other data, settings or version); "
                "repeat that command, or start without --resume."
            )
        self.cells = cells
        return complete

    def append(self, cell: dict[str, Any]) -> None:
        """Add a finished cell and see it written."""
        self.cells[cell["key"]] = cell
        if self.path is not None:
            with self.path.open("ab") as file:
                file.write(json.dumps(cell, allow_nan=False).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
