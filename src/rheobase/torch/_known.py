"""Which function of the catalogue a module or a call applies."""

from __future__ import annotations

import copy
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from math import isclose
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor, nn

from .._activation import Activation
from .._errors import RheobaseError
from ..catalog import catalog
from . import functional

_TANH = "tanh"  # the `approximate` of PyTorch's gelu; a function of its own in the catalogue


def _plain(name: str) -> str:
    return name.lower().replace("_", "").removesuffix("activation")


_BY_NAME: Mapping[str, Activation] = {
    _plain(name): f for f in catalog.values() for name in (f.name, *f.declaration.aliases)
}


def _is_known(name: str) -> bool:
    """Whether it names a function, however spelt, that bends."""
    f = _BY_NAME.get(_plain(name))
    return f is not None and _bends(f)


def _bends(f: Activation) -> bool:
    """Whether there is anything to say of it; there is not of nn.Linear."""
    return not isclose(f.facts.derivative_second_moment, f.facts.max_slope**2)


def is_known_module(module: nn.Module) -> bool:
    """Whether the class of a module has the name of a function, or the module its values."""
    if next(module.children(), None) is not None:
        return False
    return _is_known(type(module).__name__) or isinstance(_tried(module), Activation)


def function_of_class(kind: type) -> Activation | None:
    """Return the function that a class has the name of, at its declared parameters."""
    return _BY_NAME.get(_plain(kind.__name__))


def is_unknown_module(module: nn.Module) -> bool:
    """Whether a module may be an activation that the catalogue does not have."""
    if isinstance(module, nn.RReLU | nn.GLU):
        return True
    return not is_known_module(module) and _tried(module) is None


def _may_be_one(module: nn.Module) -> bool:
    """Whether it is somebody's own, and nothing but code."""
    own = type(module).__module__.startswith(("torch.", "rheobase."))
    contents = (module.children(), module.parameters(), module.buffers())
    return not own and all(next(each, None) is None for each in contents)


_PROBE = torch.linspace(-20, 20, 400)
_SHAPES = ((400,), (2, 4, 5, 10))  # some take images alone
_TRIED: WeakKeyDictionary[nn.Module, Activation | bool | None] = WeakKeyDictionary()


def _tried(module: nn.Module) -> Activation | bool | None:
    """Return the function that a module of any name applies to numbers.

    False if it does not bend each number by itself, as those that drop, move, scale or normalise; None if who knows.
    """
    if module not in _TRIED:
        _TRIED[module] = _try(module) if _may_be_one(module) else False
    return _TRIED[module]


def _try(module: nn.Module) -> Activation | bool | None:
    try:
        inspect.signature(module.forward).bind(_PROBE)
    except TypeError:  # of several inputs
        return False
    for shape in _SHAPES:
        try:  # a stranger's code, and anything may happen
            with torch.no_grad(), torch.random.fork_rng(devices=[]), eagerly():
                return _judged(copy.deepcopy(module).forward, _PROBE.reshape(shape))
        except Exception:
            continue
    return None


def _judged(apply: Callable[[Tensor], Tensor], x: Tensor) -> Activation | bool | None:
    whole = apply(x.clone())
    if whole.shape != x.shape:  # what moves or pools is homogeneous, a gated unit is not
        return False if torch.allclose(apply(2 * x), 2 * whole) else None
    part = apply(x[: len(x) // 2].clone())
    numbers, values = x.double().ravel().numpy(), whole.double().ravel().numpy()
    straight = np.allclose(np.diff(values, 2), 0, atol=1e-5)
    if straight or not np.allclose(part.ravel(), values[: part.numel()], atol=1e-5, equal_nan=True):
        return False
    near = (f for f in _BY_NAME.values() if np.allclose(values, f(numbers), rtol=1e-5, atol=1e-5))
    found = next(near, None)
    return found if found is None or _bends(found) else False


def eagerly() -> AbstractContextManager[Any]:
    """Return a context in which what is compiled runs as it was written; the compiler takes seconds to import."""
    compiled = "torch._dynamo" in sys.modules
    return torch.compiler.set_stance("force_eager") if compiled else nullcontext()


def function_of_module(module: nn.Module) -> Activation | str:
    """Return the function at the module's parameters, or why there is none."""
    tried = _tried(module)
    if isinstance(tried, Activation):
        return tried
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
