"""Judgement: which facts are a fault, and where the fault is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from math import inf
from typing import Any

import numpy as np

from .._errors import InputError
from ._findings import KINDS, SEVERITIES, Fault, Finding, Severity
from ._statistics import LayerStatistics
from ._words import NETWORK, REFERENCES, Advice, cause_of, fixes_of

# ---- Every threshold. Each lies between what the healthy and the ill networks show that
# `benchmarks/health_dense.py` and `benchmarks/health` train with --calibration; "healthy" and "ill" are those. ----

#: Samples under which no unit is judged: up to 3/n of the data may still move it (95 %), here 10 %.
ENOUGH = 30
#: Share of the units that are dead. Healthy networks reach 0.4 at rates up to 3e-3 (one 0.75), ill start at 0.875.
DEAD = 0.8
#: Share of the units that are not dead. Healthy networks have none, but a narrow layer may.
CONSTANT = 0.5
#: Share of the units that are neither dead nor constant. Healthy networks reach 0.85 (log_sigmoid and
#: silu, 6 layers, a large learning rate), ill start at 0.875.
DORMANT = 0.87
#: Share of pairs, for a function that flattens at one end: a sparse layer lies beyond it, too.
#: Healthy networks reach 0.977 (silu again). A layer that is switched off has 1.
SATURATED_ONE_END = 0.99
#: Share of pairs, for a function that flattens at both. One healthy network of 803 is above (0.87,
#: lecun_tanh); ill start at 0.87.
SATURATED_BOTH_ENDS = 0.85
# Of the gradient over depth: decimal orders a layer and, with them, in all; or in all alone.
#: By which it falls towards the input of a trained network. Healthy ones reach 0.18 a layer and 1.1 in all; networks
#: that did not learn keep what their start had, as 14 layers of tanh with 3.2 in all.
VANISHING = (0.3, 1.2, 3.0)
#: The same where nothing is known of the training. PyTorch's own start has 0.4 for ReLU and 0.54 for GELU and SiLU
#: (slope ½, weights of 1/√3n), and Adam trains up to 8 such layers (3.8 in all); sigmoid has 0.6 at 1/√n, and
#: 5 layers of it do not get far.
VANISHING_AT_START = (0.57, 2.2, 4.0)
#: By which it grows before the first step. Healthy networks do not, ill start at 0.9.
EXPLODING_AT_START = (0.65, 1.2, 5.0)
#: And later. Training makes it grow: healthy networks reach 0.74, regressions with targets of 1000 1.16 and 2.3 in all.
EXPLODING = (0.65, 2.5, 5.0)
#: Orders in all that a recurrence falls. Healthy ones may forget what lies many steps back; a GRU of 60 steps that
#: does not learn has 7, a plain recurrence 20.
FORGETTING = 12.0
#: Layers that a slope needs; the ratio of two is no trend.
LAYERS = 3
#: Takes the place of a gradient that is exactly 0: the smallest float32.
SMALLEST = 1.4e-45


def diagnose(
    layers: Mapping[str, LayerStatistics], advice: Advice = NETWORK, trained: bool | None = None
) -> tuple[Finding, ...]:
    """Judge the layers of one network.

    Parameters
    ----------
    layers : mapping of str to LayerStatistics
        Layers by name, from the input to the output, each of one replica. One without samples
        gives no evidence, one without a gradient none of vanishing or exploding.
    advice : Advice, optional
        How the fixes are written, by default for `rheobase.Network` and the estimators.
    trained : bool or None, optional
        Whether the network has been trained for a while; None if that is not known. Training mends a gradient that
        falls a little from layer to layer, so that is a warning only where it did not; and where targets are
        large, it lets the gradient grow.

    Returns
    -------
    tuple of Finding
        Errors first, then warnings and information; what causes others comes before them.

    Examples
    --------
    >>> import numpy as np
    >>> import rheobase as rb
    >>> from rheobase.health import diagnose, layer_statistics
    >>> z = np.random.default_rng(0).normal(size=(100, 4)) - [0, 0, 0, 10]
    >>> for finding in diagnose({"hidden 1": layer_statistics(rb.relu, z, rb.relu(z))}):
    ...     print(finding.severity, finding.kind, finding.evidence)
    info dead {'units': 4, 'dead': 1, 'n': 100, 'bound': 0.03}
    """
    for name, layer in layers.items():
        if len(layer.dead) != 1:
            raise InputError(
                f"diagnose: layer {name!r} has {len(layer.dead)} replicas; expected one. Measure "
                "each replica by itself, from z[k], f(z[k]) and gradient[k]."
            )
    names, stack = list(layers), list(layers.values())
    faults = [fault for place, layer in enumerate(stack) for fault in _faults(place, layer)]
    faults += _gradient_over_depth(stack, trained)
    found = sorted(((fault, _source(fault, faults, stack)) for fault in faults), key=_rank)
    return tuple(
        Finding(
            names[fault.place],
            fault.kind,
            fault.severity,
            fault.evidence,
            cause_of(fault, source, names, stack),
            fixes_of(fault, source, names, stack, advice),
            REFERENCES[fault.kind],
        )
        for fault, source in found
    )


def _rank(pair: tuple[Fault, Fault | None]) -> tuple[int, bool, int, int]:
    fault, source = pair
    severity, kind = SEVERITIES.index(fault.severity), KINDS.index(fault.kind)
    return severity, source is not None, kind, fault.place


def _faults(place: int, layer: LayerStatistics) -> Iterator[Fault]:
    """What the statistics of one layer show by themselves."""
    pairs = round(layer.samples * layer.positions * layer.dead.shape[1])
    if count := int(layer.non_finite[0]):
        evidence = {"pairs": pairs, "non_finite": count, "n": layer.samples}
        yield Fault(place, "non-finite", "error", evidence)
        return
    if count := int(layer.non_finite_gradients[0]):
        evidence = {"pairs": pairs, "non_finite_gradients": count, "n": layer.samples}
        yield Fault(place, "non-finite", "error", evidence)
    if layer.role == "hidden":
        yield from _unit_faults(place, layer)
    if layer.role != "output":
        yield from _saturation(place, layer)


def _unit_faults(place: int, layer: LayerStatistics) -> Iterator[Fault]:
    """A dead unit is constant and dormant as well; each unit is told of once."""
    left = np.ones_like(layer.dead[0])
    units = len(left)
    for kind, mask, bound in (
        ("dead", layer.dead[0], DEAD),
        ("constant", layer.constant[0], CONSTANT),
        ("dormant", layer.dormant[0], DORMANT),
    ):
        others, count = int(left.sum()), int((mask & left).sum())
        if count:
            evidence: dict[str, Any] = {"units": units, kind: count, "n": layer.samples}
            evidence["bound"] = min(1.0, round(3 / layer.samples, 4))
            severity: Severity = "info"
            if layer.samples >= ENOUGH and count >= bound * others:
                severity = "error" if kind != "dormant" and count == others else "warning"
            yield Fault(place, kind, severity, evidence)  # type: ignore[arg-type]
        left &= ~mask


def _saturation(place: int, layer: LayerStatistics) -> Iterator[Fault]:
    low, high = float(layer.saturated_low[0]), float(layer.saturated_high[0])
    if layer.role == "gate":  # is free to be at either end, but not shut or still on all samples
        bound = SATURATED_ONE_END
        still = layer.constant.all() and (layer.dead.all() or max(low, high) >= bound)
        share = 1.0 if still else low if layer.activation.facts.infimum == 0 else 0.0
    else:
        both = flattens_at_both_ends(layer)
        # beyond the ends of hard_tanh the slope is exactly 0, which changes nothing for the layer
        share = low + high + (float(layer.flat_share[0]) if both else 0.0)
        bound = SATURATED_BOTH_ENDS if both else SATURATED_ONE_END
        if layer.dead.all():
            return
    if share >= bound and layer.samples >= ENOUGH:
        evidence = {"units": layer.dead.shape[1], "n": layer.samples, "saturated": round(share, 4)}
        evidence |= {"low": round(low, 4), "high": round(high, 4)}
        yield Fault(place, "saturated", "warning", evidence)


def flattens_at_both_ends(layer: LayerStatistics) -> bool:
    """Whether the function flattens, or is exactly flat, at either end.

    A flat part that reaches 0 is rest, as ReLU6's below 0: there a layer is sparse, not saturated.
    """
    facts = layer.activation.facts
    low, high = facts.saturation
    edges = [edge for zone in facts.dead_zones if not zone[0] <= 0 <= zone[1] for edge in zone]
    return (low is not None or -inf in edges) and (high is not None or inf in edges)


def _gradient_over_depth(stack: list[LayerStatistics], trained: bool | None) -> list[Fault]:
    """The slope of the logarithm of the gradient over the layers where one was measured."""
    most = max((layer.samples for layer in stack), default=0)
    # what most samples pass by is a branch, whose gradient is smaller without being deeper
    hidden = [k for k, x in enumerate(stack) if x.role == "hidden" and 2 * x.samples > most]
    known = [(d, k) for d, k in enumerate(hidden) if np.isfinite(stack[k].gradient_rms[0])]
    alive = next((d for d, k in known if stack[k].gradient_rms[0] > 0), 0)
    # a 0 above a layer that has a gradient is a branch that is shut, and no trend
    known = [(d, k) for d, k in known if d <= alive or stack[k].gradient_rms[0] > 0]
    if len(known) < LAYERS:
        return []
    depths, places = zip(*known, strict=True)
    rms = [float(stack[k].gradient_rms[0]) for k in places]
    heights = [_decades(stack[k]) for k in places]
    # Theil and Sen: a single step, as between branches scaled by 1e-6 and a head, is no trend
    pairs = combinations(zip(depths, heights, strict=True), 2)
    slope = float(np.median([(high - low) / (j - i) for (i, low), (j, high) in pairs]))
    total = slope * (depths[-1] - depths[0])
    evidence: dict[str, Any] = {
        "layers": len(places),
        "decades": round(-total, 2),
        "per_layer": round(-slope, 3),
        "first": rms[0],
        "last": rms[-1],
        "zero": float(np.mean([stack[k].zero_gradients[0] for k in places])),
        "n": min(stack[k].samples for k in places),
    }
    if _beyond(-slope, -total, EXPLODING_AT_START if trained is False else EXPLODING):
        return [Fault(places[0], "exploding", "warning", evidence)]
    recurrent = any(stack[k].recurrent for k in places)
    if not _beyond(slope, total, VANISHING, recurrent):
        return []
    bad = trained or _beyond(slope, total, VANISHING_AT_START, recurrent)
    severity: Severity = "error" if rms[0] == 0 else "warning" if bad else "info"
    return [Fault(places[0], "vanishing", severity, evidence)]


def _beyond(
    slope: float, total: float, bounds: tuple[float, float, float], recurrent: bool = False
) -> bool:
    per_layer, overall, alone = bounds
    alone = FORGETTING if recurrent else alone
    return (slope >= per_layer and total >= overall) or total >= alone


def _source(fault: Fault, faults: list[Fault], stack: list[LayerStatistics]) -> Fault | None:
    """The fault that this one follows from, or None."""
    serious = [other for other in faults if other.severity != "info" and other is not fault]
    if fault.kind == "non-finite":
        same = [other for other in serious if other.kind == "non-finite"]
        forward = [other for other in same if "non_finite" in other.evidence]
        if "non_finite" in fault.evidence:  # it spreads upwards, a gradient downwards
            return next((other for other in forward if other.place < fault.place), None)
        above = [other for other in same if other.place > fault.place]
        return next(iter(forward or above[::-1]), None)
    if fault.kind in ("dead", "constant", "dormant") and fault.severity != "info":
        silent = [o for o in serious if o.kind in ("dead", "constant") and o.severity == "error"]
        flat = [o for o in serious if o.kind == "saturated" and fault.kind == "constant"]
        below = [o for o in silent if o.place < fault.place]
        return next(iter(below or [o for o in flat if o.place == fault.place]), None)
    if fault.kind == "vanishing":
        blocks = [o for o in serious if o.kind in ("dead", "saturated", "constant")]
        block = max(
            blocks, key=lambda o: (o.severity == "error", _fall(o.place, stack)), default=None
        )
        return block and (_source(block, faults, stack) or block)
    return None


def _fall(place: int, stack: list[LayerStatistics]) -> float:
    """By how many orders the gradient falls as it passes the function of a layer."""
    above = _decades(stack[place + 1]) if place + 1 < len(stack) else 0.0
    return above - _decades(stack[place])


def _decades(layer: LayerStatistics) -> float:
    """The logarithm of the gradient's norm for a sample.

    Weights that keep the variance keep this norm through layers of any width, and through pooling, where
    the RMS falls because the same gradient is spread over more units and positions.
    """
    pairs = layer.dead.shape[1] * layer.positions
    rms = float(layer.gradient_rms[0])
    return float(np.log10(max(rms, SMALLEST)) + np.log10(pairs) / 2)
