"""What this data says of the source's claims. Each entry reads the summaries of the functions it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rheobase.compare._verdict import BETTER

Summary = Mapping[str, Any]
Judged = tuple[str, str]
Worse = Callable[[str, str], bool]

HOLDS, IN_PART, NOT_HERE, NOT_TESTED = "holds", "holds in part", "does not hold here", "not tested"


def grade(*conditions: bool) -> str:
    """Return the verdict: all conditions are true, some are, or none."""
    return HOLDS if all(conditions) else IN_PART if any(conditions) else NOT_HERE


def _epochs(entry: Summary) -> float:
    median = entry["epochs_to_target"]["median"]
    return float("inf") if median is None else float(median)


def _sooner(a: Summary, b: Summary) -> bool:
    """Clearly: by a fifth at least, and not never against never."""
    return _epochs(a) < float("inf") and _epochs(a) <= 0.8 * _epochs(b)


def _score(entry: Summary) -> str:
    return "none" if entry["mean"] is None else f"{entry['mean']:.3f}"


def _in_epochs(entry: Summary) -> str:
    median = entry["epochs_to_target"]["median"]
    return "never (median)" if median is None else f"in {median:g} epochs"


def _times_relu(entry: Summary) -> str:
    return f"{entry['cost']['relative_to_relu']:.2f} times relu's time an element"


def _vanishing(sigmoid: Summary, relu: Summary, worse: Worse) -> Judged:
    ratio, saturated = sigmoid["gradient_ratio"], sigmoid["saturated"]
    if ratio is None:
        return NOT_TESTED, "every sigmoid network diverged"
    return grade(ratio < 0.1 or saturated > 0.1, worse("sigmoid", "relu")), (
        f"The gradient in sigmoid's first hidden layer is {ratio:.2g} of that in its last, "
        f"{saturated:.1%} of its outputs are saturated; mean score {_score(sigmoid)}, relu's {_score(relu)}"
    )


def _zero_centred(sigmoid: Summary, tanh: Summary) -> Judged:
    means = sigmoid["mean_output"], tanh["mean_output"]
    if None in means:
        return NOT_TESTED, "every network of one of them diverged"
    return grade(abs(means[0]) > 0.25 > abs(means[1]), _sooner(tanh, sigmoid)), (
        f"Mean output {means[0]:+.2f} for sigmoid, {round(means[1], 2) + 0.0:+.2f} for tanh; the target is reached "
        f"{_in_epochs(sigmoid)} and {_in_epochs(tanh)}"
    )


def _faster(relu: Summary, sigmoid: Summary, tanh: Summary) -> Judged:
    return grade(_sooner(relu, sigmoid), _sooner(relu, tanh)), (
        f"The target score is reached {_in_epochs(relu)} by relu, {_in_epochs(sigmoid)} by sigmoid, "
        f"{_in_epochs(tanh)} by tanh, each at its own learning rate"
    )


def _not_centred(relu: Summary) -> Judged:
    mean = relu["mean_output"]
    if mean is None:
        return NOT_TESTED, "every relu network diverged"
    return grade(mean > 0.1), f"relu's mean output is {mean:+.2f}"


def _dead(relu: Summary) -> Judged:
    dead = relu["dead"]
    if dead is None:
        return NOT_TESTED, "every relu network diverged"
    if dead == 0:
        return NOT_HERE, "no hidden unit of relu is dead: each fires on some probe sample"
    return grade(True, dead >= 0.05), (
        f"{dead:.1%} of relu's hidden units are dead: no probe sample fires them"
    )


def _none_dead(leaky_relu: Summary) -> Judged:
    dead = leaky_relu["dead"]
    if dead is None:
        return NOT_TESTED, "every leaky_relu network diverged"
    return grade(dead == 0), f"{dead:.1%} of leaky_relu's hidden units are dead"


def _all_strengths(elu: Summary, relu: Summary, worse: Worse) -> Judged:
    if elu["dead"] is None:
        return NOT_TESTED, "every elu network diverged"
    return grade(elu["dead"] == 0, not worse("elu", "relu"), not _sooner(relu, elu)), (
        f"{elu['dead']:.1%} dead units, mean score {_score(elu)} against relu's {_score(relu)}, target reached "
        f"{_in_epochs(elu)} against {_in_epochs(relu)}"
    )


def _expensive(name: str) -> Callable[..., Judged]:
    def judge(relu: Summary, **other: Summary) -> Judged:
        entry = other[name]
        more = entry["cost"]["share_of_step"] - relu["cost"]["share_of_step"]
        return grade(entry["cost"]["relative_to_relu"] > 1.5, more > 0.05), (
            f"{name} takes {_times_relu(entry)}, {100 * more:+.1f} percentage points of a training step"
        )

    return judge


CLAIMS: tuple[tuple[str, str, tuple[str, ...], Callable[..., Judged]], ...] = (
    (
        "G2",
        "Sigmoid's slope nears 0 and its networks train badly.",
        ("sigmoid", "relu"),
        _vanishing,
    ),
    (
        "G3, T1",
        "Sigmoid is not zero-centred, which tanh mends.",
        ("sigmoid", "tanh"),
        _zero_centred,
    ),
    ("G4", "Sigmoid's exp() is expensive.", ("relu", "sigmoid"), _expensive("sigmoid")),
    ("R3", "ReLU converges faster than sigmoid and tanh.", ("relu", "sigmoid", "tanh"), _faster),
    ("R4", "ReLU's outputs are not zero-centred.", ("relu",), _not_centred),
    ("R5", "ReLU units die.", ("relu",), _dead),
    ("L2", "Leaky ReLU has no dead units.", ("leaky_relu",), _none_dead),
    ("E2", "ELU has all of ReLU's strengths.", ("elu", "relu"), _all_strengths),
    ("E3", "ELU's exp() is expensive.", ("relu", "elu"), _expensive("elu")),
)


def judge_claims(
    summaries: Sequence[Summary], pairs: Sequence[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """Hold each claim against the study; one about a function that did not take part is *not tested*."""
    by_name = {entry["label"]: entry for entry in summaries}  # at default parameters

    def worse(name: str, than: str) -> bool:
        """The study's own verdict on the pair."""
        return any((p["first"], p["second"], p["verdict"]) == (than, name, BETTER) for p in pairs)

    judged = []
    for number, statement, names, judge in CLAIMS:
        missing = [name for name in names if name not in by_name]
        if missing:
            verdict, figure = NOT_TESTED, f"{' and '.join(missing)} took no part"
        else:
            taking = {"worse": worse} if judge in (_vanishing, _all_strengths) else {}
            verdict, figure = judge(**{name: by_name[name] for name in names}, **taking)
        judged.append({"id": number, "statement": statement, "verdict": verdict, "figure": figure})
    return judged
