"""G4, E3, S: what exp costs, in the cache, out of it, and in a training step."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from rheobase import _native
from rheobase._errors import require
from rheobase.catalog import catalog
from rheobase.claims._claim import Claim, Experiment, Result, Table, number, percent
from rheobase.claims._data import Array
from rheobase.compare._cost import in_turns
from rheobase.compare._study import ACTIVATIONS
from rheobase.network import Adam, Network
from rheobase.peers import value_run
from rheobase.plots import Panel, line_panels
from rheobase.rows import softmax

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZES = (1 << 10, 1 << 13, 1 << 16, 1 << 20, 1 << 24)  # elements
INSIDE, OUTSIDE = SIZES[1], SIZES[-1]  # 32 KiB, and 64 MiB an array
ROWS = (10, 1000)  # entries of a row of softmax
LEAST = 1 << 18  # elements of one timing
HEAD = "softmax with its loss"
STEPS = {"64-64-64-10": (64, 64, 64, 10), "784-512-512-10": (784, 512, 512, 10)}
BATCH = 32
DEARER, SHARE = 1.5, 0.05


def value_and_backward(name: str, z: Array, out: Array) -> None:
    """Do what a training step does with an activation."""
    catalog[name](z, out=out)
    catalog[name].backward(z, out, out=out)


def softmax_and_backward(z: Array, out: Array) -> None:
    """Do the same with rows."""
    softmax(z, out=out)
    softmax.backward(out, z, out=out)


def each(calls: Mapping[str, Callable[[], object]], times: int) -> dict[str, float]:
    """Return the seconds of each call, taken over so many of them in turn."""

    def repeated(call: Callable[[], object]) -> None:
        for _ in range(times):
            call()

    seconds = in_turns([partial(repeated, call) for call in calls.values()])
    return {name: s / times for name, s in zip(calls, seconds, strict=True)}


def calls_on(z: Array, out: Array) -> dict[str, Callable[[], object]]:
    """Return what is timed on arrays of one size."""
    calls: dict[str, Callable[[], object]] = {
        name: partial(value_and_backward, name, z, out) for name in ACTIVATIONS
    }
    for length in ROWS:
        rows = z.size // length
        parts = (array[: rows * length].reshape(rows, length) for array in (z, out))
        calls[f"softmax, rows of {length}"] = partial(softmax_and_backward, *parts)
    return calls


def per_element(seed: int) -> Result:
    """Nanoseconds an element, on one thread, and outside the caches on all of them."""
    limits = require("study", "threadpoolctl").threadpool_limits
    rng = np.random.default_rng(seed)
    result: Result = {"one thread": {}, "all threads": {}, "SciPy": {}}

    def note(kind: str, calls: Mapping[str, Callable[[], object]], size: int) -> None:
        for name, seconds in each(calls, max(1, LEAST // size)).items():
            of_sizes = result[kind].setdefault(name, {})
            of_sizes[str(size)] = round(1e9 * seconds / size, 4)

    for size in SIZES:
        z = rng.standard_normal(size, dtype=np.float32)
        out = np.empty_like(z)
        note("one thread", calls_on(z, out), size)
        if size in (INSIDE, OUTSIDE):
            others = {name: value_run("scipy", name, [z], out, 1) for name in ACTIVATIONS}
            note("SciPy", {name: call for name, call in others.items() if call}, size)
        if size == OUTSIDE:
            with limits(os.cpu_count()):
                note("all threads", calls_on(z, out), size)
    return result


def of_a_step(seed: int) -> Result:
    """The share of a training step that goes to the activation, or to softmax with its loss."""
    rng = np.random.default_rng(seed)
    result: Result = {}

    def normal(*shape: int) -> Array:
        return rng.standard_normal(shape, dtype=np.float32)

    for shape, sizes in STEPS.items():
        x, y = normal(BATCH, sizes[0]), rng.integers(sizes[-1], size=BATCH)
        layers = [(normal(1, BATCH, n), np.empty((1, BATCH, n), np.float32)) for n in sizes[1:-1]]
        logits, target = normal(1, BATCH, sizes[-1]), y[None]

        def step(network: Network, update: Callable[[], None], x: Array = x, y: Array = y) -> None:
            network.backward(x, y)
            update()

        def functions(name: str, layers: list[tuple[Array, Array]] = layers) -> None:
            for z, out in layers:
                value_and_backward(name, z, out)

        def head(z: Array = logits, target: Array = target) -> None:
            _native.cross_entropy(z, target)
            _native.cross_entropy_backward(z, target, np.float32(1))

        result[shape] = {}
        for name in ACTIVATIONS:
            network = Network(sizes, name, seed=seed)
            update = Adam(1e-3).bind(network.parameters, network.gradients)
            calls: dict[str, Callable[[], object]] = {
                "step": partial(step, network, update),
                name: partial(functions, name),
                HEAD: head,
            }
            seconds = each(calls, 50)
            result[shape][name] = round(seconds[name] / seconds["step"], 4)
            result[shape].setdefault(HEAD, round(seconds[HEAD] / seconds["step"], 4))
    return result


def run(seed: int) -> Result:
    return {"nanoseconds": per_element(seed), "share": of_a_step(seed)}


def times_relu(result: Result, name: str, size: int, kind: str = "one thread") -> float:
    """Return the time of a function over relu's."""
    entry = result["nanoseconds"][kind]
    return float(entry[name][str(size)] / entry["relu"][str(size)])


