"""The report, opened from disk in a real browser, and its pieces."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sample_result import large_result, sample_result

from rheobase import plots, report
from rheobase._errors import InputError
from rheobase.compare._words import say
from rheobase.report import _page, _strings

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@cache
def sample_page(lang: str = "en") -> str:
    return report.render(sample_result(), lang)


@pytest.fixture
def page_file(tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    path.write_text(sample_page(), encoding="utf-8")
    return path


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the figures out, which take most of the time, where a test is about words."""
    monkeypatch.setattr(_page, "_drawer", lambda *_: lambda *_: "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip("needs Chromium")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


def show_all(page: Any) -> None:
    """Open what is folded and draw what is not in view."""
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    page.evaluate(
        "document.querySelectorAll('figure').forEach(part => part.style.contentVisibility = 'visible')"
    )


# --- in the browser --------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_opens_without_network_and_without_an_error(
    browser: Any, page_file: Path, scheme: str
) -> None:
    context = browser.new_context(offline=True, color_scheme=scheme)
    page = context.new_page()
    requests: list[str] = []
    messages: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.goto(page_file.as_uri())
    page.wait_for_timeout(200)
    assert requests == [page_file.as_uri()]
    assert messages == []
    context.close()


@pytest.mark.parametrize(
    ("lang", "scheme", "width"),
    [("en", "light", 1280), ("en", "dark", 1280), ("en", "light", 360), ("ko", "dark", 360)],
)
def test_axe_finds_no_violation(
    browser: Any, tmp_path: Path, lang: str, scheme: str, width: int
) -> None:
    axe = pytest.importorskip("axe_core_python")
    path = tmp_path / "report.html"
    path.write_text(sample_page(lang), encoding="utf-8")
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    page.goto(path.as_uri())
    show_all(page)
    page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", WCAG)
    assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []
    assert found["passes"]
    page.close()


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_narrow_screen_scrolls_in_one_direction(browser: Any, tmp_path: Path, lang: str) -> None:
    result = sample_result()
    long = "leaky_relu(negative_slope=0.123456789)"
    result["activations"][0]["label"] = long
    for pair in result["pairs"]:
        pair["first"] = long if pair["first"] == "elu" else pair["first"]
    result["data"]["name"] = "a_file_with_a_very_long_name_indeed_" * 3
    path = tmp_path / "report.html"
    path.write_text(report.render(result, lang), encoding="utf-8")
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(path.as_uri())
    show_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('svg text')].map(text => {"
        " const {a, b} = text.getScreenCTM();"  # b where it is turned
        " return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(a, b) }))"
    )
    assert smallest > 8.5
    page.close()


def test_fits_on_paper(browser: Any, page_file: Path) -> None:
    page = browser.new_page(viewport={"width": 700, "height": 1000})
    page.goto(page_file.as_uri())
    page.emulate_media(media="print")
    show_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 700
    assert not page.locator(".filter").is_visible()
    page.close()


def test_reads_without_javascript(browser: Any, page_file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_file.as_uri())
    title = page.get_by_role("heading", level=1)
    assert title.inner_text() == sample_result()["verdict"]["headline"]
    assert title.is_visible()
    assert page.get_by_role("region", name="Results").get_by_text("0.977", exact=True).is_visible()
    assert page.locator("tbody tr").filter(visible=True).count() == 5 + 10
    assert page.locator("button, input").filter(visible=True).count() == 0
    context.close()


def _column(page: Any, region: str, column: int) -> list[str]:
    rows = page.get_by_role("region", name=region).locator("tbody tr").filter(visible=True)
    return [row.locator("th, td").nth(column).inner_text() for row in rows.all()]


@pytest.mark.usefixtures("undrawn")
def test_tables_sort_by_their_heads_from_the_keyboard(browser: Any, tmp_path: Path) -> None:
    result = sample_result()
    result["activations"][1]["dead"] = None
    page_file = tmp_path / "report.html"
    page_file.write_text(report.render(result), encoding="utf-8")
    page = browser.new_page()
    page.goto(page_file.as_uri())
    heads = page.get_by_role("region", name="Results").get_by_role("columnheader")
    name, dead = heads.nth(0), heads.nth(5)
    name.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert name.get_attribute("aria-sort") == "ascending"
    assert _column(page, "Results", 0) == ["elu", "leaky_relu", "relu", "sigmoid", "tanh"]
    for direction, ends in (("ascending", ("0 %", "–")), ("descending", ("8 %", "–"))):
        dead.get_by_role("button").focus()
        page.keyboard.press("Space")
        assert dead.get_attribute("aria-sort") == direction
        shown = _column(page, "Results", 5)
        assert (shown[0], shown[-1]) == ends  # what could not be had stays last
    assert name.get_attribute("aria-sort") is None
    page.close()


def test_functions_are_hidden_everywhere(browser: Any, page_file: Path) -> None:
    page = browser.new_page()
    page.goto(page_file.as_uri())
    show_all(page)
    status = page.get_by_role("status")
    page.get_by_label("Name contains").fill("RELU")
    assert status.inner_text() == "2 of 5 shown"
    assert sorted(_column(page, "Results", 0)) == ["leaky_relu", "relu"]
    assert _column(page, "Pair by pair", 0) == ["leaky_relu − relu"]
    assert len(_column(page, "by learning rate", 0)) == 2 * 5
    assert page.locator(".panels > figure").filter(visible=True).count() == 2 * 3
    page.get_by_label("leaky_relu", exact=True).uncheck()
    assert _column(page, "Results", 0) == ["relu"]
    assert page.locator("figure .strips div[data-f]").filter(visible=True).count() == 1
    page.get_by_role("button", name="Show all").click()
    assert status.inner_text() == "5 of 5 shown"
    assert len(_column(page, "Pair by pair", 0)) == 10
    page.close()


def test_a_page_of_many_functions_stays_small_and_opens(browser: Any, tmp_path: Path) -> None:
    page_file = tmp_path / "report.html"
    page_file.write_text(report.render(large_result(layers=8)), encoding="utf-8")
    assert page_file.stat().st_size < 3_000_000
    page = browser.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.goto(page_file.as_uri())
    assert messages == []
    assert page.get_by_role("status").inner_text() == "20 of 20 shown"
    assert len(_column(page, "Pair by pair", 0)) == 190
    page.close()


def test_figures_follow_the_colour_scheme(browser: Any, page_file: Path) -> None:
    page = browser.new_page()
    page.goto(page_file.as_uri())
    colours = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        colours.append(page.evaluate("getComputedStyle(document.querySelector('svg text')).fill"))
    assert colours == ["rgb(88, 97, 107)", "rgb(164, 173, 182)"]
    page.close()


# --- the text --------------------------------------------------------------------------------------


class _Outline(HTMLParser):
    """Collect start tags."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def _outline(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Outline()
    parser.feed(html)
    return parser.tags


def test_stays_small_and_is_reproducible() -> None:
    first = sample_page()
    assert len(first.encode()) < 1_000_000
    assert first == report.render(sample_result())


def test_ids_are_unique_and_every_reference_has_its_target() -> None:
    html = sample_page()
    tags = _outline(html)
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:url\(#|href="#)([^")]+)', html)) <= set(ids)


def test_one_script_that_the_policy_names_and_no_colour_outside_the_style_sheet() -> None:
    html = sample_page()
    (script,) = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    assert [tag for tag, _ in _outline(html)].count("script") == 1
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in html
    body = html[html.index("<body>") :]
    assert not re.search(r"#[0-9a-f]{6}\b", body)
    style = html[html.index("<style>") : html.index("</style>")]
    for role, colour in plots.COLOURS.items():
        assert f"--{role}: {colour};" in style


def test_text_of_the_data_stays_text() -> None:
    evil = "<script>alert('$x$')</script>"

    def poison(value: Any) -> Any:
        if isinstance(value, dict):  # the keys of sentences are no text
            keys = {"key", "by"} | ({"id"} if "said" in value else set())
            return {key: item if key in keys else poison(item) for key, item in value.items()}
        if isinstance(value, list):
            return [poison(item) for item in value]
        return evil + value if isinstance(value, str) else value

    html = report.render(
        poison(sample_result() | {"verdict": {"said": [say("against", best="a", shown=[])]}})
    )
    assert html.count("<script") == 1
    assert "&lt;script&gt;" in html
    assert [tag for tag, _ in _outline(html)].count("script") == 1


def test_numbers_that_could_not_be_had_are_dashes() -> None:
    result = sample_result()
    worst = result["activations"][-1]
    worst.update(
        mean=None, interval=None, diverged=10, scores=[None] * 10, dead=None, saturated=None,
        mean_output=None, gradient_ratio=None, target=None,
        epochs_to_target={"median": None, "reached": 0, "of": 10},
    )  # fmt: skip
    worst["cost"]["relative_to_relu"] = None
    worst["history"] = {key: [[None] * 30] * 10 for key in worst["history"]}
    worst["learning_rate_scores"] = [
        {**row, "validation": None, "diverged": 10} for row in worst["learning_rate_scores"]
    ]
    layers = worst["health"]["layers"]
    worst["health"] = {key: [[None] * 30] * 2 for key in worst["health"]} | {"layers": layers}
    for pair in result["pairs"]:
        pair.update(
            difference=None, interval=None, p=None, p_holm=None, verdict="no difference seen"
        )
    html = report.render(result)
    assert "10 / 10" in html
    assert "never" in html
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL).lower()
    assert "None" not in html


@pytest.mark.usefixtures("undrawn")
def test_one_activation_has_no_pairs_and_a_call_from_python_can_be_repeated() -> None:
    result = sample_result()
    result.update(activations=result["activations"][:1], pairs=[], claims=[], command=None)
    html = report.render(result)
    assert 'id="pairs"' not in html
    assert 'id="claims"' not in html
    assert "rheobase.compare(X, y, activations=[&#39;elu&#39;], hidden=[64, 64]" in html


def made_result() -> dict[str, Any]:
    """What ``compare(make=factory)`` gives."""
    result = sample_result()
    result["settings"] |= {"make": "factory"} | dict.fromkeys(("hidden", "epochs", "batch_size"))
    for key in ("optimizer", "dtype", "initialisation"):
        del result["settings"][key]
    result |= {"claims": [], "command": None}
    for entry in result["activations"]:
        entry["history"] = {"train_loss": [[]] * 10, "validation": [[0.9]] * 10}
        entry["health"] = {key: [] for key in entry["health"]}
        entry["epochs_to_target"] = {"median": None, "reached": 0, "of": 0}
        entry["cost"]["share_of_step"] = None
        entry |= dict.fromkeys(("dead", "saturated", "mean_output", "gradient_ratio"))
    return result


@pytest.mark.usefixtures("undrawn")
def test_estimators_of_the_caller_are_not_looked_into() -> None:
    html = report.render(made_result())
    assert 'id="rates"' in html
    for missing in ('id="curves"', 'id="health"', "Saturated", "None</", "of a step"):
        assert missing not in html
    assert "made by factory" in html
    assert "make=factory, seeds=[0, 1" in html
    for draw in (plots.median_curves, plots.health):
        with pytest.raises(InputError, match="make="):
            draw(made_result())


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(("lang", "said"), [("en", "at least 9 are needed"), ("ko", "적어도 9개")])
def test_too_few_seeds_says_how_many_are_needed(lang: str, said: str) -> None:
    result = sample_result()
    result["pairs"][0]["verdict"] = "too few seeds"
    assert said in report.render(result, lang)


@pytest.mark.usefixtures("undrawn")
def test_regression_is_named() -> None:
    result = sample_result()
    result["data"].update(task="regression", classes=None)
    result["settings"]["metric"] = "r2"
    assert "R²" in report.render(result)


#: What stays as it is on a Korean page: names, units, and what is to be typed.
_NAMES = re.compile(
    r"leaky_relu|sigmoid|tanh|relu|elu|ReLU|ELU|Leaky|exp\(\)|rheobase( compare)?|digits|adam|float32|RMS|BCa"
    r"|Nadeau|Bengio|Example CPU|GHz|UTC|v4|BLAS|Python|NumPy|scipy(-openblas)?|scikit-learn|joblib|ns|√E\[f′\(z\)²\]"
    r"|{\w+}|P\(앞 > 뒤\)|1/n|\bn\b|\bt\b|\bp\b|\by\b|[GRTLE]\d|%p"
)


def test_korean_page_is_korean_but_for_names() -> None:
    result = sample_result()
    result["data"]["said"] = []
    html = report.render(result, "ko")
    assert '<html lang="ko">' in html
    body = re.sub(r"<(style|script)>.*?</\1>", "", html, flags=re.DOTALL)
    labels = re.findall(r'aria-label="([^"]*)"', body)
    texts = [unescape(text).strip() for text in [*re.split(r"<[^>]*>", body), *labels]]
    english = [text for text in texts if re.search("[A-Za-z]{2,}", _NAMES.sub("", text))]
    assert english == []
    assert sum(bool(re.search("[가-힣]", text)) for text in texts) > 150


def test_every_word_has_two_languages_with_the_same_places() -> None:
    for english, korean in _strings._STRINGS.values():
        assert set(re.findall(r"{(\w+)", english)) == set(re.findall(r"{(\w+)", korean))


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(InputError, match='no language "kr"; use one of en, ko'):
        report.render(sample_result(), lang="kr")


# --- beside the page -------------------------------------------------------------------------------


@pytest.mark.usefixtures("undrawn")
def test_the_table_beside_the_page_is_what_pandas_reads(tmp_path: Path) -> None:
    result = sample_result()
    entry = result["activations"][3]
    entry["scores"][2] = entry["history"]["validation"][2][-1] = None
    report.write(result, tmp_path)
    table = pd.read_csv(tmp_path / "result.csv")
    assert len(table) == 5 * 10
    lost = table[table["diverged"]]
    assert lost[["function", "seed"]].to_numpy().tolist() == [["tanh", 2]]
    assert lost[["test_accuracy", "validation_accuracy"]].isna().all(axis=None)
    assert table["test_accuracy"].mean() == pytest.approx(0.97, abs=0.01)
    assert table["validation_accuracy"].isna().sum() == 1
