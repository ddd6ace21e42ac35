"""THE declarations: one for each activation of ``native/activations.inc``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from ._activation import Activation, Declaration, Summary, registry
from ._errors import InputError, InputTypeError, suggest

DECLARATIONS = (
    Declaration(
        name="sigmoid",
        formula=lambda m, x: 1 / (1 + m.exp(-x)),
        derivative=lambda m, x: m.exp(-abs(x)) / (1 + m.exp(-abs(x))) ** 2,
        text="1 / (1 + e^-x)",
        latex=r"\frac{1}{1 + e^{-x}}",
        aliases=("logistic",),
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
        derivative=lambda m, x: 1 / m.cosh(x) ** 2,
        text="(e^x - e^-x) / (e^x + e^-x)",
        latex=r"\frac{e^{x} - e^{-x}}{e^{x} + e^{-x}}",
        claims={
            "range": (-1.0, 1.0),
            "zero_centred": True,
            "monotone": True,
            "odd": True,
            "smoothness": "smooth",
        },
        reference="Y. LeCun et al., Efficient BackProp (1998).",
        summary={
            "en": Summary("S curve", "zero-centred", "vanishing slope", "RNN"),
            "ko": Summary("S자 곡선", "0 중심", "기울기 소실", "RNN"),
        },
    ),
    Declaration(
        name="relu",
        formula=lambda m, x: m.where(x > 0, x, 0 * x),
        derivative=lambda m, x: m.where(x > 0, 1 + 0 * x, 0 * x),
        text="max(0, x)",
        latex=r"\max(0, x)",
        kinks=lambda: (0.0,),
        at_kink="0, the slope on the left, as in PyTorch",
        claims={"range": (0.0, inf), "zero_centred": False, "monotone": True, "smoothness": "kink"},
        reference="V. Nair and G. Hinton, Rectified linear units (2010).",
        summary={
            "en": Summary("0 or the input", "trains fast", "dying ReLU", "CNN, MLP"),
            "ko": Summary("0 또는 입력 값", "학습 빠름", "죽은 뉴런 문제", "CNN, MLP"),
        },
    ),
    Declaration(
        name="leaky_relu",
        formula=lambda m, x, negative_slope: m.where(x > 0, x, negative_slope * x),
        derivative=lambda m, x, negative_slope: m.where(x > 0, 1 + 0 * x, negative_slope + 0 * x),
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
        formula=lambda m, x, alpha: m.where(x > 0, x, alpha * m.expm1(m.minimum(x, 0 * x))),
        derivative=lambda m, x, alpha: m.where(
            x > 0, 1 + 0 * x, alpha * m.exp(m.minimum(x, 0 * x))
        ),
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
        derivative=lambda m, x: 1 + 0 * x,
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
        formula=lambda m, x, threshold: m.where(x > threshold, 1 + 0 * x, 0 * x),
        derivative=lambda m, x, threshold: 0 * x,
        text="1 for x > threshold, else 0",
        latex=r"[x > \theta]",
        params={"threshold": 0.0},
        aliases=("heaviside",),
        kinks=lambda threshold: (threshold,),
        at_kink="0; the value at the threshold itself is 0",
        claims={"range": (0.0, 1.0), "zero_centred": False, "monotone": True, "smoothness": "jump"},
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


class Catalog(Mapping[str, Activation]):
    """Every `Activation` by name (aliases are found too, but not listed).

    Examples
    --------
    >>> import rheobase as rb
    >>> rb.catalog["logistic"]
    sigmoid
    >>> "relu" in rb.catalog
    True
    """

    def __init__(self, declarations: tuple[Declaration, ...]) -> None:
        self._by_name = {declaration.name: Activation(declaration) for declaration in declarations}
        self._aliases = {alias: d.name for d in declarations for alias in d.aliases}
        registry.update(self._by_name)

    def __getitem__(self, name: str) -> Activation:
        found = self._by_name.get(self._aliases.get(name, name))
        if found is None:
            raise InputError(
                f"unknown activation {name!r}.{suggest(str(name), [*self._by_name, *self._aliases])} "
                f"Known: {', '.join(self._by_name)}."
            )
        return found

    def get(self, name: str, default: Any = None) -> Any:
        """Return the activation, or ``default`` for an unknown name."""
        try:
            return self[name]
        except InputError:
            return default

    def __contains__(self, name: object) -> bool:
        return name in self._by_name or name in self._aliases

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def __repr__(self) -> str:
        return f"Catalog({', '.join(self._by_name)})"


catalog = Catalog(DECLARATIONS)


def activation(name: str | Activation, /, **params: float) -> Activation:
    """Return an activation bound to parameters.

    Parameters
    ----------
    name : str or Activation
        A name or alias of the catalogue, or an activation (then only ``params`` are replaced).
    **params : float
        Parameters; those left out keep their values.

    Raises
    ------
    InputError
        The name is unknown (the nearest known one is suggested) or a parameter is not finite.

    Examples
    --------
    >>> import rheobase as rb
    >>> rb.activation("leaky_relu", negative_slope=0.2)
    leaky_relu(negative_slope=0.2)
    >>> rb.activation("linear")
    identity
    """
    if isinstance(name, str):
        name = catalog[name]
    if not isinstance(name, Activation):
        raise InputTypeError(f"activation({name!r:.60}): expected a name or an Activation.")
    return name.bind(**params) if params else name
