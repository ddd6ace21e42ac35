"""Row functions of arrays of other libraries: short stable formulas in the array's own namespace.

``xp`` is PyTorch or a namespace of the array API, ``present`` None or the entries that are not masked.
Results are that library's arrays, differentiable as it makes them, and computed in their dtype.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from .._namespaces import library_of

INF, NAN = math.inf, math.nan


def choose(xp: Any, condition: Any, array: Any, other: float) -> Any:
    """Return ``array`` where the condition holds, else a number."""
    return xp.where(condition, array, xp.full_like(array, other))


def visible(xp: Any, z: Any, present: Any, hidden: float = -INF) -> Any:
    """Return ``z`` with the masked entries hidden."""
    return z if present is None else choose(xp, present, z, hidden)


def largest_of(xp: Any, z: Any, axis: int) -> Any:
    return (xp.amax if hasattr(xp, "amax") else xp.max)(z, axis=axis, keepdims=True)


def total(xp: Any, z: Any, axis: int) -> Any:
    return xp.sum(z, axis=axis, keepdims=True)


def counted(xp: Any, z: Any, axis: int, present: Any) -> Any:
    """Return how many entries of each row are not masked, at least 1."""
    count = total(xp, visible(xp, xp.ones_like(z), present, 0.0), axis)
    return choose(xp, count > 0, count, 1.0)


def _exponentials(xp: Any, z: Any, axis: int, present: Any) -> tuple[Any, Any, Any]:
    """Return ``z - m`` and its exponentials with their sum; a row of nothing has the sum 1."""
    z = visible(xp, z, present)
    largest = largest_of(xp, z, axis)
    if present is not None:
        some = xp.any(present, axis=axis, keepdims=True)
        largest = choose(xp, some, largest, 0.0)
    shifted = z - largest
    terms = xp.exp(shifted)
    sums = total(xp, terms, axis)
    return shifted, terms, sums if present is None else choose(xp, some, sums, 1.0)


def softmax(xp: Any, z: Any, axis: int, present: Any) -> Any:
    _, terms, sums = _exponentials(xp, z, axis, present)
    return terms / sums


def log_softmax(xp: Any, z: Any, axis: int, present: Any) -> Any:
    shifted, _, sums = _exponentials(xp, z, axis, present)
    return shifted - xp.log(sums)


def logsumexp(xp: Any, z: Any, axis: int, present: Any) -> Any:
    z = visible(xp, z, present)
    largest = largest_of(xp, z, axis)
    largest = choose(xp, xp.isfinite(largest), largest, 0.0)
    sums = total(xp, xp.exp(z - largest), axis)
    if present is None:
        return largest + xp.log(sums)
    some = xp.any(present, axis=axis, keepdims=True)
    return choose(xp, some, largest + xp.log(choose(xp, some, sums, 1.0)), -INF)


def logmeanexp(xp: Any, z: Any, axis: int, present: Any) -> Any:
    return logsumexp(xp, z, axis, present) - xp.log(counted(xp, z, axis, present))


def sparsemax(xp: Any, z: Any, axis: int, present: Any) -> Any:
    z = visible(xp, z, present)
    z = z - largest_of(xp, z, axis)
    descending = -_ascending(xp, -z, axis)
    summed = xp.cumulative_sum if hasattr(xp, "cumulative_sum") else xp.cumsum
    rank = summed(xp.ones_like(z), axis=axis)
    above = rank * descending > summed(descending, axis=axis) - 1
    count = total(xp, choose(xp, above, xp.ones_like(z), 0.0), axis)
    tau = (total(xp, choose(xp, above, descending, 0.0), axis) - 1) / count
    tau = choose(xp, count > 0, tau, NAN)
    return visible(xp, choose(xp, ~(z <= tau), z - tau, 0.0), present, 0.0)


def hardmax(xp: Any, z: Any, axis: int, present: Any) -> Any:
    z = visible(xp, z, present)
    first = _places(xp, z, axis) == xp.argmax(z, axis=axis, keepdims=True)
    unknown = total(xp, choose(xp, xp.isnan(z), xp.ones_like(z), 0.0), axis) > 0
    one = choose(xp, ~unknown, choose(xp, first, xp.ones_like(z), 0.0), NAN)
    return visible(xp, one, present, 0.0)


def softmax_backward(xp: Any, p: Any, grad: Any, axis: int, present: Any) -> Any:
    p = visible(xp, p, present, 0.0)
    grad = choose(xp, p != 0, grad, 0.0)
    return p * (grad - total(xp, p * grad, axis))


def log_softmax_backward(xp: Any, y: Any, grad: Any, axis: int, present: Any) -> Any:
    y = visible(xp, y, present)
    grad = choose(xp, y != -INF, grad, 0.0)
    return grad - xp.exp(y) * total(xp, grad, axis)


def sparsemax_backward(xp: Any, p: Any, grad: Any, axis: int, present: Any) -> Any:
    p = visible(xp, p, present, 0.0)
    grad = choose(xp, p != 0, grad, 0.0)
    count = total(xp, choose(xp, p != 0, xp.ones_like(p), 0.0), axis)
    mean = total(xp, grad, axis) / choose(xp, count > 0, count, 1.0)
    return choose(xp, p != 0, grad - mean + 0 * p, 0.0)


def hardmax_backward(xp: Any, p: Any, grad: Any, axis: int, present: Any) -> Any:
    return xp.zeros_like(p)


def logsumexp_backward(xp: Any, z: Any, grad: Any, axis: int, present: Any) -> Any:
    return grad * softmax(xp, z, axis, present)


def cross_entropy(xp: Any, z: Any, axis: int, present: Any, **targets: Any) -> Any:
    q = _probabilities(xp, z, axis, present, **targets)
    logarithms = choose(xp, q != 0, log_softmax(xp, z, axis, present), 0.0)
    return 0.0 - total(xp, q * logarithms, axis)  # 0, not -0, in a row to ignore


def cross_entropy_backward(
    xp: Any, z: Any, grad: Any, axis: int, present: Any, **targets: Any
) -> Any:
    q = _probabilities(xp, z, axis, present, **targets)
    weight = total(xp, q, axis)
    slope = choose(xp, weight != 0, softmax(xp, z, axis, present) * weight - q, 0.0)
    return grad * visible(xp, slope, present, 0.0)


def _probabilities(
    xp: Any, z: Any, axis: int, present: Any, *, target: Any, smoothing: float, ignored: int | None
) -> Any:
    """Return q after smoothing, 0 in a row to ignore; NaN for an index outside the row (a tracer's are not known)."""
    if library_of(target) is None:
        target = xp.asarray(target)
    if target.shape == z.shape and "float" in str(target.dtype):
        if ignored is not None:
            raise ValueError("ignore_index needs class indices")
        q, counts = target, None
    elif "int" in str(target.dtype):
        if tuple(target.shape) not in ((), kept(z.shape, axis, False)):
            raise ValueError(f"target has shape {tuple(target.shape)}; expected one index a row")
        if target.ndim:
            target = xp.reshape(target, kept(z.shape, axis))
        classes = _places(xp, z, axis)
        convert = target.to if hasattr(target, "to") else partial(xp.astype, target)
        target = convert(classes.dtype)  # an unsigned one would wrap ignore_index
        q = choose(xp, classes == target, xp.ones_like(z), 0.0)
        q = choose(xp, (target >= 0) & (target < z.shape[axis]), q, NAN)
        counts = None if ignored is None else target != ignored
    else:
        raise TypeError(f"target has dtype {target.dtype}; expected integers, or floats like z")
    if smoothing:
        each = smoothing / counted(xp, z, axis, present)
        q = (1 - smoothing) * q + visible(xp, xp.ones_like(z), present, 0.0) * each
    if present is not None:
        q = choose(xp, xp.any(present, axis=axis, keepdims=True), q, 0.0)
    return q if counts is None else choose(xp, counts, q, 0.0)


def _places(xp: Any, z: Any, axis: int) -> Any:
    """Return the place of each entry in its row."""
    device = {"device": z.device} if xp.__name__ == "torch" else {}  # others find it themselves
    along = tuple(-1 if i == axis else 1 for i in range(z.ndim))
    return xp.reshape(xp.arange(z.shape[axis], **device), along)


def _ascending(xp: Any, z: Any, axis: int) -> Any:
    return xp.sort(z, dim=axis).values if xp.__name__ == "torch" else xp.sort(z, axis=axis)


def kept(shape: Any, axis: int, keep: bool = True) -> tuple[int, ...]:
    """Return the shape of one result a row, with or without the axis."""
    return (*shape[:axis], *([1] if keep else []), *shape[axis + 1 :])
