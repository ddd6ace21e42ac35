"""The application, and what its commands share: languages, lists of numbers, tables, progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, Any

from .._errors import require

require("study", "typer")
require("study", "rich")
import typer  # noqa: E402  after the check that names the extra
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

app = typer.Typer(
    help="See, choose, run and watch activation functions.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console()


class Language(StrEnum):
    """Languages of tables and reports."""

    en = "en"
    ko = "ko"


LangOption = Annotated[Language, typer.Option(help="Language of the words.")]


@contextmanager
def progress(title: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar; the function that it gives is told how many parts are done, and of how many."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as shown:
        bar = shown.add_task(title, total=None)
        yield lambda done, parts: shown.update(bar, completed=done, total=parts)


def split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def numbers(option: str, text: str, kind: type) -> list[Any]:
    try:
        return [kind(part) for part in split(text)]
    except ValueError:
        raise typer.BadParameter(
            f"{option} is {text!r}; expected numbers separated by commas, such as 64,64."
        ) from None


def print_table(headers: list[str], rows: list[list[str]], right: int | None = None) -> None:
    printed = Table(*headers, header_style="bold", show_lines=right is None)
    for column in printed.columns[right:] if right else ():
        column.justify = "right"
    for row in rows:
        printed.add_row(*row)
    (console if console.is_terminal else Console(width=200)).print(printed)
