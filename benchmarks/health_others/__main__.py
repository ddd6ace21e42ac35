"""How often the findings of `rheobase.torch` are right on networks that somebody else chose.

    python -m benchmarks.health_others [--seed 1]

Trains networks that are healthy (they reach a stated score) or ill (a known mechanism, shown to be there), prints the
tables, and writes them into docs/watching.md. Thresholds of rheobase were changed after a look at seed 0, which
prints only; seed 1 has the same networks with other weights, order and split.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from ..health.page import judged, listed, share, write
from .healthy import NETWORKS
from .ill import ILL, Illness
from .judge import CALLS, EARLY, Judged, judge

SEEN = 0  # the seed that thresholds were changed after


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args().seed
    tasks: list[tuple[str, int, Illness | None]] = [(name, seed, None) for name in NETWORKS]
    tasks += [(illness.network, seed, illness) for illness in ILL]
    text = "\n".join(tables(judged(judge, tasks))) + "\n"
    print(text)
    if seed != SEEN:
        write("others", text)


def tables(found: list[Judged]) -> Iterator[str]:
    ill = [case for case in found if case.illness and case.proved]
    well = [case for case in found if not case.illness and case.proved]
    placed = [case for case in ill if case.truly]
    yield (
        f"| call | ill, found (n = {len(ill)}) | healthy, with an alarm (n = {len(well)}) | layers named that are ill | "
        f"ill layers named (n = {sum(len(case.truly) for case in placed)}) |"
    )
    yield "|---|---|---|---|---|"
    for title, calls in [("any of the three", CALLS), *((call, (call,)) for call in CALLS)]:
        named = [(case.truly, case.named(calls)) for case in (*placed, *well)]
        right = sum(len(truly & layers) for truly, layers in named)
        cells = (
            share(sum(case.hit(calls) for case in ill), len(ill)),
            share(sum(case.alarmed(calls) for case in well), len(well)),
            share(right, sum(len(layers) for _, layers in named)),
            share(right, sum(len(truly) for truly, _ in named)),
        )
        yield f"| {title} | {' | '.join(cells)} |"
    early = [case for case in well if EARLY[0] in case.alarms]
    alarmed = share(sum(case.alarmed(EARLY) for case in early), len(early))
    yield f"| early: watch and check after one epoch (n = {len(early)}) | | {alarmed} | | |"
    yield ""
    yield "| mechanism | n | found |"
    yield "|---|---|---|"
    for mechanism in dict.fromkeys(illness.mechanism for illness in ILL):
        cases = [case for case in ill if case.illness and case.illness.mechanism == mechanism]
        yield f"| {mechanism} | {len(cases)} | {sum(case.hit(CALLS) for case in cases)} |"
    yield ""
    outside = [case for case in found if not case.proved]
    yield listed(
        "Left out, healthy ones under their bar",
        (f"{case.network}, {case.score:.2f}" for case in outside if not case.illness),
    )
    yield listed(
        "Left out, ill ones that were not",
        (f"{_about(case)}, {case.score:.2f}" for case in outside if case.illness),
    )
    yield listed(
        "False alarms",
        (f"{case.network}: {_words(case, CALLS)}" for case in well if case.alarmed(CALLS)),
    )
    yield listed(
        "False alarms, early",
        (f"{case.network}: {_words(case, EARLY)}" for case in early if case.alarmed(EARLY)),
    )
    yield listed(
        "Missed",
        (f"{_about(case)}: {_words(case, CALLS)}" for case in ill if not case.hit(CALLS)),
    )


def _about(case: Judged) -> str:
    assert case.illness
    return ", ".join(filter(None, (case.illness.mechanism, case.network, case.illness.what)))


def _words(case: Judged, calls: tuple[str, ...]) -> str:
    found = [
        f"{call} says {layer} {kind}" for call in calls for layer, kind in sorted(case.alarms[call])
    ]
    return (", ".join(found[:3]) + (" …" if len(found) > 3 else "")) or "nothing"


if __name__ == "__main__":
    main()
