"""`compare_shapes`: the same comparison at several depths and widths, where vanishing gradients show."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rheobase import plots
from rheobase._errors import InputError
from rheobase.compare._comparison import compare_problem, given_problem
from rheobase.compare._problem import Problem
from rheobase.compare._result import Answer
from rheobase.compare._study import make_study
from rheobase.compare._verdict import BETTER, too_few
from rheobase.compare._words import Said, say, worded

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Result = Mapping[str, Any]

VANISHING = 0.01  # first layer's gradient / last layer's that is worth a sentence
ROWS = ("task", "groups", "time_ordered", "cv", "sample_weight")  # settings that the data has


class ShapesComparison(Answer):
    """The result of `compare_shapes`."""

    def plot_over_depth(self) -> Figure:
        """Draw each function's test score and gradient, first layer / last, over depth."""
        return plots.over_depth(self.to_dict())

    def result(self, depth: int, width: int) -> dict[str, Any]:
        """Return what `compare` says of one shape, as plain data."""
        for shape in self._result["shapes"]:
            if (shape["depth"], shape["width"]) == (depth, width):
                return dict(shape["result"])
        known = ", ".join(f"({s['depth']}, {s['width']})" for s in self._result["shapes"])
        raise InputError(f"result({depth}, {width}): expected a depth and width of {known}.")


def compare_shapes(
    X: Any = None,
    y: Any = None,
    *,
    depths: Iterable[int] = (1, 2, 4, 8),
    widths: Iterable[int] = (64,),
    journal: str | os.PathLike[str] | None = None,
    **settings: Any,
) -> ShapesComparison:
    """Compare activation functions at each depth and width of a grid.

    Each shape is a comparison of its own, with its own choice of learning rates.

    Parameters
    ----------
    X, y : array_like, optional
        As in `compare`.
    depths, widths : iterable of int
        Numbers of hidden layers, and units of each layer.
    journal : path, optional
        Directory for a journal of each shape.
    **settings
        For `compare`, such as ``activations``, ``seeds``, ``layer_norm`` or ``resume``.

    Returns
    -------
    ShapesComparison

    Raises
    ------
    InputError
        Something given cannot be used; nothing has run then.

    Notes
    -----
    Verdicts hold for one shape each; p-values are not corrected over shapes.

    Examples
    --------
    >>> import rheobase as rb
    >>> few = {"activations": ["sigmoid", "relu"], "seeds": 2, "epochs": 1}
    >>> result = rb.compare_shapes(depths=[1, 3], widths=[4], **few)
    >>> [(shape["depth"], shape["width"]) for shape in result.to_dict()["shapes"]]
    [(1, 4), (3, 4)]
    """
    known = {name: settings.pop(name) for name in ROWS if name in settings}
    problem = given_problem(X, y, **known)
    return compare_shapes_problem(
        problem, depths=depths, widths=widths, journal=journal, **settings
    )


def compare_shapes_problem(
    problem: Problem,
    *,
    depths: Iterable[int],
    widths: Iterable[int],
    journal: str | os.PathLike[str] | None = None,
    resume: bool = False,
    on_progress: Any = None,
    command: str | None = None,
    **settings: Any,
) -> ShapesComparison:
    """Compare on a problem that has been read; see `compare_shapes`."""
    shapes = _shapes(depths, widths, settings)
    for depth, width in shapes:  # refuse what cannot run before anything does
        make_study(problem, **settings, hidden=[width] * depth)
    if journal is not None:
        Path(journal).mkdir(parents=True, exist_ok=True)
    results = {
        (depth, width): compare_problem(
            problem,
            **settings,
            hidden=[width] * depth,
            journal=None
            if journal is None
            else Path(journal) / f"{shape_name(depth, width)}.jsonl",
            resume=resume,
            command=command,
            on_progress=on_progress
            and (
                lambda done, cells, before=place: on_progress(
                    done + before * cells, len(shapes) * cells
                )
            ),
        ).to_dict()
        for place, (depth, width) in enumerate(shapes)
    }
    return ShapesComparison(summarised(results))


