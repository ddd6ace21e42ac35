"""`rheobase check`: the health of a model in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from zipfile import BadZipFile

import numpy as np
import typer

from .._errors import InputError
from ._app import app


@app.command()
def check(
    model: Annotated[Path, typer.Argument(help="ONNX file, of any framework.")],
    data: Annotated[
        Path,
        typer.Argument(help="Samples: NPZ with an array for each input, or NPY for the only one."),
    ],
) -> None:
    """Say which units of an ONNX model are dead or saturated on your data."""
    from .._onnx_check import check_onnx

    try:
        loaded = np.load(data)
        arrays = loaded if isinstance(loaded, np.ndarray) else dict(loaded)
    except (ValueError, EOFError, BadZipFile) as error:
        raise InputError(f"check: {data} is no NPZ or NPY file of numbers: {error}") from error
    print(check_onnx(model, arrays))
