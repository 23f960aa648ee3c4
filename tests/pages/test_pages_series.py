"""What a company's charts say where part of the figures was never filed: what is unknown is neither left out silently nor zero."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, cast

import pytest
from lxml import etree

from paycanary.documents import CapitalChange, FactRow, Facts, Headcount
from paycanary.models import Verdict
from paycanary.report.charts import draw, legend
from paycanary.report.series import charts

if TYPE_CHECKING:
    from paycanary.errors import Lang
    from paycanary.report.series import Chart
    from tests.visiting import Visitor

COMPANY: Final = "dart:00164645"
FILED: Final = {"source": "opendart", "filing_id": "20250301000001", "published_on": date(2025, 3, 1), "url": None}  # fmt: skip
LANGS = pytest.mark.parametrize("lang", ["ko", "en"])
BILLION: Final = 1_000_000_000


def fact(concept: str, end: date, value: float, months: int = 12) -> FactRow:
    return FactRow.model_validate(
        {
            "concept": concept,
            "basis": "CFS",
            "period_end": end,
            "months": months,
            "value": value,
            "unit": "KRW",
            **FILED,
        }
    )


def issue(day: date, proceeds: float | None) -> CapitalChange:
    return CapitalChange.model_validate(
        {
            "changed_on": day,
            "category": "paid_in",
            "form": None,
            "shares": 10.0,
            "price": None,
            "proceeds": proceeds,
            **FILED,
        }
    )


@pytest.fixture(scope="module")
def verdicts(site: Visitor) -> dict[str, Verdict]:
    """A real verdict in both languages, whose findings a test may replace."""
    return {
        lang: Verdict.model_validate(
            site.get(f"/v1/companies/{COMPANY}/verdict?lang={lang}").json()
        )
        for lang in ("ko", "en")
    }


def chart(name: str, verdict: Verdict, facts: list[FactRow], issues: list[CapitalChange] | None = None) -> Chart:  # fmt: skip
    day = verdict.as_of
    told = Facts(company=COMPANY, as_of=day, facts=facts, capital_changes=issues or [])
    drawn = charts(verdict, told, Headcount(company=COMPANY, as_of=day, rows=[]))
    return next(c for c in drawn if c.name == name)


@pytest.mark.parametrize(
    ("ends", "issued"),
    [
        ((date(2023, 12, 31), date(2024, 12, 31)), date(2023, 12, 30)),
        ((date(2023, 12, 31), date(2024, 12, 31)), date(2023, 12, 31)),
        ((date(2024, 2, 29), date(2025, 2, 28)), date(2024, 2, 29)),
        ((date(2023, 2, 28), date(2024, 2, 29)), date(2023, 2, 28)),
        ((date(2024, 2, 28), date(2025, 2, 28)), date(2024, 2, 29)),
        ((date(2024, 6, 30), date(2025, 6, 30)), date(2024, 6, 29)),
    ],
)
def test_an_issue_belongs_to_one_fiscal_year(
    verdicts: dict[str, Verdict], ends: tuple[date, date], issued: date
) -> None:
    facts = [fact("revenue", end, BILLION) for end in ends]
    money = chart("money", verdicts["ko"], facts, [issue(issued, 5 * BILLION)])
    assert money.values("shares") == [5 * BILLION, None]
    months = 12 * ends[0].year + ends[0].month
    first = date(months // 12, months % 12 + 1, 1)
    later = chart("money", verdicts["ko"], facts, [issue(first, 7 * BILLION)])
    assert later.values("shares") == [None, 7 * BILLION]


@LANGS
def test_issues_without_a_filed_amount_are_counted_beside_the_sum(verdicts: dict[str, Verdict], lang: str) -> None:  # fmt: skip
    facts = [fact("revenue", date(year, 12, 31), BILLION) for year in (2023, 2024)]
    issues = [issue(date(2024, 3, 1), 5 * BILLION), issue(date(2024, 5, 1), None), issue(date(2024, 6, 1), None)]  # fmt: skip
    money = chart("money", verdicts[lang], facts, issues)
    shown = {"ko": "50억 원 이상(금액이 공개되지 않은 발행 2건 제외)", "en": "at least 5bn won (issues without a filed amount: 2)"}[lang]  # fmt: skip
    assert money.rows[-1].cells["shares"].shown == shown
    assert shown in money.told
    assert money.more
    whole = chart("money", verdicts[lang], facts, issues[:1])
    assert whole.rows[-1].cells["shares"].shown == {"ko": "50억 원", "en": "5bn won"}[lang]
    assert not whole.more


def test_issues_none_of_which_has_an_amount_are_no_zero(verdicts: dict[str, Verdict]) -> None:
    facts = [fact("revenue", date(year, 12, 31), BILLION) for year in (2023, 2024)]
    money = chart("money", verdicts["ko"], facts, [issue(date(2024, 3, 1), None)])
    assert money.values("shares") == [None, None]
    assert not money.is_drawn


@LANGS
def test_cash_alone_is_called_so(verdicts: dict[str, Verdict], lang: str) -> None:
    ends = (date(2023, 12, 31), date(2024, 12, 31))
    years = [fact("operating_profit", end, -BILLION) for end in ends]
    held = [fact("cash", end, 4 * BILLION, 0) for end in ends]
    unknown = {"ko": "단기금융상품은 공개되지 않", "en": "hort-term investments are not published"}[
        lang
    ]
    both = {"ko": "현금과 단기금융상품", "en": "Cash and short-term investments"}[lang]
    alone = chart("cash", verdicts[lang], years + held)
    assert alone.title != both
    assert unknown in alone.told
    assert alone.values("short_term_investments") == [None, None]
    some = [*years, *held, fact("short_term_investments", ends[0], BILLION, 0)]
    earlier = chart("cash", verdicts[lang], some)
    assert earlier.title == both
    assert unknown in earlier.told
    assert {"ko": "2024.12", "en": "2024-12"}[lang] in earlier.more
    whole = chart("cash", verdicts[lang], [*some, fact("short_term_investments", ends[1], 0, 0)])
    assert (whole.title, whole.more) == (both, "")
    assert unknown not in whole.told


@LANGS
def test_a_runway_without_an_operating_result_is_left_out(verdicts: dict[str, Verdict], lang: str) -> None:  # fmt: skip
    verdict = verdicts[lang]
    finding = verdict.findings[0].model_copy(update={"signal": "cash_runway", "figures": [], "measure": 7.0})  # fmt: skip
    held = [fact(key, date(year, 12, 31), BILLION, 0) for year in (2023, 2024) for key in ("cash", "short_term_investments")]  # fmt: skip
    years = [fact("revenue", date(year, 12, 31), BILLION) for year in (2023, 2024)]
    cash = chart("cash", verdict.model_copy(update={"findings": [finding]}), years + held)
    assert cash.is_drawn
    assert {"ko": "20억 원", "en": "2bn won"}[lang] in cash.told
    assert "7" not in cash.told


@LANGS
def test_sales_are_drawn_otherwise_than_profits(verdicts: dict[str, Verdict], lang: str) -> None:
    """Revenue is a line with points where profits are bars, in the drawing and in its legend."""
    keys = ("revenue", "operating_profit", "net_income")
    facts = [fact(key, date(year, 12, 31), BILLION) for year in (2022, 2023, 2024) for key in keys]
    accounts = chart("accounts", verdicts[lang], facts)
    looks = [look for look, _ in legend(accounts)]
    assert len({look.split()[-1] for look in looks}) == len(keys)
    assert looks[0] == "s3 line"
    root = etree.fromstring(draw(accounts, cast("Lang", lang)).encode())
    strokes = [str(e.get("class")) for e in root.iter() if e.get("d")]
    assert "k-s3" in strokes
    assert strokes.count("f-s3 k-s3") == 3
    assert strokes.count("f-s1 k-s1") == 3
    assert strokes.count("f-paper k-s2") == 3
