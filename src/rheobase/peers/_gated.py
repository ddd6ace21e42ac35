"""The table of peers: gated functions, which no library has for two arrays."""

from __future__ import annotations

import re
from typing import Any

from ._peers import Peers
from ._piecewise import PIECEWISE
from ._smooth import SMOOTH


def gated(inner: Peers) -> Peers:
    """Return ``inner(gate) * up``: passes of the library over prepared memory, or what it compiles."""
    f, backward, f_jax, f_scipy = inner.torch, inner.torch_backward, inner.jax, inner.scipy
    assert f is not None
    assert backward is not None
    assert f_jax is not None
    assert f_scipy is not None
    assert inner.onnx is not None

    def torch_backward(a: Any, g: Any, gate: Any, up: Any, saved: Any, into: Any) -> None:
        backward(a, a.mul.out(g, up, out=into[0]), gate, saved, into[0])
        a.mul.out(g, saved, out=into[1])

    return Peers(
        torch=lambda t, gate, up, **o: t.mul(f(t, gate, **o), up, **o),
        torch_backward=torch_backward,
        torch_saved=lambda t, gate, up: f(t, gate),
        torch_composed=True,
        jax=lambda j, gate, up: f_jax(j, gate) * up,
        onnx=re.sub(r"\bx\b", "gate", inner.onnx).replace("y = ", "f = ") + " y = Mul(f, up)",
        scipy=lambda n, s, gate, up, y: n.multiply(f_scipy(n, s, gate, y), up, out=y),
        inputs=("gate", "up"),
    )


GATED: dict[str, Peers] = {
    "glu": gated(SMOOTH["sigmoid"]),
    "reglu": gated(PIECEWISE["relu"]),
    "geglu": gated(SMOOTH["gelu"]),
    "geglu_tanh": gated(SMOOTH["gelu_tanh"]),
    "swiglu": gated(SMOOTH["silu"]),
    "bilinear": Peers(
        torch=lambda t, gate, up, **o: t.mul(gate, up, **o),
        torch_backward=lambda a, g, gate, up, y, into: (
            a.mul.out(g, up, out=into[0]),
            a.mul.out(g, gate, out=into[1]),
        ),
        jax=lambda j, gate, up: gate * up,
        onnx="y = Mul(gate, up)",
        scipy=lambda n, s, gate, up, y: n.multiply(gate, up, out=y),
        inputs=("gate", "up"),
    ),
}
