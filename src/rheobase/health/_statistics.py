"""Statistics of one layer on a probe: a fixed set of samples. Facts, no judgement."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .._activation import Activation
from .._errors import InputError

DORMANT = 0.025  # Sokar et al. 2023: share of the layer's mean absolute output
CONSTANT = 1e-6  # of the unit's mean absolute output: what rounding in float32 leaves

Role = Literal["hidden", "gate", "output"]


@dataclass(frozen=True)
class LayerStatistics:
    """What one layer does on a probe, for every replica.

    Shares and moments are NaN where there is nothing to measure: without samples, and in a replica
    with a pre-activation or output that is not finite. Units there are neither dead, constant nor
    dormant. What is told of the gradient is NaN where none was given.

    Attributes
    ----------
    activation : Activation
    samples : int
        Samples of the probe. A unit that is dead on n of them may still fire on up to 3/n of the
        data (95 % bound).
    dead : ndarray of bool, shape (replicas, units)
        Every sample lies where the derivative is exactly 0 by definition. Sparse is not dead.
    constant : ndarray of bool, shape (replicas, units)
        The output does not vary over the samples, by more than `CONSTANT` of its size. One sample
        tells nothing.
    dormant : ndarray of bool, shape (replicas, units)
        The mean absolute output is at most `DORMANT` times the layer's (Sokar et al. 2023).
    flat_share : ndarray, shape (replicas,)
        Share of (unit, sample) pairs where the derivative is exactly 0 by definition: how sparse
        the layer of a ReLU is.
    saturated_low, saturated_high : ndarray, shape (replicas,)
        Share of (unit, sample) pairs below and above the saturation points of the activation.
    mean_output, std_output : ndarray, shape (replicas,)
        Over units and samples.
    gradient_rms : ndarray, shape (replicas,)
        Root mean square of the gradient at the pre-activations, exact zeros included.
    zero_gradients : ndarray, shape (replicas,)
        Share of (unit, sample) pairs whose gradient is exactly 0.
    non_finite, non_finite_gradients : ndarray of int, shape (replicas,)
        Pairs whose pre-activation or output, and those whose gradient, is NaN or infinite.
    role : {"hidden", "gate", "output"}
        A gate multiplies something else, and an output learns its targets: both may well be saturated. A gate is
        told of if it is shut or still on all samples, an output if values are not finite.
    positions : float
        Pairs of each unit and sample: pixels of a channel, tokens of a sequence.
    recurrent : bool
        Whether this is a later step of a recurrence: weights that were used before are used again.
    """

    activation: Activation
    samples: int
    dead: NDArray[np.bool_]
    constant: NDArray[np.bool_]
    dormant: NDArray[np.bool_]
    flat_share: NDArray[np.float64]
    saturated_low: NDArray[np.float64]
    saturated_high: NDArray[np.float64]
    mean_output: NDArray[np.float64]
    std_output: NDArray[np.float64]
    gradient_rms: NDArray[np.float64]
    zero_gradients: NDArray[np.float64]
    non_finite: NDArray[np.int64]
    non_finite_gradients: NDArray[np.int64]
    role: Role = "hidden"
    positions: float = 1.0
    recurrent: bool = False

    @property
    def dead_share(self) -> NDArray[np.float64]:
        """Share of the layer's units that are dead."""
        return self._share(self.dead)

    @property
    def constant_share(self) -> NDArray[np.float64]:
        """Share of the layer's units that are constant."""
        return self._share(self.constant)

    @property
    def dormant_share(self) -> NDArray[np.float64]:
        """Share of the layer's units that are dormant."""
        return self._share(self.dormant)

    @property
    def saturated_share(self) -> NDArray[np.float64]:
        """Share of (unit, sample) pairs beyond either saturation point."""
        return self.saturated_low + self.saturated_high

    def _share(self, units: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.where(np.isnan(self.mean_output), np.nan, units.mean(axis=1))


def layer_statistics(
    activation: Activation, pre_activation: Any, output: Any, gradient: Any = None
) -> LayerStatistics:
    """Measure one layer on a probe.

    Parameters
    ----------
    activation : Activation
        Its facts say where it is dead and where it saturates.
    pre_activation, output : array_like, shape (replicas, samples, units)
        z and f(z); without the first axis, one replica.
    gradient : array_like of the same shape, optional
        Of the loss with respect to z. Without it nothing is said of the gradient.

    Returns
    -------
    LayerStatistics

    References
    ----------
    Sokar et al., The dormant neuron phenomenon in deep reinforcement learning (2023).

    Examples
    --------
    >>> import numpy as np
    >>> import rheobase as rb
    >>> from rheobase.health import layer_statistics
    >>> z = np.array([[-1.0, -2.0], [-3.0, 0.5], [-2.0, -1.0]])  # three samples, two units
    >>> layer = layer_statistics(rb.relu, z, rb.relu(z))
    >>> layer.dead
    array([[ True, False]])
    >>> layer.flat_share.round(2)
    array([0.83])
    """
    z, a = np.asarray(pre_activation), np.asarray(output)
    g = None if gradient is None else np.asarray(gradient)
    shapes = [x.shape for x in (z, a, g) if x is not None]
    units = z.shape[:-2] + z.shape[-1:]  # there may be no samples
    if len(set(shapes)) > 1 or z.ndim not in (2, 3) or 0 in units:
        raise InputError(
            f"layer_statistics: got shapes {', '.join(map(str, shapes))}; expected one shape "
            "(replicas, samples, units) or (samples, units), with a unit at least."
        )
    if z.ndim == 2:
        z, a = z[None], a[None]
        g = None if g is None else g[None]
    samples, pairs = z.shape[1], z.shape[1] * z.shape[2]
    facts = activation.facts

    with np.errstate(all="ignore"):
        # Deviations from the first sample: nothing cancels where a unit hardly varies. In one buffer.
        first = a[:, :1].astype(np.float64) if samples else np.zeros((len(a), 1, a.shape[2]))
        buffer = a.astype(np.float64)
        size = _mean_over_samples(np.abs(buffer, out=buffer))
        buffer[...] = a
        buffer -= first
        drift = _mean_over_samples(buffer)
        square = _mean_over_samples(np.square(buffer, out=buffer))
        mean = first[:, 0] + drift

        finite = np.isfinite(z).all(axis=(1, 2)) & np.isfinite(size).all(axis=1)
        known = finite if samples else np.zeros_like(finite)
        flat = _share_of_samples(_inside(facts.dead_zones, z), size)
        dead, constant, dormant = (
            flat == 1,
            (square <= (CONSTANT * size) ** 2) & (samples > 1),
            size <= DORMANT * size.mean(axis=1, keepdims=True),
        )
        low, high = facts.saturation
        figures = np.empty((7, len(z)))
        figures[0] = flat.mean(axis=1)
        figures[1] = 0 if low is None else np.divide(_count(z < low), pairs)
        figures[2] = 0 if high is None else np.divide(_count(z > high), pairs)
        figures[3] = mean.mean(axis=1)
        figures[4] = np.sqrt(np.maximum((square - drift**2).mean(axis=1), 0) + mean.var(axis=1))
        figures[5:] = np.nan
        if g is not None:
            wide = g.astype(np.float64).reshape(len(g), -1)  # float32 would lose small squares
            figures[5] = np.divide([np.dot(row, row) for row in wide], pairs)
            figures[5] **= 0.5
            figures[6] = 1 - np.divide(_count(g != 0), pairs)
        broken = np.zeros_like(finite) if g is None else ~np.isfinite(figures[5])
    flat_share, saturated_low, saturated_high, mean_output, std_output, gradient_rms, zeros = (
        np.where(known, figures, np.nan)
    )
    known = known[:, None]
    return LayerStatistics(
        activation=activation,
        samples=samples,
        dead=dead & known,
        constant=constant & known,
        dormant=dormant & known,
        flat_share=flat_share,
        saturated_low=saturated_low,
        saturated_high=saturated_high,
        mean_output=mean_output,
        std_output=std_output,
        gradient_rms=gradient_rms,
        zero_gradients=zeros,
        non_finite=_count_non_finite(~finite, z, a),
        non_finite_gradients=_count_non_finite(broken, g),
    )


def _mean_over_samples(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean over axis 1, as a product: a fifth of the time of np.mean."""
    return np.asarray(np.matmul(np.ones((1, x.shape[1])), x)[:, 0] / x.shape[1])


def _share_of_samples(inside: NDArray[np.bool_] | None, like: NDArray[Any]) -> NDArray[np.float64]:
    return np.zeros_like(like) if inside is None else _mean_over_samples(inside.astype(np.float64))


def _count(pairs: NDArray[np.bool_]) -> list[int]:
    """How many are true in each replica."""
    return [int(np.count_nonzero(replica)) for replica in pairs]


def _count_non_finite(broken: NDArray[np.bool_], *arrays: Any) -> NDArray[np.int64]:
    """Pairs that are not finite in one of the arrays; looked for only in replicas that have some."""
    counts = np.zeros(len(broken), np.int64)
    for replica in np.flatnonzero(broken):
        wrong = [~np.isfinite(array[replica]) for array in arrays]
        counts[replica] = np.count_nonzero(np.logical_or.reduce(wrong))
    return counts


def _inside(zones: tuple[tuple[float, float], ...], z: NDArray[Any]) -> NDArray[np.bool_] | None:
    inside = None
    for low, high in zones:
        if low == -inf:
            zone = z <= high
        elif high == inf:
            zone = z >= low
        else:
            zone = (z >= low) & (z <= high)
        inside = zone if inside is None else inside | zone
    return inside
