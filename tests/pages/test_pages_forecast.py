"""The forecast on pages: figures, reasons and sources of the verdict; what is measured, from the scorecard's own facts."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, Final

import pytest

from paycanary.forecast import telling
from paycanary.forecast.scorecard import scorecard
from paycanary.report import forecast as forecasts
from paycanary.report import quality
from paycanary.wording import percent
from tests.pages.conftest import MANY
from tests.pages.structure import assert_sound, parse, said
from tests.visiting import visiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paycanary.errors import Lang
    from tests.visiting import Visitor

DAY: Final = "2026-06-30"
COMPANY, FAILED, PENSION = "dart:00258801", "dart:00125974", "nps:00343e750e6b"
LANGS = pytest.mark.parametrize("lang", ["ko", "en"])
PREFIX: Final = {"ko": "", "en": "/en"}


def told(site: Visitor, company: str, lang: Lang) -> tuple[Any, Any, str]:
    """The page, the verdict, and what the page's section about the forecast says."""
    page = parse(site.get(f"{PREFIX[lang]}/companies/{company}?as_of={DAY}"))
    verdict = site.get(f"/v1/companies/{company}/verdict?as_of={DAY}&lang={lang}").json()
    return page, verdict, said(page.xpath("//section[@id='forecast']")[0])


@LANGS
def test_a_page_tells_rank_probability_base_rate_and_definition_together(site: Visitor, lang: Lang) -> None:  # fmt: skip
    page, verdict, _ = told(site, COMPANY, lang)
    known = verdict["forecast"]
    card = said(page.xpath("//section[@id='forecast']/div[contains(@class, 'card')]")[0])
    assert card.startswith(forecasts.band(known["band"], lang))
    for text in (known["probability"], known["base_rate"], known["rank"]):
        assert percent(text, lang) in card
    assert known["definition"] in card
    assert page.xpath(f"//section[@id='forecast']//a[@href='{PREFIX[lang]}/forecast']")
    assert_sound(page, lang)


@LANGS
def test_reasons_are_a_list_with_factors_sentences_and_cited_figures(site: Visitor, lang: Lang) -> None:  # fmt: skip
    page, verdict, whole = told(site, COMPANY, lang)
    known = verdict["forecast"]
    shown = page.xpath("//section[@id='forecast']//ol[contains(@class, 'reasons')]/li")
    assert len(shown) == len(known["reasons"]) > forecasts.FIRST
    assert len(page.xpath("//section[@id='forecast']/ol/li")) == forecasts.FIRST
    for item, reason in zip(shown, known["reasons"], strict=True):
        text = said(item)
        assert forecasts.factor(reason["odds"], lang) in text
        assert forecasts.heading(reason["title"]) in text
        assert " ".join(reason["sentence"].split()) in text
        for figure in reason["figures"]:
            assert figure["filing_id"] in text
            assert figure["published_on"] in text
            assert figure["url"] in item.xpath(".//a/@href")
    for text in (known["anchor"], known["limits"], known["model_version"], *(q["sentence"] for q in known["quality"]), *(c["sentence"] for c in known["changes"])):  # fmt: skip
        assert " ".join(text.split()) in whole


def test_bars_differ_by_side_and_filling_and_say_nothing_that_words_do_not(site: Visitor) -> None:
    page, verdict, _ = told(site, COMPANY, "ko")
    bars = page.xpath("//section[@id='forecast']//svg")
    odds = [reason["odds"] for reason in verdict["forecast"]["reasons"]]
    assert {one > 1 for one in odds} == {True, False}
    middle = 101.0
    lengths = []
    for bar, one in zip(bars, odds, strict=True):
        assert bar.get("aria-hidden") == "true"
        (part,) = bar.xpath(".//rect")
        left, length = float(part.get("x")), float(part.get("width"))
        assert (left == middle) if one >= 1 else (left + length == pytest.approx(middle))
        assert part.get("class") == ("higher" if one >= 1 else "lower")
        assert 0 < length <= 100
        lengths.append(length)
    assert lengths == sorted(lengths, reverse=True)


@LANGS
@pytest.mark.parametrize("company", [FAILED, PENSION])
def test_a_page_tells_why_there_is_none(site: Visitor, company: str, lang: Lang) -> None:
    page, verdict, text = told(site, company, lang)
    assert verdict["forecast"] is None
    assert verdict["forecast_unknown"]["explanation"] in text
    assert "%" not in text
    for figure in verdict["forecast_unknown"]["figures"]:
        assert figure["filing_id"] in text
    assert_sound(page, lang)


@LANGS
def test_what_messengers_and_search_engines_are_told_bears_no_probability(site: Visitor, lang: Lang) -> None:  # fmt: skip
    page, verdict, _ = told(site, COMPANY, lang)
    kept = " ".join(page.xpath("//head//meta/@content | //head/title/text()"))
    assert percent(verdict["forecast"]["probability"], lang) not in kept
    assert verdict["forecast"]["sentence"] not in kept
    assert not page.xpath("//script[@type='application/ld+json']")


@LANGS
def test_a_comparison_tells_both_and_what_is_predicted(site: Visitor, lang: Lang) -> None:
    page = parse(site.get(f"{PREFIX[lang]}/compare?c={COMPANY}&c={FAILED}&as_of={DAY}"))
    known, failed = (told(site, company, lang)[1] for company in (COMPANY, FAILED))
    cells = [said(td) for td in page.xpath("//table[@class='compare']/tbody[1]/tr/td")]
    assert percent(known["forecast"]["probability"], lang) in cells[0]
    assert percent(known["forecast"]["rank"], lang) in cells[0]
    assert cells[1] == failed["forecast_unknown"]["explanation"]
    assert forecasts.beneath(lang) in said(page.xpath("//main")[0])


