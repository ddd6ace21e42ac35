"""Train one network, and ask rheobase about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch

from rheobase.health import Report
from rheobase.torch import check, check_init, watch

from ..health.facts import silent_and_flat
from ..health.judge import PLACED
from ..health.networks import WATCHED
from .healthy import NETWORKS
from .ill import Illness
from .train import train

Alarm = tuple[str, str]
CALLS = ("check_init", "watch", "check")
EARLY = ("watch early", "check early")  # after one epoch


@dataclass(frozen=True)
class Judged:
    """One network with what is true of it, and what each call said."""

    network: str
    illness: Illness | None
    score: float
    proved: bool  # that it is healthy, or that it is ill
    truly: frozenset[str]  # the layers that are ill
    alarms: dict[str, set[Alarm]]

    def hit(self, calls: Iterable[str]) -> bool:
        """Whether a call names a kind that fits, in a layer where the mechanism sits if it has one."""
        assert self.illness
        kinds, layers = self.illness.kinds.split(), self.illness.layers
        return any(
            (kind in kinds or "any" in kinds) and (not layers or where in layers)
            for call in calls
            for where, kind in self.alarms[call]
        )

    def alarmed(self, calls: Iterable[str]) -> bool:
        return any(self.alarms[call] for call in calls if call in self.alarms)

    def named(self, calls: Iterable[str]) -> set[str]:
        """Return the layers that a call says are ill."""
        return {where for call in calls for where, kind in self.alarms[call] if kind in PLACED}


def judge(name: str, seed: int, illness: Illness | None = None) -> Judged:
    network = illness.trained if illness else NETWORKS[name]
    torch.manual_seed(seed)
    X, y, X_test, y_test = network.data(seed)
    if illness and illness.inputs:
        X, X_test = illness.inputs(X), illness.inputs(X_test)
    model = network.make()
    if illness and illness.born:
        illness.born(model)
    first = slice(0, 256 if network.batch else None)
    reports = {"check_init": check_init(model, (X[first], y[first]), network.loss)}
    changes = (illness.struck, illness.spike) if illness else ()
    with watch(model, WATCHED) as w:
        for epoch in train(model, network, X, y, *changes):
            if epoch == 0 and network.epochs > 1:
                reports["watch early"] = w.report()
                model.eval()
                reports["check early"] = check(model, (X_test, y_test), network.loss)
                model.train()
        reports["watch"] = w.report()
    model.eval()
    reports["check"] = check(model, (X_test, y_test), network.loss)
    with torch.no_grad():
        score = network.score(model(X_test), y_test)
    layers = illness.layers if illness else ()
    truly = frozenset()
    if layers:
        facts = silent_and_flat(model, X_test)
        reached = facts.keys() & layers or layers  # a function without a module has no facts
        truly = frozenset(reached) | {layer for layer, (still, _) in facts.items() if still >= 0.8}
    return Judged(
        name,
        illness,
        score,
        illness.proved(model, score, X_test, y_test) if illness else score >= network.bar,
        truly,
        {call: _alarms(report, layers) for call, report in reports.items()},
    )


def _alarms(report: Report, layers: tuple[str, ...]) -> set[Alarm]:
    """Warnings and errors, by the path of the module alone unless the mechanism sits in one call of a function."""
    return {
        (
            finding.layer if finding.layer in layers else finding.layer.split(" #")[0],
            finding.kind,
        )
        for finding in report.findings
        if finding.severity != "info"
    }
