"""False alarms and recall of `rheobase.health` on dense networks.

    python benchmarks/health_dense.py [--seeds 2] [--calibration]

Healthy networks are trained properly and reach the stated score on data they have not seen; those that do
not reach it are left out and counted. Ill networks have one known mechanism of illness, and a layer
where it sits; a finding counts if it names a kind and a layer that fit. The thresholds were chosen on seeds
under 4, which --calibration takes, with every false alarm and miss; the figures are those of seeds from 4 on.
Prints Markdown. One core.
"""

from __future__ import annotations

import argparse
import itertools
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from math import sqrt
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

import rheobase as rb
from rheobase.gain import gains
from rheobase.health import LayerStatistics, Report, layer_statistics

BARS = {  # score on unseen data that a healthy network reaches: accuracy, or R² for diabetes
    "digits": 0.93, "breast_cancer": 0.93, "iris": 0.88, "wine": 0.92, "diabetes": 0.3, "noisy": 0.8,
}  # fmt: skip
EPOCHS = {"digits": 25, "breast_cancer": 40, "iris": 120, "wine": 80, "diabetes": 15, "noisy": 25}
ACTIVATIONS = (
    "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "tanh", "sigmoid", "softplus",
    "softsign", "hard_swish", "hard_tanh", "relu6", "lecun_tanh", "celu", "log_sigmoid", "snake",
    "sine", "gaussian", "sparse_plus", "hard_sigmoid",
)  # fmt: skip
PROBE = 256
CALIBRATION = 4  # seeds under it are for calibration
REPLICAS = 4


@dataclass(frozen=True)
class Case:
    """One diagnosed network: the mechanism, or None if it is healthy, and what was found."""

    seed: int
    group: str  # of healthy networks the stage, of ill ones the mechanism
    report: Report
    wanted: tuple[str, ...] = ()
    layer: int | None = None  # where the mechanism sits, from 0; None: anywhere
    about: str = ""

    def hit(self) -> bool:
        """Whether a warning or error names a wanted kind, and where the mechanism sits."""
        return any(
            (finding.kind in self.wanted or "any" in self.wanted)
            and (self.layer is None or finding.layer == f"hidden {self.layer + 1}")
            for finding in self.alarms()
        )

    def alarms(self) -> list[Any]:
        return [finding for finding in self.report.findings if finding.severity != "info"]


@cache
def data(name: str, scaled: bool = True) -> tuple[Any, ...]:
    """Return scaled training and test rows."""
    if name == "noisy":
        X, y = datasets.make_classification(
            1200, 20, n_informative=10, flip_y=0.1, class_sep=1.5, random_state=0
        )
        X = X * np.random.default_rng(0).lognormal(3, 2, 20)  # columns of every unit of measure
    else:
        X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
        if name == "diabetes":
            y = (y - y.mean()) / y.std()
    parts = train_test_split(X, y, test_size=0.25, random_state=0)
    if scaled:
        scaler = StandardScaler().fit(parts[0])
        parts[:2] = [scaler.transform(part) for part in parts[:2]]
    return tuple(np.asarray(p, np.float32 if k < 2 else p.dtype) for k, p in enumerate(parts))


def build(name: str, activations: list[str], width: int, seeds: list[int]) -> rb.Network:
    X, _, y, _ = data(name)
    head, outputs = ("identity", 1) if name == "diabetes" else ("softmax", int(y.max()) + 1)
    sizes = [X.shape[1], *[width] * len(activations), outputs]
    return rb.Network(sizes, activations, head=head, replicas=len(seeds), seed=seeds)


def rescale(network: rb.Network, factors: list[float]) -> None:
    """Give hidden layer k weights of standard deviation factors[k] / sqrt(inputs)."""
    for layer, factor, start in zip(
        network.layers, factors, gains(network.activations), strict=False
    ):
        layer.weights[:] *= factor / start


def fit(
    network: rb.Network, name: str, rate: float, epochs: int | None = None, **more: Any
) -> None:
    X, _, y, _ = data(name, **more)
    with np.errstate(all="ignore"):
        rb.train(network, rb.Adam(rate), X, y, epochs=epochs or EPOCHS[name])


def reports(
    network: rb.Network, name: str, trained: bool | None = None, **more: Any
) -> list[Report]:
    """Diagnose each replica on rows that it was not trained on."""
    _, X, _, y = data(name, **more)
    X, target = network.check(X[:PROBE], y[:PROBE])
    _, now = network.backward(X, target)
    found = []
    for r in range(network.replicas):
        layers: dict[str, LayerStatistics] = {}
        for k, f in enumerate(network.activations):
            arrays = (part[k][r : r + 1] for part in (now.z, now.a, now.gradient))
            layers[f"hidden {k + 1}"] = layer_statistics(f, *arrays)
        found.append(Report(layers, trained=trained))
    return found


