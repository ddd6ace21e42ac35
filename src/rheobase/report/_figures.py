"""Figures as inline SVG whose colours follow the style sheet."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

from .. import plots

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def inline(figure: Figure, name: str, words: Mapping[str, str]) -> str:
    """Return a figure as an ``<svg>`` element for a page that has many of them.

    Parameters
    ----------
    figure
        A figure of `rheobase.plots`.
    name
        Prefix that keeps the ids of this figure apart from those of the others.
    words
        Words inside the figure, English -> language of the page.
    """
    for axes in figure.axes:
        for text in (axes.xaxis.label, axes.yaxis.label):
            text.set_text(words.get(text.get_text(), text.get_text()))
        title = axes.get_title(loc="left")
        axes.set_title(words.get(title, title), loc="left")
    figure.patch.set_visible(False)
    with warnings.catch_warnings():
        # Text stays text, so a letter that matplotlib's own font lacks does no harm.
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from font")
        svg = plots.to_svg(figure)
    return _restyle(_ungrouped(_unique_ids(_body(svg), name)))


def _body(svg: str) -> str:
    """Drop prolog, comments and what would style the whole page; the size comes from the page."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<!--.*?-->|<style.*?</style>", "", svg, flags=re.DOTALL)
    head, rest = svg.split(">", 1)
    box = re.search(r'viewBox="[^"]*"', head)
    assert box is not None  # matplotlib always writes one
    rest = re.sub(r"\s*\n\s*", "\n", rest)
    return f'<svg {box[0]} aria-hidden="true" focusable="false">{rest}'


def _unique_ids(svg: str, name: str) -> str:
    """Drop ids nobody refers to and prefix the others."""
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', svg))
    svg = re.sub(r' id="([^"]*)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", svg)
    return re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", svg)


def _ungrouped(svg: str) -> str:
    """Drop what draws nothing: groups without attributes, paths without paint, turns by nothing."""
    kept: list[bool] = []

    def tag(found: re.Match[str]) -> str:
        if found[1]:
            return found[0] if kept.pop() else ""
        kept.append(bool(found[2]))
        return found[0] if found[2] else ""

    svg = svg.replace("<g/>", "").replace("<defs>\n</defs>", "")
    svg = re.sub(r"<(/?)g( [^>]*)?>", tag, svg)
    svg = re.sub(r'<path d="[^"]*" style="fill: none"/>', "", svg)
    return re.sub(r' transform="rotate\(-?0 [^"]*"', "", svg)


def _restyle(svg: str) -> str:
    """Take the colours and the font from the style sheet and shorten paths."""
    for role, colour in plots.COLOURS.items():
        svg = svg.replace(colour, f"var(--{role})")
    svg = re.sub(r" font-family: [^;\"]*;", "", svg)
    svg = re.sub(
        r' (d|points|x|y|transform)="[^"]*"',
        lambda m: re.sub(r"\d+\.\d{2,}", lambda n: f"{float(n[0]):.1f}", m[0]),
        svg,
    )
    svg = re.sub(r' d="[^"]*"', lambda m: re.sub(r"\s*([MLz])\s*", r"\1", m[0]), svg)
    return re.sub(r"\n\n+", "\n", svg)
