"""The figures of a company's page are those of the API: in findings, in charts' tables, on any day."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from paycanary.text import month, quantity
from paycanary.verdict import concept_name
from tests.pages.structure import parse, said

if TYPE_CHECKING:
    from typing import Any

    from tests.visiting import Visitor

RICH = "dart:00164645"
COMPANIES = pytest.mark.parametrize("company", [RICH, "dart:00258801", "dart:00125974", "dart:00111704"])  # fmt: skip
DAYS = pytest.mark.parametrize("day", ["2026-06-30", "2022-12-31", "2018-04-02"])


def table(page: Any, chart: str) -> dict[str, dict[str, str]]:
    """Period -> column -> what is shown."""
    (found,) = page.xpath(f"//figure[@id='chart-{chart}']//table")
    heads = [said(th) for th in found.xpath(".//thead//th")][1:-1]
    return {
        said(row.xpath("./th")[0]): dict(
            zip(heads, (said(td) for td in row.xpath("./td[position() < last()]")), strict=True)
        )
        for row in found.xpath(".//tbody/tr")
    }


@COMPANIES
@DAYS
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_findings_are_those_of_the_verdict(site: Visitor, company: str, day: str, lang: str) -> None:  # fmt: skip
    prefix = "/en" if lang == "en" else ""
    page = parse(site.get(f"{prefix}/companies/{company}?as_of={day}"))
    verdict = site.get(f"/v1/companies/{company}/verdict?as_of={day}&lang={lang}").json()
    assert said(page.xpath("//p[@class='lead']")[0]) == " ".join(verdict["sentence"].split())
    shown = page.xpath("//section[@id='findings']//details")
    assert len(shown) == len(verdict["findings"])
    by_title = {said(d.xpath(".//summary//b")[0]): said(d) for d in shown}
    for finding in verdict["findings"]:
        text = by_title[finding["title"]]
        assert " ".join(finding["sentence"].split()) in text
        for figure in finding["figures"]:
            assert figure["filing_id"] in text
            assert figure["published_on"] in text
            assert figure["published_on"] <= day
            assert concept_name(figure["concept"], lang) in text  # type: ignore[arg-type]
    for unknown in verdict["unknown"]:
        assert unknown["title"] in said(page.xpath("//section[@id='unknown']")[0])


@pytest.mark.parametrize("day", ["2026-06-30", "2022-12-31"])
def test_the_table_beside_a_chart_holds_the_filed_figures(site: Visitor, day: str) -> None:
    page = parse(site.get(f"/companies/{RICH}?as_of={day}"))
    facts = site.get(f"/v1/companies/{RICH}/facts?as_of={day}").json()["facts"]
    shown = table(page, "accounts")
    yearly = [f for f in facts if f["months"] == 12 and f["basis"] == "CFS"]
    assert len(shown) >= 3
    for concept, name in (("revenue", "매출액"), ("operating_profit", "영업이익"), ("net_income", "당기순이익")):  # fmt: skip
        filed = {f["period_end"][:7].replace("-", "."): f for f in yearly if f["concept"] == concept}  # fmt: skip
        for period, cells in shown.items():
            (column,) = [c for c in cells if c.startswith(name[:2]) and (name in c or c in name)]
            expected = filed.get(period)
            if expected is None:
                assert not re.search(r"\d", cells[column]), (period, column)
            else:
                assert cells[column] == quantity(expected["value"], expected["unit"], "ko")


def test_the_headcounts_table_holds_the_counted_people(site: Visitor) -> None:
    page = parse(site.get(f"/companies/{RICH}?as_of=2026-06-30"))
    rows = site.get(f"/v1/companies/{RICH}/headcount?as_of=2026-06-30").json()["rows"]
    counted = {
        month(_day(row["period_end"]), "ko"): quantity(row["headcount"], "persons", "ko")
        for row in rows
        if row["kind"] == "listed"
    }
    shown = table(page, "people")
    assert len(shown) >= 2
    assert {period: next(iter(cells.values())) for period, cells in shown.items()} == {
        period: counted[period] for period in shown
    }


def _day(text: str) -> Any:
    from datetime import date  # noqa: PLC0415 - beside its only use

    return date.fromisoformat(text)


def test_a_chart_of_too_few_points_is_told_and_not_drawn(site: Visitor) -> None:
    page = parse(site.get("/companies/dart:00125974"))
    (cash,) = page.xpath("//figure[@id='chart-cash']")
    assert not cash.xpath(".//*[local-name()='svg']")
    assert "않" in said(cash.xpath("./p")[0])


@pytest.mark.parametrize("day", ["2018-06-30", "2023-01-05"])
def test_the_day_that_was_asked_for_is_the_day_that_is_chosen(site: Visitor, day: str) -> None:
    page = parse(site.get(f"/companies/{RICH}?as_of={day}"))
    assert page.xpath("//select[@id='day']/option[@selected]/@value") == [day]
    days = page.xpath("//select[@id='day']/option/@value")
    assert days[0] == ""
    assert days[1:] == sorted(set(days[1:]), reverse=True)
    assert page.xpath("//input[@id='any']/@value") == [day]


@pytest.mark.parametrize("day", ["2018-04-02", "2022-12-31"])
def test_charts_rest_on_what_was_public_by_then(site: Visitor, day: str) -> None:
    page = parse(site.get(f"/companies/{RICH}?as_of={day}"))
    told = page.xpath("//figure//td[contains(@class, 'small')]/span[@class='nowrap']")
    assert told
    assert max(said(published) for published in told) <= day
