"""What other libraries call a function, and how."""

from __future__ import annotations

import re
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
    torch_out : bool
        Whether ``torch`` takes ``out``; False for eager compositions, which allocate.
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
    torch_out: bool = True
    jax: Formula | None = None
    onnx: str | None = None
    scipy: Formula | None = None
    inputs: tuple[str, ...] = ("x",)


def positive_kept(n: Any, x: Any, negative: Any) -> Any:
    """``negative`` with x itself where x is positive; a NumPy idiom with one temporary (the mask)."""
    n.copyto(negative, x, where=x > 0)
    return negative


def gated(inner: Peers) -> Peers:
    """Return what computes ``inner(gate) * up``: a second pass, except where a compiler fuses both."""
    f, backward, f_jax, f_scipy = inner.torch, inner.torch_backward, inner.jax, inner.scipy

    def torch_backward(
        a: Any, g: Any, gate: Any, up: Any, saved: Any, into: Any, **params: float
    ) -> None:
        assert backward is not None
        activated, kept = saved
        backward(a, a.mul.out(g, up, out=into[0]), gate, kept, into[0], **params)
        a.mul.out(g, activated, out=into[1])

    def torch_saved(t: Any, gate: Any, up: Any, **params: float) -> tuple[Any, Any]:
        assert f is not None
        activated = f(t, gate, **params)
        return activated, (inner.torch_saved or (lambda *_, **__: activated))(t, gate, **params)

    return Peers(
        torch=f and (lambda t, gate, up, **o: t.mul(f(t, gate, **o), up, **_only(o, "out"))),
        torch_backward=backward and torch_backward,
        torch_saved=torch_saved,
        torch_out=inner.torch_out,
        jax=f_jax and (lambda j, gate, up, **params: f_jax(j, gate, **params) * up),
        onnx=inner.onnx
        and re.sub(r"\bx\b", "gate", inner.onnx).replace("y = ", "f = ") + " y = Mul(f, up)",
        scipy=f_scipy
        and (
            lambda n, s, gate, up, out, **params: n.multiply(
                f_scipy(n, s, gate, out, **params), up, out=out
            )
        ),
        inputs=("gate", "up"),
    )


def _only(keywords: dict[str, Any], name: str) -> dict[str, Any]:
    return {name: keywords[name]} if name in keywords else {}
