"""A past day is kept by every link that goes on from it, and the built-in sample says that it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from paycanary.web.company import LEVELS
from paycanary.web.pages import link, words
from tests.pages.structure import parse, said
from tests.visiting import COMPANY, NAME

if TYPE_CHECKING:
    from tests.visiting import Visitor

_DAY: Final = "2023-04-03"
_OTHER: Final = "dart:00258801"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_company_page_of_a_past_day_links_to_that_day(site: Visitor, lang: str) -> None:
    page = parse(site.get(link(f"/companies/{COMPANY}?as_of={_DAY}", lang)))
    going_on = [
        *page.xpath("//link[@type='application/json']/@href"),
        *page.xpath("//main//a/@href[contains(., '/verdict?') or contains(., 'card.png') or contains(., '/compare')]"),
    ]  # fmt: skip
    assert len(going_on) == 4
    for address in going_on:
        assert f"as_of={_DAY}" in address
        assert site.get(address).status_code == 200
    today = parse(site.get(link(f"/companies/{COMPANY}", lang)))
    assert not today.xpath("//a/@href[contains(., 'as_of=')] | //link/@href[contains(., 'as_of=')]")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_comparison_of_a_past_day_links_to_that_day(site: Visitor, lang: str) -> None:
    page = parse(site.get(link(f"/compare?c={COMPANY}&c={_OTHER}&as_of={_DAY}", lang)))
    companies = page.xpath("//main//a/@href[contains(., '/companies/')]")
    assert companies == [
        link(f"/companies/{company}?as_of={_DAY}", lang) for company in (COMPANY, _OTHER)
    ]
    assert _DAY in said(page.xpath("//p[@class='notice warning']")[0])


@pytest.mark.parametrize("found", [NAME, "없는회사이름입니다", ""])
def test_a_day_that_is_none_is_refused_before_a_company_is_added(site: Visitor, found: str) -> None:
    answer = site.get("/compare", params={"add": found, "as_of": "2023-04-03&c=x"}, follow_redirects=False)  # fmt: skip
    assert answer.status_code == 422
    assert "location" not in answer.headers


def test_a_day_in_another_form_is_kept_in_the_usual_one(site: Visitor) -> None:
    answer = site.get("/compare", params={"add": NAME, "as_of": "2023.4.3"}, follow_redirects=False)
    assert answer.headers["location"] == f"/compare?c={COMPANY}&as_of={_DAY}"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_comparison_from_the_sample_says_so(site: Visitor, lang: str) -> None:
    page = parse(site.get(link(f"/compare?c={COMPANY}&c={_OTHER}", lang)))
    notices = [said(e) for e in page.xpath("//p[@class='notice']")]
    assert words(lang)["company.sample"] in notices  # type: ignore[arg-type]
    assert not parse(site.get(link("/compare", lang))).xpath("//p[@class='notice']")


def test_what_is_gravest_stands_first(site: Visitor) -> None:
    page = parse(site.get(f"/companies/{COMPANY}"))
    groups = page.xpath("//section[@class='group']")
    worst = [
        min(LEVELS.index(f.get("class").split()[1]) for f in group.xpath("./details"))
        for group in groups
    ]
    assert len(set(worst)) > 1
    assert worst == sorted(worst)
