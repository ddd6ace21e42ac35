"""x times a share of it that a sigmoid curve lets through."""

from __future__ import annotations

from math import inf

from .._activation import Declaration, Difference, Summary
from ._parts import (
    TWICE_ROOT_2_BY_PI,
    damped,
    mish,
    mish_slope,
    normal_density,
    normal_share,
    self_gated,
    self_gated_slope,
    times,
)

_CUBIC = 0.044715
_QUICK = 1.702

_NAN_AT_MINUS_INFINITY = Difference(
    "PyTorch, JAX", "The value at -∞ is NaN; here it is the limit, 0."
)

SELF_GATED = (
    Declaration(
        name="silu",
        formula=lambda m, x: self_gated(m, x, x),
        derivative=lambda m, x: self_gated_slope(m, x, x),
        text="x / (1 + e^-x)",
        latex=r"\frac{x}{1 + e^{-x}}",
        claims={
            "range": (-0.27846454276107379, inf),
            "zero_centred": False,
            "monotone": False,
            "smoothness": "smooth",
        },
        differences=(
            Difference("JAX, Keras 3", "swish is another name of it; here swish has a beta."),
            _NAN_AT_MINUS_INFINITY,
        ),
        reference="S. Elfwing, E. Uchibe and K. Doya, arXiv:1702.03118 (2017).",
        summary={
            "en": Summary(
                "x times its sigmoid", "smooth, no dead units", "not monotone", "CNN, LLM"
            ),
            "ko": Summary(
                "x 곱하기 시그모이드", "매끄럽고 죽은 뉴런 없음", "단조가 아님", "CNN, LLM"
            ),
        },
    ),
    Declaration(
        name="swish",
        formula=lambda m, x, beta: self_gated(m, x, beta * x),
        derivative=lambda m, x, beta: self_gated_slope(m, beta * x, beta * x),
        text="x / (1 + e^(-beta · x))",
        latex=r"\frac{x}{1 + e^{-\beta x}}",
        params={"beta": 1.0},
        claims={
            "range": (-0.27846454276107379, inf),
            "zero_centred": False,
            "monotone": False,
            "smoothness": "smooth",
        },
        differences=(
            Difference("JAX, Keras 3", "swish has no parameter: it is silu."),
            Difference("TensorFlow", "tf.nn.silu(x, beta) and tf.nn.swish are one function."),
            Difference("ONNX", "The parameter of Swish is alpha (since opset 24)."),
            Difference("PyTorch", "There is no swish, only silu."),
        ),
        reference="P. Ramachandran, B. Zoph and Q. V. Le, Searching for activation functions, "
        "arXiv:1710.05941 (2017).",
        summary={
            "en": Summary(
                "between a line and ReLU", "beta may be learned", "needs a hyperparameter", "CNN"
            ),
            "ko": Summary("직선과 ReLU 사이", "beta 학습 가능", "하이퍼 파라미터 필요", "CNN"),
        },
    ),
    Declaration(
        name="gelu",
        formula=lambda m, x: damped(m, x, normal_share(m, x)),
        derivative=lambda m, x: normal_share(m, x) + damped(m, x, normal_density(m, x)),
        text="x · Φ(x), Φ the normal distribution's share below x",
        latex=r"\frac{x}{2} \left(1 + \operatorname{erf}\frac{x}{\sqrt 2}\right)",
        claims={
            "range": (-0.16997120747990369, inf),
            "zero_centred": False,
            "monotone": False,
            "smoothness": "smooth",
        },
        differences=(
            Difference("JAX", "approximate=True, gelu_tanh, is the default."),
            Difference(
                "PyTorch, Keras 3, ONNX, TensorFlow",
                "The default is this one; approximate makes it gelu_tanh.",
            ),
            _NAN_AT_MINUS_INFINITY,
        ),
        reference="D. Hendrycks and K. Gimpel, Gaussian error linear units, arXiv:1606.08415 (2016).",
        summary={
            "en": Summary(
                "x times the normal share below x",
                "smooth, no dead units",
                "not monotone",
                "Transformer",
            ),
            "ko": Summary(
                "x 곱하기 정규분포 함수", "매끄럽고 죽은 뉴런 없음", "단조가 아님", "트랜스포머"
            ),
        },
    ),
    Declaration(
        name="gelu_tanh",
        formula=lambda m, x: self_gated(m, x, times(TWICE_ROOT_2_BY_PI, x + _CUBIC * x * x * x)),
        derivative=lambda m, x: self_gated_slope(
            m,
            times(TWICE_ROOT_2_BY_PI, x + _CUBIC * x * x * x),
            times(TWICE_ROOT_2_BY_PI, x + 3 * (_CUBIC * x * x * x)),
        ),
        text="x/2 · (1 + tanh(sqrt(2/π) · (x + 0.044715 x³)))",
        latex=r"\frac{x}{2} \left(1 + \tanh\left(\sqrt{2/\pi}\,(x + 0.044715\,x^3)\right)\right)",
        aliases=("gelu_new", "gelu_pytorch_tanh"),
        claims={
            "range": (-0.17004075057125412, inf),
            "zero_centred": False,
            "monotone": False,
            "smoothness": "smooth",
        },
        differences=(
            Difference("PyTorch, ONNX", 'The name is gelu with approximate="tanh".'),
            Difference("JAX", "It is gelu's default."),
            Difference("Keras 3", "The name is gelu with approximate=True."),
        ),
        reference="D. Hendrycks and K. Gimpel, Gaussian error linear units, arXiv:1606.08415 (2016).",
        summary={
            "en": Summary(
                "GELU by tanh", "within 5e-4 of GELU", "not GELU itself", "GPT-2 and its kin"
            ),
            "ko": Summary("tanh로 근사한 GELU", "GELU와 5e-4 이내", "GELU와 다름", "GPT-2 계열"),
        },
    ),
    Declaration(
        name="quick_gelu",
        formula=lambda m, x: self_gated(m, x, _QUICK * x),
        derivative=lambda m, x: self_gated_slope(m, _QUICK * x, _QUICK * x),
        text="x / (1 + e^(-1.702 x))",
        latex=r"\frac{x}{1 + e^{-1.702\,x}}",
        aliases=("quickgelu",),
        claims={
            "range": (-0.16361018963635363, inf),
            "zero_centred": False,
            "monotone": False,
            "smoothness": "smooth",
        },
        reference="D. Hendrycks and K. Gimpel, Gaussian error linear units, arXiv:1606.08415 (2016).",
        summary={
            "en": Summary("GELU by a sigmoid", "one exponential", "off by 0.02", "CLIP"),
            "ko": Summary("시그모이드로 근사한 GELU", "exp() 한 번", "GELU와 0.02 차이", "CLIP"),
        },
    ),
    Declaration(
        name="mish",
        formula=mish,
        derivative=mish_slope,
        text="x · tanh(log(1 + e^x))",
        latex=r"x \tanh(\log(1 + e^{x}))",
        claims={
            "range": (-0.3088434130172505, inf),
            "zero_centred": False,
            "monotone": False,
            "smoothness": "smooth",
        },
        differences=(_NAN_AT_MINUS_INFINITY,),
        reference="D. Misra, Mish: a self regularized non-monotonic activation function, "
        "arXiv:1908.08681 (2019).",
        summary={
            "en": Summary(
                "x times tanh of softplus", "smooth, no dead units", "not monotone", "YOLOv4"
            ),
            "ko": Summary(
                "x 곱하기 tanh(softplus)", "매끄럽고 죽은 뉴런 없음", "단조가 아님", "YOLOv4"
            ),
        },
    ),
)
