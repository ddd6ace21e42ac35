"""G2, T3: what is left of the gradient after some layers, and whether such a network trains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rheobase.catalog import catalog
from rheobase.claims._claim import Claim, Experiment, Result, Table, number, percent
from rheobase.claims._data import Array, digits, draw_rows, seeds_of
from rheobase.claims._training import Grid, train_grid
from rheobase.compare._cell import plain
from rheobase.compare._study import ACTIVATIONS
from rheobase.gain import gain, gains
from rheobase.network import Network
from rheobase.plots import Panel, line_panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, DEEPEST, START_RUNS, PROBE = 32, 10, 10, 256
TRAINED, RUNS, EPOCHS, RATES = (1, 2, 4, 6, 8, 10), 3, 30, (0.0003, 0.001, 0.003, 0.01, 0.03)
SCALES = (1, 2, 4, 8, 16, 32, 64)  # of pre-activations
#: The factor of each hidden layer's weights.
INITIAL: dict[str, Callable[[Sequence[str]], list[float]]] = {
    "no gain": lambda names: [1.0] * len(names),
    "gain": lambda names: [gain(name) for name in names],
    "gains": gains,
}
#: The slope as other libraries compute it: from the output y.
FROM_OUTPUT: dict[str, Callable[[Array], Array]] = {
    "sigmoid": lambda y: y * (1 - y),
    "tanh": lambda y: 1 - y * y,
}


def start_with(factors: Sequence[float]) -> Callable[[Network], None]:
    """Return what changes the factors of a new network's hidden layers to these."""

    def prepare(network: Network) -> None:
        own = gains(network.activations)  # what it starts with
        for layer, factor, before in zip(network.layers, factors, own, strict=False):
            layer.weights[...] *= factor / before

    return prepare


def sizes_of(depth: int) -> list[int]:
    return [64, *[WIDTH] * depth, 10]


def at_start(name: str, factors: list[float], X: Array, y: Array, seeds: list[int]) -> list[float]:
    """Return the RMS of the gradient in each hidden layer of new networks, geometric mean over seeds."""
    network = Network(sizes_of(len(factors)), name, replicas=len(seeds), seed=seeds)
    start_with(factors)(network)
    _, current = network.backward(X, y)
    squares = np.array(
        [np.square(g, dtype=np.float64).mean(axis=(1, 2)) for g in current.gradient[:-1]]
    )
    with np.errstate(divide="ignore"):
        return [float(v) for v in np.exp(np.log(squares).mean(axis=1) / 2)]


def zero_shares(name: str, z: Array) -> dict[str, float]:
    """Return the share of float32 pre-activations whose slope is exactly 0, either way to compute it."""
    function = catalog[name]
    return {
        "from the output": float((FROM_OUTPUT[name](function(z)) == 0).mean()),
        "rheobase": float((function.derivative(z) == 0).mean()),
    }


def run(seed: int) -> Result:
    """Gradients at the start, accuracy after training, and exact zeros of the slope."""
    X, y = digits()
    seeds = seeds_of(seed, START_RUNS)
    train_rows, validation, test = draw_rows(len(y), seeds[:RUNS], 1077, 360, 360)
    start: Result = {}
    trained: Result = {}
    zeros: Result = {}
    for kind, factors_of in INITIAL.items():
        start[kind], trained[kind] = {}, {}
        for name in ACTIVATIONS:
            start[kind][name] = [
                plain(at_start(name, factors_of([name] * depth), X[:PROBE], y[:PROBE], seeds))
                for depth in range(1, DEEPEST + 1)
            ]
            trained[kind][name] = []
            for depth in TRAINED:
                grid = train_grid(
                    sizes_of(depth),
                    name,
                    X,
                    y,
                    seeds=seeds[:RUNS],
                    rates=RATES,
                    epochs=EPOCHS,
                    rows=train_rows,
                    prepare=start_with(factors_of([name] * depth)),
                )
                best = int(grid.scores(X, y, validation).mean(axis=0).argmax())
                scores = grid.scores(X, y, test)[:, best]
                trained[kind][name].append(
                    {"learning_rate": RATES[best], "accuracy": float(scores.mean())}
                )
                if depth == DEEPEST and name in FROM_OUTPUT:
                    zeros.setdefault(name, {})[kind] = _in_network(grid, name, X[:PROBE])
    normal = np.random.default_rng(seed).standard_normal(100_000, dtype=np.float32)
    drawn = {
        name: [zero_shares(name, normal * np.float32(scale)) for scale in SCALES]
        for name in FROM_OUTPUT
    }
    return {"start": start, "trained": trained, "zeros": {"drawn": drawn, "trained": zeros}}


