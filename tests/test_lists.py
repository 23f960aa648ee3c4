"""Public lists from the page to the verdict: same names, official numbers, other lists, and no person's name anywhere."""

from __future__ import annotations

import json
import logging
from contextlib import ExitStack
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from paycanary.errors import AnswerError, KeyRefusedError, NotFoundError, UnreachableError
from paycanary.sources.lists import kind, moel, nhis, tax, tips
from paycanary.sources.lists.tables import province
from paycanary.sources.subject import Subject
from tests.command import Run
from tests.list_lake import ROUND, Lists, finding, unknown
from tests.standins.lists import PERSON, WORK24_KEY, moel_row, nhis_row, startup, tax_row
from tests.standins.server import http_error

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TODAY = date(2026, 11, 25)
GANA = Subject("가나전자", stock_code="990010", business_number="1234567890", is_listed=True)
ARREARS = ("wage_arrears", "social_insurance_arrears", "tax_arrears")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lists]:
    with ExitStack() as stack:
        yield Lists(tmp_path, monkeypatch, stack).found()


# --- a name is no proof --------------------------------------------------------------------------


def test_a_same_name_is_a_candidate_with_a_doubt_and_no_finding(world: Lists) -> None:
    world.moel.rows = [
        moel_row(ROUND, "(주)가나전자", "경기도 수원시 영통구 1", "123,456,789"),
        moel_row(ROUND, "하나식당", "서울특별시 중구 2", "45,000,000", "음식점업"),
    ]
    world.fetch(moel)
    verdict = world.verdict("가나전자", TODAY)
    found = unknown(verdict, "wage_arrears")
    assert found.reason == "not_matched"
    assert not [f for f in verdict.findings if f.signal == "wage_arrears"]
    for said in ("(주)가나전자", "경기도", "1.2억 원", ROUND, "건설업", "2026-11-25", "증거가 없으며"):  # fmt: skip
        assert said in found.explanation
    figures = {f.concept: f for f in found.figures}
    assert figures["listed_amount"].value == 123_456_789
    assert {(f.source, f.published_on) for f in found.figures} == {("moel", TODAY)}
    assert figures["listed_amount"].filing_id == "moel:20261125T010000Z"
    assert figures["listed_amount"].url == "https://www.moel.go.kr/info/defaulter/defaulterList.do"
    english = unknown(world.verdict("가나전자", TODAY, "en"), "wage_arrears").explanation
    assert "nothing proves that it is this company" in english


def test_a_candidate_changes_neither_level_nor_sentence(world: Lists) -> None:
    before = world.verdict("가나전자", TODAY)
    world.moel.rows = [moel_row(ROUND, "가나전자", "경기도 수원시", "900,000,000")]
    world.tax.rows = [tax_row(1, "2025", "가나전자(주)", "경기도 수원시", "9,000,000,000")]
    world.fetch(moel)
    world.fetch(tax)
    after = world.verdict("가나전자", TODAY)
    assert (after.level, after.sentence) == (before.level, before.sentence)
    assert after.findings == before.findings


def test_not_being_listed_names_the_day_and_is_no_sign_of_safety(world: Lists) -> None:
    assert unknown(world.verdict("가나전자", TODAY), "wage_arrears").reason == "not_taken_in"
    world.moel.rows = [moel_row(ROUND, "하나식당", "서울특별시 중구 2", "45,000,000")]
    world.fetch(moel)
    found = unknown(world.verdict("가나전자", TODAY), "wage_arrears")
    assert found.reason == "not_listed"
    assert "2026-11-25" in found.explanation
    assert "없다는 뜻은 아닙니다" in found.explanation
    ((figure,),) = [found.figures]
    assert (figure.concept, figure.source, figure.published_on) == ("list_read", "moel", TODAY)
    for other in ("social_insurance_arrears", "tax_arrears", "tips"):
        assert unknown(world.verdict("가나전자", TODAY), other).reason == "not_taken_in"


