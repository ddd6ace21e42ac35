"""One thread for a while: on more, BLAS sums in another order, and workers get in each other's way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from .._errors import require


class _OneBlasThread:
    """BLAS on one thread while anyone is inside; enter returns how many it had before the first."""

    def __init__(self) -> None:
        self.lock, self.inside = Lock(), 0
        self.limits: Any = None

    def __enter__(self) -> int:
        with self.lock:
            if not self.inside:
                _take_over()
                self.limits = _limits(1, "blas")
            self.inside += 1
            return self.limits.get_original_num_threads().get("blas") or 1

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self.inside -= 1
            if not self.inside:
                _take_over()
                self.limits.restore_original_limits()
                _take_over()


one_blas_thread = _OneBlasThread()  # the limit is the process's, and so is this


@contextmanager
def one_thread() -> Iterator[None]:
    """BLAS and OpenMP on one thread; several threads of a process may be inside at a time."""
    with one_blas_thread, _limits(1, "openmp"):  # OpenMP's is the calling thread's own
        yield


def _limits(threads: int, kind: str) -> Any:
    return require("study", "threadpoolctl").threadpool_limits(threads, kind)


def _take_over() -> None:
    """From 3.8 on threadpoolctl lets the thread that came first set BLAS, and ignores others in silence."""
    blas = require("study", "threadpoolctl").OpenBLASController
    if hasattr(blas, "clear_controlling_thread"):
        blas.clear_controlling_thread(force=True)
