"""Which function of the catalogue a module or a call applies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from math import isclose
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .._activation import Activation
from .._errors import RheobaseError
from ..catalog import catalog
from . import functional

_TANH = (
    "tanh"  # the `approximate` of PyTorch's gelu, which the catalogue has as a function of its own
)


def _plain(name: str) -> str:
    return name.lower().replace("_", "").removesuffix("activation")


_BY_NAME: Mapping[str, Activation] = {
    _plain(name): f for f in catalog.values() for name in (f.name, *f.declaration.aliases)
}


def _is_known(name: str) -> bool:
    """Whether it names a function, however spelt, that bends: there is nothing to say of nn.Linear."""
    f = _BY_NAME.get(_plain(name))
    return f is not None and not isclose(f.facts.derivative_second_moment, f.facts.max_slope**2)


def is_known_module(module: nn.Module) -> bool:
    """Whether the class of a module has the name of a function."""
    return next(module.children(), None) is None and _is_known(type(module).__name__)


def function_of_class(kind: type) -> Activation | None:
    """Return the function that a class has the name of, at its declared parameters."""
    return _BY_NAME.get(_plain(kind.__name__))


def is_unknown_module(module: nn.Module) -> bool:
    """Whether a module may be an activation that the catalogue does not have."""
    if isinstance(module, nn.RReLU | nn.GLU):
        return True
    own = type(module).__module__.startswith("torch.")
    leaf = next(module.children(), None) is None and next(module.parameters(), None) is None
    return leaf and not own and not is_known_module(module)


def function_of_module(module: nn.Module) -> Activation | str:
    """Return the function at the module's parameters, or why there is none."""
    f = _BY_NAME[_plain(type(module).__name__)]
    given = {p: getattr(module, p) for p in f.params if hasattr(module, p)}
    if isinstance(module, nn.PReLU):
        given = {"negative_slope": module.weight}
    return _bound(f, given, getattr(module, "approximate", None))


@cache
def is_known_call(function: Any) -> bool:
    """Whether a call is one of an activation: of `functional`, or of the name of one of PyTorch's.

    ``torch.exp`` or ``torch.sin`` may be anything.
    """
    name = getattr(function, "__name__", "").removesuffix("_")
    mine = getattr(function, "__module__", None) == functional.__name__
    return (mine or hasattr(torch.nn.functional, name)) and _is_known(name)


def function_of_call(function: Any, args: Iterable[Any], named: Mapping[str, Any]) -> Any:
    """Return the function at the parameters of a call, or why there is none."""
    f = _BY_NAME[_plain(function.__name__)]
    given = dict(zip(f.params, args, strict=False))
    given |= {key: value for key, value in named.items() if key in f.params}
    if "weight" in named:
        given["negative_slope"] = named["weight"]
    return _bound(f, given, named.get("approximate"))


def _bound(f: Activation, given: Mapping[str, Any], approximate: str | None) -> Activation | str:
    if approximate == _TANH:
        f = _BY_NAME[_plain(f"{f.name}_{_TANH}")]
    numbers = {}
    for name, value in given.items():
        if isinstance(value, Tensor):
            if value.numel() != 1:
                return f"{name} differs from unit to unit"
            value = value.item()
        numbers[name] = value
    try:
        return f.bind(**numbers)
    except (RheobaseError, TypeError, ValueError) as error:
        return str(error)


def is_share(f: Activation) -> bool:
    """Whether the values of a function lie from 0 to 1, so that a product with them lets a share through."""
    return f.facts.infimum >= 0 and f.facts.supremum <= 1


def differs(f: Activation, before: Tensor, after: Tensor) -> bool:
    """Whether what a site has put out is not this function of what came in, on a few numbers.

    A name promises nothing: a module may be called Swish and do something else.
    """
    x, y = (part.double().cpu().numpy() for part in (before, after))
    wanted = f(x)
    near = np.isclose(y, wanted, rtol=0.02, atol=0.01)  # half-precision, and PyTorch's shortcuts
    return bool((~near & np.isfinite(y) & np.isfinite(wanted)).any())


def sample(tensor: Tensor) -> Tensor:
    """Return a few numbers of a tensor, spread over it."""
    flat = tensor.detach().reshape(-1)
    return flat[:: max(1, len(flat) // 64)][:64].clone()


def first_floats(values: Any) -> Tensor | None:
    """Return the first tensor of floats in nested values."""
    return next((tensor for tensor in tensors_in(values) if tensor.is_floating_point()), None)


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Every tensor in nested tuples, lists and mappings."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from tensors_in(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from tensors_in(each)
