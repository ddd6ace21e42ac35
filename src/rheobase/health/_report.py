"""The report on one network: to print, to show in a notebook, to write, to raise."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from math import isnan
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np

from .._errors import HealthError, InputError
from .._files import replace
from ._diagnosis import diagnose
from ._findings import SEVERITIES, Finding, Severity
from ._statistics import LayerStatistics
from ._words import NETWORK, Advice

_HEADERS = ("layer", "function", "n", "dead", "constant", "dormant", "flat", "sat. low", "sat. high",
            "mean", "std", "gradient", "zero")  # fmt: skip
_WORDS = 2  # columns of words, at the left; the others are numbers
_WIDTH = 100  # of printed lines


@dataclass(frozen=True)
class Report:
    """Layers of one network and what is to be said of them.

    Attributes
    ----------
    layers : mapping of str to LayerStatistics
        From the input to the output.
    remarks : tuple of str
        What else the reader must know, such as what was not looked at.
    advice : Advice
        How the fixes are written.
    trained : bool or None
        Whether the network has been trained for a while, as `diagnose` takes it.
    """

    layers: Mapping[str, LayerStatistics]
    remarks: tuple[str, ...] = ()
    advice: Advice = NETWORK
    trained: bool | None = None

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is to be said of the layers."""
        return diagnose(self.layers, self.advice, self.trained)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What could not be looked at, and the remarks."""
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
        return (*notes, *self.remarks)

    def raise_if(self, severity: Severity) -> None:
        """Raise `HealthError` if a finding is as severe as this, or more."""
        if severity not in SEVERITIES:
            raise InputError(
                f"raise_if({severity!r}): expected one of {', '.join(map(repr, SEVERITIES))}."
            )
        bound = SEVERITIES.index(severity)
        found = [f for f in self.findings if SEVERITIES.index(f.severity) <= bound]
        if found:
            raise HealthError("\n".join(map(str, found)))

    def to_dict(self) -> dict[str, Any]:
        """Return layers, findings and notes as plain data; what was not measured is None."""
        return {
            "layers": [
                {"layer": name, "role": layer.role, **_plain(layer)}
                for name, layer in self.layers.items()
            ],
            "findings": [
                {**vars(finding), "evidence": dict(finding.evidence), "fixes": list(finding.fixes)}
                for finding in self.findings
            ],
            "notes": list(self.notes),
        }

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return `to_dict` as JSON, and write it to a file if a path is given."""
        text = json.dumps(self.to_dict(), indent=1, ensure_ascii=False, allow_nan=False)
        if path is not None:
            replace(Path(path), text)
        return text

    def to_html(self, path: str | os.PathLike[str]) -> None:
        """Write the report as one page that needs no other file."""
        replace(Path(path), _PAGE.format(body=self._repr_html_()))

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
            lines.append(_filled(str(finding)))
            lines += [_listed(f"  {k}. ", fix) for k, fix in enumerate(finding.fixes, 1)]
        if not self.findings:
            lines.append("No findings.")
        return "\n".join([*lines, *map(_filled, self.notes)])

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
                layer.activation.name + f" ({layer.role})" * (layer.role != "hidden"),
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


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Health of a network</title><style>
body {{ font: 1rem/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff; margin: 2rem; }}
table {{ border-collapse: collapse; }}
th, td {{ padding: .2rem .6rem; border-bottom: 1px solid #ccc; text-align: right; }}
th:nth-child(-n+2), td:nth-child(-n+2) {{ text-align: left; }}
</style></head><body><main><h1>Health of a network</h1>{body}</main></body></html>
"""


def _plain(layer: LayerStatistics) -> dict[str, Any]:
    """The statistics of one layer as plain data."""
    found: dict[str, Any] = {"function": repr(layer.activation), "n": layer.samples}
    found["units"] = layer.dead.shape[1]
    for key in (
        "dead_share",
        "constant_share",
        "dormant_share",
        "flat_share",
        "saturated_low",
        "saturated_high",
        "mean_output",
        "std_output",
        "gradient_rms",
        "zero_gradients",
    ):
        value = float(getattr(layer, key)[0])
        found[key] = value if np.isfinite(value) else None
    return found


def _filled(text: str) -> str:
    return fill(
        text, _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def _listed(number: str, fix: str) -> str:
    """One fix; the code of a long one on a line of its own, to be copied whole."""
    words, _, code = fix.partition(": ")
    if len(number + fix) <= _WIDTH or not code:
        return number + fix
    return f"{number}{words}:\n{' ' * len(number)}{code}"


def _share(value: float) -> str:
    return _number(value, ".0%")


def _number(value: float, form: str) -> str:
    return "–" if isnan(value) else format(value, form)
