"""Model files: safetensors with the description as JSON in its metadata, all under one checksum.

Reading runs no code: a file holds numbers and JSON, and names only functions of the catalogue.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from pathlib import Path
from typing import Any

from .._errors import InputError, require
from .._files import replace
from ._document import described, rebuilt
from ._model import Model

KEY = "rheobase"  # of the metadata, which is a mapping of texts
VERSION = 1

_HEADER_LIMIT = 2**24  # bytes of JSON: a hundred thousand feature names fit many times
_DEPTH_LIMIT = 50  # lists and objects in one another
_NO_SUM = "0" * 64  # stands where the checksum will be, while it is computed


def save(model: Model, path: str | os.PathLike[str]) -> None:
    """Write a model to a file that `load` reads.

    The file is replaced in one step: whoever reads it, or a crash, finds the old one or the new one.
    Through a symbolic link the file that it leads to is replaced.

    Parameters
    ----------
    model : Model
    path : path-like

    Raises
    ------
    InputError
        A function is not of the catalogue, the metadata is not JSON, or the path cannot be written.
    MissingExtraError
        The package safetensors is not installed.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from rheobase.models import Layer, Model, load, save
    >>> model = Model([Layer(np.eye(2), np.zeros(2))], "identity", metadata={"features": ["a", "b"]})
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     save(model, f"{directory}/model.safetensors")
    ...     load(f"{directory}/model.safetensors").metadata["features"]
    ['a', 'b']
    """
    document, tensors = described(model)
    envelope = {"sha256": _NO_SUM, "version": VERSION, "model": document}
    if _too_deep(envelope):
        raise InputError(
            f"save: the metadata is nested more than {_DEPTH_LIMIT - 3} deep; expected less."
        )
    data = require("study", "safetensors.numpy").save(tensors, {KEY: json.dumps(envelope)})
    if int.from_bytes(data[:8], "little") > _HEADER_LIMIT:
        raise InputError(
            f"save: the metadata takes more than {_HEADER_LIMIT:,} bytes; expected less."
        )
    digest = hashlib.sha256(data).hexdigest()
    # The sum comes first in the file, so the first zeros are its place.
    replace(target("save", path), data.replace(_NO_SUM.encode(), digest.encode(), 1))


def load(path: str | os.PathLike[str]) -> Model:
    """Read a model that `save` wrote.

    Parameters
    ----------
    path : path-like

    Raises
    ------
    InputError
        The file is missing, is no model, is damaged, or was written by a newer rheobase.
    MissingExtraError
        The package safetensors is not installed.
    """
    name = f"load({os.fspath(path)!r})"
    safetensors = require("study", "safetensors")
    data = _bytes(name, path)
    envelope = _envelope(name, data)
    stated = envelope["sha256"]
    plain = data.replace(stated.encode(), _NO_SUM.encode(), 1)
    if hashlib.sha256(plain).hexdigest() != stated:
        raise InputError(
            f"{name}: the checksum is wrong: the file is damaged. Copy or save it again."
        )
    try:
        tensors = require("study", "safetensors.numpy").load(data)
    except (safetensors.SafetensorError, KeyError, ValueError, TypeError) as error:
        raise InputError(f"{name}: not a valid safetensors file: {error!s:.100}.") from None
    try:
        return rebuilt(envelope["model"], tensors)
    except InputError as error:
        raise InputError(f"{name}: not a model that rheobase wrote: {error}") from None


def target(call: str, path: str | os.PathLike[str]) -> Path:
    """Return the file to replace, behind symbolic links, or say why it cannot be written."""
    try:
        place = Path(path).resolve()
        exists = place.exists()
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(f"{call}: {str(path)!r:.80} is no path of a file: {error}.") from None
    if exists and not place.is_file():
        raise InputError(f"{call}: {str(place)!r} is a directory or device; expected a file.")
    if not place.parent.is_dir():
        raise InputError(f"{call}: {str(place.parent)!r} is not a directory; make it first.")
    return place


def parsed(text: str) -> Any:
    """Return what a JSON text holds; duplicate keys, NaN and infinity are refused."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key occurs twice")
        return found

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    try:
        found = json.loads(text, object_pairs_hook=once, parse_constant=refuse)
    except RecursionError:
        raise InputError("the JSON is nested too deeply.") from None
    except ValueError as error:
        raise InputError(f"the JSON is malformed: {error!s:.100}.") from None
    if _too_deep(found):
        raise InputError("the JSON is nested too deeply.")
    return found


def _too_deep(value: Any) -> bool:
    """Whether lists and objects lie in one another so deeply that a walk through them could fail."""
    level = [value]
    for _ in range(_DEPTH_LIMIT):
        level = [
            child
            for one in level
            if isinstance(one, (dict, list))
            for child in (one.values() if isinstance(one, dict) else one)
        ]
    return bool(level)


def _bytes(name: str, path: str | os.PathLike[str]) -> bytes:
    try:
        regular = stat.S_ISREG(os.stat(path).st_mode)  # opening a pipe would wait for its writer
        data = Path(path).read_bytes() if regular else b""
    except (OSError, ValueError, MemoryError) as error:
        raise InputError(f"{name}: cannot be read: {error}.") from None
    if not regular:
        raise InputError(f"{name}: a directory or device; expected a file.")
    return data


def _envelope(name: str, data: bytes) -> dict[str, Any]:
    """The JSON with checksum and model, once it is known that this rheobase can read the version."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > len(data) - 8 or length > _HEADER_LIMIT:
        raise InputError(
            f"{name}: {len(data)} bytes that are no whole safetensors file; expected a model that "
            "rheobase saved. It may be cut off."
        )
    try:
        envelope = parsed(parsed(data[8 : 8 + length].decode())["__metadata__"][KEY])
        version, stated = envelope["version"], envelope["sha256"]
    except InputError as error:
        raise InputError(f"{name}: not a model of rheobase, or damaged: {error}") from None
    except (LookupError, TypeError, UnicodeDecodeError):
        version = stated = None
    if type(version) is int and version > VERSION:
        raise InputError(
            f"{name}: version {version!r:.20} of the format, written by a newer rheobase; this one reads up "
            f"to {VERSION}. Install a newer rheobase."
        )
    if (
        version is True
        or version != VERSION
        or not re.fullmatch(r"[0-9a-f]{64}", str(stated))
        or "model" not in envelope
    ):
        raise InputError(
            f"{name}: not a model of rheobase, or damaged; expected a file that `save` wrote."
        )
    return dict(envelope)
