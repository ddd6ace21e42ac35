"""Comparisons over depths and widths."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import rheobase as rb
from rheobase.compare._shapes import summarised

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
    }


@pytest.mark.parametrize(
    ("beaten", "words"),
    [
        ((True, True), "relu is beaten in none of the 2 shapes."),
        ((False, True), "relu is beaten in none of the 2 shapes."),
        ((False, False), "No function is shown to be better than another in any of the 2 shapes."),
    ],
)
def test_verdict(beaten: tuple[bool, bool], words: str) -> None:
    results = {(d, 8): made(d, b, 0.5 / d**9) for d, b in zip((1, 4), beaten, strict=True)}
    said = summarised(results)["verdict"]
    assert said["headline"] == words
    details = " ".join(said["details"])
    assert ("sigmoid is beaten" in details) == any(beaten)
    assert "At depth 4 and width 8 the gradient in sigmoid's first hidden layer is 2e-06" in details


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
