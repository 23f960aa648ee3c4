"""The figures of a company's page are those of the API: in findings, in charts' tables, on any day."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from paycanary.verdict import concept_name
from paycanary.wording import month, quantity
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


def filed(site: Visitor, company: str, day: str, months: int, columns: dict[str, str]) -> dict[str, dict[str, str]]:  # fmt: skip
    """Period -> column -> what the API holds, consolidated where the newest year is; ``columns``: concept -> column."""
    facts = site.get(f"/v1/companies/{company}/facts?as_of={day}").json()["facts"]
    years = [f for f in facts if f["months"] == 12 and f["basis"]]
    newest = max(f["period_end"] for f in years)
    whole = any(f["basis"] == "CFS" and f["period_end"] == newest for f in years)
    found: dict[str, dict[str, str]] = {}
    for f in facts:
        if f["concept"] in columns and f["months"] == months and f["basis"] == ("CFS" if whole else "OFS"):  # fmt: skip
            period = found.setdefault(month(_day(f["period_end"]), "ko"), {})
            period[columns[f["concept"]]] = quantity(f["value"], f["unit"], "ko")
    return found


def compare(shown: dict[str, dict[str, str]], expected: dict[str, dict[str, str]]) -> int:
    """Every cell is the expected figure, or says that there is none; how many are figures."""
    for period, cells in shown.items():
        for column, text in cells.items():
            assert text == expected.get(period, {}).get(column, "공개 안 됨"), (period, column)
    return sum(text != "공개 안 됨" for cells in shown.values() for text in cells.values())


@pytest.mark.parametrize("day", ["2026-06-30", "2022-12-31"])
@pytest.mark.parametrize(("company", "least"), [(RICH, 5), ("dart:00258801", 10)])
def test_the_cash_table_holds_the_filed_balances(site: Visitor, company: str, least: int, day: str) -> None:  # fmt: skip
    shown = table(parse(site.get(f"/companies/{company}?as_of={day}")), "cash")
    columns = {"cash": "현금", "short_term_investments": "단기금융상품"}
    assert all(list(cells) == list(columns.values()) for cells in shown.values())
    balances = filed(site, company, day, 0, columns)
    assert compare(shown, balances) >= least
    assert max(shown) == max(period for period, cells in balances.items() if "현금" in cells)


@pytest.mark.parametrize("day", ["2026-06-30", "2022-12-31"])
@pytest.mark.parametrize("company", [RICH, "dart:00258801", "dart:00111704"])
def test_the_money_table_holds_sales_and_what_came_in_for_shares(site: Visitor, company: str, day: str) -> None:  # fmt: skip
    shown = table(parse(site.get(f"/companies/{company}?as_of={day}")), "money")
    columns = {"revenue": "매출", "share_issue_proceeds": "새 주식으로 받은 돈", "convertible_bond_proceeds": "전환사채로 받은 돈"}  # fmt: skip
    expected = filed(site, company, day, 12, columns)
    changes = site.get(f"/v1/companies/{company}/facts?as_of={day}").json()["capital_changes"]
    issued: dict[str, float] = {}
    for change in changes:
        if change["category"] == "paid_in":
            assert change["proceeds"], "a year with an issue without an amount has its own test"
            year = f"{change['changed_on'][:4]}.12"
            issued[year] = issued.get(year, 0) + change["proceeds"]
    for period, proceeds in issued.items():
        expected.setdefault(period, {}).setdefault(
            columns["share_issue_proceeds"], quantity(proceeds, "KRW", "ko")
        )
    assert compare(shown, expected) >= 3


@pytest.mark.parametrize("company", [RICH, "dart:00106641", "nps:00343e750e6b"])
def test_the_headcounts_table_holds_the_counted_people(site: Visitor, company: str) -> None:
    rows = site.get(f"/v1/companies/{company}/headcount").json()["rows"]
    counted: dict[str, dict[str, str]] = {}
    for row in rows:
        heads = "국민연금 가입자" if row["kind"] == "workplace" else "보고서의 직원 수"
        cells = {heads: row["headcount"], "입사(자격취득)": row["joiners"], "퇴사(자격상실)": row["leavers"]}  # fmt: skip
        known = {k: quantity(v, "persons", "ko") for k, v in cells.items() if v is not None}
        counted.setdefault(month(_day(row["period_end"]), "ko"), {}).update(known)
    shown = table(parse(site.get(f"/companies/{company}")), "people")
    assert compare(shown, counted) >= 2
    assert set(shown) == {period for period, cells in counted.items() if cells}
    columns = {column for cells in counted.values() for column in cells}
    assert all(set(cells) == columns for cells in shown.values())
    if company != RICH:
        assert columns >= {"국민연금 가입자", "입사(자격취득)", "퇴사(자격상실)"}


def test_the_legend_names_what_is_drawn_only(site: Visitor) -> None:
    """One month of joiners and leavers stands in the table and is not drawn."""
    page = parse(site.get("/companies/nps:00343e750e6b"))
    assert any("입사(자격취득)" in cells for cells in table(page, "people").values())
    (legend,) = page.xpath("//figure[@id='chart-people']//ul[contains(@class, 'legend')]")
    assert said(legend) == "국민연금 가입자"


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


@pytest.mark.parametrize("path", ["/criteria", "/signals/going_concern", f"/companies/{RICH}"])
def test_a_threshold_that_is_a_year_is_written_as_one(site: Visitor, path: str) -> None:
    page = said(parse(site.get(path)).xpath("//main")[0])
    assert "2024" in page
    assert "2,024" not in page
