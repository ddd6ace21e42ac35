"""How often the findings of `rheobase.torch` are right, beside the rules of other tools.

    python -m benchmarks.health [--seeds 2] [--calibration]

Trains networks that are healthy (they reach a stated score) or ill (a known mechanism, shown to be there), prints the
tables, and writes them into docs/watching.md. Thresholds of rheobase were chosen on the seeds under 10, which
--calibration takes, writing nothing; the figures are those of seeds from 10 on.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from .ill import ILL, Illness
from .judge import RHEOBASE, Judged, judge
from .networks import NETWORKS
from .page import judged, listed, share, write
from .rules import TOOLS

HELD_OUT = 10  # the first seed that no threshold has seen
CALLS = [f"{RHEOBASE}: {call}" for call in ("check_init", "watch", "check")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--calibration", action="store_true")
    given = parser.parse_args()
    start = 0 if given.calibration else HELD_OUT
    tasks: list[tuple[str, int, Illness | None]] = []
    for seed in range(start, start + given.seeds):
        tasks += [(name, seed, None) for name in NETWORKS]
        tasks += [(illness.network, seed, illness) for illness in ILL]
    text = "\n".join(tables(judged(judge, tasks))) + "\n"
    print(text)
    if not given.calibration:
        write("health", text)


def tables(found: list[Judged]) -> Iterator[str]:
    ill = [case for case in found if case.illness and case.proved]
    well = [case for case in found if not case.illness and case.proved]
    placed = [case for case in ill if case.truly]
    yield (
        f"| tool | ill, found (n = {len(ill)}) | healthy, with an alarm (n = {len(well)}) | layers named that are ill | "
        f"ill layers named (n = {sum(len(case.truly) for case in placed)}) |"
    )
    yield "|---|---|---|---|---|"
    for tool in (RHEOBASE, *CALLS, *TOOLS):
        named = [(case.truly, case.named(tool) & case.layers) for case in (*placed, *well)]
        right = sum(len(truly & layers) for truly, layers in named)
        cells = (
            tool,
            share(sum(case.hit(tool) for case in ill), len(ill)),
            share(sum(bool(case.alarms[tool]) for case in well), len(well)),
            share(right, sum(len(layers) for _, layers in named)),
            share(right, sum(len(truly) for truly, _ in named)),
        )
        yield f"| {' | '.join(cells)} |"
    yield ""
    yield f"| mechanism | n | {' | '.join((RHEOBASE, *TOOLS))} |"
    yield "|---" * (len(TOOLS) + 3) + "|"
    for mechanism in dict.fromkeys(illness.mechanism for illness in ILL):
        cases = [case for case in ill if case.illness and case.illness.mechanism == mechanism]
        counts = [str(sum(case.hit(tool) for case in cases)) for tool in (RHEOBASE, *TOOLS)]
        yield f"| {mechanism} | {len(cases)} | {' | '.join(counts)} |"
    yield ""
    yield listed("Left out, healthy ones under their bar", _outside(found, ill=False))
    yield listed("Left out, ill ones that were not", _outside(found, ill=True))
    yield listed(
        "False alarms of rheobase",
        (f"{_about(case)}: {_words(case)}" for case in well if case.alarms[RHEOBASE]),
    )
    yield listed(
        "Missed by rheobase",
        (f"{_about(case)}: {_words(case) or 'nothing'}" for case in ill if not case.hit(RHEOBASE)),
    )


def _outside(cases: list[Judged], ill: bool) -> Iterator[str]:
    for case in cases:
        if not case.proved and bool(case.illness) is ill:
            yield f"{_about(case)}, {case.score:.2f}"


def _about(case: Judged) -> str:
    mechanism = f"{case.illness.mechanism}, " if case.illness else ""
    return f"{mechanism}{case.about}, seed {case.seed}"


def _words(case: Judged) -> str:
    found = sorted(
        f"{call.removeprefix(f'{RHEOBASE}: ')} says {layer} {kind}"
        for call in CALLS
        for layer, kind in case.alarms[call]
    )
    return ", ".join(found[:3]) + (" …" if len(found) > 3 else "")


if __name__ == "__main__":
    main()
