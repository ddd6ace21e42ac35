"""`check`: what the activations of a model do on given data, before or after training."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .._arrays import brief
from .._errors import InputError, InputTypeError
from ..health import Report
from ._known import tensors_in
from ._look import Look
from ._sites import Sites, unwrapped
from ._watch import check_model

Loss = Callable[[Any, Any], Tensor]

ROWS = 256  # of a tensor that is given whole, at a time


def check(model: nn.Module, data: Any, loss: Loss | None = None) -> Report:
    """Say what the activations of a model do on given data, in the mode (train or eval) that it is in.

    Parameters and buffers, gradients, mode and random numbers stay as they are.

    Parameters
    ----------
    model : torch.nn.Module
    data : tensor, (X, y), or iterable of batches such as a DataLoader
        A batch is a tensor, a tuple whose last entry is the target, or a mapping of keywords.
    loss : callable, optional
        ``loss(output, target)``; of batches that are mappings ``loss(output, batch)``. Without it there are no
        gradients to look at, and the report says so.

    Returns
    -------
    rheobase.health.Report
        The layers are named by the path of the module; functions that are called by themselves by the path and
        their name, and calls of the same by a number.

    Raises
    ------
    InputError
        The data is not of such a form, or the loss is not one number.

    Examples
    --------
    >>> import torch
    >>> from rheobase.torch import check
    >>> model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
    >>> report = check(model, (torch.randn(64, 4), torch.randn(64, 1)), torch.nn.functional.mse_loss)
    >>> list(report.layers), report.layers["1"].samples
    (['1'], 64)
    """
    return _check("check", model, data, loss, trained=None)


def check_init(model: nn.Module, batch: Any, loss: Loss | None = None) -> Report:
    """Say how the signal and the gradient go through a model before its first step, and what is born dead.

    As `check`, on one batch; but without a loss the gradient is that of a random direction of the output.

    Parameters
    ----------
    model : torch.nn.Module
    batch : tensor, tuple whose last entry is the target, or mapping
        A target is needed by ``loss`` alone.
    loss : callable, optional

    Returns
    -------
    rheobase.health.Report

    Examples
    --------
    >>> import torch
    >>> from rheobase.torch import check_init
    >>> layers = [torch.nn.Linear(32, 32), torch.nn.Sigmoid()] * 5
    >>> for finding in check_init(torch.nn.Sequential(*layers), torch.randn(64, 32)).findings:
    ...     print(finding.severity, finding.kind)
    warning vanishing
    """
    return _check("check_init", model, [batch], loss or _random_direction, trained=False)


def _check(
    call: str, model: nn.Module, data: Any, loss: Loss | None, trained: bool | None
) -> Report:
    check_model(call, model)
    model = unwrapped(model)  # a wrapper may wait for other processes
    remarks = list(_remarks(model))
    sites = Sites(model, None, still=True)
    with _as_it_was(model), torch.set_grad_enabled(loss is not None):
        for step, batch in enumerate(_batches(call, data)):
            args, named, target = _parts(call, model, batch)
            look = Look(sites, step, (args, named))
            output = None
            look.start()
            try:
                output = model(*args, **named)
            finally:
                look.stop(output)
            if loss is not None:
                try:
                    _backward(call, model, loss(output, target))
                except RuntimeError as error:
                    if loss is not _random_direction:
                        raise
                    raise InputError(
                        f"{call}: the model's outputs, all together, have no gradient ({error}); give loss=."
                    ) from error
    return sites.report(0, remarks, trained)


def _remarks(model: nn.Module) -> Iterator[str]:
    """What the state of a model, before it is looked at, means for the figures."""
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    if any(
        not m.training and m.num_batches_tracked is not None and not m.num_batches_tracked
        for m in norms
    ):
        yield (
            "Batch norm has seen no batch yet, so in this mode it normalises nothing, and signal and gradient may "
            "fade: model.train()."
        )


def _backward(call: str, model: nn.Module, value: Any) -> None:
    """Send the gradient back as far as the hooks, and leave none in the parameters."""
    if not isinstance(value, Tensor) or value.numel() != 1:
        raise InputError(
            f"{call}: loss(output, target) returned {brief(value)}; expected a tensor of one number."
        )
    parameters = [p for p in model.parameters() if p.requires_grad]
    if parameters and value.requires_grad:
        torch.autograd.grad(value.sum(), parameters, allow_unused=True)


def _random_direction(output: Any, target: Any) -> Tensor:
    """A stand-in for a loss: its gradient at the output is drawn from N(0, 1)."""
    found = [part for part in tensors_in(output) if part.requires_grad]
    if not found:
        return torch.zeros(())
    return torch.stack([(part * torch.randn_like(part)).sum() for part in found]).sum()


# ---- Data ----


def _batches(call: str, data: Any) -> Iterable[Any]:
    """Return batches; what is given whole is cut."""
    if isinstance(data, Tensor | np.ndarray):
        return [data[k : k + ROWS] for k in range(0, len(data), ROWS)]
    if isinstance(data, tuple):
        lengths = [len(part) for part in data if isinstance(part, Tensor | np.ndarray)]
        if len(lengths) < len(data) or len(set(lengths)) > 1:
            raise InputError(
                f"{call}: got a tuple of {', '.join(map(brief, data))}; expected (X, y), two arrays of as many "
                "rows. A list is taken for batches."
            )
        return [tuple(part[k : k + ROWS] for part in data) for k in range(0, lengths[0], ROWS)]
    if isinstance(data, Mapping | str) or not isinstance(data, Iterable):
        raise InputTypeError(
            f"{call}: got data {brief(data)}; expected a tensor, (X, y), or an iterable of batches."
        )
    return data


def _parts(
    call: str, model: nn.Module, batch: Any
) -> tuple[tuple[Any, ...], Mapping[str, Any], Any]:
    """The positional and named inputs of one batch, and the target."""
    first = next(model.parameters(), torch.empty(0))

    def moved(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            value = torch.as_tensor(value)
            if value.is_floating_point():  # float64 is NumPy's default, not a choice
                value = value.to(first.dtype)
        return value.to(first.device) if isinstance(value, Tensor) else value

    if isinstance(batch, Mapping):
        batch = {key: moved(value) for key, value in batch.items()}
        return (), batch, batch
    if isinstance(batch, tuple | list):
        parts = tuple(map(moved, batch))
        return (parts, {}, None) if len(parts) == 1 else (parts[:-1], {}, parts[-1])
    if isinstance(batch, Tensor | np.ndarray):
        return (moved(batch),), {}, None
    raise InputTypeError(
        f"{call}: got a batch {brief(batch)}; expected a tensor, a tuple whose last entry is the target, "
        "or a mapping of keywords."
    )


@contextmanager
def _as_it_was(model: nn.Module) -> Iterator[None]:
    """Put buffers and random numbers back."""
    buffers = [
        (module, name, buffer, buffer.detach().clone())
        for module in model.modules()
        for name, buffer in module.named_buffers(recurse=False)
    ]
    drawn, legacy = random.getstate(), np.random.get_state()  # noqa: NPY002  what loaders draw from
    try:
        with torch.random.fork_rng():
            yield
    finally:
        random.setstate(drawn)
        np.random.set_state(legacy)  # noqa: NPY002
        with torch.no_grad():
            for module, name, buffer, before in buffers:
                buffer.copy_(before)
                setattr(module, name, buffer)  # a forward may have put another in its place
