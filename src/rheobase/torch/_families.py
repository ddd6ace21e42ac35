"""The operators of each family of functions (of an element, gates, rows), made of the catalogues."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .. import rows
from .._activation import Activation
from .._dual import slope_of
from .._gated import Gated, gated
from .._namespaces import Namespace
from ..catalog import catalog
from ..rows import RowFunction
from ..rows._function import UNTEMPERED
from ._operators import Gradients, Operator
from ._tensors import as_array, as_operand, new, new_like


class Elementwise(Operator):
    """A function of one element; its parameters are numbers."""

    inputs = ("x",)

    def __init__(self, activation: Activation) -> None:
        self.activation = activation
        self._slope = activation.declaration.derivative
        self._take(activation.params)
        super().__init__(activation.name)

    def _take(self, params: Iterable[str]) -> None:
        self.options = tuple(f"float {name}" for name in params)

    def native(self, x: Tensor, *params: Any) -> Any:
        out = new_like(x)
        self.activation(as_array(x), *map(as_operand, params), out=as_array(out))
        return out

    def formula(self, x: Tensor, *params: Any) -> Any:
        return self.activation(x, *_like(x, params))

    def native_backward(self, *arguments: Any) -> Any:
        x, grad, params = self._parted(arguments)
        out, operands = new_like(x), map(as_operand, params)
        self.activation.backward(as_array(x), as_array(grad), *operands, out=as_array(out))
        return out

    def formula_backward(self, *arguments: Any) -> Any:
        x, grad, params = self._parted(arguments)
        return grad * self._slope(Namespace(torch, x), x, *_like(x, params))

    def second(self, tensors: Sequence[Any], cotangents: Sequence[Any], options: Any) -> Gradients:
        x, *beside, grad = tensors
        weight = grad * cotangents[0]
        operands = (x, *beside, *options)
        slopes = [_slope(self._slope, operands, k, weight) for k in range(1 + len(beside))]
        return (*slopes, self.gradient(x, *beside, cotangents[0], *options))

    def _parted(self, arguments: tuple[Any, ...]) -> tuple[Tensor, Tensor, tuple[Any, ...]]:
        """What was saved, the upstream gradient and the parameters."""
        x, grad, *params = arguments
        return x, grad, tuple(params)


class Trained(Elementwise):
    """The same with tensors as parameters, which have gradients."""

    suffix = "_trained"

    def _take(self, params: Iterable[str]) -> None:
        self.beside = tuple(f"Tensor {name}" for name in params)

    def beside_gradients(self, tensors: Sequence[Any], grad: Tensor, needed: Any) -> Gradients:
        formula = self.activation.declaration.formula
        return tuple(
            _slope(formula, tensors, k, grad) if wanted else None
            for k, wanted in enumerate(needed[: len(self.beside)], 1)
        )

    def _parted(self, arguments: tuple[Any, ...]) -> tuple[Tensor, Tensor, tuple[Any, ...]]:
        x, *params, grad = arguments
        return x, grad, tuple(params)


def _like(x: Tensor, params: Iterable[Any]) -> list[Any]:
    """Return parameters such that a formula keeps the dtype of x."""
    return [p.to(x.dtype) if isinstance(p, Tensor) else p for p in params]


def _slope(
    formula: Callable[..., Any], operands: Sequence[Any], which: int, weight: Tensor
) -> Tensor:
    """Return the gradient at one operand of a formula, the upstream gradient being ``weight``."""
    x, wanted = operands[0], operands[which]
    wide = torch.float32 if x.itemsize < 4 else x.dtype
    lifted = [v.to(wide) if isinstance(v, Tensor) else v for v in operands]
    _, slope = slope_of(formula, which)(Namespace(torch, lifted[0]), *lifted)
    found: Tensor = (weight.to(wide) * slope).sum_to_size(wanted.shape).to(wanted.dtype)
    return found


class Gate(Operator):
    """A gated unit of two tensors."""

    inputs = ("gate", "up")

    def __init__(self, unit: Gated, function: Elementwise) -> None:
        self.unit = unit
        self._function = function
        super().__init__(unit.name)

    def native(self, gate: Tensor, up: Tensor) -> Any:
        out = new_like(gate)
        self.unit(as_array(gate), as_array(up), out=as_array(out))
        return out

    def formula(self, gate: Tensor, up: Tensor) -> Any:
        return self.unit(gate, up)

    def native_backward(self, gate: Tensor, up: Tensor, grad: Tensor) -> Any:
        outs = new_like(gate), new_like(up)
        self.unit.backward(*map(as_array, (gate, up, grad)), out=tuple(map(as_array, outs)))
        return outs

    def formula_backward(self, gate: Tensor, up: Tensor, grad: Tensor) -> Any:
        return self.unit.backward(gate, up, grad)

    def second(self, tensors: Sequence[Any], cotangents: Sequence[Any], options: Any) -> Gradients:
        (gate, up, grad), (at_gate, at_up) = tensors, cotangents
        derivative = self.unit.activation.declaration.derivative
        value, backward = self._function.value, self._function.gradient
        return (
            _slope(derivative, (gate,), 0, at_gate * grad * up) + backward(gate, at_up * grad),
            backward(gate, at_gate * grad),
            backward(gate, at_gate * up) + at_up * value(gate),
        )


class SplitGate(Operator):
    """A gated unit of the two halves of one tensor."""

    inputs = ("x",)
    options = ("int dim", "bool first")
    suffix = "_split"

    def __init__(self, of: Gate) -> None:
        self._of = of
        super().__init__(of.unit.name)

    def native(self, x: Tensor, *where: Any) -> Any:
        out = new(x, _half(x, where[0]))
        _by_rows(lambda g, u, y: self._of.unit(g, u, out=y), *_halves(x, *where), out)
        return out

    def formula(self, x: Tensor, *where: Any) -> Any:
        return self._of.formula(*_halves(x, *where))

    def native_backward(self, x: Tensor, grad: Tensor, *where: Any) -> Any:
        out = new_like(x)
        tensors = (*_halves(x, *where), grad, *_halves(out, *where))
        _by_rows(lambda g, u, d, *y: self._of.unit.backward(g, u, d, out=y), *tensors)
        return out

    def formula_backward(self, x: Tensor, grad: Tensor, *where: Any) -> Any:
        gate, up = _halves(x, *where)
        return _joined(self._of.formula_backward(gate, up, grad), *where)

    def second(self, tensors: Sequence[Any], cotangents: Sequence[Any], options: Any) -> Gradients:
        x, grad = tensors
        halves = (*_halves(x, *options), grad)
        *both, at_grad = self._of.second(halves, _halves(cotangents[0], *options), ())
        return _joined(both, *options), at_grad

    def like_value(self, *arguments: Any) -> Any:
        x, dim, _ = arguments
        return x.new_empty(_half(x, dim))

    def batched(self, options: tuple[Any, ...]) -> tuple[Any, ...]:
        dim, first = options
        return dim + 1, first


def _by_rows(run: Callable[..., Any], *tensors: Tensor) -> None:
    """Call ``run`` on the arrays, parts of them at a time on PyTorch's number of threads.

    Rows that lie apart are too short each for the kernels' own threads.
    """
    threads = torch.get_num_threads()
    arrays = [as_array(tensor) for tensor in tensors]
    if threads == 1 or tensors[0].numel() < 1 << 20 or tensors[0].is_contiguous():
        run(*arrays)
        return
    parts = [np.array_split(array, threads) for array in arrays]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, *parts))


def _half(x: Tensor, dim: int) -> tuple[int, ...]:
    return (*x.shape[:dim], x.shape[dim] // 2, *x.shape[dim + 1 :])


def _halves(x: Tensor, dim: int, first: bool) -> tuple[Tensor, Tensor]:
    """Return the gate and the other factor."""
    a, b = x.chunk(2, dim)
    return (a, b) if first else (b, a)


def _joined(halves: Sequence[Any], dim: int, first: bool) -> Tensor:
    return torch.cat(list(halves) if first else list(halves)[::-1], dim)


class Row(Operator):
    """A function of rows; a mask lies beside the input."""

    inputs = ("z",)
    beside = ("Tensor? where",)
    options = ("int dim", "float temperature")

    def __init__(self, function: RowFunction) -> None:
        self.function = function
        self.saves_output = function.saved == "y"
        super().__init__(function.name)

    def native(self, z: Tensor, where: Tensor | None, dim: int, temperature: float) -> Any:
        out = new(z, self._shape(z, dim)) if self.function.reduces else new_like(z)
        self.function(as_array(z), **_options(where, dim, temperature), out=as_array(out))
        return out

    def formula(self, z: Tensor, where: Tensor | None, dim: int, temperature: float) -> Any:
        return self.function(z, axis=dim, where=where, temperature=temperature)

    def native_backward(
        self, saved: Tensor, where: Tensor | None, grad: Tensor, dim: int, temperature: float
    ) -> Any:
        out, options = new_like(saved), _options(where, dim, temperature)
        self.function.backward(as_array(saved), as_array(grad), **options, out=as_array(out))
        return out

    def formula_backward(
        self, saved: Tensor, where: Tensor | None, grad: Tensor, dim: int, temperature: float
    ) -> Any:
        return self.function.backward(saved, grad, axis=dim, where=where, temperature=temperature)

    def second(self, tensors: Sequence[Any], cotangents: Sequence[Any], options: Any) -> Gradients:
        saved, where, grad = tensors

        def first(saved: Tensor, grad: Tensor) -> Any:
            return self.formula_backward(saved, where, grad, *options)

        at_saved, at_grad = torch.func.vjp(first, saved, grad)[1](cotangents[0])
        return at_saved, None, at_grad

    def like_value(self, *arguments: Any) -> Any:
        z, _, dim, *_ = arguments
        if not self.function.reduces:
            return super().like_value(z)
        return z.new_empty(self._shape(z, dim))

    def _shape(self, z: Tensor, dim: int) -> tuple[int, ...]:
        """Return the shape of one result a row."""
        return (*z.shape[:dim], *z.shape[dim + 1 :])

    def batched(self, options: tuple[Any, ...]) -> tuple[Any, ...]:
        dim, temperature = options
        return dim + 1, temperature


def _options(where: Tensor | None, dim: int, temperature: float) -> dict[str, Any]:
    return {
        "axis": dim,
        "where": None if where is None else as_array(where),
        "temperature": UNTEMPERED if temperature == 1 else temperature,  # the object says: none
    }


ELEMENTWISE: Mapping[str, Elementwise] = {name: Elementwise(f) for name, f in catalog.items()}
TRAINED: Mapping[str, Trained] = {name: Trained(f) for name, f in catalog.items() if f.params}
GATES: Mapping[str, Gate] = {
    name: Gate(unit, ELEMENTWISE[unit.activation.name]) for name, unit in gated.items()
}
SPLIT: Mapping[str, SplitGate] = {name: SplitGate(gate) for name, gate in GATES.items()}
ROWS: Mapping[str, Row] = {f.name: Row(f) for f in vars(rows).values() if type(f) is RowFunction}
