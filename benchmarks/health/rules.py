"""The rules of other tools, written anew from what they publish: those that look at activations and gradients.

Thresholds are the published defaults. An alarm is a layer and a kind in rheobase's words; the layer of a
rule about gradients is that of the weights.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .record import Array, Layer, Step

Alarm = tuple[str, str]
SIGMOIDAL = ("tanh", "sigmoid")


def _owner(weights: str) -> str:
    return weights.rpartition(".")[0]


class SageMaker:
    """Amazon SageMaker Debugger, list of built-in rules."""

    initialisation = False

    def __init__(self) -> None:
        self.alarms: set[Alarm] = set()

    def see(self, step: Step, number: int, epoch: bool) -> None:
        for layer in step.layers:
            self.alarms |= set(self._layer(layer))
        for name, g in step.gradients.items():
            if not np.isfinite(g).all():  # ExplodingTensor: NaN or infinity
                self.alarms.add((_owner(name), "non-finite"))
            elif abs(g).mean() < 1e-7:  # VanishingGradient: mean |g| under 1e-7
                self.alarms.add((_owner(name), "vanishing"))
        if self.initialisation and number < 10:
            self.alarms |= set(_poor_initialisation(step))

    def _layer(self, layer: Layer) -> Iterator[Alarm]:
        if not np.isfinite(layer.a).all():
            yield layer.name, "non-finite"
        elif layer.kind == "relu":  # DeadRelu: over 50 % of the units active on under 1 %
            if ((layer.a > 0).mean(0) < 0.01).mean() > 0.5:
                yield layer.name, "dead"
        elif layer.kind in SIGMOIDAL:  # SaturatedActivation: the same of inputs within the limits
            low, high = (-9.4999, 9.4999) if layer.kind == "tanh" else (-23, 16.99999)
            if (((layer.z > low) & (layer.z < high)).mean(0) < 0.01).mean() > 0.5:
                yield layer.name, "saturated"

    def finish(self, losses: list[float], accuracies: list[float]) -> set[Alarm]:
        return self.alarms


class SageMakerInitialisation(SageMaker):
    """With PoorWeightInitialization, which any of its conditions sets off."""

    initialisation = True


def _poor_initialisation(step: Step) -> Iterator[Alarm]:
    variances = [layer.z.var() for layer in step.layers if layer.kind == "relu"]
    if len(variances) > 1 and max(variances) > 10 * min(variances):
        grows = variances[-1] > variances[0]
        yield "", "exploding" if grows else "vanishing"
    spread = [np.subtract(*np.percentile(g, (95, 5))) for g in step.gradients.values()]
    if spread and min(spread) < 0.001:
        yield "", "vanishing"


class DeepDiagnosis:
    """Wardat et al. 2022 (ICSE), the rules of its Keras callback, once an epoch."""

    def __init__(self) -> None:
        self.alarms: set[Alarm] = set()
        self.means: list[dict[str, float]] = []
        self.last: Step | None = None

    def see(self, step: Step, number: int, epoch: bool) -> None:
        if not epoch:
            return
        self.last = step
        self.means.append({})
        for layer in step.layers:
            mean = float(layer.a.mean())
            self.means[-1][layer.name] = mean
            if not np.isfinite(mean) or mean == 0:  # numerical error: NaN, infinity or 0
                self.alarms.add((layer.name, "dead" if mean == 0 else "non-finite"))
            beyond = (abs(layer.z) >= 5).mean()
            if layer.kind in SIGMOIDAL and len(self.means) % 5 == 0 and beyond > 0.5:
                self.alarms.add((layer.name, "saturated"))  # every fifth epoch: half of |z| ≥ 5
        for name, g in step.gradients.items():
            if not np.isfinite(g).all():
                self.alarms.add((_owner(name), "non-finite"))
            elif abs(g).mean() < 1e-7:  # vanishing gradient: mean |g| under 1e-7
                self.alarms.add((_owner(name), "vanishing"))
        if len(self.means) % 5 == 0:  # unchanged tensor: one mean in five epochs
            for name in self.means[-1]:
                if len({means[name] for means in self.means[-5:] if name in means}) == 1:
                    self.alarms.add((name, "constant"))

    def finish(self, losses: list[float], accuracies: list[float]) -> set[Alarm]:
        for layer in self.last.layers if self.last else ():
            # dead node: at the end 70 % of the outputs of a ReLU are 0
            if layer.kind == "relu" and (layer.a <= 0).mean() >= 0.7:
                self.alarms.add((layer.name, "dead"))
        if losses and not np.isfinite(losses[-1]):
            self.alarms.add(("", "non-finite"))
        return self.alarms


class AutoTrainer:
    """Zhang et al. 2021 (ICSE): gradients of an epoch's first batch, held against a training that does not learn."""

    def __init__(self) -> None:
        self.alarms: set[Alarm] = set()

    def see(self, step: Step, number: int, epoch: bool) -> None:
        gradients = list(step.gradients.values())
        if not epoch or not gradients:
            return
        if not all(np.isfinite(g).all() for g in gradients):
            self.alarms.add(("", "non-finite"))
            return
        first, last = (float(np.linalg.norm(gradients[k])) for k in (0, -1))
        if first < 1e-3 * last and first < 1e-4:  # vanishing: β1 and β2
            self.alarms.add(("", "vanishing"))
        if first > 70 * last:  # exploding: β3
            self.alarms.add(("", "exploding"))
        if np.mean(np.concatenate([g.ravel() for g in gradients]) == 0) >= 0.7:  # dying: γ
            self.alarms.add(("", "dead"))

    def finish(self, losses: list[float], accuracies: list[float]) -> set[Alarm]:
        broken = {alarm for alarm in self.alarms if alarm[1] == "non-finite"}
        if not np.isfinite(losses).all():
            broken.add(("", "non-finite"))
        # it speaks where no accuracy after 30 % of the training has reached Θ = 0.7
        start = max(1, round(0.3 * len(accuracies)))
        learns = max(accuracies[:start], default=0.0) >= 0.7
        return broken if learns else self.alarms | broken


