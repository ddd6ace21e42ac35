"""L3: what the slope on the negative side is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rheobase.catalog import activation
from rheobase.claims._claim import Claim, Experiment, Result, Table, percent
from rheobase.claims._data import digits, draw_rows, seeds_of
from rheobase.claims._training import train_grid
from rheobase.compare._cell import plain
from rheobase.plots import Panel, line_panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SLOPES, DEFAULT = (0.0, 0.001, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0), 0.01
JUDGED = tuple(slope for slope in SLOPES if 0 < slope < 1)  # 0 is relu, 1 is linear
SIZES, RUNS, EPOCHS, RATES = (64, 64, 64, 64, 10), 10, 30, (0.0003, 0.001, 0.003, 0.01, 0.03)


def run(seed: int) -> Result:
    """Validation and test accuracy of each slope at its best rate."""
    X, y = digits()
    seeds = seeds_of(seed, RUNS)
    rows, validation, test = draw_rows(len(y), seeds, 1077, 360, 360)
    result: Result = {}
    for slope in SLOPES:
        function = activation("leaky_relu").bind(negative_slope=slope)
        grid = train_grid(SIZES, function, X, y, seeds=seeds, rates=RATES, epochs=EPOCHS, rows=rows)
        chosen = grid.scores(X, y, validation).mean(axis=0)
        best = int(chosen.argmax())
        result[f"{slope:g}"] = {
            "learning_rate": RATES[best],
            "validation": plain(chosen[best]),
            "test": plain(grid.scores(X, y, test)[:, best]),
        }
    return result


def mean(result: Result, slope: float) -> float:
    """Return the mean test accuracy."""
    return float(np.mean(result[f"{slope:g}"]["test"]))


def best(result: Result) -> float:
    """Return the slope with the best validation accuracy."""
    return max(JUDGED, key=lambda slope: result[f"{slope:g}"]["validation"])


def gain_of_tuning(result: Result) -> float:
    """Return the test accuracy of the best slope minus that of the default."""
    return mean(result, best(result)) - mean(result, DEFAULT)


def doubt(result: Result) -> float:
    """Return the standard error of that difference, over paired seeds."""
    best_one, default = (np.array(result[f"{s:g}"]["test"]) for s in (best(result), DEFAULT))
    return float(np.std(best_one - default, ddof=1) / np.sqrt(RUNS))


def spread(result: Result) -> float:
    """Return the range of test accuracies over the judged slopes."""
    means = [mean(result, slope) for slope in JUDGED]
    return max(means) - min(means)


def draw(result: Result) -> Figure:
    middle = [mean(result, slope) for slope in SLOPES]
    seeds = np.array([result[f"{slope:g}"]["test"] for slope in SLOPES])
    places = [slope or 3e-4 for slope in SLOPES]  # 0 has no place on the scale
    return line_panels(
        [
            Panel(
                "test accuracy",
                "negative slope (leftmost: 0)",
                {
                    "mean": (places, middle),
                    "worst seed": (places, seeds.min(axis=1).tolist()),
                    "best seed": (places, seeds.max(axis=1).tolist()),
                },
                log="x",
            )
        ]
    )


def tables(result: Result) -> list[Table]:
    return [
        Table(
            f"Test accuracy, mean over {RUNS} seeds (standard deviation over seeds in brackets).",
            ("negative slope", "rate", "accuracy"),
            [
                (
                    slope,
                    f"{entry['learning_rate']:g}",
                    f"{percent(float(np.mean(entry['test'])), 2)} ({percent(float(np.std(entry['test'], ddof=1)), 2)})",
                )
                for slope, entry in result.items()
            ],
        )
    ]


EXPERIMENT = Experiment(
    name="slope",
    title="How much hangs on the slope of the negative side?",
    setup=(
        f"Networks 64-64-64-64-10 on scikit-learn's digits, leaky_relu with slopes {SLOPES} (0 is relu, 1 is linear), "
        f"{EPOCHS} epochs of Adam, {RUNS} paired seeds, each slope with its own gain and at the best validation rate of "
        f"{RATES}; 1,077 images to train, 360 to choose, 360 to test."
    ),
    literature=(
        "Maas, Hannun and Ng (2013) used 0.01 and saw little difference from ReLU. Xu, Wang, Chen and Li, *Empirical "
        "evaluation of rectified activations in convolutional network* (arXiv:1505.00853, 2015): a slope other than 0 "
        "improves results consistently on CIFAR and a data set of plankton, and random slopes do best. He, Zhang, Ren and Sun, *Delving deep into "
        "rectifiers* (2015), learn the slope."
    ),
    differs=lambda r: (
        f"Dense networks on a small data set with a gain for each slope. Between 0.001 and 0.5 the accuracy moves by "
        f"{100 * spread(r):.2f} points; the linear network (slope 1) scores "
        f"{100 * (mean(r, 1.0) - mean(r, DEFAULT)):+.1f} points against the default. It is a hyperparameter by definition; the "
        "question is whether it is worth a search, and here it is as far as the verdict says."
    ),
    run=run,
    caption="Test accuracy of each slope at its own learning rate.",
    draw=draw,
    tables=tables,
    claims=(
        Claim(
            "L3",
            "The negative slope is one more hyperparameter.",
            (
                (
                    "the slope chosen on validation data beats 0.01 on test data by half a point",
                    lambda r: gain_of_tuning(r) >= 0.005,
                ),
                (
                    "over slopes from 0.001 to 0.5 test accuracy moves by a point",
                    lambda r: spread(r) >= 0.01,
                ),
            ),
            lambda r: (
                f"Choosing the slope ({best(r):g}) brings {100 * gain_of_tuning(r):+.2f} points over 0.01 (standard error "
                f"{100 * doubt(r):.2f}); from 0.001 to 0.5 accuracy moves by {100 * spread(r):.2f} points."
            ),
        ),
    ),
)
