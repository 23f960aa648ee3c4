"""Statements of OpenDART: which line is which concept, and of which day and how many months each figure speaks."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paycanary.errors import InputFileError
from paycanary.filings import opendart
from paycanary.resources import read_text
from tests.opendart_files import COLUMNS, STATEMENTS, Row, write_rows
from tests.opendart_rows import RECEIPT, account, asked, rejected, report, take_in
from tests.stage import create_stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


NOT_STANDARD = "-표준계정코드 미사용-"


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        create_stage(connection)
        yield connection


def facts(con: duckdb.DuckDBPyConnection, what: str = "concept, value") -> list[tuple[object, ...]]:
    return asked(con, f"SELECT {what} FROM stage_facts ORDER BY ALL")


def half_year(**more: str | None) -> Row:
    return {"reprt_code": "11012", "rcept_no": "20220816000010", **more}


# --- which line is which concept -----------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["ifrs", "ifrs-full", "dart"])
def test_one_account_under_the_prefixes_of_three_taxonomies(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, prefix: str
) -> None:
    take_in(con, tmp_path, fnlttSinglAcntAll=[account(f"{prefix}_Equity", "자본총계", "700")])
    assert facts(con) == [("equity", 700)]


@pytest.mark.parametrize("name", ["자본금", " 자 본 금 ", "I. 자본금", "Ⅰ.자본금", "1) 자본금"])
def test_an_account_without_a_standard_id_is_known_by_its_name(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, name: str
) -> None:
    take_in(con, tmp_path, fnlttSinglAcntAll=[account(NOT_STANDARD, name, "1,372")])
    assert facts(con) == [("share_capital", 1372)]


@pytest.mark.parametrize(
    ("id_", "name"),
    [
        ("ifrs_CurrentTaxLiabilities", "사채"),
        ("ifrs-full_CurrentTaxLiabilities", "자본총계"),
        ("entity00111704_Equity", "자본총계의 변동"),
        (NOT_STANDARD, "자본금의 변동"),
        ("ifrs-full_EquityAndLiabilities", "자본과부채총계"),
    ],
)
def test_a_misused_id_and_a_name_that_only_begins_alike_are_no_concept(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, id_: str, name: str
) -> None:
    summary = take_in(con, tmp_path, fnlttSinglAcntAll=[account(id_, name, "7")])[STATEMENTS]
    assert facts(con) == []
    assert (summary.skipped, summary.rejected) == (1, 0)


def test_the_same_words_in_another_statement_are_another_matter(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        account("ifrs-full_Equity", "자본총계", "7", sj_div="SCE"),
        account("ifrs-full_ProfitLoss", "당기순이익", "3", sj_div="CF"),
    ]
    take_in(con, tmp_path, fnlttSinglAcntAll=rows)
    assert facts(con) == []


def test_income_in_both_income_statements_counts_once(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        account("ifrs-full_ProfitLoss", "당기순이익(손실)", "-5", sj_div="CIS", ord="1"),
        account("ifrs-full_ProfitLoss", "당기순이익(손실)", "-5", sj_div="IS", ord="2"),
        account(NOT_STANDARD, "당기순손실", "-5", sj_div="IS", ord="3"),
    ]
    take_in(con, tmp_path, fnlttSinglAcntAll=rows)
    assert facts(con) == [("net_income", -5)]


def test_a_line_with_a_figure_comes_before_one_without(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        account("dart_OperatingIncomeLoss", "영업이익", "", sj_div="IS", frmtrm_amount="9"),
        account(NOT_STANDARD, "영업손실", "(4)", sj_div="CIS"),
    ]
    take_in(con, tmp_path, fnlttSinglAcntAll=rows)
    assert facts(con) == [("operating_profit", -4)]


@pytest.mark.parametrize(
    ("name", "closing", "told"),
    [
        ("현금및현금성자산", "27", [("cash", 27)]),
        # Neither their sum, nor any of them, is what the company says it ends with.
        ("현금및현금성자산", "25", []),
        ("현금및현금성자산", "", []),
        # Nothing says what the sum of other parts would be.
        ("유동자산", "27", []),
    ],
)
def test_two_parts_of_a_balance_sheet_that_shows_a_financial_business_apart(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, name: str, closing: str, told: list[object]
) -> None:
    rows = [
        account(NOT_STANDARD, name, "20", ord="24"),
        account(NOT_STANDARD, name, "7", ord="8"),
        account("dart_CashAndCashEquivalentsAtEndOfPeriodCf", "기말현금및현금성자산", closing, sj_div="CF"),
    ]  # fmt: skip
    take_in(con, tmp_path, fnlttSinglAcntAll=rows)
    assert facts(con) == told


def test_one_line_that_stands_twice_is_one(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    rows = [
        account(NOT_STANDARD, "현금및현금성자산", "7", ord="8"),
        account(NOT_STANDARD, "현금및현금성자산", "7", ord="24"),
    ]
    take_in(con, tmp_path, fnlttSinglAcntAll=rows)
    assert facts(con) == [("cash", 7)]


def test_consolidated_and_separate_figures_stand_side_by_side(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        account("ifrs-full_Assets", "자산총계", amount, fs_div=basis)
        for basis, amount in (("CFS", "20"), ("OFS", "12"))
    ]
    take_in(con, tmp_path, fnlttSinglAcntAll=rows)
    assert facts(con, "basis, value") == [("CFS", 20), ("OFS", 12)]


def test_another_currency_is_kept(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    rows = [
        account("ifrs-full_Assets", "자산총계", "5", currency="USD"),
        account("ifrs-full_Equity", "자본총계", "4", currency=" "),
    ]
    take_in(con, tmp_path, fnlttSinglAcntAll=rows)
    assert facts(con, "concept, unit") == [("equity", "KRW"), ("total_assets", "USD")]


# --- of which day and how many months ------------------------------------------------------------


def test_an_annual_report_shows_two_years_before(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    before = {"frmtrm_amount": "2", "bfefrmtrm_amount": "1"}
    rows = [
        account("ifrs-full_Equity", "자본총계", "3", **before),
        account("ifrs-full_ProfitLoss", "당기순이익", "3", sj_div="IS", **before),
    ]
    take_in(con, tmp_path, fnlttSinglAcntAll=rows)
    ends = [date(2020, 12, 31), date(2021, 12, 31), date(2022, 12, 31)]
    assert facts(con, "concept, months, period_end, value, lag") == [
        *(("equity", 0, end, 3 - lag, lag) for end, lag in zip(ends, (2, 1, 0), strict=True)),
        *(("net_income", 12, end, 3 - lag, lag) for end, lag in zip(ends, (2, 1, 0), strict=True)),
    ]
    assert asked(con, "SELECT DISTINCT published_on, filing_id FROM stage_facts") == [
        (date(2023, 3, 15), RECEIPT)
    ]


def test_an_interim_balance_sheet_is_compared_with_the_end_of_the_year_before(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    row = account("ifrs-full_Equity", "자본총계", "3", frmtrm_amount="2", bfefrmtrm_amount="1")
    take_in(con, tmp_path, fnlttSinglAcntAll=[{**row, **half_year()}])
    assert facts(con, "period_end, value") == [
        (date(2020, 12, 31), 1),
        (date(2021, 12, 31), 2),
        (date(2022, 6, 30), 3),
    ]


@pytest.mark.parametrize(
    ("code", "received", "end", "months"),
    [("11012", "20220816", date(2022, 6, 30), 6), ("11014", "20221114", date(2022, 9, 30), 9)],
)
def test_an_interim_income_statement_has_a_column_of_the_quarter_and_one_of_the_year_to_date(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, code: str, received: str, end: date, months: int
) -> None:
    row = account("ifrs-full_Revenue", "매출액", "10", sj_div="IS", thstrm_add_amount="25")
    row |= {"reprt_code": code, "rcept_no": f"{received}000010", "frmtrm_add_amount": "24", "frmtrm_q_amount": "9"}  # fmt: skip
    take_in(con, tmp_path, fnlttSinglAcntAll=[row])
    assert facts(con, "period_end, months, value") == [(end, 3, 10), (end, months, 25)]


def test_cash_flows_are_always_of_the_year_to_date(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    row = account("ifrs_CashFlowsFromUsedInOperatingActivities", "영업활동현금흐름", "25", sj_div="CF")  # fmt: skip
    take_in(con, tmp_path, fnlttSinglAcntAll=[{**row, **half_year()}])
    assert facts(con, "concept, months, value") == [("operating_cash_flow", 6, 25)]


def test_a_half_year_without_a_column_to_date_is_not_guessed(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Three months or six? The column alone does not tell."""
    row = account("ifrs-full_Revenue", "매출액", "10", sj_div="IS", frmtrm_amount="9")
    take_in(con, tmp_path, fnlttSinglAcntAll=[{**row, **half_year()}])
    assert facts(con) == []


