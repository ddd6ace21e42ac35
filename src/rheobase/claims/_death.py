"""R5, L2: units and whole networks that no sample activates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from rheobase.claims._claim import Claim, Experiment, Result, Table, percent
from rheobase.claims._data import Array, digits, draw_rows, seeds_of
from rheobase.claims._training import Grid, finite_mean, momentum, train_grid
from rheobase.compare._cell import plain
from rheobase.network import Adam, Network
from rheobase.plots import Panel, line_panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FUNCTIONS = ("relu", "leaky_relu", "elu")
SIZES, RUNS, EPOCHS = (64, 64, 64, 10), 5, 30
RATES, BIASES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0), (-2.0, -1.0, 0.0, 1.0)
WIDTHS, LAYERS, NETWORKS = (2, 3, 5, 10), 10, 300  # LAYERS of weights: nine hidden layers
POINTS, ABS_EPOCHS = 512, 60
LU = {2: "over 90 %", 3: "about 60 %", 5: "over 10 %", 10: "under 1 %"}


def start_at(bias: float) -> Callable[[Network], None]:
    """Return what sets every hidden bias of a network."""

    def prepare(network: Network) -> None:
        for layer in network.layers[:-1]:
            layer.bias[...] = bias

    return prepare


def silent(grid: Grid, X: Array, rows: Array) -> Array:
    """Return the share of hidden units with z <= 0 on every row, shape (seeds, rates)."""
    current = grid.network.forward(np.repeat(X[rows], len(grid.rates), axis=0))
    shares = [(z <= 0).all(axis=1).mean(axis=1) for z in current.z[:-1]]
    return grid.shaped(np.mean(shares, axis=0))


def units(seed: int) -> Result:
    """Dead and silent units on the digits, over learning rates and starting biases."""
    X, y = digits()
    seeds = seeds_of(seed, RUNS)
    rows, test = draw_rows(len(y), seeds, 1200, 360)
    result: Result = {}
    for name in FUNCTIONS:
        result[name] = {}
        for bias in BIASES:
            grid = train_grid(
                SIZES,
                name,
                X,
                y,
                seeds=seeds,
                rates=RATES,
                epochs=EPOCHS,
                optimizer=momentum,
                rows=rows,
                probe=rows,
                prepare=start_at(bias),
            )
            dead = grid.shaped(grid.history.dead.mean(axis=1))
            result[name][f"{bias:g}"] = {
                "dead at first": plain(finite_mean(dead[:, :, 0])),
                "dead": plain(finite_mean(dead[:, :, -1])),
                "silent": plain(silent(grid, X, rows).mean(axis=0)),
                "accuracy": plain(grid.scores(X, y, test).mean(axis=0)),
            }
    return result


def span(network: Network, x: Array) -> Array:
    """Return the range of each network's outputs."""
    return np.asarray(np.ptp(network.logits(x)[:, :, 0], axis=1))


def networks(seed: int) -> Result:
    """Share of dead networks when drawn and of constant ones after training on |x|."""
    x = np.random.default_rng([seed, 4]).uniform(-np.sqrt(3), np.sqrt(3), (POINTS, 1))
    x = x.astype(np.float32)
    y = np.abs(x)
    born: list[Array] = []
    result: Result = {name: [] for name in FUNCTIONS}
    for name in FUNCTIONS:
        for width in WIDTHS:
            born.clear()
            grid = train_grid(
                [1, *[width] * (LAYERS - 1), 1],
                name,
                x,
                y,
                seeds=seeds_of(seed, NETWORKS),
                rates=(0.001,),
                epochs=ABS_EPOCHS,
                optimizer=Adam,
                head="identity",
                prepare=lambda network: born.append(span(network, x) == 0),
            )
            result[name].append(
                {
                    "width": width,
                    "at first": float(born[0].mean()),
                    "trained": float((span(grid.network, x) < 0.01 * np.ptp(y)).mean()),
                }
            )
    return result


def run(seed: int) -> Result:
    return {"units": units(seed), "networks": networks(seed)}


