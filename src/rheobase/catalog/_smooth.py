"""Smooth kin of ReLU, and the exponential."""

from __future__ import annotations

from math import inf

from .._activation import Declaration, Difference, Summary
from ._parts import logistic, softplus, squareplus, squareplus_slope

_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772

SMOOTH = (
    Declaration(
        name="celu",
        formula=lambda m, x, alpha: m.where(
            x > 0, x, alpha * m.expm1(m.where(x > 0, 0.0, x) / alpha)
        ),
        derivative=lambda m, x, alpha: m.where(x > 0, 1.0, m.exp(m.where(x > 0, 0.0, x) / alpha)),
        from_output=lambda m, y, alpha: m.where(y > 0, 1.0, 1 + y / alpha),
        output_tells=lambda alpha: alpha > 0,
        text="x for x ≥ 0, alpha · (e^(x/alpha) - 1) for x < 0",
        latex=r"\begin{cases} x & x \ge 0 \\ \alpha(e^{x/\alpha} - 1) & x < 0 \end{cases}",
        params={"alpha": 1.0},
        legal=lambda alpha: alpha != 0,
        legal_text="alpha ≠ 0",
        claims={
            "range": (-1.0, inf),
            "zero_centred": False,
            "monotone": True,
            "smoothness": "once",
        },
        differences=(Difference("PyTorch", "alpha = 0 is an error."),),
        reference="J. T. Barron, Continuously differentiable exponential linear units, arXiv:1704.07483 (2017).",
        summary={
            "en": Summary(
                "ELU without a kink",
                "slope 1 at 0 for any alpha",
                "saturates below 0",
                "in place of ELU",
            ),
            "ko": Summary(
                "꺾인 점 없는 ELU", "어떤 alpha에도 0에서 기울기 1", "음수 쪽 포화", "대체 ELU"
            ),
        },
    ),
    Declaration(
        name="selu",
        formula=lambda m, x: (
            _SELU_SCALE * m.where(x > 0, x, _SELU_ALPHA * m.expm1(m.where(x > 0, 0.0, x)))
        ),
        derivative=lambda m, x: (
            _SELU_SCALE * m.where(x > 0, 1.0, _SELU_ALPHA * m.exp(m.where(x > 0, 0.0, x)))
        ),
        from_output=lambda m, y: m.where(y > 0, _SELU_SCALE, y + _SELU_SCALE * _SELU_ALPHA),
        text="1.0507… · elu(x, 1.6732…)",
        latex=r"\lambda \begin{cases} x & x \ge 0 \\ \alpha(e^{x} - 1) & x < 0 \end{cases}",
        kinks=lambda: (0.0,),
        at_kink="1.7581…, the slope on the left, as in PyTorch",
        claims={
            "range": (-_SELU_SCALE * _SELU_ALPHA, inf),
            "zero_centred": True,
            "monotone": True,
            "smoothness": "kink",
        },
        differences=(
            Difference(
                "ONNX",
                "The constants are the attributes gamma and alpha, as float32: 1.05070102 and 1.67326319.",
            ),
        ),
        reference="G. Klambauer et al., Self-normalizing neural networks, arXiv:1706.02515 (2017).",
        summary={
            "en": Summary(
                "scaled ELU",
                "keeps mean 0 and variance 1",
                "needs LeCun's initial weights",
                "deep MLP",
            ),
            "ko": Summary(
                "배율을 곱한 ELU", "평균 0, 분산 1 유지", "LeCun 초기화 필요", "깊은 MLP"
            ),
        },
    ),
    Declaration(
        name="softplus",
        formula=lambda m, x, beta: softplus(m, beta * x) / beta,
        derivative=lambda m, x, beta: logistic(m, beta * x),
        from_output=lambda m, y, beta: -m.expm1(-beta * y),
        text="log(1 + e^(beta · x)) / beta",
        latex=r"\frac{\log(1 + e^{\beta x})}{\beta}",
        params={"beta": 1.0},
        legal=lambda beta: beta != 0,
        legal_text="beta ≠ 0",
        claims={
            "range": (0.0, inf),
            "zero_centred": False,
            "monotone": True,
            "smoothness": "smooth",
        },
        differences=(
            Difference(
                "PyTorch",
                "Where beta · x is above threshold = 20 it is x and its derivative 1; "
                "in float64 that is off by up to 2e-9.",
            ),
            Difference("JAX, Keras 3, ONNX, SciPy", "There is no beta."),
        ),
        reference="C. Dugas et al., Incorporating second-order functional knowledge for better option pricing (2000).",
        summary={
            "en": Summary("smooth ReLU", "positive everywhere", "never 0", "scales and variances"),
            "ko": Summary("매끄러운 ReLU", "항상 양수", "0이 되지 않음", "분산·척도 출력"),
        },
    ),
    Declaration(
        name="squareplus",
        formula=squareplus,
        derivative=squareplus_slope,
        from_output=lambda m, y, b: y * y / (y * y + b / 4),
        text="(x + sqrt(x² + b)) / 2",
        latex=r"\frac{x + \sqrt{x^2 + b}}{2}",
        params={"b": 4.0},
        legal=lambda b: b > 0,
        legal_text="b > 0",
        claims={
            "range": (0.0, inf),
            "zero_centred": False,
            "monotone": True,
            "smoothness": "smooth",
        },
        differences=(
            Difference(
                "JAX, Keras 3", "The sum cancels for x < 0: in float32 squareplus(-10000) is 0."
            ),
        ),
        reference="J. T. Barron, Squareplus: a softplus-like algebraic rectifier, arXiv:2112.11687 (2021).",
        summary={
            "en": Summary("smooth ReLU", "no exponential", "never 0", "in place of softplus"),
            "ko": Summary("매끄러운 ReLU", "exp() 연산 없음", "0이 되지 않음", "softplus 대체"),
        },
    ),
    Declaration(
        name="exponential",
        formula=lambda m, x: m.exp(x),
        derivative=lambda m, x: m.exp(x),
        from_output=lambda m, y: y,
        text="e^x",
        latex="e^{x}",
        aliases=("exp",),
        claims={
            "range": (0.0, inf),
            "zero_centred": False,
            "monotone": True,
            "smoothness": "smooth",
        },
        reference="The exponential function.",
        summary={
            "en": Summary("e^x", "positive, multiplies", "overflows", "rates, Poisson regression"),
            "ko": Summary("e^x", "항상 양수, 곱셈 효과", "오버플로", "푸아송 회귀"),
        },
    ),
)
