"""KRX lists: why a company left the exchange, which securities speak of a company, and where a company is listed."""

from __future__ import annotations

import csv
from datetime import date
from typing import TYPE_CHECKING

import duckdb
import pytest

from paycanary.errors import InputFileError
from paycanary.filings import krx
from paycanary.sources.krx import COLUMNS
from tests.opendart_rows import asked, rejected
from tests.stage import create_stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from paycanary.sources.summary import FileSummary

pytestmark = pytest.mark.quick

#: Reasons as the exchange published them, each with the class it is put into.
REASONS = (
    ("감사의견 의견거절", "distress"),
    ("감사의견거절(감사범위 제한 및 계속기업으로서의 존속능력에 대한 불확실성)", "distress"),
    ("감사의견 한정(감사범위 제한)", "distress"),
    ("감사의견부적정(취소사유발생일:2003년 3월 21일)", "distress"),
    ("감사범위 제한", "distress"),
    ("자본전액잠식", "distress"),
    ("자본잠식률 50% 이상으로 관리종목 지정 후, 최근 반기의 재무제표에 대한 감사인의 감사의견 거절", "distress"),
    ("기업의 계속성, 경영의 투명성 또는 기타 코스닥시장의 건전성 등을 종합적으로 고려하여 상장폐지 기준에 해당한다고 결정", "distress"),
    ("최종부도 발생", "distress"),
    ("발행한 어음 또는 수표가 주거래은행에 의하여 최종부도로 결정되거나 거래은행에 의한 거래 정지", "distress"),
    ("당좌거래정지", "distress"),
    ("회사정리절차 개시 신청 기각 결정", "distress"),
    ("회생절차폐지결정사유 및 당해 코스닥시장상장법인의 계속기업 가능성 유무를 고려한 결과  상장폐지기준에 해당한다고 결정", "distress"),
    ("화의 불인가", "distress"),
    ("화의절차 개시 신청 각하", "distress"),  # 신청 here is no application by the company to leave
    ("계약이전", "distress"),  # a failed bank's business, by order of the supervisor: no move to another market
    ("해산사유 발생(파산선고)", "distress"),
    ("영업활동정지 6월 계속", "distress"),
    ("주된 영업의 정지에 의한 상장폐지기준 해당", "distress"),
    ("사업보고서 법정제출기한 익일부터 10일이내 미제출", "distress"),
    ("법정제출기한까지 사업보고서를 제출하지 아니한 후, 법정제출기한의 다음날부터 10일이내에 사업보고서를 제출하지 아니함 ", "distress"),
    ("최근 5사업연도 연속 영업손실 발생", "distress"),
    ("최근 3사업연도 연속 자기자본 50%초과 법인세비용차감전 계속사업손실 등", "distress"),
    ("2사업연도 연속 매출액 30억원 미달(상장폐지사유 발생일 : 2006년 03월 31일)", "distress"),
    ("시가총액 40억원 미달", "distress"),
    ("액면가액일정비율 미달로 연속하여 10일간 지속", "distress"),
    ("최근 2년간 3회이상 불성실공시법인으로 지정", "distress"),
    ("피흡수합병", "merger"),
    ("씨제이이앤엠(주)에 피흡수합병", "merger"),
    ("타법인의 완전자회사로 편입", "merger"),
    ("지주회사의 완전자회사화(지주회사 신규상장)", "merger"),
    ("포괄적 주식교환에 따른 상장폐지 신청('20.7.17)", "merger"),
    ("유가증권시장 상장", "transfer"),
    ("코스닥시장 이전상장", "transfer"),
    ("유가증권시장 이전 상장 신청", "transfer"),
    ("신청에 의한 상장폐지", "voluntary"),
    ("상장폐지 신청('25.11.06)", "voluntary"),
    ("자진 등록취소", "voluntary"),
    ("발행회사 취소요청", "voluntary"),
    ("상장예비심사 청구서 미제출로 관리종목 지정 후 1개월 이내 동 사유 미해소", "expiry"),
    ("SPAC 상장예비심사청구서 미제출 등", "expiry"),
    ("피흡수합병(스팩소멸합병)", "expiry"),
    ("존속기간 만료", "expiry"),
    ("해산 사유 발생", "other"),  # after a merger as often as not
    ("주식분산기준 미달", "other"),
    ("지정자문인 선임계약 해지 후 30일 이내 미체결('25.2.11限)", "other"),
    ("주된 영업의 양도", "other"),
    ("거래실적부진", "other"),
    (None, "not_published"),
)  # fmt: skip


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        create_stage(connection)
        yield connection


def entry(reason: str | None = "자본전액잠식", symbol: str = "001470", name: str = "가나건설", group: str = "주권", kind: str | None = "보통주", day: str = "2017-04-17 00:00:00") -> list[str | None]:  # fmt: skip
    return [symbol, name, "KOSPI", group, kind, day, reason]


