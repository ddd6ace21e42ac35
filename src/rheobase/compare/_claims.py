"""What this data says of the source's claims. Each entry reads the summaries of the functions it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rheobase.compare._verdict import BETTER
from rheobase.compare._words import Said, in_words, say

Summary = Mapping[str, Any]
Judged = tuple[str, Said]
Worse = Callable[[str, str], bool]

HOLDS, IN_PART, NOT_HERE, NOT_TESTED = "holds", "holds in part", "does not hold here", "not tested"


def grade(*conditions: bool) -> str:
    """Return the verdict: all conditions are true, some are, or none."""
    return HOLDS if all(conditions) else IN_PART if any(conditions) else NOT_HERE


def _epochs(entry: Summary) -> float:
    median = _median(entry)
    return float("inf") if median is None else float(median)


def _sooner(a: Summary, b: Summary) -> bool:
    """Clearly: by a fifth at least, and not never against never."""
    return _epochs(a) < float("inf") and _epochs(a) <= 0.8 * _epochs(b)


def _median(entry: Summary) -> float | None:
    median: float | None = entry["epochs_to_target"]["median"]
    return median


def _diverged(*names: str) -> Judged:
    return NOT_TESTED, say("one_diverged", who=names)


def _vanishing(sigmoid: Summary, relu: Summary, worse: Worse) -> Judged:
    ratio, saturated = sigmoid["gradient_ratio"], sigmoid["saturated"]
    if ratio is None:
        return _diverged("sigmoid")
    return grade(ratio < 0.1 or saturated > 0.1, worse("sigmoid", "relu")), say(
        "gradient_and_scores",
        ratio=ratio,
        saturated=saturated,
        sigmoid=sigmoid["mean"],
        relu=relu["mean"],
    )


def _zero_centred(sigmoid: Summary, tanh: Summary) -> Judged:
    means = {"sigmoid": sigmoid["mean_output"], "tanh": tanh["mean_output"]}
    if lost := [name for name, mean in means.items() if mean is None]:
        return _diverged(*lost)
    return grade(abs(means["sigmoid"]) > 0.25 > abs(means["tanh"]), _sooner(tanh, sigmoid)), say(
        "centres", **means, sigmoid_epochs=_median(sigmoid), tanh_epochs=_median(tanh)
    )


def _faster(relu: Summary, sigmoid: Summary, tanh: Summary) -> Judged:
    return grade(_sooner(relu, sigmoid), _sooner(relu, tanh)), say(
        "epochs_to_target", relu=_median(relu), sigmoid=_median(sigmoid), tanh=_median(tanh)
    )


def _not_centred(relu: Summary) -> Judged:
    mean = relu["mean_output"]
    if mean is None:
        return _diverged("relu")
    return grade(mean > 0.1), say("mean_output", relu=mean)


def _dead(relu: Summary) -> Judged:
    dead = relu["dead"]
    if dead is None:
        return _diverged("relu")
    if dead == 0:
        return NOT_HERE, say("none_dead")
    return grade(True, dead >= 0.05), say("relu_dead", dead=dead)


def _none_dead(leaky_relu: Summary) -> Judged:
    dead = leaky_relu["dead"]
    if dead is None:
        return _diverged("leaky_relu")
    return grade(dead == 0), say("leaky_relu_dead", dead=dead)


def _all_strengths(elu: Summary, relu: Summary, worse: Worse) -> Judged:
    if elu["dead"] is None:
        return _diverged("elu")
    return grade(elu["dead"] == 0, not worse("elu", "relu"), not _sooner(relu, elu)), say(
        "strengths",
        dead=elu["dead"],
        elu=elu["mean"],
        relu=relu["mean"],
        elu_epochs=_median(elu),
        relu_epochs=_median(relu),
    )


def _expensive(name: str) -> Callable[..., Judged]:
    def judge(relu: Summary, **other: Summary) -> Judged:
        entry = other[name]
        more = entry["cost"]["share_of_step"] - relu["cost"]["share_of_step"]
        times = entry["cost"]["relative_to_relu"]
        return grade(times > 1.5, more > 0.05), say(
            "cost", name=name, times=times, points=100 * more
        )

    return judge


#: Number of the statement, the functions it is about, and who judges it.
CLAIMS: tuple[tuple[str, tuple[str, ...], Callable[..., Judged]], ...] = (
    ("G2", ("sigmoid", "relu"), _vanishing),
    ("G3, T1", ("sigmoid", "tanh"), _zero_centred),
    ("G4", ("relu", "sigmoid"), _expensive("sigmoid")),
    ("R3", ("relu", "sigmoid", "tanh"), _faster),
    ("R4", ("relu",), _not_centred),
    ("R5", ("relu",), _dead),
    ("L2", ("leaky_relu",), _none_dead),
    ("E2", ("elu", "relu"), _all_strengths),
    ("E3", ("relu", "elu"), _expensive("elu")),
)


def judge_claims(
    summaries: Sequence[Summary], pairs: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Hold each claim against the study; one about a function that did not take part is *not tested*."""
    by_name = {entry["label"]: entry for entry in summaries}  # at default parameters

    def worse(name: str, than: str) -> bool:
        """The study's own verdict on the pair."""
        return any((p["first"], p["second"], p["verdict"]) == (than, name, BETTER) for p in pairs)

    judged = []
    for number, names, judge in CLAIMS:
        missing = [name for name in names if name not in by_name]
        if missing:
            verdict, said = NOT_TESTED, say("no_part", who=missing)
        else:
            taking = {"worse": worse} if judge in (_vanishing, _all_strengths) else {}
            verdict, said = judge(**{name: by_name[name] for name in names}, **taking)
        judged.append(
            {
                "id": number,
                "statement": in_words(say(number)),
                "verdict": verdict,
                "figure": in_words(said),
                "said": said,
            }
        )
    return judged
