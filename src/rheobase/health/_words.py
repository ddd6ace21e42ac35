"""Findings in words: what they follow from and what to try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ._findings import Fault
from ._statistics import LayerStatistics

REFERENCES = {
    "non-finite": "IEEE 754, on how NaN and infinity spread",
    "dead": "Lu et al., Dying ReLU and initialization (2020)",
    "constant": "Glorot and Bengio, Understanding the difficulty of training deep networks (2010)",
    "saturated": "Glorot and Bengio, Understanding the difficulty of training deep networks (2010)",
    "exploding": "Pascanu et al., On the difficulty of training recurrent networks (2013)",
    "vanishing": "Hochreiter, The vanishing gradient problem (1998)",
    "dormant": "Sokar et al., The dormant neuron phenomenon in deep reinforcement learning (2023)",
}

#: Functions that fixes name; a test holds that they have the property.
WITHOUT_DEAD_ZONE = ("leaky_relu", "elu")
NEVER_FLAT = "leaky_relu"


@dataclass(frozen=True)
class Advice:
    """How fixes are written for one framework; ``{layer}`` and ``{f}`` stand for the layer that is ill and its function."""

    scale: str
    gain: str
    depth: str
    rate: str
    clip: str
    living: str
    steep: str
    normalise: str
    biases: str


NETWORK = Advice(
    scale="scale the inputs (StandardScaler)",
    gain="start from weights of standard deviation rheobase.gain({f}) / sqrt(inputs)",
    depth="start each layer from its own gain: rheobase.gain.gains(activations)",
    rate="train anew at a tenth of the learning rate",
    clip="clip the gradient: clip_norm=1.0",
    living=f"take a function without a dead zone: {' or '.join(WITHOUT_DEAD_ZONE)}",
    steep=f"take a function that does not flatten: {NEVER_FLAT}",
    normalise="normalise the pre-activations: rheobase.Network(layer_norm=True)",
    biases="start biases from 0 and not below",
)


def cause_of(
    fault: Fault, source: Fault | None, names: Sequence[str], stack: Sequence[LayerStatistics]
) -> str:
    """Say what a fault follows from."""
    if source is not None and source.place != fault.place:
        return f"{_effect(fault)}, because {names[source.place]} is {source.kind}"
    return _own_cause(fault, source, stack[fault.place])


def _effect(fault: Fault) -> str:
    if fault.kind == "vanishing":
        return "no gradient arrives" if fault.severity == "error" else "it starves"
    if fault.kind == "non-finite":
        return "NaN or infinity arrives"
    return "what arrives does not vary"


def _own_cause(fault: Fault, source: Fault | None, layer: LayerStatistics) -> str:
    facts, name = fault.evidence, layer.activation.name
    match fault.kind:
        case "non-finite" if "non_finite" in facts:
            return (
                f"{facts['non_finite']} of {facts['pairs']} pre-activations or outputs are NaN or "
                "infinite, and those of the layers below are not: weights or inputs are not finite, "
                "or overflow"
            )
        case "non-finite":
            return (
                f"{facts['non_finite_gradients']} of {facts['pairs']} gradients are NaN or infinite: "
                "the loss or the layers above overflow"
            )
        case "dead":
            return (
                f"{facts['dead']} of {facts['units']} units lie where the slope of {name} is exactly "
                f"0 on all {facts['n']} samples, so their weights get no gradient"
            )
        case "constant":
            why = (
                "the layer is saturated" if source else "weights are 0, or the bias outweighs them"
            )
            return (
                f"the output of {facts['constant']} of {facts['units']} units does not vary over "
                f"{facts['n']} samples: {why}"
            )
        case "dormant":
            return (
                f"{facts['dormant']} of {facts['units']} units hardly put out anything beside the "
                "others of the layer: a few drown them, or they are switched off"
            )
        case "saturated" if layer.role == "gate":
            return (
                f"{facts['saturated']:.0%} of the pairs of unit and sample lie at one end of {name}, whose "
                "output is a factor: the gate stands still, as weights or biases before it are too large"
            )
        case "saturated":
            inputs = "inputs that are not scaled, or " if fault.place == 0 else ""
            return (
                f"{facts['saturated']:.0%} of the pairs of unit and sample lie where {name} is flat: "
                f"{inputs}weights or biases that are too large"
            )
        case "vanishing" if facts["first"] == 0:
            return "no gradient arrives" + (f": the layer is {source.kind}" if source else "")
        case "vanishing":
            own = f", and the layer itself is {source.kind}" if source else ""
            hope = (
                "; Adam trains through that, plain gradient descent hardly"
                if fault.severity == "info"
                else ""
            )
            return (
                f"towards the input, each layer divides the gradient by {_factor(facts['per_layer']):.3g}: "
                f"weights too small for {name}, or its slope too small{own}{hope}"
            )
        case "exploding":
            return (
                f"towards the input, each layer multiplies the gradient by {_factor(facts['per_layer']):.3g}: "
                f"weights too large for {name}"
            )


def _factor(decades: float) -> float:
    return float(10 ** min(abs(decades), 300))


def fixes_of(
    fault: Fault,
    source: Fault | None,
    names: Sequence[str],
    stack: Sequence[LayerStatistics],
    advice: Advice,
) -> tuple[str, ...]:
    """Return what to try against a fault, the most promising first."""
    if fault.severity == "info":
        return ()
    if source is not None:
        return (
            (f"mend {names[source.place]} first",)
            if source.place != fault.place
            else ("mend that first",)
        )
    first = (advice.scale,) if fault.place == 0 else ()
    fixes: tuple[str, ...]
    match fault.kind:
        case "non-finite":
            fixes = (*first, advice.rate, advice.clip)
        case "dead":
            fixes = (*first, advice.rate, advice.living, advice.biases)
        case "constant":
            fixes = (advice.gain, *first, advice.rate, "look for inputs that do not vary")
        case "dormant":
            again = "initialise the dormant units anew"
            fixes = (advice.rate, *first, again, "take fewer units")
        case "saturated":
            fixes = (*first, advice.gain, advice.rate, advice.normalise, advice.steep)
        case "vanishing":
            fixes = (advice.depth, advice.steep, advice.normalise, "take fewer layers")
        case "exploding":
            fixes = (advice.depth, advice.clip, advice.rate, advice.normalise)
    place, f = names[fault.place], f'"{stack[fault.place].activation.name}"'
    return tuple(fix.replace("{layer}", place).replace("{f}", f) for fix in fixes)
