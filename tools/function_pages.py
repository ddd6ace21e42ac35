"""Write a page for each activation and their index: ``python tools/function_pages.py``."""

from __future__ import annotations

from math import inf
from pathlib import Path

import numpy as np

import rheobase as rb

FOLDER = Path(__file__).parents[1] / "docs" / "functions"
SMOOTHNESS = {
    "jump": "discontinuous",
    "kink": "continuous with kinks",
    "once": "the derivative is continuous, the second is not",
    "smooth": "smooth",
}


def number(value: float) -> str:
    """Four digits, so that no machine writes another page; exact if there are few digits anyway."""
    if abs(value) == inf:
        return "∞" if value > 0 else "-∞"
    if np.isnan(value):
        return "undefined"
    return f"{round(value, 12) + 0.0:.4g}"


def interval(low: float, high: float, low_in: bool = True, high_in: bool = True) -> str:
    left = "[" if low_in and low != -inf else "("
    right = "]" if high_in and high != inf else ")"
    return f"{left}{number(low)}, {number(high)}{right}"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    cells = [
        [cell.replace("|", "\\|") for cell in row] for row in (head, ("---",) * len(head), *rows)
    ]
    return ["", *("| " + " | ".join(row) + " |" for row in cells)]


def measured(function: rb.Activation) -> list[tuple[str, str]]:
    facts = function.facts
    low, high = facts.saturation
    flat = [f"x < {number(low)}"] if low is not None else []
    flat += [f"x > {number(high)}"] if high is not None else []
    traits = {"monotone": facts.monotone, "odd": facts.odd, "even": facts.even}
    traits["zero-centred"] = facts.zero_centred
    reached = (facts.infimum_reached, facts.supremum_reached)
    rows = [
        ("domain", interval(*facts.domain)),
        ("range", interval(facts.infimum, facts.supremum, *reached)),
        ("f(0)", number(facts.at_zero)),
        ("mean output, z ~ N(0, 1)", number(facts.mean)),
        ("mean square of the output", number(facts.second_moment)),
        ("mean square of the slope", number(facts.derivative_second_moment)),
        ("largest slope", number(facts.max_slope)),
        ("slope under 1 % of it", ", ".join(flat)),
        ("slope exactly 0", ", ".join(interval(*zone) for zone in facts.dead_zones)),
        ("smoothness", SMOOTHNESS[facts.smoothness]),
        ("is", ", ".join(name for name, holds in traits.items() if holds)),
    ]
    return [(name, value or "–") for name, value in rows]


def example(function: rb.Activation) -> list[str]:
    points = [-1.0, 0.5, 2.0] if -inf in function.facts.domain else [0.25, 0.5, 0.9]
    x = np.array(points)
    return [
        "```python",
        ">>> import numpy as np",
        ">>> import rheobase as rb",
        f">>> x = np.array({points})",
        f">>> rb.{function.name}(x).round(4)",
        repr(function(x).round(4)),
        f">>> rb.{function.name}.derivative(x).round(4)",
        repr(function.derivative(x).round(4)),
        "```",
    ]


def page(function: rb.Activation) -> str:
    """The page of one activation."""
    said = function.declaration
    words = said.summary["en"]
    lines = [
        f"# {function.name}",
        "",
        f"- character: {words.character}",
        f"- strength: {words.strength}",
        f"- weakness: {words.weakness}",
        f"- mainly used in: {words.used_in}",
        "",
        "```math",
        function.latex,
        "```",
        "",
        f"As text: `{function.formula}`",
    ]
    if said.params:
        rows = [(f"`{name}`", f"{value:.12g}") for name, value in said.params.items()]
        lines += table(("parameter", "default"), rows)
    if said.aliases:
        lines += ["", f"Other names: {', '.join(f'`{alias}`' for alias in said.aliases)}."]
    lines += ["", "## Example", "", *example(function)]
    lines += ["", "## Measured", *table(("fact", "value"), measured(function))]
    if function.kinks:
        kinks = ", ".join(number(kink) for kink in function.kinks)
        lines += ["", "## Kinks", "", f"At x = {kinks}. Derivative given there: {said.at_kink}."]
    bounds = list(said.bounds.items())
    lines += ["", "## Largest error", "", "In units in the last place, value and derivative:"]
    lines += table(tuple(dtype for dtype, _ in bounds), [tuple(f"{b:g}" for _, b in bounds)])
    if said.differences:
        rows = [(difference.library, difference.what) for difference in said.differences]
        lines += ["", "## Other libraries", *table(("library", "what differs"), rows)]
    lines += ["", "## Reference", "", said.reference, ""]
    return "\n".join(lines)


def index() -> str:
    """The list of all pages."""
    rows = [
        (
            f"[{name}]({name}.md)",
            f"`{function.formula}`",
            function.declaration.summary["en"].character,
        )
        for name, function in rb.catalog.items()
    ]
    head = "# Activations, element by element\n\nWritten by `tools/function_pages.py` from the declarations."
    return "\n".join([head, *table(("function", "formula", "character"), rows), ""])


def pages() -> dict[str, str]:
    """Every page by its file name."""
    return {"README.md": index()} | {f"{name}.md": page(f) for name, f in rb.catalog.items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
