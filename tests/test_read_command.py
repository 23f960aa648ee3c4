"""``paycanary read``: one document, for a person, a pipe and a program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest

from tests.command import Run, one_line
from tests.dart_documents import DAYS, caption, document, income, table

if TYPE_CHECKING:
    from pathlib import Path

OPINION = "우리의 의견으로는 별첨된 재무제표는 2025년 12월 31일 현재의 재무상태를 일반기업회계기준에 따라 공정하게 표시하고 있습니다."
DOUBT = "이러한 상황은 계속기업으로서의 존속능력에 유의적 의문을 제기합니다."
REPORT = document(
    f"<P>감사의견</P><P>{OPINION}</P><P>계속기업 관련 중요한 불확실성</P><P>{DOUBT}</P>",
    "<TABLE><TR><TD>마바회계법인</TD></TR><TR><TD>대표이사 이름아님</TD></TR><TR><TD>2026년 3월 10일</TD></TR></TABLE>",
    caption("재무상태표", DAYS, "(단위 : 천원)"),
    table(["자산총계", "1,000", "900"], ["부채총계", "(600)", "x"], ["재고자산", "5", "4"]),
)


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "20260401000123.xml"
    path.write_text(REPORT, encoding="utf-8")
    return path


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def test_a_person_reads_opinion_figures_and_what_is_missing(run: Run, report: Path) -> None:
    told = [line for line in lines(run.ok("read", report, "--lang", "ko")) if "─" not in line]
    assert told == [
        "감사보고서 가나다라 주식회사 DART 원문 · 2025.12 기준 · 접수번호 20260401000123 · 20260401000123.xml",
        "감사의견: 적정의견 (마바회계법인, 2026-03-10 서명, 일반기업회계기준, 별도)",
        f"“{OPINION}” [6 감사의견]",
        "계속기업 관련 중요한 불확실성: 있음",
        f"“{DOUBT}” [6 계속기업 관련 중요한 불확실성]",
        "항목 값 단위 기간 기준 줄과 자리",
        "자산총계 1,000,000 KRW 2025-12-31 별도 11 재무상태표 > 자산총계 > 제 10(당)기",
        "자산총계 900,000 KRW 2024-12-31 별도 11 재무상태표 > 자산총계 > 제 9(전)기",
        "부채총계 −600,000 KRW 2025-12-31 별도 12 재무상태표 > 부채총계 > 제 10(당)기",
        "그 밖의 사실 2개: --all",
        "쓰지 못한 것 1개: 숫자가 아님 1",
    ]


def test_it_answers_in_english_too(run: Run, report: Path) -> None:
    told = run.ok("read", report, "--lang", "en")
    assert (
        "Opinion: unqualified opinion  (마바회계법인, signed 2026-03-10, K-GAAP, separate)" in told
    )
    assert "Material uncertainty about going concern: named" in told
    assert "Total assets" in told
    assert "1 that could not be used: not a number 1" in told


def test_all_shows_every_fact_and_every_fault(run: Run, report: Path) -> None:
    told = run.ok("read", report, "--lang", "ko", "--all")
    assert "재고자산" in told
    assert "그 밖의 사실" not in told
    assert "숫자가 아님: x  [12 재무상태표 > 부채총계 > 제 9(전)기]" in told


def test_json_holds_exact_values_and_follows_the_schema(run: Run, report: Path) -> None:
    (found,) = run.json("read", report)["documents"]
    jsonschema.validate(run.json("read", report), json.loads(run.ok("schema")))
    assert (found["title"], found["company_number"], found["other_facts"]) == ("감사보고서", "00000001", 2)  # fmt: skip
    assert [fact["value"] for fact in found["facts"]] == ["1000000", "900000", "-600000"]
    assert found["facts"][0]["place"] == {
        "file": "20260401000123.xml", "line": 11, "path": "재무상태표 > 자산총계 > 제 10(당)기",
    }  # fmt: skip
    assert found["audit"]["opinion"] == "unqualified"
    assert found["audit"]["is_going_concern"] is True
    (everything,) = run.json("read", report, "--all")["documents"]
    assert (len(everything["facts"]), everything["other_facts"]) == (5, 0)


@pytest.mark.parametrize("form", [(), ("--json",), ("--all",)])
def test_no_person_is_named(run: Run, report: Path, form: tuple[str, ...]) -> None:
    assert "이름아님" not in run.ok("read", report, *form)


def test_what_the_document_does_not_tell_is_unknown(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    schedule = (
        "본 감사인의 의견으로는 별첨 부속명세서는 재무제표와 관련하여 적정하게 표시하고 있습니다."
    )
    path.write_text(document(f"<P>{schedule}</P>"), encoding="utf-8")
    told = run.ok("read", path, "--lang", "ko")
    assert "감사의견: 모름: 의견을 밝히는 문장을 찾지 못했습니다." in told
    assert "계속기업 관련 중요한 불확실성: 모름: 이를 말할 부분이 문서에 없습니다." in told
    assert "재무제표가 아니라 부속명세서에 대한 의견 1" in told


def test_a_document_cannot_draw_on_the_terminal(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(
        income(["매출액\x1b[31m\x07[red]", "1", "2"], ["영업이익", "1", "2"]), encoding="utf-8"
    )
    told = run.ok("read", path, "--all")
    assert "\x1b" not in told
    assert "\x07" not in told
    assert "[red]" in told


@pytest.mark.parametrize(
    ("raw", "said"),
    [(b"", "the file is empty"), (b"\x89\x01\x02\xff\x00\x01", "a format that is not known"), (b"PK\x03\x04", "cannot be read")],
)  # fmt: skip
def test_what_cannot_be_read_ends_in_one_line(
    run: Run, tmp_path: Path, raw: bytes, said: str
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(raw)
    assert said in one_line(run("read", path), 5)
    assert run.problem("read", path)["error"] == "input_file"


def test_a_file_that_is_not_there_ends_in_one_line(run: Run, tmp_path: Path) -> None:
    assert "cannot be read" in one_line(run("read", tmp_path / "none.xml"), 5)


@pytest.mark.parametrize(
    "name",
    [
        "korea/audit_reports/06_disclaimer_of_opinion.xml", "korea/opendart/samples/samsung_2022h1_document.xml", "korea/opendart/samples/samsung_2021_xbrl.zip",
        "korea/opendart/samples/dart_fin_accounts_20260509_172431.json", "filings/uk/daily_zips/Accounts_Bulk_Data-2025-05-03.zip", "filings/uk/kanedata/account_1.html",
        "filings/us/companyfacts/lpa_facts.json",
    ],
)  # fmt: skip
def test_every_format_is_read(run: Run, shared_data: Path, name: str) -> None:
    found = run.json("read", shared_data / name)["documents"]
    assert found
    assert any(document["facts"] or document["audit"] for document in found)
    assert lines(run.ok("read", shared_data / name))
