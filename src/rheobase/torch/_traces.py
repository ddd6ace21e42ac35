"""What the code of a model says: which activations it calls as functions, and which layers feed a module."""

from __future__ import annotations

import copy
import dis
import inspect
import math
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F

from .._activation import Activation
from . import functional
from ._known import function_of_call, is_known_call, is_known_module
from .nn import MODULES

WEIGHTED = nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d

#: What hands on the output of a layer, scaled or rearranged at most.
_PASSING_FILES = {"batchnorm", "instancenorm", "normalization", "dropout", "pooling", "flatten"}
_PASSING_CALLS = {"add", "iadd", "add_", "dropout", "flatten", "reshape", "view", "permute", "transpose",
    "contiguous", "squeeze", "unsqueeze", "layer_norm", "batch_norm", "group_norm", "max_pool1d",
    "max_pool2d", "avg_pool1d", "avg_pool2d", "adaptive_avg_pool2d"}  # fmt: skip

_NAMESPACES = (ModuleType, type)  # whose attributes can be looked at without running a user's code
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


@dataclass
class Seen:
    """What was found, by the path of modules.

    Attributes
    ----------
    calls : list of (str, Module, callable)
        Who calls which function in its forward.
    feeders : dict of str to list of str
        The linear and convolution layers that a module gets its input from.
    untraced : list of Module
        Those whose forward depends on data, and could only be read.
    """

    calls: list[tuple[str, nn.Module, Callable[..., Any]]] = field(default_factory=list)
    feeders: dict[str, list[str]] = field(default_factory=dict)
    untraced: list[nn.Module] = field(default_factory=list)


def look(model: nn.Module, functions: Iterable[tuple[nn.Module, str]]) -> Seen:
    """Trace a model, or those of its parts that can be traced; the rest is read.

    Parameters
    ----------
    model : Module
        It stays as it is: what is traced is a copy without data and hooks.
    functions : iterable of (Module, str)
        Attributes that hold an activation as a function; they count as modules.
    """
    seen = Seen()
    visited: set[nn.Module] = set()
    held = set(functions)
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _visit(model, "", held, seen, visited)
    return seen


def _visit(
    module: nn.Module, path: str, held: set[tuple[nn.Module, str]], seen: Seen, visited: set[Any]
) -> None:
    if module in visited:
        return
    visited.add(module)
    opaque = [(path, module)]
    if not _is_leaf(module):
        if _trace(module, path, held, _is_leaf, seen):
            below = [(name, m) for name, m in module.named_modules() if name]
            opaque = [(_join(path, name), m) for name, m in below if _is_leaf(m)]
        elif not _trace(module, path, held, lambda _: True, seen) and not _is_torchs(module):
            seen.untraced.append(module)
            seen.calls += [(path, module, function) for function in dict.fromkeys(_read(module))]
    for name, inner in opaque:
        if not isinstance(inner, torch.jit.ScriptModule):
            for key, child in inner.named_children():
                _visit(child, _join(name, key), held, seen, visited)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


# ---- Tracing -------------------------------------------------------------------------------------


class _Held(nn.Module):
    """Stands for a function that is kept in an attribute."""


def _is_torchs(module: nn.Module) -> bool:
    return type(module).__module__.startswith("torch.")


def _is_leaf(module: nn.Module) -> bool:
    own = type(module).__module__.startswith(("torch.nn.", "torch.ao.nn."))
    return (
        (own and not isinstance(module, nn.Sequential))
        or type(module) in MODULES.values()
        or is_known_module(module)
        or isinstance(module, _Held | torch.jit.ScriptModule)
    )


class _Tracer(fx.Tracer):
    def __init__(self, is_leaf: Callable[[nn.Module], bool]) -> None:
        super().__init__(autowrap_modules=(math, functional))  # type: ignore[arg-type]
        self._is_leaf = is_leaf

    def is_leaf_module(self, module: nn.Module, path: str) -> bool:
        return self._is_leaf(module)


