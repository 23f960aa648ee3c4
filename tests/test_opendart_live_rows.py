"""Fetched answers take the same way as collected rows, and what only they hold: numbers, titles, accounts, facts, documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pytest

from paycanary.errors import InputFileError
from paycanary.filings import opendart
from paycanary.sources import opendart as source
from paycanary.sources.dart.fields import ENDPOINTS
from tests.live import Desk
from tests.opendart_rows import asked
from tests.stage import create_stage
from tests.standins import opendart as register

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from paycanary.sources.summary import FileSummary

CODE: Final = "99000001"
RECEIPT: Final = "20250315000001"
Row = dict[str, Any]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        create_stage(connection)
        yield connection


def answer(folder: Path, endpoint: str, rows: Sequence[Row], **request: str) -> None:
    """Add an answer to the file of an endpoint, as the inbox writes it; without rows, that it was empty."""
    head = {"request": {"corp_code": CODE, **request}, "fetched_at": "2026-11-25T01:00:00+00:00"}
    kept = ENDPOINTS[endpoint].fields
    lines = [{**head, "row": {k: v for k, v in row.items() if k in kept}, "file": None} for row in rows]  # fmt: skip
    with (folder / f"{endpoint}.jsonl").open("a", encoding="utf-8") as stream:
        for line in lines or [{**head, "row": None, "file": None}]:
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")


def load(con: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, FileSummary]:
    found = {s.kind: s for s in opendart.load(con, folder)}
    for summary in found.values():
        assert summary.read == summary.accepted + summary.skipped + summary.rejected
        assert sum(summary.reasons.values()) == summary.rejected
    return found


def filed(title: str, receipt: str, **more: str) -> Row:
    return {"corp_code": CODE, "corp_name": "가나전자1", "stock_code": "990001", "corp_cls": "K", "report_nm": title, "rcept_no": receipt, "rcept_dt": receipt[:8], "rm": "", "total_page": "1", **more}  # fmt: skip


# --- the same rows, the same facts ---------------------------------------------------------------

_COMPARED: Final = {
    "facts": "company_id, concept, basis, period_end, months, value, unit, lag, filing_id, published_on",
    "headcounts": "company_id, period_end, headcount, regular, contract, payroll, filing_id, published_on",
    "opinions": "company_id, period_end, is_annual, lag, opinion, opinion_text, is_going_concern, emphasis, auditor, filing_id, published_on",
    "capital_changes": "company_id, changed_on, form, category, stock_kind, shares, par_value, price, proceeds, filing_id, published_on",
    "filings": "company_id, form, period_end, url, filing_id, published_on",
}  # fmt: skip


@pytest.mark.parametrize("stock", ["005930", "042660", "0009K0", "011200"])
def test_real_answers_give_what_collected_rows_give(
    shared_data: Path, tmp_path: Path, stock: str
) -> None:
    """Every filing of four companies: as Parquet rows of the collector, and as answers to questions about each filing."""
    folder = shared_data / "korea/opendart"
    data = register.recorded(folder, (stock,))
    fetched, collected = tmp_path / "fetched", tmp_path / "collected"
    (collected / "statements").mkdir(parents=True)
    fetched.mkdir()
    titles = {row["rcept_no"]: row["report_nm"] for row in data.filings}
    for endpoint, answers in data.reports.items():
        for key, rows in answers.items():
            receipt = max(row["rcept_no"] for row in rows)
            more = {"bsns_year": key[1], "reprt_code": key[2]}
            more |= {"fs_div": key[3]} if len(key) > 3 else {}
            if receipt in titles:
                month = titles[receipt].rpartition("(")[2].rstrip(")").replace(".", "-")
                more |= {"filing": receipt, "period": month}
            answer(fetched, endpoint, rows, **{**more, "corp_code": key[0]})
    with duckdb.connect() as con:
        for endpoint in register.PERIODIC:
            con.execute(f"COPY (SELECT * FROM '{folder}/market/{endpoint}.parquet' WHERE stock_code = '{stock}') TO '{collected}/{endpoint}.parquet'")  # fmt: skip
        con.execute(f"COPY (SELECT * FROM '{folder}/statements/{stock}.parquet') TO '{collected}/statements/{stock}.parquet'")  # fmt: skip
    kept = []
    for path in (collected, fetched):
        with duckdb.connect() as con:
            create_stage(con)
            load(con, path)
            kept.append({name: set(asked(con, f"SELECT DISTINCT {columns} FROM stage_{name}")) for name, columns in _COMPARED.items()})  # fmt: skip
    for name in _COMPARED:
        assert kept[1][name] == kept[0][name], name
    assert len(kept[0]["facts"]) > 50


def test_an_answer_that_was_empty_is_read_and_skipped(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for endpoint in source.ANSWERED:
        answer(tmp_path, endpoint, [], bsns_year="2024", reprt_code="11011", fs_div="CFS")
    found = load(con, tmp_path)
    assert set(found) == set(source.ANSWERED)
    assert {(s.read, s.skipped) for s in found.values()} == {(1, 1)}


def test_a_statement_alone_is_dated_by_the_filing_that_was_asked_about(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """A year that ends in June, of which nothing else is known."""
    rows = [{"rcept_no": "20250926000001", "reprt_code": "11011", "bsns_year": "2024", "corp_code": CODE, "sj_div": "IS", "account_id": "ifrs-full_Revenue", "account_nm": "매출액", "thstrm_amount": "300", "frmtrm_amount": "200", "ord": "1", "currency": "KRW"}]  # fmt: skip
    asked_for = {"bsns_year": "2024", "reprt_code": "11011", "fs_div": "OFS"}
    answer(
        tmp_path, source.STATEMENTS, rows, **asked_for, filing="20250926000001", period="2025-06"
    )
    load(con, tmp_path)
    assert asked(con, "SELECT basis, CAST(period_end AS VARCHAR), months, value, lag FROM stage_facts ORDER BY lag") == [
        ("OFS", "2025-06-30", 12, 300, 0), ("OFS", "2024-06-30", 12, 200, 1),
    ]  # fmt: skip
    assert asked(con, "SELECT * FROM stage_names") == []


def test_a_statement_of_another_filing_than_asked_is_not_dated_by_the_question(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [{"rcept_no": "20240926000001", "reprt_code": "11011", "bsns_year": "2023", "corp_code": CODE, "sj_div": "BS", "account_id": "ifrs-full_Equity", "account_nm": "자본총계", "thstrm_amount": "300", "ord": "1", "currency": "KRW"}]  # fmt: skip
    asked_for = {"bsns_year": "2023", "reprt_code": "11011", "fs_div": "OFS"}
    answer(
        tmp_path, source.STATEMENTS, rows, **asked_for, filing="20250926000001", period="2025-06"
    )
    assert load(con, tmp_path)[source.STATEMENTS].reasons == {"unknown_fiscal_month": 1}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"cnttk_co": "20240315000001", "rcept_no": RECEIPT}, "bad_number"),  # a receipt number among the heads
        ({"sm": "99999999999999999999", "rcept_no": RECEIPT}, "bad_number"),
        ({"cnttk_co": "5"}, "no_receipt_number"),
    ],
)  # fmt: skip
def test_a_count_of_heads_that_cannot_be_costs_its_row_only(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, row: Row, reason: str
) -> None:
    """Found by the fuzz test."""
    right = {"rcept_no": RECEIPT, "corp_code": CODE, "corp_name": "가나전자1", "stlm_dt": "2024-12-31", "sm": "7"}  # fmt: skip
    wrong = {"corp_code": CODE, "corp_name": "가나전자1", "stlm_dt": "2024-12-31", **row}
    answer(tmp_path, "empSttus", [right, wrong], bsns_year="2024", reprt_code="11011")
    assert load(con, tmp_path)["empSttus"].reasons == {reason: 1}
    assert asked(con, "SELECT headcount FROM stage_headcounts") == [(7,)]


# --- who they are --------------------------------------------------------------------------------


def test_official_numbers_are_kept_from_the_day_they_were_fetched(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    row = {"corp_name": "가나전자(주)", "corp_name_eng": "GANA", "stock_name": "가나전자", "stock_code": "990001", "corp_cls": "K", "jurir_no": "130111-0006246", "bizr_no": "124-81-00998", "acc_mt": "03"}  # fmt: skip
    answer(tmp_path, "company", [row])
    answer(tmp_path, "company", [{**row, "jurir_no": "0", "bizr_no": "-", "corp_cls": "E", "stock_code": " ", "acc_mt": "13"}], corp_code="99000002")  # fmt: skip
    answer(tmp_path, "company", [{**row, "corp_name": ""}], corp_code="99000003")
    assert load(con, tmp_path)["company"].reasons == {"no_company": 1}
    found = asked(con, "SELECT company_id, stock_code, corporation_number, business_number, market, fiscal_month, CAST(published_on AS VARCHAR) FROM stage_companies ORDER BY 1")  # fmt: skip
    assert found == [
        ("dart:99000001", "990001", "1301110006246", "1248100998", "KOSDAQ", 3, "2026-11-25"),
        ("dart:99000002", None, None, None, None, None, "2026-11-25"),
    ]
    assert asked(con, "SELECT kind, name FROM stage_names WHERE company_id = 'dart:99000001' ORDER BY kind") == [
        ("english", "GANA"), ("official", "가나전자(주)"), ("stock", "가나전자"),
    ]  # fmt: skip


# --- titles --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "form", "end"),
    [
        ("사업보고서 (2024.12)", "annual_first", "2024-12-31"),
        ("[기재정정]사업보고서 (2024.12)", "annual_corrected", "2024-12-31"),
        ("[첨부추가] 사업보고서 (2024.12)", "annual_corrected", "2024-12-31"),
        ("반기보고서 (2024.06)", "half_year", "2024-06-30"),
        ("분기보고서 (2024.03)", "quarter_1", "2024-03-31"),
        ("분기보고서 (2024.09)              ", "quarter_3", "2024-09-30"),
        ("감사보고서 (2024.12)", "audit_first", "2024-12-31"),
        ("연결감사보고서 (2024.12)", "audit_first", "2024-12-31"),
        ("[기재정정]감사보고서 (2024.12)", "audit_corrected", "2024-12-31"),
        ("사업보고서제출기한연장신고서", "extension", None),
        ("감사보고서 제출 지연", "audit_delay", None),
        ("주요사항보고서(유상증자결정)", None, None),
        ("사업보고서 (2024.13)", None, None),
        ("임원ㆍ주요주주특정증권등소유상황보고서", None, None),
    ],
)
def test_a_filing_is_known_by_its_title(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, title: str, form: str | None, end: str | None
) -> None:
    answer(
        tmp_path, "list", [filed(title, RECEIPT), filed("사업보고서 (2023.12)", "20240315000001")]
    )
    summary = load(con, tmp_path)["list"]
    found = asked(con, f"SELECT form, CAST(period_end AS VARCHAR), CAST(published_on AS VARCHAR) FROM stage_filings WHERE filing_id = '{RECEIPT}'")  # fmt: skip
    assert found == ([(form, end, "2025-03-15")] if form else [])
    assert (summary.accepted, summary.skipped) == ((2, 0) if form else (1, 1))


def test_a_quarter_is_not_guessed_where_nobody_says_when_the_year_ends(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    answer(tmp_path, "list", [filed("분기보고서 (2024.03)", RECEIPT)])
    load(con, tmp_path)
    assert asked(con, "SELECT form FROM stage_filings") == [("other",)]


def test_the_end_of_proceedings_is_read_from_titles(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    answer(tmp_path, "list", [filed("회생절차종결결정", RECEIPT), filed("회생절차개시신청기각결정", "20230315000001"), filed("회생절차개시결정", "20220315000001")])  # fmt: skip
    load(con, tmp_path)
    found = asked(con, "SELECT kind, category, CAST(event_on AS VARCHAR) FROM stage_notices ORDER BY event_on")  # fmt: skip
    assert found == [("rehabilitation", "refused", "2023-03-15"), ("rehabilitation", "ended", "2025-03-15")]  # fmt: skip


@pytest.mark.parametrize("whose", ["종속회사", "자회사", "관계회사", "계열회사"])
@pytest.mark.parametrize(
    "title", ["회생절차종결결정", "회생절차개시신청기각결정", "감사보고서제출지연"]
)
def test_what_befalls_a_held_company_is_not_the_companys_own(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, whose: str, title: str
) -> None:
    about = [f"{title} ({whose}의 주요경영사항)", f"기타경영사항(자율공시)({whose}의 {title})"]
    answer(tmp_path, "list", [filed(text, f"2025031500000{n}") for n, text in enumerate(about, 1)])
    assert load(con, tmp_path)["list"].skipped == 2
    assert asked(con, "SELECT filing_id FROM stage_notices") == []
    assert asked(con, "SELECT filing_id FROM stage_filings") == []


# --- main accounts -------------------------------------------------------------------------------


def account(name: str, statement: str, days: str, amount: str, **more: str) -> Row:
    return {"rcept_no": RECEIPT, "reprt_code": "11011", "bsns_year": "2024", "corp_code": CODE, "stock_code": "990001", "fs_div": "CFS", "sj_div": statement, "account_nm": name, "thstrm_dt": days, "thstrm_amount": amount, "ord": "1", "currency": "KRW", **more}  # fmt: skip


def test_main_accounts_are_dated_by_their_own_words(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    before = {"frmtrm_dt": "2023.06.01 ~ 2023.12.31", "frmtrm_amount": "(1,000)", "bfefrmtrm_dt": "", "bfefrmtrm_amount": "-"}  # fmt: skip
    rows = [
        account("자본총계", "BS", "2024.12.31 현재", "247,684,612,000,000"),
        account("당기순이익(손실)", "IS", "2024.01.01 ~ 2024.12.31", "2,000", **before),
        account("매출액", "IS", "2024.01.01 ~ 2024.12.31", "-"),
        account("알 수 없는 계정", "BS", "2024.12.31 현재", "1"),
        account("자산총계", "BS", "언젠가", "1"),
        account("부채총계", "BS", "2024.12.31 현재", "많음"),
        account("영업이익", "IS", "2025.01.01 ~ 2025.03.31", "5", reprt_code="11013"),
    ]
    answer(tmp_path, "fnlttMultiAcnt", rows, bsns_year="2024", reprt_code="11011")
    summary = load(con, tmp_path)["fnlttMultiAcnt"]
    assert summary.reasons == {"bad_date": 1, "bad_number": 1}
    found = asked(con, "SELECT concept, basis, CAST(period_end AS VARCHAR), months, value, lag FROM stage_facts ORDER BY ALL")  # fmt: skip
    assert found == [
        ("equity", "CFS", "2024-12-31", 0, 247_684_612_000_000, 0),
        ("net_income", "CFS", "2023-12-31", 7, -1000, 1),
        ("net_income", "CFS", "2024-12-31", 12, 2000, 0),
    ]


def test_real_main_accounts_are_the_statements_figures(
    con: duckdb.DuckDBPyConnection, shared_data: Path, tmp_path: Path
) -> None:
    """A live answer that someone kept: Samsung Electronics' annual report on 2025."""
    path = next((shared_data / "korea/opendart/samples").glob("dart_fin_accounts_*.json"))
    rows = json.loads(path.read_text(encoding="utf-8"))["list"]
    answer(tmp_path, "fnlttSinglAcnt", rows, bsns_year="2025", reprt_code="11011")
    assert load(con, tmp_path)["fnlttSinglAcnt"].rejected == 0
    found = asked(con, "SELECT concept, months, value FROM stage_facts WHERE basis = 'CFS' AND lag = 0 AND concept IN ('total_assets', 'revenue') ORDER BY 1")  # fmt: skip
    assert found == [("revenue", 12, 333_605_938_000_000), ("total_assets", 0, 566_942_110_000_000)]


