"""From a small lake to the input tables of the signals: which version of which figure counts on a day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import duckdb
import pytest

from paycanary.lake.tables import TABLES
from paycanary.signals import catalog, custom
from paycanary.signals.engine import Engine
from tests.drawn import Lake

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def lake() -> Iterator[Lake]:
    with duckdb.connect() as con:
        yield Lake(con)


def test_no_input_hides_a_table_of_the_lake() -> None:
    """Inputs are temporary tables: one of a stored table's name would be read in its place from the second question on."""
    assert not set(catalog.inputs()) & set(TABLES)


# --- annual --------------------------------------------------------------------------------------


def test_a_restated_figure_counts_from_its_publication_on(lake: Lake) -> None:
    lake.add(
        facts="""
            concept    | months | period_end | value | lag | published
            net_income | 12     | 2021-12-31 | 100   | 0   | 2022-03-20
            net_income | 12     | 2022-12-31 | 50    | 0   | 2023-03-20
            net_income | 12     | 2021-12-31 | -7    | 1   | 2023-03-20
            """
    )
    assert lake.input("annual", "2023-03-19", "period_end, value") == [(date(2021, 12, 31), 100)]
    assert lake.input("annual", "2023-03-20", "period_end, year_rank, value") == [
        (date(2021, 12, 31), 1, -7),
        (date(2022, 12, 31), 0, 50),
    ]


def test_of_one_filing_the_figure_to_the_won_counts(lake: Lake) -> None:
    lake.add(
        facts="""
            concept    | months | period_end | value        | published
            net_income | 12     | 2022-12-31 | -90413000000 | 2023-03-20
            net_income | 12     | 2022-12-31 | -90412911482 | 2023-03-20
            """
    )
    assert lake.input("annual", "2023-04-01", "value, row_id") == [(-90412911482, 2)]


def test_an_amended_report_counts_from_its_publication_on(lake: Lake) -> None:
    lake.add(
        facts="""
            concept    | months | period_end | value | published
            net_income | 12     | 2015-12-31 | -3    | 2016-03-30
            net_income | 12     | 2015-12-31 | -8    | 2017-10-19
            """
    )
    assert lake.input("annual", "2017-10-18", "value") == [(-3,)]
    assert lake.input("annual", "2017-10-19", "value") == [(-8,)]


@pytest.mark.parametrize(
    ("newest_consolidated", "basis"), [("2022-12-31", "CFS"), ("2021-12-31", "OFS")]
)
def test_the_basis_is_that_of_the_newest_year(
    lake: Lake, newest_consolidated: str, basis: str
) -> None:
    lake.add(
        facts=f"""
            concept | basis | months | period_end            | value | published
            revenue | OFS   | 12     | 2021-12-31            | 1     | 2023-03-20
            revenue | OFS   | 12     | 2022-12-31            | 2     | 2023-03-20
            revenue | CFS   | 12     | 2020-12-31            | 30    | 2023-03-20
            revenue | CFS   | 12     | {newest_consolidated} | 40    | 2023-03-20
            """
    )
    values = {value for (value,) in lake.input("annual", "2023-04-01", "value")}
    assert values == ({30, 40} if basis == "CFS" else {1, 2})


def test_balances_stand_at_ends_of_years_that_have_a_years_flows(lake: Lake) -> None:
    """A balance in the middle of a year, and one without a year's accounts, are no annual figures."""
    lake.add(
        facts="""
            concept    | months | period_end | value
            net_income | 12     | 2022-12-31 | 1
            equity     | 0      | 2022-12-31 | 2
            equity     | 0      | 2023-06-30 | 3
            equity     | 0      | 2019-12-31 | 4
            net_income | 6      | 2023-06-30 | 5
            """
    )
    found = lake.input("annual", "2023-09-01", "concept, year_rank, value")
    assert found == [("equity", 0, 2), ("net_income", 0, 1)]


