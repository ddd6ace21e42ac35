"""`rheobase compare`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._errors import require
from ._app import LangOption, Language, app, console, numbers, print_table, progress, split

if TYPE_CHECKING:
    from ..compare import Comparison, ShapesComparison


@app.command()
def compare(
    data: Annotated[
        Path | None, typer.Argument(help="CSV or Parquet file; by default scikit-learn's digits.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="Column to predict.")] = None,
    task: Annotated[
        str | None,
        typer.Option(help="classification or regression; by default told from the target."),
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option(
            help="Column of what rows belong to; rows of one group stay in one part of a split.",
            show_default=False,
        ),
    ] = None,
    time: Annotated[
        str | None,
        typer.Option(
            help="Column to sort by; rows that train come before rows that test.",
            show_default=False,
        ),
    ] = None,
    time_ordered: Annotated[
        bool, typer.Option("--time-ordered", help="The rows are in order of time.")
    ] = False,
    weights: Annotated[
        str | None,
        typer.Option(help="Column of how much each row counts.", show_default=False),
    ] = None,
    activations: Annotated[
        str | None, typer.Option(help="Names, separated by commas.", show_default=False)
    ] = None,
    hidden: Annotated[
        str | None,
        typer.Option(help="Units of each hidden layer; by default 64,64.", show_default=False),
    ] = None,
    depths: Annotated[
        str | None,
        typer.Option(
            help="Numbers of hidden layers, such as 1,2,4,8: compare at each, with --widths.",
            show_default=False,
        ),
    ] = None,
    widths: Annotated[
        str | None,
        typer.Option(help="Units a layer at each of --depths; by default 64.", show_default=False),
    ] = None,
    cv: Annotated[
        int | None,
        typer.Option(help="Splits of cross-validation instead of seeds.", show_default=False),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(help="Paired seeds; by default as many as the tests need, ten at least."),
    ] = None,
    epochs: Annotated[int, typer.Option()] = 30,
    minutes: Annotated[
        float | None,
        typer.Option(
            help="How long the study may take, about, instead of --epochs.", show_default=False
        ),
    ] = None,
    batch_size: Annotated[int, typer.Option()] = 32,
    learning_rates: Annotated[
        str | None, typer.Option(help="Grid, separated by commas.", show_default=False)
    ] = None,
    solver: Annotated[str, typer.Option(help="adam or sgd.")] = "adam",
    layer_norm: Annotated[
        bool, typer.Option("--layer-norm", help="Normalise each hidden layer's pre-activations.")
    ] = False,
    metric: Annotated[
        str | None,
        typer.Option(
            help="Any scorer of scikit-learn; by default accuracy or r2.", show_default=False
        ),
    ] = None,
    equivalence: Annotated[
        float | None,
        typer.Option(
            help="Largest difference that does not matter; by default 0.01.", show_default=False
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Directory of the report.")] = Path("rheobase-report"),
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted study.")
    ] = False,
    lang: LangOption = Language.en,
) -> None:
    """Train the same network under each function on your data and report what differs."""
    from ..compare import (
        compare_problem,
        compare_shapes_problem,
        in_words,
        load_digits_problem,
        make_study,
        read_problem,
        with_folds,
    )
    from ..report import prepare_directory, write, write_shapes

    if data is None:
        if time_ordered or (target, task, groups, time, weights) != (None,) * 5:
            raise typer.BadParameter(
                "--target, --task, --groups, --time, --time-ordered and --weights need a data file: "
                "rheobase compare DATA --target COLUMN"
            )
        problem = load_digits_problem()
    else:
        problem = read_problem(
            data,
            target,
            task,
            groups=groups,
            time=time,
            time_ordered=time_ordered,
            weights=weights,
        )
    if cv is not None:
        problem = with_folds(problem, cv)
    words = [word for word in sys.argv[1:] if word != "--resume"]
    command = shlex.join(["rheobase", *words])
    for note in problem.notes:
        said = in_words(note, lang.value)
        console.print(f"Note: {said}", highlight=False, markup=False, soft_wrap=True)
    settings: dict[str, Any] = {
        "activations": None if activations is None else split(activations),
        "seeds": seeds,
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rates": None
        if learning_rates is None
        else numbers("--learning-rates", learning_rates, float),
        "solver": solver,
        "layer_norm": layer_norm,
        "metric": metric,
        "equivalence": equivalence,
    }
    if minutes is not None:
        settings["minutes"] = minutes
    shared: dict[str, Any] = {"resume": resume, "command": command}
    parallel = require("study", "joblib").parallel_config(n_jobs=-1)
    bar = progress(f"Comparing on {problem.name}", "cells")
    if depths is None and widths is None:
        settings["hidden"] = numbers("--hidden", hidden or "64,64", int)
        known = {key: value for key, value in settings.items() if key != "minutes"}
        make_study(problem, **known)  # refuse what cannot run before anything is made
        prepare_directory(out)
        with bar as on_progress, parallel:
            journal = out / "journal.jsonl"
            one = compare_problem(
                problem, journal=journal, on_progress=on_progress, **shared, **settings
            )
        report = write(one.to_dict(), out, lang=lang.value)
        _print_result(one)
        _print_end(one, lang, report)
    else:
        if hidden is not None:
            raise typer.BadParameter(
                "--hidden says one shape; leave it out, or --depths and --widths."
            )
        settings["depths"] = numbers("--depths", depths or "2", int)
        settings["widths"] = numbers("--widths", widths or "64", int)
        with bar as on_progress, parallel:
            many = compare_shapes_problem(
                problem, journal=out, on_progress=on_progress, **shared, **settings
            )
        report = write_shapes(many.to_dict(), out, lang=lang.value)
        _print_shapes(many)
        _print_end(many, lang, report)


def _print_end(result: Comparison | ShapesComparison, lang: Language, report: Path) -> None:
    from ..compare import in_words

    headline = in_words(result.to_dict()["verdict"]["said"][0], lang.value)
    console.print(f"\n[bold]{headline}[/bold]", highlight=False)
    console.print(f"Report: {report}", highlight=False, soft_wrap=True)


def _print_shapes(result: ShapesComparison) -> None:
    plain = result.to_dict()
    shapes = [f"{shape['depth']} × {shape['width']}" for shape in plain["shapes"]]
    rows = [
        [entry["label"], *("–" if mean is None else f"{mean:.4f}" for mean in entry["means"])]
        for entry in plain["activations"]
    ]
    print_table([f"{plain['metric']}, depth × width", *shapes], rows, right=1)


def _print_result(result: Comparison) -> None:
    plain = result.to_dict()
    rows = []
    for entry in plain["activations"]:
        low, high = entry["interval"]
        speed = entry["epochs_to_target"]
        rows.append(
            [
                entry["label"],
                "–" if entry["mean"] is None else f"{entry['mean']:.4f}",
                "–" if low is None else f"{low:.4f} to {high:.4f}",
                f"{entry['learning_rate']:g}",
                "–" if speed["median"] is None else f"{speed['median']:g}",
                _percent(entry["dead"]),
                _percent(entry["saturated"]),
                "–" if entry["mean_output"] is None else f"{entry['mean_output']:+z.2f}",
                f"{entry['cost']['relative_to_relu']:.2f}×",
                str(entry["diverged"]),
            ]
        )
    headers = [
        "function",
        plain["settings"]["metric"],
        "95 % interval",
        "rate",
        "epochs to target",
        "dead",
        "saturated",
        "mean output",
        "cost / relu",
        "diverged",
    ]
    print_table(headers, rows, right=1)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
