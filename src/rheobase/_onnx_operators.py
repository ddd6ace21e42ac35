"""The activations that are one ONNX operator (opset 20): for exported models and for comparison.

One row a function, in ONNX's text form: ``x`` is the input, ``{alpha}`` a parameter of the function,
``$(6)`` a constant. Functions without a row are composed, from the formula of their declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

OPSET = 20  # the first with Gelu

OPERATORS: Mapping[str, str] = {
    "celu": "Celu<alpha: float = {alpha}>(x)",
    "elu": "Elu<alpha: float = {alpha}>(x)",
    "exponential": "Exp(x)",
    "gelu": "Gelu(x)",
    "gelu_tanh": 'Gelu<approximate: string = "tanh">(x)',
    "hard_shrink": "Shrink<lambd: float = {lambd}, bias: float = 0.0>(x)",
    "hard_sigmoid": "HardSigmoid<alpha: float = {slope}, beta: float = {offset}>(x)",
    "hard_swish": "HardSwish(x)",
    "hard_tanh": "Clip(x, $({min_val}), $({max_val}))",
    "identity": "Identity(x)",
    "leaky_relu": "LeakyRelu<alpha: float = {negative_slope}>(x)",
    "mish": "Mish(x)",
    "relu": "Relu(x)",
    "relu6": "Clip(x, $(0), $(6))",
    "selu": "Selu(x)",
    "sigmoid": "Sigmoid(x)",
    "sine": "Sin(x)",
    "soft_shrink": "Shrink<lambd: float = {lambd}, bias: float = {lambd}>(x)",
    "softsign": "Softsign(x)",
    "sparse_sigmoid": "HardSigmoid<alpha: float = 0.5, beta: float = 0.5>(x)",
    "tanh": "Tanh(x)",
    "thresholded_relu": "ThresholdedRelu<alpha: float = {alpha}>(x)",
}

# The parameters for which an operator is the function; without an entry, all.
LIMITS: Mapping[str, Callable[..., bool]] = {
    "celu": lambda alpha: alpha > 0,  # Celu is max(0, x) + min(0, …), whose other side would show
}
