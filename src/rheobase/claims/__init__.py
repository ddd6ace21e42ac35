"""The statements of the source as experiments: which of them hold, with figures."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rheobase._errors import InputError

__all__ = ["claims"]


def claims(
    ids: Iterable[str] = (),
    *,
    seed: int = 0,
    out: str | os.PathLike[str] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Run statements of the source as experiments and judge them.

    Parameters
    ----------
    ids : iterable of str, optional
        Statements, such as ``["G2", "R5"]``; by default all that there are experiments for. One
        experiment may judge several.
    seed : int, default 0
        The same seed gives the same result, times apart.
    out : path, optional
        Directory to leave a page (``claims.md``), its figures and the results (``claims.json``) in.
    on_progress : callable, optional
        Called with the number of finished experiments and of all.

    Returns
    -------
    dict
        Plain data: ``verdicts``, a list of ``id``, ``statement``, ``verdict`` (*holds*, *holds in
        part*, *does not hold here*) and ``figures``, and ``results``, what each experiment measured.

    Raises
    ------
    InputError
        No experiment has such a statement, or nothing can be written to ``out``; nothing has run then.
    MissingExtraError
        An experiment needs a package of the extra ``claims``.

    Notes
    -----
    Experiments run through joblib and honour ``joblib.parallel_config``; those that measure time run
    afterwards, alone.

    Examples
    --------
    >>> import rheobase as rb
    >>> (found,) = rb.claims(["N3"])["verdicts"]
    >>> found["id"], found["verdict"]
    ('N3', 'holds')
    """
    from rheobase.claims._list import find
    from rheobase.claims._page import prepare, write
    from rheobase.claims._run import run_all

    if isinstance(ids, str):
        ids = [ids]
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError(f"claims: seed is {seed!r}; expected a whole number of 0 or more.")
    experiments = find(ids)
    if out is not None:
        prepare(Path(out))
    document = run_all(experiments, seed, on_progress)
    if out is not None:
        write(document, Path(out))
    return document
