"""Real documents, held to what a person reads in them: figures with the line on which they stand, opinions with their words."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pytest

from paycanary.filings.documents import read_document

if TYPE_CHECKING:
    from pathlib import Path

    from paycanary.filings.reading import DocumentFact, Reading

REPORTS = "korea/audit_reports"
SAMSUNG = "korea/opendart/samples/samsung_2022h1_document.xml"
UNLISTED = f"{REPORTS}/chrisryugj_income_statement_excerpt.xml"
FILES = (
    "01_unlisted_unqualified_no_kam", "02_listed_unqualified_with_kam", "03_jeongjeonghage_phrase", "04_going_concern_material_uncertainty",
    "05_qualified_opinion", "06_disclaimer_of_opinion", "07_adverse_opinion",
)  # fmt: skip


@pytest.fixture
def read(shared_data: Path) -> dict[str, Reading]:
    """Readings by file, made when asked for."""

    class Readings(dict[str, "Reading"]):
        def __missing__(self, name: str) -> Reading:
            (self[name],) = read_document(shared_data / name)
            return self[name]

    return Readings()


@dataclass(frozen=True)
class Report:
    """What a person reads in an audit report: opinion, line of its sentence, going concern, firm, days, standard."""

    opinion: str | None
    line: int | None
    doubt: str
    auditor: str | None
    signed_on: date | None
    period_end: date | None
    standard: str
    company: str | None


AS_READ = {
    "01": Report("unqualified", 8, "False", "대주회계법인", date(2025, 5, 8), date(2025, 3, 31), "K-GAAP", "주식회사 이토마토"),
    "02": Report("unqualified", 11, "False", "이촌회계법인", date(2025, 7, 9), date(2025, 4, 30), "K-IFRS", "삼성에프엔위탁관리부동산투자회사 주식회사"),
    # An opinion on a schedule of costs: what it says of the statements is not in the excerpt.
    "03": Report(None, None, "None", None, None, None, "K-GAAP", None),
    "04": Report("unqualified", 6, "True", None, None, date(2025, 12, 31), "K-IFRS", "주식회사 비엘팜텍"),
    "05": Report("qualified", 11, "False", "대주회계법인", date(2025, 6, 19), date(2025, 3, 31), "K-GAAP", "바카디코리아 주식회사"),
    "06": Report("disclaimer", 8, "True", "삼일회계법인", date(2026, 3, 23), date(2025, 12, 31), "K-IFRS", "주식회사 비에프랩스"),
    "07": Report("adverse", 29, "False", "중정회계법인", date(2025, 9, 10), date(2024, 12, 31), "K-GAAP", "주식회사 엘라포니시"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_an_audit_report_says_what_a_person_reads_in_it(
    read: dict[str, Reading], name: str
) -> None:
    reading = read[f"{REPORTS}/{name}.xml"]
    audit = reading.audit
    assert audit is not None
    line = audit.opinion_words.place.line if audit.opinion_words else None
    assert AS_READ[name[:2]] == Report(
        audit.opinion, line, str(audit.is_going_concern), audit.auditor, audit.signed_on, audit.period_end, str(audit.standard), reading.company_name
    )  # fmt: skip
    assert not audit.is_review


@pytest.mark.parametrize(
    ("name", "words", "line"),
    [
        (FILES[3], "이러한 상황은 계속기업으로서의 존속능력에 유의적 의문을 제기할 만한 중요한 불확실성이 존재함을 나타냅니다.", 9),
        (FILES[5], "이러한 상황은 회사의 계속기업으로서의 존속능력에 대하여 유의적인 의문을 초래합니다.", 21),
    ],
)  # fmt: skip
def test_doubt_is_quoted_where_it_stands(
    read: dict[str, Reading], name: str, words: str, line: int
) -> None:
    audit = read[f"{REPORTS}/{name}.xml"].audit
    assert audit is not None
    assert audit.going_concern_words is not None
    assert (audit.going_concern_words.text, audit.going_concern_words.place.line) == (words, line)


def test_the_words_that_decide_stand_in_the_file(
    shared_data: Path, read: dict[str, Reading]
) -> None:
    for name in FILES:
        audit = read[f"{REPORTS}/{name}.xml"].audit
        assert audit is not None
        text = "".join((shared_data / REPORTS / f"{name}.xml").read_text(encoding="utf-8").split())
        for passage in (audit.opinion_words, audit.going_concern_words):
            assert passage is None or "".join(passage.text.split()) in text


def test_no_reading_holds_the_name_of_who_signed(
    shared_data: Path, read: dict[str, Reading]
) -> None:
    """Names are taken from the files here, behind 대표이사 and 업무수행이사, so that none stands in a test."""
    found = 0
    for name in FILES:
        text = (shared_data / REPORTS / f"{name}.xml").read_text(encoding="utf-8")
        told = "".join(repr(read[f"{REPORTS}/{name}.xml"]).split())
        for match in re.finditer(
            r"(?:대\s*표\s*이\s*사|업무수행이사는)\s+((?:[가-힣]\s*){3})", text
        ):
            found += 1
            assert "".join(match[1].split()) not in told
    assert found >= 5


# --- figures -------------------------------------------------------------------------------------


def fact(reading: Reading, line: int) -> DocumentFact:
    (found,) = (f for f in reading.facts if f.place.line == line)
    return found


#: Line of the cell, concept, end, months' first day (None = a balance), value in won, basis: read in the file by eye.
SAMSUNG_FIGURES = [
    (6115, "current_assets", "2022-06-30", None, 236_287_491_000_000, "CFS"),
    (6119, "current_assets", "2021-12-31", None, 218_163_185_000_000, "CFS"),
    (6130, "cash", "2022-06-30", None, 39_583_141_000_000, "CFS"),
    (6134, "cash", "2021-12-31", None, 39_031_415_000_000, "CFS"),
    (6145, "short_term_investments", "2022-06-30", None, 84_428_822_000_000, "CFS"),
    (6973, "revenue", "2022-06-30", "2022-04-01", 77_203_607_000_000, "CFS"),
    (6977, "revenue", "2022-06-30", "2022-01-01", 154_985_105_000_000, "CFS"),
    (6981, "revenue", "2021-06-30", "2021-04-01", 63_671_585_000_000, "CFS"),
    (6985, "revenue", "2021-06-30", "2021-01-01", 129_060_088_000_000, "CFS"),
    (7019, "gross_profit", "2022-06-30", "2022-04-01", 30_933_859_000_000, "CFS"),
    (7031, "gross_profit", "2021-06-30", "2021-01-01", 50_494_172_000_000, "CFS"),
    (8717, "operating_cash_flow", "2022-06-30", "2022-01-01", 24_589_135_000_000, "CFS"),
    (8721, "operating_cash_flow", "2021-06-30", "2021-01-01", 25_889_535_000_000, "CFS"),
]


@pytest.mark.parametrize(("line", "concept", "end", "start", "value", "basis"), SAMSUNG_FIGURES)
def test_samsungs_half_year_of_2022(
    read: dict[str, Reading], line: int, concept: str, end: str, start: str | None, value: int, basis: str
) -> None:  # fmt: skip
    found = fact(read[SAMSUNG], line)
    assert (found.concept, found.value, found.unit, found.basis) == (concept, value, "KRW", basis)
    assert (str(found.end), str(found.start)) == (end, str(start))
    assert found.decimals == "-6"


def test_samsungs_document_is_told_as_what_it_is(read: dict[str, Reading]) -> None:
    reading = read[SAMSUNG]
    assert (reading.title, reading.company_name, reading.company_number) == ("반기보고서", "삼성전자주식회사", "00126380")  # fmt: skip
    assert reading.period_end == date(2022, 6, 30)
    assert reading.audit is None
    assert not reading.faults
    share = fact(reading, 7367)
    assert (share.tag, share.value, share.unit) == ("기본주당이익(손실)", 3251, "KRW/shares")


#: The income statement of a company that is not listed: all in won, details in the left and totals in the right column.
UNLISTED_FIGURES = [
    (40, "매출액", "revenue", 52_034_809_530, 2025), (42, "매출액", "revenue", 32_254_850_607, 2024),
    (47, "매출원가", None, 44_987_008_861, 2025), (54, "매출총이익", "gross_profit", 7_047_800_669, 2025),
    (67, "급여", None, 3_215_816_945, 2025), (69, "급여", None, 3_124_479_788, 2024), (214, "잡비", None, 6_200_000, 2025),
    (222, "영업이익", "operating_profit", 1_389_584_502, 2025), (224, "영업이익", "operating_profit", 3_260_395_231, 2024),
    (271, "법인세비용차감전순이익", "profit_before_tax", 1_751_153_801, 2025), (278, "법인세 등", None, 173_343_353, 2025),
    (285, "당기순이익", "net_income", 1_577_810_448, 2025), (287, "당기순이익", "net_income", 3_199_104_809, 2024),
]  # fmt: skip


@pytest.mark.parametrize(("line", "tag", "concept", "value", "year"), UNLISTED_FIGURES)
def test_an_unlisted_companys_income_statement(
    read: dict[str, Reading], line: int, tag: str, concept: str | None, value: int, year: int
) -> None:
    found = fact(read[UNLISTED], line)
    assert (found.tag, found.concept, found.value, found.unit) == (tag, concept, value, "KRW")
    assert (found.start, found.end) == (date(year, 1, 1), date(year, 12, 31))


def test_its_dashes_blanks_and_amounts_a_share(read: dict[str, Reading]) -> None:
    reading = read[UNLISTED]
    assert reading.company_name == "다원컴퓨팅 주식회사"
    assert not reading.faults
    assert [f.end for f in reading.facts if f.tag == "잡비"] == [date(2025, 12, 31)]  # «-» in 2024
    assert [(f.value, f.unit) for f in reading.facts if "주당" in f.tag] == [
        (8766, "KRW/shares"),
        (17_773, "KRW/shares"),
    ]


def test_a_large_document_is_read_in_about_a_second(shared_data: Path) -> None:
    started = time.process_time()
    (reading,) = read_document(shared_data / SAMSUNG)
    assert time.process_time() - started < 3  # half a second on the machine where it was written
    assert len(reading.facts) == 534