def cells(result: Result, name: str) -> Iterator[tuple[float, float, float]]:
    """Yield dead share, silent share and accuracy of each rate and bias at which not all runs diverged."""
    for entry in result["units"][name].values():
        for dead, quiet, accuracy in zip(
            entry["dead"], entry["silent"], entry["accuracy"], strict=True
        ):
            if dead is not None:
                yield dead, quiet, accuracy


def best(result: Result, name: str, bias: str = "0") -> int:
    """Return the number of the rate with the best test accuracy."""
    accuracy = result["units"][name][bias]["accuracy"]
    return max(range(len(RATES)), key=lambda k: accuracy[k])


def most_dead(result: Result) -> float:
    """Return the largest dead share of relu within a tenth of the best accuracy."""
    everything = list(cells(result, "relu"))
    top = max(accuracy for *_, accuracy in everything)
    return max(dead for dead, _, accuracy in everything if accuracy >= 0.9 * top)


def worst(result: Result, name: str, which: int) -> float:
    """Return the largest dead (0) or silent (1) share."""
    return max(cell[which] for cell in cells(result, name))


def share(result: Result, name: str, width: int, when: str = "trained") -> float:
    """Return the share of constant networks."""
    return float(result["networks"][name][WIDTHS.index(width)][when])


def draw(result: Result) -> Figure:
    return line_panels(
        [
            *(
                Panel(
                    f"{what} of relu, by starting bias",
                    "learning rate",
                    {
                        f"bias {bias}": (RATES, entry[key])
                        for bias, entry in result["units"]["relu"].items()
                    },
                    log="x",
                )
                for what, key in (("dead units", "dead"), ("test accuracy", "accuracy"))
            ),
            Panel(
                "constant networks for |x|",
                "width of the nine hidden layers",
                {
                    name: (WIDTHS, [entry["trained"] for entry in entries])
                    for name, entries in result["networks"].items()
                },
            ),
        ]
    )


def tables(result: Result) -> list[Table]:
    of_bias = result["units"]
    return [
        Table(
            f"Dead units of relu after {EPOCHS} epochs, mean over {RUNS} seeds (test accuracy in brackets).",
            ("starting bias", *(f"rate {rate:g}" for rate in RATES)),
            [
                (
                    bias,
                    *(
                        "diverged" if d is None else f"{percent(d, 1)} ({percent(a)})"
                        for d, a in zip(entry["dead"], entry["accuracy"], strict=True)
                    ),
                )
                for bias, entry in of_bias["relu"].items()
            ],
        ),
        Table(
            "The same of leaky_relu, whose slope is 0 nowhere: units that no training sample takes above 0.",
            ("starting bias", *(f"rate {rate:g}" for rate in RATES)),
            [
                (
                    bias,
                    *(
                        "diverged" if d is None else f"{percent(s, 1)} ({percent(a)})"
                        for d, s, a in zip(
                            *(entry[k] for k in ("dead", "silent", "accuracy")), strict=True
                        )
                    ),
                )
                for bias, entry in of_bias["leaky_relu"].items()
            ],
        ),
        Table(
            f"Share of {NETWORKS} networks of {LAYERS} layers : dead when drawn, and constant after training on |x|.",
            (
                "width",
                "Lu et al.",
                *(f"{name}, {when}" for name in FUNCTIONS for when in ("drawn", "trained")),
            ),
            [
                (
                    str(width),
                    LU[width],
                    *(
                        percent(share(result, name, width, when), 1)
                        for name in FUNCTIONS
                        for when in ("at first", "trained")
                    ),
                )
                for width in WIDTHS
            ],
        ),
    ]


def _dead_at_best(result: Result) -> float:
    return float(result["units"]["relu"]["0"]["dead"][best(result, "relu")])


