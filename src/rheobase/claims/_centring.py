"""G3, T1: what outputs that are not centred on 0 do to the updates of the weights above them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from rheobase.catalog import catalog
from rheobase.claims._claim import Claim, Experiment, Result, Table, number, percent
from rheobase.claims._data import Array, digits, draw_rows, seeds_of
from rheobase.claims._training import epochs_to, sooner, soonest, train_grid
from rheobase.compare._cell import plain
from rheobase.network import SGD, Network
from rheobase.plots import Panel, line_panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZES, RUNS, TARGET = (64, 32, 32, 10), 5, 0.1  # the target is a mean training loss of an epoch
RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
EPOCHS = {1: 10, 32: 30}  # by batch size
CENTRED = "sigmoid, centred"
#: What is trained: its function, and whether updates are those of outputs minus f(0).
VARIANTS = {
    "sigmoid": ("sigmoid", False),
    CENTRED: ("sigmoid", True),
    "tanh": ("tanh", False),
    "relu": ("relu", False),
    "elu": ("elu", False),
}


class Walk:
    """Plain SGD that measures its way: agreement of signs, length of the path, distance from the start.

    With ``centred`` the step is that of the same network written as z = W(a - f(0)) + c. It starts
    from the same function and has the same functions within reach; only the direction of a step
    differs.
    """

    def __init__(self, centred: bool) -> None:
        self.centred = centred
        self.length: list[Array] = []  # of each epoch, a figure for each replica
        self.distance: list[Array] = []
        self.agreement: list[Array] = []

    def attach(self, network: Network) -> None:
        """Start at the weights that the network has now."""
        self.network, self.origin = network, network.parameters.copy()
        self.weights = np.concatenate(
            [np.repeat([True, False], [n * m, m]) for n, m in pairwise(network.sizes)]
        )
        self.walked = np.zeros(len(self.origin))
        self.signs, self.steps = np.zeros(len(self.origin)), 0

    def at_rates(self, rates: Array) -> Walk:
        """Return itself as an optimiser with these learning rates."""
        self.rates = rates
        return self

    def bind(self, parameters: Array, gradients: Array) -> Callable[[], None]:
        """Return the step."""
        step, before = SGD(self.rates).bind(parameters, gradients), parameters.copy()

        def walk() -> None:
            if self.centred:
                centre_gradients(self.network)
            self.signs += agreement(self.network.layers[1].weights_gradient)
            self.steps += 1
            before[...] = parameters
            step()
            self.walked += _length(parameters - before, self.weights)

        return walk

    def on_epoch(self, _epoch: int, network: Network) -> None:
        """Note where the walk stands."""
        self.length.append(self.walked.copy())
        self.distance.append(_length(network.parameters - self.origin, self.weights))
        self.agreement.append(self.signs / self.steps)


def centre_gradients(network: Network) -> None:
    """Turn the gradients, in place, into the step of a network whose hidden outputs are f - f(0)."""
    for layer, below in zip(network.layers[1:], network.activations, strict=True):
        centre = np.float32(below.facts.at_zero)
        layer.weights_gradient[...] -= centre * layer.bias_gradient
        layer.bias_gradient[...] -= centre * layer.weights_gradient.sum(axis=1, keepdims=True)


def agreement(gradients: Array) -> Array:
    """Return the share of a neuron's weights whose updates have the more frequent sign, mean over neurons.

    ``gradients`` is (replicas, inputs, neurons); weights without an update do not count.
    """
    up, down = (gradients > 0).sum(axis=1), (gradients < 0).sum(axis=1)
    moved = up + down
    share = np.maximum(up, down) / np.maximum(moved, 1)
    return np.asarray((share * (moved > 0)).sum(axis=1) / np.maximum((moved > 0).sum(axis=1), 1))


def _length(steps: Array, which: Array) -> Array:
    return np.asarray(np.sqrt(np.square(steps[:, which], dtype=np.float64).sum(axis=1)))


def measure(variant: str, batch: int, X: Array, y: Array, rows: Array, seeds: list[int]) -> Result:
    """Train at all rates; report the one that reaches the target first."""
    name, centred = VARIANTS[variant]
    walk = Walk(centred)
    grid = train_grid(
        SIZES,
        name,
        X,
        y,
        seeds=seeds,
        rates=RATES,
        epochs=EPOCHS[batch],
        batch_size=batch,
        optimizer=walk.at_rates,
        rows=rows,
        prepare=walk.attach,
        on_epoch=walk.on_epoch,
    )
    epochs = grid.shaped(epochs_to(TARGET, grid.history.loss))
    best = soonest(epochs, grid.shaped(grid.history.loss)[:, :, -1])
    last = np.where(np.isfinite(epochs), np.ceil(epochs), EPOCHS[batch])
    end = last.astype(int)[:, best] - 1
    runs = np.arange(len(seeds)) * len(RATES) + best

    def at_end(records: list[Array]) -> Array:
        return np.asarray(np.stack(records)[end, runs])

    length, distance = at_end(walk.length), at_end(walk.distance)
    return {
        "learning_rate": RATES[best],
        "epochs": plain(np.median(epochs[:, best])),
        "agreement": plain(at_end(walk.agreement).mean()),
        "length": plain(length.mean()),
        "distance": plain(distance.mean()),
        "detour": plain((length / distance).mean()),
        "loss": plain(np.median(grid.shaped(grid.history.loss)[:, best], axis=0)),
    }


def run(seed: int) -> Result:
    """Every variant, sample by sample and in batches of 32."""
    X, y = digits()
    seeds = seeds_of(seed, RUNS)
    (rows,) = draw_rows(len(y), seeds, 1200)
    return {
        str(batch): {
            variant: measure(variant, batch, X, y, rows, seeds)
            | {"mean": float(catalog[name].facts.mean)}
            for variant, (name, _) in VARIANTS.items()
        }
        for batch in EPOCHS
    }


def draw(result: Result) -> Figure:
    return line_panels(
        [
            Panel(
                f"training loss, batches of {batch}",
                "epoch",
                {
                    variant: (range(1, len(entry["loss"]) + 1), entry["loss"])
                    for variant, entry in result[batch].items()
                },
                log="y",
            )
            for batch in result
        ]
    )


def tables(result: Result) -> list[Table]:
    return [
        Table(
            f"Batches of {batch}, up to the epoch whose mean training loss is {TARGET} (or the last).",
            (
                "function",
                "rate",
                "epochs to target",
                "updates of one sign",
                "path",
                "distance",
                "path / distance",
            ),
            [
                (
                    variant,
                    f"{entry['learning_rate']:g}",
                    "never" if entry["epochs"] is None else f"{entry['epochs']:.1f}",
                    percent(entry["agreement"], 1),
                    number(entry["length"]),
                    number(entry["distance"]),
                    number(entry["detour"]),
                )
                for variant, entry in entries.items()
            ],
        )
        for batch, entries in result.items()
    ]


def _epochs(entry: Result) -> str:
    return "never" if entry["epochs"] is None else f"after {entry['epochs']:.1f} epochs"


EXPERIMENT = Experiment(
    name="centring",
    title="Do outputs that are not centred on 0 force the updates into one direction, and does that cost?",
    setup=(
        "Networks 64-32-32-10 on 1,200 of scikit-learn's digits, plain SGD without momentum, sample by sample and in "
        f"batches of 32, {RUNS} seeds, each variant at the rate of {RATES} that reaches a training loss of {TARGET} "
        "first (between two epochs the loss is taken to fall straight). *Updates of one sign*: of the weights of a neuron in the second hidden layer, the share whose update "
        "has the more frequent sign, mean over neurons and steps. *Path*: summed lengths of the steps of all weights. "
        "*sigmoid, centred* is the control: the same sigmoid network from the same start, whose steps are those of "
        "z = W(a − ½) + c, so that nothing but the centring differs."
    ),
    literature=(
        "LeCun, Bottou, Orr and Müller, *Efficient BackProp* (1998), section 4.3: with positive inputs all weights of a "
        "node move up together or down together for one pattern, and a change of direction takes a zigzag. They "
        "advise inputs and hidden outputs with a mean near 0, hence tanh."
    ),
    differs=lambda r: (
        "LeCun et al. argue for single patterns and give no figure. Between sigmoid and tanh more differs than the "
        "centre, so the control matters: in batches of 32 sigmoid reaches the target "
        f"{_epochs(r['32']['sigmoid'])}, with centred updates {_epochs(r['32'][CENTRED])}, tanh "
        f"{_epochs(r['32']['tanh'])}, and relu, whose outputs are not centred either, {_epochs(r['32']['relu'])}."
    ),
    run=run,
    caption="Mean training loss of each epoch, median of the seeds, each variant at its own rate.",
    draw=draw,
    tables=tables,
    claims=(
        Claim(
            "G3",
            "Sigmoid's outputs are not zero-centred; the gradients of a neuron's weights share one sign, so updates go in one direction only.",
            (
                (
                    "sample by sample 99.9 % of sigmoid's updates share a sign",
                    lambda r: r["1"]["sigmoid"]["agreement"] >= 0.999,
                ),
                (
                    "in batches of 32 they agree more than tanh's by 10 points",
                    lambda r: r["32"]["sigmoid"]["agreement"] >= r["32"]["tanh"]["agreement"] + 0.1,
                ),
                (
                    "centring alone reaches the target in a fifth fewer epochs there",
                    lambda r: sooner(r["32"][CENTRED]["epochs"], r["32"]["sigmoid"]["epochs"]),
                ),
            ),
            lambda r: (
                f"{percent(r['1']['sigmoid']['agreement'], 1)} of sigmoid's updates share a sign sample by sample, "
                f"{percent(r['32']['sigmoid']['agreement'], 1)} in batches of 32 (tanh "
                f"{percent(r['32']['tanh']['agreement'], 1)}); the target is reached {_epochs(r['32']['sigmoid'])}, "
                f"with centred updates {_epochs(r['32'][CENTRED])}."
            ),
        ),
        Claim(
            "T1",
            "tanh is zero-centred, which mends that.",
            (
                (
                    "sample by sample at most 75 % of tanh's updates share a sign",
                    lambda r: r["1"]["tanh"]["agreement"] <= 0.75,
                ),
                (
                    "in batches of 32 tanh reaches the target in a fifth fewer epochs than sigmoid",
                    lambda r: sooner(r["32"]["tanh"]["epochs"], r["32"]["sigmoid"]["epochs"]),
                ),
                (
                    "its path / distance is a tenth less",
                    lambda r: r["32"]["tanh"]["detour"] <= 0.9 * r["32"]["sigmoid"]["detour"],
                ),
            ),
            lambda r: (
                f"{percent(r['1']['tanh']['agreement'], 1)} of tanh's updates share a sign sample by sample; in batches "
                f"of 32 it reaches the target {_epochs(r['32']['tanh'])} (sigmoid {_epochs(r['32']['sigmoid'])}), with "
                f"path / distance {number(r['32']['tanh']['detour'])} (sigmoid {number(r['32']['sigmoid']['detour'])})."
            ),
        ),
    ),
)
