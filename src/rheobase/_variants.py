"""Activations that are not one function of each element: random slopes, two outputs for an input."""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np

from ._arrays import REFUSALS, brief, generator, halves, normalise_axis
from ._errors import InputError, InputTypeError
from ._namespaces import library_of
from .catalog import catalog


class RandomisedReLU:
    """Leaky ReLU whose negative slopes are drawn from U(lower, upper), one an element.

    Draw the slopes first where the backward pass must see the same ones.

    Examples
    --------
    >>> import numpy as np
    >>> import rheobase as rb
    >>> float(rb.rrelu(-48.0))  # without slopes: their mean, 11/48
    -11.0
    >>> x = np.array([-1.0, 2.0])
    >>> slopes = rb.rrelu.slopes(x.shape, np.random.default_rng(0))
    >>> y = rb.rrelu(x, slopes=slopes)
    >>> bool(rb.rrelu.backward(x, np.ones(2), slopes=slopes)[0] == -y[0])
    True
    """

    name = "rrelu"
    formula = "x for x ≥ 0, a · x for x < 0, a ~ U(lower, upper)"
    reference = "B. Xu, N. Wang, T. Chen and M. Li, arXiv:1505.00853 (2015)."

    def __call__(
        self,
        x: Any,
        /,
        lower: float = 1 / 8,
        upper: float = 1 / 3,
        *,
        rng: np.random.Generator | int | None = None,
        slopes: Any = None,
        out: Any = None,
    ) -> Any:
        """Return the function of ``x``.

        Parameters
        ----------
        x : array_like
        lower, upper : float
            Bounds of the slopes.
        rng : Generator or int, optional
            Where the slopes are drawn from. Without one and without ``slopes`` their mean is used,
            as in evaluation.
        slopes : array_like, optional
            What `slopes` returned.
        out : ndarray, optional
        """
        if rng is not None:
            if slopes is not None:
                raise InputTypeError("rrelu(x): got rng and slopes; pass one of them.")
            slopes = self.slopes(np.shape(x), rng, lower, upper)
        return catalog["leaky_relu"](x, _mean_unless(slopes, lower, upper), out=out)

    def backward(
        self,
        x: Any,
        grad: Any,
        /,
        lower: float = 1 / 8,
        upper: float = 1 / 3,
        *,
        slopes: Any = None,
        out: Any = None,
    ) -> Any:
        """Return ``grad`` times the derivative, for the slopes that the value was computed with."""
        slopes = _mean_unless(slopes, lower, upper)
        return catalog["leaky_relu"].backward(x, grad, slopes, out=out)

    def slopes(
        self,
        shape: int | tuple[int, ...],
        rng: np.random.Generator | int,
        lower: float = 1 / 8,
        upper: float = 1 / 3,
    ) -> np.ndarray:
        """Draw slopes for an array of this shape."""
        _check_bounds(lower, upper)
        drawn = generator("rrelu", rng)
        try:
            return drawn.uniform(lower, upper, shape)
        except REFUSALS:
            raise InputError(
                f"rrelu: shape is {brief(shape)}; expected a whole number from 0 or a tuple of them."
            ) from None

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> str:
        return self.name


def _mean_unless(slopes: Any, lower: float, upper: float) -> Any:
    _check_bounds(lower, upper)
    return (lower + upper) / 2 if slopes is None else slopes


def _check_bounds(lower: float, upper: float) -> None:
    numbers = all(isinstance(bound, (int, float, np.number)) for bound in (lower, upper))
    if not (numbers and isfinite(lower) and isfinite(upper) and lower <= upper):
        raise InputError(
            f"rrelu: lower is {brief(lower)} and upper {brief(upper)}; "
            "expected finite numbers, lower ≤ upper."
        )


class ConcatenatedReLU:
    """``relu(x)`` and ``relu(-x)`` side by side: twice as long along ``axis``.

    Arrays of PyTorch, JAX and their kind keep their type, masked arrays their mask; of pandas, Polars
    and xarray come plain arrays, as the columns are no longer the same.

    Examples
    --------
    >>> import rheobase as rb
    >>> rb.crelu([[1.0, -2.0]])
    array([[1., 0., 0., 2.]])
    >>> rb.crelu.backward([[1.0, -2.0]], [[1.0, 2.0, 3.0, 4.0]])
    array([[ 1., -4.]])
    """

    name = "crelu"
    formula = "(max(0, x), max(0, -x))"
    reference = "W. Shang, K. Sohn, D. Almeida and H. Lee, arXiv:1603.05201 (2016)."

    def __call__(self, x: Any, /, axis: int = -1) -> Any:
        """Return both halves, joined along ``axis``."""
        relu = catalog["relu"]
        x = catalog["identity"](x)  # a float array: an unsigned integer has no negative
        axis = normalise_axis(f"crelu(x, axis={axis})", axis, tuple(x.shape))
        if isinstance(x, np.ma.MaskedArray):  # numpy.concat drops the mask
            return np.ma.concatenate((relu(x), relu(-x)), axis=axis)  # type: ignore[no-untyped-call]
        library = library_of(x) or np
        return library.concat((relu(x), relu(-x)), axis=axis)

    def backward(self, x: Any, grad: Any, /, axis: int = -1) -> Any:
        """Return the gradient at ``x``; ``grad`` has the shape of the result."""
        relu = catalog["relu"]
        x = catalog["identity"](x)
        positive, negative = halves(f"crelu.backward(x, grad, axis={axis})", grad, axis)
        if tuple(positive.shape) != tuple(x.shape):
            raise InputError(
                f"crelu.backward(x, grad, axis={axis}): half of grad has shape "
                f"{tuple(positive.shape)}; expected {tuple(x.shape)}, the shape of x."
            )
        return relu.backward(x, positive) - relu.backward(-x, negative)

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> str:
        return self.name


rrelu = RandomisedReLU()
crelu = ConcatenatedReLU()