def healthy(seeds: range, left_out: dict[str, int]) -> Iterator[Case]:
    """Networks of random shape, function, learning rate and data, at the start and when trained."""
    for seed in seeds:
        rng = np.random.default_rng([seed, 1])
        for name in BARS:
            for activation in ACTIVATIONS:
                depth, width = int(rng.integers(1, 7)), int(rng.choice([16, 32, 64, 128]))
                rate = float(rng.choice([3e-4, 1e-3, 3e-3, 1e-2]))
                replicas = [int(s) for s in rng.integers(2**31, size=REPLICAS)]
                network = build(name, [activation] * depth, width, replicas)
                start = reports(network, name, False)
                fit(network, name, rate)
                scores = network.score(*data(name)[1::2])
                about = f"{name} {activation} {depth}x{width} {rate:g}"
                for before, after, score in zip(
                    start, reports(network, name, True), scores, strict=True
                ):
                    if score < BARS[name]:
                        left_out[f"{name}"] += 1
                        continue
                    yield Case(seed, "at the start", before, about=about)
                    yield Case(seed, "trained", after, about=about)


def estimators(seeds: range, left_out: dict[str, int]) -> Iterator[Case]:
    """`rb.MLPClassifier` and `rb.MLPRegressor` at their defaults and with lbfgs."""
    for seed in seeds:
        rng = np.random.default_rng([seed, 2])
        for name in BARS:
            for solver in ("adam", "lbfgs") * 3:
                X, X_test, y, y_test = data(name)
                hidden = tuple(int(n) for n in rng.choice([16, 50, 100], size=rng.integers(1, 4)))
                activation = str(rng.choice(ACTIVATIONS))
                kind = rb.MLPRegressor if name == "diabetes" else rb.MLPClassifier
                model = kind(
                    hidden_layer_sizes=hidden, activation=activation, solver=solver, random_state=int(rng.integers(2**31)), alpha=0.01,
                    early_stopping=solver == "adam" and name == "diabetes",
                ).fit(X, y)  # fmt: skip
                if model.score(X_test, y_test) < BARS[name]:
                    left_out[f"{name}"] += 1
                    continue
                report = model.health(X_test[:PROBE], y_test[:PROBE])
                yield Case(
                    seed, "estimators", report, about=f"{name} {activation} {hidden} {solver}"
                )


def ill(seeds: range, left_out: dict[str, int]) -> Iterator[Case]:
    """Networks with a known mechanism of illness, most of them trained before it strikes."""
    for seed in seeds:
        rng = np.random.default_rng([seed, 3])
        for name in ("digits", "breast_cancer", "wine", "noisy"):
            yield from _born_ill(seed, name, rng)
            yield from _struck(seed, name, rng)
            yield from _spiked(seed, name, rng, left_out)


def _case(
    network: rb.Network,
    name: str,
    seed: int,
    group: str,
    wanted: str,
    layer: int | None,
    **more: Any,
) -> Iterator[Case]:
    about = f"{name} {network.activations[0].name} {len(network.activations)} deep"
    for report in reports(network, name, **more):
        yield Case(seed, group, report, tuple(wanted.split()), layer, about)


def _seeds(rng: np.random.Generator) -> list[int]:
    return [int(s) for s in rng.integers(2**31, size=REPLICAS)]


def _born_ill(seed: int, name: str, rng: np.random.Generator) -> Iterator[Case]:
    # three layers at a tenth of the scale train well
    depth, width = int(rng.integers(4, 8)), int(rng.choice([16, 32, 64]))
    for f in ("relu", "tanh", "gelu", "elu"):
        network = build(name, [f] * depth, width, _seeds(rng))
        rescale(network, [0.1 * rb.gain(f)] * depth)
        yield from _case(network, name, seed, "initial scale too small (× 0.1)", "vanishing", 0)
    for f in ("relu", "leaky_relu", "elu", "softplus"):
        network = build(name, [f] * depth, width, _seeds(rng))
        rescale(network, [10 * rb.gain(f)] * depth)
        yield from _case(network, name, seed, "initial scale too large (× 10)", "exploding", 0)
    for f in ("tanh", "softsign", "sigmoid", "hard_tanh"):
        network = build(name, [f] * depth, width, _seeds(rng))
        rescale(network, [30 * rb.gain(f)] * depth)
        yield from _case(
            network, name, seed, "scale too large, bounded function (× 30)", "saturated", None
        )
    deep = int(rng.integers(5, 11))
    network = build(name, ["sigmoid"] * deep, width, _seeds(rng))
    rescale(network, [1.0] * deep)
    yield from _case(network, name, seed, "deep sigmoid stack, scale 1/√n", "vanishing", 0)


