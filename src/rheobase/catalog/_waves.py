"""Even, periodic and bell-shaped functions."""

from __future__ import annotations

from math import inf

from .._activation import Declaration, Summary
from ._parts import damped

WAVES = (
    Declaration(
        name="lisht",
        formula=lambda m, x: x * m.tanh(x),
        derivative=lambda m, x: m.tanh(x) + damped(m, x, (1 / m.cosh(x)) ** 2),
        text="x · tanh(x)",
        latex=r"x \tanh(x)",
        claims={
            "range": (0.0, inf),
            "zero_centred": False,
            "monotone": False,
            "even": True,
            "smoothness": "smooth",
        },
        reference="S. K. Roy et al., LiSHT: non-parametric linearly scaled hyperbolic tangent, "
        "arXiv:1901.05894 (2019).",
        summary={
            "en": Summary("a smooth |x|", "no vanishing slope", "loses the sign", "experiments"),
            "ko": Summary("매끄러운 |x|", "기울기 소실 없음", "부호를 잃음", "실험용"),
        },
    ),
    Declaration(
        name="snake",
        formula=lambda m, x, alpha: m.where(abs(x) == inf, x, x + m.sin(alpha * x) ** 2 / alpha),
        derivative=lambda m, x, alpha: (m.sin(alpha * x) + m.cos(alpha * x)) ** 2,
        text="x + sin²(alpha · x) / alpha",
        latex=r"x + \frac{\sin^2(\alpha x)}{\alpha}",
        params={"alpha": 1.0},
        legal=lambda alpha: alpha != 0,
        legal_text="alpha ≠ 0",
        claims={
            "range": (-inf, inf),
            "zero_centred": False,
            "monotone": True,
            "smoothness": "smooth",
        },
        reference="L. Ziyin, T. Hartwig and M. Ueda, Neural networks fail to learn periodic functions "
        "and how to fix it, arXiv:2006.08195 (2020).",
        summary={
            "en": Summary(
                "a line with waves",
                "learns periods and trends",
                "slope 0 at points",
                "audio, time series",
            ),
            "ko": Summary(
                "물결치는 직선", "주기와 추세를 학습", "기울기가 0인 점들", "음향, 시계열"
            ),
        },
    ),
    Declaration(
        name="sine",
        formula=lambda m, x: m.sin(x),
        derivative=lambda m, x: m.cos(x),
        text="sin(x)",
        latex=r"\sin(x)",
        aliases=("sin",),
        claims={
            "range": (-1.0, 1.0),
            "zero_centred": True,
            "monotone": False,
            "odd": True,
            "smoothness": "smooth",
        },
        reference="V. Sitzmann et al., Implicit neural representations with periodic activation functions, "
        "arXiv:2006.09661 (2020).",
        summary={
            "en": Summary(
                "a wave",
                "fine detail, all derivatives",
                "needs careful initial weights",
                "images, fields (SIREN)",
            ),
            "ko": Summary(
                "물결", "세밀한 표현, 모든 도함수", "초기화에 민감", "영상·장의 표현(SIREN)"
            ),
        },
    ),
    Declaration(
        name="gaussian",
        formula=lambda m, x: m.exp(-x * x),
        derivative=lambda m, x: -2 * damped(m, x, m.exp(-x * x)),
        text="e^(-x²)",
        latex=r"e^{-x^2}",
        claims={
            "range": (0.0, 1.0),
            "zero_centred": False,
            "monotone": False,
            "even": True,
            "smoothness": "smooth",
        },
        reference="D. S. Broomhead and D. Lowe, Multivariable functional interpolation and adaptive "
        "networks (1988).",
        summary={
            "en": Summary("bell curve", "answers locally", "vanishing slope", "RBF networks"),
            "ko": Summary("종 모양 곡선", "국소적 반응", "기울기 소실", "RBF 신경망"),
        },
    ),
)
