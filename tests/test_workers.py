"""Workers of every kind: the same bits, one trip for the data, and plain words when they are lost."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import joblib
import pytest
from threadpoolctl import threadpool_info

import rheobase as rb
from rheobase.compare._workers import each
from rheobase.network._threads import one_thread

SMALL: dict[str, Any] = {
    "activations": ["relu", "tanh"],
    "hidden": [8],
    "seeds": 3,
    "epochs": 2,
    "learning_rates": [0.003, 0.01],
}
KINDS = ("sequential", "threading", "loky", "multiprocessing", "dask", "ray")
CLUSTERS = ("dask", "ray")
Config = Callable[..., AbstractContextManager[Any]]

pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)  # clusters leave sockets and processes to the collector


@pytest.fixture(scope="module")
def dask() -> Iterator[Config]:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=":0") as cluster,
        distributed.Client(cluster) as client,
    ):

        def config(n_jobs: int) -> AbstractContextManager[Any]:
            client.wait_for_workers(2, timeout=60)  # a test may have lost some
            addresses = list(client.scheduler_info()["workers"])[:1] if n_jobs == 1 else None
            return joblib.parallel_config("dask", client=client, workers=addresses)

        yield config


@pytest.fixture(scope="module")
def ray() -> Iterator[Config]:
    ray = pytest.importorskip("ray")
    pytest.importorskip("ray.util.joblib").register_ray()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), *sys.path]))
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")
    yield lambda n_jobs: joblib.parallel_config("ray", n_jobs=n_jobs)
    ray.shutdown()


@pytest.fixture
def config(kind: str, request: pytest.FixtureRequest) -> Config:
    """Return what makes a kind of workers the caller's choice."""
    if kind in CLUSTERS:
        chosen: Config = request.getfixturevalue(kind)
        return chosen
    return lambda n_jobs: joblib.parallel_config(kind, n_jobs=n_jobs)


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_and_number_gives_the_same_bits(config: Config, n_jobs: int, alone: str) -> None:
    with config(n_jobs=n_jobs):
        assert fingerprint() == alone


@pytest.fixture(scope="module")
def alone() -> str:
    return fingerprint()


def fingerprint() -> str:
    result = rb.compare(**SMALL).to_dict()
    for entry in result["activations"]:
        del entry["cost"]
    return hashlib.sha256(json.dumps([result["activations"], result["pairs"]]).encode()).hexdigest()


@pytest.mark.parametrize("kind", KINDS[2:])
def test_results_come_as_they_finish(config: Config, tmp_path: Path) -> None:
    """A job waits until those that began two places before it are back here."""
    with config(n_jobs=2):
        for done, _ in enumerate(each(wait_for_earlier, (tmp_path,), range(6), ""), start=1):
            (tmp_path / f"{done} back").touch()


def wait_for_earlier(directory: Path, _: int) -> None:
    begun = 0
    while True:
        with suppress(FileExistsError):
            (directory / f"{begun} begun").mkdir()
            break
        begun += 1
    until = time.monotonic() + 20
    while begun > 1 and not (directory / f"{begun // 2 * 2} back").exists():
        assert time.monotonic() < until, "results are held back"
        time.sleep(0.01)


class Counted:
    """How often this was sent."""

    sent = 0

    def __reduce__(self) -> Any:
        Counted.sent += 1
        return Counted, ()


@pytest.mark.parametrize("kind", CLUSTERS)
def test_clusters_get_the_data_once(config: Config) -> None:
    Counted.sent = 0
    with config(n_jobs=2):
        assert len(list(each(ignore, (Counted(),), range(8), ""))) == 8
    assert Counted.sent == 1


def ignore(_: Counted, job: int) -> int:
    return job


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_of_a_cell_is_its_own(config: Config) -> None:
    with config(n_jobs=2), pytest.raises(ZeroDivisionError):
        list(each(divide, (1,), [1, 2, 0, 3], ""))
    with config(n_jobs=2):
        assert sorted(each(divide, (1,), [1, 2], "")) == [0.5, 1]


def divide(by: int, number: int) -> float:
    return by / number


@pytest.mark.parametrize("kind", ["loky", "dask"])
def test_workers_that_die_of_a_cell_are_said(config: Config) -> None:
    with (
        config(n_jobs=2),
        pytest.raises(rb.StudyError, match=r"workers were lost or cannot be reached .*kept here"),
    ):
        list(each(die, (None,), [True], "kept here"))


def die(directory: Path | None, doomed: bool) -> bool:
    """Kill this worker, once only if there is a directory to remember it in."""
    if doomed and not (directory and (directory / "dead").exists()):
        if directory:
            (directory / "dead").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return doomed


@pytest.mark.parametrize("kind", CLUSTERS)
def test_a_cluster_outlives_a_worker(config: Config, tmp_path: Path) -> None:
    with config(n_jobs=2):
        assert sum(each(die, (tmp_path,), [True, False, False], "")) == 1


def test_a_study_goes_on_after_its_workers_were_lost(tmp_path: Path) -> None:
    psutil = pytest.importorskip("psutil")
    settings = SMALL | {"epochs": 60, "journal": tmp_path / "journal"}

    def kill_a_worker(done: int, _: int) -> None:
        for child in psutil.Process().children():
            if done == 1 and "loky" in " ".join(child.cmdline()):
                child.kill()

    calls: list[tuple[int, int]] = []
    with joblib.parallel_config("loky", n_jobs=2):
        with pytest.raises(rb.StudyError, match=r"kept in .*journal: repeat this with resume"):
            rb.compare(**settings, on_progress=kill_a_worker)
        rb.compare(**settings, resume=True, on_progress=lambda *c: calls.append(c))
    assert calls[0][0] >= 1
    assert calls[-1] == (4, 4)


def test_a_closed_client_is_said() -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(1, processes=False, dashboard_address=":0") as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        config = joblib.parallel_config("dask", client=client)
    with config, pytest.raises(rb.StudyError, match="cannot be reached"):
        rb.compare(**SMALL)


def test_one_thread_holds_while_anyone_is_inside() -> None:
    before = threads()
    both_inside, one_left = Barrier(2), Barrier(2)

    def stay() -> None:
        with one_thread():
            both_inside.wait()
            one_left.wait()
            inside.append(threads())

    inside: list[list[int]] = []
    other = Thread(target=stay)
    other.start()
    with one_thread():
        both_inside.wait()
        inside.append(threads())
    one_left.wait()
    other.join()
    assert all(set(counts) == {1} for counts in inside)
    assert threads() == before


def threads() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info()]