def test_a_gap_year_stays_a_gap(lake: Lake) -> None:
    lake.add(
        facts="""
            concept    | months | period_end
            net_income | 12     | 2022-12-31
            net_income | 12     | 2020-12-31
            net_income | 12     | 2019-12-31
            """
    )
    found = lake.input("annual", "2023-04-01", "year_rank, period_end")
    assert [rank for rank, _ in found] == [0, 2, 3]


def test_years_around_a_moved_years_end_keep_their_order(lake: Lake) -> None:
    """Nine months to December lie between: no year of twelve months, so a rank is free or not, but never held twice."""
    lake.add(
        facts="""
            concept    | months | period_end
            net_income | 12     | 2023-12-31
            net_income | 9      | 2022-12-31
            net_income | 12     | 2022-03-31
            net_income | 12     | 2021-03-31
            """
    )
    found = lake.input("annual", "2024-04-01", "year_rank, period_end")
    assert found == [
        (0, date(2023, 12, 31)),
        (2, date(2022, 3, 31)),
        (3, date(2021, 3, 31)),
    ]


def test_a_company_silent_for_too_long_is_left_out(lake: Lake) -> None:
    lake.add(
        facts="""
            concept    | months | period_end | published
            net_income | 12     | 2020-12-31 | 2021-03-20
            equity     | 0      | 2020-12-31 | 2021-03-20
            """,
        headcounts="""
            period_end | headcount
            2020-12-31 | 9
            """,
        opinions="""
            period_end | opinion
            2020-12-31 | disclaimer
            """,
    )
    for name in ("annual", "latest", "listed_headcount", "opinion"):
        assert lake.input(name, "2022-12-31", "count(*)") == [(1 + (name == "annual"),)]
        assert lake.input(name, "2023-01-01", "count(*)") == [(0,)]


# --- latest --------------------------------------------------------------------------------------


def test_the_newest_balance_sheet_and_no_other(lake: Lake) -> None:
    """The interim report has no share capital: that of the annual report is not put beside its equity."""
    lake.add(
        facts="""
            concept       | period_end | value | published
            equity        | 2022-12-31 | 10    | 2023-03-20
            share_capital | 2022-12-31 | 5     | 2023-03-20
            equity        | 2023-06-30 | 4     | 2023-08-14
            equity        | 2022-12-31 | 11    | 2023-08-14
            """
    )
    assert lake.input("latest", "2023-08-13", "concept, value") == [
        ("equity", 10),
        ("share_capital", 5),
    ]
    assert lake.input("latest", "2023-08-14", "concept, value") == [("equity", 4)]


def test_the_newest_balance_sheet_on_one_basis(lake: Lake) -> None:
    lake.add(
        facts="""
            concept       | basis | period_end | value
            equity        | CFS   | 2022-12-31 | 10
            equity        | OFS   | 2022-12-31 | 9
            share_capital | OFS   | 2022-12-31 | 5
            """
    )
    assert lake.input("latest", "2023-04-01", "concept, value") == [("equity", 10)]


def test_balances_outside_statements_have_their_own_day(lake: Lake) -> None:
    lake.add(
        facts="""
            concept           | basis | period_end | value | published
            equity            | OFS   | 2023-06-30 | 10    | 2023-08-14
            bonds_outstanding |       | 2023-03-31 | 70    | 2023-05-15
            bonds_outstanding |       | 2022-12-31 | 80    | 2023-03-20
            """
    )
    assert lake.input("latest", "2023-09-01", "concept, value") == [
        ("bonds_outstanding", 70),
        ("equity", 10),
    ]


# --- people --------------------------------------------------------------------------------------


