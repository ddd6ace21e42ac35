"""Operators of PyTorch: ``torch.ops.rheobase.elu``, its gradient ``elu_backward``, and so for each function.

An operator takes tensors, then numbers: ``elu(x, alpha)``. Its gradient takes what was saved, the upstream
gradient and the numbers: ``elu_backward(x, grad, alpha)``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload

from ._tensors import is_dual, is_eager

_LIBRARY = torch.library.Library("rheobase", "DEF")  # type: ignore[no-untyped-call]
Gradients = tuple[Tensor | None, ...]


class Operator:
    """One function with its gradient: what a family of functions computes, and how PyTorch calls it.

    Attributes
    ----------
    suffix : str
        What its name has after that of the function.
    inputs : tuple of str
        Tensors of one shape.
    beside : tuple of str
        Tensors that broadcast to the first input, with their types in the schema.
    options : tuple of str
        The other arguments, with their types.
    results : str
        The type of the value.
    saves_output : bool
        Whether the gradient starts from the output in place of the inputs.
    batches : bool
        Whether it is its own batched form.
    """

    suffix = ""
    inputs: tuple[str, ...]
    beside: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    results = "Tensor"
    saves_output = False
    batches = True

    def __init__(self, name: str) -> None:
        name += self.suffix
        self._tensors = len(self.inputs) + len(self.beside)
        tensors = (*(f"Tensor {x}" for x in self.inputs), *self.beside)
        saved = ("Tensor saved", *self.beside) if self.saves_output else tensors
        one = "Tensor" if len(self.inputs) == 1 else f"({', '.join(['Tensor'] * len(self.inputs))})"
        full = range(len(self.inputs))
        self.op = self._define(
            name, (*tensors, *self.options), self.results, self._value, self.like_value, full
        )
        self.backward_op = self._define(
            f"{name}_backward",
            (*saved, "Tensor grad", *self.options),
            one,
            self._backward,
            self.like_backward,
            (*full, self._tensors),
        )
        self._differentiate(self.op, self._tensors, self._save, self._gradients)
        self._differentiate(
            self.backward_op, self._tensors + 1, lambda tensors, _: tensors, self._second
        )

    # ---- What a family says ----

    def native(self, *arguments: Any) -> Any:
        """Compute the value by the kernels."""
        raise NotImplementedError

    def formula(self, *arguments: Any) -> Any:
        """Compute the value by operators of PyTorch."""
        raise NotImplementedError

    def native_backward(self, *arguments: Any) -> Any:
        """Compute the gradients of the inputs by the kernels."""
        raise NotImplementedError

    def formula_backward(self, *arguments: Any) -> Any:
        """Compute the gradients of the inputs by operators of PyTorch."""
        raise NotImplementedError

    def second(self, tensors: Sequence[Any], cotangents: Sequence[Any], options: Any) -> Gradients:
        """Return the gradients of `native_backward` at its tensors, by operators of PyTorch."""
        raise NotImplementedError

    def beside_gradients(self, tensors: Sequence[Any], grad: Tensor, needed: Any) -> Gradients:
        """Return the gradients at the tensors beside the inputs."""
        return (None,) * len(self.beside)

    def like_value(self, *arguments: Any) -> Any:
        """Return an empty tensor like the value."""
        return torch.empty_like(arguments[0])

    def like_backward(self, *arguments: Any) -> Any:
        """Return empty tensors like the gradients."""
        likes = tuple(torch.empty_like(x) for x in arguments[: len(self.inputs)])
        return likes if len(likes) > 1 else likes[0]

    def batched(self, options: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the options for tensors with one more dimension in front."""
        return options

    # ---- Calls ----

    def __call__(self, *arguments: Any) -> Any:
        """Return the value, recorded for autograd; without the dispatcher where that may be."""
        if torch.compiler.is_compiling():
            return self.op(*arguments)
        recorded = False
        for x in arguments[: self._tensors]:
            if x is not None:
                if not is_eager(x):
                    return self.formula(*arguments) if is_dual() else self.op(*arguments)
                recorded |= x.requires_grad
        if recorded and torch.is_grad_enabled():
            return _Eager.apply(self, *arguments)  # type: ignore[no-untyped-call]
        return self.native(*arguments)

    def _value(self, *arguments: Any) -> Any:
        return (self.native if arguments[0].is_cpu else self.formula)(*arguments)

    def _backward(self, *arguments: Any) -> Any:
        cpu = arguments[0].is_cpu
        return (self.native_backward if cpu else self.formula_backward)(*arguments)

    # ---- Autograd ----

    def _save(self, tensors: tuple[Any, ...], output: Any) -> tuple[Any, ...]:
        return (output, *tensors[len(self.inputs) :]) if self.saves_output else tensors

    def _gradients(
        self, saved: tuple[Any, ...], grads: Sequence[Any], options: Any, needed: Any
    ) -> Gradients:
        grad = grads[0]
        plain = not torch.is_grad_enabled() and not torch.compiler.is_compiling()
        plain = plain and is_eager(grad) and is_eager(saved[0])
        backward = self.native_backward if plain else self.backward_op
        found = backward(*saved, grad, *options)
        found = found if isinstance(found, tuple) else (found,)
        return (*found, *self.beside_gradients(saved, grad, needed[len(self.inputs) :]))

    def _second(
        self, tensors: Sequence[Any], cotangents: Sequence[Any], options: Any, _: Any
    ) -> Gradients:
        return self.second(tensors, cotangents, options)

    # ---- Registration ----

    def _define(
        self,
        name: str,
        arguments: tuple[str, ...],
        result: str,
        kernel: Callable[..., Any],
        like: Callable[..., Any],
        full: Sequence[int],
    ) -> OpOverload:
        """Define an operator; ``full`` are the places of tensors that have all dimensions."""
        _LIBRARY.define(f"{name}({', '.join(arguments)}) -> {result}")  # type: ignore[no-untyped-call]
        _LIBRARY.impl(name, kernel, "CompositeExplicitAutograd")  # type: ignore[no-untyped-call]
        qualified = f"rheobase::{name}"
        torch.library.register_fake(qualified, like, lib=_LIBRARY)
        op = getattr(torch.ops.rheobase, name).default

        def batch(info: Any, dims: tuple[Any, ...], *given: Any) -> tuple[Any, Any]:
            count = sum(argument.startswith("Tensor") for argument in arguments)
            first = given[0].ndim - (dims[0] is not None)
            tensors = [
                _moved(x, dim, info.batch_size, None if k in full else first)
                for k, (x, dim) in enumerate(zip(given[:count], dims, strict=False))
            ]
            found = op(*tensors, *self.batched(given[count:]))
            return found, tuple(0 for _ in found) if isinstance(found, tuple) else 0

        if self.batches:
            torch.library.register_vmap(qualified, batch, lib=_LIBRARY)
        return op  # type: ignore[no-any-return]

    def _differentiate(
        self,
        op: OpOverload,
        count: int,
        save: Callable[..., Any],
        gradients: Callable[..., Gradients],
    ) -> None:
        """Register the gradient of an operator whose first ``count`` arguments are tensors."""

        def setup(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
            ctx.save_for_backward(*save(inputs[:count], output))
            ctx.options = inputs[count:]

        def backward(ctx: Any, *grads: Any) -> Gradients:
            found = gradients(ctx.saved_tensors, grads, ctx.options, ctx.needs_input_grad)
            return (*found, *(None for _ in ctx.options))

        torch.library.register_autograd(op, backward, setup_context=setup, lib=_LIBRARY)


class _Eager(torch.autograd.Function):
    """The way of an `Operator` past the dispatcher, in a third of its time."""

    @staticmethod
    def forward(ctx: Any, operator: Operator, *arguments: Any) -> Any:
        count = operator._tensors
        output = operator.native(*arguments)
        ctx.save_for_backward(*operator._save(arguments[:count], output))
        ctx.operator, ctx.options = operator, arguments[count:]
        return output

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        needed = ctx.needs_input_grad[1:]
        found = ctx.operator._gradients(ctx.saved_tensors, grads, ctx.options, needed)
        return (None, *found, *(None for _ in ctx.options))


def _moved(x: Tensor | None, dim: int | None, size: int, beside: int | None) -> Tensor | None:
    """Return a tensor with its batch in front.

    One that broadcasts to ``beside`` dimensions keeps doing so, all others get the batch.
    """
    if x is None or (dim is None and beside is not None):
        return x
    if dim is None:
        return x.expand(size, *x.shape)
    x = x.movedim(dim, 0)
    missing = 0 if beside is None else beside + 1 - x.ndim
    return x.reshape(size, *[1] * missing, *x.shape[1:]) if missing else x
