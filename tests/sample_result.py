"""A result as ``compare`` gives it, made up but of real size: 5 activations, 10 seeds, 30 epochs."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from rheobase.compare._words import in_words, say, worded

ACTIVATIONS = {"elu": 0.976, "leaky_relu": 0.974, "relu": 0.973, "tanh": 0.969, "sigmoid": 0.958}
LEARNING_RATES = [0.0003, 0.001, 0.003, 0.01, 0.03]
SEEDS, EPOCHS = 10, 30
CLAIMS = [
    (
        "G2",
        "holds in part",
        say("gradient_and_scores", ratio=0.34, saturated=0.21, sigmoid=0.958, relu=0.973),
    ),
    ("R3", "does not hold here", say("epochs_to_target", relu=5.0, sigmoid=None, tanh=5.0)),
    ("R5", "holds", say("relu_dead", dead=0.08)),
    ("L2", "not tested", say("no_part", who=["leaky_relu"])),
]


def _curves(rng: np.random.Generator, final: float, speed: float, seeds: int) -> tuple[Any, Any]:
    epochs = np.arange(1, EPOCHS + 1)
    noise = rng.normal(0, 0.004, (seeds, EPOCHS))
    score = final - (final - 0.1) * np.exp(-speed * epochs) + noise
    loss = 2.3 * np.exp(-speed * epochs) + 0.002 + np.abs(noise)
    return np.round(score, 5).tolist(), np.round(loss, 6).tolist()


def _layers(rng: np.random.Generator, ends: Any) -> list[list[float]]:
    """Layer by epoch values that grow or shrink to ``ends``, each a little off its course."""
    growth = np.linspace(0, 1, EPOCHS)
    return [(end * growth * rng.uniform(0.9, 1.1, EPOCHS)).tolist() for end in ends]


def _activation(
    rng: np.random.Generator, name: str, final: float, seeds: int = SEEDS, layers: int = 2
) -> dict[str, Any]:
    validation, loss = _curves(rng, final, 0.12 if name == "sigmoid" else 0.5, seeds)
    scores = np.round(final + rng.normal(0, 0.004, seeds), 4)
    mean, spread = float(scores.mean()), 0.0025
    depth = np.linspace(1, 0.5, layers)
    dead = 0.08 if name == "relu" else 0.0
    saturated = {"sigmoid": 0.21, "tanh": 0.17, "elu": 0.09}.get(name, 0.0)
    centre = {"sigmoid": 0.47, "tanh": -0.02, "elu": 0.21}.get(name, 0.44)
    return {
        "name": name,
        "label": name,
        "params": {"alpha": 1.0} if name == "elu" else {},
        "gain": 1.2,
        "learning_rate": 0.03 if name == "sigmoid" else 0.003,
        "learning_rate_at_edge": name == "sigmoid",
        "scores": scores.tolist(),
        "mean": mean,
        "interval": [mean - spread, mean + spread],
        "diverged": 0,
        "epochs_to_target": {
            "median": 16.0 if name == "sigmoid" else 5.0,
            "reached": seeds,
            "of": seeds,
        },
        "target": 0.9,
        "dead": dead,
        "saturated": saturated,
        "mean_output": centre,
        "gradient_ratio": 0.34 if name == "sigmoid" else 0.91,
        "cost": {"nanoseconds": 0.35, "relative_to_relu": 1.2, "share_of_step": 0.04},
        "learning_rate_scores": [
            {
                "learning_rate": rate,
                "validation": final - 0.02 * abs(np.log10(rate / 0.003)),
                "diverged": 0,
            }
            for rate in LEARNING_RATES
        ],
        "history": {"train_loss": loss, "validation": validation},
        "health": {
            "layers": [f"hidden {k + 1}" for k in range(layers)],
            "dead": _layers(rng, dead * depth),
            "saturated": _layers(rng, saturated * depth),
            "mean_output": _layers(rng, centre * depth),
            "gradient_rms": [
                (
                    0.02 * np.exp(-k * np.linspace(0, 1, EPOCHS)) * rng.uniform(0.9, 1.1, EPOCHS)
                ).tolist()
                for k in np.linspace(3, 4, layers)
            ],
        },
    }


def _pair(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    difference = first["mean"] - second["mean"]
    verdict = "better" if difference > 0.008 else "practically equal"
    return {
        "first": first["label"],
        "second": second["label"],
        "difference": difference,
        "interval": [difference - 0.003, difference + 0.003],
        "superiority": 0.95 if verdict == "better" else 0.55,
        "p": 0.002 if verdict == "better" else 0.31,
        "p_holm": 0.02 if verdict == "better" else 1.0,
        "verdict": verdict,
    }


def sample_result() -> dict[str, Any]:
    """Return the sample; every call gives a fresh, equal one."""
    rng = np.random.default_rng(7)
    activations = [_activation(rng, name, final) for name, final in ACTIVATIONS.items()]
    equal = ["leaky_relu", "relu", "tanh"]
    return {
        "rheobase": "0.1.0",
        "created": "2026-11-23T10:00:00+00:00",
        "command": "rheobase compare",
        "seconds": 23.4,
        "machine": {
            "processor": "Example CPU @ 2.50GHz",
            "cores": 2,
            "python": "3.12.1",
            "numpy": "2.4.0",
            "packages": {"scipy": "1.17.0", "scikit-learn": "1.8.0", "joblib": "1.5.3"},
            "blas": "scipy-openblas 0.3.30",
            "isa": "v4",
        },
        "data": {
            "name": "digits",
            "rows": 1797,
            "features": 64,
            "task": "classification",
            "classes": [str(digit) for digit in range(10)],
            "target": "y",
            "parts": {"train": 1077, "validation": 360, "test": 360},
            "groups": None,
            "time_ordered": False,
            "cv": False,
            "weighted": False,
            "notes": ["12 missing values in column age filled with the training rows' median"],
            "said": [{"key": "filled", "values": 12, "column": "age"}],
        },
        "settings": {
            "hidden": [64, 64],
            "seeds": list(range(SEEDS)),
            "epochs": EPOCHS,
            "batch_size": 32,
            "learning_rates": LEARNING_RATES,
            "solver": "adam",
            "layer_norm": False,
            "make": None,
            "metric": "accuracy",
            "equivalence": None,
            "optimizer": "adam",
            "dtype": "float32",
            "initialisation": "normal, gain 1/sqrt(E f'(z)^2) of each activation at its layer's variance",
        },
        "verdict": worded(
            [
                say(
                    "leads",
                    best="elu",
                    shown=[("better", ["sigmoid"]), ("practically equal", equal)],
                ),
                say("against", best="elu", shown=[("better", ["sigmoid"])]),
                say("against", best="elu", shown=[("practically equal", equal)]),
                say("others", winners={name: ["sigmoid"] for name in equal}),
                say("basis", seeds=SEEDS, pairs=10, level=0.05, margin=0.01),
            ]
        ),
        "statistics": {
            "level": 0.05,
            "equivalence": 0.01,
            "overlap": 360 / 1077,
            "seeds_needed": 9,
        },
        "activations": activations,
        "pairs": [_pair(*pair) for pair in combinations(activations, 2)],
        "claims": [
            {
                "id": number,
                "statement": in_words(say(number)),
                "verdict": verdict,
                "figure": in_words(said),
                "said": said,
            }
            for number, verdict, said in CLAIMS
        ],
    }


def large_result(layers: int) -> dict[str, Any]:
    """Return a sample of 20 functions and 30 seeds, whose numbers all differ, as measured ones do."""
    rng = np.random.default_rng(7)
    result = sample_result()
    names = list(ACTIVATIONS)
    activations = [_activation(rng, name, ACTIVATIONS[name], 30, layers) for name in names * 4]
    for k, entry in enumerate(activations):
        entry["label"] = f"{entry['name']}_{k}"
    activations.sort(key=lambda entry: -entry["mean"])
    result["settings"] |= {"seeds": list(range(30)), "hidden": [64] * layers}
    pairs = [_pair(*pair) for pair in combinations(activations, 2)]
    return result | {"activations": activations, "pairs": pairs}
