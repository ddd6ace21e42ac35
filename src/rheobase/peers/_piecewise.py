"""The table of peers: functions made of straight pieces and parabolas."""

from __future__ import annotations

from typing import Any

from .._onnx_operators import OPERATORS
from ._peers import Peers, positive_kept


def _filled(n: Any, x: Any, out: Any, threshold: float, value: float) -> Any:
    """x where it is above the threshold, else the value."""
    out = n.positive(x, out=out)
    n.copyto(out, value, where=~(x > threshold))
    return out


PIECEWISE: dict[str, Peers] = {
    "relu": Peers(
        torch=lambda t, x, **o: t.clamp_min(x, 0, **o) if o else t.relu(x),
        torch_backward=lambda a, g, x, y, z: a.threshold_backward.grad_input(g, x, 0, grad_input=z),
        jax=lambda j, x: j.nn.relu(x),
        onnx="y = " + OPERATORS["relu"],
        scipy=lambda n, s, x, y: n.maximum(x, 0, out=y),
    ),
    "relu6": Peers(
        torch=lambda t, x, **o: t._C._nn.hardtanh(x, 0, 6, **o),
        torch_backward=lambda a, g, x, y, z: a.hardtanh_backward.grad_input(
            g, x, 0, 6, grad_input=z
        ),
        jax=lambda j, x: j.nn.relu6(x),
        onnx="y = " + OPERATORS["relu6"],
        scipy=lambda n, s, x, y: n.clip(x, 0, 6, out=y),
    ),
    "leaky_relu": Peers(
        torch=lambda t, x, negative_slope, **o: t._C._nn.leaky_relu(x, negative_slope, **o),
        torch_backward=lambda a, g, x, y, z, negative_slope: a.leaky_relu_backward.grad_input(
            g, x, negative_slope, False, grad_input=z
        ),
        jax=lambda j, x, negative_slope: j.nn.leaky_relu(x, negative_slope),
        onnx="y = " + OPERATORS["leaky_relu"],
        scipy=lambda n, s, x, y, negative_slope: positive_kept(
            n, x, n.multiply(x, negative_slope, out=y)
        ),
    ),
    "threshold": Peers(
        torch=lambda t, x, threshold, value, **o: t.threshold(x, threshold, value, **o),
        torch_backward=lambda a, g, x, y, z, threshold, value: a.threshold_backward.grad_input(
            g, x, threshold, grad_input=z
        ),
        jax=lambda j, x, threshold, value: j.numpy.where(x > threshold, x, value),
        onnx="m = Greater(x, $({threshold})) y = Where(m, x, $({value}))",
        scipy=lambda n, s, x, y, threshold, value: _filled(n, x, y, threshold, value),
    ),
    "thresholded_relu": Peers(
        torch=lambda t, x, alpha, **o: t.threshold(x, alpha, 0, **o),
        torch_backward=lambda a, g, x, y, z, alpha: a.threshold_backward.grad_input(
            g, x, alpha, grad_input=z
        ),
        jax=lambda j, x, alpha: j.numpy.where(x > alpha, x, 0),
        onnx="y = " + OPERATORS["thresholded_relu"],
        scipy=lambda n, s, x, y, alpha: _filled(n, x, y, alpha, 0),
    ),
    "hard_mish": Peers(
        torch=lambda t, x, **o: t.mul(
            x, t.mul(t.clamp(t.add(x, 2, **o), 0, 2, **o), 0.5, **o), **o
        ),
        torch_composed=True,
        jax=lambda j, x: x / 2 * j.numpy.clip(x + 2, 0, 2),
        onnx="a = Add(x, $(2)) c = Clip(a, $(0), $(2)) h = Mul(c, $(0.5)) y = Mul(x, h)",
        scipy=lambda n, s, x, y: n.multiply(
            x, n.multiply(n.clip(n.add(x, 2, out=y), 0, 2, out=y), 0.5, out=y), out=y
        ),
    ),
    "hard_sigmoid": Peers(
        torch=lambda t, x, slope, offset, **o: (
            t._C._nn.hardsigmoid(x, **o)
            if (slope, offset) == (1 / 6, 1 / 2)
            else t.clamp(slope * x + offset, 0, 1, **o)
        ),
        torch_backward=lambda a, g, x, y, z, slope, offset: a.hardsigmoid_backward.grad_input(
            g, x, grad_input=z
        ),
        jax=lambda j, x, slope, offset: (
            j.nn.hard_sigmoid(x)
            if (slope, offset) == (1 / 6, 1 / 2)
            else j.numpy.clip(slope * x + offset, 0, 1)
        ),
        onnx="y = " + OPERATORS["hard_sigmoid"],
        scipy=lambda n, s, x, y, slope, offset: n.clip(
            n.add(n.multiply(x, slope, out=y), offset, out=y), 0, 1, out=y
        ),
    ),
    "hard_swish": Peers(
        torch=lambda t, x, **o: t._C._nn.hardswish(x, **o),
        torch_backward=lambda a, g, x, y, z: a.hardswish_backward.out(g, x, out=z),
        jax=lambda j, x: j.nn.hard_swish(x),
        onnx="y = " + OPERATORS["hard_swish"],
        scipy=lambda n, s, x, y: n.multiply(
            x, n.clip(n.multiply(n.add(x, 3, out=y), 1 / 6, out=y), 0, 1, out=y), out=y
        ),
    ),
    "hard_tanh": Peers(
        torch=lambda t, x, min_val, max_val, **o: t._C._nn.hardtanh(x, min_val, max_val, **o),
        torch_backward=lambda a, g, x, y, z, min_val, max_val: a.hardtanh_backward.grad_input(
            g, x, min_val, max_val, grad_input=z
        ),
        jax=lambda j, x, min_val, max_val: (
            j.nn.hard_tanh(x)
            if (min_val, max_val) == (-1, 1)
            else j.numpy.clip(x, min_val, max_val)
        ),
        onnx="y = " + OPERATORS["hard_tanh"],
        scipy=lambda n, s, x, y, min_val, max_val: n.clip(x, min_val, max_val, out=y),
    ),
    "hard_shrink": Peers(
        torch=lambda t, x, lambd, **o: t.hardshrink(x, lambd, **o),
        torch_backward=lambda a, g, x, y, z, lambd: a.hardshrink_backward.grad_input(
            g, x, lambd, grad_input=z
        ),
        jax=lambda j, x, lambd: j.numpy.where(j.numpy.abs(x) > lambd, x, 0),
        onnx="y = " + OPERATORS["hard_shrink"],
        scipy=lambda n, s, x, y, lambd: n.multiply(x, n.abs(x, out=y) > lambd, out=y),
    ),
    "soft_shrink": Peers(
        torch=lambda t, x, lambd, **o: t._C._nn.softshrink(x, lambd, **o),
        torch_backward=lambda a, g, x, y, z, lambd: a.softshrink_backward.grad_input(
            g, x, lambd, grad_input=z
        ),
        jax=lambda j, x, lambd: j.numpy.where(
            x > lambd, x - lambd, j.numpy.where(x < -lambd, x + lambd, 0)
        ),
        onnx="y = " + OPERATORS["soft_shrink"],
        scipy=lambda n, s, x, y, lambd: n.subtract(x, n.clip(x, -lambd, lambd, out=y), out=y),
    ),
    "sparse_plus": Peers(
        torch=lambda t, x, **o: t.where(
            x >= 1, x, t.square(t.mul(t.add(t.clamp(x, -1, 1, **o), 1, **o), 0.5, **o), **o), **o
        ),
        torch_composed=True,
        jax=lambda j, x: j.nn.sparse_plus(x),
        onnx="m = Greater(x, $(1)) c = Clip(x, $(-1), $(1)) a = Add(c, $(1)) q = Mul(a, a) "
        "p = Mul(q, $(0.25)) y = Where(m, x, p)",
        scipy=lambda n, s, x, y: n.where(
            x > 1,
            x,
            n.square(n.multiply(n.add(n.clip(x, -1, 1, out=y), 1, out=y), 0.5, out=y), out=y),
        ),
    ),
    "sparse_sigmoid": Peers(
        torch=lambda t, x, **o: t.clamp(t.add(t.mul(x, 0.5, **o), 0.5, **o), 0, 1, **o),
        torch_composed=True,
        jax=lambda j, x: j.nn.sparse_sigmoid(x),
        onnx="y = " + OPERATORS["sparse_sigmoid"],
        scipy=lambda n, s, x, y: n.clip(n.add(n.multiply(x, 0.5, out=y), 0.5, out=y), 0, 1, out=y),
    ),
    "relu_squared": Peers(
        torch=lambda t, x, **o: t.square(t.clamp_min(x, 0, **o), **o) if o else t.square(t.relu(x)),
        torch_composed=True,
        jax=lambda j, x: j.numpy.square(j.nn.relu(x)),
        onnx="r = Relu(x) y = Mul(r, r)",
        scipy=lambda n, s, x, y: n.square(n.maximum(x, 0, out=y), out=y),
    ),
    "identity": Peers(
        torch=lambda t, x, **o: o["out"].copy_(x) if o else x.clone(),
        torch_backward=lambda a, g, x, y, z: z.copy_(g),
        jax=lambda j, x: j.numpy.copy(x),
        onnx="y = " + OPERATORS["identity"],
        scipy=lambda n, s, x, y: n.positive(x, out=y),
    ),
    "step": Peers(
        torch=lambda t, x, threshold, **o: (
            t.gt(x, threshold, **o) if o else t.gt(x, threshold).to(x.dtype)
        ),
        jax=lambda j, x, threshold: (x > threshold).astype(x.dtype),
        onnx="m = Greater(x, $({threshold})) y = CastLike(m, x)",
        scipy=lambda n, s, x, y, threshold: n.positive(
            n.greater(x, threshold), dtype=x.dtype, out=y
        ),
    ),
}
