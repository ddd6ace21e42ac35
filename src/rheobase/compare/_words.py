"""What a comparison says. A sentence is data, a key and its facts; its text in each language is here alone.

>>> in_words(say("only_here", best="elu", who=["relu", "tanh"])).split(";")[0]
'New splits of these rows would show elu ahead of relu and tanh again'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from string import Formatter
from typing import Any

from rheobase.compare._notes import NOTES

LANGUAGES = ("en", "ko")
Said = Mapping[str, Any]

# Key -> (English, Korean). Korean puts names where no particle has to agree with their last sound.
SENTENCES: dict[str, tuple[str, str]] = {
    # --- the verdict ---
    "best_of_all": (
        "{best} is better than every other function here.",
        "여기서 다른 모든 함수보다 나은 함수는 {best}입니다.",
    ),
    "leads": (
        "{best} leads: {shown:relations}.",
        "가장 앞선 함수는 {best}입니다. {shown:relations}.",
    ),
    "all_equal": (
        "All {functions} functions are practically equal here; {best} has the {by:word}.",
        "여기서는 함수 {functions}개가 모두 사실상 같습니다. {by:word} 1위는 {best}입니다.",
    ),
    "equal_to_best": (
        "{best} has the {by:word}; every other function is practically equal to it.",
        "{by:word} 1위는 {best}입니다. 다른 함수는 모두 이 함수와 사실상 같습니다.",
    ),
    "nothing_shown": (
        "Nothing is shown to differ from {best}, which has the {by:word}.",
        "{by:word} 1위는 {best}입니다. 이 함수와 차이가 드러난 함수는 없습니다.",
    ),
    "too_few": (
        "Too few {runs:word}: at least {needed} are needed for {functions} functions, this study has "
        "{count}. {best} has the {by:word}.",
        "{runs:word} 부족: 함수 {functions}개에는 적어도 {needed}개가 필요한데 {count}개뿐입니다. "
        "{by:word} 1위는 {best}입니다.",
    ),
    "all_diverged": (
        "Every run of every function diverged: try smaller learning rates.",
        "모든 함수의 모든 실행이 발산했습니다. 더 작은 학습률을 써 보세요.",
    ),
    "against": ("{best}: {shown:relations}.", "{best}: {shown:relations}."),
    "ahead": ("{best} is ahead of {whom:amounts}.", "{best}의 점수 차이: {whom:amounts}."),
    "others": ("Among the others: {winners:winners}.", "나머지 가운데: {winners:winners}."),
    "many_others": (
        "Among the others one is better than the other in {better} of {pairs} pairs.",
        "나머지 함수끼리는 {pairs}쌍 가운데 {better}쌍에서 한쪽이 더 낫습니다.",
    ),
    "only_here": (
        "New splits of these rows would show {best} ahead of {who:names} again; that new rows from the "
        "same source would is not shown.",
        "이 행들을 새로 나누면 {best}의 점수가 {who:names}보다 다시 높겠지만, 같은 출처의 새 행에서도 그렇다는 "
        "것은 드러나지 않았습니다.",
    ),
    "basis": (
        "{seeds} paired seeds, {pairs} comparisons, corrected after Holm at {level:.0%}; a difference "
        "within ±{margin:.3g} counts as practically equal.",
        "짝지은 시드 {seeds}개, 비교 {pairs}개, 홀름 보정 후 유의 수준 {level:.0%}. ±{margin:.3g} 안의 차이는 "
        "사실상 같다고 봅니다.",
    ),
    "basis_many": (
        "{sets} data sets, {pairs} comparisons, Wilcoxon's signed-rank tests corrected after Holm at "
        "{level:.0%}.",
        "데이터 {sets}개, 비교 {pairs}개, 윌콕슨 부호 순위 검정, 홀름 보정 후 유의 수준 {level:.0%}.",
    ),
    "diverged": (
        "Runs of {who:names} diverged; in ranking and tests they count as worse than every finished "
        "run, means are over the finished ones.",
        "발산한 실행이 있는 함수는 {who:names}입니다. 순위와 검정에서는 끝까지 간 모든 실행보다 나쁜 것으로 세고, "
        "평균은 끝까지 간 실행만으로 냅니다.",
    ),
    "rising": (
        "Validation scores of {who:names} were still rising at the last epoch: more epochs may change the "
        "order.",
        "마지막 에폭까지 검증 점수가 오르던 함수: {who:names}. 에폭을 늘리면 순서가 바뀔 수 있습니다.",
    ),
    # --- over depths and widths ---
    "unbeaten": (
        "In none of the {shapes} shapes is another function better than {who:names}.",
        "모양 {shapes}개 어디에서도 더 나은 함수가 없었던 함수: {who:names}.",
    ),
    "all_beaten": (
        "Every function is beaten in some shape; {best} least often, in {count} of {shapes}.",
        "모든 함수가 어떤 모양에서는 다른 함수보다 못합니다. 가장 적은 함수는 {best}로, 모양 {shapes}개 가운데 "
        "{count}개입니다.",
    ),
    "no_shape": (
        "In none of the {shapes} shapes is a function shown to be better than another.",
        "모양 {shapes}개 어디에서도 함수 사이의 우열이 드러나지 않았습니다.",
    ),
    "beaten": (
        "{name} is beaten in {count} of {shapes} shapes (depth × width): {where:shapes}.",
        "{name}: 모양 {shapes}개 가운데 {count}개에서 더 나은 함수가 있습니다(깊이 × 너비): {where:shapes}.",
    ),
    "vanishing": (
        "At {where:shapes} the gradient in {name}'s first hidden layer is {ratio:.1g} of that in its last.",
        "{where:shapes}에서 {name} 첫 은닉층의 기울기는 마지막 은닉층의 {ratio:.1g}배입니다.",
    ),
    "basis_shapes": (
        "{seeds} paired seeds in each shape; p-values are corrected within a shape, not over shapes.",
        "모양마다 짝지은 시드 {seeds}개. p는 모양 안에서만 보정하고 모양 사이에서는 보정하지 않습니다.",
    ),
    # --- the source's claims, by their numbers ---
    "G2": (
        "Sigmoid's slope nears 0 and its networks train badly.",
        "sigmoid는 기울기가 0에 가까워져 학습이 잘되지 않는다.",
    ),
    "G3, T1": (
        "Sigmoid is not zero-centred, which tanh mends.",
        "sigmoid는 출력의 중심이 0이 아니며, tanh가 이를 해결한다.",
    ),
    "G4": ("Sigmoid's exp() is expensive.", "sigmoid의 exp()는 비싸다."),
    "R3": (
        "ReLU converges faster than sigmoid and tanh.",
        "ReLU는 sigmoid와 tanh보다 빨리 수렴한다.",
    ),
    "R4": ("ReLU's outputs are not zero-centred.", "ReLU는 출력의 중심이 0이 아니다."),
    "R5": ("ReLU units die.", "ReLU 유닛은 죽는다."),
    "L2": ("Leaky ReLU has no dead units.", "Leaky ReLU에는 죽은 유닛이 없다."),
    "E2": ("ELU has all of ReLU's strengths.", "ELU는 ReLU의 장점을 모두 갖는다."),
    "E3": ("ELU's exp() is expensive.", "ELU의 exp()는 비싸다."),
    # --- what the runs show of them ---
    "no_part": ("{who:names} took no part.", "참가하지 않은 함수: {who:names}."),
    "one_diverged": (
        "Every network of {who:names} diverged.",
        "{who:names}: 모든 네트워크가 발산했습니다.",
    ),
    "gradient_and_scores": (
        "The gradient in sigmoid's first hidden layer is {ratio:.2g} of that in its last, {saturated:.1%} "
        "of its outputs are saturated; mean score {sigmoid:score}, relu's {relu:score}.",
        "sigmoid 첫 은닉층의 기울기는 마지막 은닉층의 {ratio:.2g}배, 포화된 출력은 {saturated:.1%}입니다. "
        "평균 점수는 {sigmoid:score}, relu는 {relu:score}입니다.",
    ),
    "centres": (
        "Mean output {sigmoid:+z.2f} for sigmoid, {tanh:+z.2f} for tanh; the target is reached "
        "{sigmoid_epochs:epochs} and {tanh_epochs:epochs}.",
        "평균 출력은 sigmoid {sigmoid:+z.2f}, tanh {tanh:+z.2f}입니다. 목표 점수까지 sigmoid {sigmoid_epochs:epochs}, "
        "tanh {tanh_epochs:epochs}.",
    ),
    "epochs_to_target": (
        "The target score is reached {relu:epochs} by relu, {sigmoid:epochs} by sigmoid, {tanh:epochs} by "
        "tanh, each at its own learning rate.",
        "목표 점수까지 relu {relu:epochs}, sigmoid {sigmoid:epochs}, tanh {tanh:epochs}(각자의 학습률로).",
    ),
    "mean_output": (
        "relu's mean output is {relu:+z.2f}.",
        "relu의 평균 출력은 {relu:+z.2f}입니다.",
    ),
    "none_dead": (
        "No hidden unit of relu is dead: each fires on some probe sample.",
        "죽은 relu 은닉 유닛이 없습니다. 모두 점검용 표본 하나 이상에서 켜집니다.",
    ),
    "relu_dead": (
        "{dead:.1%} of relu's hidden units are dead: no probe sample fires them.",
        "relu 은닉 유닛의 {dead:.1%}가 죽었습니다. 점검용 표본 어느 것에서도 켜지지 않습니다.",
    ),
    "leaky_relu_dead": (
        "{dead:.1%} of leaky_relu's hidden units are dead.",
        "leaky_relu 은닉 유닛 가운데 죽은 것은 {dead:.1%}입니다.",
    ),
    "strengths": (
        "{dead:.1%} dead units, mean score {elu:score} against relu's {relu:score}, target reached "
        "{elu_epochs:epochs} against {relu_epochs:epochs}.",
        "죽은 유닛은 {dead:.1%}, 평균 점수는 {elu:score}, relu는 {relu:score}입니다. 목표 점수까지 "
        "{elu_epochs:epochs}, relu는 {relu_epochs:epochs}.",
    ),
    "cost": (
        "{name} takes {times:.2f} times relu's time an element, {points:+z.1f} percentage points of a training step.",
        "{name}: 원소 하나에 relu의 {times:.2f}배 시간이 걸립니다. 학습 한 스텝에서는 {points:+z.1f} %p입니다.",
    ),
} | NOTES

# Words within sentences: key -> (English, Korean).
_WORDS = {
    "score": ("highest mean score", "평균 점수"),
    "rank": ("best mean rank", "평균 순위"),
    "seeds": ("seeds", "시드"),
    "data sets": ("data sets", "데이터"),
    "better": ("better than {}", "{}보다 나음"),
    "practically equal": ("practically equal to {}", "사실상 같은 함수: {}"),
    "no difference seen": ("no difference seen from {}", "차이가 보이지 않은 함수: {}"),
    "winner": ("{} is better than {}", "{}: {}보다 나음"),
    "amount": ("{} by {}", "{}보다 {} 높음"),
    "none": ("none", "없음"),
    "never": ("never (median)", "도달 못 함(중앙값)"),
    "epochs": ("in {:g} epochs", "{:g}에폭"),
}


def count(number: int, noun: str) -> str:
    """Return "1 row", "2 rows"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def say(key: str, **facts: Any) -> Said:
    """Return a sentence as data."""
    return {"key": key, **facts}


