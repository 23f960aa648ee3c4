"""Employees, dividend tables, share issues and bonds of OpenDART: one test a trap."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.opendart_files import COLUMNS, Row
from tests.opendart_rows import RECEIPT, asked, rejected, report, take_in
from tests.stage import create_stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        create_stage(connection)
        yield connection


# --- employees -----------------------------------------------------------------------------------


def staff(division: str, sex: str | None, heads: str | None, pay: str | None = None, **more: str | None) -> Row:  # fmt: skip
    return {"fo_bbm": division, "sexdstn": sex, "sm": heads, "fyer_salary_totamt": pay, **more}


def both(division: str, men: int, women: int) -> list[Row]:
    return [staff(division, "남", f"{men:,}"), staff(division, "여", f"{women:,}")]


def headcount(con: duckdb.DuckDBPyConnection) -> int | None:
    rows = asked(con, "SELECT headcount FROM stage_headcounts")
    assert len(rows) < 2
    return rows[0][0] if rows else None


def test_divisions_and_sexes_add_up(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    rows = both("반도체", 40_000, 20_000) + both("가전", 30_000, 9_480)
    take_in(con, tmp_path, empSttus=rows)
    assert headcount(con) == 99_480
    assert asked(con, "SELECT kind, period_end, filing_id, published_on FROM stage_headcounts") == [
        ("listed", date(2022, 12, 31), RECEIPT, date(2023, 3, 15))
    ]


@pytest.mark.parametrize(
    "name", ["성별합계", "성별 합계", " 성별합계 ", "성별 총계", "성별 총게", "합계", "합 계", "소계", "계", "회사 계", "총원", "누계"]
)  # fmt: skip
def test_totals_beside_divisions_are_not_counted_again(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, name: str
) -> None:
    rows = both("반도체", 40, 20) + both("가전", 30, 10) + both(name, 70, 30)
    take_in(con, tmp_path, empSttus=rows)
    assert headcount(con) == 100


def test_totals_alone_are_counted_once(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    take_in(con, tmp_path, empSttus=both("성별합계", 70, 30) + both("합계", 70, 30))
    assert headcount(con) == 100


def test_the_whole_company_beside_divisions_that_add_up_to_it(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = both("관리", 40, 20) + both("생산", 30, 10) + both("전체", 70, 30)
    take_in(con, tmp_path, empSttus=rows)
    assert headcount(con) == 100


@pytest.mark.parametrize("name", ["전체", "전사", "전 사", "전사업부문", "당사"])
def test_the_whole_company_as_the_only_division(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, name: str
) -> None:
    take_in(con, tmp_path, empSttus=both(name, 70, 30))
    assert headcount(con) == 100


def test_a_division_called_whole_that_is_one_of_several(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    take_in(con, tmp_path, empSttus=both("전사", 5, 5) + both("생산", 70, 30))
    assert headcount(con) == 110


@pytest.mark.parametrize(
    "name", ["엔진기계", "농기계", "사업총괄", "합금철", "전사공통", "지주회사"]
)
def test_a_division_whose_name_only_looks_like_a_total(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, name: str
) -> None:
    take_in(con, tmp_path, empSttus=both(name, 70, 30) + both("관리", 70, 30))
    assert headcount(con) == 200


def test_heads_without_a_sum(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    rows = [
        staff("관리", "남", "-", rgllbr_co="1,040", cnttk_co="-"),
        staff("관리", "여", None, rgllbr_co="-", cnttk_co="12"),
    ]
    take_in(con, tmp_path, empSttus=rows)
    found = asked(con, "SELECT headcount, regular, contract FROM stage_headcounts")
    assert found == [(1052, 1040, 12)]


def test_dashes_are_no_people_and_no_row(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    rows = [staff("-", None, "-", rgllbr_co="-", cnttk_co="-"), dict.fromkeys(COLUMNS["empSttus"])]
    summary = take_in(con, tmp_path, empSttus=rows)["empSttus"]
    assert headcount(con) is None
    assert (summary.accepted, summary.skipped) == (0, 2)


def test_a_count_that_is_no_number_costs_its_row_only(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        *both("관리", 7, 3),
        staff("생산", "남", "약 20"),
        staff("생산", "여", "4", stlm_dt="말일"),
    ]
    take_in(con, tmp_path, empSttus=rows)
    assert headcount(con) == 10
    assert rejected(con) == ["bad_number", "bad_date"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(
    parts=st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 4000)), min_size=1, max_size=5),
    totals=st.sets(st.sampled_from(["성별합계", "합계", "총계", "소계"])),
    shuffled=st.randoms(),
)
def test_nobody_is_ever_counted_twice(
    tmp_path: Path, parts: list[tuple[int, int]], totals: set[str], shuffled: object
) -> None:
    men, women = sum(m for m, _ in parts), sum(w for _, w in parts)
    rows = [row for n, part in enumerate(parts) for row in both(f"사업부{n}", *part)]
    rows += [row for name in totals for row in both(name, men, women)]
    shuffled.shuffle(rows)  # type: ignore[attr-defined] # a random.Random
    with duckdb.connect() as con:
        create_stage(con)
        take_in(con, tmp_path, empSttus=rows)
        assert headcount(con) == men + women


@pytest.mark.parametrize("pay", ["12,960,000,000,000", "12,960,000,000", "12,960,000"])
def test_pay_in_won_thousands_or_millions_is_stored_in_won(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, pay: str
) -> None:
    take_in(con, tmp_path, empSttus=[staff("전사", "남", "129,480", pay)])
    assert asked(con, "SELECT payroll FROM stage_headcounts") == [(12_960_000_000_000,)]


def test_pay_of_no_plausible_unit_is_unknown(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    take_in(con, tmp_path, empSttus=[staff("전사", "남", "100", "12")])
    assert asked(con, "SELECT headcount, payroll FROM stage_headcounts") == [(100, None)]


def test_pay_stated_in_the_total_only(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    rows = [*both("관리", 7, 3), staff("합계", None, "10", "500,000,000")]
    take_in(con, tmp_path, empSttus=rows)
    assert asked(con, "SELECT headcount, payroll FROM stage_headcounts") == [(10, 5e8)]


def test_pay_of_half_a_year_is_no_pay_of_a_year(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Trusts file annual reports on six months."""
    rows = [
        {**staff("전사", "남", "10", "200,000,000"), **report(day)}
        for day in ("2021-12-31", "2022-06-30", "2022-12-31")
    ]
    take_in(con, tmp_path, empSttus=rows)
    assert asked(con, "SELECT DISTINCT headcount, payroll FROM stage_headcounts") == [(10, None)]