def shape_name(depth: int, width: int) -> str:
    """Return the name of a shape's files."""
    return f"depth-{depth}-width-{width}"


def _shapes(depths: Iterable[int], widths: Iterable[int], settings: Any) -> list[tuple[int, int]]:
    wrong = {"hidden", "make", "minutes"} & settings.keys()
    if wrong:
        raise InputError(
            f"compare_shapes got {' and '.join(sorted(wrong))}; expected depths and widths, from which "
            "it makes the networks, and epochs, the same at each."
        )
    grid: list[list[int]] = []
    for name, given in (("depths", depths), ("widths", widths)):
        sizes = list(given)
        if (
            not sizes
            or len(set(sizes)) < len(sizes)
            or any(not isinstance(n, (int, np.integer)) or n < 1 for n in sizes)
        ):
            raise InputError(
                f"compare_shapes: {name} are {sizes!r:.60}; expected different whole numbers from 1."
            )
        grid.append(sorted(map(int, sizes)))
    shapes = [(depth, width) for depth in grid[0] for width in grid[1]]
    if len(shapes) < 2:
        raise InputError(
            "compare_shapes got one shape; expected two depths or widths at least. For one, use "
            "compare(hidden=…)."
        )
    return shapes


def summarised(results: Mapping[tuple[int, int], Result]) -> dict[str, Any]:
    """Return what the shapes say together, best mean score over shapes first."""
    first = next(iter(results.values()))
    labels = [entry["label"] for entry in first["activations"]]
    entries = [_entry(label, list(results.values())) for label in labels]
    entries.sort(key=lambda entry: -np.mean([-np.inf if s is None else s for s in entry["means"]]))
    shapes = [
        {"depth": depth, "width": width, "result": result}
        for (depth, width), result in results.items()
    ]
    return {
        "metric": first["settings"]["metric"],
        "data": first["data"]["name"],
        "command": first["command"],
        "shapes": shapes,
        "activations": entries,
        "verdict": worded(_verdict(entries, list(results), first)),
    }


def _entry(label: str, results: Sequence[Result]) -> dict[str, Any]:
    """One function in each shape: its figures, and who is better than it."""
    own = [next(e for e in r["activations"] if e["label"] == label) for r in results]
    keys = {"means": "mean", "gradient_ratios": "gradient_ratio", "learning_rates": "learning_rate"}
    return {
        "label": label,
        **{many: [entry[one] for entry in own] for many, one in keys.items()},
        "beaten_by": [
            [p["first"] for p in r["pairs"] if p["verdict"] == BETTER and p["second"] == label]
            for r in results
        ],
    }


def _verdict(
    entries: Sequence[Result], shapes: Sequence[tuple[int, int]], first: Result
) -> list[Said]:
    """Who is beaten nowhere, who is beaten where, and where gradients vanish."""
    beaten = {
        entry["label"]: [s for s, by in zip(shapes, entry["beaten_by"], strict=True) if by]
        for entry in entries
    }
    unbeaten = [label for label, where in beaten.items() if not where]
    seeds = len(first["settings"]["seeds"])
    if seeds < first["statistics"]["seeds_needed"]:
        headline = too_few(list(beaten), "seeds", seeds, by="score")
    elif len(unbeaten) == len(entries):
        headline = say("no_shape", shapes=len(shapes))
    elif unbeaten:
        headline = say("unbeaten", who=unbeaten, shapes=len(shapes))
    else:
        best = min(beaten, key=lambda label: len(beaten[label]))
        headline = say("all_beaten", best=best, count=len(beaten[best]), shapes=len(shapes))
    details = [
        say("beaten", name=label, count=len(where), shapes=len(shapes), where=where)
        for label, where in beaten.items()
        if where
    ]
    for entry in entries:
        ratios = [np.inf if r is None else r for r in entry["gradient_ratios"]]
        if min(ratios) < VANISHING:
            where = [shapes[int(np.argmin(ratios))]]
            details.append(say("vanishing", where=where, name=entry["label"], ratio=min(ratios)))
    return [headline, *details, say("basis_shapes", seeds=seeds)]
