"""`rheobase verify`: its record, going on after an interruption, exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from rheobase import InputError, _native
from rheobase.verify import Key, Record, verify
from rheobase.verify._calls import OWN
from rheobase.verify._judge import Figure
from rheobase.verify._samples import SEGMENTS
from rheobase.verify._state import State

BEST = _native.isas[0]
KEY = Key("relu", "value", "float32", OWN + BEST)
RUN = {"date": "2020-02-02", "machine": "one", "versions": {}}


def test_the_record_reads_as_it_was_written(tmp_path: Path) -> None:
    record = Record(tmp_path / "accuracy.json")
    record.put(KEY, Figure(0.61234, -0.1, 0, 5), False, RUN)
    record.put(KEY._replace(source="jax"), Figure(float("inf"), -0.1, 2, 5), False, RUN)
    record.put(KEY._replace(source="scipy"), Figure(6e306, -0.1, 2, 5), False, RUN)
    record.write()
    again = Record.read(record.path)
    assert (again.figures, again.runs) == (record.figures, record.runs)
    assert again.ulp(KEY) == 0.6124  # rounded up
    before = record.path.read_bytes()
    again.write()
    assert record.path.read_bytes() == before
    assert sum(b'"function"' in line for line in before.splitlines()) == 3


@pytest.mark.parametrize(("later", "kept"), [(0.6, 0.7), (0.8, 0.8)])
def test_samples_replace_a_figure_over_everything_only_if_worse(
    later: float, kept: float, tmp_path: Path
) -> None:
    record = Record(tmp_path / "accuracy.json")
    record.put(KEY, Figure(0.7, 1.0, 0, 100), True, RUN)
    record.put(KEY, Figure(later, 2.0, 0, 10), False, RUN)
    assert record.ulp(KEY) == kept


def test_verifying_again_changes_nothing_but_what_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "accuracy.json"
    verify(["relu", "tanh"], dtypes=["float16"], isas=[BEST], record=path)
    first = path.read_text().splitlines()
    results = verify(["tanh"], dtypes=["float16", "bfloat16"], isas=[BEST], record=path)
    assert [r.key[:3] for r in results] == [
        ("tanh", part, dtype)
        for part in ("value", "derivative")
        for dtype in ("float16", "bfloat16")
    ]
    assert set(first[2:-2]) < {line.rstrip(",") + "," for line in path.read_text().splitlines()}
    assert sorted(path.parent.iterdir()) == [path]


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    """All segments but one are done, with an error that the last one does not have."""
    path = tmp_path / "accuracy.json"
    source = OWN + BEST
    state = State(path.with_suffix(".partial.json"))
    for part in ("value", "derivative"):
        for segment in set(range(SEGMENTS)) - {3}:
            state.add(f"identity {part} {source}", segment, {source: Figure(0.75, 2.5, 1, 10)})
    steps: list[tuple[int, int]] = []
    results = verify(
        ["identity"],
        dtypes=["float32"],
        isas=[BEST],
        exhaustive=True,
        record=path,
        on_progress=lambda done, tasks: steps.append((done, tasks)),
    )
    assert steps[0] == (2 * SEGMENTS - 2, 2 * SEGMENTS)
    assert len(steps) == 3
    for result in results:
        assert result.exhaustive
        assert (result.figure.ulp, result.figure.at) == (0.75, 2.5)
        assert result.figure.above == SEGMENTS - 1
        assert result.figure.inputs == 15 * 2**23 + 10 * (SEGMENTS - 1)
    assert sorted(path.parent.iterdir()) == [path]
    assert Record.read(path).figures[KEY._replace(function="identity")]["exhaustive"]


def test_what_was_done_with_other_kernels_is_done_again(tmp_path: Path) -> None:
    path = tmp_path / "x.partial.json"
    State(path).add("relu value", 0, {"a": Figure()})
    assert State(path).done("relu value") == [0]
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"fingerprint": "another"}))
    assert State(path).done("relu value") == []
    path.write_text("{")
    assert State(path).done("relu value") == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"a": 1}', '{"rheobase-accuracy": 1, "runs": {}, "figures": [{}]}']
)
def test_a_file_that_is_no_record_is_left_alone(text: str, tmp_path: Path) -> None:
    path = tmp_path / "accuracy.json"
    path.write_text(text)
    with pytest.raises(InputError, match="is not a record"):
        verify(["relu"], dtypes=["float16"], record=path)
    assert path.read_text() == text


@pytest.mark.parametrize(("above", "code"), [(0, 0), (1, 1)])
def test_a_broken_bound_is_exit_code_1(
    above: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import rheobase.verify
    from rheobase import cli
    from rheobase.verify import Result

    result = Result(KEY, Figure(2.0, 1.0, above, 10), False)
    monkeypatch.setattr(rheobase.verify, "verify", lambda *_, **__: [result])
    monkeypatch.setattr(sys, "argv", ["rheobase", "verify", "relu"])
    assert cli.run() == code
