"""N3: without a non-linear function between the layers a network draws straight lines only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rheobase.claims._claim import Claim, Experiment, Result, Table, percent
from rheobase.claims._data import Array, seeds_of
from rheobase.claims._training import train_grid
from rheobase.compare._cell import plain
from rheobase.compare._study import ACTIVATIONS
from rheobase.plots import region_panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LINEAR = "identity"
SIZES, RATES, RUNS, EPOCHS = (2, 16, 16, 2), (0.003, 0.01, 0.03, 0.1), 5, 300
SURE = 0.51  # what counts as an answer: at 1/2 rounding alone decides, and can be right by chance
LIMIT, GRID = 1.1, 45  # of the square that is drawn


def xor() -> tuple[Array, Array]:
    """The four corners."""
    return np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]], np.float32), np.array([0, 1, 1, 0])


def spirals(turns: float = 1.5, samples: int = 100) -> tuple[Array, Array]:
    """Two arms, one the other turned by half a circle."""
    t = np.linspace(0.15, 1, samples)
    arm = t[:, None] * np.stack([np.cos(2 * np.pi * turns * t), np.sin(2 * np.pi * turns * t)], 1)
    return np.concatenate([arm, -arm]).astype(np.float32), np.repeat([0, 1], samples)


def run(seed: int) -> Result:
    """Accuracy on the training samples for each function, and the regions it draws."""
    seeds = seeds_of(seed, RUNS)
    ticks = np.linspace(-LIMIT, LIMIT, GRID)
    places = np.stack([axis.ravel() for axis in np.meshgrid(ticks, ticks)], axis=1)
    result: Result = {"accuracy": {}, "regions": {}, "points": plain(spirals()[0])}
    for problem, (X, y) in {"XOR": xor(), "spirals": spirals()}.items():
        result["accuracy"][problem] = {}
        for name in (LINEAR, *ACTIVATIONS):
            grid = train_grid(SIZES, name, X, y, seeds=seeds, rates=RATES, epochs=EPOCHS)
            right = grid.network(X)[:, np.arange(len(y)), y] > SURE
            scores = grid.shaped(right.mean(axis=1))
            best = int(np.median(scores, axis=0).argmax())
            result["accuracy"][problem][name] = {
                "learning_rate": RATES[best],
                "median": float(np.median(scores[:, best])),
                "worst": float(scores[:, best].min()),
                "best of all": float(scores.max()),
            }
            if problem == "spirals":
                shown = grid.network.predict(places.astype(np.float32))[best]  # the first seed's
                result["regions"][name] = ["".join(map(str, r)) for r in shown.reshape(GRID, GRID)]
    return result


def draw(result: Result) -> Figure:
    return region_panels(result["regions"], result["points"][::2], LIMIT)


def tables(result: Result) -> list[Table]:
    accuracy = result["accuracy"]
    return [
        Table(
            f"Accuracy on the training samples, median of {RUNS} seeds (worst in brackets).",
            ("function", *accuracy),
            [
                (
                    name,
                    *(
                        f"{percent(entry[name]['median'])} ({percent(entry[name]['worst'])})"
                        for entry in accuracy.values()
                    ),
                )
                for name in (LINEAR, *ACTIVATIONS)
            ],
        )
    ]


def _worst_median(result: Result) -> float:
    return min(
        float(entry[name]["median"])
        for entry in result["accuracy"].values()
        for name in ACTIVATIONS
    )


def _best_linear(result: Result) -> float:
    return max(float(entry[LINEAR]["best of all"]) for entry in result["accuracy"].values())


EXPERIMENT = Experiment(
    name="linearity",
    title="Can a network without a non-linear function learn XOR or a spiral?",
    setup=(
        "Networks 2-16-16-2 on the four corners of XOR and on two spirals of 100 points and one and a half turns, "
        f"{EPOCHS} epochs of Adam, {RUNS} seeds; each function at its best of the rates {RATES}. "
        "Only the training samples are asked: the question is what a network can express and find. An answer counts as right if "
        f"the right class has a probability above {SURE}: on XOR a linear network ends at one half, where rounding decides."
    ),
    literature=(
        "Minsky and Papert, *Perceptrons* (1969): no single layer of weights separates XOR. Layers with the identity "
        "between them multiply into one. The two spirals were made a benchmark by Lang and Witbrock, *Learning to "
        "tell two spirals apart* (1988)."
    ),
    differs=lambda r: (
        "The spirals here make one and a half turns, the benchmark's three. No straight line gets more than three of "
        f"XOR's corners right; the best identity network of all seeds and rates gets {percent(_best_linear(r), 1)} on "
        "either problem."
    ),
    run=run,
    caption=(
        "The two spirals and the classes that the network of the first seed gives to each place, for each function."
    ),
    draw=draw,
    tables=tables,
    claims=(
        Claim(
            "N3",
            "The activation makes a network non-linear, which is what lets it learn complex patterns.",
            (
                (
                    "every non-linear function has a median accuracy of 99 % at least on both problems",
                    lambda r: _worst_median(r) >= 0.99,
                ),
                (
                    "no identity network gets beyond 75 % on either",
                    lambda r: _best_linear(r) <= 0.75,
                ),
            ),
            lambda r: (
                f"The worst non-linear function has a median accuracy of {percent(_worst_median(r), 1)}, the best "
                f"identity network {percent(_best_linear(r), 1)}."
            ),
        ),
    ),
)