EXPERIMENT = Experiment(
    name="death",
    title="Do ReLU units die, and does a slope on the negative side keep them alive?",
    setup=(
        f"*Units*: networks 64-64-64-10 on 1,200 of scikit-learn's digits (360 to test), SGD with momentum 0.9, {EPOCHS} "
        f"epochs, {RUNS} seeds, rates {RATES}, all hidden biases starting at {BIASES}. A unit is *dead* when all 1,200 "
        "training images fall where the slope is exactly 0. *Networks*: nine hidden layers of width 2, 3, 5 or 10 "
        f"learn |x| on {POINTS} points in [−√3, √3] from weights by the gain of each function (He's for relu) and biases 0, Adam at 0.001, "
        f"{ABS_EPOCHS} epochs in batches of 32, {NETWORKS} networks each. One is *dead* when drawn if its output "
        "is the same for all points to the last bit, and *constant* after training if its outputs span less than 1 % of what is "
        "wanted."
    ),
    literature=(
        "Lu, Shin, Su and Karniadakis, *Dying ReLU and initialization: theory and numerical examples* (arXiv:1903.06733, "
        "2019; Communications in Computational Physics 28, 2020): of 1,000 networks of ten layers and width 2 that "
        "learn |x| more than 90 % end constant, though two units would do; at width 10 the probability is under 1 %, at "
        "5 over 10 %, at 3 about 60 %. Maas, Hannun and Ng, *Rectifier nonlinearities improve neural network acoustic "
        "models* (2013), proposed the leaky unit."
    ),
    differs=lambda r: (
        f"Constant after training here: {percent(share(r, 'relu', 2))} of the networks of width 2, "
        f"{percent(share(r, 'relu', 3))} of width 3, {percent(share(r, 'relu', 5))} of width 5 and "
        f"{percent(share(r, 'relu', 10), 1)} of width 10; dead when drawn were "
        f"{percent(share(r, 'relu', 2, 'at first'))}, {percent(share(r, 'relu', 3, 'at first'))}, "
        f"{percent(share(r, 'relu', 5, 'at first'))} and {percent(share(r, 'relu', 10, 'at first'), 1)}, so it is mostly the "
        "draw that decides. Training may also flatten a network that was alive, and our limit of 1 % counts those. In networks of ordinary shape death takes a "
        "large rate or a negative bias: at relu's best rate and bias 0 "
        f"{percent(_dead_at_best(r), 1)} of the units are dead."
    ),
    run=run,
    caption="Left and middle: relu's dead units and test accuracy. Right: share of deep narrow networks that are constant after training.",
    draw=draw,
    tables=tables,
    claims=(
        Claim(
            "R5",
            "On the negative side every output of ReLU is 0: units can die.",
            (
                (
                    "somewhere on the grid, at 90 % of the best accuracy or more, 5 % of relu's units are dead",
                    lambda r: most_dead(r) >= 0.05,
                ),
                ("so they are at its best rate with bias 0", lambda r: _dead_at_best(r) >= 0.05),
                (
                    "half of the networks of width 2 end constant",
                    lambda r: share(r, "relu", 2) >= 0.5,
                ),
            ),
            lambda r: (
                f"Up to {percent(most_dead(r), 1)} of relu's units are dead where training still "
                f"works, {percent(_dead_at_best(r), 1)} at the best rate with bias 0; {percent(share(r, 'relu', 2))} of "
                "the networks of width 2 end constant."
            ),
        ),
        Claim(
            "L2",
            "Leaky ReLU's slope is 0 nowhere: no dead units.",
            (
                (
                    "no leaky_relu unit is dead anywhere on the grid",
                    lambda r: worst(r, "leaky_relu", 0) == 0,
                ),
                (
                    "at width 2 at most half as many networks end constant as with relu",
                    lambda r: share(r, "leaky_relu", 2) <= 0.5 * share(r, "relu", 2),
                ),
            ),
            lambda r: (
                f"{percent(worst(r, 'leaky_relu', 0), 1)} of leaky_relu's units are dead at most, "
                f"though up to {percent(worst(r, 'leaky_relu', 1), 1)} stay below 0 for every sample; "
                f"{percent(share(r, 'leaky_relu', 2))} of its networks of width 2 end constant, of relu's "
                f"{percent(share(r, 'relu', 2))}."
            ),
        ),
    ),
)
