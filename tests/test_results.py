"""What a comparison returns as arrays and figures, and its sentences in every language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from string import Formatter
from typing import Any

import matplotlib.pyplot as pyplot
import numpy as np
import pandas as pd
import pytest
from sample_result import sample_result

from rheobase._errors import InputError
from rheobase.compare import Comparison, ManyComparison
from rheobase.compare._words import SENTENCES, in_words, say, worded

pyplot.switch_backend("Agg")


@pytest.fixture(autouse=True)
def no_figures() -> Iterator[None]:
    """Examples in docstrings leave figures open, as a session does."""
    pyplot.close("all")
    yield
    pyplot.close("all")


def test_results_are_a_table_of_one_row_a_function() -> None:
    result = sample_result()
    result["activations"][2]["scores"][4:] = [None] * 6
    found = Comparison(result).results_
    table = pd.DataFrame(found).set_index("function")
    assert table.index.tolist() == Comparison(result).ranking
    runs = table.filter(regex=r"^split\d+_test_score$")
    assert runs.shape == (5, 10)
    assert np.isnan(runs.loc["relu", "split4_test_score"])
    assert table["mean_test_score"].tolist() == pytest.approx(runs.mean(axis=1).tolist())
    assert table["std_test_score"].tolist() == pytest.approx(runs.std(axis=1, ddof=0).tolist())
    assert table["rank_test_score"]["elu"] == 1
    assert table["rank_test_score"]["relu"] == 5  # third by the finished runs alone


def test_nothing_that_could_be_had_is_nan_and_raises_no_warning() -> None:
    result = sample_result()
    result["activations"][-1].update(scores=[None] * 10, interval=None, dead=None)
    found = Comparison(result).results_
    assert all(np.isnan(found[key][-1]) for key in ("mean_test_score", "low_test_score", "dead"))


METHODS = ("scores", "pairs", "learning_curves", "losses", "learning_rates", "health")


@pytest.mark.parametrize("name", METHODS)
def test_methods_draw_on_given_axes_or_on_those_of_pyplot(name: str) -> None:
    draw = getattr(Comparison(sample_result()), f"plot_{name}")
    mine = pyplot.Figure().subplots()
    assert draw(ax=mine) is mine
    assert not pyplot.get_fignums()
    assert draw().figure is pyplot.figure(pyplot.get_fignums()[0])


def test_what_cannot_be_drawn_leaves_no_empty_figure() -> None:
    with pytest.raises(InputError, match='Did you mean "saturated"'):
        Comparison(sample_result()).plot_health("saturation")
    assert not pyplot.get_fignums()


def test_many_results_are_a_table_too() -> None:
    entries = [
        {"label": name, "mean_rank": rank, "scores": [0.9, 0.5], "diverged": 0}
        for name, rank in (("elu", 1.0), ("relu", 2.0))
    ]
    table = pd.DataFrame(ManyComparison({"activations": entries}).results_)
    assert table["function"].tolist() == ["elu", "relu"]
    assert table["split1_test_score"].tolist() == [0.5, 0.5]


# --- sentences -------------------------------------------------------------------------------------


def test_every_sentence_has_two_languages_with_the_same_facts() -> None:
    for key, (english, korean) in SENTENCES.items():
        facts = [set(re.findall(r"{(\w+)", text)) for text in (english, korean)]
        assert facts[0] == facts[1], key
        assert re.search("[가-힣]", korean) or not re.search("[a-z] [a-z]", english)


def test_a_sentence_survives_json_and_is_said_in_both_languages() -> None:
    said: Any = say(
        "leads",
        best="elu",
        shown=[("better", ["relu"]), ("no difference seen", ["tanh", "gelu", "silu"])],
    )
    assert worded([said])["headline"] == (
        "elu leads: better than relu; no difference seen from tanh, gelu and silu."
    )
    assert in_words(json.loads(json.dumps(said)), "ko") == (
        "가장 앞선 함수는 elu입니다. relu보다 나음; 차이가 보이지 않은 함수: tanh, gelu, silu."
    )


@pytest.mark.parametrize(("median", "words"), [(5.0, "in 5 epochs"), (None, "never (median)")])
def test_what_never_happened_has_a_word(median: float | None, words: str) -> None:
    assert f"reached {words} by relu" in in_words(
        say("epochs_to_target", relu=median, sigmoid=1.0, tanh=2.0)
    )


def test_every_sentence_has_the_same_facts_in_both_languages() -> None:
    for key, (english, korean) in SENTENCES.items():
        fields = [{name for _, name, *_ in Formatter().parse(text)} for text in (english, korean)]
        assert fields[0] - {None} >= fields[1] - {None}, key
        assert re.search("[가-힣]", korean) or key == "against", key
