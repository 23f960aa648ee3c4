"""Events, arrears, support: what is on record, and what is not taken in yet. The tables below are the specification."""

from __future__ import annotations

import pytest

from paycanary.signals import catalog
from tests.spec.harness import check


@pytest.mark.parametrize(
    ("category", "months", "is_listed", "level"),
    [
        ("distress", 0, "false", "danger"),
        ("distress", 60, "false", "danger"),
        ("distress", 60, "", "danger"),  # nothing says that it is listed
        ("distress", 61, "false", "watch"),
        ("distress", 12, "true", "watch"),  # listed again
        ("merger", 3, "false", "good"),
        ("voluntary", 3, "false", "good"),
        ("expiry", 3, "", "good"),
        ("not_published", 3, "false", "watch"),
        ("other", 3, "", "watch"),
        ("transfer", 3, "false", "good"),
        ("transfer", 3, "true", "good"),
        ("other", 200, "true", "good"),
    ],
)
def test_delisting_is_judged_by_its_reason(
    category: str, months: int, is_listed: str, level: str
) -> None:
    check(
        "delisting",
        scope=f"""
            company_id | is_listed
            a          | {is_listed}
            """,
        notice=f"""
            kind      | category   | event_on   | months_ago | detail
            delisting | {category} | 2025-03-03 | {months}   | 감사의견 거절
            """,
        expect=f"""
            level   | measure  | concept   | text          | period_end | row_id
            {level} | {months} | delisting | 감사의견 거절 | 2025-03-03 | 1
            """,
    )


def test_the_gravest_delisting_stands() -> None:
    check(
        "delisting",
        notice="""
            kind      | category | event_on   | months_ago | detail
            delisting | transfer | 2025-03-03 | 3          | 이전상장
            delisting | distress | 2024-03-03 | 15         | 자본전액잠식
            delisting | distress | 2023-03-03 | 27         | 최종부도
            """,
        expect="""
            level  | text         | period_end
            danger | 자본전액잠식 | 2024-03-03
            """,
    )


def test_a_delisting_without_a_published_reason_cites_its_class() -> None:
    check(
        "delisting",
        notice="""
            kind      | category      | months_ago | detail
            delisting | not_published | 5          |
            """,
        expect="""
            level | text
            watch | not_published
            """,
    )


def test_no_delisting_on_record_is_no_sign_of_safety() -> None:
    check(
        "delisting",
        scope="""
            company_id | is_listed
            a          | true
            b          | false
            """,
        notice="""
            company_id | kind    | category | months_ago
            a          | support | tips     | 5
            """,
        expect="",
    )


@pytest.mark.parametrize(
    "signal",
    [
        "venture_certificate",
    ],
)  # fmt: skip
def test_what_is_not_taken_in_is_unknown_and_says_so(signal: str) -> None:
    asked = catalog.signals()[signal]
    assert (asked.sql, asked.reason) == (None, "not_taken_in")
    for lang, said in (("ko", "아직"), ("en", "taken in")):
        assert said in catalog.wording(lang)[signal]["unknown"]
