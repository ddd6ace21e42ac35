"""What a diagnosis is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

Kind = Literal["non-finite", "dead", "constant", "saturated", "exploding", "vanishing", "dormant"]
Severity = Literal["error", "warning", "info"]

KINDS: tuple[Kind, ...] = get_args(Kind)  #: the order of findings that are equally severe
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True)
class Fault:
    """A judged fact about the layer at a place, before its cause is looked for."""

    place: int
    kind: Kind
    severity: Severity
    evidence: Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """One thing that a diagnosis found.

    Attributes
    ----------
    layer : str
    kind : {"non-finite", "dead", "constant", "saturated", "exploding", "vanishing", "dormant"}
    severity : {"error", "warning", "info"}
        An error: the layer passes nothing, or nothing finite. A warning: rarely seen in networks that
        score well. Information: a fact without judgement.
    evidence : mapping of str to number
        The facts: how many of the ``units``, on ``n`` samples. ``bound`` is 3/n, the share of the
        data on which a unit that was still on all n may yet move (95 %).
    cause : str
        What it follows from, as far as the statistics tell; another layer if the fault lies there.
    fixes : tuple of str
        What to try, the most promising first. Empty for information.
    reference : str
    """

    layer: str
    kind: Kind
    severity: Severity
    evidence: Mapping[str, Any]
    cause: str
    fixes: tuple[str, ...]
    reference: str

    def __str__(self) -> str:
        return f"{self.severity} in {self.layer} ({self.kind}): {self.cause}."
