"""Measure gradient and signal over 20 layers at the start, and write docs/initialisation.md's table.

python benchmarks/initialisation.py
"""

from __future__ import annotations

from math import inf, isfinite
from pathlib import Path

import numpy as np
import torch

import rheobase as rb
from rheobase.gain import gains

PAGE = Path(__file__).parent.parent / "docs" / "initialisation.md"
DEPTH, WIDTH, ROWS, SEEDS = 20, 128, 128, 5
BEGIN, END = "<!-- initialisation: begin -->\n", "<!-- initialisation: end -->"


def measured(function: rb.Activation, factors: list[float]) -> tuple[float, float]:
    """Largest over smallest mean-square gradient over the layers, and how z² grows to the last.

    Both from the geometric mean over seeds.
    """
    rng = np.random.default_rng(0)
    network = rb.Network(
        [WIDTH] * (DEPTH + 1) + [10], "relu", head="identity", replicas=SEEDS, dtype="float64",
        seed=range(SEEDS),
    )  # fmt: skip
    x, z, weights = rng.normal(size=(ROWS, WIDTH)), [], []
    with np.errstate(all="ignore"):
        for layer, factor in zip(network.layers, factors, strict=False):
            weights.append(layer.weights * (factor / rb.gain("relu")))  # drawn at ReLU's gain
            z.append(x @ weights[-1])
            x = function(z[-1])
        gradient = function.backward(z[-1], rng.normal(size=z[-1].shape))
        squares = [_mean_square(gradient)]
        for k in range(DEPTH - 1, 0, -1):
            gradient = function.backward(z[k - 1], gradient @ weights[k].swapaxes(1, 2))
            squares.append(_mean_square(gradient))
        growth = float(np.divide(_mean_square(z[-1]), _mean_square(z[0])))
        return float(np.divide(max(squares), min(squares))), growth


def _mean_square(arrays: np.ndarray) -> float:
    return float(np.exp(np.log((arrays**2).mean(axis=(1, 2))).mean()))


def deviation(function: rb.Activation) -> float:
    """What a small relative deviation of z's variance in the first layer has become in the last."""
    z = np.linspace(-8, 8, 8000)
    density = np.exp(-z * z / 2)
    density /= density.sum()

    def output(variance: float) -> np.float64:
        return np.float64(density @ function(np.sqrt(variance) * z) ** 2)

    factors, total, step = gains([function] * DEPTH), 1.0, 1e-3
    variance = factors[0] ** 2
    with np.errstate(all="ignore"):
        for factor in factors[1:]:
            growth = np.log(output(variance * (1 + step)) / output(variance * (1 - step)))
            total *= growth / np.log((1 + step) / (1 - step))
            variance = factor**2 * output(variance)
    return float(total)


def table() -> str:
    """Return the Markdown table over all functions of hidden layers."""
    lines = [
        "| function | `rb.gain` | torch | gradient, one gain | signal, one gain | gradient, `gains` | signal, `gains` | deviation |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for function in rb.catalog.values():
        if function.facts.domain == (-inf, inf):
            gain = rb.gain(function)
            one = measured(function, [gain if isfinite(gain) else 1.0] * DEPTH)
            each = measured(function, gains([function] * DEPTH))
            texts = [
                f"{v:.3g}" if isfinite(v) else "–" for v in (gain, *one, *each, deviation(function))
            ]
            lines.append(
                f"| {function.name} | {texts[0]} | {_torch(function.name)} | {' | '.join(texts[1:])} |"
            )
    return "\n".join(lines) + "\n"


def _torch(name: str) -> str:
    try:
        return f"{torch.nn.init.calculate_gain({'identity': 'linear'}.get(name, name)):.3g}"
    except ValueError:
        return "raises"


if __name__ == "__main__":
    found = table()
    print(found)
    page = PAGE.read_text(encoding="utf-8")
    before, after = page[: page.index(BEGIN) + len(BEGIN)], page[page.index(END) :]
    PAGE.write_text(before + "\n" + found + "\n" + after, encoding="utf-8")
