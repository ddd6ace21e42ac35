"""The report on one network, to print and to show in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from math import isnan

import numpy as np

from ._diagnosis import diagnose
from ._findings import Finding
from ._statistics import LayerStatistics

_HEADERS = ("layer", "function", "n", "dead", "constant", "dormant", "flat", "sat. low", "sat. high",
            "mean", "std", "gradient", "zero")  # fmt: skip
_WORDS = 2  # columns of words, at the left; the others are numbers


@dataclass(frozen=True)
class Report:
    """Layers of one network and what is to be said of them.

    Attributes
    ----------
    layers : mapping of str to LayerStatistics
        From the input to the output.
    """

    layers: Mapping[str, LayerStatistics]

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is to be said of the layers."""
        return diagnose(self.layers)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What could not be looked at."""
        idle = [name for name, layer in self.layers.items() if not layer.samples]
        blind = [
            name
            for name, layer in self.layers.items()
            if layer.samples
            and np.isnan(layer.gradient_rms[0])
            and not (layer.non_finite[0] or layer.non_finite_gradients[0])
        ]
        notes = []
        if idle:
            notes.append(f"No evidence, as no sample came by: {', '.join(idle)}.")
        if blind:
            which = "." if len(blind) == len(self.layers) else f": {', '.join(blind)}."
            notes.append(f"Gradients were not looked at{which}")
        return tuple(notes)

    def __str__(self) -> str:
        rows = [_HEADERS, *self._rows()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(
                cell.ljust(width) if k < _WORDS else cell.rjust(width)
                for k, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        lines.append("")
        for finding in self.findings:
            lines.append(str(finding))
            lines += [f"  {k}. {fix}" for k, fix in enumerate(finding.fixes, 1)]
        if not self.findings:
            lines.append("No findings.")
        return "\n".join([*lines, *self.notes])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(header)}</th>" for header in _HEADERS)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self._rows()
        )
        items = "".join(
            f"<li>{escape(str(finding))}"
            + ("<ol>" if finding.fixes else "")
            + "".join(f"<li>{escape(fix)}</li>" for fix in finding.fixes)
            + ("</ol>" if finding.fixes else "")
            + "</li>"
            for finding in self.findings
        )
        found = f"<ul>{items}</ul>" if items else "<p>No findings.</p>"
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f"<div>{table}{found}{notes}</div>"

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (
                name,
                layer.activation.name,
                str(layer.samples),
                *(
                    _share(float(share[0]))
                    for share in (
                        layer.dead_share,
                        layer.constant_share,
                        layer.dormant_share,
                        layer.flat_share,
                        layer.saturated_low,
                        layer.saturated_high,
                    )
                ),
                _number(float(layer.mean_output[0]), "+.2f"),
                _number(float(layer.std_output[0]), ".2f"),
                _number(float(layer.gradient_rms[0]), ".1e"),
                _share(float(layer.zero_gradients[0])),
            )
            for name, layer in self.layers.items()
        ]


def _share(value: float) -> str:
    return _number(value, ".0%")


def _number(value: float, form: str) -> str:
    return "–" if isnan(value) else format(value, form)