def take(con: duckdb.DuckDBPyConnection, path: Path, columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> FileSummary:  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([columns, *rows])
    (summary,) = krx.load(con, path)
    assert summary.read == len(rows)
    assert summary.read == summary.accepted + summary.skipped + summary.rejected
    return summary


def delisted(con: duckdb.DuckDBPyConnection, folder: Path, *rows: Sequence[str | None]) -> FileSummary:  # fmt: skip
    return take(con, folder / "delisted.csv", COLUMNS["delisting"], rows)


def test_real_reasons_are_put_into_their_class(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    delisted(con, tmp_path, *(entry(reason, f"{n:05}0") for n, (reason, _) in enumerate(REASONS)))
    found = dict(asked(con, "SELECT company_id, category FROM stage_notices"))
    wrong = {
        reason: found.get(f"krx:{n:05}0")
        for n, (reason, category) in enumerate(REASONS)
        if found.get(f"krx:{n:05}0") != category
    }
    assert not wrong


@pytest.mark.parametrize("name", ["하나머스트스팩5호", "가나스팩"])
def test_a_special_purpose_company_that_runs_out_is_not_in_distress(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, name: str
) -> None:
    delisted(con, tmp_path, entry("사업보고서 미제출", name=name))
    assert asked(con, "SELECT category FROM stage_notices") == [("expiry",)]


def test_only_ordinary_shares_speak_of_a_company(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    summary = delisted(
        con, tmp_path,
        entry(),
        entry(symbol="001475", kind="구형우선주"),
        entry(symbol="00147K", kind="신형우선주"),
        entry(symbol="001477", kind=None),
        entry(symbol="0014701D", group="신주인수권증서"),
        entry(symbol="001473G", group="신주인수권증권"),
        entry(symbol="F00010", group="수익증권"),
        entry(symbol="F00020", group="투자회사"),
        entry(symbol="088260", group="부동산투자회사"),
        entry(symbol="900280", group="외국주권", kind=None),
        entry(symbol="950010", group="주식예탁증권", kind=None),
    )  # fmt: skip
    assert asked(con, "SELECT company_id FROM stage_notices ORDER BY 1") == [
        ("krx:001470",),
        ("krx:900280",),
        ("krx:950010",),
    ]
    assert (summary.accepted, summary.skipped, summary.rejected) == (3, 8, 0)


def test_a_delisting_is_known_from_its_day_on_and_leads_somewhere(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    delisted(con, tmp_path, entry())
    day = date(2017, 4, 17)
    assert asked(con, "SELECT kind, event_on, published_on, filing_id, detail, expires_on FROM stage_notices") == [
        ("delisting", day, day, "delisting:001470:2017-04-17", "자본전액잠식", None)
    ]  # fmt: skip
    assert asked(con, "SELECT name, stock_code, market, published_on FROM stage_companies") == [
        ("가나건설", "001470", "KOSPI", day)
    ]
    assert asked(con, "SELECT name, kind FROM stage_names") == [("가나건설", "stock")]
    ((url,),) = asked(con, "SELECT url FROM stage_filings")
    assert url.startswith("https://kind.krx.co.kr/")


def test_an_entry_without_a_day_or_a_name_is_rejected(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    delisted(con, tmp_path, entry(day="2017-02-30"), entry(symbol="001480", name=""), entry())
    assert rejected(con) == ["bad_date", "no_company"]
    assert asked(con, "SELECT count(*) FROM stage_notices") == [(1,)]


def test_listed_companies_and_their_markets(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    rows = [
        ["가나전자", "유가증권시장", "005930", "통신 및 방송 장비 제조업", "1975-06-11", "12월", "경기도"],
        ["다라바이오", "코스닥", "0009K0", "자연과학 및 공학 연구개발업", "2025-12-04", "12월", "서울특별시"],
        ["마바", "코넥스", "311840", "소프트웨어", "2018-12-26", "03월", "부산광역시"],
        ["사아", "KOSDAQ", "035720", "포털", "2017-07-10", "12월", "제주"],
        ["자차", "유가", "000010", "은행", "언젠가", "12월", "서울특별시"],
        ["카타", "유가", "10", "은행", "1990-01-01", "12월", "서울특별시"],
    ]  # fmt: skip
    summary = take(con, tmp_path / "listed.csv", COLUMNS["listed"], rows)
    assert rejected(con) == ["bad_date", "no_company"]
    assert (summary.kind, summary.accepted) == ("listed", 4)
    found = asked(con, "SELECT stock_code, market, fiscal_month, listed_on, published_on, region FROM stage_companies ORDER BY 1")  # fmt: skip
    assert found == [
        ("0009K0", "KOSDAQ", 12, date(2025, 12, 4), date(2025, 12, 4), "서울특별시"),
        ("005930", "KOSPI", 12, date(1975, 6, 11), date(1975, 6, 11), "경기도"),
        ("035720", "KOSDAQ", 12, date(2017, 7, 10), date(2017, 7, 10), "제주"),
        ("311840", "KONEX", 3, date(2018, 12, 26), date(2018, 12, 26), "부산광역시"),
    ]


def test_missing_columns_are_named(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    columns = [c for c in COLUMNS["delisting"] if c != "Reason"]
    with pytest.raises(InputFileError) as caught:
        take(con, tmp_path / "delisted.csv", columns, [["001470", "가나", "KOSPI", "주권", "보통주", "2017-04-17"]])  # fmt: skip
    assert "Reason" in caught.value.line("en")
    assert asked(con, "SELECT * FROM stage_notices") == []


def test_another_encoding_is_named(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "delisted.csv"
    path.write_bytes(("Symbol,Name\n001470,가나건설\n").encode("cp949"))
    with pytest.raises(InputFileError) as caught:
        krx.load(con, path)
    assert "UTF-8" in caught.value.line("en")
