"""The command line as a person meets it: what it prints, its exit codes, and that nothing is half-written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

SMALL = ["--hidden", "8", "--seeds", "3", "--epochs", "2", "--learning-rates", "0.003,0.01"]


def run(
    *words: str, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rheobase_cli", *words],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=300,
    )


def table_file(path: Path, rows: int = 90) -> Path:
    rng = np.random.default_rng(0)
    lines = ["size,colour,price,kind"]
    for _ in range(rows):
        size = rng.normal()
        lines.append(
            f"{'' if rng.random() < 0.1 else round(size, 3)},{rng.choice(['red', 'blue'])},"
            f"{2 * size + rng.normal() * 0.1:.4f},{'big' if size > 0 else 'small'}"
        )
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(("target", "task"), [("kind", "classification"), ("price", "regression")])
def test_compare_leaves_a_report(target: str, task: str, tmp_path: Path) -> None:
    table_file(tmp_path / "data.csv")
    done = run(
        "compare",
        "data.csv",
        "--target",
        target,
        *SMALL,
        "--activations",
        "relu,tanh",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    out = tmp_path / "rheobase-report"
    assert sorted(p.name for p in out.iterdir()) == [
        "journal.jsonl",
        "report.html",
        "result.csv",
        "result.json",
    ]
    result = json.loads((out / "result.json").read_text())
    assert result["data"]["task"] == task
    assert any("size" in note and "median" in note for note in result["data"]["notes"])
    assert len(result["claims"]) == 9
    assert "Too few seeds" in done.stdout


def test_columns_may_say_what_rows_are(tmp_path: Path) -> None:
    lines = table_file(tmp_path / "data.csv").read_text().splitlines()
    more = ["who,day,count", *(f"p{k // 2},2024-{1 + k % 9:02}-01,{1 + k % 3}" for k in range(90))]
    rows = "\n".join(map(",".join, zip(lines, more, strict=True)))
    (tmp_path / "data.csv").write_text(rows + "\n")
    words = ["compare", "data.csv", "--target", "price", *SMALL, "--activations", "relu,tanh"]
    for roles, notes in (
        (["--groups", "who", "--weights", "count"], ["45 groups", "weighted"]),
        (["--time", "day"], ["9 groups", "order of time"]),
        (["--time-ordered"], ["order of time"]),
    ):
        done = run(*words, *roles, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        result = json.loads((tmp_path / "rheobase-report" / "result.json").read_text())
        for note in notes:
            assert any(note in each for each in result["data"]["notes"])
            assert note in done.stdout


def test_an_interrupted_study_goes_on(tmp_path: Path) -> None:
    words = ["compare", "--activations", "relu,tanh", *SMALL]
    whole = run(*words, cwd=tmp_path)
    assert whole.returncode == 0, whole.stderr
    out = tmp_path / "rheobase-report"
    first = json.loads((out / "result.json").read_text())
    lines = (out / "journal.jsonl").read_text().splitlines(keepends=True)
    (out / "journal.jsonl").write_text("".join(lines[:2]) + lines[2][:40])  # killed while writing
    assert run(*words, "--resume", cwd=tmp_path).returncode == 0
    again = json.loads((out / "result.json").read_text())
    assert again["pairs"] == first["pairs"]
    other = run(*words, "--epochs", "3", "--resume", cwd=tmp_path)
    assert other.returncode == 2
    assert "another study" in other.stderr


def test_ctrl_c_stops_and_says_how_to_go_on(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "rheobase_cli", "compare", "--epochs", "3000"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    journal = tmp_path / "rheobase-report" / "journal.jsonl"
    while not journal.exists() and process.poll() is None:
        time.sleep(0.1)
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "go on with: rheobase compare --epochs 3000 --resume" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["compare", "none.csv", "--target", "y"], "none.csv"),
        (["compare", "empty.csv", "--target", "y"], "empty"),
        (["compare", "picture.csv", "--target", "y"], "picture.csv"),
        (["compare", "data.csv", "--target", "prise"], 'Did you mean "price"'),
        (["compare", "data.csv", "--target", "kind", "--task", "regression"], "kind"),
        (["compare", "data.csv"], "price"),
        (["compare", "--activations", "relu,elo"], 'Did you mean "elu"'),
        (["compare", "--activations", "relu"], "two different"),
        (["compare", "--activations", "relu,step"], "slope 0 everywhere"),
        (["compare", "--activations", "relu,logit"], "logit is defined on [0, 1] only"),
        (["compare", "--metric", "r2"], "accuracy"),
        (["compare", "--hidden", "a"], "expected numbers"),
        (["compare", "--learning-rates", "0,1"], "positive"),
        (["compare", "--seeds", "1"], "two or more"),
        (["compare", "--equivalence=-1"], "equivalence is -1.0"),
        (["compare", "--out", "data.csv/x"], "no report can be written"),
        (["compare", "--lang", "fr"], "fr"),
        (["compare", "--task", "regression"], "need a data file"),
        (["compare", "--groups", "who"], "need a data file"),
        (["compare", "data.csv", "--target", "kind", "--groups", "colour"], "names 2 groups"),
        (["compare", "data.csv", "--target", "kind", "--weights", "price"], "has a weight of -"),
        (["compare", "data.csv", "--target", "kind", "--time", "colour"], "cannot be sorted"),
        (["compare", "data.csv", "--target", "kind", "--time", "prise"], 'Did you mean "price"'),
        (["compare", "--seeds", "99999999999999999999"], "whole number from 1"),
        (["compare", "--learning-rates", "1e308"], "positive"),
        (["plot", "rleu"], 'Did you mean "relu"'),
        (["verify", "rleu"], 'Did you mean "relu"'),
        (["verify", "relu", "--dtype", "float8"], "Known: float16, bfloat16"),
        (["verify", "relu", "--isa", "v9"], "unknown instruction set"),
        (["verify", "relu", "--record", "none/a.json"], "no such directory"),
        (["verify", "relu", "--record", "data.csv"], "not a record"),
        (["verify", "relu", "--record", "newer.json"], "of format 99"),
        (["plot", "relu", "-o", "curves.txt"], "curves.txt"),
        (["claims", "G22"], 'Did you mean "G2"'),
        (["claims", "N3", "--out", "data.csv"], "no report can be written"),
        (["claims", "N3", "--seed", "-1"], "whole number"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(words: list[str], said: str, tmp_path: Path) -> None:
    table_file(tmp_path / "data.csv")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "newer.json").write_text('{"rheobase-accuracy": 99}')
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    before = sorted(tmp_path.rglob("*"))
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    left = set(tmp_path.rglob("*")) - set(before)
    assert not [path for path in left if path.is_file()]


def test_an_unknown_instruction_set_is_one_line(tmp_path: Path) -> None:
    done = run("table", cwd=tmp_path, env={"RHEOBASE_ISA": "v9"})
    assert done.returncode == 2
    assert done.stderr.startswith("rheobase: RHEOBASE_ISA=v9")
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(("lang", "word"), [("en", "dying ReLU"), ("ko", "죽은 뉴런 문제")])
def test_table(lang: str, word: str, tmp_path: Path) -> None:
    done = run("table", "--lang", lang, cwd=tmp_path)
    assert done.returncode == 0
    assert word in done.stdout
    assert "elu" in done.stdout


def test_plot(tmp_path: Path) -> None:
    assert run("plot", "elu", "leaky_relu", "-o", "curves.svg", cwd=tmp_path).returncode == 0
    assert "<svg" in (tmp_path / "curves.svg").read_text()


def test_claims_leaves_a_page(tmp_path: Path) -> None:
    done = run("claims", "n3", "--out", "found", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "holds" in done.stdout
    found = tmp_path / "found"
    assert json.loads((found / "claims.json").read_text())["verdicts"][0]["id"] == "N3"
    assert "rheobase claims N3 --seed 0" in (found / "claims.md").read_text()
    assert "<svg" in (found / "claims" / "linearity.svg").read_text()