@pytest.fixture(scope="module")
def current(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """The pages as if the sample's reports were stored up to today: a screen is always of today."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(telling.Stored, "is_current", lambda *_: True)
        patch.setenv("PAYCANARY_HOME", str(tmp_path_factory.mktemp("current")))
        with visiting(**MANY) as visitor:
            yield visitor


@LANGS
def test_a_screen_tells_each_with_the_base_rate_and_once_what_is_predicted(current: Visitor, lang: Lang) -> None:  # fmt: skip
    site = current
    rows = [row for row in site.get("/v1/screen?limit=1000").json()["rows"] if row["probability"]]
    row = rows[0]
    page = parse(site.get(f"{PREFIX[lang]}/screen?q={row['name']}"))
    (item,) = page.xpath(f"//ol/li[.//a[@href='{PREFIX[lang]}/companies/{row['id']}']]")
    assert percent(row["probability"], lang) in said(item)
    assert percent(row["base_rate"], lang) in said(item)
    assert forecasts.beneath(lang) in said(page.xpath("//main")[0])
    unlisted = parse(site.get(f"{PREFIX[lang]}/screen?q=삼부토건"))
    assert forecasts.beneath(lang) not in said(unlisted.xpath("//main")[0])


# --- how good it is -------------------------------------------------------------------------------------


@LANGS
def test_how_good_it_is_comes_from_the_scorecard(site: Visitor, lang: Lang) -> None:
    page = parse(site.get(f"{PREFIX[lang]}/forecast"))
    text, card = said(page.xpath("//main")[0]), scorecard()
    taught = card.facts["trained"]
    for known in (
        card.version, percent(card.base_rate, lang), forecasts.definition(card, lang), telling.anchored(card, lang), telling.words(lang)["limits"], telling.words(lang)["card"]["survivors"], telling.words(lang)["card"]["licence"],
        taught["data_sha256"], taught["features_sha256"], taught["first_day"], taught["last_day"], taught["model"],
        *(f"{taught[count]:,}" for count in ("rows", "companies", "failed_rows", "failed_companies", "reference_companies")),
    ):  # fmt: skip
        assert known in text
    assert {*card.terms_by_name, *taught["left_out"]} == set(page.xpath("//details//dd/code/text()"))  # fmt: skip
    assert_sound(page, lang)


@LANGS
def test_every_measure_of_the_model_and_of_simple_rules_stands_in_a_table(site: Visitor, lang: Lang) -> None:  # fmt: skip
    page = parse(site.get(f"{PREFIX[lang]}/forecast"))
    results = scorecard().facts["quality"]["results"]
    shown = page.xpath("//table[@class='quality']")
    questions = list(dict.fromkeys(result["question"] for result in results))
    assert len(shown) == len(questions) == 2
    for table, question in zip(shown, questions, strict=True):
        asked = [result for result in results if result["question"] == question]
        names = [quality.model_name(result["model"], lang) for result in asked]
        assert [said(th) for th in table.xpath(".//thead//th")][1:] == names
        measures = {name for result in asked for name in result["measures"]}
        assert len(table.xpath(".//tbody/tr")) == len(measures) + 3
        (first,) = [tr for tr in table.xpath(".//tbody/tr") if said(tr.xpath("./th")[0]).startswith("AUC")]  # fmt: skip
        for cell, result in zip(first.xpath("./td"), asked, strict=True):
            auc = result["measures"]["auc"]
            expected = quality.words(lang)["unknown"] if auc["value"] is None else f"{auc['value']:.2f}".rstrip("0")  # fmt: skip
            assert said(cell).startswith(expected)


@LANGS
def test_reliability_is_drawn_and_told_in_words_and_a_table(site: Visitor, lang: Lang) -> None:
    page = parse(site.get(f"{PREFIX[lang]}/forecast"))
    results = [r for r in scorecard().facts["quality"]["results"] if r["reliability"]]
    figures = page.xpath("//figure")
    assert len(figures) == len(results) == 2
    for figure, result in zip(figures, results, strict=True):
        (drawn,) = figure.xpath("./svg")
        assert drawn.get("role") == "img"
        name, told_by = (page.xpath("//*[@id=$id]", id=i)[0] for i in drawn.get("aria-labelledby").split())  # fmt: skip
        assert said(name) == said(figure.xpath("./h3")[0])
        assert said(told_by) == said(figure.xpath("./p")[0])
        highest = result["reliability"][-1]
        for share in (highest["predicted"], highest["observed"]):
            assert percent(share, lang) in said(told_by)
        assert len(figure.xpath(".//tbody/tr")) == len(result["reliability"])
        assert len(drawn.xpath(".//path[contains(@class, 'f-s1')]")) == len(result["reliability"])


@LANGS
def test_a_model_of_other_figures_is_said_to_be_stale(lang: Lang, monkeypatch: pytest.MonkeyPatch, site: Visitor) -> None:  # fmt: skip
    monkeypatch.setattr(telling, "is_stale", lambda _: True)
    answer = site.get(f"{PREFIX[lang]}/forecast?again={lang}")
    assert telling.words(lang)["unknown"]["stale"] in html.unescape(answer.text)
