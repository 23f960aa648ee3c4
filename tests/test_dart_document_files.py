"""Files of documents: which format each is, zips of them, and what is staged for the store."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from paycanary.errors import InputFileError
from paycanary.filings.dart_files import DocumentRequest, stage_document
from paycanary.filings.documents import read_document
from paycanary.filings.reasons import REJECTED
from tests.dart_documents import DAYS, caption, document, income, ours, reasons, table
from tests.stage import create_stage

if TYPE_CHECKING:
    from pathlib import Path

    from paycanary.sources.summary import FileSummary

INCOME = income(["매출액", "1,000", "900"], ["영업이익", "100", "90"])
REQUEST = DocumentRequest("00000001", "20260401000123", "감사보고서 (2025.12)", "가나다라")


def write(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refused(path: Path) -> InputFileError:
    with pytest.raises(InputFileError) as caught:
        list(read_document(path))
    assert caught.value.exit_code == 5
    assert str(path) in caught.value.line("ko")
    return caught.value


# --- formats -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["20260401000123.xml", "document.zip", "no-suffix"])
def test_the_content_tells_the_format_and_not_the_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(INCOME, encoding="utf-8")
    (reading,) = read_document(path)
    assert reading.format == "dart_document"
    assert ours(reading)["revenue"] == [1000, 900]


def test_a_zip_gives_a_reading_a_member(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.zip",
        {"20260401000123.xml": INCOME, "20260401000123_00760.xml": INCOME.encode("cp949"), "image/logo.jpg": b"\xff\xd8"},
    )  # fmt: skip
    readings = list(read_document(path))
    assert [r.file for r in readings] == ["20260401000123.xml", "20260401000123_00760.xml"]
    assert {r.receipt_number for r in readings} == {"20260401000123"}
    assert {r.facts[0].place.file for r in readings} == {r.file for r in readings}


def test_a_zip_within_a_zip_is_read(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("20260401000123.xml", INCOME)
    (reading,) = read_document(write(tmp_path / "a.zip", {"inner.zip": inner.getvalue()}))
    assert reading.file == "inner.zip!20260401000123.xml"


def test_a_broken_member_costs_itself(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", {"bad.xml": b"x" * 9000, "20260401000123.xml": INCOME})
    raw = bytearray(path.read_bytes())
    start = raw.index(b"bad.xml") + 7
    raw[start : start + 10] = bytes(10)
    path.write_bytes(raw)
    first, second = read_document(path)
    assert reasons(first) == ["broken_member"]
    assert ours(second)["revenue"] == [1000, 900]


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", {"bomb.xml": b"<DOCUMENT>" + b" " * 30_000_000})
    (reading,) = read_document(path)
    assert reasons(reading) == ["too_large"]


def test_a_locked_zip_is_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", {"20260401000123.xml": INCOME})
    raw = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.index(mark) + offset
        raw[at : at + 2] = struct.pack("<H", 1)
    path.write_bytes(raw)
    assert "암호" in refused(path).line("ko")
    assert "password" in refused(path).line("en")


@pytest.mark.parametrize("raw", [b"", b"\n \n", b"\x00" * 50, b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(raw)
    assert "empty" in refused(path).line("en")


@pytest.mark.parametrize(
    "raw",
    [b"hello", b"%PDF-1.7", b"PK\x03\x04cut off", b"<html><p>no filing</p></html>", b'{"a": 1}', b"<result><status>013</status></result>", b"<SEC-DOCUMENT>\n<DOCUMENT>\n<TYPE>10-K", b"[1,2]", b"\xff" * 100],
)  # fmt: skip
def test_what_is_no_document_is_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(raw)
    refused(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    refused(tmp_path / "nothing.xml")
    refused(tmp_path)


def test_a_gigantic_document_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    with path.open("wb") as file:
        file.write(b"<DOCUMENT>")
        file.truncate(100 * 2**20)
    assert "100 MB" in refused(path).line("en")


# --- OpenDART's answers --------------------------------------------------------------------------


def answer(**row: Any) -> bytes:
    base = {
        "rcept_no": "20260401000123", "reprt_code": "11011", "corp_code": "00000001", "fs_div": "CFS", "sj_div": "IS", "account_nm": "매출액",
        "thstrm_dt": "2025.01.01 ~ 2025.12.31", "thstrm_amount": "1,000", "frmtrm_dt": "2024.01.01 ~ 2024.12.31", "frmtrm_amount": "-", "currency": "KRW",
    }  # fmt: skip
    return json.dumps({"status": "000", "message": "정상", "list": [{**base, **row}]}).encode()


def read_answer(tmp_path: Path, raw: bytes) -> Any:
    path = tmp_path / "a.json"
    path.write_bytes(raw)
    (reading,) = read_document(path)
    return reading


def test_an_answer_of_statements_is_read(tmp_path: Path) -> None:
    reading = read_answer(tmp_path, answer())
    (fact,) = reading.facts
    assert (fact.concept, fact.value, fact.basis, fact.start, fact.end) == (
        "revenue", 1000, "CFS", date(2025, 1, 1), date(2025, 12, 31),
    )  # fmt: skip
    assert (reading.format, reading.receipt_number, fact.place.path) == (
        "opendart_json", "20260401000123", "list[0].thstrm_amount",
    )  # fmt: skip


def test_an_answer_without_days_gives_figures_of_no_concept(tmp_path: Path) -> None:
    """fnlttSinglAcntAll does not say when a company's year ends."""
    row = {"thstrm_dt": None, "frmtrm_dt": None, "account_id": "ifrs-full_Revenue"}
    (fact,) = read_answer(tmp_path, answer(**row)).facts
    assert (fact.tag, fact.concept, fact.end, fact.value) == ("ifrs-full_Revenue", None, None, 1000)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [(b'{"status": "013", "message": "x"}', "no_rows"), (b'{"status": "000", "list": [1]}', "not_a_statement_row"), (answer(account_nm=" "), "not_a_statement_row"), (b'{"status": "000", "list": [', "bad_json"), (answer(thstrm_amount="x"), "bad_number")],
)  # fmt: skip
def test_an_answer_that_holds_nothing_says_so(tmp_path: Path, raw: bytes, reason: str) -> None:
    assert reasons(read_answer(tmp_path, raw)) == [reason]


