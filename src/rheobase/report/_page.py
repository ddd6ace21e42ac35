"""One self-contained HTML page from the plain data of a comparison."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Any

import numpy as np

from .. import plots
from .._errors import require
from ..compare import in_words
from ._figures import inline
from ._strings import figure_words, strings
from ._strips import pair_strips, score_strips


def render(result: Mapping[str, Any], lang: str = "en") -> str:
    """Return the report as one HTML page that needs no network and is complete without JavaScript.

    Parameters
    ----------
    result
        What ``compare(...).to_dict()`` gives; plain JSON data.
    lang
        ``"en"`` or ``"ko"``. Names stay as they are.
    """
    script = (files(__package__) / "report.js").read_text("utf-8")
    return render_page(
        "report.html.j2",
        result,
        result["settings"]["metric"],
        lang,
        script=require("study", "markupsafe").Markup(script),
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        place={entry["label"]: k for k, entry in enumerate(result["activations"])},
        medians=None if result["settings"]["make"] else _medians(result),
        health=list(plots.HEALTH),
        command=result["command"] or _python_call(result),
        score_strips=score_strips(result),
        pair_strips=pair_strips(result),
    )


def render_page(
    template: str, result: Mapping[str, Any], metric: str, lang: str, **names: Any
) -> str:
    """Return a template of this directory with what every page needs, and ``names``."""
    jinja2 = require("study", "jinja2")
    safe = require("study", "markupsafe").Markup
    words = strings(lang)
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=_number, share=_share, interval=_interval, signed=_signed, p=_p, plain=_plain
    )
    environment.filters["said"] = lambda sentence: in_words(sentence, lang)
    style, text = (
        (files(__package__) / name).read_text("utf-8") for name in ("style.css", template)
    )
    page: str = environment.from_string(text).render(
        r=result,
        t=words,
        lang=lang,
        style=safe(style),
        draw=_drawer(dict(result), figure_words(lang, metric), safe),
        metric=words.get(metric, metric),
        **names,
    )
    return page


def _drawer(
    result: dict[str, Any], words: Mapping[str, str], safe: Callable[[str], Any]
) -> Callable[..., Any]:
    """Return what the template calls to draw: ``draw("health_map", "relu")``."""
    drawn = 0

    def draw(kind: str, *label: str) -> Any:
        nonlocal drawn
        drawn += 1
        return safe(inline(getattr(plots, kind)(result, *label), f"f{drawn}", words))

    return draw


def _medians(result: Mapping[str, Any]) -> dict[str, Any]:
    """Median validation score of each activation at a handful of epochs, first and last included."""
    runs = [
        np.array(entry["history"]["validation"], dtype=np.float64)
        for entry in result["activations"]
    ]
    count = runs[0].shape[1]
    epochs = sorted({1, *(round(count * part) for part in (0.1, 0.25, 0.5, 0.75)), count} - {0})
    rows = [
        [float(np.median(left)) if (left := run[np.isfinite(run[:, e - 1]), e - 1]).size else None
         for e in epochs]
        for run in runs
    ]  # fmt: skip
    return {"epochs": epochs, "rows": rows}


def _python_call(result: Mapping[str, Any]) -> str:
    """Return the call that repeats a comparison made from Python."""
    settings = result["settings"]
    names = ", ".join(
        repr(entry["name"])
        if entry["label"] == entry["name"]
        else f"rheobase.activation({entry['name']!r}, "
        + ", ".join(f"{k}={v!r}" for k, v in entry["params"].items())
        + ")"
        for entry in result["activations"]
    )
    own = (
        [f"make={settings['make']}"]
        if settings["make"]
        else [
            f"{key}={settings[key]!r}"
            for key in ("hidden", "epochs", "batch_size", "solver", "layer_norm")
        ]
    )
    data = result["data"]
    own += [f"{name}={name}" for name in ("groups", "cv") if data[name]]
    own += ["time_ordered=True"] * data["time_ordered"]
    own += ["sample_weight=sample_weight"] * data["weighted"]
    keys = ["seeds"] * (not data["cv"]) + ["learning_rates", "metric", "equivalence"]
    options = ", ".join([*own, *(f"{key}={settings[key]!r}" for key in keys)])
    return f"rheobase.compare(X, y, activations=[{names}], {options})"


# --- numbers; None is what could not be had ----------------------------------------------------------

_DASH = "–"


def _number(value: float | None, digits: int = 3) -> str:
    return _DASH if value is None else f"{value:z.{digits}f}".replace("-", "−")


def _signed(value: float | None, digits: int = 3) -> str:
    return _DASH if value is None else f"{value:+z.{digits}f}".replace("-", "−")


def _share(value: float | None) -> str:
    if value is None:
        return _DASH
    return "< 0.1 %" if 0 < value < 0.001 else f"{100 * value:.3g} %"


def _plain(value: float | None) -> str:
    return _DASH if value is None else f"{value:.3g}".replace("-", "−")


def _interval(ends: list[float] | None, signed: bool = False) -> str:
    if ends is None or None in ends:
        return _DASH
    show = _signed if signed else _number
    return f"{show(ends[0])} … {show(ends[1])}"


def _p(value: float | None) -> str:
    if value is None:
        return _DASH
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
