"""Writing a file so that it is there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from ._errors import InputError


def replace(path: Path, content: str | bytes) -> None:
    """Write the file beside its place, then put it there in one step."""
    data = content.encode() if isinstance(content, str) else content
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)  # a power cut after the renaming must not leave an empty file
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def prepare_directory(directory: Path, names: Iterable[str]) -> None:
    """Make the directory, or say why these files could not be left there, before anything runs."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
        for name in names:
            if (directory / name).is_dir():
                raise IsADirectoryError(0, f"{name} in it is a directory")
    except OSError as error:
        raise InputError(
            f"no report can be written to {directory}: {error.strerror}. Choose another directory."
        ) from error
