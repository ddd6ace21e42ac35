"""The table of peers: functions made of exp, tanh, erf, sin and roots."""

from __future__ import annotations

from math import pi

from .._onnx_operators import OPERATORS
from ._peers import Peers, positive_kept

SELU = {"alpha": 1.6732632423543772, "scale": 1.0507009873554805}


SMOOTH: dict[str, Peers] = {
    "elu": Peers(
        torch=lambda t, x, alpha, **o: t._C._nn.elu(x, alpha, **o),
        torch_backward=lambda a, g, x, y, z, alpha: a.elu_backward.grad_input(
            g, alpha, 1, 1, False, x, grad_input=z
        ),
        jax=lambda j, x, alpha: j.nn.elu(x, alpha),
        onnx="y = " + OPERATORS["elu"],
        scipy=lambda n, s, x, y, alpha: positive_kept(
            n, x, n.multiply(n.expm1(n.minimum(x, 0, out=y), out=y), alpha, out=y)
        ),
    ),
    "celu": Peers(
        torch=lambda t, x, alpha, **o: t._C._nn.elu(x, alpha, 1, 1 / alpha, **o),
        torch_backward=lambda a, g, x, y, z, alpha: a.elu_backward.grad_input(
            g, alpha, 1, 1 / alpha, False, x, grad_input=z
        ),
        jax=lambda j, x, alpha: j.nn.celu(x, alpha),
        onnx="y = " + OPERATORS["celu"],
        scipy=lambda n, s, x, y, alpha: positive_kept(
            n,
            x,
            n.multiply(n.expm1(n.minimum(n.divide(x, alpha, out=y), 0, out=y), out=y), alpha, y),
        ),
    ),
    "selu": Peers(
        torch=lambda t, x, **o: t._C._nn.elu(x, **SELU, **o),
        torch_backward=lambda a, g, x, y, z: a.elu_backward.grad_input(
            g, SELU["alpha"], SELU["scale"], 1, False, x, grad_input=z
        ),
        jax=lambda j, x: j.nn.selu(x),
        onnx="y = " + OPERATORS["selu"],
        scipy=lambda n, s, x, y: n.multiply(
            positive_kept(
                n, x, n.multiply(n.expm1(n.minimum(x, 0, out=y), out=y), SELU["alpha"], out=y)
            ),
            SELU["scale"],
            out=y,
        ),
    ),
    "sigmoid": Peers(
        torch=lambda t, x, **o: t.sigmoid(x, **o),
        torch_backward=lambda a, g, x, y, z: a.sigmoid_backward.grad_input(g, y, grad_input=z),
        jax=lambda j, x: j.nn.sigmoid(x),
        onnx="y = " + OPERATORS["sigmoid"],
        scipy=lambda n, s, x, y: s.expit(x, out=y),
    ),
    "tanh": Peers(
        torch=lambda t, x, **o: t.tanh(x, **o),
        torch_backward=lambda a, g, x, y, z: a.tanh_backward.grad_input(g, y, grad_input=z),
        jax=lambda j, x: j.numpy.tanh(x),
        onnx="y = " + OPERATORS["tanh"],
        scipy=lambda n, s, x, y: n.tanh(x, out=y),
    ),
    "softplus": Peers(
        torch=lambda t, x, beta, **o: t._C._nn.softplus(x, beta, 20, **o),
        torch_backward=lambda a, g, x, y, z, beta: a.softplus_backward.grad_input(
            g, x, beta, 20, grad_input=z
        ),
        jax=lambda j, x, beta: j.nn.softplus(beta * x) / beta,
        onnx="a = Mul(x, $({beta})) s = Softplus(a) y = Div(s, $({beta}))",
        scipy=lambda n, s, x, y, beta: (
            n.logaddexp(x, 0, out=y)
            if beta == 1
            else n.divide(n.logaddexp(n.multiply(x, beta, out=y), 0, out=y), beta, out=y)
        ),
    ),
    "silu": Peers(
        torch=lambda t, x, **o: t._C._nn.silu(x, **o),
        torch_backward=lambda a, g, x, y, z: a.silu_backward.grad_input(g, x, grad_input=z),
        jax=lambda j, x: j.nn.silu(x),
        onnx="y = com.microsoft.QuickGelu<alpha: float = 1.0>(x)",
        scipy=lambda n, s, x, y: n.multiply(x, s.expit(x, out=y), out=y),
    ),
    "swish": Peers(
        torch=lambda t, x, beta, **o: (
            t._C._nn.silu(x, **o)
            if beta == 1
            else t.mul(x, t.sigmoid(t.mul(x, beta, **o), **o), **o)
        ),
        torch_backward=lambda a, g, x, y, z, beta: a.silu_backward.grad_input(g, x, grad_input=z),
        jax=lambda j, x, beta: x * j.nn.sigmoid(beta * x),
        onnx="y = com.microsoft.QuickGelu<alpha: float = {beta}>(x)",
        scipy=lambda n, s, x, y, beta: n.multiply(
            x, s.expit(n.multiply(x, beta, out=y), out=y), out=y
        ),
    ),
    "gelu": Peers(
        torch=lambda t, x, **o: t._C._nn.gelu(x, **o),
        torch_backward=lambda a, g, x, y, z: a.gelu_backward.grad_input(g, x, grad_input=z),
        jax=lambda j, x: j.nn.gelu(x, approximate=False),
        onnx="y = " + OPERATORS["gelu"],
        scipy=lambda n, s, x, y: n.multiply(x, s.ndtr(x, out=y), out=y),
    ),
    "gelu_tanh": Peers(
        torch=lambda t, x, **o: t._C._nn.gelu(x, approximate="tanh", **o),
        torch_backward=lambda a, g, x, y, z: a.gelu_backward.grad_input(
            g, x, approximate="tanh", grad_input=z
        ),
        jax=lambda j, x: j.nn.gelu(x, approximate=True),
        onnx="y = " + OPERATORS["gelu_tanh"],
        scipy=lambda n, s, x, y: n.multiply(
            x, s.expit(n.multiply((8 / pi) ** 0.5 * x, 1 + 0.044715 * x * x, out=y), out=y), out=y
        ),
    ),
    "quick_gelu": Peers(
        torch=lambda t, x, **o: t.mul(x, t.sigmoid(t.mul(x, 1.702, **o), **o), **o),
        torch_composed=True,
        jax=lambda j, x: x * j.nn.sigmoid(1.702 * x),
        onnx="y = com.microsoft.QuickGelu<alpha: float = 1.702>(x)",
        scipy=lambda n, s, x, y: n.multiply(x, s.expit(n.multiply(x, 1.702, out=y), out=y), out=y),
    ),
    "mish": Peers(
        torch=lambda t, x, **o: t._C._nn.mish(x, **o),
        torch_backward=lambda a, g, x, y, z: a.mish_backward(g, x),  # has no out
        jax=lambda j, x: j.nn.mish(x),
        onnx="y = " + OPERATORS["mish"],
        scipy=lambda n, s, x, y: n.multiply(x, n.tanh(n.logaddexp(x, 0, out=y), out=y), out=y),
    ),
    "softsign": Peers(
        torch=lambda t, x, **o: t.div(x, t.add(t.abs(x, **o), 1, **o), **o),
        torch_composed=True,
        jax=lambda j, x: j.nn.soft_sign(x),
        onnx="y = " + OPERATORS["softsign"],
        scipy=lambda n, s, x, y: n.divide(x, n.add(n.abs(x, out=y), 1, out=y), out=y),
    ),
    "log_sigmoid": Peers(
        torch=lambda t, x, **o: t._C._nn.log_sigmoid(x, **o),
        torch_backward=lambda a, g, x, b, z: a.log_sigmoid_backward.grad_input(
            g, x, b, grad_input=z
        ),
        torch_saved=lambda t, x: t.ops.aten.log_sigmoid_forward(x)[1],
        jax=lambda j, x: j.nn.log_sigmoid(x),
        onnx="n = Neg(x) s = Softplus(n) y = Neg(s)",
        scipy=lambda n, s, x, y: s.log_expit(x, out=y),
    ),
    "tanh_shrink": Peers(
        torch=lambda t, x, **o: t.sub(x, t.tanh(x, **o), **o),
        torch_composed=True,
        jax=lambda j, x: x - j.numpy.tanh(x),
        onnx="t = Tanh(x) y = Sub(x, t)",
        scipy=lambda n, s, x, y: n.subtract(x, n.tanh(x, out=y), out=y),
    ),
    "squareplus": Peers(
        torch=lambda t, x, b, **o: t.mul(
            t.add(x, t.sqrt(t.add(t.mul(x, x, **o), b, **o), **o), **o), 0.5, **o
        ),
        torch_composed=True,
        jax=lambda j, x, b: j.nn.squareplus(x, b),
        onnx="s = Mul(x, x) a = Add(s, $({b})) r = Sqrt(a) t = Add(x, r) y = Mul(t, $(0.5))",
        scipy=lambda n, s, x, y, b: n.multiply(
            n.add(x, n.sqrt(n.add(n.multiply(x, x, out=y), b, out=y), out=y), out=y), 0.5, out=y
        ),
    ),
    "exponential": Peers(
        torch=lambda t, x, **o: t.exp(x, **o),
        torch_backward=lambda a, g, x, y, z: a.mul.out(g, y, out=z),
        jax=lambda j, x: j.numpy.exp(x),
        onnx="y = " + OPERATORS["exponential"],
        scipy=lambda n, s, x, y: n.exp(x, out=y),
    ),
    "lecun_tanh": Peers(
        torch=lambda t, x, **o: t.mul(t.tanh(t.mul(x, 2 / 3, **o), **o), 1.7159, **o),
        torch_composed=True,
        jax=lambda j, x: 1.7159 * j.numpy.tanh(2 / 3 * x),
        onnx=f"a = Mul(x, $({2 / 3})) t = Tanh(a) y = Mul(t, $(1.7159))",
        scipy=lambda n, s, x, y: n.multiply(
            n.tanh(n.multiply(x, 2 / 3, out=y), out=y), 1.7159, out=y
        ),
    ),
    "penalized_tanh": Peers(
        torch=lambda t, x, **o: t._C._nn.leaky_relu(t.tanh(x, **o), 0.25, **o),
        torch_composed=True,
        jax=lambda j, x: j.nn.leaky_relu(j.numpy.tanh(x), 0.25),
        onnx="t = Tanh(x) y = LeakyRelu<alpha: float = 0.25>(t)",
        scipy=lambda n, s, x, y: n.multiply(
            n.tanh(x, out=y), n.where(x > 0, x.dtype.type(1), x.dtype.type(0.25)), out=y
        ),
    ),
    "lisht": Peers(
        torch=lambda t, x, **o: t.mul(x, t.tanh(x, **o), **o),
        torch_composed=True,
        jax=lambda j, x: x * j.numpy.tanh(x),
        onnx="t = Tanh(x) y = Mul(x, t)",
        scipy=lambda n, s, x, y: n.multiply(x, n.tanh(x, out=y), out=y),
    ),
    "snake": Peers(
        torch=lambda t, x, alpha, **o: t.add(
            x, t.div(t.square(t.sin(t.mul(x, alpha, **o), **o), **o), alpha, **o), **o
        ),
        torch_composed=True,
        jax=lambda j, x, alpha: x + j.numpy.sin(alpha * x) ** 2 / alpha,
        onnx="a = Mul(x, $({alpha})) s = Sin(a) q = Mul(s, s) d = Div(q, $({alpha})) y = Add(x, d)",
        scipy=lambda n, s, x, y, alpha: n.add(
            x,
            n.divide(n.square(n.sin(n.multiply(x, alpha, out=y), out=y), out=y), alpha, out=y),
            out=y,
        ),
    ),
    "sine": Peers(
        torch=lambda t, x, **o: t.sin(x, **o),
        jax=lambda j, x: j.numpy.sin(x),
        onnx="y = " + OPERATORS["sine"],
        scipy=lambda n, s, x, y: n.sin(x, out=y),
    ),
    "gaussian": Peers(
        torch=lambda t, x, **o: t.exp(t.neg(t.square(x, **o), **o), **o),
        torch_composed=True,
        jax=lambda j, x: j.numpy.exp(-x * x),
        onnx="s = Mul(x, x) n = Neg(s) y = Exp(n)",
        scipy=lambda n, s, x, y: n.exp(n.negative(n.square(x, out=y), out=y), out=y),
    ),
    "logit": Peers(
        torch=lambda t, x, **o: t.special.logit(x, **o),
        torch_backward=lambda a, g, x, y, z: a.logit_backward.grad_input(g, x, grad_input=z),
        jax=lambda j, x: j.scipy.special.logit(x),
        onnx="c = Sub($(1), x) q = Div(x, c) y = Log(q)",
        scipy=lambda n, s, x, y: s.logit(x, out=y),
    ),
}
