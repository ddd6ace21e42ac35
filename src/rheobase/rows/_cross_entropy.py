"""Cross-entropy of logits and targets, fused."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _native
from .._arrays import normalise_axis
from .._errors import InputError, InputTypeError
from .._namespaces import library_of
from ._elsewhere import cross_entropy, cross_entropy_backward
from ._function import REFUSALS, UNTEMPERED, RowFunction, describe, masked_entries, rows_of

UNSMOOTHED = 0.0


class CrossEntropy(RowFunction):
    """``-Σ q_i log softmax(z)_i``, one loss a row; q is one-hot at a class index or given.

    A row that is ignored or has no entry left by its mask has loss and gradient 0.  A target on a masked
    entry is impossible, its loss infinite.

    Examples
    --------
    >>> import rheobase as rb
    >>> float(rb.cross_entropy([[2.0, 1.0, 0.1]], [0])[0].round(4))
    0.417
    >>> rb.cross_entropy.backward([[2.0, 1.0, 0.1]], [0]).round(3)
    array([[-0.341,  0.242,  0.099]])
    >>> rb.cross_entropy([[2.0, 1.0], [0.0, 9.0]], [0, -1], ignore_index=-1).round(4)
    array([0.3133, 0.    ])
    >>> rb.cross_entropy([2.0, 1.0, 0.1], [0.5, 0.5, 0.0]).round(4)
    np.float64(0.917)
    """

    def __init__(self) -> None:
        super().__init__("cross_entropy", "-Σ_i q_i log softmax(z)_i", saved="z", reduces=True)

    def __call__(  # type: ignore[override]
        self,
        z: Any,
        target: Any,
        /,
        *,
        axis: int = -1,
        where: Any = None,
        temperature: float = UNTEMPERED,
        label_smoothing: float = UNSMOOTHED,
        ignore_index: int | None = None,
        out: Any = None,
    ) -> Any:
        """Return the loss of each row of logits.

        Parameters
        ----------
        z : array_like
        target : array_like
            The class index of each row, or floats of the shape of ``z``: the probabilities q. A masked
            index is ignored, a masked probability is 0.
        axis, where, temperature
            As for `softmax`.
        label_smoothing : float
            s in 0 to 1: q becomes ``(1 - s) q + s / n``, n the number of entries that are not masked.
        ignore_index : int, optional
            Rows with this target have loss and gradient 0.
        out : ndarray, optional
        """
        plain = where is None and temperature is UNTEMPERED and label_smoothing is UNSMOOTHED
        if plain and ignore_index is None:
            try:
                if _takes(z, target, axis):
                    return _native.cross_entropy(z, target, axis=axis, out=out)
            except REFUSALS:
                pass  # the long way finds the reason
        return self._apply(
            "cross_entropy",
            "",
            z,
            target,
            {},
            axis,
            where,
            temperature,
            label_smoothing,
            ignore_index,
            out,
        )

    def backward(
        self,
        z: Any,
        target: Any,
        grad: Any = 1.0,
        /,
        *,
        axis: int = -1,
        where: Any = None,
        temperature: float = UNTEMPERED,
        label_smoothing: float = UNSMOOTHED,
        ignore_index: int | None = None,
        out: Any = None,
    ) -> Any:
        """Return ``grad (softmax(z) - q)``; ``grad`` has one entry a row."""
        plain = where is None and temperature is UNTEMPERED and label_smoothing is UNSMOOTHED
        if plain and ignore_index is None and type(grad) is np.ndarray:
            try:
                if _takes(z, target, axis) and grad.shape == target.shape:
                    return _native.cross_entropy_backward(z, target, grad, axis=axis, out=out)
            except REFUSALS:
                pass
        if isinstance(grad, (int, float)) and library_of(z, target, where) is None:
            z = z if isinstance(z, np.ndarray) else np.asarray(z)
            if z.dtype.kind in "fV":
                grad = z.dtype.type(grad)
        return self._apply(
            "cross_entropy.backward", "_backward", z, target, {"grad": grad},
            axis, where, temperature, label_smoothing, ignore_index, out,
        )  # fmt: skip

    def _apply(
        self,
        function: str,
        suffix: str,
        z: Any,
        target: Any,
        grad: dict[str, Any],
        axis: Any,
        where: Any,
        temperature: Any,
        smoothing: Any,
        ignored: Any,
        out: Any,
    ) -> Any:
        call = describe(function, {"z": z, "target": target, **grad}, axis, where, temperature)
        smoothing = _check_smoothing(call, smoothing)
        library = library_of(z, target, where, *grad.values())
        if library is not None:
            of = cross_entropy_backward if grad else cross_entropy
            formula = partial(of, target=target, smoothing=smoothing, ignored=ignored)
            operands = {"z": z, **grad}
            return self._run_elsewhere(
                library, formula, function, operands, axis, where, temperature, out
            )
        target = np.asanyarray(target)
        shape = np.shape(z)
        if target.dtype.kind in "fV" and target.shape == shape:
            if ignored is not None:
                raise InputError(
                    f"{call}: ignore_index={ignored!r} with probability targets; it needs class indices."
                )
            native, plain = "soft_cross_entropy", None
            target = np.ma.filled(target, 0)
        else:
            native = "cross_entropy"
            target = _as_indices(call, shape, target, axis, ignored)
            plain = getattr(_native, native + suffix) if smoothing == 0 else None
        kernels = (plain, getattr(_native, f"{native}{suffix}_where"))
        operands = {"z": z, "target": target, **grad}
        return self._run(
            kernels, function, operands, axis, where, temperature, out, extra=(smoothing,)
        )


def _takes(z: Any, target: Any, axis: int) -> bool:
    """Whether the plain kernels take these arrays as they are: an index of the row for each row."""
    if not (type(z) is type(target) is np.ndarray and target.dtype == np.int64):
        return False
    if target.shape != rows_of(z, axis):
        return False
    largest = np.maximum.reduce(target.view(np.uint64), axis=None, initial=0)  # a negative is huge
    return bool(largest < z.shape[axis])


def _check_smoothing(call: str, smoothing: Any) -> float:
    if isinstance(smoothing, (bool, np.bool_)) or not isinstance(
        smoothing, (int, float, np.integer, np.floating)
    ):
        raise InputTypeError(f"{call}: label_smoothing is {smoothing!r}; expected 0 to 1.")
    if not 0 <= smoothing <= 1:
        raise InputError(f"{call}: label_smoothing is {smoothing!r}; expected 0 to 1.")
    return float(smoothing)


def _as_indices(
    call: str, shape: tuple[int, ...], target: NDArray[Any], axis: Any, ignored: Any
) -> NDArray[np.int64]:
    """Return class indices that the rows have, -1 for rows to ignore."""
    axis = normalise_axis(call, axis, shape)
    rows = shape[:axis] + shape[axis + 1 :]
    if target.dtype.kind not in "iu":
        raise InputTypeError(
            f"{call}: target has dtype {target.dtype} and shape {target.shape}; expected class indices of "
            f"an integer dtype, or floating probabilities of shape {shape}."
        )
    if target.shape not in (rows, ()):
        raise InputError(
            f"{call}: target has shape {target.shape}; expected {rows}, one index a row."
        )
    absent = masked_entries(target)
    skipped = np.zeros(target.shape, bool) if absent is None else absent
    target = np.ma.getdata(target)
    inside = (target >= 0) & (target < shape[axis]) | skipped
    if ignored is None:
        if not inside.all():
            raise InputError(
                f"{call}: target holds indices from {target.min()} to {target.max()}; "
                f"expected 0 to {shape[axis] - 1}, as z has {shape[axis]} classes."
            )
        return np.where(skipped, -1, target.astype(np.int64))
    if isinstance(ignored, (bool, np.bool_)) or not isinstance(ignored, (int, np.integer)):
        raise InputTypeError(f"{call}: ignore_index is {ignored!r}; expected an integer.")
    skipped = skipped | (target == ignored)
    if not (inside | skipped).all():
        wrong = target[~(inside | skipped)]
        raise InputError(
            f"{call}: target holds indices from {wrong.min()} to {wrong.max()}; expected 0 to "
            f"{shape[axis] - 1}, as z has {shape[axis]} classes, or ignore_index={ignored}."
        )
    return np.where(skipped, -1, target.astype(np.int64))
