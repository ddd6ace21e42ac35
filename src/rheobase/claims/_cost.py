"""G4, E3, S: what exp costs, in the cache, out of it, and in a training step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from rheobase import _native
from rheobase.catalog import catalog
from rheobase.claims._claim import Claim, Experiment, Result, Table, number, percent
from rheobase.claims._data import Array
from rheobase.compare._cost import in_turns
from rheobase.compare._study import ACTIVATIONS
from rheobase.network import Adam, Network
from rheobase.plots import Panel, line_panels
from rheobase.rows import softmax

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZES = (1 << 10, 1 << 13, 1 << 16, 1 << 20, 1 << 24)  # elements
INSIDE, OUTSIDE = SIZES[1], SIZES[-1]  # 32 KiB, and 64 MiB an array
ROWS = (10, 1000)  # entries of a row of softmax
LEAST = 1 << 18  # elements of one timing
STEPS = {"64-64-64-10": (64, 64, 64, 10), "784-512-512-10": (784, 512, 512, 10)}
BATCH = 32
DEARER, SHARE = 1.5, 0.05


def _repeated(call: Callable[[], object], elements: int) -> tuple[Callable[[], None], int]:
    times = max(1, LEAST // elements)

    def run() -> None:
        for _ in range(times):
            call()

    return run, times * elements


def value_and_backward(name: str, z: Array, out: Array) -> None:
    """Do what a training step does with an activation."""
    catalog[name](z, out=out)
    catalog[name].backward(z, out, out=out)


def plain_numpy(name: str, z: Array) -> None:
    """Evaluate the declared formula with NumPy's functions, which is how most first versions are written."""
    with np.errstate(all="ignore"):
        catalog[name].declaration.formula(np, z, *catalog[name].params.values())


def softmax_and_backward(z: Array, out: Array) -> None:
    """Do the same with rows."""
    softmax(z, out=out)
    softmax.backward(out, z, out=out)


def per_element(seed: int) -> Result:
    """Nanoseconds an element; all functions of a size take turns."""
    rng = np.random.default_rng(seed)
    result: Result = {}
    for size in SIZES:
        z = rng.standard_normal(size, dtype=np.float32)
        out = np.empty_like(z)
        calls: dict[str, Callable[[], object]] = {
            name: partial(value_and_backward, name, z, out) for name in ACTIVATIONS
        }
        for length in ROWS:
            rows = size // length * length
            shaped = (z[:rows].reshape(-1, length), out[:rows].reshape(-1, length))
            calls[f"softmax, rows of {length}"] = partial(softmax_and_backward, *shaped)
        if size in (INSIDE, OUTSIDE):
            calls |= {f"{name}, plain NumPy": partial(plain_numpy, name, z) for name in ACTIVATIONS}
        timed = [_repeated(call, size) for call in calls.values()]
        seconds = in_turns([run for run, _ in timed])
        for name, second, (_, elements) in zip(calls, seconds, timed, strict=True):
            result.setdefault(name, {})[str(size)] = round(1e9 * second / elements, 4)
    return result