def _in_network(grid: Grid, name: str, X: Array) -> dict[str, float]:
    """Over all hidden units of all seeds and rates after training."""
    current = grid.network.forward(X)
    return zero_shares(name, np.concatenate([z.ravel() for z in current.z[:-1]]))


def ratio(result: Result, kind: str, name: str, depth: int = DEEPEST) -> float:
    """Return the gradient in the first hidden layer over that in the last."""
    layers = result["start"][kind][name][depth - 1]
    return float(layers[0] / layers[-1])


def accuracy(result: Result, kind: str, name: str) -> float:
    """Return the test accuracy of the deepest networks."""
    return float(result["trained"][kind][name][-1]["accuracy"])


def best_accuracy(result: Result, name: str) -> float:
    """Return the same under the initialisation that suits the function best."""
    return max(accuracy(result, kind, name) for kind in INITIAL)


def draw(result: Result) -> Figure:
    depths = range(1, DEEPEST + 1)
    words = {"no gain": "no gain", "gain": "rb.gain", "gains": "gains"}
    starts = [
        Panel(
            f"gradient, first / last layer, {words[kind]}",
            "hidden layers",
            {
                name: (depths, [ratio(result, kind, name, depth) for depth in depths])
                for name in ACTIVATIONS
            },
            log="y",
            limits=(1e-6, 4),
        )
        for kind in INITIAL
    ]
    ends = [
        Panel(
            f"test accuracy, {words[kind]}",
            "hidden layers",
            {
                name: (TRAINED, [entry["accuracy"] for entry in result["trained"][kind][name]])
                for name in ACTIVATIONS
            },
            limits=(0, 1.02),
        )
        for kind in INITIAL
    ]
    return line_panels([*starts, *ends])


def tables(result: Result) -> list[Table]:
    drawn, trained = result["zeros"]["drawn"], result["zeros"]["trained"]
    return [
        Table(
            f"{DEEPEST} hidden layers: gradient of the first over the last at the start, and test accuracy.",
            (
                "function",
                *(f"{what}, {kind}" for kind in INITIAL for what in ("ratio", "accuracy")),
            ),
            [
                (
                    name,
                    *(
                        text
                        for kind in INITIAL
                        for text in (
                            number(ratio(result, kind, name), 2),
                            percent(accuracy(result, kind, name), 1),
                        )
                    ),
                )
                for name in ACTIVATIONS
            ],
        ),
        Table(
            "Share of float32 pre-activations whose slope is exactly 0: taken from the output, y(1 − y) and 1 − y², "
            "and as rheobase computes it. *Trained*: all hidden units of the networks of ten layers, at all rates.",
            (
                "pre-activations",
                *(f"{name}, {way}" for name in FROM_OUTPUT for way in ("output", "rheobase")),
            ),
            [
                *(
                    (f"normal, deviation {scale}", *_shares(drawn[name][k] for name in FROM_OUTPUT))
                    for k, scale in enumerate(SCALES)
                ),
                *(
                    (f"trained, {kind}", *_shares(trained[name][kind] for name in FROM_OUTPUT))
                    for kind in INITIAL
                ),
            ],
        ),
    ]


def _shares(entries: Any) -> list[str]:
    return [percent(share, 2) for entry in entries for share in entry.values()]