def test_listed_headcounts_in_their_newest_known_version(lake: Lake) -> None:
    lake.add(
        headcounts="""
            period_end | headcount | published
            2021-12-31 | 340       | 2022-03-21
            2022-06-30 | 387       | 2022-08-16
            2021-12-31 | 300       | 2023-12-12
            2023-09-30 | 454       | 2023-11-14
            """,
        filings="""
            form   | published
            annual | 2022-03-21
            annual | 2023-12-12
            """,
    )
    assert lake.input("listed_headcount", "2023-11-30", "rank, months_ago, headcount, is_annual") == [
        (0, 0, 454, False),
        (1, 15, 387, False),
        (2, 21, 340, True),
    ]  # fmt: skip
    assert (2, 21, 300, True) in lake.input("listed_headcount", "2023-12-12", "rank, months_ago, headcount, is_annual")  # fmt: skip


def test_workplaces_of_a_company_add_up_without_building_sites(lake: Lake) -> None:
    lake.add(
        headcounts="""
            kind      | workplace | period_end | headcount | joiners | leavers | billed | income_per_head | is_income_capped | is_site
            workplace | 본사      | 2026-05-31 | 60        | 2       | 1       | 600    | 4000000         | false            | false
            workplace | 공장      | 2026-05-31 | 40        | 3       | 5       | 400    | 2000000         | true             | false
            workplace | 공사현장  | 2026-05-31 | 900       | 90      | 80      | 9000   | 2500000         | false            | true
            workplace | 본사      | 2026-04-30 | 50        | 2       | 1       | 500    |                 |                  | false
            workplace | 공장      | 2026-04-30 | 41        |         |         | 400    |                 |                  | false
            listed    |           | 2026-03-31 | 120       |         |         |        |                 |                  | false
            """
    )
    columns = "months_ago, headcount, joiners, leavers, billed, income_per_head, is_income_capped, workplaces"
    # One workplace of April does not state who came and went: then nobody knows.
    assert lake.input("workplace_month", "2026-07-01", columns) == [
        (0, 100, 5, 6, 1000, 3_200_000, True, 2),
        (1, 91, None, None, 900, None, False, 2),
    ]


def test_a_month_published_again_counts_once(lake: Lake) -> None:
    lake.add(
        headcounts="""
            kind      | workplace | period_end | headcount | published  | fetched_at
            workplace | 본사      | 2026-05-31 | 60        | 2026-06-20 | 2026-06-21
            workplace | 본사      | 2026-05-31 | 61        | 2026-07-20 | 2026-07-21
            """
    )
    assert lake.input("workplace_month", "2026-07-19", "headcount") == [(60,)]
    assert lake.input("workplace_month", "2026-07-20", "headcount") == [(61,)]


# --- opinions ------------------------------------------------------------------------------------


def test_the_report_itself_speaks_of_its_year_and_later_ones_do_not(lake: Lake) -> None:
    lake.add(
        opinions="""
            period_end | lag | opinion     | auditor | published
            2023-12-31 | 0   | disclaimer  | 가나    | 2024-03-20
            2023-12-31 | 1   | unqualified | 다라    | 2025-03-20
            2024-12-31 | 0   | unqualified | 다라    | 2025-03-20
            2022-12-31 | 2   | qualified   | 마바    | 2025-03-20
            2022-12-31 | 1   | unqualified | 사아    | 2024-03-20
            """
    )
    assert lake.input("opinion", "2025-04-01", "rank, opinion, auditor") == [
        (0, "unqualified", "다라"),
        (1, "disclaimer", "가나"),
        (2, "qualified", "마바"),
    ]
    assert lake.input("opinion", "2024-04-01", "rank, opinion, auditor") == [
        (0, "disclaimer", "가나"),
        (1, "unqualified", "사아"),
    ]


def test_before_the_report_itself_a_later_one_speaks_for_its_year(lake: Lake) -> None:
    """An amended report of 2023 arrived after the interim report of 2024."""
    lake.add(
        opinions="""
            period_end | lag | opinion     | published
            2023-12-31 | 1   | qualified   | 2024-05-16
            2023-12-31 | 0   | unqualified | 2024-12-31
            """
    )
    assert lake.input("opinion", "2024-12-30", "opinion") == [("qualified",)]
    assert lake.input("opinion", "2024-12-31", "opinion") == [("unqualified",)]


