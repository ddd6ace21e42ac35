"""One root error, nearest-name hints, and the import of what belongs to an extra."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from types import ModuleType


class RheobaseError(Exception):
    """Root of every error that rheobase raises on purpose."""


class InputError(RheobaseError, ValueError):
    """What was given cannot be used; the message says what came, what was expected and what to do."""


class InputTypeError(RheobaseError, TypeError):
    """The same for a wrong type or dtype."""


class StudyError(RheobaseError):
    """A study stopped before its end; the message says why, what is kept and how to go on."""


class HealthError(RheobaseError):
    """A network is ill, and the caller asked to be stopped in that case; the message has the findings."""


class MissingExtraError(RheobaseError, ImportError):
    """A feature needs packages that are not installed; the message names the install command."""


def suggest(name: str, known: Iterable[str]) -> str:
    """Return a hint at the nearest known name, or an empty string."""
    from difflib import get_close_matches  # errors are rare, the import of rheobase is not

    near = get_close_matches(name, list(known), n=1)
    return f' Did you mean "{near[0]}"?' if near else ""


def require(extra: str, module: str) -> ModuleType:
    """Import ``module``, or say which extra brings it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f'this needs {module}, which is not installed: pip install "rheobase[{extra}]"'
        ) from error
