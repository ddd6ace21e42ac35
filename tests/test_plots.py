"""Figures: what they show, that they are vectors with text, and that they leave nothing behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from sample_result import sample_result

from rheobase import plots
from rheobase._errors import InputError
from rheobase.catalog import catalog

DRAWINGS = [
    plots.scores,
    plots.paired_differences,
    plots.median_curves,
    plots.learning_rates,
    plots.health,
]
PANELS = [plots.learning_curves, plots.learning_rate_sensitivity, plots.health_map]


@pytest.mark.parametrize("draw", [*DRAWINGS, *PANELS])
def test_svg_is_reproducible_and_keeps_text_as_text(draw: Any) -> None:
    first, second = (draw(sample_result()) for _ in range(2))
    if draw in DRAWINGS:
        first, second = first.figure, second.figure
    svg = plots.to_svg(first)
    assert svg == plots.to_svg(second)
    assert "<text" in svg
    assert "<image" not in svg
    assert "dc:date" not in svg


def test_drawing_leaves_no_global_state() -> None:
    before = dict(matplotlib.rcParams)
    plots.to_svg(plots.scores(sample_result()).figure)
    assert dict(matplotlib.rcParams) == before
    code = "import rheobase.plots, sys; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("draw", PANELS)
def test_a_single_panel_has_the_scales_of_all(draw: Any) -> None:
    result = sample_result()
    limits = {
        tuple(axes.get_ylim() for axes in draw(result, entry["label"]).axes)
        for entry in result["activations"]
    }
    assert len(limits) == 1


def test_health_map_shows_zero_missing_and_sign_apart() -> None:
    result = sample_result()
    result["activations"][0]["health"]["mean_output"][0][:3] = [0.0, None, -0.2]
    axes = next(
        a for a in plots.health_map(result, "elu").axes if a.get_title(loc="left") == "mean output"
    )

    def colour(epoch: int) -> Any:
        place = (epoch, 0.5)
        return next(
            p for p in axes.patches[1:] if p.get_path().contains_point(place)
        ).get_facecolor()

    assert colour(1)[3] == 0
    assert matplotlib.colors.to_hex(colour(2)) == plots.COLOURS["paper"]
    assert matplotlib.colors.to_hex(colour(3)) == plots.COLOURS["second"]


def test_a_median_is_taken_over_the_seeds_that_are_left() -> None:
    result = sample_result()
    runs = np.array(result["activations"][0]["history"]["validation"])
    runs[:9, 20:] = np.nan
    runs[:, 25:] = np.nan
    result["activations"][0]["history"]["validation"] = [
        [None if np.isnan(value) else value for value in run] for run in runs.tolist()
    ]
    axes = plots.learning_curves(result, "elu").axes[0]
    median = next(line for line in axes.lines if line.get_linewidth() > 2).get_ydata()
    assert median[22] == runs[9, 22]
    assert np.isnan(median[25:]).all()


def test_a_trace_of_dead_units_is_no_alarm() -> None:
    result = sample_result()
    for entry in result["activations"]:
        entry["health"]["dead"] = [[0.003] * 30] * 2
    shape = plots.health(result, "dead").patches[1]
    assert 0 < shape.get_facecolor()[3] < 0.1


@pytest.mark.parametrize("draw", DRAWINGS)
def test_drawings_go_on_the_axes_of_the_caller(draw: Any) -> None:
    left, right = matplotlib.figure.Figure().subplots(1, 2)
    assert draw(sample_result(), ax=right) is right
    assert right.has_data()
    assert not left.has_data()


def test_what_is_too_many_to_tell_apart_by_looks_is_grey() -> None:
    result = sample_result()
    result["activations"] *= 2
    for k, entry in enumerate(result["activations"]):
        result["activations"][k] = {**entry, "label": f"f{k}"}
    shown = [text.get_text() for text in plots.median_curves(result).get_legend().get_texts()]
    assert shown == [*(f"f{k}" for k in range(8)), "others"]


def test_each_function_has_rates_of_its_own() -> None:
    result = sample_result()
    rows = result["activations"][1]["learning_rate_scores"]
    rows.append({"learning_rate": 0.0055, "validation": 0.99, "diverged": 0})
    result["activations"][1]["learning_rate"] = 0.0055
    axes = plots.learning_rate_sensitivity(result, "leaky_relu").axes[0]
    line, ring = axes.lines[1:]
    assert line.get_xdata().tolist() == [0.0003, 0.001, 0.003, 0.0055, 0.01, 0.03]
    assert ring.get_xydata().tolist() == [[0.0055, 0.99]]


# --- curves of activations -------------------------------------------------------------------------


def test_curves_mark_kinks_and_shade_zones() -> None:
    relu, sigmoid, step = plots.plot_curves(
        [catalog["relu"], catalog["sigmoid"], catalog["step"]]
    ).axes

    def shaded(axes: Any) -> list[tuple[float, float]]:
        return [(p.get_x(), p.get_x() + p.get_width()) for p in axes.patches]

    assert shaded(relu) == [(-8.0, 0.0)]
    assert shaded(step) == [(-8.0, 8.0)]
    (low, high) = shaded(sigmoid)
    assert (low[0], high[1]) == (-8, 8)
    assert low[1] == pytest.approx(-high[0])
    marked = [line for line in relu.lines if line.get_marker() == "o"]
    assert [line.get_xdata().tolist() for line in marked] == [[0.0]]
    # No line joins the two sides of a jump.
    for line in step.lines:
        if line.get_marker() != "o":
            assert np.ptp(line.get_ydata()) == 0


def test_curves_are_saved_in_the_format_of_the_name(tmp_path: Path) -> None:
    svg, png = tmp_path / "curves.svg", tmp_path / "curves.png"
    plots.plot_curves([catalog["elu"].bind(alpha=0.5)], path=svg)
    plots.plot_curves([catalog["elu"]], path=png)
    assert "elu(alpha=0.5)</text>" in svg.read_text(encoding="utf-8")
    assert png.read_bytes().startswith(b"\x89PNG")


def test_bad_input_gets_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="got no activation"):
        plots.plot_curves([])
    with pytest.raises(InputError, match='no image format "xyz"'):
        plots.plot_curves([catalog["relu"]], path=tmp_path / "curves.xyz")
    with pytest.raises(InputError, match="cannot write"):
        plots.plot_curves([catalog["relu"]], path=tmp_path / "missing" / "curves.svg")
    assert list(tmp_path.iterdir()) == []


def test_a_logarithm_over_its_end_is_drawn() -> None:
    """np.log of an array and of a number may differ in the last bit."""
    from rheobase.plots._health import _Scale

    runs = [[[0.156294, 0.14761]], [[0.133127, 0.130721]]]
    entries = [{"health": {"gradient_rms": run}} for run in runs]
    scale = _Scale("gradient_rms", {"activations": entries})
    assert scale.colours(scale.steps(11)[None])[..., 3].max() <= 1