def _trace(
    module: nn.Module,
    path: str,
    held: set[tuple[nn.Module, str]],
    is_leaf: Callable[[nn.Module], bool],
    seen: Seen,
) -> bool:
    """Take down what a forward does, down to the leaves, if it can be traced."""
    try:
        skeleton = _skeleton(module, held)
        graph = _Tracer(is_leaf).trace(skeleton)
    except Exception:  # a user's code runs on placeholders, and anything may happen
        return False
    _take(module, path, skeleton, graph, seen)
    return True


def _skeleton(module: nn.Module, held: set[tuple[nn.Module, str]]) -> nn.Module:
    """Return a copy without data and hooks, so that running its code leaves the model as it is."""
    memo: dict[int, Any] = {}
    for tensor in (*module.parameters(), *module.buffers()):
        empty = tensor.detach().to("meta")
        trained = isinstance(tensor, nn.Parameter)
        memo[id(tensor)] = nn.Parameter(empty, tensor.requires_grad) if trained else empty
    for each in module.modules():
        memo |= {id(getattr(each, hooks)): OrderedDict() for hooks in _HOOKS}
    made: nn.Module = copy.deepcopy(module, memo)
    for owner, name in held:
        if id(owner) in memo:
            setattr(memo[id(owner)], name, _Held())
    return made


def _take(module: nn.Module, path: str, skeleton: nn.Module, graph: fx.Graph, seen: Seen) -> None:
    calls = {}
    for node in graph.nodes:
        function = _function_of(node)
        if activation_of(function):
            stack = list(node.meta.get("nn_module_stack", {"": ("", None)}).values())
            owner = stack[-1][0]
            calls[owner, function] = (_join(path, owner) if owner else path, function)
        elif node.op == "call_module":
            fed = seen.feeders.setdefault(_join(path, node.target), [])
            fed += [_join(path, name) for name in _feeders(skeleton, node)]
    for (owner, _), (where, function) in calls.items():
        seen.calls.append((where, module.get_submodule(owner), function))


def _function_of(node: fx.Node) -> Any:
    target: Any = node.target
    if node.op == "call_method":
        return getattr(Tensor, target, None)
    return target if node.op == "call_function" else None


def activation_of(function: Any) -> Activation | None:
    """Return the function of the catalogue that a callable is, if it is PyTorch's or rheobase's."""
    if isinstance(function, Activation):
        return function
    name = str(getattr(function, "__name__", ""))
    whose = functional if name in functional.FUNCTIONS else F
    if not any(getattr(library, name, None) is function for library in (whose, F, torch, Tensor)):
        return None
    found = function_of_call(function, (), {}) if is_known_call(function) else None
    return found if isinstance(found, Activation) else None


def _feeders(skeleton: nn.Module, node: fx.Node) -> Iterator[str]:
    """Every layer with weights whose output gets to a node through what hands it on."""
    waiting, met = list(node.all_input_nodes[:1]), set()
    while waiting:
        source = waiting.pop()
        if source in met:
            continue
        met.add(source)
        if source.op == "call_module":
            layer = skeleton.get_submodule(str(source.target))
            if isinstance(layer, WEIGHTED):
                yield str(source.target)
            file = type(layer).__module__.rpartition(".")[2]
            passes = file in _PASSING_FILES or isinstance(layer, nn.Identity)
        else:
            name = getattr(source.target, "__name__", source.target)
            passes = source.op.startswith("call_") and name in _PASSING_CALLS
        if passes:
            waiting += source.all_input_nodes


# ---- Reading -------------------------------------------------------------------------------------


def _read(module: nn.Module) -> Iterator[Callable[..., Any]]:
    """Every activation that a forward names: of a module that it knows, or as a method of a tensor."""
    forward = inspect.unwrap(type(module).forward)
    code = getattr(forward, "__code__", None)
    if code is None:
        return
    found: Any = None
    for step in dis.get_instructions(code):
        if step.opname.startswith("LOAD_FAST"):
            name = step.argval[-1] if isinstance(step.argval, tuple) else step.argval
            found = None if name == code.co_varnames[0] else Tensor  # `self`, or who knows
        elif step.opname == "LOAD_GLOBAL":
            found = forward.__globals__.get(step.argval)
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            found = getattr(found, step.argval, None) if isinstance(found, _NAMESPACES) else None
        else:
            found = Tensor
            continue
        if activation_of(found):
            yield found