def in_words(said: Said, lang: str = "en") -> str:
    """Return the text of a sentence."""
    place = LANGUAGES.index(lang)
    return _Writer(place).vformat(SENTENCES[said["key"]][place], (), said)


def worded(sentences: Sequence[Said]) -> dict[str, Any]:
    """Return a verdict: its sentences as data, the headline first, and their text in English."""
    headline, *details = map(in_words, sentences)
    return {"headline": headline, "details": details, "said": list(sentences)}


class _Writer(Formatter):
    """Formats facts; what no number format says is a word of one language."""

    def __init__(self, place: int) -> None:
        self._place = place
        self._kinds: dict[str, Callable[[Any], str]] = {
            "word": self._word,
            "names": self._names,
            "relations": self._relations,
            "winners": self._winners,
            "amounts": self._amounts,
            "rows": lambda n: count(n, "row"),
            "values": lambda n: count(n, "value"),
            "missing": lambda n: count(n, "missing value"),
            "task": lambda task: {"classification": "분류", "regression": "회귀"}[task],
            "score": lambda mean: self._word("none") if mean is None else f"{mean:.3f}",
            "epochs": self._epochs,
            "shapes": lambda shapes: ", ".join(f"{depth} × {width}" for depth, width in shapes),
        }

    def format_field(self, value: Any, format_spec: str) -> str:
        if kind := self._kinds.get(format_spec):
            return kind(value)
        return str(super().format_field(value, format_spec))

    def _word(self, key: str) -> str:
        return _WORDS[key][self._place]

    def _names(self, names: Sequence[str]) -> str:
        if len(names) < 2 or self._place:
            return ", ".join(names)
        return f"{', '.join(names[:-1])} and {names[-1]}"

    def _relations(self, relations: Iterable[tuple[str, Sequence[str]]]) -> str:
        return "; ".join(self._word(what).format(self._names(who)) for what, who in relations)

    def _winners(self, winners: Mapping[str, Sequence[str]]) -> str:
        return "; ".join(
            self._word("winner").format(name, self._names(who)) for name, who in winners.items()
        )

    def _amounts(self, amounts: Iterable[tuple[str, float]]) -> str:
        return self._names(
            [self._word("amount").format(name, f"{amount:.2g}") for name, amount in amounts]
        )

    def _epochs(self, median: float | None) -> str:
        return self._word("never") if median is None else self._word("epochs").format(median)
