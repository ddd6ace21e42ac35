"""A result as ``compare`` gives it, made up but of real size: 5 activations, 10 seeds, 30 epochs."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

ACTIVATIONS = {"elu": 0.976, "leaky_relu": 0.974, "relu": 0.973, "tanh": 0.969, "sigmoid": 0.958}
LEARNING_RATES = [0.0003, 0.001, 0.003, 0.01, 0.03]
SEEDS, EPOCHS = 10, 30


def _curves(rng: np.random.Generator, final: float, speed: float) -> tuple[Any, Any]:
    epochs = np.arange(1, EPOCHS + 1)
    noise = rng.normal(0, 0.004, (SEEDS, EPOCHS))
    score = final - (final - 0.1) * np.exp(-speed * epochs) + noise
    loss = 2.3 * np.exp(-speed * epochs) + 0.002 + np.abs(noise)
    return np.round(score, 5).tolist(), np.round(loss, 6).tolist()


def _activation(rng: np.random.Generator, name: str, final: float) -> dict[str, Any]:
    validation, loss = _curves(rng, final, 0.12 if name == "sigmoid" else 0.5)
    scores = np.round(final + rng.normal(0, 0.004, SEEDS), 4)
    mean, spread = float(scores.mean()), 0.0025
    growth = np.linspace(0, 1, EPOCHS)
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
        "epochs_to_target": {"median": 16.0 if name == "sigmoid" else 5.0, "reached": 10, "of": 10},
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
            "layers": ["hidden 1", "hidden 2"],
            "dead": [(dead * growth).tolist(), (dead * growth / 2).tolist()],
            "saturated": [(saturated * growth).tolist(), (saturated * growth**2).tolist()],
            "mean_output": [(centre * (1 - growth / 3)).tolist(), (centre * growth).tolist()],
            "gradient_rms": [(0.02 * np.exp(-k * growth)).tolist() for k in (3, 4)],
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
            "notes": ["12 missing values in column age were filled with the median"],
        },
        "settings": {
            "hidden": [64, 64],
            "seeds": list(range(SEEDS)),
            "epochs": EPOCHS,
            "batch_size": 32,
            "learning_rates": LEARNING_RATES,
            "metric": "accuracy",
            "equivalence": None,
            "optimizer": "adam",
            "dtype": "float32",
            "initialisation": "normal, gain 1/sqrt(E f'^2) per activation",
        },
        "verdict": {
            "headline": "elu, leaky_relu, relu and tanh are practically equal; sigmoid is behind.",
            "details": [
                "elu has the highest mean accuracy, 0.976 (95 % interval 0.973 to 0.978).",
                "sigmoid scores 0.018 less than elu (p = 0.02 after Holm's correction).",
                "No run diverged.",
            ],
        },
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
                "id": "G2",
                "statement": "Sigmoid's slope nears zero for large inputs, and training suffers.",
                "verdict": "holds in part",
                "figure": "The first hidden layer's gradient is 0.34 of the last one's; the network "
                "still reaches 0.958.",
            },
            {
                "id": "R3",
                "statement": "ReLU is cheap and converges faster than sigmoid and tanh.",
                "verdict": "does not hold here",
                "figure": "relu reaches 0.9 after 5 epochs, tanh after 5, sigmoid after 16.",
            },
            {
                "id": "R5",
                "statement": "ReLU units can die.",
                "verdict": "holds",
                "figure": "8 % of relu's hidden units are dead at the end.",
            },
            {
                "id": "L3",
                "statement": "The slope on the negative side is one more hyperparameter.",
                "verdict": "not tested",
                "figure": "Only negative_slope = 0.01 was run.",
            },
        ],
    }
