"""S curves and their inverses and logarithms."""

from __future__ import annotations

from math import inf

from .._activation import Declaration, Difference, Summary
from ._parts import logistic, logit, logit_slope, softplus

_LECUN = 1.7159

SIGMOIDS = (
    Declaration(
        name="softsign",
        formula=lambda m, x: m.where(abs(x) == inf, m.tanh(x), x / (1 + abs(x))),
        derivative=lambda m, x: (1 / (1 + abs(x))) ** 2,
        from_output=lambda m, y: (1 - abs(y)) ** 2,
        text="x / (1 + |x|)",
        latex=r"\frac{x}{1 + |x|}",
        aliases=("soft_sign",),
        claims={
            "range": (-1.0, 1.0),
            "zero_centred": True,
            "monotone": True,
            "odd": True,
            "smoothness": "once",
        },
        differences=(
            Difference("PyTorch, JAX", "The value at ±∞ is NaN; here it is the limit, ±1."),
        ),
        reference="J. Bergstra et al., Quadratic polynomials learn better image features (2009); "
        "D. L. Elliott, A better activation function for artificial neural networks (1993).",
        summary={
            "en": Summary(
                "S curve",
                "slope fades slowly, no exponential",
                "nears ±1 slowly",
                "in place of tanh",
            ),
            "ko": Summary(
                "S자 곡선", "기울기가 천천히 줄고 exp() 없음", "±1에 느리게 접근", "대체 tanh"
            ),
        },
    ),
    Declaration(
        name="log_sigmoid",
        formula=lambda m, x: -softplus(m, -x),
        derivative=lambda m, x: logistic(m, -x),
        from_output=lambda m, y: -m.expm1(y),
        text="-log(1 + e^-x)",
        latex=r"-\log(1 + e^{-x})",
        aliases=("logsigmoid", "log_expit"),
        claims={
            "range": (-inf, 0.0),
            "zero_centred": False,
            "monotone": True,
            "smoothness": "smooth",
        },
        reference="The logarithm of the logistic function.",
        summary={
            "en": Summary(
                "log of a probability", "no underflow", "output never positive", "losses"
            ),
            "ko": Summary("확률의 로그", "언더플로 없음", "출력이 음수뿐", "손실 함수"),
        },
    ),
    Declaration(
        name="lecun_tanh",
        formula=lambda m, x: _LECUN * m.tanh(2 * x / 3),
        derivative=lambda m, x: _LECUN * 2 * (1 / m.cosh(2 * x / 3)) ** 2 / 3,
        from_output=lambda m, y: 2 / 3 * (_LECUN - y) * (1 + y / _LECUN),
        text="1.7159 · tanh(2x/3)",
        latex=r"1.7159 \tanh\left(\frac{2x}{3}\right)",
        claims={
            "range": (-_LECUN, _LECUN),
            "zero_centred": True,
            "monotone": True,
            "odd": True,
            "smoothness": "smooth",
        },
        reference="Y. LeCun et al., Efficient BackProp (1998).",
        summary={
            "en": Summary("scaled tanh", "1 at 1, variance near 1", "vanishing slope", "small MLP"),
            "ko": Summary(
                "배율을 곱한 tanh", "1에서 1, 분산이 1에 가까움", "기울기 소실", "소형 MLP"
            ),
        },
    ),
    Declaration(
        name="penalized_tanh",
        formula=lambda m, x: m.where(x > 0, m.tanh(x), m.tanh(x) / 4),
        derivative=lambda m, x: (1 / m.where(x > 0, m.cosh(x), 2 * m.cosh(x))) ** 2,
        from_output=lambda m, y: m.where(y > 0, (1 - y) * (1 + y), (1 - 4 * y) * (1 + 4 * y) / 4),
        text="tanh(x) for x ≥ 0, tanh(x) / 4 for x < 0",
        latex=r"\begin{cases} \tanh x & x \ge 0 \\ \frac{1}{4} \tanh x & x < 0 \end{cases}",
        kinks=lambda: (0.0,),
        at_kink="1/4, the slope on the left; PyTorch has no such function",
        claims={
            "range": (-0.25, 1.0),
            "zero_centred": False,
            "monotone": True,
            "smoothness": "kink",
        },
        reference="B. Xu, R. Huang and M. Li, Revise saturated activation functions, arXiv:1602.05980 (2016).",
        summary={
            "en": Summary(
                "tanh with a leaky side",
                "bounded, trains like leaky ReLU",
                "vanishing slope",
                "NLP",
            ),
            "ko": Summary(
                "음수 쪽을 줄인 tanh", "유한하고 leaky ReLU처럼 학습", "기울기 소실", "자연어 처리"
            ),
        },
    ),
    Declaration(
        name="logit",
        formula=logit,
        derivative=logit_slope,
        from_output=lambda m, y: 2 + 2 * m.cosh(y),
        text="log(x / (1 - x)) for 0 ≤ x ≤ 1",
        latex=r"\log\frac{x}{1 - x}",
        claims={
            "range": (-inf, inf),
            "domain": (0.0, 1.0),
            "zero_centred": False,
            "monotone": True,
            "smoothness": "smooth",
        },
        differences=(
            Difference(
                "PyTorch",
                "eps=… clips x to [eps, 1 - eps], with slope 0 outside; the default is None.",
            ),
            Difference("JAX", "The derivative outside [0, 1] is 1 / (x (1 - x)); here it is NaN."),
        ),
        reference="J. Berkson, Application of the logistic function to bio-assay (1944).",
        summary={
            "en": Summary(
                "inverse of sigmoid",
                "undoes a probability",
                "defined on [0, 1] alone",
                "statistics",
            ),
            "ko": Summary("시그모이드의 역함수", "확률을 로짓으로", "[0, 1]에서만 정의", "통계학"),
        },
    ),
)
