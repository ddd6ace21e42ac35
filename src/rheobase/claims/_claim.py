"""What a claim and an experiment are: plain results, a verdict rule fixed beforehand, words and a figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rheobase.compare._claims import grade

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Result = dict[str, Any]  # plain data, as JSON holds it


@dataclass(frozen=True)
class Claim:
    """One statement of the source.

    Attributes
    ----------
    id, statement : str
        As in docs/statements.md.
    rule : tuple of (str, callable)
        What is asked of the result, each in words and in code. All true: *holds*; some: *holds in
        part*.
    figures : callable
        One sentence with the figures that decided.
    """

    id: str
    statement: str
    rule: tuple[tuple[str, Callable[[Result], bool]], ...]
    figures: Callable[[Result], str]

    def verdict(self, result: Result) -> str:
        """Return *holds*, *holds in part* or *does not hold here*."""
        return grade(*(holds for _, holds in self.answers(result)))

    def answers(self, result: Result) -> list[tuple[str, bool]]:
        """Return each question of the rule with whether it is true."""
        return [(words, bool(holds(result))) for words, holds in self.rule]


@dataclass(frozen=True)
class Table:
    """A table of a page: a caption, the heads of the columns, and rows of text."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Experiment:
    """One run that judges one claim or several.

    Attributes
    ----------
    name : str
        Of its figure's file.
    title, setup : str
        The question, and what is done with which data.
    literature : str
        What others found, with the source.
    differs : callable
        Where this result differs from that, and what differs in the way it was made.
    run : callable
        Takes the seed, returns the plain result.
    caption : str
        Of the figure.
    draw, tables : callable
        From the plain result.
    claims : tuple of Claim
    packages : tuple of str
        What the extra ``claims`` brings and this needs.
    timed : bool
        Its figures are times: they belong to the machine and change from run to run.
    """

    name: str
    title: str
    setup: str
    literature: str
    differs: Callable[[Result], str]
    run: Callable[[int], Result]
    caption: str
    draw: Callable[[Result], Figure]
    tables: Callable[[Result], Sequence[Table]]
    claims: tuple[Claim, ...]
    packages: tuple[str, ...] = ()
    timed: bool = False


def percent(share: float | None, digits: int = 0) -> str:
    """Return a share as text; a dash where there is none."""
    return "–" if share is None else f"{share:.{digits}%}".replace("%", " %")


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with so many significant digits; a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}g}"