# --- material facts ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "row", "notice"),
    [
        ("dfOcr", {"df_cn": "당좌\n부도", "df_amt": "3,500,000,000", "dfd": "2025년 03월 14일"}, ("default", "default", "2025-03-14", "당좌 부도", 3.5e9)),
        ("dfOcr", {"df_cn": "-", "df_amt": "-", "dfd": "-"}, ("default", "default", "2025-03-15", None, None)),
        ("bsnSp", {"bsnsp_rm": "토목", "bsnsp_rs": "행정처분", "bsnsp_amt": "1,000", "sl_vs": "35.2", "bsnspd": "2025.04.01"}, ("business_suspension", "part", "2025-04-01", "토목: 행정처분", 1000.0)),
        ("bsnSp", {"bsnsp_rm": "-", "bsnsp_rs": "폐업", "bsnsp_amt": "-", "sl_vs": "100", "bsnspd": "20250401"}, ("business_suspension", "all", "2025-04-01", "폐업", None)),
        ("ctrcvsBgrq", {"rqd": "2025-03-14", "cpct": "서울회생법원"}, ("rehabilitation", "applied", "2025-03-14", "회생절차 개시신청, 서울회생법원", None)),
        ("ctrcvsBgrq", {"rqd": "2025-03-14", "cpct": "-"}, ("rehabilitation", "applied", "2025-03-14", "회생절차 개시신청", None)),
        ("dsRsOcr", {"ds_rs": "합병에 따른 해산", "ds_rsd": "2025-03-14"}, ("dissolution", "merger", "2025-03-14", "합병에 따른 해산", None)),
        ("dsRsOcr", {"ds_rs": "존립기간의 만료", "ds_rsd": "2025-03-14"}, ("dissolution", "expiry", "2025-03-14", "존립기간의 만료", None)),
        ("dsRsOcr", {"ds_rs": "파산선고", "ds_rsd": "2025-03-14"}, ("dissolution", "bankruptcy", "2025-03-14", "파산선고", None)),
        ("dsRsOcr", {"ds_rs": "주주총회의 결의", "ds_rsd": "1925-03-14"}, ("dissolution", "other", "2025-03-15", "주주총회의 결의", None)),
        ("bnkMngtPcbg", {"mngt_pcbg_dd": "2025.03.10", "mngt_rs": "재무구조 개선"}, ("creditor_management", "begun", "2025-03-10", "재무구조 개선", None)),
        ("bnkMngtPcsp", {"mngt_pcsp_dd": "2025.03.10", "sp_rs": "졸업"}, ("creditor_management", "ended", "2025-03-10", "졸업", None)),
        ("lwstLg", {"cpct": "서울중앙지방법원", "lgd": "2025.03.10"}, ("litigation", "suit", "2025-03-10", "서울중앙지방법원", None)),
    ],
)  # fmt: skip
def test_a_material_fact_becomes_a_notice(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, endpoint: str, row: Row, notice: tuple[Any, ...]
) -> None:
    common = {"rcept_no": RECEIPT, "corp_code": CODE, "corp_name": "가나전자1"}
    answer(tmp_path, endpoint, [{**common, **row}, {**common, **row, "rcept_no": "2025"}])
    assert load(con, tmp_path)[endpoint].reasons == {"bad_receipt_number": 1}
    found = asked(con, "SELECT kind, category, CAST(event_on AS VARCHAR), detail, amount FROM stage_notices")  # fmt: skip
    assert found == [notice]
    assert asked(con, "SELECT company_id, CAST(published_on AS VARCHAR), filing_id FROM stage_notices") == [
        (f"dart:{CODE}", "2025-03-15", RECEIPT)
    ]  # fmt: skip


