"""`swap`: other activations in a model that is there already."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import torch
from torch import nn

from .._arrays import brief
from .._errors import InputError, InputTypeError
from ..catalog import ActivationLike, activation, is_one
from ._families import ELEMENTWISE
from ._parameters import Applied, draw, feeding, update
from ._places import Inventory, Key, Place, Replacement, as_key, inventory, unswappable
from ._sites import COMPILED, shown
from ._traces import Seen, activation_of, look
from .nn import MODULES

Where = str | Callable[[str, nn.Module], bool]

_FUSED = "activation_relu_or_gelu"  # what a transformer's layer tells its fused path
_HOOKS = ("_forward_hooks", "_forward_hooks_with_kwargs", "_forward_hooks_always_called",
    "_forward_pre_hooks", "_forward_pre_hooks_with_kwargs", "_backward_hooks", "_backward_pre_hooks",
    "_is_full_backward_hook")  # fmt: skip


class Change(NamedTuple):
    """One place: the path of the module, what was there and what is there now."""

    path: str
    old: Any
    new: nn.Module

    def __str__(self) -> str:
        old = repr(self.old) if isinstance(self.old, nn.Module) else str(activation_of(self.old))
        return f"{self.path}: {old} → {self.new!r}"


@dataclass(frozen=True)
class Swap:
    """What `swap` did; print it.

    Attributes
    ----------
    changed : tuple of Change
        ``path``, ``old`` and ``new`` of each place.
    unswappable : tuple of str
        Activations that the mapping means and that no module holds.
    notes : tuple of str
        What else there is to know.
    """

    changed: tuple[Change, ...]
    unswappable: tuple[str, ...]
    notes: tuple[str, ...]
    _stack: ExitStack = field(repr=False, compare=False)

    def undo(self) -> None:
        """Put everything back: the same modules, flags and parameters of the optimiser, and the weights drawn anew.

        A second call does nothing. Of several swaps undo the last one first.
        """
        self._stack.close()

    def __str__(self) -> str:
        lines = [str(change) for change in self.changed] or ["Nothing to swap."]
        return "\n".join(
            [*lines, *(f"Not swapped: {line}" for line in self.unswappable), *self.notes]
        )


def swap(
    model: nn.Module,
    mapping: Mapping[Any, Any],
    *,
    where: Where | None = None,
    dry_run: bool = False,
    optimizer: torch.optim.Optimizer | None = None,
    reinitialise: bool = False,
    seed: int | None = None,
) -> Swap:
    """Replace activations of a model, in place.

    Modules are replaced, and functions that a module keeps in an attribute, as
    ``torch.nn.TransformerEncoderLayer`` does. A module in several places gets one replacement for all of them. Hooks
    move to it; mode, device and dtype are those of what was there and of the parameters before it. All other keys of the
    ``state_dict`` stay.

    Parameters
    ----------
    model : torch.nn.Module
    mapping : mapping
        From a class of modules (itself, not its subclasses), an activation or its name; to an activation, a name, a
        module, which is copied for each replacement, or a factory of modules. An activation as a key means it at
        all parameters, unless it is bound to others than its own. The first key that fits counts.
    where : str or callable, optional
        A pattern of paths such as ``"encoder.*"`` (a star also stands for dots), or ``where(path, module) -> bool``.
        A function's module is the one that keeps or calls it.
    dry_run : bool
        Whether only to tell.
    optimizer : torch.optim.Optimizer, optional
        New parameters join the group of the parameters before them, and those that left the model leave it.
    reinitialise : bool
        Whether to draw the weights anew of linear and convolution layers that feed a replacement, if need be through
        normalisation, dropout, pooling, reshaping and sums: normal, with standard deviation
        `rheobase.gain` / √inputs, and biases 0. Where the code cannot be traced, ``notes`` tells who was left out.
    seed : int, optional
        Of these weights; the same for two activations gives the same draws, scaled.

    Returns
    -------
    Swap
        ``changed``, ``unswappable``, ``notes`` and ``undo()``.

    Raises
    ------
    InputError
        The model, a key or a value cannot be used.

    Examples
    --------
    >>> import rheobase as rb
    >>> import torch
    >>> from rheobase.torch import swap
    >>> model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
    >>> report = swap(model, {"relu": rb.activation("leaky_relu", negative_slope=0.2)})
    >>> print(report)
    1: ReLU() → LeakyReLU(negative_slope=0.2)
    >>> report.undo()
    >>> model[1]
    ReLU()
    """
    _check(model, mapping, optimizer, reinitialise, seed)
    chosen = _as_predicate(where)
    makers = [(as_key(key), _as_maker(value)) for key, value in mapping.items()]
    found = inventory(model)
    with torch.random.fork_rng(devices=[]) if dry_run else nullcontext():
        sites = _replacements(found, makers, chosen)
    functions = [(p.owner, p.name) for p in found.places if not isinstance(p.held, nn.Module)]
    seen = look(model, functions)
    changed = [Change(shown(p.path), s.old, s.new) for s in sites for p in s.places]
    keys = [key for key, _ in makers]
    kept = tuple(unswappable(found, seen, keys, chosen))
    weights, left_out = feeding(model, sites, seen) if reinitialise else ({}, [])
    notes = [*_notes(model, sites, seen, optimizer), *left_out]
    with ExitStack() as stack:  # whatever fails is undone
        if not dry_run:
            _apply(model, sites, stack)
            draw(model, weights, seed, stack)
            if optimizer:
                update(optimizer, model, found, sites, weights, stack)
        return Swap(tuple(changed), kept, tuple(notes), stack.pop_all())


# ---- What is asked -------------------------------------------------------------------------------


def _check(model: Any, mapping: Any, optimizer: Any, reinitialise: bool, seed: int | None) -> None:
    if not isinstance(model, nn.Module):
        raise InputTypeError(f"swap: model is {brief(model)}; expected a torch.nn.Module.")
    if isinstance(model, torch.jit.ScriptModule):
        raise InputError(
            "swap: the model is compiled by TorchScript, which cannot be changed; swap before that."
        )
    if any(isinstance(m, nn.parallel.DistributedDataParallel) for m in model.modules()):
        raise InputError(
            "swap: the model is wrapped in DistributedDataParallel, which has noted its parameters; "
            "swap, then wrap it."
        )
    if not isinstance(mapping, Mapping):
        raise InputTypeError(
            f"swap: mapping is {brief(mapping)}; expected a mapping such as "
            '{torch.nn.ReLU: "silu"}.'
        )
    if optimizer is not None and not isinstance(optimizer, torch.optim.Optimizer):
        raise InputTypeError(
            f"swap: optimizer is {brief(optimizer)}; expected a torch.optim.Optimizer."
        )
    if seed is not None and not reinitialise:
        raise InputError("swap: a seed is given, but nothing is drawn without reinitialise=True.")
    if any(as_key(key).means(model) for key in mapping):
        raise InputError(
            f"swap: the model itself is {brief(model)}, and nobody holds it; "
            "put it into a torch.nn.Sequential."
        )


def _as_predicate(where: Any) -> Callable[[str, nn.Module], bool]:
    if where is None:
        return lambda path, module: True
    if isinstance(where, str):
        return lambda path, module: fnmatchcase(path, where)
    if callable(where):
        return where  # type: ignore[no-any-return]
    raise InputTypeError(
        f"swap: where is {brief(where)}; expected a pattern of paths or where(path, module) -> bool."
    )


def _as_maker(value: Any) -> Callable[[], nn.Module]:
    if isinstance(value, nn.Module):
        return lambda: copy.deepcopy(value)
    if is_one(value):
        return lambda: _module_of(value)
    if not callable(value):
        raise InputTypeError(
            f"swap: a value of the mapping is {brief(value)}; expected an activation, a name, a module "
            "or a factory of modules."
        )

    def made() -> nn.Module:
        try:
            new = value()
        except TypeError as error:
            raise InputTypeError(
                f"swap: {brief(value)}() raised {error}; expected a factory without arguments."
            ) from error
        if not isinstance(new, nn.Module):
            raise InputTypeError(f"swap: {brief(value)}() is {brief(new)}; expected a module.")
        return new

    return made


def _module_of(value: ActivationLike) -> nn.Module:
    f = activation(value)
    if f.name in ELEMENTWISE:
        return MODULES[f.name](**f.params)
    f(torch.zeros(1))  # one of NumPy callables says here that it takes no tensors
    return Applied(f)


# ---- What is to be done --------------------------------------------------------------------------


def _replacements(
    found: Inventory,
    makers: list[tuple[Key, Callable[[], nn.Module]]],
    where: Callable[[str, nn.Module], bool],
) -> list[Replacement]:
    known: dict[Any, Replacement] = {}
    leaving: set[nn.Module] = set()  # what they keep leaves with them
    for place in found.places:
        if place.owner in leaving:
            continue
        make = next((make for key, make in makers if key.means(place.held)), None)
        if make is None or not where(shown(place.path), place.module):
            continue
        one = place.held if isinstance(place.held, nn.Module) else (place.owner, place.name)
        if one in known:
            known[one].places.append(place)
        else:
            known[one] = Replacement(place.held, _fitted(make(), place, found), [place])
        if isinstance(place.held, nn.Module):
            leaving |= set(place.held.modules())
    return list(known.values())


def _fitted(new: nn.Module, place: Place, found: Inventory) -> nn.Module:
    """Give a new module mode, device, dtype and hooks of its place."""
    old = place.held
    new.train(place.module.training)
    near = next((p for p in found.neighbours(place) if p.is_floating_point()), None)
    if near is not None:
        new.to(near.device, near.dtype)
    if isinstance(old, nn.Module) and any(getattr(old, hooks) for hooks in _HOOKS):
        if any(getattr(new, hooks) for hooks in _HOOKS):
            raise InputError(
                f"swap: {shown(place.path)} has hooks, and so has its replacement {brief(new)}; "
                "remove those of one of them."
            )
        for hooks in _HOOKS:  # the same objects, so that handles can still remove them
            setattr(new, hooks, getattr(old, hooks))
    return new


def _notes(
    model: nn.Module, sites: list[Replacement], seen: Seen, optimizer: torch.optim.Optimizer | None
) -> Iterator[str]:
    places = [place for site in sites for place in site.places]
    if sites and any(
        getattr(m, "_compiled_call_impl", None) or COMPILED in m._modules for m in model.modules()
    ):
        yield "The model is compiled; it compiles again at its next call."
    if any(getattr(place.owner, _FUSED, 0) for place in places):
        yield "Transformer layers no longer take PyTorch's fused path, which knows ReLU and GELU alone."
    if optimizer is None and any(p.requires_grad for s in sites for p in s.new.parameters()):
        yield "There are new parameters; an optimiser that exists must be given as optimizer=."
    if seen.untraced:
        kinds = ", ".join(dict.fromkeys(type(m).__name__ for m in seen.untraced))
        yield f"Could not be traced: {kinds}. Of it only functions called in forward itself are named."


# ---- Doing it ------------------------------------------------------------------------------------


def _apply(model: nn.Module, sites: list[Replacement], stack: ExitStack) -> None:
    owners = set()
    for site in sites:
        for place in site.places:
            owners.add(place.owner)
            modules, name = place.owner._modules, place.name
            if isinstance(site.old, nn.Module):
                stack.callback(modules.__setitem__, name, site.old)
            else:
                stack.callback(vars(place.owner).__setitem__, name, site.old)
                stack.callback(modules.pop, name, None)
                vars(place.owner).pop(name, None)  # seen before, if the owner has several places
            modules[name] = site.new
            if hasattr(place.owner, _FUSED):
                _set(place.owner, _FUSED, 0, stack)
    for module in model.modules():
        if isinstance(module, nn.TransformerEncoder) and owners.intersection(module.layers):
            _set(module, "use_nested_tensor", False, stack)  # which the fused path alone takes


def _set(thing: Any, name: str, value: Any, stack: ExitStack) -> None:
    stack.callback(setattr, thing, name, getattr(thing, name))
    setattr(thing, name, value)