def test_of_several_texts_in_one_report_the_gravest_counts(lake: Lake) -> None:
    lake.add(
        opinions="""
            period_end | opinion     | is_going_concern | emphasis
            2023-12-31 | unqualified | true             | 계속기업
            2023-12-31 | disclaimer  | false            |
            2023-12-31 | qualified   | false            |
            """
    )
    found = lake.input("opinion", "2024-04-01", "rank, opinion, is_going_concern")
    assert found == [(0, "disclaimer", True)]


def test_reviews_and_audits_have_ranks_of_their_own(lake: Lake) -> None:
    lake.add(
        opinions="""
            period_end | is_annual | opinion
            2023-12-31 | true      | unqualified
            2024-06-30 | false     | disclaimer
            2023-06-30 | false     | unqualified
            2022-12-31 | true      | qualified
            """
    )
    assert lake.input("opinion", "2024-09-01", "is_annual, rank, opinion") == [
        (False, 0, "disclaimer"),
        (False, 1, "unqualified"),
        (True, 0, "unqualified"),
        (True, 1, "qualified"),
    ]


# --- capital changes and notices -----------------------------------------------------------------


def test_a_change_listed_again_in_other_words_counts_once(lake: Lake) -> None:
    lake.add(
        capital_changes="""
            changed_on | stock_kind | shares | price | proceeds | published
            2024-04-25 | 보통주     | 4896   |       |          | 2024-05-17
            2024-04-25 | 보통주식   | 4896   | 1552  | 7598592  | 2024-08-14
            2024-04-25 | 보통주식   | 4896   | 1552  | 7598592  | 2024-11-14
            2023-11-02 | 보통주     | 1000   | 500   | 500000   | 2024-03-20
            2023-11-02 | 보통주     | 1200   | 500   | 600000   | 2024-08-14
            2023-11-02 | 전환우선주 | 80     | 900   | 72000    | 2024-08-14
            """
    )
    assert lake.input("capital_change", "2024-12-01", "changed_on, shares, proceeds") == [
        (date(2023, 11, 2), 80, 72000),
        (date(2023, 11, 2), 1200, 600000),
        (date(2024, 4, 25), 4896, 7598592),
    ]
    assert lake.input("capital_change", "2024-06-01", "shares, proceeds") == [
        (1000, 500000),
        (4896, None),
    ]


def test_a_change_in_the_future_is_not_yet_one(lake: Lake) -> None:
    lake.add(
        capital_changes="""
            changed_on | shares | published
            2923-10-06 | 10     | 2023-11-14
            2023-11-20 | 20     | 2023-11-14
            """
    )
    assert lake.input("capital_change", "2023-11-19", "shares") == []
    assert lake.input("capital_change", "2023-12-19", "shares, months_ago") == [(20, 0)]
    assert lake.input("capital_change", "2023-12-20", "shares, months_ago") == [(20, 1)]


def test_a_notice_is_gone_on_the_day_its_publication_ends(lake: Lake) -> None:
    lake.add(
        notices="""
            kind      | event_on   | expires_on | published
            arrears   | 2023-07-13 | 2026-07-13 | 2023-07-13
            delisting | 2020-01-02 |            | 2020-01-02
            """
    )
    assert lake.input("notice", "2023-07-12", "kind, months_ago") == [("delisting", 42)]
    assert lake.input("notice", "2026-07-12", "kind, months_ago") == [
        ("arrears", 35),
        ("delisting", 78),
    ]
    assert lake.input("notice", "2026-07-13", "kind") == [("delisting",)]


# --- scope ---------------------------------------------------------------------------------------


