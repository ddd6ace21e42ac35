"""The journal: finished cells, a line of JSON each, so that an interrupted study loses nothing."""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from rheobase._errors import InputError, StudyError

try:
    import fcntl
except ImportError:  # Windows, where nothing keeps two runs apart
    fcntl = None  # type: ignore[assignment]

FORMAT = 2
START = b'{"rheobase-journal": '


class Journal:
    """Finished cells of one study, in memory and, with a path, in a file that it holds alone.

    The first line says what the cells depend on. Every other line holds a cell and its checksum: what a
    kill or a full disk cut short at the end is found and dropped.

    Parameters
    ----------
    path : path or None
    study : dict
        Version, data and settings, as `fingerprint` gives them.
    resume : bool
        Go on with the file, which must be of the same study, instead of starting it anew.
    """

    def __init__(
        self, path: str | os.PathLike[str] | None, study: dict[str, Any], resume: bool = False
    ) -> None:
        self.path = None if path is None else Path(path)
        self.cells: dict[str, dict[str, Any]] = {}
        self._file: BinaryIO | None = None
        if self.path is None:
            return
        try:
            self._file = self.path.open("ab+", buffering=0)
            self._lock()
            self._start({"rheobase-journal": FORMAT, **study}, resume)
        except OSError as error:
            self.close()
            raise InputError(
                f"the journal {path} cannot be written: {error.strerror}. Make room, or choose another file."
            ) from error
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._file:
            self._file.close()

    @property
    def kept(self) -> str:
        """What becomes of finished cells when a study stops, and how to go on."""
        if self.path is None:
            return "Give journal= a file and finished cells are kept."
        return f"Finished cells are kept in {self.path}: repeat this with resume=True (--resume)."

    def append(self, cell: dict[str, Any]) -> None:
        """Add a finished cell and see it written."""
        self.cells[cell["key"]] = cell
        if self._file:
            try:
                self._write(_line(cell))
            except OSError as error:
                raise StudyError(
                    f"the journal {self.path} cannot be written: {error.strerror}. {self.kept}"
                ) from error

    def _write(self, line: bytes) -> None:
        """Write the whole line or none of it."""
        assert self._file
        before, rest = self._file.seek(0, os.SEEK_END), line
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except OSError:
            self._file.truncate(before)
            raise

    def _lock(self) -> None:
        """Keep other runs out; the system lets go when this process ends, however it does."""
        assert self._file
        if fcntl is None:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(
                f"another run is writing to the journal {self.path}: wait for it, or choose another file."
            ) from error

    def _start(self, header: dict[str, Any], resume: bool) -> None:
        """Read the cells of the file, or start it anew."""
        assert self._file
        self._file.seek(0)
        content = self._file.read()
        if content and not content.startswith(START[: len(content)]):
            raise InputError(
                f"{self.path} is not a journal of rheobase; choose another file, or remove it."
            )
        complete = content.find(b"\n") + 1
        if resume and complete:
            self._check(content[:complete], header)
            complete += self._read(content[complete:])
            self._file.truncate(complete)
        else:
            self._file.truncate(0)
            self._write(json.dumps(header).encode() + b"\n")

    def _check(self, line: bytes, header: dict[str, Any]) -> None:
        """Refuse a journal of another study and say what differs."""
        try:
            found = json.loads(line)
        except ValueError:
            found = {}
        if found == header:
            return
        if found.get("rheobase-journal") != FORMAT:
            what = "it has another format"
        elif found["version"] != header["version"]:
            what = f"rheobase was {found['version']} and is {header['version']}"
        elif found["data"] != header["data"]:
            what = "the data have changed"
        elif found.get("rows") != header.get("rows"):
            what = "groups, weights, folds or the order in time have changed"
        else:
            old, new = found["settings"], header["settings"]
            changed = [key for key in new if old.get(key) != new[key]]
            what = ", ".join(f"{key} was {old.get(key)} and is {new[key]}" for key in changed)
        raise InputError(
            f"the journal {self.path} is of another study: {what}. Repeat that command, or start without resume "
            "(--resume), which writes over it."
        )

    def _read(self, content: bytes) -> int:
        """Take the cells over; return where the first damaged line begins."""
        end = 0
        lines = content.splitlines(keepends=True)
        for number, line in enumerate(lines, start=2):
            cell = _cell(line)
            if cell is None:
                if any(map(_cell, lines[number - 1 :])):
                    raise InputError(
                        f"line {number} of the journal {self.path} is damaged; remove it to run its cell anew."
                    )
                break
            self.cells[cell["key"]] = cell
            end += len(line)
        return end


def recorded_settings(path: str | os.PathLike[str] | None) -> dict[str, Any]:
    """Return the settings of the study that a journal is of; none where there is no journal."""
    try:
        with Path(path or "").open("rb") as file:
            return dict(json.loads(file.readline())["settings"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}  # what is wrong with it, `Journal` says


def _line(cell: dict[str, Any]) -> bytes:
    text = json.dumps(cell, allow_nan=False)
    return f'{{"crc32": {zlib.crc32(text.encode())}, "cell": {text}}}\n'.encode()


def _cell(line: bytes) -> dict[str, Any] | None:
    """Return the cell of a line that is whole."""
    try:
        cell: dict[str, Any] = json.loads(line)["cell"]
    except (ValueError, KeyError, TypeError):
        return None
    return cell if line == _line(cell) else None
