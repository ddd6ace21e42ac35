"""The journal: nothing that was finished is lost, and nothing that is not of the study is believed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rheobase as rb
from rheobase.compare._journal import Journal

SMALL: dict[str, Any] = {
    "activations": ["relu", "tanh"],
    "hidden": [4],
    "seeds": 7,  # two cells of a function
    "epochs": 2,
    "learning_rates": [0.003, 0.01],
}
STUDY: dict[str, Any] = {"version": "1", "data": "a", "settings": {"epochs": 2, "hidden": [4]}}
CELLS = [{"key": f"cell {k}", "runs": [{"test": k / 3}]} for k in range(3)]

RUN = """
import json, rheobase as rb
def run(resume):
    result = rb.compare(**SMALL, journal="journal.jsonl", resume=resume).to_dict()
    for entry in result["activations"]:
        del entry["cost"]
    return json.dumps([result["activations"], result["pairs"], result["verdict"]])
"""


def code(lines: str) -> str:
    return f"SMALL = {SMALL!r}\n{RUN}\n{lines}"


def written(path: Path) -> bytes:
    with Journal(path, STUDY) as journal:
        for cell in CELLS:
            journal.append(cell)
    return path.read_bytes()


def test_a_line_cut_anywhere_costs_its_own_cell_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    whole = written(path)
    last = whole[:-1].rfind(b"\n") + 1
    for end in range(last, len(whole) - 1, 5):
        for tail in (b"", b"\0\0", b"\n"):
            path.write_bytes(whole[:end] + tail)
            with Journal(path, STUDY, resume=True) as journal:
                assert list(journal.cells.values()) == CELLS[:2]
                journal.append(CELLS[2])
            assert path.read_bytes() == whole


def test_a_damaged_line_before_others_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    damaged = written(path).replace(b"0.3333", b"0.3334")
    path.write_bytes(damaged)
    with pytest.raises(rb.InputError, match=r"line 3 of the journal .* is damaged"):
        Journal(path, STUDY, resume=True)
    assert path.read_bytes() == damaged


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": "2"}, "rheobase was 1 and is 2"),
        ({"data": "b"}, "the data have changed"),
        ({"settings": {"epochs": 3, "hidden": [4]}}, "epochs was 2 and is 3"),
    ],
)
def test_a_journal_of_another_study_is_left_alone(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    path = tmp_path / "journal"
    before = written(path)
    with pytest.raises(rb.InputError, match=said):
        Journal(path, STUDY | change, resume=True)
    assert path.read_bytes() == before


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"\x89PNG"])
def test_what_is_no_journal_is_left_alone(tmp_path: Path, content: bytes, resume: bool) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    with pytest.raises(rb.InputError, match="not a journal"):
        Journal(path, STUDY, resume=resume)
    assert path.read_bytes() == content


def test_a_journal_of_another_format_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_text('{"rheobase-journal": 1, "study": "0123"}\n')
    with pytest.raises(rb.InputError, match="another format"):
        Journal(path, STUDY, resume=True)
    assert "0123" in path.read_text()


def test_two_runs_do_not_share_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with Journal(path, STUDY) as journal:
        journal.append(CELLS[0])
        for resume in (False, True):
            with pytest.raises(rb.InputError, match="another run is writing"):
                Journal(path, STUDY, resume=resume)
    with Journal(path, STUDY, resume=True) as journal:
        assert journal.cells == {"cell 0": CELLS[0]}


def test_other_data_and_more_seeds(tmp_path: Path) -> None:
    X, y = np.random.default_rng(0).normal(size=(40, 2)), np.arange(40) % 2
    settings = SMALL | {"journal": tmp_path / "journal", "resume": True}
    rb.compare(X, y, **settings)
    calls: list[tuple[int, int]] = []
    rb.compare(X, y, **settings | {"seeds": 10}, on_progress=lambda *c: calls.append(c))
    assert calls[0] == (2, 8)  # the first five seeds are there
    with pytest.raises(rb.InputError, match="the data have changed"):
        rb.compare(X + 1e-9, y, **settings)


def test_every_data_set_has_a_journal_of_its_own(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    data = {name: (rng.normal(size=(40, 2)), np.arange(40) % 2) for name in ("a/b", "c")}
    settings = SMALL | {"journal": tmp_path / "journals"}
    first = rb.compare_many(data, **settings).to_dict()
    assert len(list((tmp_path / "journals").iterdir())) == 2
    calls: list[tuple[int, int]] = []
    again = rb.compare_many(
        dict(reversed(data.items())),
        **settings,
        resume=True,
        on_progress=lambda *c: calls.append(c),
    )
    assert all(done >= 4 for done, _ in calls)
    assert again.ranking == [entry["label"] for entry in first["activations"]]


def test_a_full_disk_is_said_and_loses_nothing(
    tmp_path: Path, run_python: Callable[..., str]
) -> None:
    pytest.importorskip("resource")
    undisturbed = run_python(code("print(run(False))"))
    said = run_python(
        code(
            "import resource\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, -1))\n"
            "try: run(False)\n"
            "except rb.StudyError as error: print(error)"
        )
    )
    assert "cannot be written: File too large. Finished cells are kept" in said
    lines = (tmp_path / "journal.jsonl").read_bytes().splitlines(keepends=True)
    assert len(lines) > 1
    assert lines[-1].endswith(b"}\n")
    assert run_python(code("print(run(True))")) == undisturbed


def test_killed_at_any_moment_it_ends_the_same(
    tmp_path: Path, run_python: Callable[..., str]
) -> None:
    """Ten forked runs are killed at random moments, and one goes on to the end."""
    said = run_python(
        code(
            """
import os, random, signal, time
whole = run(False)
started = time.monotonic()
run(False)
took = time.monotonic() - started
os.unlink("journal.jsonl")
random.seed(0)
reached = []
for _ in range(10):
    child = os.fork()
    if not child:
        run(True)
        os._exit(0)
    time.sleep(random.uniform(0, took / 3))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if os.path.exists("journal.jsonl"):
        reached.append(open("journal.jsonl", "rb").read().count(b"\\n"))
print(json.dumps([run(True) == whole, reached]))
"""
        )
    )
    same, reached = json.loads(said)
    assert same
    assert reached == sorted(reached)
