"""What one call of a site does in one step, as small tensors on its device, and the layer they make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .._activation import Activation
from ..health import CONSTANT, DORMANT, LayerStatistics, Role

UNITS = 4  # figures of each unit: is it dead, lowest and highest output, sum of |output|
PAIRS = 6  # figures of all pairs: flat, below, above, not finite, sum and norm of the outputs; then of gradients norm, zeros, not finite
MANY = 2**14  # a share of so many is known to 0.8 %
SQUARES_VANISH = 1e-23  # a norm is 0 in float32 when all numbers are under it


class Moment:
    """One call in one step: `before` the function, `after` it, and `gradient` when that comes."""

    def __init__(self, f: Activation, step: int, samples: int, axis: int) -> None:
        self.f = f
        self.step = step
        self.samples = samples
        self.axis = axis
        self.figures: list[Tensor] = []
        self.gradients: list[Tensor] = []
        self.awaited = False  # whether a gradient would come by
        self.scaler: Any = None
        self.passing = False

    def before(self, z: Tensor) -> None:
        """Look at the pre-activation, which an activation in place is about to overwrite."""
        facts = self.f.facts
        z = _wide(z)
        self.units, self.pairs = z.shape[self.axis], z.numel()
        self._across = [d for d in range(z.ndim) if d != self.axis % z.ndim]
        none = z.new_zeros(())
        dead, flat = _flat(facts.dead_zones, z, self._across, self.units)
        below, above = facts.saturation
        self.figures = [
            dead,
            flat,
            none if below is None else _count(z, lambda part: part < below),
            none if above is None else _count(z, lambda part: part > above),
            _not_finite(z, z.sum()),
        ]

    def after(self, a: Tensor) -> None:
        """Look at the output."""
        a = _wide(a)
        dead, flat, below, above, broken = self.figures
        sums = a.sum(self._across)
        size = sums if self.f.facts.infimum >= 0 else a.abs().sum(self._across)
        total = sums.sum()
        broken = torch.maximum(broken, _not_finite(a, total))
        units = (dead, a.amin(self._across), a.amax(self._across), size)
        self.figures = [*units, flat, below, above, broken, total, torch.linalg.vector_norm(a)]

    def gradient(self, g: Tensor, differentiable: bool) -> None:
        """Look at the gradient at the pre-activation.

        Several backwards of one forward add up as if independent. A gradient that is to be differentiated belongs to
        a penalty, if another comes after it.
        """
        g = _wide(g)
        norm = torch.linalg.vector_norm(g)
        broken = _not_finite(g, norm)
        if self.scaler is not None:
            norm = norm / self.scaler.scale(norm.new_ones(()))
        found = [norm, _count(g, lambda part: part == 0), broken]
        if self.gradients and not self.passing:
            norms, zeros, breaks = zip(found, self.gradients, strict=True)
            found = [torch.hypot(*norms), torch.minimum(*zeros), torch.maximum(*breaks)]
        self.gradients, self.passing = found, differentiable

    @property
    def tensors(self) -> list[Tensor]:
        """All that has to be fetched from the device."""
        return [*self.figures, *self.gradients]


def _wide(x: Tensor) -> Tensor:
    x = x.detach()
    return x.float() if x.itemsize < 4 else x


def _count(x: Tensor, holds: Callable[[Tensor], Tensor]) -> Tensor:
    """For how many numbers something holds; of very many, estimated from samples at equal distances."""
    if x.numel() < 2 * MANY:
        return torch.count_nonzero(holds(x))
    part = x[:: x.numel() // MANY]
    return torch.count_nonzero(holds(part)) * (x.numel() / part.numel())


def _flat(
    zones: tuple[tuple[float, float], ...], z: Tensor, across: list[int], units: int
) -> tuple[Tensor, Tensor]:
    """Which units lie wholly where the function is flat, and how many pairs do."""
    if not zones:
        return z.new_zeros(units), z.new_zeros(())
    if (
        len(zones) == 1 and zones[0][0] == -torch.inf
    ):  # a rectifier: two passes, a third of the time
        bound = zones[0][1]
        return z.amax(across) <= bound, _count(z, lambda part: part <= bound)
    inside = torch.zeros_like(z, dtype=torch.bool)
    for low, high in zones:
        inside |= (z >= low) & (z <= high)
    counts = torch.count_nonzero(inside, across)
    return counts * units == z.numel(), counts.sum()


def _not_finite(x: Tensor, total: Tensor) -> Tensor:
    """Count what is not finite in x; ``total`` is not finite if there may be some."""
    if x.is_cpu and isfinite(total.item()):  # elsewhere, asking would wait for the device
        return x.new_zeros(())
    return x.numel() - torch.isfinite(x).sum()


def fetch(moments: Sequence[Moment]) -> list[tuple[Moment, NDArray[np.float64]]]:
    """Bring the figures of moments from their devices, one transfer from each."""
    by_device: dict[torch.device, list[Moment]] = {}
    for moment in moments:
        by_device.setdefault(moment.figures[0].device, []).append(moment)
    found = []
    for device, group in by_device.items():
        dtype = torch.float32 if device.type == "mps" else torch.float64
        parts = [tensor.reshape(-1).to(dtype) for moment in group for tensor in moment.tensors]
        whole = torch.cat(parts).cpu().double().numpy()
        start = 0
        for moment in group:
            length = sum(tensor.numel() for tensor in moment.tensors)
            found.append((moment, whole[start : start + length]))
            start += length
    return found


def layer_of(
    found: Sequence[tuple[Moment, NDArray[np.float64]]], role: Role, still: bool, recurrent: bool
) -> LayerStatistics:
    """Put moments of one site together; ``still`` says that the weights did not change between them."""
    units = found[0][0].units
    dead, low, high, size = np.array(
        [figures[: UNITS * units].reshape(UNITS, units) for _, figures in found]
    ).transpose(1, 0, 2)
    flat, below, above, broken, total, norm = np.array(
        [figures[UNITS * units :][:PAIRS] for _, figures in found]
    ).T
    pairs = sum(moment.pairs for moment, _ in found)
    samples = sum(moment.samples for moment, _ in found)
    known = not broken.any()
    with np.errstate(all="ignore"):
        mean_size = size.sum(0) * units / pairs
        if still:
            constant = high.max(0) - low.min(0) <= CONSTANT * mean_size
        else:
            constant = (high - low <= CONSTANT * np.maximum(abs(low), abs(high))).all(0)
        mean = total.sum() / pairs
        std = np.sqrt(np.maximum((norm**2).sum() / pairs - mean**2, 0))
        rms, zeros, broken_gradients = _gradient(found, units)

    def share(value: Any) -> NDArray[np.float64]:
        return np.array([value / pairs if known else np.nan])

    def which(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return (mask & known)[None]

    return LayerStatistics(
        activation=found[-1][0].f,
        samples=samples,
        dead=which(dead.all(0)),
        constant=which(constant & (samples > 1)),
        dormant=which(mean_size <= DORMANT * mean_size.mean()),
        flat_share=share(flat.sum()),
        saturated_low=share(below.sum()),
        saturated_high=share(above.sum()),
        mean_output=share(mean * pairs),
        std_output=share(std * pairs),
        gradient_rms=np.array([rms]),
        zero_gradients=np.array([zeros]),
        non_finite=np.array([round(float(broken.sum()))]),
        non_finite_gradients=np.array([broken_gradients]),
        role=role,
        positions=pairs / (samples * units),
        recurrent=recurrent,
    )


def _gradient(
    found: Sequence[tuple[Moment, NDArray[np.float64]]], units: int
) -> tuple[float, float, int]:
    """RMS, share of exact zeros, and how many are not finite, over the moments that have a gradient."""
    parts = [
        (moment, figures[UNITS * units + PAIRS :]) for moment, figures in found if moment.gradients
    ]
    # a scaler skips steps whose gradients overflow
    parts = [part for part in parts if part[0].scaler is None or np.isfinite(part[1][0])]
    if not parts:
        return np.nan, np.nan, 0
    norm, zeros, broken = np.array([figures for _, figures in parts]).T
    pairs = sum(moment.pairs for moment, _ in parts)
    if broken.any():
        return np.nan, np.nan, round(float(broken.sum()))
    if not norm.any() and zeros.sum() < pairs:
        norm = norm + SQUARES_VANISH
    return float(np.sqrt((norm**2).sum() / pairs)), float(zeros.sum() / pairs), 0


def idle(f: Activation) -> LayerStatistics:
    """A layer that no sample came by."""
    units, none, zero = np.zeros((1, 1), bool), np.array([np.nan]), np.zeros(1, np.int64)
    return LayerStatistics(
        activation=f,
        samples=0,
        dead=units,
        constant=units,
        dormant=units,
        flat_share=none,
        saturated_low=none,
        saturated_high=none,
        mean_output=none,
        std_output=none,
        gradient_rms=none,
        zero_gradients=none,
        non_finite=zero,
        non_finite_gradients=zero,
    )
