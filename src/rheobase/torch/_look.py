"""How one forward of a model is looked at: hooks on its modules, and a mode that sees the calls."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from math import isfinite
from typing import Any

import torch
from torch import Tensor, nn, no_grad
from torch._C import DisableTorchFunction
from torch._C._functorch import is_functorch_wrapped_tensor
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakTensorKeyDictionary

from .._activation import Activation
from ..health import Role
from ._known import (
    differs,
    eagerly,
    first_floats,
    function_of_call,
    function_of_module,
    is_known_call,
    is_share,
    sample,
    tensors_in,
)
from ._moments import Moment
from ._sites import Site, Sites

CALLS = 100  # of one module or function in one step; a loop over time may make thousands

#: What a result says of the axis of its units: the channels of a convolution, else the last one.
_CHANNELS_FIRST = ("conv", "batch_norm", "group_norm", "instance_norm")
_CHANNELS_LAST = ("linear", "layer_norm", "rms_norm", "matmul", "bmm", "addmm", "embedding")
_SAME_VALUES = {"reshape", "view", "flatten", "permute", "transpose", "squeeze", "unsqueeze", "to",
    "chunk", "split", "unbind", "contiguous", "float", "expand", "movedim", "__getitem__",
    "__rsub__", "rsub"}  # fmt: skip  # 1 - z gates as z does
_NEW_AXES = {"reshape", "view", "flatten", "permute", "transpose", "movedim", "squeeze", "unsqueeze",
    "__getitem__", "unbind"}  # fmt: skip
_PRODUCTS = {"mul", "mul_", "multiply", "__mul__", "__rmul__", "__imul__"}


@dataclass(frozen=True)
class _Trace:
    """What is known of a tensor: which axis holds units, and the site it comes from, if it does."""

    axis: int | None
    site: Site | None


class Look(TorchFunctionMode):
    """Looks at one forward of the root: hooks and a mode that are there while it runs.

    Parameters
    ----------
    sites : Sites
    step : int
    inputs : nested tensors
        Of the root; the length of the first one is the number of samples.
    """

    def __init__(self, sites: Sites, step: int, inputs: Any) -> None:
        self._sites = sites
        self._step = step
        batch = next(iter(tensors_in(inputs)), None)
        self._samples = len(batch) if batch is not None and batch.ndim else None
        self._traces: Any = WeakTensorKeyDictionary()
        self._path: list[str] = []
        self._calls: dict[tuple[str, str], int] = {}
        self._open: list[tuple[Site, Moment, Tensor, Tensor | None]] = []
        self._last: Site | None = None
        self._used: set[nn.Module] = set()  # modules with weights that were called
        self._again = False  # whether one of them was called twice
        self._hooks = ExitStack()

    def start(self) -> None:
        """Attach."""
        for module, path in self._sites.paths.items():
            if not path or isinstance(module, torch.jit.ScriptModule):
                continue  # the root is where a path begins
            for hook in (
                module.register_forward_pre_hook(self._enter, with_kwargs=True),
                module.register_forward_hook(self._leave, always_call=True),
            ):
                self._hooks.callback(hook.remove)
        self._hooks.enter_context(eagerly())
        self._hooks.enter_context(self)

    def stop(self, output: Any = None) -> None:
        """Detach, whatever happened in between."""
        self._hooks.close()
        for tensor in tensors_in(output):
            _give_role(self._traces.get(tensor), "output")
        self._traces = None

    # ---- Modules ----

    def _enter(self, module: nn.Module, args: Any, named: Any) -> None:
        path = self._sites.paths[module]
        self._path.append(path)
        if module._parameters:
            self._again = self._again or module in self._used
            self._used.add(module)
        if module in self._sites.known and not self._open:
            z = first_floats((args, named))
            if z is not None:
                self._before(z, path, "", lambda: function_of_module(module))
            elif next(tensors_in((args, named)), None) is not None:
                self._sites.failures[path] = "its input is not of floats"
        elif getattr(module, "batch_first", True) is False:
            self._find_time(path, next(tensors_in((args, named)), None))

    def _find_time(self, path: str, x: Tensor | None) -> None:
        """Note that the first axis of the model's input is no axis of samples."""
        if x is not None and x.ndim > 2 and x.shape[0] == self._samples != x.shape[1]:
            self._sites.time_first = path

    def _leave(self, module: nn.Module, args: Any, output: Any) -> None:
        if self._path:
            path = self._path.pop()
            if self._open and self._open[-1][0].path == path and not self._open[-1][0].function:
                self._after(first_floats((output,)))

    # ---- Calls ----

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        named = kwargs or {}
        name = getattr(func, "__name__", "")
        if name == "__get__" or self._open:  # an attribute, or inside an activation
            return func(*args, **named)
        if is_known_call(func):
            z = first_floats((args, named.get("input")))
            if z is not None:
                path = self._path[-1] if self._path else ""
                given = args[1:] if args else ()
                plain = name.removesuffix("_")
                opened = len(self._open)
                self._before(z, path, plain, lambda: function_of_call(func, given, named))
                try:
                    output = func(*args, **named)
                except BaseException:
                    del self._open[opened:]
                    raise
                if len(self._open) > opened:
                    self._after(output)
                return output
        output = func(*args, **named)
        self._follow(name, args, output)
        return output

    def _follow(self, name: str, args: tuple[Any, ...], output: Any) -> None:
        """Note what is known of a result."""
        operands = [x for x in args[:2] if isinstance(x, Tensor)]
        traces = [self._traces.get(x) for x in operands]
        if name in _PRODUCTS and len(operands) == 2 and not _is_plain_factor(*operands):
            shares = [t for t in traces if t and t.site and t.site.f and is_share(t.site.f)]
            for trace in shares or traces:
                _give_role(trace, "gate")  # in sigmoid(f) * tanh(g) only the first
        elif name.endswith("_loss") or name.startswith("binary_cross_entropy"):
            _give_role(traces[0] if traces else None, "output")
        first = traces[0] if traces else None
        site = first.site if first and name in _SAME_VALUES else None
        if name.startswith(_CHANNELS_FIRST):
            axis: int | None = 1
        elif name in _CHANNELS_LAST:
            axis = -1
        else:
            axis = None if first is None or name in _NEW_AXES else first.axis
        if axis is not None or site is not None:
            for tensor in tensors_in(output):
                self._traces[tensor] = _Trace(axis, site)

    # ---- Both ----

    def _before(
        self, z: Tensor, path: str, function: str, find: Callable[[], Activation | str]
    ) -> None:
        if isinstance(z, nn.Parameter):  # a weight that is kept positive, or the like
            return
        if is_functorch_wrapped_tensor(z) or z.is_nested:
            self._sites.failures["What torch.func transforms, and nested tensors,"] = (
                "not looked at"
            )
            return
        call = self._calls[path, function] = self._calls.get((path, function), 0) + 1
        if call > CALLS:
            where = ": ".join(part for part in (path, function) if part)
            self._sites.failures[where] = f"more than {CALLS} calls in a step; the first are above"
            return
        if not z.numel():
            return
        site = self._sites.site((path, function, call), self._last)
        self._last = site
        site.recurrent = call > 1 and self._again
        trace = self._traces.get(z)
        with no_grad(), DisableTorchFunction(), self._forgiving(site):
            few = None
            if site.f is None and not site.refusal:
                found = find()
                if isinstance(found, str):
                    site.refusal = found
                    return
                site.f, few = found, sample(z)
            if site.f is None:
                return
            axis = trace.axis if trace and trace.axis is not None else 1 if z.ndim > 3 else -1
            axis = axis if z.ndim > 1 else 0
            moment = Moment(site.f, self._step, self._samples_of(z, axis), axis)
            moment.before(z)
            if z.requires_grad:
                moment.scaler = self._sites.scaler
                moment.awaited = True
                z.register_hook(self._gradient_hook(site, moment))  # type: ignore[no-untyped-call]
            self._open.append((site, moment, z, few))

    def _samples_of(self, z: Tensor, axis: int) -> int:
        """How many samples a tensor is of: those of the model's input if it has an axis for them, else rows."""
        others = [length for d, length in enumerate(z.shape) if d != axis % z.ndim]
        rows = len(z) if others else 1
        if self._samples is None or self._samples in others:
            return self._samples or rows
        return min(rows, self._samples)

    def _after(self, a: Tensor | None) -> None:
        site, moment, z, few = self._open.pop()
        if a is None or site.f is None:  # the function itself has failed
            return
        with no_grad(), DisableTorchFunction(), self._forgiving(site):
            if a.shape != z.shape:
                site.f, site.refusal = None, "its output has another shape than its input"
                return
            if few is not None and differs(site.f, few, sample(a)):
                site.refusal = f"its values are not those of {site.f!r}"
                site.f = None
                return
            moment.after(a)
            site.moments.append(moment)
        self._traces[a] = _Trace(moment.axis, site)

    def _gradient_hook(self, site: Site, moment: Moment) -> Callable[[Tensor], None]:
        def look(gradient: Tensor) -> None:
            differentiable = torch.is_grad_enabled()  # create_graph=True
            with no_grad(), DisableTorchFunction(), self._forgiving(site):
                moment.gradient(gradient, differentiable)

        return look

    def _forgiving(self, site: Site) -> _Forgiving:
        return _Forgiving(self._sites.failures, site.place)


class _Forgiving:
    """Keeps what goes wrong in looking from stopping a training; the report tells of it."""

    def __init__(self, failures: dict[str, str], name: str) -> None:
        self._failures, self._name = failures, name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, _: Any) -> bool:
        if isinstance(error, Exception):
            self._failures[self._name] = f"{type(error).__name__}: {error}".split("\n")[0]
            return True
        return False


def _is_plain_factor(x: Tensor, y: Tensor) -> bool:
    """Whether one of two factors is a parameter, a number or a mask, which makes no gate of the other."""
    return any(
        isinstance(part, nn.Parameter) or not part.ndim or not part.is_floating_point()
        for part in (x, y)
    )


def _give_role(trace: _Trace | None, role: Role) -> None:
    """Say what the output of a site is for; only a bounded function makes a gate, or ends a model on purpose."""
    if trace and trace.site and trace.site.f:
        facts = trace.site.f.facts
        if isfinite(facts.infimum) and isfinite(facts.supremum):
            trace.site.role = role
