"""`watch`: what the activations of a model do while it trains."""

from __future__ import annotations

import os
import sys
from types import TracebackType
from typing import Any

import torch
from torch import nn

from .._arrays import brief
from .._errors import InputError, InputTypeError
from ..health import Report
from ..health._findings import Severity
from ._look import Look
from ._sites import Sites, unwrapped

WINDOW = 20  # sampled steps that a report looks back on


def watch(model: nn.Module, every: int = 50, scaler: Any = None) -> Watch:
    """Watch the activations of a model while it trains.

    Parameters
    ----------
    model : torch.nn.Module
        What the training calls; for a compiled model what ``torch.compile`` has returned.
    every : int
        One step in so many is looked at. A step is one forward of ``model`` in training mode with
        gradients on; with accumulated gradients each part of a batch is one.
    scaler : torch.amp.GradScaler, optional
        The one that scales the loss, so that gradients are reported unscaled, and not those of
        steps that it skips.

    Returns
    -------
    Watch
        Use it in a ``with`` statement, or call its `stop`.

    Raises
    ------
    InputError
        The model was compiled in place by ``model.compile()``, or is not initialised yet.

    Notes
    -----
    A report is about the last 20 sampled steps: a unit is dead if it fired on no sample of them. The first axis
    of the model's input are the samples. Between sampled steps there is one hook, on the model itself; statistics
    stay on their device until a report is made. In a group of processes each reports on its own samples.

    Examples
    --------
    >>> import torch
    >>> from rheobase.torch import watch
    >>> model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
    >>> with torch.no_grad():
    ...     _ = model[0].bias.fill_(-1e3)
    >>> with watch(model) as w:
    ...     model(torch.randn(32, 4)).mean().backward()
    >>> w.report().findings[0].kind
    'dead'
    """
    return Watch(model, every, scaler)


class Watch:
    """What `watch` returns.

    Attributes
    ----------
    steps : int
        Steps so far, sampled or not.

    Notes
    -----
    With ``attach=False`` no forward is a step of itself: the trainer calls `begin_step` and `end_step`.
    """

    def __init__(
        self, model: nn.Module, every: int = 50, scaler: Any = None, attach: bool = True
    ) -> None:
        check_model("watch", model)
        if isinstance(model, nn.DataParallel) and len(model.device_ids) > 1:
            raise InputError(
                "watch: DataParallel copies the model to its devices at each step, and the copies cannot be looked "
                "at; use DistributedDataParallel."
            )
        if not isinstance(every, int) or every < 1:
            raise InputError(f"watch: every is {brief(every)}; expected an integer from 1 on.")
        self.model = model
        self.every = every
        self.steps = 0
        self._sites = Sites(model, WINDOW, still=False)
        self._sites.scaler = scaler
        self._half = False
        self._look: Look | None = None
        self._hooks = []
        if attach:
            hook = _RootHook(self)
            self._hooks = [
                model.register_forward_pre_hook(hook, with_kwargs=True, prepend=True),
                model.register_forward_hook(hook.end, always_call=True),
            ]

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Take all hooks off the model. Reports can still be made."""
        self.end_step()
        for hook in self._hooks:
            hook.remove()

    def begin_step(self, inputs: Any = None) -> None:
        """Count a step, and look at it if its turn has come; for trainers that do not call the model."""
        self.end_step()  # of a step that was interrupted
        if self.steps % self.every == 0:
            self._half = self._half or (
                torch.is_autocast_enabled() and torch.get_autocast_gpu_dtype() is torch.float16
            )
            self._look = Look(self._sites, self.steps, inputs)
            self._look.start()
        self.steps += 1

    def end_step(self, output: Any = None) -> None:
        """Stop looking at this step."""
        look, self._look = self._look, None
        if look:
            look.stop(output)

    # ---- What was seen ----

    def report(self) -> Report:
        """Judge what the recent sampled steps have shown."""
        since = self.steps - WINDOW * self.every
        return self._sites.report(since, self._remarks(), trained=since >= 0 or None)

    def _remarks(self) -> list[str]:
        remarks = []
        if not self.steps:
            remarks.append(
                "No step was seen: a step is a forward of the watched model itself, in training mode and with "
                "gradients on. Watch what torch.compile returned, or the wrapper that the training calls."
            )
        if self._half and self._sites.scaler is None:
            remarks.append("Gradients are as a GradScaler scaled them, if there was one: scaler=.")
        distributed = sys.modules.get("torch.distributed")
        if distributed and distributed.is_available() and distributed.is_initialized():
            rank, size = distributed.get_rank(), distributed.get_world_size()
            if size > 1:
                remarks.append(f"Process {rank} of {size}: its own samples alone.")
        return remarks

    def scalars(self) -> dict[str, float]:
        """Return the figures of each layer as one flat mapping, for any logger."""
        found = {}
        for layer in self.report().to_dict()["layers"]:
            for key, value in layer.items():
                if isinstance(value, float):
                    found[f"{layer['layer']}/{key}"] = value
        return found

    def to_html(self, path: str | os.PathLike[str]) -> None:
        """Write the report of now as one page."""
        self.report().to_html(path)

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the report of now as JSON, and write it if a path is given."""
        return self.report().to_json(path)

    def raise_if(self, severity: Severity) -> None:
        """Raise `rheobase.HealthError` if a finding of now is as severe as this, or more."""
        self.report().raise_if(severity)


class _RootHook:
    """The hooks on the model. Copies of the model are not watched, so a copy of this does nothing."""

    def __init__(self, watch: Watch | None = None) -> None:
        self._watch = watch

    def __call__(self, model: nn.Module, args: Any, named: Any) -> None:
        if torch.compiler.is_compiling() or self._watch is None:
            return
        if model.training and torch.is_grad_enabled():
            self._watch.begin_step((args, named))

    def end(self, model: nn.Module, args: Any, output: Any) -> None:
        """Stop looking, whether or not the forward went well."""
        if not torch.compiler.is_compiling() and self._watch is not None:
            self._watch.end_step(output)

    def __reduce__(self) -> Any:
        return _RootHook, ()


def check_model(call: str, model: Any) -> None:
    """Refuse what cannot be looked into."""
    if not isinstance(model, nn.Module):
        raise InputTypeError(f"{call}: got {brief(model)}; expected a torch.nn.Module.")
    if isinstance(model, torch.jit.ScriptModule):
        raise InputTypeError(
            f"{call}: got a model compiled by TorchScript, which cannot be looked into; give the model it was made of."
        )
    if unwrapped(model)._compiled_call_impl is not None:
        raise InputError(
            f"{call}: the model was compiled in place by model.compile(), so its layers cannot be looked "
            "at. Use compiled = torch.compile(model) and give what that returns."
        )
    if any(t.is_meta for t in (*model.parameters(), *model.buffers())):
        raise InputError(
            f"{call}: the model has parameters on the meta device, which hold no numbers; load or draw its weights first."
        )
    if any(nn.parameter.is_lazy(p) for p in (*model.parameters(), *model.buffers())):
        raise InputError(
            f"{call}: the model has parameters that are not initialised yet; run one batch through it first."
        )
