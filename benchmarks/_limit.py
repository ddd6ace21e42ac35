"""The streaming limit of the machine, by a few lines of C that share nothing with rheobase."""

from __future__ import annotations

import ctypes
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

import rheobase as rb

SOURCE = Path(__file__).with_name("stream.c")


class Limit:
    """Copies and sums of whole arrays around the caches; `how` says by what."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._stream = _compiled()
        self.how = (
            "a C loop with cache-bypassing stores"
            if self._stream
            else "rheobase's own identity (no C compiler for x86-64 with OpenMP here)"
        )

    def run(self, reads: list[np.ndarray], writes: list[np.ndarray]) -> Callable[[], object]:
        """Return a call that reads and writes each array once: sums of two, and copies for the rest."""
        pairs = [reads[k : k + 2] for k in range(0, len(reads), 2)]
        passes = [self._pass(pair, out) for pair, out in zip(pairs, writes, strict=True)]
        if len(passes) == 1:
            return passes[0]
        return lambda: [run() for run in passes]

    def _pass(self, inputs: list[np.ndarray], out: np.ndarray) -> Callable[[], object]:
        if self._stream is None:
            if len(inputs) == 1:
                return lambda: rb.identity(inputs[0], out=out)
            return lambda: rb.identity.backward(*inputs, out=out)
        a, b = [x.ctypes.data for x in inputs] + [None] * (2 - len(inputs))
        stream, threads, floats = self._stream, self._threads, out.nbytes // 4
        return lambda: stream(a, b, out.ctypes.data, floats, threads)


def _compiled() -> Callable[..., None] | None:
    compiler = os.environ.get("CC", "cc")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder, "stream.so")
        command = [compiler, "-O3", "-march=native", "-fopenmp", "-shared", "-fPIC"]
        try:
            subprocess.run(
                [*command, str(SOURCE), "-o", str(library)], check=True, capture_output=True
            )
        except (OSError, subprocess.CalledProcessError):
            return None
        stream: Callable[..., None] = ctypes.CDLL(str(library)).stream
    pointer = ctypes.c_void_p
    stream.argtypes = [pointer, pointer, pointer, ctypes.c_size_t, ctypes.c_int]
    stream.restype = None
    return stream
