"""Judging results against the oracle: the largest error, where it is, and how many are above a bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._activation import Activation
from ._oracle import exact, fast
from ._samples import zeros
from ._ulp import ulp_errors, unit

Samples = NDArray[Any]
Call = Callable[[Samples], Samples]

CORRECT = 0.5  # ULP; a result that equals the rounded oracle is not looked at closer
LOOK_AGAIN = (
    256  # results of a chunk above the bound that are judged exactly; more than that are bad anyway
)
CANCELS = 2.0**-16  # so near to a zero, relative to it, a formula in float64 may cancel too much
NEAR_ZERO = 1 / 8


@dataclass
class Figure:
    """The largest error of a function over some inputs.

    Attributes
    ----------
    ulp : float
        0.5 where every result is correctly rounded.
    at : float or None
        An input where it occurs; None where every result is correctly rounded.
    above : int
        Number of inputs with an error above the bound.
    inputs : int
    """

    ulp: float = CORRECT
    at: float | None = None
    above: int = 0
    inputs: int = 0

    def add(self, other: Figure) -> None:
        """Add what was found over further inputs."""
        if other.ulp > self.ulp:
            self.ulp, self.at = other.ulp, other.at
        self.above += other.above
        self.inputs += other.inputs


@dataclass(frozen=True)
class Judge:
    """Judges the value or derivative of one function in one dtype."""

    function: Activation
    part: str
    dtype: np.dtype[Any]

    @property
    def bound(self) -> float:
        """The largest error that the declaration allows."""
        return self.function.declaration.bounds[self.dtype.name]

    def judge(self, x: Samples, calls: Mapping[str, Call], figures: Mapping[str, Figure]) -> None:
        """Judge what the calls give for ``x``, and what looks worst once more by the exact oracle."""
        wanted, rest, closely = self._wanted(x.astype(np.float64))
        with np.errstate(all="ignore"):
            rounded = wanted.astype(self.dtype)
        bits = f"u{self.dtype.itemsize}"
        before, at, errors = None, np.empty(0, np.intp), np.empty(0)
        for label, call in calls.items():
            computed = call(x)
            figures[label].inputs += x.size
            if before is None or not np.array_equal(computed.view(bits), before.view(bits)):
                at = np.flatnonzero((computed != rounded) | closely)
                at = at[~(np.isnan(computed[at]) & np.isnan(rounded[at]))]
                errors = ulp_errors(computed[at], wanted[at], rest if rest is None else rest[at])
                before = computed
            if errors.size and errors.max() > min(self.bound, figures[label].ulp):
                self._note(figures[label], x[at], computed[at], errors)

    def _wanted(self, x: Samples) -> tuple[Samples, Samples | None, Samples | bool]:
        """The oracle's results, their rest, and which of them are not settled by rounding them."""
        if self.dtype == np.float64:
            return *exact(self.function, self.part, x), False
        wanted = fast(self.function, self.part, x)
        low, high = float(x.min()), float(x.max())
        near = np.zeros(0, np.intp)
        for zero in zeros(self.function, self.part):
            reach = CANCELS * abs(zero)
            if low <= zero + reach and high >= zero - reach:
                near = np.append(near, np.flatnonzero(np.abs(x - zero) <= reach))
        if not near.size:
            return wanted, None, self.dtype.itemsize == 2  # to bfloat16 NumPy rounds twice
        wanted = wanted.copy()
        rest, closely = np.zeros(x.size), np.full(x.size, self.dtype.itemsize == 2)
        wanted[near], rest[near] = exact(self.function, self.part, x[near])
        closely[near] = True
        return wanted, rest, closely

    def _note(self, figure: Figure, x: Samples, computed: Samples, errors: Samples) -> None:
        """Add errors to the figure; those that count are taken from the exact oracle."""
        errors = errors.copy()
        above = np.flatnonzero(errors > self.bound)
        if above.size <= LOOK_AGAIN or self.dtype == np.float64:
            errors[above] = self.errors(x[above], computed[above])
        while True:
            worst = int(np.argmax(errors))
            if errors[worst] <= figure.ulp:
                break
            errors[worst] = self.errors(x[worst : worst + 1], computed[worst : worst + 1])[0]
            if errors[worst] > figure.ulp:
                figure.ulp, figure.at = float(errors[worst]), float(x[worst])
        figure.above += int(np.count_nonzero(errors > self.bound))

    def errors(self, x: Samples, computed: Samples) -> NDArray[np.float64]:
        """Return the errors of results by the exact oracle.

        Next to a zero of a float64 derivative they are in units of the derivative's scale there.
        """
        wanted, rest = exact(self.function, self.part, x)
        errors = ulp_errors(computed, wanted, rest)
        if self.part == "derivative" and self.dtype == np.float64:
            for k in np.flatnonzero((errors > self.bound) & np.isfinite(errors)):
                size = scale(self.function, float(x[k]))
                if size > abs(wanted[k]):
                    units = unit(np.array([wanted[k], size]), self.dtype)
                    errors[k] *= units[0] / units[1]
        return errors


def scale(function: Activation, x: float) -> float:
    """Return the size of the derivative around ``x`` if it has a zero next to it, else 0.

    A zero is next to x if the derivative changes its sign between 7/8 x and 9/8 x; its size is then
    the larger of the two there.
    """
    ends, _ = exact(function, "derivative", [x * (1 - NEAR_ZERO), x * (1 + NEAR_ZERO)])
    return float(np.abs(ends).max()) if ends[0] * ends[1] < 0 else 0.0
