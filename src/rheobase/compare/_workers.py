"""Work for the workers that the caller chose with joblib; each result comes as it finishes.

joblib itself runs threads and processes. Dask and Ray are chosen the same way but asked here: through
joblib, a cell that Dask gives up is waited for without end, and Ray gets the data anew with every cell
and keeps results back until the last.
"""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from rheobase._errors import StudyError, require

Job = TypeVar("Job")
R = TypeVar("R")
Attempt = tuple[Any, Exception | None, str]  # a result, or what was raised and where
Attempts = Generator[Attempt, None, None]
Run = Callable[..., Attempts]

NO_WORKERS = 10.0  # seconds to wait before asking whether a cluster has any: it waits for new ones


def each(
    function: Callable[..., R], shared: tuple[Any, ...], jobs: Sequence[Job], kept: str
) -> Iterator[R]:
    """Yield ``function(*shared, job)`` of each job as it finishes, through ``joblib.parallel_config``.

    Parameters
    ----------
    function : callable
        Of a module, so that workers find it.
    shared : tuple
        What all jobs need; large, so it goes to a worker once.
    jobs : sequence
    kept : str
        What becomes of finished results, for the message when workers are lost.

    Raises
    ------
    StudyError
        Workers were lost, or cannot be reached. What ``function`` raises comes as it is.
    """
    backend, workers = require("study", "joblib").parallel.get_active_backend()
    run: Run = CLUSTERS.get(type(backend).__name__, _by_joblib)
    with closing(run(backend, workers, function, shared, jobs)) as attempts:
        while True:
            try:
                result, error, where = next(attempts)
            except StopIteration:
                return
            except Exception as lost:
                raise StudyError(
                    f"workers were lost or cannot be reached ({_first_line(lost)}). {kept}"
                ) from lost
            if error:
                if error.__traceback__ is None:  # it came from another process
                    error.add_note(where)
                raise error
            yield result


def _attempt(function: Callable[..., R], shared: tuple[Any, ...], job: Any) -> Attempt:
    """Return the result or what was raised, which tells it from what the workers raise."""
    try:
        return function(*shared, job), None, ""
    except Exception as error:
        return None, error, traceback.format_exc()


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def _by_joblib(
    backend: Any, _: Any, function: Any, shared: tuple[Any, ...], jobs: Sequence[Any]
) -> Attempts:
    joblib = require("study", "joblib")
    calls = [joblib.delayed(_attempt)(function, shared, job) for job in jobs]
    if not backend.supports_return_generator:  # a multiprocessing pool: a round at a time
        together = joblib.effective_n_jobs(None)
        with joblib.Parallel(batch_size=1) as pool:
            for start in range(0, len(calls), together):
                yield from pool(calls[start : start + together])
        return
    attempts = joblib.Parallel(return_as="generator_unordered", batch_size=1)(calls)
    try:
        for attempt in attempts:  # noqa: UP028  # `yield from` would close it before the warnings are off
            yield attempt
    finally:
        with warnings.catch_warnings():  # of what is stopped, when the study is
            warnings.simplefilter("ignore")
            attempts.close()


def _on_dask(
    backend: Any, _: Any, function: Any, shared: tuple[Any, ...], jobs: Sequence[Any]
) -> Attempts:
    wait = require("dask", "distributed").wait
    client = backend.client
    # To every worker, so that one that is lost takes nothing with it.
    [data] = client.scatter([shared], broadcast=True, hash=False)
    submit = partial(client.submit, _attempt, function, data, **backend.submit_kwargs)
    waiting = {submit(job, pure=False) for job in jobs}
    while waiting:
        try:
            done, waiting = wait(waiting, timeout=NO_WORKERS, return_when="FIRST_COMPLETED")
        except TimeoutError:
            if not client.nthreads():
                raise TimeoutError("Dask has no workers") from None
        else:
            yield from (future.result() for future in done)


def _on_ray(
    backend: Any, workers: int | None, function: Any, shared: tuple[Any, ...], jobs: Sequence[Any]
) -> Attempts:
    ray = require("ray", "ray")
    data = ray.put(shared)
    remote = ray.remote(_attempt).options(**(backend.ray_remote_args or {}))
    together = workers if workers and workers > 0 else len(jobs)
    waiting = iter(jobs)
    running = [remote.remote(function, data, job) for job in islice(waiting, together)]
    try:
        while running:
            done, running = ray.wait(running, timeout=NO_WORKERS)
            if not done and not any(node["Alive"] for node in ray.nodes()):
                raise TimeoutError("Ray has no nodes")
            running += [remote.remote(function, data, job) for job in islice(waiting, len(done))]
            yield from ray.get(done)
    finally:
        for reference in running:
            ray.cancel(reference)


CLUSTERS: dict[str, Run] = {
    "DaskDistributedBackend": _on_dask,
    "RayBackend": _on_ray,
}
