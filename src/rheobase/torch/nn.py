"""The functions of the catalogue as modules, under PyTorch's names where it has them: ``nn.SiLU()``.

Modules of functions of one element take their parameters, ``memory`` and ``trainable``; those of gated units
split one tensor along ``dim`` and must be told which half is the gate; those of functions of rows take ``dim``
and ``temperature``.

Examples
--------
>>> import torch
>>> from rheobase.torch import nn
>>> nn.LeakyReLU(0.2)(torch.tensor([-1.0, 1.0]))
tensor([-0.2000,  1.0000])
>>> prelu = nn.LeakyReLU(0.25, trainable=True)
>>> [name for name, _ in prelu.named_parameters()]
['negative_slope']
>>> torch.nn.Sequential(torch.nn.Linear(4, 8), nn.SwiGLU(gate="first"), torch.nn.Linear(4, 1))
Sequential(
  (0): Linear(in_features=4, out_features=8, bias=True)
  (1): SwiGLU(gate='first', dim=-1)
  (2): Linear(in_features=4, out_features=1, bias=True)
)
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import torch
from torch import Tensor
from torch.nn.modules import activation as _torch_names

from .._arrays import even_axis
from .._errors import InputError, suggest
from . import functional
from ._families import ELEMENTWISE, GATES, ROWS, SPLIT
from ._memory import saving
from ._tensors import as_floats

_SPELT = {name.lower(): name for name in _torch_names.__all__}


def class_name(name: str) -> str:
    """Return the name of a function's module: PyTorch's own, or one made of words spelt as there.

    >>> class_name("leaky_relu"), class_name("hard_tanh"), class_name("swiglu"), class_name("hard_mish")
    ('LeakyReLU', 'Hardtanh', 'SwiGLU', 'HardMish')
    """
    whole = _SPELT.get(name.replace("_", ""))
    return whole or "".join(map(_spelt, name.split("_")))


def _spelt(word: str) -> str:
    for start in range(len(word)):
        if word[start:] in _SPELT:
            return word[:start].capitalize() + _SPELT[word[start:]]
    return word.capitalize()


class _Elementwise(torch.nn.Module):
    """What the modules of functions of one element share."""

    function: ClassVar[str]

    def __init__(
        self, *args: Any, trainable: bool = False, memory: str = "input", **named: Any
    ) -> None:
        super().__init__()
        activation = ELEMENTWISE[self.function].activation
        call = type(self).__name__
        params = functional.given(call, activation.params, args, named)
        if trainable and not params:
            raise InputError(f"{call}(trainable=True): {self.function} has no parameters to train.")
        if not any(isinstance(value, Tensor) for value in params):
            activation.bind(**dict(zip(activation.params, params, strict=True)))  # is it legal?
        self.names = tuple(activation.params)
        self.memory = memory
        self.trainable = trainable
        for name, value in zip(activation.params, params, strict=True):
            if trainable:
                start = torch.as_tensor(value, dtype=torch.get_default_dtype())
                setattr(self, name, torch.nn.Parameter(start.detach().clone()))
            elif isinstance(value, Tensor):
                self.register_buffer(name, value)
            else:
                setattr(self, name, value)
        saving(self.function, memory, self._values())

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.names)

    def forward(self, x: Tensor) -> Tensor:
        """Return the function of ``x``."""
        return functional.FUNCTIONS[self.function](x, *self._values(), memory=self.memory)

    def extra_repr(self) -> str:
        said = [f"{p}={_brief(v)}" for p, v in zip(self.names, self._values(), strict=True)]
        said += ["trainable=True"] * self.trainable
        said += [f"memory={self.memory!r}"] * (self.memory != "input")
        return ", ".join(said)


def _brief(value: float | Tensor) -> str:
    if isinstance(value, Tensor):
        return f"{value.item():g}" if value.ndim == 0 else f"tensor of shape {tuple(value.shape)}"
    return f"{value:g}"


class _Gate(torch.nn.Module):
    """What the modules of gated units share."""

    function: ClassVar[str]

    def __init__(self, *, gate: Literal["first", "second"], dim: int = -1) -> None:
        super().__init__()
        if gate not in ("first", "second"):
            raise InputError(f"{type(self).__name__}(gate={gate!r}): expected 'first' or 'second'.")
        self.gate = gate
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        """Return the function of the two halves of ``x``."""
        call = f"{type(self).__name__}(x)"
        x = as_floats(call, x)
        dim = even_axis(call, self.dim, tuple(x.shape))
        return SPLIT[self.function](x, dim, self.gate == "first")

    def extra_repr(self) -> str:
        return f"gate={self.gate!r}, dim={self.dim}"


class _Row(torch.nn.Module):
    """What the modules of functions of rows share."""

    function: ClassVar[str]

    def __init__(self, dim: int = -1, *, temperature: float = 1.0) -> None:
        super().__init__()
        self.dim = dim
        self.temperature = temperature

    def forward(self, z: Tensor, where: Tensor | None = None) -> Tensor:
        """Return the function of the rows of ``z``; where ``where`` is False, nothing takes part."""
        return functional.FUNCTIONS[self.function](
            z, self.dim, where=where, temperature=self.temperature
        )

    def extra_repr(self) -> str:
        return f"dim={self.dim}" + f", temperature={self.temperature:g}" * (self.temperature != 1)


def _module(base: type[torch.nn.Module], function: str) -> type[torch.nn.Module]:
    """Make the class of one function."""
    names = {
        "__module__": __name__,
        "__doc__": f"`rheobase.torch.functional.{function}` as a module.",
    }
    return type(class_name(function), (base,), {**names, "function": function})


MODULES: dict[str, type[torch.nn.Module]] = {
    function: _module(base, function)
    for base, family in ((_Elementwise, ELEMENTWISE), (_Gate, GATES), (_Row, ROWS))
    for function in family
}
globals().update({module.__name__: module for module in MODULES.values()})
__all__ = [module.__name__ for module in MODULES.values()]


def __getattr__(name: str) -> type[torch.nn.Module]:
    spelt = {module.__name__.lower(): module.__name__ for module in MODULES.values()}
    near = suggest(spelt.get(name.lower(), name), spelt.values())
    raise AttributeError(f"rheobase.torch.nn has no {name!r}.{near}")