# --- files ---------------------------------------------------------------------------------------


def test_a_document_that_cannot_be_read_costs_itself(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "document").mkdir()
    (tmp_path / "document" / f"{RECEIPT}.zip").write_bytes(b"PK no archive")
    request = {"corp_code": CODE, "rcept_no": RECEIPT, "report_nm": "감사보고서 (2024.12)", "corp_name": "다라소프트1"}  # fmt: skip
    line = {"request": request, "fetched_at": "2026-11-25T01:00:00+00:00", "row": None, "file": f"document/{RECEIPT}.zip"}  # fmt: skip
    (tmp_path / "document.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    answer(tmp_path, "list", [filed("감사보고서 (2024.12)", RECEIPT)])
    found = load(con, tmp_path)
    assert found["document"].reasons == {"unreadable_document": 1}
    assert asked(con, "SELECT reason, filing_id, CAST(published_on AS VARCHAR) FROM stage_rejected") == [
        ("unreadable_document", RECEIPT, "2025-03-15")
    ]  # fmt: skip
    assert asked(con, "SELECT form FROM stage_filings") == [("audit_first",)]


def test_a_register_that_unpacks_to_gigabytes_is_refused(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    body = bytearray(register.zipped("CORPCODE.xml", b"<result>" + b" " * 5000 + b"</result>"))
    entry = body.index(b"PK\x01\x02")
    body[entry + 24 : entry + 28] = (3 << 30).to_bytes(4, "little")
    (tmp_path / "corpCode.zip").write_bytes(bytes(body))
    with pytest.raises(InputFileError, match="512 MiB"):
        opendart.load(con, tmp_path)
    with pytest.raises(InputFileError, match="512 MiB"):
        source.listed_corporations(tmp_path / "corpCode.zip")


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY b{n} "{"&a;" if n == 0 else f"&b{n - 1};" * 10}">' for n in range(12)) + "]><result><list><corp_name>&b11;</corp_name></list></result>",
        '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]><result><list><corp_code>00000001</corp_code><corp_name>&a;</corp_name></list></result>',
        "<result><list>" * 3,
        "",
    ],
    ids=["bomb", "outside", "cut", "empty"],
)  # fmt: skip
def test_a_register_that_is_no_plain_xml_is_refused(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, text: str
) -> None:
    (tmp_path / "corpCode.zip").write_bytes(register.zipped("CORPCODE.xml", text.encode()))
    with pytest.raises(InputFileError):
        opendart.load(con, tmp_path)
    assert asked(con, "SELECT * FROM stage_companies") == []


def test_a_file_of_answers_that_is_none_is_refused(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "empSttus.jsonl").write_text("<html>", encoding="utf-8")
    with pytest.raises(InputFileError, match=r"empSttus\.jsonl"):
        opendart.load(con, tmp_path)


def test_an_inbox_of_nothing_new_exports_nothing(tmp_path: Path) -> None:
    assert Desk(tmp_path).inbox.export("dart", tmp_path / "out") == []
