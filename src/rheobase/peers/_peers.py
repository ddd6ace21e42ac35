"""What other libraries call a function, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Formula = Callable[..., Any]


@dataclass(frozen=True)
class Peers:
    """How each library computes one function; None where it does not have it.

    Parameters of the function come as keywords, by the names of its declaration.

    Attributes
    ----------
    torch : callable
        ``f(torch, x, *, out=…)``; without ``out`` it is differentiable.
    torch_backward : callable
        ``f(aten, grad, x, saved, into)``: the library's own backward. None: autograd.
    torch_saved : callable
        ``f(torch, x)``: what ``torch_backward`` starts from beside x. None: the value.
    torch_composed : bool
        Whether ``torch`` is a composition of several eager passes.
    jax : callable
        ``f(jax, x)``, to be compiled.
    onnx : str
        Nodes from `inputs` to ``y`` in ONNX's text form; ``{alpha}`` is a parameter, ``$(2)`` a constant.
    scipy : callable
        ``f(numpy, scipy.special, x, out)``.
    inputs : tuple of str
        What the function takes before its parameters.
    """

    torch: Formula | None = None
    torch_backward: Formula | None = None
    torch_saved: Formula | None = None
    torch_composed: bool = False
    jax: Formula | None = None
    onnx: str | None = None
    scipy: Formula | None = None
    inputs: tuple[str, ...] = ("x",)


def positive_kept(n: Any, x: Any, negative: Any) -> Any:
    """``negative`` with x itself where x is positive; a NumPy idiom with one temporary (the mask)."""
    n.copyto(negative, x, where=x > 0)
    return negative
