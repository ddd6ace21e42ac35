"""The command line: parse, call, print."""

from __future__ import annotations

import shlex
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from ._errors import RheobaseError, require
from ._table import table as make_table
from .catalog import activation, catalog

require("study", "typer")
require("study", "rich")
import typer  # noqa: E402  after the check that names the extra
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

if TYPE_CHECKING:
    from .compare import Comparison

app = typer.Typer(
    help="See, choose, run and watch activation functions.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console()
INTERRUPTED = 130


class Language(StrEnum):
    """Languages of tables and reports."""

    en = "en"
    ko = "ko"


LangOption = Annotated[Language, typer.Option(help="Language of the words.")]


@app.command()
def table(lang: LangOption = Language.en) -> None:
    """Print the summary table of all functions, with measured columns."""
    rows = make_table(lang.value)
    _print_table(list(rows[0]), [list(row.values()) for row in rows])


@app.command()
def plot(
    names: Annotated[list[str], typer.Argument(help=f"Functions: {', '.join(catalog)}.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="SVG, PNG or PDF file.")] = Path(
        "curves.svg"
    ),
) -> None:
    """Draw value and derivative of functions, with kinks, saturated and dead zones."""
    from .plots import plot_curves

    plot_curves([activation(name) for name in names], output)
    console.print(f"Wrote {output}", highlight=False, soft_wrap=True)


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
    hidden: Annotated[str, typer.Option(help="Units of each hidden layer.")] = "64,64",
    seeds: Annotated[
        int | None,
        typer.Option(help="Paired seeds; by default as many as the tests need, ten at least."),
    ] = None,
    epochs: Annotated[int, typer.Option()] = 30,
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
    from .compare import compare_problem, load_digits_problem, make_study, read_problem
    from .report import prepare_directory, write

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
    words = [word for word in sys.argv[1:] if word != "--resume"]
    command = shlex.join(["rheobase", *words])
    for note in problem.notes:
        console.print(f"Note: {note}", highlight=False, markup=False, soft_wrap=True)
    settings: dict[str, Any] = {
        "activations": None if activations is None else _split(activations),
        "hidden": _numbers("--hidden", hidden, int),
        "seeds": seeds,
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rates": None
        if learning_rates is None
        else _numbers("--learning-rates", learning_rates, float),
        "solver": solver,
        "layer_norm": layer_norm,
        "metric": metric,
        "equivalence": equivalence,
    }
    make_study(problem, **settings)  # refuse what cannot run before anything is made
    prepare_directory(out)
    joblib = require("study", "joblib")
    with _progress("functions") as progress, joblib.parallel_config(n_jobs=-1):
        bar = progress.add_task(f"Comparing on {problem.name}", total=None)
        result = compare_problem(
            problem,
            journal=out / "journal.jsonl",
            resume=resume,
            on_progress=lambda done, cells: progress.update(bar, completed=done, total=cells),
            command=command,
            **settings,
        )
    report = write(result.to_dict(), out, lang=lang.value)
    _print_result(result)
    console.print(f"\n[bold]{result.verdict}[/bold]", highlight=False)
    console.print(f"Report: {report}", highlight=False, soft_wrap=True)


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
    from .peers import LIBRARIES
    from .verify import verify as judge

    with _progress("parts") as progress:
        bar = progress.add_task("Verifying", total=None)
        results = judge(
            names or (),
            exhaustive=exhaustive,
            dtypes=_split(dtype or ""),
            isas=_split(isa or ""),
            peers=LIBRARIES if peers else (),
            record=record,
            on_progress=lambda done, tasks: progress.update(bar, completed=done, total=tasks),
        )
    _print_table(
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
    from .claims import claims as judge

    joblib = require("study", "joblib")
    with _progress("experiments") as progress, joblib.parallel_config(n_jobs=-1):
        bar = progress.add_task("Measuring", total=None)
        document = judge(
            ids or (),
            seed=seed,
            out=out,
            on_progress=lambda done, parts: progress.update(bar, completed=done, total=parts),
        )
    headers = ["id", "statement", "verdict", "figures"]
    _print_table(headers, [list(verdict.values()) for verdict in document["verdicts"]])
    console.print(f"Page: {out / 'claims.md'}", highlight=False, soft_wrap=True)


def run() -> int:
    """Run the command line; errors of the user are one line and exit code 2."""
    try:
        code = app(standalone_mode=False)
    except RheobaseError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{error.filename or 'file'}: {error.strerror or error}")
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except Exception as error:  # typer hands over its own errors when it does not exit by itself
        if not hasattr(error, "format_message"):
            raise
        return _refuse(error.format_message()) if error.format_message() else 2
    return _interrupted() if code == INTERRUPTED else int(code or 0)


def _refuse(message: str) -> int:
    print(f"rheobase: {' '.join(message.split())}", file=sys.stderr)
    return 2


def _interrupted() -> int:
    """Stop the workers and say how to go on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough
    words = sys.argv[1:]
    how = ""
    if {"compare", "verify"} & set(words):
        more = ["--resume"] if "compare" in words and "--resume" not in words else []
        again = shlex.join(["rheobase", *words, *more])
        how = f" Finished parts are kept; go on with: {again}"
    if {"compare", "verify", "claims"} & set(words):
        loky = require("study", "joblib.externals.loky")
        loky.get_reusable_executor(reuse=True).shutdown(wait=False, kill_workers=True)
    print(f"\nrheobase: interrupted.{how}", file=sys.stderr)
    return INTERRUPTED


def _progress(unit: str) -> Any:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _numbers(option: str, text: str, kind: type) -> list[Any]:
    try:
        return [kind(part) for part in _split(text)]
    except ValueError:
        raise typer.BadParameter(
            f"{option} is {text!r}; expected numbers separated by commas, such as 64,64."
        ) from None


def _print_table(headers: list[str], rows: list[list[str]], right: int | None = None) -> None:
    printed = Table(*headers, header_style="bold", show_lines=right is None)
    for column in printed.columns[right:] if right else ():
        column.justify = "right"
    for row in rows:
        printed.add_row(*row)
    (console if console.is_terminal else Console(width=200)).print(printed)


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
                "–" if entry["mean_output"] is None else f"{entry['mean_output']:+.2f}",
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
    _print_table(headers, rows, right=1)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