def test_every_list_gives_candidates_of_its_own_kind(
    world: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.tax.rows = [tax_row(1, "2023", "마바소프트 주식회사", "부산광역시 해운대구", "1,234")]
    world.tax.before = "<p>(단위 : 백만원)</p>"
    world.nhis.rows = [nhis_row(1, "(주)마바소프트", "부산 해운대구", "23,456,780"), nhis_row(2, "마바소프트", "부산", "1")]  # fmt: skip
    world.startups.rows = [startup("a1", "마바소프트"), startup("a2", "다른회사")]
    for register in (tax, nhis, tips):
        world.fetch(register)
    verdict = world.verdict("마바소프트", TODAY)
    said = {s: unknown(verdict, s).explanation for s in (*ARREARS[1:], "tips")}
    assert "체납액 12억 원" in said["tax_arrears"]
    assert "2023년 공개, 부가가치세 등, 7건, 제조업" in said["tax_arrears"]
    assert "2,346만 원" in said["social_insurance_arrears"]
    assert "2025년 공개, 건강보험, 건설업" in said["social_insurance_arrears"]
    assert "1건" in said["social_insurance_arrears"]
    assert "2024년 선정, 운영사 가나파트너스, 강남구" in said["tips"]
    monkeypatch.delenv("PAYCANARY_NHIS_URL")
    with pytest.raises(UnreachableError, match="PAYCANARY_NHIS_URL"):
        world.everything(nhis)
    with pytest.raises(UnreachableError, match="PAYCANARY_NHIS_URL"):
        world.about(nhis, GANA)


def test_an_amount_whose_unit_the_page_does_not_state_is_no_figure(world: Lists) -> None:
    world.tax.rows = [tax_row(1, "2023", "(주)가나전자", "경기도", "1,234")]
    world.fetch(tax)
    found = unknown(world.verdict("가나전자", TODAY), "tax_arrears")
    assert "listed_amount" not in {f.concept for f in found.figures}
    assert "1,234 (단위 미표시)" in found.explanation


@pytest.mark.parametrize(
    ("address", "confidence"),
    [("경기도 수원시", 0.6), ("경기 수원시", 0.6), ("어딘가 1", 0.5), ("부산광역시 중구", 0.4)],
)
def test_the_same_province_makes_a_candidate_likelier_and_never_certain(
    world: Lists, address: str, confidence: float
) -> None:
    world.moel.rows = [moel_row(ROUND, "가나전자㈜", address, "50,000,000")]
    world.fetch(moel)
    links = world.rows("SELECT canonical_id, confidence, rule FROM links WHERE company_id LIKE 'moel:%'")  # fmt: skip
    assert links == [("krx:990010", confidence, "candidate_list_name")]
    assert unknown(world.verdict("가나전자", TODAY), "wage_arrears").reason == "not_matched"


def test_the_likeliest_of_several_entries_is_shown_with_their_number(world: Lists) -> None:
    world.moel.rows = [
        moel_row("2025년 1차", "가나전자", "부산광역시 중구", "900,000,000"),
        moel_row("2025년 2차", "가나전자", "경기도 화성시", "40,000,000"),
        moel_row(ROUND, "가나전자", "경기도 화성시", "50,000,000"),
    ]
    world.fetch(moel)
    found = unknown(world.verdict("가나전자", TODAY), "wage_arrears")
    figures = {f.concept: f.value for f in found.figures}
    assert (figures["listed_amount"], figures["listed_entries"]) == (50_000_000, 3)
    assert "3건" in found.explanation


def test_a_name_that_many_companies_bear_is_a_faint_candidate_and_never_absent(
    world: Lists,
) -> None:
    rows = [f"흔한이름,코스닥,9910{n}0,업,2020-01-02,12월,서울특별시" for n in range(6)]
    path = world.desk.folder / "many.csv"
    head = "회사명,시장구분,종목코드,업종,상장일,결산월,지역"
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    from paycanary.lake.batches import refresh  # noqa: PLC0415

    refresh(world.root, "krx", path)
    world.moel.rows = [moel_row(ROUND, "흔한이름", "서울특별시", "50,000,000")]
    world.fetch(moel)
    assert world.rows("SELECT DISTINCT confidence, rule FROM links WHERE company_id LIKE 'moel:%'") == [(0.3, "candidate_list_shared_name")]  # fmt: skip
    for number in range(6):
        verdict = world.session().verdict(f"krx:9910{number}0", TODAY)
        found = unknown(verdict, "wage_arrears")
        assert found.reason == "not_matched"
        assert "증거가 없으며" in found.explanation
        assert not [f for f in verdict.findings if f.signal == "wage_arrears"]
    assert unknown(world.verdict("가나전자", TODAY), "wage_arrears").reason == "not_listed"


def test_a_name_known_from_a_list_alone_is_no_company(world: Lists) -> None:
    world.moel.rows = [moel_row(ROUND, "하나식당", "서울특별시", "45,000,000")]
    world.fetch(moel)
    with pytest.raises(NotFoundError):
        world.session().resolve("하나식당")
    screened = world.session().screen(TODAY)
    assert {row["name"] for row in screened} <= {"가나전자", "다라건설", "마바소프트", "바사바이오"}


# --- an official number is ------------------------------------------------------------------------


def test_the_business_number_on_the_wage_list_is_danger(
    world: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYCANARY_WORK24_KEY", WORK24_KEY)
    world.numbers.add("1234567890")
    world.moel.rows = [moel_row(ROUND, "가나전자", "경기도", "50,000,000")]
    world.about(moel, GANA)
    assert world.services["work24"].asked()[0]["brno"] == "1234567890"
    world.take_in("moel")
    ((company, category, source),) = world.rows("SELECT company_id, category, source FROM notices WHERE kind = 'wage_arrears' AND source = 'work24'")  # fmt: skip
    assert (company, category, source) == ("nts:1234567890", "listed", "work24")
    assert world.rows("SELECT business_number, name FROM companies WHERE company_id = 'nts:1234567890'") == [("1234567890", "가나전자")]  # fmt: skip
    session = world.session()
    verdict = session.verdict("nts:1234567890", TODAY)
    found = finding(verdict, "wage_arrears")
    assert (found.level, found.veto, verdict.level) == ("danger", True, "danger")
    assert "2026-11-25" in found.sentence
    assert "명단공개 대상" in verdict.sentence
    world.numbers.clear()
    world.desk.clock.pass_days(3)
    world.about(moel, GANA)
    world.take_in("moel")
    later = date(2026, 11, 28)
    after = world.session().verdict("nts:1234567890", later)
    assert unknown(after, "wage_arrears").reason == "not_listed"
    assert finding(world.session().verdict("nts:1234567890", TODAY), "wage_arrears").level == "danger"  # fmt: skip


@pytest.mark.parametrize("is_named", [False, True])
def test_an_answer_by_number_counts_three_months_and_not_a_day_longer(
    world: Lists,
    monkeypatch: pytest.MonkeyPatch,
    is_named: bool,  # noqa: FBT001
) -> None:
    monkeypatch.setenv("PAYCANARY_WORK24_KEY", WORK24_KEY)
    world.services["moel"].fault(http_error(404))  # nothing is known of the list itself
    for yes in (False, True):  # an older no does not stand up again once the yes is too old
        world.numbers.update({"1234567890"} if yes else ())
        with pytest.raises(AnswerError):
            world.about(moel, GANA)
        world.desk.clock.pass_days(0 if yes else 10)
    if is_named:
        world.services["moel"].mend()
        world.moel.rows = [moel_row(ROUND, "가나전자", "경기도", "50,000,000")]
        world.everything(moel)
    world.take_in("moel")
    session = world.session()
    last = date(2027, 3, 4)
    assert finding(session.verdict("nts:1234567890", last), "wage_arrears").level == "danger"
    after = session.verdict("nts:1234567890", last + timedelta(days=1))
    assert not [f for f in after.findings if f.signal == "wage_arrears"]
    assert unknown(after, "wage_arrears").reason == ("not_matched" if is_named else "not_taken_in")


def test_without_a_key_or_all_ten_digits_work24_is_not_asked(
    world: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.about(moel, GANA)
    monkeypatch.setenv("PAYCANARY_WORK24_KEY", WORK24_KEY)
    world.about(moel, Subject("마바소프트", business_number="123456"))
    assert world.services["work24"].requests == []


def test_a_refused_key_is_told_and_costs_the_page_nothing(
    world: Lists, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PAYCANARY_WORK24_KEY", "another-key-of-nobody")
    world.moel.rows = [moel_row(ROUND, "가나전자", "경기도", "50,000,000")]
    with caplog.at_level(logging.DEBUG), pytest.raises(KeyRefusedError) as caught:
        world.about(moel, GANA)
    world.take_in("moel")
    assert unknown(world.verdict("가나전자", TODAY), "wage_arrears").reason == "not_matched"
    told = str(caught.value) + caplog.text
    assert "another-key-of-nobody" not in told
    assert b"another-key-of-nobody" not in world.desk.bytes_kept()


# --- searching by name ---------------------------------------------------------------------------


def test_a_search_finds_the_name_and_says_when_it_found_none(world: Lists) -> None:
    world.moel.rows = [
        moel_row(ROUND, "가나전자", "경기도", "50,000,000"),
        moel_row(ROUND, "가나전자서비스", "경기도", "60,000,000"),
    ]
    world.about(moel, GANA)
    world.about(moel, Subject("마바소프트", stock_code="990030"))
    world.take_in("moel")
    found = {f.concept: f.value for f in unknown(world.verdict("가나전자", TODAY), "wage_arrears").figures}  # fmt: skip
    assert (found["listed_amount"], found["listed_entries"]) == (50_000_000, 1)
    assert unknown(world.verdict("마바소프트", TODAY), "wage_arrears").reason == "not_listed"
    assert unknown(world.verdict("다라건설", TODAY), "wage_arrears").reason == "not_taken_in"
    assert [r.form["searchText"] for r in world.services["moel"].requests] == ["가나전자", "마바소프트"]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "listed"),
    [("(주)가나전자", "주식회사 가나전자"), ("가나전자 주식회사", "가나전자㈜"), ("㈜가나전자", "가나전자(주)")],
)  # fmt: skip
def test_a_search_is_by_the_name_without_its_legal_form(
    world: Lists, asked: str, listed: str
) -> None:
    world.moel.rows = [moel_row(ROUND, listed, "경기도", "50,000,000")]
    world.tax.rows = [tax_row(1, "2025", listed, "경기도", "1,000")]
    world.nhis.rows = [nhis_row(1, listed, "경기도", "1,000")]
    for register in (moel, tax, nhis):
        world.about(register, Subject(asked))
    world.take_in("moel", "tax", "nhis")
    verdict = world.verdict("가나전자", TODAY)
    assert {unknown(verdict, signal).reason for signal in ARREARS} == {"not_matched"}
    assert world.services["moel"].requests[0].form["searchText"] == "가나전자"


def test_a_search_takes_nothing_away_and_a_fresh_list_needs_none(world: Lists) -> None:
    world.moel.rows = [moel_row(ROUND, "가나 전자", "경기도", "50,000,000")]
    world.fetch(moel)
    asked = len(world.services["moel"].requests)
    world.about(moel, GANA)
    assert len(world.services["moel"].requests) == asked
    world.desk.clock.pass_days(2)
    world.about(moel, GANA)  # the site does not find it: there is a blank in the name
    world.take_in("moel")
    assert len(world.services["moel"].requests) == asked + 1
    found = unknown(world.verdict("가나전자", date(2026, 11, 27)), "wage_arrears")
    assert found.reason == "not_matched"


def test_a_number_is_no_name_to_search_for(world: Lists) -> None:
    world.about(moel, Subject("1234567890"))
    world.about(tax, Subject("990010"))
    assert world.services["moel"].requests == world.services["tax"].requests == []


# --- the exchange --------------------------------------------------------------------------------


def test_kind_tells_listings_delistings_and_administration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:
        world = Lists(tmp_path, monkeypatch, stack)
        world.exchange.administered = [
            ("1", "990020", "다라건설", "2026-03-20", "감사의견 의견거절"),
            ("2", "990030", "마바소프트", "2026-05-04", "주식분산기준 미달"),
            ("3", "990025", "다라건설우", "2026-03-20", "감사의견 의견거절"),
        ]
        world.exchange.delisted = [("1", "사아기업", "990090", "2025-06-30", "자본전액잠식", "")]
        world.fetch(kind)
        grave, light, none = (world.verdict(n, TODAY) for n in ("다라건설", "마바소프트", "가나전자"))  # fmt: skip
        assert finding(grave, "delisting_procedure").level == "danger"
        assert "2026-03-20" in finding(grave, "delisting_procedure").sentence
        assert "감사의견 의견거절" in finding(grave, "delisting_procedure").sentence
        assert finding(light, "delisting_procedure").level == "watch"
        assert unknown(none, "delisting_procedure").reason == "not_listed"
        assert (none.coverage, none.company.market) == ("listed", "KOSPI")
        gone = world.verdict("사아기업", TODAY)
        assert finding(gone, "delisting").level == "danger"
        assert unknown(gone, "delisting_procedure").reason == "not_applicable"

        world.exchange.administered = world.exchange.administered[1:]
        world.desk.clock.pass_days(1)
        world.about(kind, Subject("다라건설", stock_code="990020"))
        world.take_in("krx")
        lifted = world.verdict("다라건설", date(2026, 11, 26))
        assert unknown(lifted, "delisting_procedure").reason == "not_listed"
        assert finding(world.verdict("다라건설", TODAY), "delisting_procedure").level == "danger"
        assert PERSON.encode() not in world.desk.bytes_kept()
        assert all(r.headers["user-agent"].startswith("paycanary/") for r in world.services["krx"].requests)  # fmt: skip


# --- no person -----------------------------------------------------------------------------------


def test_no_byte_that_is_kept_names_a_person(
    world: Lists, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Inbox, export, lake, rejected rows and log lines are searched for the word that stands where a person is named."""
    monkeypatch.setenv("PAYCANARY_WORK24_KEY", WORK24_KEY)
    world.moel.rows = [
        moel_row(ROUND, "가나전자", "경기도", "50,000,000"),
        moel_row(ROUND, PERSON, "경기도", "50,000,000"),  # a sole proprietor under his own name
        moel_row(ROUND, f"{PERSON}식당", "경기도", "50,000,000"),
        moel_row(ROUND, "", "경기도", "50,000,000"),
        moel_row(ROUND, "나다상사", "경기도", "오천만원"),
    ]
    world.tax.rows = [tax_row(1, "2023", "(주)가나전자", "경기도", "1"), tax_row(2, "2023", PERSON, "경기도", "2")]  # fmt: skip
    world.nhis.rows = [nhis_row(1, "(주)가나전자", "경기도", "1"), nhis_row(2, "개인이름", "경기도", "2")]  # fmt: skip
    world.startups.rows = [startup("a1", "마바소프트")]
    with caplog.at_level(logging.DEBUG):
        world.about(moel, GANA)
        world.desk.clock.pass_days(1)
        for register in (moel, tax, nhis, tips):
            world.fetch(register)
    kept = world.desk.bytes_kept() + b"".join(
        p.read_bytes() for p in world.root.rglob("*") if p.is_file()
    )
    assert PERSON.encode() not in kept
    assert "개인이름".encode() not in kept
    assert PERSON not in caplog.text
    for table in ("notices", "companies", "names", "filings", "rejected"):
        assert PERSON not in str(world.rows(f"SELECT * FROM {table}"))
    reasons = dict(world.rows("SELECT reason, count(DISTINCT raw) FROM rejected GROUP BY ALL"))
    assert reasons == {"no_company": 1, "bad_number": 1}
    assert sorted({r[0] for r in world.rows("SELECT name FROM companies WHERE source IN ('moel', 'tax', 'nhis')")}) == ["(주)가나전자", "가나전자"]  # fmt: skip


def test_a_terminal_shows_a_candidate_without_being_asked_for_more(
    world: Lists, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    world.moel.rows = [moel_row(ROUND, "(주)가나전자", "경기도", "123,456,789")]
    world.fetch(moel)
    monkeypatch.setenv("PAYCANARY_HOME", str(tmp_path))
    shown = Run(tmp_path).ok("check", "가나전자", "--lang", "ko", "--as-of", str(TODAY))
    assert "1.2억 원" in shown
    assert "증거가 없으며" in " ".join(shown.split())


def test_the_provinces_of_the_real_wage_list_are_known(shared_data: Path) -> None:
    (path,) = (shared_data / "korea" / "wage_arrears").glob("defaulters_by_region_*.json")
    regions = [row["region"] for row in json.loads(path.read_text(encoding="utf-8"))]
    known = [name for name in regions if province(f"{name} 어느시 1")]
    assert len(known) == len(regions) == 17
