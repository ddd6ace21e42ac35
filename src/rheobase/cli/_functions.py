"""`rheobase table`, `plot`, `verify` and `claims`: the functions and what is measured of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .._errors import require
from .._table import table as make_table
from ..catalog import activation, catalog
from ._app import LangOption, Language, app, console, print_table, progress, split


@app.command()
def table(lang: LangOption = Language.en) -> None:
    """Print the summary table of all functions, with measured columns."""
    rows = make_table(lang.value)
    print_table(list(rows[0]), [list(row.values()) for row in rows])


@app.command()
def plot(
    names: Annotated[list[str], typer.Argument(help=f"Functions: {', '.join(catalog)}.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="SVG, PNG or PDF file.")] = Path(
        "curves.svg"
    ),
) -> None:
    """Draw value and derivative of functions, with kinks, saturated and dead zones."""
    from ..plots import plot_curves

    plot_curves([activation(name) for name in names], output)
    console.print(f"Wrote {output}", highlight=False, soft_wrap=True)


@app.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(help="Functions; by default all.", show_default=False)
    ] = None,
    exhaustive: Annotated[
        bool,
        typer.Option("--exhaustive", help="Take every finite float32; an interrupted run goes on."),
    ] = False,
    dtype: Annotated[
        str | None,
        typer.Option(help="float16, bfloat16, float32, float64, separated by commas."),
    ] = None,
    isa: Annotated[
        str | None, typer.Option(help="Instruction sets, separated by commas.", show_default=False)
    ] = None,
    peers: Annotated[
        bool,
        typer.Option("--peers", help="Judge PyTorch, JAX, ONNX Runtime and SciPy as well."),
    ] = False,
    record: Annotated[Path, typer.Option(help="File of the figures.")] = Path("accuracy.json"),
) -> int:
    """Measure the error of values and derivatives against an independent oracle, and put it on record."""
    from ..peers import LIBRARIES
    from ..verify import verify as judge

    with progress("Verifying", "parts") as on_progress:
        results = judge(
            names or (),
            exhaustive=exhaustive,
            dtypes=split(dtype or ""),
            isas=split(isa or ""),
            peers=LIBRARIES if peers else (),
            record=record,
            on_progress=on_progress,
        )
    print_table(
        ["function", "part", "dtype", "source", "max ULP", "at", "above", "inputs"],
        [
            [
                *result.key,
                f"{result.figure.ulp:.4g}",
                "–" if result.figure.at is None else repr(result.figure.at),
                f"{result.figure.above:,}",
                f"{result.figure.inputs:,}{' (all)' if result.exhaustive else ''}",
            ]
            for result in results
        ],
        right=4,
    )
    broken = [result for result in results if result.own and result.figure.above]
    console.print(f"Record: {record}", highlight=False, soft_wrap=True)
    if broken:
        console.print(f"[bold]{len(broken)} figures are above their bound.[/bold]", highlight=False)
    return int(bool(broken))


@app.command()
def claims(
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            help="Statements, such as G2 R5; by default all with an experiment.", show_default=False
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Directory of the page.")] = Path("rheobase-claims"),
    seed: Annotated[int, typer.Option(help="The same seed gives the same result.")] = 0,
) -> None:
    """Run the source's statements as experiments and say which of them hold."""
    from ..claims import claims as judge

    joblib = require("study", "joblib")
    bar = progress("Measuring", "experiments")
    with bar as on_progress, joblib.parallel_config(n_jobs=-1):
        document = judge(
            ids or (),
            seed=seed,
            out=out,
            on_progress=on_progress,
        )
    headers = ["id", "statement", "verdict", "figures"]
    print_table(headers, [list(verdict.values()) for verdict in document["verdicts"]])
    console.print(f"Page: {out / 'claims.md'}", highlight=False, soft_wrap=True)