def _struck(seed: int, name: str, rng: np.random.Generator) -> Iterator[Case]:
    depth, width = int(rng.integers(1, 5)), int(rng.choice([16, 32, 64, 128]))
    place = int(rng.integers(depth))

    def trained(f: str) -> tuple[rb.Network, float]:
        """Return a network and the largest pre-activation of the layer that is to be struck."""
        network = build(name, [f] * depth, width, _seeds(rng))
        fit(network, name, 1e-3, epochs=5)
        return network, float(np.abs(network.forward(data(name)[1]).z[place]).max())

    for f in ("relu", "relu6", "hard_swish", "sparse_plus"):
        for group, units in (("whole layer", width), ("9 of 10 units", round(0.9 * width))):
            network, size = trained(f)
            network.layers[place].bias[..., :units] = -max(10, size)
            yield from _case(network, name, seed, f"bias far below 0, {group}", "dead", place)
    for f in ("gelu", "silu", "softplus", "sigmoid"):
        network, size = trained(f)
        network.layers[place].bias[..., : round(0.9 * width)] = -max(20, 2 * size)
        yield from _case(
            network, name, seed, "switched off, 9 of 10 units", "dormant constant", place
        )
    for f in ("relu", "tanh", "gelu", "elu"):
        network, _ = trained(f)
        network.layers[place].weights[:] = 0
        network.layers[place].bias[:] = 0.1
        yield from _case(network, name, seed, "weights 0", "constant", place)
        network, _ = trained(f)
        network.layers[place].weights[:, 0, 0] = np.nan
        yield from _case(network, name, seed, "a weight is NaN", "non-finite", place)
    if name != "digits":  # whose pixels are of one size
        for f in ("tanh", "sigmoid", "softsign"):
            network = build(name, [f] * depth, width, _seeds(rng))
            yield from _case(
                network, name, seed, "inputs not scaled", "saturated constant", 0, scaled=False
            )
            fit(network, name, 1e-3, epochs=10, scaled=False)
            yield from _case(
                network,
                name,
                seed,
                "inputs not scaled, trained",
                "saturated constant",
                0,
                scaled=False,
            )


def _spiked(
    seed: int, name: str, rng: np.random.Generator, left_out: dict[str, int]
) -> Iterator[Case]:
    """Trained, then an epoch at a huge rate, then trained on; ill are those that do not recover."""
    depth, width = int(rng.integers(1, 5)), int(rng.choice([16, 32, 64, 128]))
    _, X, _, y = data(name)
    chance = float(np.unique(y, return_counts=True)[1].max() / len(y))
    for f in ("relu", "tanh", "elu", "gelu"):
        network = build(name, [f] * depth, width, _seeds(rng))
        for rate, epochs in ((1e-3, 10), (100.0, 1), (1e-3, 10)):
            fit(network, name, rate, epochs)
        scores = network.score(X, y)
        for report, score in zip(reports(network, name, True), scores, strict=True):
            about = f"{name} {f} {depth} deep, score {score:.2f}"
            if score >= BARS[name]:
                left_out["recovered from a spike"] += 1
            elif score >= (chance + BARS[name]) / 2:
                group = "learning-rate spike, score below the bar"
                yield Case(seed, group, report, ("any",), None, about)
            else:
                group = "learning-rate spike, score less than halfway from chance to the bar"
                yield Case(seed, group, report, ("any",), None, about)


def wilson(hits: int, n: int) -> str:
    """A share with its 95 % interval."""
    if not n:
        return "–"
    z, p = 1.959964, hits / n
    middle, half = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = ((middle + sign * half) / (1 + z * z / n) for sign in (-1, 1))
    return f"{p:.1%} ({max(low, 0):.1%} to {min(high, 1):.1%})"


def print_table(title: str, cases: list[Case], counts: Callable[[Case], bool]) -> None:
    """Print the share of the cases that count, in each group and of all."""
    print(f"\n| {title} | kind | share | n |\n|---|---|---|---|")
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.group].append(case)
    for group, members in [*groups.items(), ("all", cases)]:
        kinds = " or ".join(members[0].wanted) if group != "all" else ""
        share = wilson(sum(map(counts, members)), len(members))
        print(f"| {group} | {kinds} | {share} | {len(members)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--calibration", action="store_true")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    start = 0 if chosen.calibration else CALIBRATION
    seeds, left_out = range(start, start + chosen.seeds), defaultdict(int)
    with threadpool_limits(1):
        sick = list(ill(seeds, left_out))
        well = [*healthy(seeds, left_out), *estimators(seeds, left_out)]
    if chosen.calibration:
        for case in [*filter(Case.alarms, well), *itertools.filterfalse(Case.hit, sick)]:
            found = [(f.kind, f.layer, dict(f.evidence)) for f in case.alarms()]
            print("wrong:", case.group, case.about, found)
    print_table("ill: mechanism", sick, Case.hit)
    print_table("healthy: with a warning", well, lambda case: bool(case.alarms()))
    print("\nLeft out:", ", ".join(f"{key} {n}" for key, n in left_out.items()))


if __name__ == "__main__":
    main()