class TheDeepChecker:
    """Ben Braiek & Khomh 2023 (TOSEM): activations, on its buffer of 10 batches; bounds on gradients are not public."""

    def __init__(self) -> None:
        self.alarms: set[Alarm] = set()
        self.buffers: dict[str, list[Layer]] = {}
        self.before = -1

    def see(self, step: Step, number: int, epoch: bool) -> None:
        if epoch:
            return
        if number != self.before + 1:  # only batches that follow each other
            self.buffers.clear()
        self.before = number
        for layer in step.layers:
            buffer = self.buffers.setdefault(layer.name, [])
            buffer.append(layer)
            del buffer[:-10]
            if len(buffer) == 10:
                self.alarms |= set(self._layer(layer, np.concatenate([part.a for part in buffer])))
        for name, g in step.gradients.items():
            if not np.isfinite(g).all():
                self.alarms.add((_owner(name), "non-finite"))

    def _layer(self, layer: Layer, a: Array) -> Iterator[Alarm]:
        if not np.isfinite(a).all():
            yield layer.name, "non-finite"
            return
        if layer.kind in SIGMOIDAL:  # saturated: ρ_B over 0.85 for over half of the units
            low = -1.0 if layer.kind == "tanh" else 0.0
            if (saturation(a, low) > 0.85).mean() > 0.5:
                yield layer.name, "saturated"
        elif (
            np.percentile(abs(a), 95, axis=0) < 1e-5
        ).mean() > 0.5:  # dead: 95 % of |a| under 1e-5
            yield layer.name, "dead"
        # distribution: standard deviation within 0.5 and 2, up to an F test at 0.025
        if a.var() > 5.0239 * 4:
            yield layer.name, "exploding"
        elif a.var() < 0.25 / 5.0239:
            yield layer.name, "vanishing"

    def finish(self, losses: list[float], accuracies: list[float]) -> set[Alarm]:
        return self.alarms


def saturation(a: Array, low: float, bins: int = 50) -> Array:
    """ρ_B of Rakitianskaia & Engelbrecht 2015 for each unit: 0 at the middle of the range, 1 at its ends."""
    rows, units = a.shape
    place = np.clip(((a - low) / (1 - low) * bins).astype(int), 0, bins - 1)
    cell = (np.arange(units) * bins + place).ravel()
    count = np.bincount(cell, minlength=units * bins)
    mean = np.bincount(cell, a.ravel(), units * bins) / np.maximum(count, 1)
    distance = abs(2 * (mean - low) / (1 - low) - 1) * count
    return distance.reshape(units, bins).sum(1) / rows


TOOLS = {
    "SageMaker Debugger": SageMaker,
    "SageMaker Debugger with PoorWeightInitialization": SageMakerInitialisation,
    "DeepDiagnosis": DeepDiagnosis,
    "AUTOTRAINER": AutoTrainer,
    "TheDeepChecker": TheDeepChecker,
}
