"""Statistics of one layer on a probe: a fixed set of samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._activation import Activation
from .._errors import InputError

DORMANT = 0.025  # Sokar et al. 2023: share of the layer's mean absolute output


@dataclass(frozen=True)
class LayerStatistics:
    """What one layer does on a probe, for every replica.

    Figures of a replica with a non-finite pre-activation are NaN; its units count as
    neither dead nor dormant.

    Attributes
    ----------
    samples : int
        Samples of the probe. A unit that is dead on n of them may still fire on up to 3/n of the
        data (95 % bound).
    dead : ndarray of bool, shape (replicas, units)
        Every sample lies where the derivative is exactly 0 by definition. Sparse is not dead.
    dormant : ndarray of bool, shape (replicas, units)
        The mean absolute output is at most `DORMANT` times the layer's (Sokar et al. 2023).
    dead_share, dormant_share : ndarray, shape (replicas,)
        The same as shares of the layer's units.
    saturated_share : ndarray, shape (replicas,)
        Share of (unit, sample) pairs beyond the saturation points of the activation.
    mean_output : ndarray, shape (replicas,)
    gradient_rms : ndarray, shape (replicas,)
        Root mean square of the gradient at the pre-activations.
    """

    samples: int
    dead: NDArray[np.bool_]
    dormant: NDArray[np.bool_]
    dead_share: NDArray[np.float64]
    dormant_share: NDArray[np.float64]
    saturated_share: NDArray[np.float64]
    mean_output: NDArray[np.float64]
    gradient_rms: NDArray[np.float64]


def layer_statistics(
    activation: Activation, pre_activation: Any, output: Any, gradient: Any
) -> LayerStatistics:
    """Measure one layer on a probe.

    Parameters
    ----------
    activation : Activation
        Its facts say where it is dead and where it saturates.
    pre_activation, output, gradient : array_like, shape (replicas, samples, units)
        z, f(z) and the gradient of the loss with respect to z; without the first axis, one replica.

    Returns
    -------
    LayerStatistics

    References
    ----------
    Sokar et al., The dormant neuron phenomenon in deep reinforcement learning (2023).
    """
    z, a, g = (np.asarray(x) for x in (pre_activation, output, gradient))
    if not (z.shape == a.shape == g.shape and z.ndim in (2, 3) and z.size):
        raise InputError(
            f"layer_statistics: got shapes {z.shape}, {a.shape} and {g.shape}; "
            "expected one shape (replicas, samples, units) or (samples, units), not empty."
        )
    if z.ndim == 2:
        z, a, g = z[None], a[None], g[None]

    with np.errstate(all="ignore"):
        finite = np.isfinite(z).all(axis=(1, 2))
        dead = _inside(activation.facts.dead_zones, z).all(axis=1) & finite[:, None]
        size = np.abs(a).mean(axis=1, dtype=np.float64)
        dormant = (size <= DORMANT * size.mean(axis=1, keepdims=True)) & finite[:, None]
        figures = (
            dead.mean(axis=1),
            dormant.mean(axis=1),
            _beyond(activation.facts.saturation, z).mean(axis=(1, 2)),
            a.mean(axis=(1, 2), dtype=np.float64),
            # in float64: the square of a vanishing float32 gradient is 0
            np.sqrt(np.square(g, dtype=np.float64).mean(axis=(1, 2))),
        )
    return LayerStatistics(
        z.shape[1], dead, dormant, *(np.where(finite, figure, np.nan) for figure in figures)
    )


def _inside(zones: tuple[tuple[float, float], ...], z: NDArray[Any]) -> NDArray[np.bool_]:
    inside = np.zeros(z.shape, bool)
    for low, high in zones:
        inside |= (z >= low) & (z <= high)
    return inside


def _beyond(points: tuple[float | None, float | None], z: NDArray[Any]) -> NDArray[np.bool_]:
    low, high = points
    beyond = np.zeros(z.shape, bool)
    if low is not None:
        beyond |= z < low
    if high is not None:
        beyond |= z > high
    return beyond