def test_the_first_quarter_is_both(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    row = account("ifrs-full_Revenue", "매출액", "10", sj_div="IS", frmtrm_amount="9")
    row |= {"reprt_code": "11013", "rcept_no": "20220516000010"}
    take_in(con, tmp_path, fnlttSinglAcntAll=[row])
    assert facts(con, "period_end, months, value") == [(date(2022, 3, 31), 3, 10)]


def test_the_same_filing_says_elsewhere_when_its_year_ends(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """A year that ends in March: an annual report on 2022 that arrives in June 2023."""
    stated: Row = {"stlm_dt": "2023-03-31", "rcept_no": "20230629000010"}
    row = account("ifrs-full_ProfitLoss", "당기순이익", "3", sj_div="IS", frmtrm_amount="2")
    take_in(con, tmp_path, fnlttSinglAcntAll=[{**row, "rcept_no": "20230629000010"}], mrhlSttus=[stated])  # fmt: skip
    found = facts(con, "period_end, months, value")
    assert found == [(date(2022, 3, 31), 12, 2), (date(2023, 3, 31), 12, 3)]
    assert asked(con, "SELECT fiscal_month FROM stage_companies") == [(3,)]


def test_a_report_that_arrives_before_may_is_on_a_year_that_ended_in_december(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    row = account("ifrs-full_Equity", "자본총계", "3")
    amended = {**row, "rcept_no": "20220815000010", "bsns_year": "2020"}
    take_in(con, tmp_path, fnlttSinglAcntAll=[row, amended])
    assert facts(con, "period_end") == [(date(2020, 12, 31),), (date(2022, 12, 31),)]


def test_without_a_sign_of_its_fiscal_year_a_company_gets_no_dates(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    row = account("ifrs-full_Equity", "자본총계", "3", rcept_no="20230629000010")
    take_in(con, tmp_path, fnlttSinglAcntAll=[row, account(None, "잡이익", "1", rcept_no="20230629000010")])  # fmt: skip
    assert facts(con) == []
    assert rejected(con) == ["unknown_fiscal_month"]


# --- figures as people write them ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,234", 1234), ("(1,234)", -1234), ("△1,234", -1234), ("▲ 1,234", -1234), ("-1234", -1234), ("−1,234", -1234), (" 12 ", 12), ("0", 0)],
)  # fmt: skip
def test_amounts(con: duckdb.DuckDBPyConnection, tmp_path: Path, text: str, value: float) -> None:
    take_in(con, tmp_path, fnlttSinglAcntAll=[account("ifrs-full_Equity", "자본총계", text)])
    assert facts(con, "value") == [(value,)]


@pytest.mark.parametrize("text", ["-", "", " ", None, "－", "해당사항 없음"])
def test_nothing_filed_is_skipped(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, text: str | None
) -> None:
    rows = [account("ifrs-full_Equity", "자본총계", text)]
    summary = take_in(con, tmp_path, fnlttSinglAcntAll=rows)[STATEMENTS]
    assert facts(con) == []
    assert (summary.accepted, summary.skipped, summary.rejected) == (0, 1, 0)


@pytest.mark.parametrize("column", ["thstrm_amount", "thstrm_add_amount", "frmtrm_amount"])
def test_a_figure_that_is_no_number_is_rejected(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, column: str
) -> None:
    rows = [
        {**account("ifrs-full_Equity", "자본총계", "3"), column: "12백만"},
        account("ifrs-full_Assets", "자산총계", "9"),
    ]
    take_in(con, tmp_path, fnlttSinglAcntAll=rows)
    assert rejected(con) == ["bad_number"]
    assert facts(con) == [("total_assets", 9)]


@given(st.integers(-(10**15), 10**15), st.sampled_from(["{:,}", "{}", " {:,} ", "{:,}원"]))
def test_any_whole_amount_is_read_as_written(number: int, form: str) -> None:
    written = form.format(abs(number))
    for text in {written if number >= 0 else f"({written})", written if number >= 0 else f"△{written}"}:  # fmt: skip
        assert _MACROS.execute("SELECT amount(?), is_bad(?)", [text, text]).fetchall() == [(number, False)]  # fmt: skip


_MACROS = duckdb.connect()
_MACROS.execute(read_text("filings", "sql", "macros.sql"))


# --- receipts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("receipt", "reason"),
    [(None, "no_receipt_number"), (" ", "no_receipt_number"), ("99999999999999", "bad_receipt_number"), ("2023031500001", "bad_receipt_number"), ("20230230000010", "bad_receipt_number")],
)  # fmt: skip
def test_a_row_without_a_day_of_publication_is_rejected(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, receipt: str | None, reason: str
) -> None:
    row = account("ifrs-full_Equity", "자본총계", "3", rcept_no=receipt)
    heads = {"sm": "5", "fo_bbm": "전사", "rcept_no": receipt}
    take_in(con, tmp_path, fnlttSinglAcntAll=[row], empSttus=[heads])
    assert rejected(con) == [reason, reason]
    assert facts(con) == []
    assert asked(con, "SELECT * FROM stage_filings") == []
    assert asked(con, "SELECT * FROM stage_headcounts") == []


def test_an_answer_that_was_not_collected(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    none = dict.fromkeys(COLUMNS[STATEMENTS])
    rows = [{**none, "collect_status": "no_data"}, {**none, "collect_status": "error"}]
    summary = take_in(con, tmp_path, fnlttSinglAcntAll=rows)[STATEMENTS]
    assert (summary.skipped, summary.reasons) == (1, {"not_collected": 1})


# --- fiscal years that are not twelve months to December -----------------------------------------


def months(con: duckdb.DuckDBPyConnection, folder: Path, *reports: Row, name: str = "가나전자") -> list[tuple[object, ...]]:  # fmt: skip
    """Period end, months and value of net income, from a dividend table in each report (in millions)."""
    rows = [{"se": "(연결)당기순이익(백만원)", "corp_name": name, **row} for row in reports]
    take_in(con, folder, alotMatter=rows)
    return asked(con, "SELECT period_end, months, value / 1e6 FROM stage_facts ORDER BY ALL")


def test_a_trusts_annual_report_covers_the_months_since_the_one_before(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    found = months(
        con, tmp_path,
        {**report("2021-06-30"), "thstrm": "1", "frmtrm": "0", "lwfr": "0"},
        {**report("2021-12-31"), "thstrm": "2", "frmtrm": "1", "lwfr": "0"},
        {**report("2022-03-31", "2분기"), "thstrm": "7", "frmtrm": "2", "lwfr": "1"},
        {**report("2022-06-30"), "thstrm": "3", "frmtrm": "2", "lwfr": "1"},
        name="가나리츠",
    )  # fmt: skip
    # The first is skipped: nothing says whether it covers six months or three.
    assert found == [
        (date(2021, 12, 31), 6, 1 + 1),
        (date(2021, 12, 31), 6, 2),
        (date(2022, 3, 31), 3, 7),
        (date(2022, 6, 30), 6, 3),
    ]


def test_a_short_year_after_the_years_end_was_moved(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    found = months(
        con, tmp_path,
        {**report("2022-03-31"), "thstrm": "2", "frmtrm": "1", "lwfr": "0"},
        {**report("2022-12-31"), "thstrm": "3", "frmtrm": "2", "lwfr": "1"},
        {**report("2023-12-31"), "thstrm": "4", "frmtrm": "3", "lwfr": "2"},
    )  # fmt: skip
    assert set(found) == {
        (date(2023, 12, 31), 12, 4),
        (date(2022, 12, 31), 9, 3),
        (date(2022, 3, 31), 12, 2),
        (date(2021, 3, 31), 12, 1),
        (date(2020, 3, 31), 12, 0),
    }


def test_the_quarter_of_a_report_follows_from_the_annual_report_and_not_from_its_label(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """A year that ends in June: the report on March is called 1분기 and covers nine months."""
    found = months(
        con, tmp_path,
        {**report("2022-03-31", "1분기"), "thstrm": "9"},
        {**report("2022-06-30"), "thstrm": "12"},
        {**report("2022-09-30", "3분기"), "thstrm": "3"},
    )  # fmt: skip
    assert found == [(date(2022, 3, 31), 9, 9), (date(2022, 6, 30), 12, 12), (date(2022, 9, 30), 3, 3)]  # fmt: skip


def test_a_slip_in_the_day_of_the_month_is_mended(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    found = months(con, tmp_path, {**report("2022-12-31"), "stlm_dt": "2022-12-21", "thstrm": "2"})
    assert found == [(date(2022, 12, 31), 12, 2)]


# --- files ---------------------------------------------------------------------------------------


def refused(con: duckdb.DuckDBPyConnection, path: Path) -> str:
    with pytest.raises(InputFileError) as caught:
        opendart.load(con, path)
    for table in ("facts", "headcounts", "companies", "rejected"):
        assert asked(con, f"SELECT * FROM stage_{table}") == []
    return caught.value.line("en")


def test_a_parquet_file_cut_short(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    heads = [{"rcept_no": RECEIPT, "corp_code": "99000010", "stlm_dt": "2022-12-31", "sm": "5"}]
    write_rows(tmp_path / "alotMatter.parquet", COLUMNS["alotMatter"], [])
    whole = write_rows(tmp_path / "empSttus.parquet", COLUMNS["empSttus"], heads).read_bytes()
    (tmp_path / "empSttus.parquet").write_bytes(whole[:-20])
    assert "empSttus.parquet" in refused(con, tmp_path)


def test_missing_columns_are_named(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    columns = [c for c in COLUMNS["empSttus"] if c not in {"sm", "stlm_dt"}]
    write_rows(tmp_path / "empSttus.parquet", columns, [])
    said = refused(con, tmp_path)
    assert "stlm_dt, sm" in said


def test_the_register_of_corporations_cut_short(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    import zipfile  # noqa: PLC0415

    entry = "<list><corp_code>{:08}</corp_code><corp_name>가나{}</corp_name><stock_code> </stock_code><modify_date>20230101</modify_date></list>"
    text = "<result>" + "".join(entry.format(n, n) for n in range(2000)) + "</result>"
    path = tmp_path / "corpCode.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("CORPCODE.xml", text)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "corpCode.zip" in refused(con, tmp_path)
    (tmp_path / "CORPCODE.xml").write_text(text[:-300], encoding="utf-8")
    assert "CORPCODE.xml" in refused(con, tmp_path / "CORPCODE.xml")
    path.write_bytes(whole)
    (tmp_path / "CORPCODE.xml").unlink()
    (summary,) = opendart.load(con, tmp_path)
    assert (summary.read, summary.accepted) == (2000, 2000)


def test_a_corporation_without_a_code_or_a_date(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    entries = [("00000001", "가나", "20230101"), ("1", "다라", "20230101"), ("00000003", "", "20230101"), ("00000004", "마바", "")]  # fmt: skip
    text = "".join(
        f"<list><corp_code>{c}</corp_code><corp_name>{n}</corp_name><modify_date>{d}</modify_date></list>"
        for c, n, d in entries
    )
    (tmp_path / "CORPCODE.xml").write_text(f"<result>{text}</result>", encoding="utf-8")
    (summary,) = opendart.load(con, tmp_path)
    assert (summary.read, summary.accepted, summary.rejected) == (4, 1, 3)
    assert rejected(con) == ["no_company", "no_company", "bad_date"]
    assert asked(con, "SELECT name, published_on FROM stage_companies") == [("가나", date(2023, 1, 1))]  # fmt: skip


def test_a_folder_without_anything_known(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("-", encoding="utf-8")
    assert "no OpenDART files" in refused(con, tmp_path)
    assert "no such folder" in refused(con, tmp_path / "elsewhere")