# --- staging -------------------------------------------------------------------------------------


class Stage:
    """A connection with the empty stage tables."""

    def __init__(self, folder: Path) -> None:
        self.con = duckdb.connect()
        self.folder = folder
        create_stage(self.con)

    def take(self, text: str | bytes, request: DocumentRequest = REQUEST) -> FileSummary:
        path = self.folder / "document.zip"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        summary = stage_document(self.con, path, request)
        assert summary.read == summary.accepted + summary.skipped + summary.rejected
        assert sum(summary.reasons.values()) == summary.rejected
        assert set(summary.reasons) <= set(REJECTED)
        return summary

    def rows(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        return self.con.execute(f"SELECT {columns} FROM stage_{table} ORDER BY ALL").fetchall()


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_facts_are_staged_with_their_filing(stage: Stage) -> None:
    summary = stage.take(INCOME)
    assert (summary.read, summary.accepted, summary.rejected) == (4, 4, 0)
    assert stage.rows("facts", "concept, basis, period_end, months, value, unit, lag") == [
        ("operating_profit", "OFS", date(2024, 12, 31), 12, 90.0, "KRW", 1),
        ("operating_profit", "OFS", date(2025, 12, 31), 12, 100.0, "KRW", 0),
        ("revenue", "OFS", date(2024, 12, 31), 12, 900.0, "KRW", 1),
        ("revenue", "OFS", date(2025, 12, 31), 12, 1000.0, "KRW", 0),
    ]
    columns = "company_id, source, filing_id, published_on"
    provenance = ("dart:00000001", "opendart", "20260401000123", date(2026, 4, 1))
    assert set(stage.rows("facts", columns)) == {provenance}
    assert stage.rows("filings", "form, period_end, url") == [
        (
            "annual",
            date(2025, 12, 31),
            "https://dart.fss.or.kr/dsaf001/main.do?rcpNo=20260401000123",
        )
    ]


def test_a_balance_sheet_that_does_not_add_up_is_rejected_whole(stage: Stage) -> None:
    text = document(
        caption("재무상태표", DAYS),
        table(["유동자산", "7", "5"], ["자산총계", "1,000", "9"], ["부채총계", "600", "4"], ["자본총계", "300", "5"]),
    )  # fmt: skip
    summary = stage.take(text)
    assert summary.reasons == {"does_not_add_up": 4}
    assert {row[0] for row in stage.rows("facts", "period_end")} == {date(2024, 12, 31)}
    assert len(stage.rows("rejected", "reason, raw")) == 4


def test_figures_that_could_not_be_read_are_rejected_where_they_are_ours(stage: Stage) -> None:
    summary = stage.take(
        income(["매출액", "1,000", "1 2 x"], ["영업이익", "1", "2"], ["기타", "x", "y"])
    )
    assert summary.reasons == {"bad_number": 1}
    assert (summary.accepted, summary.skipped) == (3, 2)
    ((raw,),) = stage.rows("rejected", "raw")
    assert "매출액" in json.loads(raw)["place"]


def test_the_finest_printed_of_several_members_is_staged_once(tmp_path: Path, stage: Stage) -> None:
    coarse = income(["매출액", "12", "9"], ["영업이익", "1", "1"], unit="(단위 : 백만원)")
    fine = income(["매출액", "12,345,678", "9,000,001"], ["영업이익", "1,000,000", "1,000,000"])
    path = write(tmp_path / "a.zip", {"1.xml": coarse, "1_00760.xml": fine})
    stage.take(path.read_bytes())
    assert stage.rows("facts", "value")[-1] == (12_345_678.0,)
    assert len(stage.rows("facts", "concept")) == 4


def test_an_opinion_is_staged_for_the_end_of_its_period(stage: Stage) -> None:
    text = document(
        "<P>의견거절</P><P>우리는 2025년 12월 31일 현재의 재무제표에 대하여 의견을 표명하지 않습니다.</P>",
        "<P>계속기업 관련 중요한 불확실성</P><P>계속기업으로서의 존속능력에 유의적 의문을 제기합니다.</P>",
        "<P>마바회계법인</P><P>2026년 3월 10일</P>",
    )
    assert stage.take(text).accepted == 1
    assert stage.rows(
        "opinions", "period_end, is_annual, lag, opinion, is_going_concern, auditor"
    ) == [(date(2025, 12, 31), True, 0, "disclaimer", True, "마바회계법인")]
    ((words, emphasis),) = stage.rows("opinions", "opinion_text, emphasis")
    assert "표명하지" in words
    assert "의문" in emphasis


def test_a_review_is_staged_as_no_audit(stage: Stage) -> None:
    text = document(
        "<P>검토결론</P><P>공정하게 표시하지 않은 사항이 발견되지 아니하였습니다.</P>",
        name="반기검토보고서",
    )
    stage.take(text, DocumentRequest("00000001", "20250814000001", "반기검토보고서 (2025.06)", "x"))
    assert stage.rows("opinions", "period_end, is_annual, opinion, is_going_concern") == [
        (date(2025, 6, 30), False, "unqualified", None)
    ]
    assert stage.rows("filings", "form") == [("half_year",)]


def test_a_receipt_number_without_a_day_stages_nothing(stage: Stage) -> None:
    summary = stage.take(INCOME, DocumentRequest("00000001", "20261301000123", "감사보고서", "x"))
    assert summary.reasons == {"bad_receipt_number": 4}
    assert stage.rows("facts", "concept") == []
