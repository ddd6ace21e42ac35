"""Every experiment, in the order of the source, and finding them by the number of a statement."""

from __future__ import annotations

from collections.abc import Iterable

from rheobase._errors import InputError, suggest
from rheobase.claims import (
    _centring,
    _cost,
    _death,
    _depth,
    _linearity,
    _probabilities,
    _slope,
    _speed,
)
from rheobase.claims._claim import Experiment

EXPERIMENTS = {
    part.EXPERIMENT.name: part.EXPERIMENT
    for part in (_linearity, _depth, _centring, _speed, _death, _slope, _cost, _probabilities)
}
BY_ID = {claim.id: e.name for e in EXPERIMENTS.values() for claim in e.claims}


def find(ids: Iterable[str]) -> list[Experiment]:
    """Return the experiments that judge these statements, each once; all of them if there are none."""
    wanted = [str(id).strip().upper() for id in ids]
    for id in wanted:
        if id not in BY_ID:
            raise InputError(
                f'no experiment on a statement "{id}".{suggest(id, BY_ID)} Known: {", ".join(BY_ID)}.'
            )
    names = {BY_ID[id] for id in wanted} if wanted else set(EXPERIMENTS)
    return [experiment for name, experiment in EXPERIMENTS.items() if name in names]
