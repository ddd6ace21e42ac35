"""Functions that cut off or pull in what is small, and thresholds."""

from __future__ import annotations

from math import inf

from .._activation import Declaration, Difference, Summary
from ._parts import flat, tanh_shrink

SHRINK = (
    Declaration(
        name="hard_shrink",
        formula=lambda m, x, lambd: m.where(abs(x) <= lambd, 0.0, x),
        derivative=lambda m, x, lambd: flat(m, x, abs(x) > lambd, 1.0, 0.0),
        from_output=lambda m, y, lambd: flat(m, y, abs(y) > lambd, 1.0, 0.0),
        text="x for |x| > lambd, else 0",
        latex=r"\begin{cases} x & |x| > \lambda \\ 0 & |x| \le \lambda \end{cases}",
        params={"lambd": 0.5},
        aliases=("hardshrink",),
        kinks=lambda lambd: (-lambd, lambd) if lambd > 0 else (),
        at_kink="0 at both, as in PyTorch",
        claims={
            "range": (-inf, inf),
            "zero_centred": True,
            "monotone": True,
            "odd": True,
            "smoothness": "jump",
        },
        differences=(
            Difference("Keras 3", "The parameter's name is threshold."),
            Difference("ONNX", "The operator is Shrink with bias = 0, its default."),
        ),
        reference="D. Donoho and I. Johnstone, Ideal spatial adaptation by wavelet shrinkage (1994).",
        summary={
            "en": Summary("0 or the input", "cuts off noise", "jumps", "denoising"),
            "ko": Summary("0 또는 입력 값", "작은 잡음 제거", "불연속", "잡음 제거"),
        },
    ),
    Declaration(
        name="soft_shrink",
        formula=lambda m, x, lambd: m.where(
            abs(x) <= lambd, 0.0, m.where(x > 0, x - lambd, x + lambd)
        ),
        derivative=lambda m, x, lambd: flat(m, x, abs(x) > lambd, 1.0, 0.0),
        from_output=lambda m, y, lambd: flat(m, y, abs(y) > 0, 1.0, 0.0),
        text="x - lambd for x > lambd, x + lambd for x < -lambd, else 0",
        latex=r"\operatorname{sign}(x) \max(|x| - \lambda, 0)",
        params={"lambd": 0.5},
        legal=lambda lambd: lambd >= 0,
        legal_text="lambd ≥ 0",
        aliases=("softshrink",),
        kinks=lambda lambd: (-lambd, lambd) if lambd > 0 else (0.0,) if lambd else (),
        at_kink="0 at both, as in PyTorch",
        claims={
            "range": (-inf, inf),
            "zero_centred": True,
            "monotone": True,
            "odd": True,
            "smoothness": "kink",
        },
        differences=(
            Difference("Keras 3", "The parameter's name is threshold."),
            Difference("ONNX", "The operator is Shrink with bias = lambd; its default bias is 0."),
            Difference("PyTorch", "A negative lambd is an error."),
        ),
        reference="D. Donoho and I. Johnstone, Ideal spatial adaptation by wavelet shrinkage (1994).",
        summary={
            "en": Summary(
                "pulled towards 0", "sparse output", "biased towards 0", "sparse coding (ISTA)"
            ),
            "ko": Summary("0 쪽으로 당김", "희소한 출력", "0 쪽으로 치우침", "희소 부호화(ISTA)"),
        },
    ),
    Declaration(
        name="tanh_shrink",
        formula=tanh_shrink,
        derivative=lambda m, x: m.tanh(x) ** 2,
        text="x - tanh(x)",
        latex=r"x - \tanh(x)",
        aliases=("tanhshrink",),
        claims={
            "range": (-inf, inf),
            "zero_centred": True,
            "monotone": True,
            "odd": True,
            "smoothness": "smooth",
        },
        differences=(
            Difference(
                "PyTorch, Keras 3",
                "x - tanh(x) is computed as it stands: in float32 all is lost near 0.",
            ),
        ),
        reference="Torch's nn.TanhShrink; no paper is known.",
        summary={
            "en": Summary(
                "flat about 0, a line outside", "smooth shrinkage", "slope 0 at 0", "sparse coding"
            ),
            "ko": Summary(
                "0 근처는 평평, 밖은 직선", "매끄러운 축소", "0에서 기울기가 0", "희소 부호화"
            ),
        },
    ),
    Declaration(
        name="threshold",
        formula=lambda m, x, threshold, value: m.where(x <= threshold, value, x),
        derivative=lambda m, x, threshold, value: flat(m, x, x > threshold, 1.0, 0.0),
        text="x for x > threshold, else value",
        latex=r"\begin{cases} x & x > \theta \\ v & x \le \theta \end{cases}",
        params={"threshold": 0.0, "value": 0.0},
        kinks=lambda threshold, value: (threshold,),
        at_kink="0, the slope on the left, as in PyTorch",
        claims={"range": (0.0, inf), "zero_centred": False, "monotone": True, "smoothness": "kink"},
        differences=(
            Difference("PyTorch", "threshold and value have no defaults."),
            Difference(
                "Keras 3", "The parameters are threshold and default_value, without defaults."
            ),
        ),
        reference="Torch's nn.Threshold; no paper is known.",
        summary={
            "en": Summary(
                "the input or a constant", "any threshold", "may jump, slope 0", "in place of ReLU"
            ),
            "ko": Summary(
                "입력 값 또는 상수", "임계값 자유", "불연속 가능, 기울기가 0", "대체 ReLU"
            ),
        },
    ),
    Declaration(
        name="thresholded_relu",
        formula=lambda m, x, alpha: m.where(x <= alpha, 0.0, x),
        derivative=lambda m, x, alpha: flat(m, x, x > alpha, 1.0, 0.0),
        from_output=lambda m, y, alpha: flat(m, y, y > alpha, 1.0, 0.0),
        output_tells=lambda alpha: alpha >= 0,
        text="x for x > alpha, else 0",
        latex=r"\begin{cases} x & x > \alpha \\ 0 & x \le \alpha \end{cases}",
        params={"alpha": 1.0},
        aliases=("thresholdedrelu",),
        kinks=lambda alpha: (alpha,),
        at_kink="0, the slope on the left, as PyTorch's threshold(x, alpha, 0)",
        claims={"range": (0.0, inf), "zero_centred": False, "monotone": True, "smoothness": "jump"},
        differences=(
            Difference("PyTorch", "It is threshold(x, alpha, 0)."),
            Difference("Keras 3", "It is relu(x, threshold=alpha)."),
        ),
        reference="K. Konda, R. Memisevic and D. Krueger, Zero-bias autoencoders and the benefits of "
        "co-adapting features, arXiv:1402.3337 (2014).",
        summary={
            "en": Summary(
                "0 or the input", "sparse without a bias", "jumps, dead units", "autoencoder"
            ),
            "ko": Summary("0 또는 입력 값", "편향 없이 희소", "불연속, 죽은 뉴런", "오토인코더"),
        },
    ),
)
