"""Arrears and support lists: a same name is told and never judged; a number is. The tables below are the specification."""

from __future__ import annotations

import pytest

from paycanary.signals import catalog
from tests.spec.harness import check, levels

LISTS = ("wage_arrears", "social_insurance_arrears", "tax_arrears")


@pytest.mark.parametrize("signal", [*LISTS, "tips"])
def test_an_entry_of_the_same_name_is_unknown_with_what_it_says(signal: str) -> None:
    check(
        signal,
        candidate_notice=f"""
            kind     | name       | region | detail         | amount    | event_on   | rank | entries
            {signal} | (주)가나   | 경기도 | 2026년 1차     | 123456789 | 2025-01-15 | 0    | 2
            {signal} | 가나       | 서울   | 2025년 2차     | 5         | 2025-01-15 | 1    | 2
            """,
        expect="""
            level   | measure | reason      | concept        | value     | text       | unit | period_end | row_id
            unknown |         | not_matched | listed_name    |           | (주)가나   |      | 2025-01-15 | 1
            unknown |         | not_matched | listed_region  |           | 경기도     |      | 2025-01-15 | 1
            unknown |         | not_matched | listed_amount  | 123456789 |            | KRW  | 2025-01-15 | 1
            unknown |         | not_matched | listed_detail  |           | 2026년 1차 |      | 2025-01-15 | 1
            unknown |         | not_matched | listed_entries | 2         |            |      | 2025-01-15 | 1
            """,
    )


@pytest.mark.parametrize("signal", [*LISTS, "tips"])
def test_what_an_entry_does_not_say_is_left_out_and_not_zero(signal: str) -> None:
    check(
        signal,
        candidate_notice=f"""
            kind     | name | region | detail | amount
            {signal} | 가나 |        |        |
            """,
        expect="""
            level   | concept        | value
            unknown | listed_name    |
            unknown | listed_entries | 1
            """,
    )


@pytest.mark.parametrize("signal", [*LISTS, "tips"])
def test_no_entry_and_another_lists_entry_are_no_row(signal: str) -> None:
    check(
        signal,
        scope="""
            company_id
            a
            """,
        candidate_notice="""
            kind          | name
            another_thing | 가나
            """,
        expect="",
    )


def test_a_business_number_on_the_wage_list_is_danger() -> None:
    check(
        "wage_arrears",
        notice="""
            kind         | category   | event_on
            wage_arrears | not_listed | 2025-01-10
            wage_arrears | listed     | 2025-06-01
            """,
        expect="""
            level  | measure | reason | concept      | text   | period_end | row_id
            danger |         |        | wage_arrears | listed | 2025-06-01 | 2
            """,
    )


def test_danger_by_number_shows_the_entry_of_the_name_with_its_amount() -> None:
    check(
        "wage_arrears",
        notice="""
            kind         | category | event_on
            wage_arrears | listed   | 2025-06-01
            """,
        candidate_notice="""
            kind         | name | amount
            wage_arrears | 가나 | 40000000
            """,
        expect="""
            level  | measure  | concept        | value    | row_id
            danger | 40000000 | wage_arrears   |          | 1
            danger | 40000000 | listed_name    |          | 2
            danger | 40000000 | listed_amount  | 40000000 | 2
            danger | 40000000 | listed_entries | 1        | 2
            """,
    )


def test_a_number_that_left_the_wage_list_is_no_danger() -> None:
    check(
        "wage_arrears",
        notice="""
            kind         | category   | event_on
            wage_arrears | listed     | 2024-06-01
            wage_arrears | not_listed | 2025-06-01
            """,
        expect="""
            level   | reason     | concept   | text       | period_end | row_id
            unknown | not_listed | list_read | not_listed | 2025-06-01 | 2
            """,
    )


@pytest.mark.parametrize(
    ("became_public", "read_on", "reason"),
    [
        ("2025-05-31", "2025-06-20", "not_listed"),  # the number was asked about after the round: another's entry
        ("2025-06-02", "2025-06-20", "not_matched"),  # a round since then
        ("", "2025-06-20", "not_matched"),  # its day is not known: it may be since then
        ("", "2025-06-01", "not_listed"),
    ],
)  # fmt: skip
def test_a_no_by_number_says_that_older_entries_of_the_name_are_anothers(
    became_public: str, read_on: str, reason: str
) -> None:
    found = levels(
        "wage_arrears",
        notice="""
            kind         | category   | event_on
            wage_arrears | not_listed | 2025-06-01
            """,
        candidate_notice=f"""
            kind         | name | event_on        | published_on
            wage_arrears | 가나 | {became_public} | {read_on}
            """,
    )
    assert found == {("unknown", None, reason)}


def test_two_answers_of_one_day_count_as_the_graver() -> None:
    check(
        "wage_arrears",
        notice="""
            kind         | category   | event_on
            wage_arrears | not_listed | 2025-06-01
            wage_arrears | listed     | 2025-06-01
            """,
        expect="""
            level  | concept
            danger | wage_arrears
            """,
    )


@pytest.mark.parametrize(
    ("category", "level"),
    [("distress", "danger"), ("other", "watch"), ("not_published", "watch")],
)
def test_administration_is_judged_by_its_reason(category: str, level: str) -> None:
    check(
        "delisting_procedure",
        notice=f"""
            kind                 | category   | event_on   | months_ago | detail
            administrative_issue | {category} | 2025-03-03 | 3          | 감사의견 거절
            delisting            | distress   | 2025-03-03 | 3          | 다른 목록
            """,
        expect=f"""
            level   | measure | concept              | text          | period_end | row_id
            {level} | 3       | administrative_issue | 감사의견 거절 | 2025-03-03 | 1
            """,
    )


def test_the_gravest_and_then_the_newest_issue_stands() -> None:
    check(
        "delisting_procedure",
        notice="""
            kind                 | category | event_on   | months_ago | detail
            administrative_issue | other    | 2025-06-01 | 0          | 시가총액 미달
            administrative_issue | distress | 2024-03-03 | 15         | 자본잠식률 50% 이상
            administrative_issue | distress | 2025-03-03 | 3          | 회생절차개시신청
            """,
        expect="""
            level  | text             | period_end
            danger | 회생절차개시신청 | 2025-03-03
            """,
    )


def test_an_issue_without_a_reason_says_so() -> None:
    check(
        "delisting_procedure",
        notice="""
            kind                 | category      | detail
            administrative_issue | not_published |
            """,
        expect="""
            level | text
            watch | not_published
            """,
    )


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("signal", LISTS)
def test_absence_from_a_list_of_arrears_is_not_called_safe(signal: str, lang: str) -> None:
    words = catalog.wording(lang)[signal]
    doubt = {"ko": "없다는 뜻은 아닙니다", "en": "does not mean"}[lang]
    for reason in ("unknown", "unknown_not_listed"):
        assert doubt in words[reason]
    assert "https://" in words["unknown"]
    assert {"ko": "증거가 없", "en": "nothing proves"}[lang] in words["unknown_not_matched"]
    for shown in ("{listed_name}", "{listed_region}", "{listed_amount}", "{listed_name.published}"):
        assert shown in words["unknown_not_matched"]


@pytest.mark.parametrize("signal", [*LISTS, "tips", "delisting_procedure"])
def test_every_list_has_words_for_not_being_read_and_not_being_there(signal: str) -> None:
    assert catalog.signals()[signal].list
    for lang, unread in (("ko", "아직"), ("en", "not been taken in yet")):
        words = catalog.wording(lang)[signal]
        assert unread in words["unknown"]
        assert "{list_read.published}" in words["unknown_not_listed"]
