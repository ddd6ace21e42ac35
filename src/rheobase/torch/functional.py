"""The functions of the catalogue for tensors, as in ``torch.nn.functional``; aliases are found too.

Functions of one element take a tensor and their parameters, gated units the gate and the other factor,
functions of rows ``dim``, ``where`` and ``temperature``.

Examples
--------
>>> import torch
>>> from rheobase.torch import functional as F
>>> x = torch.tensor([-1.0, 0.0, 20.0], requires_grad=True)
>>> F.elu(x, alpha=0.5)
tensor([-0.3161,  0.0000, 20.0000], grad_fn=<RheobaseBackward>)
>>> F.sigmoid(x).sum().backward()  # PyTorch's own has slope 0 at 20
>>> x.grad
tensor([1.9661e-01, 2.5000e-01, 2.0612e-09])
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.overrides import handle_torch_function, has_torch_function_unary

from .._arrays import brief, normalise_axis
from .._errors import InputError, InputTypeError, suggest
from ..catalog import catalog
from ..rows._function import check_temperature
from ._families import ELEMENTWISE, GATES, ROWS, TRAINED, Row
from ._memory import saving
from ._tensors import FLOATS, as_floats

Function = Callable[..., Tensor]

_KEYWORD = inspect.Parameter.KEYWORD_ONLY
_EITHER = inspect.Parameter.POSITIONAL_OR_KEYWORD


def given(
    name: str, defaults: Mapping[str, Any], args: tuple[Any, ...], named: Mapping[str, Any]
) -> tuple[Any, ...]:
    """Return the parameters of a call: floats, or tensors of floats."""
    chosen = {**dict(zip(defaults, args, strict=False)), **named}
    values = {**defaults, **chosen}
    if len(values) != len(defaults) or len(chosen) != len(args) + len(named):
        raise InputTypeError(_misplaced(name, defaults, args, named))
    return tuple(
        value if type(value) is float else _as_parameter(name, key, value)
        for key, value in values.items()
    )


def _misplaced(name: str, defaults: Mapping[str, Any], args: Any, named: Mapping[str, Any]) -> str:
    takes = ", ".join(defaults) or "no parameters"
    if len(args) > len(defaults):
        return f"{name}: got {len(args)} parameters after x; it takes {takes}."
    first = tuple(defaults)[: len(args)]
    key = next(key for key in named if key not in defaults or key in first)
    again = "twice" if key in first else "which it does not know"
    return (
        f"{name}: got {key}={brief(named[key])}, {again}; it takes {takes}.{suggest(key, defaults)}"
    )


def _as_parameter(name: str, key: str, value: Any) -> float | Tensor:
    if isinstance(value, Tensor):
        if not value.is_floating_point():
            raise InputTypeError(f"{name}: {key} has dtype {value.dtype}; expected a floating one.")
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputTypeError(
            f"{name}: {key} is {brief(value)}; expected a number or a tensor."
        ) from None


def _elementwise(name: str) -> Function:
    operator, trained = ELEMENTWISE[name], TRAINED.get(name)
    defaults = dict(operator.activation.params)
    declared = tuple(defaults.values())

    def function(x: Tensor, *args: Any, memory: str = "input", **named: Any) -> Tensor:
        if has_torch_function_unary(x):  # somebody looks on, such as `watch`
            return handle_torch_function(function, (x,), x, *args, memory=memory, **named)
        if x.dtype not in FLOATS:
            x = as_floats(f"{name}(x)", x)
        params = given(name, defaults, args, named) if args or named else declared
        if memory != "input":
            return saving(name, memory, params)(x, *params)
        if trained is not None and any(isinstance(value, Tensor) for value in params):
            return trained(x, *_as_tensors(name, x, dict(zip(defaults, params, strict=True))))
        return operator(x, *params)

    takes = [inspect.Parameter(p, _EITHER, default=value) for p, value in defaults.items()]
    keeps = inspect.Parameter("memory", _KEYWORD, default="input")
    text = f"Return {operator.activation.formula}, element by element."
    return _named(function, name, text, "x", *takes, keeps)


def _as_tensors(name: str, x: Tensor, params: Mapping[str, Any]) -> list[Tensor]:
    tensors = [
        value if isinstance(value, Tensor) else torch.tensor(value, dtype=torch.float64)
        for value in params.values()
    ]
    for key, value in zip(params, tensors, strict=True):
        last = x.shape[max(0, x.ndim - value.ndim) :]
        if len(last) < value.ndim or any(
            a not in (1, b) for a, b in zip(value.shape, last, strict=True)
        ):
            raise InputError(
                f"{name}(x): {key} has shape {tuple(value.shape)}; expected one that broadcasts to "
                f"{tuple(x.shape)}, the shape of x."
            )
    return tensors


def _gate(name: str) -> Function:
    operator = GATES[name]

    def function(gate: Tensor, up: Tensor) -> Tensor:
        call = f"{name}(gate, up)"
        gate, up = as_floats(call, gate), as_floats(call, up)
        dtype = torch.promote_types(gate.dtype, up.dtype)
        if gate.shape != up.shape:
            gate, up = torch.broadcast_tensors(gate, up)  # type: ignore[no-untyped-call]
        return operator(gate.to(dtype), up.to(dtype))

    return _named(function, name, f"Return {operator.unit.formula}.", "gate", "up")


def _row(name: str) -> Function:
    operator: Row = ROWS[name]

    def function(
        z: Tensor, dim: int = -1, *, where: Tensor | None = None, temperature: float = 1.0
    ) -> Tensor:
        call = f"{name}(z, dim={dim})"
        z = as_floats(call, z)
        axis = normalise_axis(call, dim, z.shape)
        return operator(z, where, axis, check_temperature(call, temperature))

    text = f"Return {operator.function.formula} of the rows z / temperature along a dimension."
    options = {"where": None, "temperature": 1.0}
    takes = [inspect.Parameter(p, _KEYWORD, default=value) for p, value in options.items()]
    along = inspect.Parameter("dim", _EITHER, default=-1)
    return _named(function, name, text, "z", along, *takes)


def _named(function: Any, name: str, text: str, *takes: str | inspect.Parameter) -> Function:
    """Give a function its name and what help() says of it."""
    function.__name__ = function.__qualname__ = name
    function.__doc__ = text
    function.__signature__ = inspect.Signature(
        [inspect.Parameter(p, _EITHER) if isinstance(p, str) else p for p in takes]
    )
    return function  # type: ignore[no-any-return]


FUNCTIONS: dict[str, Function] = {
    **{name: _elementwise(name) for name in ELEMENTWISE},
    **{name: _gate(name) for name in GATES},
    **{name: _row(name) for name in ROWS},
}
globals().update(FUNCTIONS)
__all__ = [*FUNCTIONS]


def __getattr__(name: str) -> Function:
    try:
        return FUNCTIONS[catalog[name].name]  # an alias
    except InputError as error:
        raise AttributeError(f"rheobase.torch.functional has no {name!r}. {error}") from None
