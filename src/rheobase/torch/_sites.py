"""The places where a model applies activations, with what was seen of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrize import ParametrizationList

from .._activation import Activation
from ..health import Report, Role
from ._advice import TORCH
from ._known import function_of_module, is_known_module, is_unknown_module
from ._moments import Moment, fetch, idle, layer_of

COMPILED = "_orig_mod"  # where torch.compile keeps the module that it was given


@dataclass
class Site:
    """One place: the module's path, the function if it is called by itself, and the call's number."""

    path: str
    function: str
    call: int
    f: Activation | None = None
    refusal: str = ""
    role: Role = "hidden"
    recurrent: bool = False
    moments: deque[Moment] = field(default_factory=deque)

    @property
    def place(self) -> str:
        """The name without the call's number."""
        return ": ".join(part for part in (self.path, self.function) if part)


class Sites:
    """All sites of a model, with what was seen of them.

    Parameters
    ----------
    model : Module
        Its wrappers (``torch.compile``, data parallel) are looked through.
    window : int or None
        Moments of each site that are kept.
    still : bool
        Whether the weights stay as they are from moment to moment.
    """

    def __init__(self, model: nn.Module, window: int | None, still: bool) -> None:
        self.window = window
        self.still = still
        self.sites: dict[tuple[str, str, int], Site] = {}
        self.failures: dict[str, str] = {}
        self.paths = _paths(model)
        self.known = [m for m in self.paths if is_known_module(m)]
        self.scaler: Any = None
        self.time_first = ""

    def site(self, key: tuple[str, str, int], before: Site | None) -> Site:
        """Return a site; a new one comes after the one that was called before it."""
        if key not in self.sites:
            made = Site(*key, moments=deque(maxlen=self.window))
            order = list(self.sites.items())
            place = 1 + next((k for k, (_, s) in enumerate(order) if s is before), len(order) - 1)
            self.sites = dict([*order[:place], (key, made), *order[place:]])
        return self.sites[key]

    def report(self, since: int, remarks: Iterable[str], trained: bool | None) -> Report:
        """Judge what was seen from a step on."""
        several = {site.place for site in self.sites.values() if site.call > 1}
        names = {
            key: site.place + f" #{site.call}" * (site.place in several)
            for key, site in self.sites.items()
        }
        seen: dict[tuple[str, str, int], list[Any]] = {key: [] for key in self.sites}
        recent = [
            (key, moment)
            for key, site in self.sites.items()
            if site.f is not None
            for moment in site.moments
            if moment.step >= since
        ]
        key_of = {moment: key for key, moment in recent}
        for moment, figures in fetch([moment for _, moment in recent]):
            seen[key_of[moment]].append((moment, figures))
        layers, refused = {}, []
        for key, site in self.sites.items():
            if site.f is None:
                refused += [f"{names[key]} ({site.refusal})"] * bool(site.refusal)
            elif len({moment.units for moment, _ in seen[key]}) > 1:
                refused.append(f"{names[key]} (its number of units changes)")
            elif seen[key]:
                layers[names[key]] = layer_of(seen[key], site.role, self.still, site.recurrent)
            else:
                layers[names[key]] = idle(site.f)
        called = {site.path for site in self.sites.values()}
        for module in self.known:
            f = function_of_module(module)
            if self.paths[module] not in called and isinstance(f, Activation):
                layers[self.paths[module]] = idle(f)
        cut = [
            names[key]
            for key, moments in seen.items()
            if moments and all(m.awaited and not m.gradients for m, _ in moments)
        ]
        if cut and any(moment.gradients for _, moment in recent):
            unreached = (
                f"No gradient came to: {', '.join(cut)}, though parameters before them are trained. "
                "Is something after them detached, or left out of the loss?"
            )
            remarks = [*remarks, unreached]
        notes = [*remarks, *self._notes(refused)]
        if not (layers or notes):
            notes.append(
                "No activation was seen: no module or call that is known by name or values. Of an exported program "
                "give the model it was made of."
            )
        return Report(layers, tuple(notes), TORCH, trained)

    def _notes(self, refused: list[str]) -> Iterable[str]:
        called = {site.path for site in self.sites.values()}
        refused += [
            f"{path} ({type(module).__name__} is not known)"
            for module, path in self.paths.items()
            if path not in called and is_unknown_module(module)
        ]
        if refused:
            yield f"Not judged: {', '.join(sorted(refused))}."
        closed = [
            path for m, path in self.paths.items() if isinstance(m, nn.RNNBase | nn.RNNCellBase)
        ]
        if closed:
            yield f"Gates and states inside are not looked at: {', '.join(closed)}."
        scripted = [path for m, path in self.paths.items() if isinstance(m, torch.jit.ScriptModule)]
        if scripted:
            yield f"Compiled by TorchScript, not looked at: {', '.join(scripted)}."
        if self.time_first:
            yield f"n counts steps of time, which {self.time_first} takes along the first axis: batch_first=True."
        for name, failure in self.failures.items():
            yield f"{name} could not be measured: {failure}."


def unwrapped(model: nn.Module) -> nn.Module:
    """Return what a user wrote, from what ``torch.compile`` and data parallelism made of it."""
    if isinstance(model, nn.parallel.DistributedDataParallel | nn.DataParallel):
        return unwrapped(model.module)
    inner = getattr(model, COMPILED, None)
    return model if inner is None else unwrapped(inner)


def shown(path: str) -> str:
    """Return a path as the user wrote it, before ``torch.compile``."""
    return ".".join(part for part in path.split(".") if part != COMPILED)


def _paths(model: nn.Module) -> dict[nn.Module, str]:
    named = list(unwrapped(model).named_modules())
    weights = {
        m for _, each in named if isinstance(each, ParametrizationList) for m in each.modules()
    }
    return {module: shown(path) for path, module in named if module not in weights}
