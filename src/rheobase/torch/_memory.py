"""What is kept for the backward pass in place of the input: the output, or one bit an element."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .._activation import Activation
from .._errors import InputError
from .._namespaces import Namespace
from ..catalog import catalog
from ._families import ELEMENTWISE, Elementwise
from ._operators import Gradients
from ._tensors import as_array, dtype_of, is_transformed, new_like

Array = NDArray[Any]

BLOCK = 1 << 14  # elements that stay in the caches while a formula goes over them
_PROBE = np.linspace(-9, 9, 289)


# ---- The output ----------------------------------------------------------------------------------


class FromOutput(Elementwise):
    """A function whose derivative is computed from its output."""

    suffix = "_from_output"
    saves_output = True

    def __init__(self, activation: Activation) -> None:
        super().__init__(activation)
        formula = activation.declaration.from_output
        assert formula
        self._slope = formula
        with np.errstate(all="ignore"):
            slope = formula(Namespace(np, _PROBE), _PROBE, *activation.params.values())
        # relu and its kind: f'(f(x)) = f'(x), so the kernels take the output as it is
        self._kept = np.array_equal(slope, activation.derivative(_PROBE))

    def native_backward(self, *arguments: Any) -> Any:
        y, grad, params = self._parted(arguments)
        if self._kept:
            return super().native_backward(*arguments)
        if not y.is_contiguous():
            return self.formula_backward(*arguments)
        out = new_like(y)
        wide: Any = np.float32 if y.itemsize < 4 else as_array(y).dtype
        m = Namespace(np, np.empty((), wide))
        with np.errstate(all="ignore"):
            for of, upstream, to in _blocks(y, grad, out):
                slope = self._slope(m, of.astype(wide, copy=False), *params)
                to[...] = upstream.astype(wide, copy=False) * slope
        return out


def _blocks(*tensors: Tensor) -> Iterator[list[Array]]:
    """Yield the same elements of each, block by block; what is written must be contiguous."""
    arrays = [as_array(tensor.reshape(-1)) for tensor in tensors]
    for start in range(0, arrays[0].size, BLOCK):
        yield [array[start : start + BLOCK] for array in arrays]


# ---- One bit -------------------------------------------------------------------------------------


class Masked(Elementwise):
    """A function of at most two slopes: a bit says which of them an element has."""

    suffix = "_with_mask"
    results = "(Tensor, Tensor)"
    saves_output = True  # the second part of it
    batches = False  # a byte of the mask belongs to eight elements

    def __call__(self, *arguments: Any) -> Tensor:
        if not torch.compiler.is_compiling() and is_transformed():
            return ELEMENTWISE[self.activation.name](*arguments)
        value: Tensor = self.value.op(*arguments)[0]
        return value

    def native(self, x: Tensor, *params: Any) -> Any:
        _, steep = _two_inputs(self.activation, params, dtype_of(x))
        slope = self.activation.derivative(steep, *params)
        mask = self._empty_mask(x)
        for (of,), to in zip(_blocks(x), _bytes(mask), strict=True):
            to[...] = np.packbits(self.activation.derivative(of, *params) == slope)
        return super().native(x, *params), mask

    def formula(self, x: Tensor, *params: Any) -> Any:
        _, steep = _two_inputs(self.activation, params, np.dtype(float))
        bits = self._slope(Namespace(torch, x), x, *params) == self._slope_at(x, steep, params)
        bits = torch.nn.functional.pad(bits.reshape(-1), (0, -x.numel() % 8)).reshape(-1, 8)
        mask = (bits * _weights(x)).sum(-1, dtype=torch.uint8)
        return super().formula(x, *params), mask

    def native_backward(self, mask: Tensor, grad: Tensor, *params: Any) -> Any:
        flat, steep = _two_inputs(self.activation, params, dtype_of(grad))
        out = new_like(grad.contiguous())
        for (upstream, to), part in zip(_blocks(grad, out), _bytes(mask), strict=True):
            bits = np.unpackbits(part, count=len(to))
            some = flat + bits * (steep - flat)  # an input of the same slope
            self.activation.backward(some, upstream, *params, out=to)
        return out

    def formula_backward(self, mask: Tensor, grad: Tensor, *params: Any) -> Any:
        ends = _two_inputs(self.activation, params, np.dtype(float))
        flat, steep = (self._slope_at(grad, end, params) for end in ends)
        bits = (mask[:, None] & _weights(grad)).reshape(-1)[: grad.numel()] != 0
        return grad * torch.where(bits.reshape(grad.shape), steep, flat)

    def like_value(self, *arguments: Any) -> Any:
        return super().like_value(*arguments), self._empty_mask(arguments[0])

    def like_backward(self, *arguments: Any) -> Any:
        return torch.empty_like(arguments[1], memory_format=torch.contiguous_format)

    def second(self, tensors: Sequence[Any], cotangents: Sequence[Any], options: Any) -> Gradients:
        return None, self.gradient.op(tensors[0], cotangents[0], *options)

    def save(self, tensors: tuple[Any, ...], output: Any) -> tuple[Any, ...]:
        _, mask = output
        return (mask,)

    def _empty_mask(self, x: Tensor) -> Tensor:
        return x.new_empty((x.numel() + 7) // 8, dtype=torch.uint8)

    def _slope_at(self, like: Tensor, point: Any, params: tuple[Any, ...]) -> Tensor:
        x = torch.full((), float(point), dtype=like.dtype, device=like.device)
        return self._slope(Namespace(torch, x), x, *params)  # type: ignore[no-any-return]


def _bytes(mask: Tensor) -> Iterator[Array]:
    """Yield the part of a mask for each block."""
    array = as_array(mask)
    for start in range(0, array.size, BLOCK // 8):
        yield array[start : start + BLOCK // 8]


def _weights(like: Tensor) -> Tensor:
    """Return the places of eight elements in a byte."""
    return torch.tensor([128, 64, 32, 16, 8, 4, 2, 1], dtype=torch.uint8, device=like.device)


@lru_cache(maxsize=256)
def _two_inputs(activation: Activation, params: tuple[float, ...], dtype: np.dtype[Any]) -> Any:
    """Return an input of the least slope and one of the greatest."""
    kinks = sorted(activation.declaration.kinks(*params)) or [0.0]
    first, last = kinks[0], kinks[-1]
    between = [(a + b) / 2 for a, b in pairwise(kinks)]
    x = np.array([first - 1 - abs(first), *between, last + 1 + abs(last)]).astype(dtype)
    slopes = activation.derivative(x, *params).astype(float)
    return x[[slopes.argmin(), slopes.argmax()]]


# ---- The choice ----------------------------------------------------------------------------------


def _slopes(activation: Activation) -> int:
    return len(np.unique(activation.derivative(_PROBE)))


FROM_OUTPUT: dict[str, Elementwise] = {
    name: FromOutput(f) for name, f in catalog.items() if f.declaration.from_output
}
MASKED: dict[str, Elementwise] = {name: Masked(f) for name, f in catalog.items() if _slopes(f) <= 2}


def saving(name: str, memory: str, params: tuple[Any, ...]) -> Elementwise:
    """Return the operator that keeps what ``memory`` says, or say why there is none."""
    call = f"{name}(x, memory={memory!r})"
    if memory == "input":
        return ELEMENTWISE[name]
    if memory not in ("output", "mask"):
        raise InputError(f"{call}: expected 'input', 'output' or 'mask'.")
    known = FROM_OUTPUT if memory == "output" else MASKED
    why = (
        "its output does not tell the derivative"
        if memory == "output"
        else "it has more than two slopes, and a bit tells two apart"
    )
    if name not in known:
        raise InputError(f"{call}: {why}; expected 'input', or one of {', '.join(known)}.")
    operator = known[name]
    if any(isinstance(value, Tensor) for value in params):
        raise InputError(
            f"{call}: got a tensor as parameter, whose gradient needs the input; "
            "expected numbers, or memory='input'."
        )
    if memory == "output" and not operator.activation.declaration.output_tells(*params):
        bound = ", ".join(
            f"{p}={v}" for p, v in zip(operator.activation.params, params, strict=True)
        )
        raise InputError(f"{call}: with {bound} {why}; expected 'input'.")
    return operator
