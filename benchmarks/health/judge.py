"""Train one network, and ask every tool about it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

import torch

from rheobase.health import Report
from rheobase.torch import check, check_init, watch

from .facts import silent_and_flat
from .ill import Illness
from .networks import BATCH, NETWORKS, WATCHED, Network, digits, loss_of, score
from .record import look
from .rules import TOOLS, Alarm

RHEOBASE = "rheobase"
PLACED = {"dead", "constant", "dormant", "saturated"}  # kinds that are about one layer


@dataclass(frozen=True)
class Judged:
    """One network with what is true of it, and what each tool said."""

    about: str
    seed: int
    illness: Illness | None
    score: float
    proved: bool  # that it is healthy, or that it is ill
    layers: frozenset[str]  # where its activations are
    truly: frozenset[str]  # those that are ill
    alarms: dict[str, set[Alarm]]

    def hit(self, tool: str) -> bool:
        """Whether a tool names a kind that fits, in the layer where the mechanism sits if it has one."""
        assert self.illness
        kinds, layer = self.illness.kinds.split(), self.illness.layer
        return any(
            (kind in kinds or "any" in kinds) and layer in ("", where)
            for where, kind in self.alarms[tool]
        )

    def named(self, tool: str) -> set[str]:
        """Return the layers that a tool calls ill."""
        return {where for where, kind in self.alarms[tool] if kind in PLACED and where}


def judge(name: str, seed: int, illness: Illness | None = None) -> Judged:
    network = illness.trained if illness else NETWORKS[name]
    torch.manual_seed(seed)
    model = network.make()
    if illness and illness.born:
        illness.born(model)
    X, y, X_test, y_test = digits(illness.scale if illness else 1.0)
    if network.copies:
        y, y_test = X, X_test
    loss = loss_of(network)
    reports = {"check_init": check_init(model, (X[:256], y[:256]), loss)}
    tools = {tool: make() for tool, make in TOOLS.items()}
    with watch(model, WATCHED) as w:
        curves = _train(model, network, illness, X, y, tools)
        reports["watch"] = w.report()
    model.eval()
    reports["check"] = check(model, (X_test, y_test), loss)
    alarms = {tool: rules.finish(*curves) for tool, rules in tools.items()}
    for call, report in reports.items():
        alarms[f"{RHEOBASE}: {call}"] = _alarms(report)
    alarms[RHEOBASE] = set().union(*(alarms[f"{RHEOBASE}: {call}"] for call in reports))
    facts = silent_and_flat(model, X_test)
    value = score(network, model, X_test, y_test)
    proved = value < network.bar if illness else value >= network.bar
    truly: frozenset[str] = frozenset()
    if illness and illness.layer:
        silent, flat = facts[illness.layer]
        proved = max(silent, flat) >= 0.8  # the mechanism is there, whatever the score
        truly = frozenset({illness.layer} | {k for k, (still, _) in facts.items() if still == 1})
    return Judged(name, seed, illness, value, proved, frozenset(facts), truly, alarms)


def _alarms(report: Report) -> set[Alarm]:
    return {(_module(f.layer), f.kind) for f in report.findings if f.severity != "info"}


def _module(layer: str) -> str:
    """The path of the module alone, without the number of the call."""
    return layer.split(" #")[0]


def _train(
    model: Any, network: Network, illness: Illness | None, X: Any, y: Any, tools: dict[str, Any]
) -> tuple[list[float], list[float]]:
    """Train, show the tools the first and last ten steps and the end of every epoch, and return the curves."""
    loss, probe = loss_of(network), (X[:64], y[:64])
    optimiser = torch.optim.Adam(model.parameters(), network.rate)
    losses, scores, number = [], [], 0
    steps = network.epochs * ceil(len(X) / BATCH)
    for epoch in range(network.epochs):
        spiked = False
        if illness and epoch == 2 * network.epochs // 3:
            if illness.struck:
                illness.struck(model)
            spiked = illness.spike > 0
        for group in optimiser.param_groups:
            group["lr"] = illness.spike if illness and spiked else network.rate
        for rows in torch.randperm(len(X)).split(BATCH):
            if number < 10 or number >= steps - 10:
                _show(model, tools, probe, loss, number, False)
            optimiser.zero_grad()
            value = loss(model(X[rows]), y[rows])
            value.backward()
            optimiser.step()
            number += 1
        losses.append(value.item())
        scores.append(score(network, model, X, y))
        _show(model, tools, probe, loss, number, True)
    return losses, scores


def _show(
    model: Any, tools: dict[str, Any], probe: Any, loss: Any, number: int, epoch: bool
) -> None:
    step = look(model, *probe, loss)
    for tool in tools.values():
        tool.see(step, number, epoch)