def points(result: Result, name: str) -> float:
    """Return how much more of a small network's step a function takes than relu."""
    shares = result["share"]["64-64-64-10"]
    return float(shares[name] - shares["relu"])


def draw(result: Result) -> Figure:
    entries = result["nanoseconds"]["one thread"]
    return line_panels(
        [
            Panel(
                "ns an element, value and backward, one thread",
                "elements",
                {name: (SIZES, [of[str(size)] for size in SIZES]) for name, of in entries.items()},
                log="xy",
            )
        ]
    )


def tables(result: Result) -> list[Table]:
    columns = {
        "32 KiB": ("one thread", INSIDE),
        "64 MiB": ("one thread", OUTSIDE),
        "64 MiB, all threads": ("all threads", OUTSIDE),
        "32 KiB, SciPy": ("SciPy", INSIDE),
        "64 MiB, SciPy": ("SciPy", OUTSIDE),
    }
    entries = result["nanoseconds"]
    return [
        Table(
            "Nanoseconds an element, float32 (times relu's in brackets): value and backward, at the end the value alone with "
            "NumPy and SciPy.",
            ("function", *columns),
            [
                (
                    name,
                    *(
                        f"{number(entries[kind][name][str(size)])} ({times_relu(result, name, size, kind):.2f})"
                        if name in entries[kind]
                        else "–"
                        for kind, size in columns.values()
                    ),
                )
                for name in entries["one thread"]
            ],
        ),
        Table(
            f"Share of a training step (batch {BATCH}, Adam) that goes to value and backward of the hidden layers.",
            ("network", *ACTIVATIONS, HEAD),
            [
                (shape, *(percent(shares[name], 1) for name in (*ACTIVATIONS, HEAD)))
                for shape, shares in result["share"].items()
            ],
        ),
    ]


def _claim(id: str, statement: str, name: str, share: Callable[[Result], float]) -> Claim:
    return Claim(
        id,
        statement,
        (
            (
                f"in the cache an element takes {DEARER} times relu's time",
                lambda r: times_relu(r, name, INSIDE) >= DEARER,
            ),
            (
                "it does so out of it, on one thread",
                lambda r: times_relu(r, name, OUTSIDE) >= DEARER,
            ),
            (
                "in the small network it takes 5 percentage points more of a training step",
                lambda r: share(r) >= SHARE,
            ),
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
        "Value and backward of float32 arrays of 2¹⁰ to 2²⁴ elements, the least of several turns in which all functions are "
        "timed after each other; training steps of two networks. Beside it the value as NumPy and SciPy compute it."
    ),
    literature=(
        "Schraudolph, *A fast, compact approximation of the exponential function* (1999): simulations of neural networks "
        "often spend a large part of their time on exponentials, so he made a rough one of a multiplication and an "
        "addition. Clevert et al. (2016): networks with ELU are 5 % slower on ImageNet than with ReLU, as activations have "
        "little influence on the time of training."
    ),
    differs=lambda r: (
        "The price belongs to an implementation: with SciPy sigmoid takes "
        f"{times_relu(r, 'sigmoid', INSIDE, 'SciPy'):.1f} times relu's time in the cache and "
        f"{times_relu(r, 'sigmoid', OUTSIDE, 'SciPy'):.1f} times outside, with rheobase on one thread "
        f"{times_relu(r, 'sigmoid', INSIDE):.1f} and {times_relu(r, 'sigmoid', OUTSIDE):.1f} times, and outside on all "
        f"threads, which share the memory, {times_relu(r, 'sigmoid', OUTSIDE, 'all threads'):.1f} times. In a training step "
        f"sigmoid takes {percent(r['share']['64-64-64-10']['sigmoid'], 1)} (64 units a layer) and "
        f"{percent(r['share']['784-512-512-10']['sigmoid'], 1)} (512 units)."
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
            lambda r: float(r["share"]["64-64-64-10"][HEAD]),
        ),
    ),
    timed=True,
)
