"""The source's summary table, from declarations and facts."""

from __future__ import annotations

from math import inf, isnan
from typing import Literal

from ._activation import Summary
from ._errors import InputError, suggest
from .catalog import catalog
from .facts import Facts

Language = Literal["en", "ko"]

HEADERS: dict[str, tuple[str, ...]] = {
    "en": (
        "function",
        "output range",
        "character",
        "strength",
        "weakness",
        "mainly used in",
        "f(0)",
        "mean output",
        "max slope",
        "saturates",
        "slope exactly 0",
    ),
    "ko": (
        "함수",
        "출력 범위",
        "특징",
        "장점",
        "단점",
        "주로 사용되는 곳",
        "f(0)",
        "평균 출력",
        "최대 기울기",
        "포화 구간",
        "기울기가 정확히 0",
    ),
}
SOFTMAX = {
    "en": Summary(
        "probability distribution",
        "multi-class",
        "needs the whole row",
        "last layer of multi-class classification",
    ),
    "ko": Summary("확률 분포", "다중 분류 가능", "행 전체가 필요", "다중 분류의 마지막 층"),
}


def table(lang: Language = "en") -> list[dict[str, str]]:
    """Return the summary table, a dict for each function.

    The words come from the declarations, the range and the columns after "mainly used in" are
    measured: mean output for z ~ N(0, 1), largest slope, where the slope stays under 1 % of it, and
    where it is exactly 0.

    Parameters
    ----------
    lang : {"en", "ko"}

    Examples
    --------
    >>> import rheobase as rb
    >>> rb.table()[4]["output range"]
    '(-1, ∞)'
    """
    if lang not in HEADERS:
        raise InputError(f"table(lang={lang!r}): expected en or ko.{suggest(str(lang), HEADERS)}")
    rows = []
    for function in catalog.values():
        facts = function.facts
        words = function.declaration.summary[lang]
        measured = (
            _number(facts.at_zero),
            "–" if isnan(facts.mean) else f"{round(facts.mean, 3) + 0.0:.3f}",
            _number(facts.max_slope),
            _saturation(facts),
            _zones(facts),
        )
        rows.append((function.name, _range(facts), *_words(words), *measured))
    rows.append(("softmax", "(0, 1)", *_words(SOFTMAX[lang]), "1/n", "1/n", "1/4", "–", "–"))
    return [dict(zip(HEADERS[lang], row, strict=True)) for row in rows]


def _words(summary: Summary) -> tuple[str, str, str, str]:
    return summary.character, summary.strength, summary.weakness, summary.used_in


def _number(value: float) -> str:
    if abs(value) == inf:
        return "∞" if value > 0 else "-∞"
    return f"{value:.3g}"


def _range(facts: Facts) -> str:
    if facts.smoothness == "jump" and facts.infimum_reached and facts.supremum_reached:
        return f"{{{_number(facts.infimum)}, {_number(facts.supremum)}}}"
    left = "[" if facts.infimum_reached else "("
    right = "]" if facts.supremum_reached else ")"
    return f"{left}{_number(facts.infimum)}, {_number(facts.supremum)}{right}"


def _saturation(facts: Facts) -> str:
    low, high = facts.saturation
    parts = [
        f"z < {low:.2f}" if low is not None else "",
        f"z > {high:.2f}" if high is not None else "",
    ]
    return ", ".join(part for part in parts if part) or "–"


def _zones(facts: Facts) -> str:
    zones = []
    for left, right in facts.dead_zones:
        if left == -inf and right == inf:
            zones.append("z ∈ ℝ")
        elif left == -inf:
            zones.append(f"z ≤ {_number(right)}")
        elif right == inf:
            zones.append(f"z ≥ {_number(left)}")
        else:
            zones.append(f"{_number(left)} ≤ z ≤ {_number(right)}")
    return ", ".join(zones) or "–"
