"""Comparisons over depths and widths."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import rheobase as rb
from rheobase.compare._shapes import summarised
from rheobase.report import write_shapes

FEW: dict[str, Any] = {"activations": ["sigmoid", "relu"], "seeds": 2, "epochs": 1}


def made(depth: int, beaten: bool, ratio: float, verdict: str = "better") -> dict[str, Any]:
    """A result in which relu beats sigmoid, or not."""
    entries = [
        {"label": label, "mean": mean, "gradient_ratio": r, "learning_rate": 0.01}
        for label, mean, r in (("relu", 0.9, 0.8), ("sigmoid", 0.9 - 0.1 * beaten, ratio))
    ]
    pair = {"first": "relu", "second": "sigmoid"}
    return {
        "activations": entries,
        "pairs": [pair | {"verdict": verdict if beaten else "no difference seen"}],
        "settings": {"metric": "accuracy", "seeds": list(range(10))},
        "statistics": {"seeds_needed": 6},
        "data": {"name": "made"},
        "command": None,
    }


@pytest.mark.parametrize(
    ("beaten", "words"),
    [
        ((True, True), "In none of the 2 shapes is another function better than relu."),
        ((False, True), "In none of the 2 shapes is another function better than relu."),
        ((False, False), "In none of the 2 shapes is a function shown to be better than another."),
    ],
)
def test_verdict(beaten: tuple[bool, bool], words: str) -> None:
    results = {(d, 8): made(d, b, 0.5 / d**9) for d, b in zip((1, 4), beaten, strict=True)}
    said = summarised(results)["verdict"]
    assert said["headline"] == words
    details = " ".join(said["details"])
    assert ("sigmoid is beaten" in details) == any(beaten)
    assert "At 4 × 8 the gradient in sigmoid's first hidden layer is 2e-06" in details


def test_each_shape_is_a_comparison(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    result = rb.compare_shapes(
        depths=[2, 1], widths=[4], **FEW, journal=tmp_path, on_progress=lambda *c: calls.append(c)
    )
    alone = rb.compare(**FEW, hidden=[4, 4]).to_dict()
    assert result.result(2, 4)["pairs"] == alone["pairs"]
    assert [p.name for p in sorted(tmp_path.iterdir())] == [
        "depth-1-width-4.jsonl",
        "depth-2-width-4.jsonl",
    ]
    assert calls[-1] == (8, 8)
    assert "Too few seeds" in result.verdict
    with pytest.raises(rb.InputError, match=r"expected a depth and width of \(1, 4\)"):
        result.result(3, 4)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"depths": [0, 1]}, "depths are"),
        ({"depths": []}, "depths are"),
        ({"depths": [1]}, "got one shape"),
        ({"hidden": [3]}, "got hidden"),
        ({"widths": [1, 2], "layer_norm": True}, "two units a layer"),
    ],
)
def test_shapes_that_cannot_be(given: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(rb.InputError, match=words):
        rb.compare_shapes(**given, **FEW, journal=tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_page_holds_each_shape(tmp_path: Path) -> None:
    result = rb.compare_shapes(depths=[1, 2], widths=[4, 8], **FEW)
    for lang, words in (("en", "Test score and gradient"), ("ko", "깊이에 따른 테스트 점수")):
        page = write_shapes(result.to_dict(), tmp_path, lang).read_text(encoding="utf-8")
        assert words in page
        links = re.findall(r'href="(depth[^"]*)"', page)
        assert len(set(links)) == 4
        assert all((tmp_path / link).is_file() for link in links)
    assert len(result.plot_over_depth().axes) == 4


def test_the_command_line_takes_shapes(tmp_path: Path) -> None:
    words = [
        "compare",
        "--activations",
        "relu,tanh",
        "--seeds",
        "2",
        "--epochs",
        "1",
        "--widths",
        "4",
    ]
    command = [sys.executable, "-m", "rheobase_cli", *words]
    done = subprocess.run(
        [*command, "--depths", "1,3", "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "1 × 4" in done.stdout
    assert (tmp_path / "out" / "depth-3-width-4" / "report.html").is_file()
    done = subprocess.run([*command, "--hidden", "3"], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