def of_a_step(seed: int) -> Result:
    """The share of a training step that goes to the activation, or to softmax with its loss."""
    rng = np.random.default_rng(seed)
    result: Result = {}
    for shape, sizes in STEPS.items():
        x = rng.standard_normal((BATCH, sizes[0]), dtype=np.float32)
        y = rng.integers(sizes[-1], size=BATCH)
        logits = rng.standard_normal((1, BATCH, sizes[-1]), dtype=np.float32)
        target = np.asarray(y)

        def head(logits: Array = logits, target: Array = target) -> None:
            _native.cross_entropy(logits, target)
            _native.cross_entropy_backward(logits, target, np.float32(1))

        result[shape] = {}
        for name in ACTIVATIONS:
            network = Network(sizes, name, seed=seed)
            step = Adam(1e-3).bind(network.parameters, network.gradients)

            def train_step(
                network: Network = network,
                step: Callable[[], None] = step,
                x: Array = x,
                y: Array = y,
            ) -> None:
                network.backward(x, y)
                step()

            layers = [
                (rng.standard_normal((1, BATCH, n), dtype=np.float32), np.empty((1, BATCH, n), np.float32))
                for n in sizes[1:-1]
            ]  # fmt: skip

            def functions(name: str = name, layers: list[tuple[Array, Array]] = layers) -> None:
                for z, out in layers:
                    value_and_backward(name, z, out)

            whole, part, top = in_turns(
                [_repeated(f, LEAST // 50)[0] for f in (train_step, functions, head)]
            )
            result[shape][name] = round(part / whole, 4)
            if name == "relu":
                result[shape]["softmax with its loss"] = round(top / whole, 4)
    return result


def run(seed: int) -> Result:
    return {"nanoseconds": per_element(seed), "share": of_a_step(seed)}


def times_relu(result: Result, name: str, size: int, other: str = "relu") -> float:
    """Return the time of a function over relu's."""
    entry = result["nanoseconds"]
    return float(entry[name][str(size)] / entry[other][str(size)])


def points(result: Result, name: str) -> float:
    """Return how much more of a small network's step a function takes than relu."""
    shares = result["share"]["64-64-64-10"]
    return float(shares[name] - shares["relu"])


def draw(result: Result) -> Figure:
    entries = result["nanoseconds"]
    rows = [f"softmax, rows of {length}" for length in ROWS]
    return line_panels(
        [
            Panel(
                "ns an element, value and backward",
                "elements",
                {
                    name: (SIZES, [entries[name][str(size)] for size in SIZES])
                    for name in ("sigmoid", "tanh", "relu", "elu", *rows)
                },
                log="xy",
            )
        ]
    )


def tables(result: Result) -> list[Table]:
    entries = result["nanoseconds"]
    names = {
        "relu": [*ACTIVATIONS, *(f"softmax, rows of {length}" for length in ROWS)],
        "relu, plain NumPy": [f"{name}, plain NumPy" for name in ACTIVATIONS],
    }
    return [
        Table(
            "Nanoseconds an element on one thread, float32, and the same in relu's. rheobase: value and backward; plain NumPy: "
            "the value of the declared formula.",
            ("function", "32 KiB", "/ relu", "64 MiB", "/ relu"),
            [
                (
                    name,
                    *(
                        text
                        for size in (INSIDE, OUTSIDE)
                        for text in (
                            number(entries[name][str(size)]),
                            f"{times_relu(result, name, size, base):.2f}",
                        )
                    ),
                )
                for base, group in names.items()
                for name in group
            ],
        ),
        Table(
            f"Share of a training step (batch {BATCH}, Adam) that goes to value and backward of the hidden layers.",
            ("network", *ACTIVATIONS, "softmax with its loss"),
            [
                (
                    shape,
                    *(percent(shares[name], 1) for name in (*ACTIVATIONS, "softmax with its loss")),
                )
                for shape, shares in result["share"].items()
            ],
        ),
    ]


def _claim(id: str, statement: str, name: str, share: Callable[[Result], float]) -> Claim:
    return Claim(
        id,
        statement,
        f"in the cache an element takes {DEARER} times relu's time; it does out of it; in the small network it takes 5 percentage "
        "points more of a training step",
        lambda r: (
            times_relu(r, name, INSIDE) >= DEARER,
            times_relu(r, name, OUTSIDE) >= DEARER,
            share(r) >= SHARE,
        ),
        lambda r: (
            f"{name}: {times_relu(r, name, INSIDE):.2f} times relu's time an element in the cache, "
            f"{times_relu(r, name, OUTSIDE):.2f} out of it, {100 * share(r):+.1f} percentage points of a training step."
        ),
    )


EXPERIMENT = Experiment(
    name="cost",
    title="Is exp() expensive?",
    setup=(
        "Value and backward of float32 arrays of 2¹⁰ to 2²⁴ elements on one thread, the least of several turns in which "
        "all functions are timed after each other; training steps of two networks. Beside it what NumPy's own functions "
        "make of the same formula."
    ),
    literature=(
        "Textbooks and course notes call exp expensive without a figure. Schraudolph, *A fast, compact approximation of the exponential function* (1999), "
        "made a rough exp of one multiplication and addition, as it dominated his networks. Clevert et al. (2016) "
        "note that ELU costs a little more than ReLU in a convolutional network."
    ),
    differs=lambda r: (
        f"The price is that of an implementation: of plain NumPy's sigmoid, {times_relu(r, 'sigmoid, plain NumPy', INSIDE, 'relu, plain NumPy'):.1f} times "
        f"its relu in the cache, rheobase leaves {times_relu(r, 'sigmoid', INSIDE):.1f} times; out of the cache, where "
        f"memory sets the pace, {times_relu(r, 'sigmoid', OUTSIDE):.2f} times. In a network of 512 units a layer all "
        "activations together are a small part of a step."
    ),
    run=run,
    caption="Nanoseconds an element for value and backward over the size of the array.",
    draw=draw,
    tables=tables,
    claims=(
        _claim(
            "G4", "Sigmoid's exponential is expensive.", "sigmoid", lambda r: points(r, "sigmoid")
        ),
        _claim("E3", "ELU's exponential is expensive.", "elu", lambda r: points(r, "elu")),
        _claim(
            "S",
            "Softmax takes much computation.",
            f"softmax, rows of {ROWS[0]}",
            lambda r: float(r["share"]["64-64-64-10"]["softmax with its loss"]),
        ),
    ),
    timed=True,
)
