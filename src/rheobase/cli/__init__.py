"""The command line: parse, call, print."""

from __future__ import annotations

import shlex
import signal
import sys

import typer

from .._errors import RheobaseError, require
from . import _check, _compare, _functions  # noqa: F401  their commands join the application
from ._app import app

INTERRUPTED = 130

__all__ = ["run"]


def run() -> int:
    """Run the command line; errors of the user are one line and exit code 2."""
    try:
        code = app(standalone_mode=False)
    except RheobaseError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{error.filename or 'file'}: {error.strerror or error}")
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except Exception as error:  # typer hands over its own errors when it does not exit by itself
        if not hasattr(error, "format_message"):
            raise
        return _refuse(error.format_message()) if error.format_message() else 2
    return _interrupted() if code == INTERRUPTED else int(code or 0)


def _refuse(message: str) -> int:
    print(f"rheobase: {' '.join(message.split())}", file=sys.stderr)
    return 2


def _interrupted() -> int:
    """Stop the workers and say how to go on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough
    words = sys.argv[1:]
    how = ""
    if {"compare", "verify"} & set(words):
        more = ["--resume"] if "compare" in words and "--resume" not in words else []
        again = shlex.join(["rheobase", *words, *more])
        how = f" Finished parts are kept; go on with: {again}"
    if {"compare", "verify", "claims"} & set(words):
        loky = require("study", "joblib.externals.loky")
        loky.get_reusable_executor(reuse=True).shutdown(wait=False, kill_workers=True)
    print(f"\nrheobase: interrupted.{how}", file=sys.stderr)
    return INTERRUPTED
