"""The functions of the source text, in its order, and the two linear ends: identity and step."""

from __future__ import annotations

from math import inf

from .._activation import Declaration, Difference, Summary
from ._parts import decay, flat, logistic

CLASSIC = (
    Declaration(
        name="sigmoid",
        formula=logistic,
        derivative=lambda m, x: decay(m, x) / (1 + decay(m, x)) ** 2,
        from_output=lambda m, y: y * (1 - y),
        text="1 / (1 + e^-x)",
        latex=r"\frac{1}{1 + e^{-x}}",
        aliases=("logistic", "expit"),
        differences=(
            Difference(
                "PyTorch, JAX",
                "The derivative is y (1 - y) from the output y: 0 in float32 from x = 16.7 on.",
            ),
        ),
        claims={
            "range": (0.0, 1.0),
            "zero_centred": False,
            "monotone": True,
            "smoothness": "smooth",
        },
        reference="P.-F. Verhulst (1845); as a unit's activation, Rumelhart, Hinton and Williams (1986).",
        summary={
            "en": Summary(
                "S curve",
                "expresses a probability",
                "vanishing slope",
                "last layer of binary classification",
            ),
            "ko": Summary("S자 곡선", "확률 값 표현", "기울기 소실", "이진 분류의 마지막 층"),
        },
    ),
    Declaration(
        name="tanh",
        formula=lambda m, x: m.tanh(x),
        derivative=lambda m, x: (1 / m.cosh(x)) ** 2,
        from_output=lambda m, y: (1 - y) * (1 + y),
        text="(e^x - e^-x) / (e^x + e^-x)",
        latex=r"\frac{e^{x} - e^{-x}}{e^{x} + e^{-x}}",
        claims={
            "range": (-1.0, 1.0),
            "zero_centred": True,
            "monotone": True,
            "odd": True,
            "smoothness": "smooth",
        },
        differences=(
            Difference(
                "PyTorch, JAX",
                "The derivative is 1 - y² from the output y: 0 in float32 from x = 9.1 (PyTorch) or 8 (JAX) on.",
            ),
        ),
        reference="Y. LeCun et al., Efficient BackProp (1998).",
        summary={
            "en": Summary("S curve", "zero-centred", "vanishing slope", "RNN"),
            "ko": Summary("S자 곡선", "0 중심", "기울기 소실", "RNN"),
        },
    ),
    Declaration(
        name="relu",
        formula=lambda m, x: m.where(x <= 0, 0.0, x),
        derivative=lambda m, x: flat(m, x, x > 0, 1.0, 0.0),
        from_output=lambda m, y: flat(m, y, y > 0, 1.0, 0.0),
        text="max(0, x)",
        latex=r"\max(0, x)",
        kinks=lambda: (0.0,),
        at_kink="0, the slope on the left, as in PyTorch",
        claims={"range": (0.0, inf), "zero_centred": False, "monotone": True, "smoothness": "kink"},
        differences=(
            Difference(
                "Keras 3", "activations.relu also takes negative_slope, max_value and threshold."
            ),
        ),
        reference="V. Nair and G. Hinton, Rectified linear units (2010).",
        summary={
            "en": Summary("0 or the input", "trains fast", "dying ReLU", "CNN, MLP"),
            "ko": Summary("0 또는 입력 값", "학습 빠름", "죽은 뉴런 문제", "CNN, MLP"),
        },
    ),
    Declaration(
        name="leaky_relu",
        formula=lambda m, x, negative_slope: m.where(x > 0, x, negative_slope * x),
        derivative=lambda m, x, negative_slope: flat(m, x, x > 0, 1.0, negative_slope),
        from_output=lambda m, y, negative_slope: flat(m, y, y > 0, 1.0, negative_slope),
        output_tells=lambda negative_slope: negative_slope >= 0,
        text="x for x ≥ 0, negative_slope · x for x < 0",
        latex=r"\begin{cases} x & x \ge 0 \\ s\,x & x < 0 \end{cases}",
        params={"negative_slope": 0.01},
        kinks=lambda negative_slope: () if negative_slope == 1 else (0.0,),
        at_kink="negative_slope, the slope on the left, as in PyTorch",
        claims={
            "range": (-inf, inf),
            "zero_centred": False,
            "monotone": True,
            "smoothness": "kink",
        },
        aliases=("prelu", "leakyrelu"),
        differences=(
            Difference(
                "Keras 3",
                "The default slope is 0.3 in the layer LeakyReLU, 0.2 in activations.leaky_relu.",
            ),
            Difference("TensorFlow", "The default slope of tf.nn.leaky_relu is 0.2."),
            Difference(
                "ONNX",
                "The slope of LeakyRelu is the attribute alpha, a float32: 0.01 is 0.00999999978.",
            ),
            Difference("JAX", "The derivative at 0 is 1."),
            Difference(
                "PyTorch",
                "PReLU learns the slope; it starts at 0.25, and with several slopes axis 1 is the channel's.",
            ),
            Difference(
                "Keras 3",
                "The layer PReLU learns a slope for each position; it starts at 0, shared_axes joins axes.",
            ),
            Difference(
                "ONNX",
                "The slope of PRelu is an input, broadcast from the right as in NumPy (so here).",
            ),
        ),
        reference="A. Maas, A. Hannun and A. Ng, Rectifier nonlinearities (2013).",
        summary={
            "en": Summary(
                "keeps a small slope",
                "solves dying ReLU",
                "needs a hyperparameter",
                "in place of ReLU",
            ),
            "ko": Summary(
                "작은 기울기 유지", "죽은 뉴런 문제 해결", "하이퍼 파라미터 필요", "대체 ReLU"
            ),
        },
    ),
    Declaration(
        name="elu",
        formula=lambda m, x, alpha: m.where(x > 0, x, alpha * m.expm1(m.where(x > 0, 0.0, x))),
        derivative=lambda m, x, alpha: m.where(x > 0, 1.0, alpha * m.exp(m.where(x > 0, 0.0, x))),
        from_output=lambda m, y, alpha: m.where(y > 0, 1.0, y + alpha),
        output_tells=lambda alpha: alpha >= 0,
        text="x for x ≥ 0, alpha · (e^x - 1) for x < 0",
        latex=r"\begin{cases} x & x \ge 0 \\ \alpha(e^{x} - 1) & x < 0 \end{cases}",
        params={"alpha": 1.0},
        kinks=lambda alpha: () if alpha == 1 else (0.0,),
        at_kink="alpha, the slope on the left, as in PyTorch",
        claims={
            "range": (-1.0, inf),
            "zero_centred": False,
            "monotone": True,
            "smoothness": "once",
        },
        reference="D.-A. Clevert, T. Unterthiner and S. Hochreiter, arXiv:1511.07289 (2015).",
        summary={
            "en": Summary(
                "ReLU with a smooth negative side",
                "mean output near 0, no dead units",
                "exp() on the negative side",
                "in place of ReLU",
            ),
            "ko": Summary(
                "음수 영역이 매끄러운 ReLU",
                "평균 출력이 0에 가까움, 죽은 뉴런 없음",
                "음수 영역의 exp() 연산",
                "대체 ReLU",
            ),
        },
    ),
    Declaration(
        name="identity",
        formula=lambda m, x: x,
        derivative=lambda m, x: flat(m, x, x == x, 1.0, 1.0),
        from_output=lambda m, y: flat(m, y, y == y, 1.0, 1.0),
        text="x",
        latex="x",
        aliases=("linear",),
        claims={
            "range": (-inf, inf),
            "zero_centred": True,
            "monotone": True,
            "odd": True,
            "smoothness": "smooth",
        },
        reference="The linear unit.",
        summary={
            "en": Summary(
                "the input", "any real output", "no non-linearity", "last layer of regression"
            ),
            "ko": Summary("입력 값 그대로", "모든 실수 출력", "비선형성 없음", "회귀의 마지막 층"),
        },
    ),
    Declaration(
        name="step",
        formula=lambda m, x, threshold: flat(m, x, x > threshold, 1.0, 0.0),
        derivative=lambda m, x, threshold: flat(m, x, x == x, 0.0, 0.0),
        from_output=lambda m, y, threshold: flat(m, y, y == y, 0.0, 0.0),
        text="1 for x > threshold, else 0",
        latex=r"[x > \theta]",
        params={"threshold": 0.0},
        aliases=("heaviside",),
        kinks=lambda threshold: (threshold,),
        at_kink="0; the value at the threshold itself is 0",
        claims={"range": (0.0, 1.0), "zero_centred": False, "monotone": True, "smoothness": "jump"},
        differences=(
            Difference(
                "NumPy, PyTorch, JAX",
                "heaviside takes the value at 0 as a second argument; here it is 0.",
            ),
        ),
        reference="W. McCulloch and W. Pitts (1943).",
        summary={
            "en": Summary(
                "all or nothing", "says whether a neuron fires", "slope 0", "hand-set networks"
            ),
            "ko": Summary(
                "전부 아니면 전무", "뉴런의 활성화 여부", "기울기가 0", "직접 설계한 신경망"
            ),
        },
    ),
)
