"""Where a model keeps its activations, as modules or as functions in attributes, and which a key means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import ParametrizationList

from .._activation import Activation
from .._arrays import brief
from .._errors import InputTypeError
from ..catalog import activation
from ._known import function_of_class, function_of_module, is_known_module
from ._sites import shown
from ._traces import Seen, activation_of

_NAMED = 3  # paths that a sentence lists


# ---- Keys ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """What is to be swapped: a class of modules, or a function however it is applied."""

    kind: type | None
    f: Activation | None

    @property
    def name(self) -> str:
        """Of the function, or a class that is none."""
        return self.f.name if self.f else self.kind.__name__.lower() if self.kind else ""

    def means(self, held: Any) -> bool:
        """Whether a module or a function is one of these."""
        if not isinstance(held, nn.Module):
            return self._is(activation_of(held))
        if self.kind:
            return type(held) is self.kind
        if not is_known_module(held):
            return False
        found = function_of_module(held)
        return self._is(found if isinstance(found, Activation) else function_of_class(type(held)))

    def _is(self, found: Activation | None) -> bool:
        """Whether it is this function; a key with the declared parameters means all parameters."""
        f = self.f
        if f is None or found is None or f.declaration is not found.declaration:
            return False
        return f.params == f.declaration.params or f == found


def as_key(given: Any) -> Key:
    """Return what a key of the mapping means."""
    if isinstance(given, type) and issubclass(given, nn.Module):
        return Key(given, function_of_class(given))
    if isinstance(given, str | Activation):
        return Key(None, activation(given))
    raise InputTypeError(
        f"swap: a key of the mapping is {brief(given)}; expected a class such as torch.nn.ReLU, an "
        'activation or its name such as "relu".'
    )


# ---- Places --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """An attribute that holds a module, or an activation as a function."""

    path: str
    owner: nn.Module
    name: str
    held: Any
    before: int  # of the model's parameters come before it

    @property
    def module(self) -> nn.Module:
        """The module at the path, or the one that keeps the function."""
        return self.held if isinstance(self.held, nn.Module) else self.owner


@dataclass
class Replacement:
    """What is swapped once, a module with all its places, or a function in an attribute."""

    old: Any
    new: nn.Module
    places: list[Place]


@dataclass
class Inventory:
    """Every place of a model, its parameters in the same order, and modules that are not looked into."""

    places: list[Place] = field(default_factory=list)
    parameters: list[nn.Parameter] = field(default_factory=list)
    closed: list[tuple[str, nn.Module]] = field(default_factory=list)

    def neighbours(self, place: Place) -> Iterator[nn.Parameter]:
        """The model's parameters: from the place back to the first, then those after it."""
        yield from reversed(self.parameters[: place.before])
        yield from self.parameters[place.before :]


def inventory(model: nn.Module) -> Inventory:
    """List what a model is made of."""
    found = Inventory()
    _list(model, "", found)
    return found


def _list(owner: nn.Module, prefix: str, found: Inventory) -> None:
    found.parameters += [p for p in owner._parameters.values() if p is not None]
    children = [(name, child) for name, child in owner._modules.items() if child is not None]
    functions = [(name, value) for name, value in vars(owner).items() if activation_of(value)]
    for name, held in children + functions:
        path = f"{prefix}{name}"
        if not _is_frozen(held):
            found.places.append(Place(path, owner, name, held, len(found.parameters)))
        if isinstance(held, ParametrizationList):  # applied to weights
            found.parameters += held.parameters()
        elif _is_closed(held):
            found.closed.append((path, held))
        elif isinstance(held, nn.Module):
            _list(held, f"{path}.", found)


def _is_frozen(held: Any) -> bool:
    """Whether it is compiled or quantised, so that what it is made of is there to read alone."""
    return isinstance(held, torch.jit.ScriptModule) or type(held).__module__.startswith("torch.ao.")


def _is_closed(held: Any) -> bool:
    """Whether activations in it are steps of a kernel."""
    return isinstance(held, nn.RNNBase | nn.RNNCellBase | nn.MultiheadAttention) or _is_frozen(held)


# ---- Words ---------------------------------------------------------------------------------------


def unswappable(found: Inventory, seen: Seen, keys: Iterable[Key], where: Any) -> Iterator[str]:
    """Say which activations that the keys mean stay as they are, and why."""
    keys = tuple(keys)
    callers: dict[str, list[str]] = {}
    for path, owner, function in seen.calls:
        name = function.name if isinstance(function, Activation) else function.__name__
        if any(key.means(function) for key in keys) and where(shown(f"{path}.{name}"), owner):
            text = f"forward of {type(owner).__name__} calls {_written(function)}: not a module"
            callers.setdefault(text, []).append(shown(path))
    for text, paths in callers.items():
        yield text + _listed([path for path in paths if path])
    others: dict[str, list[str]] = {}
    for place in found.places:
        name = _of_another_class(place.held, keys)
        if name and where(shown(place.path), place.module):
            text = f'{type(place.held).__name__} applies {name} and is of another class: the key "{name}" means it'
            others.setdefault(text, []).append(shown(place.path))
    for text, paths in others.items():
        yield text + _listed(paths)
    names = {key.name for key in keys}
    for path, module in found.closed:
        if where(shown(path), module):
            yield from (f"{shown(path)}: {reason}" for reason in _refusals(module, names))


def _of_another_class(held: Any, keys: Iterable[Key]) -> str:
    """Return the function of a module that only its class keeps from being meant."""
    if not isinstance(held, nn.Module) or any(key.means(held) for key in keys):
        return ""
    return next((key.name for key in keys if key.kind and Key(None, key.f).means(held)), "")


def _written(function: Any) -> str:
    name = function.name if isinstance(function, Activation) else function.__name__
    libraries: Mapping[str, Any] = {
        "F": nn.functional,
        "torch": torch,
        "Tensor": torch.Tensor,
    }
    for prefix, library in libraries.items():
        if getattr(library, name, None) is function:
            return f"{prefix}.{name}"
    return f"rheobase's {name}"


def _listed(paths: list[str]) -> str:
    if not paths:
        return ""
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return f" ({', '.join(paths[:_NAMED])}{more})"


def _refusals(module: nn.Module, names: set[str]) -> Iterator[str]:
    kind = type(module).__name__
    if isinstance(module, torch.jit.ScriptModule):
        yield "compiled by TorchScript; swap before that"
    elif _is_frozen(module):
        if any(name.replace("_", "") in kind.lower() for name in names):
            yield f"{kind} is quantised or fused; swap before that"
    elif inside := names.intersection(_inside(module)):
        yield f"{kind} applies {' and '.join(sorted(inside))} in its own kernel: not a module"


def _inside(module: nn.Module) -> tuple[str, ...]:
    if isinstance(module, nn.MultiheadAttention):
        return ("softmax",)
    nonlinearity = getattr(module, "nonlinearity", None)  # of a plain RNN
    return (nonlinearity,) if nonlinearity else ("sigmoid", "tanh")
