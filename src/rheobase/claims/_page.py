"""The document as a page of Markdown with figures, and writing all of it to a directory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from rheobase._files import prepare_directory, replace
from rheobase.claims._claim import Experiment, Table
from rheobase.claims._list import EXPERIMENTS
from rheobase.claims._run import Document
from rheobase.plots import to_svg

PAGE, DATA, FIGURES = "claims.md", "claims.json", "claims"
HEAD = """# The claims, measured

Statements about activation functions as experiments. Written by `rheobase claims{ids} --seed {seed}` (rheobase
{version}), which leaves the plain results in `claims.json`. What a verdict asks was written in the code before the first
run (exceptions say so): if all conditions are true it *holds*, if some are it *holds in part*, if none is it *does not
hold here*. *Here* is meant: other data, depths or widths may say otherwise.

The same seed gives the same bits on the same kind of processor. What is timed is marked; it changes from run to run.
"""


def page(document: Document) -> str:
    """Return the Markdown page of a document."""
    experiments = [EXPERIMENTS[name] for name in document["results"]]
    ids = "" if len(experiments) == len(EXPERIMENTS) else _ids(experiments)
    head = HEAD.format(ids=ids, seed=document["seed"], version=document["rheobase"])
    verdicts = Table(
        "", ("", "statement", "verdict", "figures"),
        [(f"[{v['id']}](#{_place(v['id'])})", v["statement"], f"**{v['verdict']}**", v["figures"])
         for v in document["verdicts"]],
    )  # fmt: skip
    parts = [head, *_table(verdicts)]
    for experiment in experiments:
        parts += ["", *_section(experiment, document)]
    return "\n".join(parts) + "\n"


def _ids(experiments: list[Experiment]) -> str:
    return "".join(f" {claim.id}" for e in experiments for claim in e.claims)


def _place(id: str) -> str:
    """The anchor of the heading that this statement is judged under."""
    (experiment,) = (e for e in EXPERIMENTS.values() if any(c.id == id for c in e.claims))
    kept = [c for c in _heading(experiment).lower() if c.isalnum() or c in " -"]
    return "".join(kept).replace(" ", "-")


def _heading(experiment: Experiment) -> str:
    return f"{', '.join(claim.id for claim in experiment.claims)}: {experiment.title}"


def _section(experiment: Experiment, document: Document) -> Iterator[str]:
    result = document["results"][experiment.name]
    verdicts = {entry["id"]: entry for entry in document["verdicts"]}
    yield f"## {_heading(experiment)}"
    for claim in experiment.claims:
        said = verdicts[claim.id]
        asked = "; ".join(
            f"{words}: {'yes' if holds else 'no'}" for words, holds in claim.answers(result)
        )
        yield from (
            "", f"**{claim.id}. {claim.statement}** *{said['verdict'].capitalize()}.* {said['figures']}",
            "", f"Asked: {asked}.",
        )  # fmt: skip
    yield from ("", f"**How.** {experiment.setup}")
    if experiment.timed:
        machine = document["machine"]
        yield from (
            "", f"**Timed** on {machine['processor']}, {machine['cores']} cores, instruction set {machine['isa']}, "
            f"NumPy {machine['numpy']}. On another machine, or another day, the figures differ.",
        )  # fmt: skip
    yield from ("", f"![{experiment.caption}]({FIGURES}/{experiment.name}.svg)")
    yield from ("", f"*{experiment.caption}*")
    for table in experiment.tables(result):
        yield from _table(table)
    yield from ("", f"**Found elsewhere.** {experiment.literature}")
    yield from ("", f"**Here.** {experiment.differs(result)}")


def _table(table: Table) -> Iterator[str]:
    if table.caption:
        yield from ("", table.caption)
    rows = [table.head, ["---"] * len(table.head), *table.rows]
    yield from ("", *("| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in rows))


def files(document: Document) -> dict[str, str]:
    """Return every file of a document by its path in the directory."""
    figures = {
        f"{FIGURES}/{name}.svg": to_svg(EXPERIMENTS[name].draw(result))
        for name, result in document["results"].items()
    }
    data = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    return {DATA: data + "\n", **figures, PAGE: page(document)}


def prepare(directory: Path) -> None:
    """Make the directory, or say why nothing could be left there, before anything runs."""
    prepare_directory(directory, (PAGE, DATA))
    prepare_directory(directory / FIGURES, [f"{name}.svg" for name in EXPERIMENTS])


def write(document: Document, directory: Path) -> Path:
    """Write page, figures and data; return the path of the page."""
    contents = files(document)  # all made before the first is written
    prepare(directory)
    for name, text in contents.items():
        replace(directory / name, text)
    return directory / PAGE
