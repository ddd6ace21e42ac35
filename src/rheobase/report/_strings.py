"""Every word of the report: key -> (English, Korean)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .._errors import InputError, suggest
from ..compare import LANGUAGES

_STRINGS: dict[str, tuple[str, str]] = {
    # --- page ---
    "title": ("Comparison of activation functions", "활성화 함수 비교"),
    "skip": ("Skip to the results", "결과로 건너뛰기"),
    "contents": ("Contents", "차례"),
    "verdict": ("Verdict", "결론"),
    "same_figures": ("The same figures as a table", "같은 값을 표로 보기"),
    "scrolls": ("table, scrolls sideways", "표, 좌우로 스크롤"),
    "none": ("none", "없음"),
    # --- choosing functions; the script fills {shown} and {all} ---
    "filter": ("Choose functions:", "함수 고르기:"),
    "filter_shown": ("{shown} of {all} shown", "{all}개 가운데 {shown}개 표시"),
    "filter_text": ("Name contains", "이름에 들어간 글자"),
    "filter_all": ("Show all", "모두 표시"),
    "filter_boxes": ("Functions", "함수"),
    # --- facts under the verdict ---
    "data": ("Data", "데이터"),
    "rows_features": ("{rows:,} rows, {features:,} features", "{rows:,}행, 특성 {features:,}개"),
    "classification": ("classification, {classes} classes", "분류, 클래스 {classes}개"),
    "regression": ("regression", "회귀"),
    "network": ("Network", "네트워크"),
    "hidden_layers": ("{layers} hidden units", "은닉 유닛 {layers}"),
    "runs": ("Runs", "실행"),
    "layer_norm": ("layer normalisation", "층 정규화"),
    "made": ("made by {name}", "{name} 함수로 만듦"),
    "seeds_count": ("{seeds} seeds", "시드 {seeds}개"),
    "epochs_each": ("{epochs} epochs each", "각 {epochs}에폭"),
    "time": ("Time", "시간"),
    "seconds": ("{seconds:.1f} s", "{seconds:.1f}초"),
    "cores": ("on {cores} cores", "{cores}코어에서"),
    # --- results ---
    "results": ("Results", "결과"),
    "results_lead": (
        (
            "Best first. The score is the mean test {metric} over the seeds, the interval its 95 % "
            "confidence interval."
        ),
        "성적이 좋은 순서입니다. 점수는 여러 시드의 테스트 {metric} 평균이고, 구간은 95 % 신뢰 구간입니다.",
    ),
    "results_layers": (
        (
            "Dead, saturated, mean output and gradient ratio are those of the hidden layers at the last "
            "epoch."
        ),
        "죽은 유닛, 포화, 평균 출력, 기울기 비율은 마지막 에폭의 은닉층에서 잰 값입니다.",
    ),
    "scores": ("Test score", "테스트 점수"),
    "scores_figure": (
        "Small dots are seeds, the large dot is their mean, the bar its 95 % interval.",
        "작은 점은 시드, 큰 점은 평균, 막대는 95 % 구간입니다.",
    ),
    "activation": ("Activation", "활성화 함수"),
    "score": ("Score", "점수"),
    "interval": ("95 % interval", "95 % 구간"),
    "learning_rate": ("Learning rate", "학습률"),
    "at_edge": ("edge of the grid", "탐색 범위의 끝"),
    "epochs_to": ("Epochs to {target}", "{target} 도달 에폭"),
    "reached": ("{reached} of {of} seeds", "시드 {of}개 중 {reached}개"),
    "never": ("never", "도달 못 함"),
    "dead": ("Dead", "죽은 유닛"),
    "saturated": ("Saturated", "포화"),
    "mean_output": ("Mean output", "평균 출력"),
    "gradient_ratio": ("Gradient, first / last", "기울기, 첫 층 / 끝 층"),
    "cost": ("Cost", "비용"),
    "cost_unit": ("{nanoseconds:.2f} ns", "{nanoseconds:.2f} ns"),
    "cost_relative": ("{ratio:.1f} × relu", "relu의 {ratio:.1f}배"),
    "cost_share": ("{share} of a step", "한 스텝의 {share}"),
    "diverged": ("Diverged", "발산"),
    "results_inside": (
        (
            "Epochs to the target is the median over the seeds. The target is a validation score, practically "
            "that of the best function after its last epoch. Gradient, first / last, is how large the "
            "gradient is in the first hidden layer, in parts of that in the last: far under 1 it vanishes on its way "
            "down, far over 1 it explodes."
        ),
        (
            "목표 도달 에폭은 여러 시드의 중앙값입니다. 목표는 검증 점수로, 가장 좋은 함수가 마지막 에폭에 얻은 점수와 "
            "사실상 같은 값입니다. 기울기(첫 층 / 끝 층)는 첫 은닉층의 기울기가 마지막 은닉층 기울기의 몇 배인지를 "
            "나타냅니다. 1보다 훨씬 작으면 내려오면서 소실되고, 훨씬 크면 폭발합니다."
        ),
    ),
    "results_note": (
        (
            "Cost is the time of value and backward for one element of an "
            "array of the training's size, and its share of a training step. A learning rate at the edge "
            "of the grid may have a better one beyond it."
        ),
        (
            "비용은 학습에 쓰인 크기의 배열에서 원소 하나의 값과 역전파를 계산하는 시간이며, 학습 한 스텝에서 "
            "차지하는 비율을 함께 적었습니다. 학습률이 탐색 범위의 끝에 있으면 그 바깥에 더 나은 값이 있을 수 "
            "있습니다."
        ),
    ),
    # --- pairs ---
    "pairs": ("Pair by pair", "둘씩 비교"),
    "pairs_lead": (
        (
            "Runs are paired by seed: same split, same batches, same draw of weights. Each difference is "
            "first minus second, with its 95 % interval; p is corrected for {count} comparisons after "
            "Holm. The interval is that of one pair looked at alone, so it may leave out 0 where the "
            "corrected p shows no difference. P(first > second) is the share of the seeds in which the "
            "first scores higher, ties as halves. It estimates how often that happens with another seed on "
            "these rows, and is high for a small but steady difference too. A filled dot "
            "marks a pair in which one is better, and the band, ±{margin}, is what counts as practically "
            "equal."
        ),
        (
            "실행은 시드별로 짝지었습니다. 데이터 분할, 배치, 가중치 난수가 모두 같습니다. 차이는 앞의 것에서 뒤의 "
            "것을 뺀 값이며 95 % 구간을 함께 보입니다. p는 비교 {count}개에 대해 홀름 방법으로 보정했습니다. "
            "구간은 그 쌍 하나만 볼 때의 것이므로, 보정한 p로는 차이가 보이지 않아도 0을 포함하지 않을 수 있습니다. "
            "P(앞 > 뒤)는 앞의 점수가 더 높은 시드의 비율이며 동점은 절반으로 셉니다. 같은 행에서 시드를 바꾸었을 "
            "때 그렇게 될 확률의 추정값으로, 작더라도 꾸준한 차이면 커집니다. 속이 찬 점은 한쪽이 더 나은 "
            "쌍이고, 띠(±{margin})는 사실상 같다고 보는 범위입니다."
        ),
    ),
    "superiority": ("P(first > second)", "P(앞 > 뒤)"),
    "difference": ("Difference", "차이"),
    "difference_interval": ("Difference and interval", "차이와 구간"),
    "p_holm": ("p (Holm)", "p (홀름)"),
    "pair_verdict": ("Verdict", "판정"),
    "pair": ("Pair", "쌍"),
    "better": ("{winner} is better", "{winner} 우세"),
    "practically equal": ("practically equal", "사실상 같음"),
    "no difference seen": ("no difference seen", "차이가 보이지 않음"),
    "too few seeds": (
        "too few seeds: at least {needed} are needed",
        "시드 부족: 적어도 {needed}개가 필요함",
    ),
    # --- learning curves ---
    "curves": ("Learning curves", "학습 곡선"),
    "curves_lead": (
        (
            "Thin lines are seeds, the bold line their median; grey lines are the medians of the others. "
            "All panels share their scales."
        ),
        (
            "가는 선은 시드, 굵은 선은 그 중앙값이고, 회색 선은 다른 함수들의 중앙값입니다. 모든 그림의 눈금은 "
            "같습니다."
        ),
    ),
    "curves_table": ("Median validation {metric} by epoch", "에폭별 검증 {metric} 중앙값"),
    "epoch": ("Epoch {epoch}", "{epoch}에폭"),
    "curves_alt": (
        (
            "Learning curves of {name}: median validation {metric} from {first} after the first epoch to "
            "{last} after epoch {epochs}."
        ),
        "{name}의 학습 곡선: 검증 {metric} 중앙값이 첫 에폭 뒤 {first}에서 {epochs}에폭 뒤 {last}로 변합니다.",
    ),
    # --- learning rates ---
    "rates": ("Learning-rate sensitivity", "학습률 민감도"),
    "rates_lead": (
        (
            "Each function got the learning rate that scored best on the validation part, of a grid and two "
            "more around the best of it; a ring marks it. Grey lines are the other functions. A flat curve means an easy choice."
        ),
        (
            "함수마다 탐색 범위와 그 가운데 가장 좋은 값 둘레의 두 값에서, 검증 점수가 가장 좋은 학습률을 골라 고리로 "
            "표시했습니다. 회색 선은 다른 "
            "함수들입니다. 곡선이 평평할수록 고르기 쉽습니다."
        ),
    ),
    "rates_table": (
        "Validation {metric} by learning rate; the chosen one in bold",
        "학습률별 검증 {metric}, 굵은 글씨가 고른 값",
    ),
    "chosen": ("chosen", "선택"),
    "rates_alt": (
        "Validation {metric} of {name} at each learning rate; {chosen} was chosen.",
        "학습률별 {name}의 검증 {metric}. 고른 학습률은 {chosen}입니다.",
    ),
    # --- health ---
    "health": ("Layer health", "층의 상태"),
    "health_lead": (
        (
            "Each row is a hidden layer, the first one on top; time runs from left to right. The stronger the "
            "colour, the larger the number, as the key above each map says; blue is positive, orange "
            "negative. Keys are shared by all functions. White is an epoch with no run left."
        ),
        (
            "행은 은닉층으로 첫 층이 맨 위이고, 에폭은 왼쪽에서 오른쪽으로 흐릅니다. 색이 짙을수록 값이 크며 각 그림 "
            "위에 눈금이 있습니다. 파랑은 양수, 주황은 음수입니다. 눈금은 모든 함수가 같습니다. 흰 칸은 남은 실행이 "
            "없는 에폭입니다."
        ),
    ),
    "dead_means": (
        "The share of units that no sample of the probe set fires: no gradient reaches their weights. A "
        "unit that rarely fires is not dead.",
        "점검용 표본 어느 것에도 켜지지 않는 유닛의 비율입니다. 그 가중치에는 기울기가 닿지 않습니다. 드물게 켜지는 "
        "유닛은 죽은 것이 아닙니다.",
    ),
    "saturated_means": (
        "The share of outputs where the function has flattened: its slope is under 1 % of its largest, "
        "so little of the gradient passes.",
        "함수가 평평해진 곳에 놓인 출력의 비율입니다. 그곳의 기울기는 최댓값의 1 % 미만이라 역전파가 거의 통하지 "
        "않습니다.",
    ),
    "mean_output_means": (
        "Near 0 the next layer gets zero-centred inputs; far from it every unit there is pushed in one "
        "direction.",
        "0에 가까우면 다음 층의 입력이 0을 중심으로 놓이고, 멀면 다음 층의 모든 유닛이 한쪽으로 밀립니다.",
    ),
    "gradient_rms_means": (
        "The size of the gradient at the layer, on a logarithmic scale. It shrinks as training succeeds; "
        "rows of one map that differ by powers of ten vanish or explode over depth.",
        "층에 도달한 기울기의 크기로, 로그 눈금입니다. 학습이 잘되면 작아집니다. 한 그림의 행들이 10의 거듭제곱만큼 "
        "차이 나면 깊이에 따라 소실되거나 폭발하는 것입니다.",
    ),
    "health_table": ("Each layer at the last epoch", "마지막 에폭의 층별 값"),
    "health_alt": (
        "Health of the layers of {name} over the epochs: {figures}.",
        "에폭에 따른 {name}의 층 상태: {figures}.",
    ),
    "layer": ("Layer", "층"),
    "gradient_rms": ("Gradient RMS", "기울기 RMS"),
    # --- claims ---
    "claims": ("What this data says of the folklore", "통설에 대해 이 데이터가 말하는 것"),
    "claims_lead": (
        "Common statements about activation functions, each held against these runs.",
        "활성화 함수에 관해 흔히 하는 말을 이번 실행 결과와 하나씩 대조했습니다.",
    ),
    "holds": ("holds", "맞음"),
    "holds in part": ("holds in part", "일부만 맞음"),
    "does not hold here": ("does not hold here", "여기서는 맞지 않음"),
    "not tested": ("not tested", "시험하지 않음"),
    # --- method ---
    "method": ("How this was done", "방법"),
    "repeat": ("To repeat it", "다시 실행하려면"),
    "split": ("Split", "분할"),
    "split_value": (
        "{train:,} training, {validation:,} validation, {test:,} test",
        "학습 {train:,}, 검증 {validation:,}, 테스트 {test:,}",
    ),
    "target": ("Target", "목표 변수"),
    "optimizer": ("Optimiser", "최적화"),
    "batch": ("batches of {size}", "배치 크기 {size}"),
    "initialisation": ("Initial weights", "초기 가중치"),
    "gains": ("Gains", "게인"),
    "learning_rates": ("Grid of learning rates", "학습률 탐색 범위"),
    "seeds": ("Seeds", "시드"),
    "machine": ("Machine", "컴퓨터"),
    "machine_value": (
        "{processor}, {cores} cores, instruction set {isa}",
        "{processor}, {cores}코어, 명령어 집합 {isa}",
    ),
    "versions": ("Versions", "버전"),
    "created": ("Created", "작성"),
    "notes": ("Notes on the data", "데이터에 관한 참고"),
    "method_lead": (
        (
            "Every function has the initialisation gain that its own derivative asks for and its own "
            "learning rate: the best of the grid on the validation parts, after two more were tried around "
            "the best. Each seed draws its own split. Each network was tested once, after its last epoch; test "
            "scores of rates that were not chosen were never looked at."
        ),
        (
            "함수마다 자신의 도함수에서 구한 초기화 게인과 자신의 학습률을 썼습니다. 학습률은 검증 데이터에서 고른 "
            "것으로, 탐색 범위에서 가장 좋은 값의 양옆 두 값까지 시도했습니다. 시드마다 데이터를 새로 나누었습니다. 네트워크마다 "
            "마지막 에폭 뒤에 한 번 테스트했고, 고르지 않은 학습률의 테스트 점수는 보지 않았습니다."
        ),
    ),
    "method_made": (
        (
            "Every function has its own learning rate, chosen on the validation parts. Initial weights are "
            "as the factory draws them. Each seed draws its own split. Each estimator was tested once; test "
            "scores of rates that were not chosen were never looked at."
        ),
        (
            "함수마다 검증 데이터에서 고른 자신의 학습률을 썼습니다. 초기 가중치는 추정기를 만드는 함수가 정합니다. "
            "시드마다 데이터를 새로 나누었습니다. 추정기마다 한 번 테스트했고, 고르지 않은 학습률의 테스트 점수는 보지 "
            "않았습니다."
        ),
    ),
    "judged": ("How it was judged", "판정 방법"),
    "judged_parts": (
        (
            "Verdicts and intervals are about networks trained on as many new rows from the same source, "
            "not only about new splits of these rows. All {seeds} seeds split the same rows, so their "
            "training and test parts overlap and agree more than independent runs would. The variance of a "
            "mean over n seeds is therefore taken as (1/n + {overlap}) times that of one seed, where "
            "{overlap} is test rows / training rows (Nadeau and Bengio 2003). More seeds make the 1/n "
            "small; only more rows help beyond that.\n"
            "Better: a t-test with that variance and a sign-flip test over the seeds, which supposes no "
            "more of the differences than symmetry, both reach 5 %, corrected after Holm for all pairs. "
            "Practically equal: two one-sided t-tests, corrected likewise, show at 2.5 % that the mean "
            "difference lies within ±{margin}. No difference seen: neither is shown, which does not mean "
            "that the two are equal. Too few seeds: under {needed} no corrected sign-flip test can reach 5 %.\n"
            "Intervals are 95 % BCa bootstrap intervals of the mean with the level expanded for few seeds, "
            "at each end Student's where that reaches further, and widened for the overlap. Runs that diverged count as "
            "worse than every finished run."
        ),
        (
            "판정과 구간은 같은 출처에서 같은 수의 새 행을 얻어 학습한 네트워크에 관한 것이며, 이 행들을 새로 나누는 "
            "것에 관한 것만이 아닙니다. 시드 {seeds}개가 모두 같은 행을 나누므로 학습 데이터와 테스트 데이터가 서로 "
            "겹치고, 독립된 실행보다 결과가 더 비슷합니다. 그래서 시드 n개 평균의 분산을 시드 하나의 "
            "(1/n + {overlap})배로 잡았습니다. {overlap}는 테스트 행 수 / 학습 행 수입니다(Nadeau와 Bengio 2003). "
            "시드를 늘리면 1/n이 작아지고, 그 뒤로는 행을 늘려야만 도움이 됩니다.\n"
            "우세: 그 분산을 쓴 t 검정과, 차이의 대칭 말고는 가정하지 않는 시드별 부호 반전 검정이 모두 홀름 보정 후 5 %에 "
            "이른 경우입니다. 사실상 같음: 같은 방식으로 보정한 단측 t 검정 둘이 평균 차이가 ±{margin} 안에 있음을 "
            "2.5 % 수준에서 보인 경우입니다. 차이가 보이지 않음: 어느 쪽도 보이지 못한 경우로, 둘이 같다는 뜻은 "
            "아닙니다. 시드 부족: {needed}개 미만이면 보정한 부호 반전 검정이 5 %에 이를 수 없습니다.\n"
            "구간은 평균의 95 % BCa 부트스트랩 구간으로, 시드가 적은 만큼 수준을 넓히고 양 끝마다 스튜던트 구간이 더 "
            "멀리 나가면 그 끝을 썼으며, 겹침만큼 더 넓혔습니다. 발산한 실행은 끝까지 간 모든 실행보다 나쁜 것으로 셉니다."
        ),
    ),
    # --- words inside figures, as `plots` writes them ---
    "figure_epoch": ("epoch", "에폭"),
    "figure_difference": ("difference", "차이"),
    "figure_learning_rate": ("learning rate", "학습률"),
    "figure_loss": ("training loss", "학습 손실"),
    "figure_dead": ("dead", "죽은 유닛"),
    "figure_saturated": ("saturated", "포화"),
    "figure_mean_output": ("mean output", "평균 출력"),
    "figure_gradient_rms": ("gradient rms", "기울기 RMS"),
    "figure_layer": ("layer", "층"),
    "figure_hidden_layers": ("hidden layers", "은닉층 수"),
    "figure_gradient_ratio": ("gradient, first / last layer", "기울기, 첫 층 / 끝 층"),
    # --- shapes ---
    "shapes_title": ("Activation functions over depth and width", "깊이와 너비에 따른 활성화 함수"),
    "shapes_lead": (
        (
            "Mean test {metric} of each function in networks of so many hidden layers (depth) and units a "
            "layer (width). Each shape is a comparison of its own, whose report its name leads to. The small "
            "words say which functions are shown to be better there."
        ),
        (
            "은닉층 수(깊이)와 층마다의 유닛 수(너비)에 따른 함수별 테스트 {metric} 평균입니다. 모양마다 따로 비교했고, "
            "모양 이름을 누르면 그 보고서로 갑니다. 작은 글씨는 그 모양에서 더 나은 것으로 드러난 함수입니다."
        ),
    ),
    "beaten_by": ("{who} better", "{who} 우세"),
    "shape_figure": (
        (
            "Test score and gradient over depth, a line for each width, which stands at its end; grey lines are the other functions. A "
            "gradient ratio far below 1 means that the first layers hardly learn."
        ),
        (
            "깊이에 따른 테스트 점수와 기울기입니다. 너비마다 선이 하나이고 그 끝에 너비를 적었습니다. 회색 선은 다른 함수들입니다. 기울기 비율이 1보다 "
            "훨씬 작으면 앞쪽 층이 거의 배우지 못합니다."
        ),
    ),
    "over_depth": ("Over depth", "깊이에 따라"),
    "over_depth_alt": ("{name} over depth: {figures}.", "깊이에 따른 {name}: {figures}."),
    # --- metrics ---
    "validation_metric": ("validation {metric}", "검증 {metric}"),
    "test_metric": ("test {metric}", "테스트 {metric}"),
    "accuracy": ("accuracy", "정확도"),
    "neg_log_loss": ("negative log loss", "음의 로그 손실"),
    "r2": ("R²", "R²"),
    "neg_mean_absolute_error": ("negative mean absolute error", "음의 평균 절대 오차"),
    # --- initial weights, as the data names them ---
    "normal, gain 1/sqrt(E f'(z)^2) of each activation at its layer's variance": (
        "normal, gain 1/√E[f′(z)²] of each activation at its layer's variance",
        "정규 분포, 게인은 함수마다 층의 분산에서 구한 1/√E[f′(z)²]",
    ),
}


def strings(lang: str) -> Mapping[str, str]:
    """Return the words of one language."""
    if lang not in LANGUAGES:
        raise InputError(
            f'render() has no language "{lang}"; use one of {", ".join(LANGUAGES)}.'
            + suggest(lang, LANGUAGES)
        )
    place = LANGUAGES.index(lang)
    return MappingProxyType({key: words[place] for key, words in _STRINGS.items()})


def figure_words(lang: str, metric: str) -> Mapping[str, str]:
    """Return the words inside figures: what `plots` writes -> the language."""
    place = LANGUAGES.index(lang)
    words = strings(lang)
    found = {text[0]: text[place] for key, text in _STRINGS.items() if key.startswith("figure_")}
    metric_words = {
        f"{part} {metric}": words[f"{part}_metric"].format(metric=words.get(metric, metric))
        for part in ("validation", "test")
    }
    return found | metric_words