def test_a_company_is_listed_between_its_listing_and_its_delisting(lake: Lake) -> None:
    lake.add(
        companies="""
            source | market | industry          | listed_on  | published
            krx    | KOSDAQ | 소프트웨어 개발업 | 2015-05-04 | 2015-05-04
            """,
        notices="""
            kind      | category | event_on   | published
            delisting | distress | 2024-06-18 | 2024-06-18
            """,
    )
    assert lake.input("scope", "2015-05-03", "market, is_listed") == [(None, False)]
    assert lake.input("scope", "2015-05-04", "market, is_listed, sector") == [("KOSDAQ", True, "other")]  # fmt: skip
    assert lake.input("scope", "2024-06-18", "is_listed") == [(False,)]


@pytest.mark.parametrize(
    ("industry", "sector"),
    [
        ("기타 금융업", "finance"),
        ("보험업", "finance"),
        ("은행 및 저축기관", "finance"),
        ("토목 건설업", "construction"),
        ("건물 건설업", "construction"),
        ("금속 가공제품 제조업", "other"),
        (None, None),
    ],
)
def test_sectors(lake: Lake, industry: str | None, sector: str | None) -> None:
    lake.add(
        companies=f"""
            source | industry         | listed_on  | published
            krx    | {industry or ""} | 2015-05-04 | 2015-05-04
            """
    )
    assert lake.input("scope", "2024-01-01", "sector") == [(sector,)]


def test_what_two_registers_say_of_one_company_comes_together(lake: Lake) -> None:
    lake.add(
        links="""
            company_id | canonical_id | confidence
            b          | a            | 1
            c          | a            | 0.7
            """,
        facts="""
            company_id | concept    | months | period_end
            a          | net_income | 12     | 2022-12-31
            """,
        notices="""
            company_id | kind      | event_on   | published
            b          | delisting | 2023-05-02 | 2023-05-02
            c          | delisting | 2010-05-02 | 2010-05-02
            """,
    )
    assert lake.input("notice", "2023-06-01", "company_id, event_on") == [("a", date(2023, 5, 2))]


# --- people who perhaps moved --------------------------------------------------------------------


def test_a_month_in_which_people_perhaps_moved_is_one_row(lake: Lake) -> None:
    """Workplaces of one month add up, and the largest of those that took people in is named; more than three alike tell nothing."""
    lake.add(
        headcounts="""
            kind      | workplace | period_end | headcount
            workplace | x         | 2026-06-30 | 10
            workplace | x         | 2026-04-30 | 50
            """,
        pension_moves="""
            workplace | period_end | leavers | other_workplace | joiners | candidates
            x         | 2026-04-30 | 20      | small           | 21      | 1
            y         | 2026-04-30 | 30      | large           | 33      | 3
            z         | 2026-04-30 | 40      | by chance       | 44      | 4
            x         | 2026-03-31 | 40      | no such month   | 40      | 1
            """,
    )
    assert lake.input("moved_month", "2026-09-01", "months_ago, moved, other_workplace, joiners, row_id") == [(2, 50, "large", 33, 4)]  # fmt: skip


@pytest.mark.parametrize(("most", "moved"), [(None, 3), (2, None), (3, 3)])
def test_own_criteria_say_how_many_alike_are_too_many(lake: Lake, most: int | None, moved: int | None) -> None:  # fmt: skip
    lake.add(
        headcounts="""
            kind      | workplace | period_end | headcount
            workplace | x         | 2026-06-30 | 10
            """,
        pension_moves="""
            workplace | period_end | leavers | other_workplace | joiners | candidates
            x         | 2026-06-30 | 3       | y               | 3       | 3
            """,
    )
    lake.link()
    text = f"verdict: {{most_candidates: {most}}}" if most else ""
    Engine(lake.con).prepare(date(2026, 9, 1), criteria=custom.parse(text))
    found = lake.con.execute("SELECT moved FROM moved_month").fetchall()
    assert found == ([(moved,)] if moved else [])
