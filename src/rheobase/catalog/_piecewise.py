"""Functions made of straight lines and parabolas."""

from __future__ import annotations

from math import inf

from .._activation import Declaration, Difference, Summary
from ._parts import flat

# slope · x + offset is this close to 0 or 1 where x is a kink rounded to float64.
_KINK = 2.0**-54

PIECEWISE = (
    Declaration(
        name="relu6",
        formula=lambda m, x: m.where(x <= 0, 0.0, m.where(x >= 6, 6.0, x)),
        derivative=lambda m, x: flat(m, x, (x > 0) & (x < 6), 1.0, 0.0),
        from_output=lambda m, y: flat(m, y, (y > 0) & (y < 6), 1.0, 0.0),
        text="min(max(0, x), 6)",
        latex=r"\min(\max(0, x), 6)",
        kinks=lambda: (0.0, 6.0),
        at_kink="0 at both, as in PyTorch",
        claims={"range": (0.0, 6.0), "zero_centred": False, "monotone": True, "smoothness": "kink"},
        reference="A. Krizhevsky, Convolutional deep belief networks on CIFAR-10 (2010).",
        summary={
            "en": Summary(
                "ReLU up to 6", "bounded, bears few bits", "dies on both sides", "mobile CNN"
            ),
            "ko": Summary(
                "6에서 잘린 ReLU", "출력이 유한, 저정밀도에 강함", "양쪽에서 죽음", "모바일 CNN"
            ),
        },
    ),
    Declaration(
        name="relu_squared",
        formula=lambda m, x: m.where(x <= 0, 0.0, x) * m.where(x <= 0, 0.0, x),
        derivative=lambda m, x: 2 * m.where(x <= 0, 0.0, x),
        from_output=lambda m, y: m.where(y <= 0, 0.0, 2 * m.sqrt(m.where(y <= 0, 1.0, y))),
        text="max(0, x)²",
        latex=r"\max(0, x)^2",
        aliases=("squared_relu", "relu2"),
        claims={"range": (0.0, inf), "zero_centred": False, "monotone": True, "smoothness": "once"},
        reference="D. So et al., Primer: searching for efficient transformers, arXiv:2109.08668 (2021).",
        summary={
            "en": Summary(
                "0 or the square", "sparse, no kink", "grows fast, dead units", "Transformer"
            ),
            "ko": Summary(
                "0 또는 제곱", "희소하고 꺾인 점 없음", "빠르게 커짐, 죽은 뉴런", "트랜스포머"
            ),
        },
    ),
    Declaration(
        name="hard_tanh",
        formula=lambda m, x, min_val, max_val: m.where(
            x <= min_val, min_val, m.where(x >= max_val, max_val, x)
        ),
        derivative=lambda m, x, min_val, max_val: flat(
            m, x, (x > min_val) & (x < max_val), 1.0, 0.0
        ),
        from_output=lambda m, y, min_val, max_val: flat(
            m, y, (y > min_val) & (y < max_val), 1.0, 0.0
        ),
        text="min(max(min_val, x), max_val)",
        latex=r"\min(\max(a, x), b)",
        params={"min_val": -1.0, "max_val": 1.0},
        legal=lambda min_val, max_val: min_val <= max_val,
        legal_text="min_val ≤ max_val",
        aliases=("hardtanh",),
        kinks=lambda min_val, max_val: (min_val, max_val) if min_val < max_val else (),
        at_kink="0 at both, as in PyTorch",
        claims={
            "range": (-1.0, 1.0),
            "zero_centred": True,
            "monotone": True,
            "odd": True,
            "smoothness": "kink",
        },
        differences=(
            Difference("JAX", "hard_tanh has no parameters; the derivative at both kinks is 1."),
            Difference("Keras 3", "hard_tanh has no parameters."),
            Difference("PyTorch", "min_val above max_val is an error."),
            Difference("ONNX", "The operator is Clip; a bound left out is none."),
        ),
        reference="R. Collobert, Large scale machine learning, thesis, Université de Paris VI (2004).",
        summary={
            "en": Summary("cut-off line", "cheap, zero-centred", "slope 0 outside", "small RNN"),
            "ko": Summary("잘린 직선", "계산이 쌈, 0 중심", "구간 밖 기울기가 0", "소형 RNN"),
        },
    ),
    Declaration(
        name="hard_sigmoid",
        # Inside in both comparisons: a kink as float64 has it counts as the kink.
        formula=lambda m, x, slope, offset: m.where(
            slope * x + offset <= _KINK,
            0.0,
            m.where(slope * x + offset >= 1 - _KINK, 1.0, slope * x + offset),
        ),
        derivative=lambda m, x, slope, offset: flat(
            m, x, abs(slope * x + (offset - 0.5)) < 0.5 - _KINK, slope, 0.0
        ),
        from_output=lambda m, y, slope, offset: flat(m, y, (y > 0) & (y < 1), slope, 0.0),
        text="min(max(0, slope · x + offset), 1)",
        latex=r"\min(\max(0, s\,x + o), 1)",
        params={"slope": 1 / 6, "offset": 0.5},
        aliases=("hardsigmoid",),
        kinks=lambda slope, offset: (
            tuple(sorted((-offset / slope, (1 - offset) / slope))) if slope else ()
        ),
        at_kink="0 at both, as in PyTorch",
        claims={"range": (0.0, 1.0), "zero_centred": False, "monotone": True, "smoothness": "kink"},
        differences=(
            Difference("PyTorch, JAX, Keras 3", "The slope is 1/6, the offset 1/2, both fixed."),
            Difference(
                "ONNX", "The parameters are alpha = 0.2 (the slope) and beta = 0.5, as float32."
            ),
            Difference("Keras 2", "The slope is 0.2."),
        ),
        reference="A. Howard et al., Searching for MobileNetV3, arXiv:1905.02244 (2019); with slope 1/2, "
        "M. Courbariaux, Y. Bengio and J.-P. David, BinaryConnect, arXiv:1511.00363 (2015).",
        summary={
            "en": Summary("cut-off line", "a cheap sigmoid", "slope 0 outside", "mobile CNN gates"),
            "ko": Summary(
                "잘린 직선", "계산이 싼 시그모이드", "구간 밖 기울기가 0", "모바일 CNN의 게이트"
            ),
        },
    ),
    Declaration(
        name="hard_swish",
        formula=lambda m, x: m.where(x <= -3, 0.0, m.where(x >= 3, x, x * (x + 3) / 6)),
        derivative=lambda m, x: m.where(x <= -3, 0.0, m.where(x >= 3, 1.0, (2 * x + 3) / 6)),
        text="x · min(max(0, x + 3), 6) / 6",
        latex=r"\frac{x \min(\max(0, x + 3), 6)}{6}",
        aliases=("hardswish", "hard_silu"),
        kinks=lambda: (-3.0, 3.0),
        at_kink="0 at -3 (the left), 1 at 3 (the right), as in PyTorch",
        claims={
            "range": (-0.375, inf),
            "zero_centred": False,
            "monotone": False,
            "smoothness": "kink",
        },
        differences=(
            Difference("PyTorch, JAX", "The value at -∞ is NaN; here it is the limit, 0."),
            Difference("Keras 3, JAX", "hard_silu is another name of it."),
        ),
        reference="A. Howard et al., Searching for MobileNetV3, arXiv:1905.02244 (2019).",
        summary={
            "en": Summary(
                "parabola between 0 and the input", "a cheap swish", "slope jumps", "mobile CNN"
            ),
            "ko": Summary(
                "0과 입력 값 사이의 포물선", "계산이 싼 swish", "기울기가 튐", "모바일 CNN"
            ),
        },
    ),
    Declaration(
        name="hard_mish",
        formula=lambda m, x: m.where(x <= -2, 0.0, m.where(x >= 0, x, x * (x + 2) / 2)),
        derivative=lambda m, x: m.where(x <= -2, 0.0, m.where(x >= 0, 1.0, x + 1)),
        text="x/2 · min(max(0, x + 2), 2)",
        latex=r"\frac{x}{2} \min(\max(0, x + 2), 2)",
        aliases=("hardmish",),
        kinks=lambda: (-2.0,),
        at_kink="0, the slope on the left; PyTorch has no such function",
        claims={
            "range": (-0.5, inf),
            "zero_centred": False,
            "monotone": False,
            "smoothness": "kink",
        },
        reference="D. Misra, H-Mish; after Mish, arXiv:1908.08681 (2019).",
        summary={
            "en": Summary(
                "parabola between 0 and the input", "a cheap mish", "dead below -2", "mobile CNN"
            ),
            "ko": Summary(
                "0과 입력 값 사이의 포물선", "계산이 싼 mish", "-2 아래에서 죽음", "모바일 CNN"
            ),
        },
    ),
    Declaration(
        name="sparse_plus",
        formula=lambda m, x: m.where(x <= -1, 0.0, m.where(x >= 1, x, (x + 1) * (x + 1) / 4)),
        derivative=lambda m, x: m.where(x <= -1, 0.0, m.where(x >= 1, 1.0, (x + 1) / 2)),
        from_output=lambda m, y: m.where(
            y <= 0, 0.0, m.where(y >= 1, 1.0, m.sqrt(m.where((y <= 0) | (y >= 1), 1.0, y)))
        ),
        text="0 for x ≤ -1, (x + 1)² / 4 between, x for x ≥ 1",
        latex=r"\begin{cases} 0 & x \le -1 \\ (x + 1)^2 / 4 & -1 < x < 1 \\ x & x \ge 1 \end{cases}",
        claims={"range": (0.0, inf), "zero_centred": False, "monotone": True, "smoothness": "once"},
        reference="M. Blondel, A. Martins and V. Niculae, Learning with Fenchel-Young losses, "
        "arXiv:1901.02324 (2019).",
        summary={
            "en": Summary(
                "rounded ReLU", "exactly 0 below -1, no kink", "dead units", "sparse models"
            ),
            "ko": Summary(
                "모서리가 둥근 ReLU", "-1 아래는 정확히 0, 꺾인 점 없음", "죽은 뉴런", "희소 모형"
            ),
        },
    ),
    Declaration(
        name="sparse_sigmoid",
        formula=lambda m, x: m.where(x <= -1, 0.0, m.where(x >= 1, 1.0, (x + 1) / 2)),
        derivative=lambda m, x: flat(m, x, (x > -1) & (x < 1), 0.5, 0.0),
        from_output=lambda m, y: flat(m, y, (y > 0) & (y < 1), 0.5, 0.0),
        text="min(max(0, (x + 1) / 2), 1)",
        latex=r"\min\left(\max\left(0, \frac{x + 1}{2}\right), 1\right)",
        kinks=lambda: (-1.0, 1.0),
        at_kink="0 at both, as in Keras 3 on PyTorch; PyTorch itself has no such function",
        claims={"range": (0.0, 1.0), "zero_centred": False, "monotone": True, "smoothness": "kink"},
        differences=(Difference("JAX", "The derivative at both kinks is 1/4."),),
        reference="M. Blondel, A. Martins and V. Niculae, Learning with Fenchel-Young losses, "
        "arXiv:1901.02324 (2019).",
        summary={
            "en": Summary("cut-off line", "exactly 0 and 1", "slope 0 outside", "sparse models"),
            "ko": Summary("잘린 직선", "정확한 0과 1", "구간 밖 기울기가 0", "희소 모형"),
        },
    ),
)
