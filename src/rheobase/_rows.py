"""The softmax family: functions of whole rows, along any axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _native
from ._arrays import explain, normalise_axis
from ._errors import InputError, InputTypeError


class RowFunction:
    """A function of the rows of an array with its backward.

    Calls keep float16, float32 and float64 and turn integers into floats; sums are taken in float64.
    ``-inf`` is a masked entry. A row whose largest entry is infinite has no probabilities and gives NaN.

    Examples
    --------
    >>> import numpy as np
    >>> import rheobase as rb
    >>> rb.softmax([2.0, 1.0, 0.1]).round(3)
    array([0.659, 0.242, 0.099])
    >>> float(rb.logsumexp([0.0, 0.0]).round(4))
    0.6931
    """

    def __init__(self, name: str, text: str, saved: str, reduces: bool) -> None:
        self.name = name
        self.formula = text
        self.ufunc: np.ufunc = getattr(_native, name)
        self._backward: np.ufunc = getattr(_native, f"{name}_backward")
        self._saved = saved  # what backward starts from: "z" the input or "y" the output
        self._reduces = reduces

    def __call__(self, z: Any, /, *, axis: int = -1, out: Any = None) -> Any:
        """Return the function of each row of ``z``; rows run along ``axis``."""
        return self._call(self.ufunc, f"{self.name}(z, axis={axis})", {"z": z}, axis, out)

    def backward(self, saved: Any, grad: Any, /, *, axis: int = -1, out: Any = None) -> Any:
        """Return the gradient at the logits.

        Parameters
        ----------
        saved : array_like
            What the function returned (`softmax`, `log_softmax`), or its input (`logsumexp`).
        grad : array_like
            Upstream gradient, of the shape of the result.
        axis : int
        out : ndarray, optional
        """
        call = f"{self.name}.backward({self._saved}, grad, axis={axis})"
        return self._call(self._backward, call, {self._saved: saved, "grad": grad}, axis, out)

    def _call(
        self, ufunc: np.ufunc, call: str, operands: dict[str, Any], axis: int, out: Any
    ) -> Any:
        try:
            return ufunc(*operands.values(), axis=axis, out=out)
        except (TypeError, ValueError) as error:
            shape = np.shape(next(iter(operands.values())))
            axis = normalise_axis(call, axis, shape)
            if ufunc is self.ufunc and self._reduces:
                shape = shape[:axis] + shape[axis + 1 :]
            raise explain(call, error, operands, out, shape) from error

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> str:
        return self.name


class CrossEntropy(RowFunction):
    """``-log softmax(z)[target]``, fused; one loss a row.

    Examples
    --------
    >>> import rheobase as rb
    >>> float(rb.cross_entropy([[2.0, 1.0, 0.1]], [0])[0].round(4))
    0.417
    >>> rb.cross_entropy.backward([[2.0, 1.0, 0.1]], [0]).round(3)
    array([[-0.341,  0.242,  0.099]])
    """

    def __init__(self) -> None:
        super().__init__("cross_entropy", "-log softmax(z)[target]", "z", True)

    def __call__(self, z: Any, target: Any, /, *, axis: int = -1, out: Any = None) -> Any:  # type: ignore[override]
        """Return the loss of each row of logits ``z``; ``target`` holds the class index of each row."""
        call = f"cross_entropy(z, target, axis={axis})"
        target = _as_target(call, np.shape(z), target, axis)
        return self._call(self.ufunc, call, {"z": z, "target": target}, axis, out)

    def backward(
        self, z: Any, target: Any, grad: Any = 1.0, /, *, axis: int = -1, out: Any = None
    ) -> Any:
        """Return ``grad · (softmax(z) - one_hot(target))``; ``grad`` has one entry a row."""
        call = f"cross_entropy.backward(z, target, grad, axis={axis})"
        z = np.asarray(z)
        target = _as_target(call, z.shape, target, axis)
        if isinstance(grad, (int, float)) and z.dtype.kind == "f":
            grad = z.dtype.type(grad)
        operands = {"z": z, "target": target, "grad": grad}
        return self._call(self._backward, call, operands, axis, out)


def _as_target(call: str, shape: tuple[int, ...], target: Any, axis: int) -> Any:
    """Return ``target`` as int64 class indices that the rows have."""
    axis = normalise_axis(call, axis, shape)
    target = np.asarray(target)
    if target.dtype.kind not in "iu":
        raise InputTypeError(
            f"{call}: target has dtype {target.dtype}; expected class indices of an integer dtype."
        )
    rows = shape[:axis] + shape[axis + 1 :]
    if target.shape not in (rows, ()):
        raise InputError(
            f"{call}: target has shape {target.shape}; expected {rows}, one index a row."
        )
    if target.size and not (target.min() >= 0 and target.max() < shape[axis]):
        raise InputError(
            f"{call}: target holds indices from {target.min()} to {target.max()}; "
            f"expected 0 to {shape[axis] - 1}, as z has {shape[axis]} classes."
        )
    return target.astype(np.int64, copy=False)


softmax = RowFunction("softmax", "e^z_i / Σ_j e^z_j", "y", False)
log_softmax = RowFunction("log_softmax", "z_i - log Σ_j e^z_j", "y", False)
logsumexp = RowFunction("logsumexp", "log Σ_j e^z_j", "z", True)
cross_entropy = CrossEntropy()
