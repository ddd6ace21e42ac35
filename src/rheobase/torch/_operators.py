"""Operators of PyTorch: ``torch.ops.rheobase.elu``, its gradient ``elu_backward``, and so for each function.

An operator takes tensors, then numbers: ``elu(x, alpha)``. Its gradient takes what was saved, the upstream
gradient and the numbers: ``elu_backward(x, grad, alpha)``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from ._tensors import is_dual, is_eager, is_transformed

_LIBRARY = torch.library.Library("rheobase", "DEF")  # type: ignore[no-untyped-call]
Gradients = tuple[Tensor | None, ...]


@dataclass(eq=False)
class Step:
    """One operator of PyTorch, and how it is called.

    Attributes
    ----------
    schema : str
        As PyTorch writes it.
    tensors : int
        How many of its first arguments are tensors.
    whole : tuple of int
        Which of them have all dimensions; the others broadcast.
    native, formula : callable
        What computes it: the kernels, or operators of PyTorch.
    like : callable
        Empty results from the same arguments.
    save : callable
        What its gradients need of its tensors and its result.
    gradients : callable
        The gradients at its tensors: of what was saved, the upstream gradients, the other arguments, and
        which are needed.
    batched : callable or None
        The other arguments where tensors have one more dimension in front; None if that cannot be.
    """

    schema: str
    tensors: int
    whole: tuple[int, ...]
    native: Callable[..., Any]
    formula: Callable[..., Any]
    like: Callable[..., Any]
    save: Callable[[tuple[Any, ...], Any], tuple[Any, ...]]
    gradients: Callable[..., Gradients]
    batched: Callable[[tuple[Any, ...]], tuple[Any, ...]] | None
    op: Any = field(init=False)  # what PyTorch made of it

    def __post_init__(self) -> None:
        name = self.schema.partition("(")[0]
        _LIBRARY.define(self.schema)  # type: ignore[no-untyped-call]
        _LIBRARY.impl(name, self._compute, "CompositeExplicitAutograd")  # type: ignore[no-untyped-call]
        op = getattr(torch.ops.rheobase, name).default
        torch.library.register_fake(op, self.like, lib=_LIBRARY)
        torch.library.register_autograd(op, _backward, setup_context=self.remember, lib=_LIBRARY)
        if self.batched:
            torch.library.register_vmap(op, self._batch, lib=_LIBRARY)
        self.op = op

    def __call__(self, *arguments: Any) -> Any:
        """Return the result, recorded for autograd; without the dispatcher where that may be."""
        if torch.compiler.is_compiling():
            return self.op(*arguments)
        recorded = False
        for x in arguments[: self.tensors]:
            if x is not None:
                if not is_eager(x):
                    return self._watched(*arguments)
                recorded |= x.requires_grad
        if recorded and torch.is_grad_enabled():
            return Rheobase.apply(self, *arguments)  # type: ignore[no-untyped-call]
        return self.native(*arguments)

    def _watched(self, *arguments: Any) -> Any:
        if is_dual():
            return self.formula(*arguments)
        if is_transformed():  # torch.func does not differentiate operators made in Python
            return _Transformed.apply(self, *arguments)  # type: ignore[no-untyped-call]
        return self.op(*arguments)

    def _compute(self, *arguments: Any) -> Any:
        return (self.native if arguments[0].is_cpu else self.formula)(*arguments)

    def remember(self, ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Keep what the gradients need."""
        ctx.save_for_backward(*self.save(inputs[: self.tensors], output))
        ctx.step, ctx.options = self, inputs[self.tensors :]

    def _batch(self, info: Any, dims: tuple[Any, ...], *arguments: Any) -> tuple[Any, Any]:
        assert self.batched
        given, options = arguments[: self.tensors], arguments[self.tensors :]
        dimensions = given[0].ndim - (dims[0] is not None)
        tensors = [
            _moved(x, dim, info.batch_size, None if k in self.whole else dimensions)
            for k, (x, dim) in enumerate(zip(given, dims, strict=False))
        ]
        found = self.op(*tensors, *self.batched(options))
        return found, tuple(0 for _ in found) if isinstance(found, tuple) else 0


def _backward(ctx: Any, *grads: Any) -> Gradients:
    found = ctx.step.gradients(ctx.saved_tensors, grads, ctx.options, ctx.needs_input_grad)
    return (*found, *(None for _ in ctx.options))


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


class Rheobase(torch.autograd.Function):
    """The way of a `Step` past the dispatcher, in a third of its time."""

    @staticmethod
    def forward(ctx: Any, step: Step, *arguments: Any) -> Any:
        output = step.native(*arguments)
        step.remember(ctx, arguments, output)
        return output

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        found = ctx.step.gradients(ctx.saved_tensors, grads, ctx.options, ctx.needs_input_grad[1:])
        return (None, *found, *(None for _ in ctx.options))


class _Transformed(torch.autograd.Function):
    """The way of a `Step` under the transforms of torch.func."""

    generate_vmap_rule = True

    @staticmethod
    def forward(step: Step, *arguments: Any) -> Any:
        return step.op(*arguments)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        step, *arguments = inputs
        step.remember(ctx, tuple(arguments), output)

    backward = Rheobase.backward


class Operator:
    """One function: what a family of functions computes, as two steps, ``value`` and ``gradient``.

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
        self.name = name = name + self.suffix
        count = len(self.inputs)
        full = tuple(range(count))
        tensors = (*(f"Tensor {x}" for x in self.inputs), *self.beside)
        saved = ("Tensor saved", *self.beside) if self.saves_output else tensors
        found = "Tensor" if count == 1 else f"({', '.join(['Tensor'] * count)})"
        batched = self.batched if self.batches else None
        given = ", ".join((*tensors, *self.options))
        self.value = Step(
            f"{name}({given}) -> {self.results}",
            len(tensors),
            full,
            self.native,
            self.formula,
            self.like_value,
            self.save,
            self._gradients,
            batched,
        )
        given = ", ".join((*saved, "Tensor grad", *self.options))
        self.gradient = Step(
            f"{name}_backward({given}) -> {found}",
            len(saved) + 1,
            (*full, len(saved)),
            self.native_backward,
            self.formula_backward,
            self.like_backward,
            lambda tensors, _: tensors,
            self._second,
            batched,
        )

    def __call__(self, *arguments: Any) -> Tensor:
        """Return the value."""
        found: Tensor = self.value(*arguments)
        return found

    def __repr__(self) -> str:
        return self.name

    def save(self, tensors: tuple[Any, ...], output: Any) -> tuple[Any, ...]:
        """Return what the gradient takes first."""
        return (output, *tensors[len(self.inputs) :]) if self.saves_output else tensors

    def _gradients(
        self, saved: tuple[Any, ...], grads: Sequence[Any], options: Any, needed: Any
    ) -> Gradients:
        found = self.gradient(*saved, grads[0], *options)
        found = found if isinstance(found, tuple) else (found,)
        return (*found, *self.beside_gradients(saved, grads[0], needed[len(self.inputs) :]))

    def _second(
        self, tensors: Sequence[Any], cotangents: Sequence[Any], options: Any, _: Any
    ) -> Gradients:
        return self.second(tensors, cotangents, options)

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
        """Return the gradients of the gradient at its tensors, from what can be differentiated again."""
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