def _rule(name: str) -> tuple[tuple[str, Callable[[Result], bool]], ...]:
    return (
        (
            "far from 0, on either side, the slope stays under 1 % of its largest (asked only since the second run: T3 says no more)",
            lambda r: None not in catalog[name].facts.saturation,
        ),
        (
            f"over {DEEPEST} layers the gradient falls to a thousandth without a gain",
            lambda r: ratio(r, "no gain", name) <= 1e-3,
        ),
        ("it does so with the function's own gain", lambda r: ratio(r, "gain", name) <= 1e-3),
        (
            "under its best initialisation such a network scores 5 points less than relu under its own",
            lambda r: best_accuracy(r, name) <= best_accuracy(r, "relu") - 0.05,
        ),
    )


def _figures(name: str) -> Callable[[Result], str]:
    return lambda r: (
        f"Over {DEEPEST} layers of {name} the gradient falls to {number(ratio(r, 'no gain', name), 2)} without a gain, "
        f"to {number(ratio(r, 'gain', name), 2)} with `rb.gain` and to {number(ratio(r, 'gains', name), 2)} with "
        f"`gains`; such a network reaches {percent(accuracy(r, 'no gain', name), 1)}, "
        f"{percent(accuracy(r, 'gain', name), 1)} and {percent(accuracy(r, 'gains', name), 1)} (relu at its best "
        f"{percent(best_accuracy(r, 'relu'), 1)})."
    )


EXPERIMENT = Experiment(
    name="depth",
    title="Does the gradient vanish over depth, and does the network fail to train?",
    setup=(
        f"Networks 64-{WIDTH}-…-{WIDTH}-10 with 1 to {DEEPEST} hidden layers on scikit-learn's digits. Weights are "
        "normal with deviation factor/√inputs: *no gain* has the factor 1, *gain* is `rb.gain`, *gains* follows the "
        "variance from layer to layer (`rheobase.gain.gains`; every network starts so elsewhere on this page). At the start: RMS gradient at the pre-activations of "
        f"{PROBE} images, geometric mean of {START_RUNS} seeds. Trained: {EPOCHS} epochs of Adam, {RUNS} seeds, each at "
        f"the best validation rate of {RATES}; 1,077 images to train, 360 to choose, 360 to test."
    ),
    literature=(
        "Hochreiter, *Untersuchungen zu dynamischen neuronalen Netzen* (1991), and Bengio, Simard and Frasconi, "
        "*Learning long-term dependencies with gradient descent is difficult* (1994): gradients shrink "
        "exponentially with the depth. Glorot and Bengio, *Understanding the difficulty of training deep feedforward neural networks* "
        "(2010): sigmoid is unsuited to deep networks with random initialisation, as its mean drives the top hidden "
        "layer into saturation; an initialisation that keeps variances mends much of it for tanh."
    ),
    differs=lambda r: (
        f"With weights that follow the variance, sigmoid's gradient over {DEEPEST} layers falls to "
        f"{number(ratio(r, 'gains', 'sigmoid'), 2)}, so its fall belongs to function *and* initialisation. "
        "Exact zeros are another matter, and mostly one of arithmetic: at a deviation of 16, "
        f"{percent(r['zeros']['drawn']['sigmoid'][4]['from the output'], 1)} of sigmoid's slopes are exactly 0 in "
        f"float32 when they come from the output and {percent(r['zeros']['drawn']['sigmoid'][4]['rheobase'], 1)} when "
        "they come from the input. Glorot and Bengio used SGD and larger images; Adam, here, divides the size of the "
        "gradient out again, so a small gradient alone does not stop it."
    ),
    run=run,
    caption=(
        "Above: the gradient in the first hidden layer over that in the last, at the start. Below: test accuracy "
        "after training. From left to right: weights without a gain, with `rb.gain`, with `gains`."
    ),
    draw=draw,
    tables=tables,
    claims=(
        Claim(
            "G2",
            "For inputs far from 0 sigmoid's slope nears 0; gradients become 0 and the model trains badly.",
            _rule("sigmoid"),
            _figures("sigmoid"),
        ),
        Claim(
            "T3",
            "Far from 0 tanh's slope still nears 0.",
            _rule("tanh"),
            _figures("tanh"),
        ),
    ),
)