# --- dividend tables: net income in millions -----------------------------------------------------

CONSOLIDATED, SEPARATE = "(연결)당기순이익(백만원)", "(별도)당기순이익(백만원)"


def income(this: str | None, prior: str | None = "-", before: str | None = "-", se: str | None = CONSOLIDATED, **more: str | None) -> Row:  # fmt: skip
    return {"se": se, "thstrm": this, "frmtrm": prior, "lwfr": before, **more}


def comparatives(con: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return con.execute("SELECT basis, period_end, months, value, published_on FROM stage_facts WHERE concept = 'net_income_comparative' ORDER BY ALL").fetchall()  # fmt: skip


def dividends(con: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return con.execute("SELECT period_end, months, value FROM stage_facts WHERE concept = 'cash_dividends' ORDER BY ALL").fetchall()  # fmt: skip


def incomes(con: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return asked(con, "SELECT basis, period_end, months, value FROM stage_facts WHERE concept = 'net_income' ORDER BY ALL")  # fmt: skip


def test_net_income_of_three_years_is_in_millions(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        income("-127,707", "(110,491)", "△89,318"),
        income("5", se=SEPARATE),
        income("1,000", se="(연결)주당순이익(원)"),
        income("20", se="현금배당금총액(백만원)"),
    ]
    summary = take_in(con, tmp_path, alotMatter=rows)["alotMatter"]
    assert incomes(con) == [
        ("CFS", date(2020, 12, 31), 12, -89_318e6),
        ("CFS", date(2021, 12, 31), 12, -110_491e6),
        ("CFS", date(2022, 12, 31), 12, -127_707e6),
        ("OFS", date(2022, 12, 31), 12, 5e6),
    ]
    assert dividends(con) == [(date(2022, 12, 31), 12, 20e6)]
    assert (summary.accepted, summary.skipped) == (3, 1)


def test_a_dash_for_dividends_is_not_taken_as_nil(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        income("-", "30", "-", se="현금배당금총액(백만원)"),
        # An interim report's dividends are of no whole year.
        income("7", "30", "9", se="현금배당금총액(백만원)", **report("2022-09-30", "3분기")),
    ]
    take_in(con, tmp_path, alotMatter=rows)
    assert dividends(con) == [(date(2021, 12, 31), 12, 30e6)]


def test_the_first_column_of_an_interim_report_is_the_year_to_date(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Companies fill the others with full years or with last year's interim period alike: where reports differ nothing is taken."""
    rows = [
        income("30", "80", "75", **report("2022-09-30", "3분기")),
        income("-", "55", "50", **report("2022-06-30", "2분기")),
    ]
    summary = take_in(con, tmp_path, alotMatter=rows)["alotMatter"]
    assert incomes(con) == [("CFS", date(2022, 9, 30), 9, 30e6)]
    assert comparatives(con) == []
    assert (summary.accepted, summary.skipped) == (2, 0)


def test_an_earlier_year_is_taken_where_two_interim_reports_state_the_same(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """A full year is the same in every report of a year, an interim period never is."""
    rows = [
        income("10", "120", "110", **report("2022-03-31", "1분기")),
        income("20", "120", "55", **report("2022-06-30", "2분기")),
        # The same figure in another row, and for another basis, is no second statement.
        income("20", "99", "98", se=SEPARATE, **report("2022-06-30", "2분기")),
        income("30", "80", "75", **report("2022-09-30", "3분기")),
    ]
    take_in(con, tmp_path, alotMatter=rows)
    # It counts from the day of the second report on.
    ((*told, published),) = comparatives(con)
    assert told == ["CFS", date(2021, 12, 31), 12, 120e6]
    ((second,),) = con.execute("SELECT published_on FROM stage_facts WHERE concept = 'net_income' AND period_end = DATE '2022-06-30' AND value = 20e6 AND basis = 'CFS'").fetchall()  # fmt: skip
    assert published == second


@pytest.mark.parametrize("written", ["38,408,259,468", "-2,639,997,687"])
def test_won_in_a_column_of_millions_is_a_conflict(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, written: str
) -> None:
    take_in(con, tmp_path, alotMatter=[income(written)])
    assert rejected(con) == ["unit_conflict"]
    assert incomes(con) == []


def test_earnings_a_share_tell_thousands_from_millions(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """A thousand won a share on ten million shares are ten billion won: 10,000 million, not 10,000,000."""
    shares: Row = {"se": "소액주주", "shrholdr_co": "900", "stock_tot_co": "10,000,000", "hold_stock_rate": "41.5%"}  # fmt: skip
    per_share = income("1,000", se="(연결)주당순이익(원)")
    take_in(con, tmp_path, alotMatter=[income("10,000,000"), per_share], mrhlSttus=[shares])
    assert rejected(con) == ["unit_conflict"]
    with duckdb.connect() as again:
        create_stage(again)
        take_in(again, tmp_path, alotMatter=[income("10,000"), per_share], mrhlSttus=[shares])
        assert [row[3] for row in incomes(again)] == [10e9]
        other = asked(again, "SELECT concept, value, unit FROM stage_facts WHERE basis IS NULL ORDER BY ALL")  # fmt: skip
        assert other == [
            ("minority_share_ratio", 0.415, "ratio"),
            ("minority_shareholders", 900, "persons"),
            ("shares_outstanding", 10_000_000, "shares"),
        ]


# --- share issues and reductions -----------------------------------------------------------------


def change(day: str | None, form: str, shares: str | None, price: str | None = "5,000", par: str | None = "500", **more: str | None) -> Row:  # fmt: skip
    return {
        "isu_dcrs_de": day, "isu_dcrs_stle": form, "isu_dcrs_stock_knd": "보통주", "isu_dcrs_qy": shares,
        "isu_dcrs_mstvdv_fval_amount": par, "isu_dcrs_mstvdv_amount": price, **more,
    }  # fmt: skip


def changes(con: duckdb.DuckDBPyConnection, what: str) -> list[tuple[object, ...]]:
    return asked(con, f"SELECT {what} FROM stage_capital_changes ORDER BY ALL")


def test_a_change_listed_in_every_report_is_dated_by_the_first(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    reports = [report("2022-06-30", "2분기"), report("2022-09-30", "3분기"), report("2022-12-31")]
    rows = [change("2022.05.02", "유상증자(제3자배정)", "1,000", **r) for r in reversed(reports)]
    take_in(con, tmp_path, irdsSttus=rows)
    assert changes(con, "changed_on, shares, proceeds, published_on") == [
        (date(2022, 5, 2), 1000, 5_000_000, date(2022, 8, 14))
    ]


@pytest.mark.parametrize("day", ["2022.05.02", "2022-05-02", "20220502", "2022년 5월 2일", "2022. 5. 2."])  # fmt: skip
def test_days_however_they_are_written(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, day: str
) -> None:
    take_in(con, tmp_path, irdsSttus=[change(day, "무상증자", "10")])
    assert changes(con, "changed_on") == [(date(2022, 5, 2),)]


@pytest.mark.parametrize(
    ("form", "category", "brings_money"),
    [
        ("유상증자(주주배정)", "paid_in", True),
        ("유상증자(일반공모)", "paid_in", True),
        ("전환권행사", "conversion", True),
        ("신주인수권행사", "warrant", True),
        ("주식매수선택권행사", "option", True),
        ("무상증자", "bonus", False),
        ("주식배당", "bonus", False),
        ("주식분할", "split", False),
        ("출자전환", "debt_to_equity", False),
        ("현물출자", "in_kind", False),
        ("상환권행사", "redemption", False),
        ("무상감자", "reduction", False),
        ("유상감자", "reduction", False),
        ("-", "other", False),
    ],
)
def test_forms_and_what_they_bring_in(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, form: str, category: str, *, brings_money: bool
) -> None:
    take_in(con, tmp_path, irdsSttus=[change("2022.05.02", form, "10")])
    assert changes(con, "category, proceeds") == [(category, 50_000 if brings_money else None)]


def test_lots_of_one_day_are_one_change(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    rows = [change("2022.05.02", "전환권행사", shares) for shares in ("10", "20", "5")]
    take_in(con, tmp_path, irdsSttus=rows)
    assert changes(con, "shares, proceeds") == [(35, 175_000)]


@pytest.mark.parametrize(
    ("price", "par"),
    [("102,000,000,000", "500"), ("8,636,000,000", "500,000,000"), ("35,000", "500,000"), ("-240,383,000", "500")],
)  # fmt: skip
def test_a_price_that_no_share_ever_had_is_unknown(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, price: str, par: str
) -> None:
    take_in(
        con, tmp_path, irdsSttus=[change("2022.05.02", "유상증자(일반공모)", "1,000", price, par)]
    )
    assert changes(con, "shares, proceeds") == [(1000, None)]


def test_more_new_shares_than_there_are_in_all_condemn_the_table(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        change("2022.05.02", "유상증자(일반공모)", "6,400,000,000,000"),
        change("2021.05.02", "전환권행사", "1,000,000"),
        change("2021.05.02", "전환권행사", "1,000", **report("2021-12-31")),
    ]
    take_in(
        con, tmp_path, irdsSttus=rows, mrhlSttus=[{"se": "소액주주", "stock_tot_co": "20,000,000"}]
    )
    assert rejected(con) == ["unit_conflict", "unit_conflict"]
    assert changes(con, "shares") == [(1000,)]


def test_changes_without_a_day_are_rejected_and_without_anything_skipped(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [change("-", "전환권행사", "10"), change("-", "-", "-", "-", "-"), change("2022.13.40", "전환권행사", "1"), change("2022.05.02", "전환권행사", "여러 주")]  # fmt: skip
    summary = take_in(con, tmp_path, irdsSttus=rows)["irdsSttus"]
    assert rejected(con) == ["bad_date", "bad_date", "bad_number"]
    assert (summary.accepted, summary.skipped) == (0, 1)


# --- bonds ---------------------------------------------------------------------------------------


def bonds(kind: str, total: str | None, within_a_year: str | None) -> Row:
    return {"remndr_exprtn1": "미상환잔액", "remndr_exprtn2": kind, "sm": total, "yy1_below": within_a_year}  # fmt: skip


def test_only_the_total_of_bonds_is_taken(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    rows = [
        bonds("공모", "300,000,000", "100,000,000"),
        bonds("사모", "200,000,000", "-"),
        bonds("합계", "500,000,000", "100,000,000"),
    ]
    summary = take_in(con, tmp_path, cprndNrdmpBlce=rows)["cprndNrdmpBlce"]
    assert asked(con, "SELECT concept, months, value FROM stage_facts ORDER BY ALL") == [
        ("bonds_due_within_1y", 0, 1e8),
        ("bonds_outstanding", 0, 5e8),
    ]
    assert (summary.accepted, summary.skipped) == (1, 2)


def test_a_dash_is_how_no_bonds_are_filed(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    take_in(con, tmp_path, cprndNrdmpBlce=[bonds("합계", "-", "-")])
    assert asked(con, "SELECT concept, value FROM stage_facts ORDER BY ALL") == [
        ("bonds_due_within_1y", 0),
        ("bonds_outstanding", 0),
    ]


@pytest.mark.parametrize("total", ["27,000", "5,500,000"])
def test_bonds_in_millions_or_thousands_are_a_conflict(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, total: str
) -> None:
    take_in(con, tmp_path, cprndNrdmpBlce=[bonds("합계", total, "-")])
    assert rejected(con) == ["unit_conflict"]
