"""The tax office's word on a business: the tables below are the specification."""

from __future__ import annotations

import pytest

from tests.spec.harness import check


@pytest.mark.parametrize(
    ("category", "months", "level", "reason"),
    [
        ("continuing", 0, "good", ""),
        ("continuing", 3, "good", ""),
        ("continuing", 4, "unknown", "too_old"),
        ("suspended", 0, "danger", ""),
        ("suspended", 3, "danger", ""),
        ("suspended", 4, "unknown", "too_old"),
        ("closed", 0, "danger", ""),
        ("closed", 40, "danger", ""),
        ("unregistered", 0, "unknown", "not_listed"),
        ("unregistered", 40, "unknown", "not_listed"),
    ],
)
def test_a_state_is_judged_by_what_it_is_and_how_old_the_asking_is(
    category: str, months: int, level: str, reason: str
) -> None:
    check(
        "business_status",
        notice=f"""
            kind            | category   | event_on   | months_ago
            business_status | {category} | 2025-03-03 | {months}
            """,
        expect=f"""
            level   | reason   | measure | concept         | text       | period_end | row_id
            {level} | {reason} |         | business_status | {category} | 2025-03-03 | 1
            """,
    )


def test_the_day_of_closing_is_told_where_it_is_known() -> None:
    check(
        "business_status",
        notice="""
            kind             | category | event_on   | months_ago
            business_status  | closed   | 2025-06-01 | 0
            business_closure | closed   | 2024-03-31 | 14
            """,
        expect="""
            level  | concept            | text   | period_end | row_id
            danger | business_status    | closed | 2025-06-01 | 1
            danger | business_closed_on | closed | 2024-03-31 | 2
            """,
    )


def test_the_newest_state_stands_and_an_old_closing_goes_with_its_state() -> None:
    check(
        "business_status",
        notice="""
            kind             | category   | event_on   | months_ago
            business_status  | closed     | 2025-01-05 | 5
            business_closure | closed     | 2024-12-31 | 6
            business_status  | continuing | 2025-06-01 | 0
            """,
        expect="""
            level | text       | period_end
            good  | continuing | 2025-06-01
            """,
    )


def test_of_two_numbers_asked_on_one_day_the_open_one_stands() -> None:
    check(
        "business_status",
        notice="""
            kind            | category   | event_on   | months_ago
            business_status | closed     | 2025-06-01 | 0
            business_status | continuing | 2025-06-01 | 0
            """,
        expect="""
            level | text       | row_id
            good  | continuing | 2
            """,
    )


def test_a_company_nobody_asked_about_has_no_answer() -> None:
    check(
        "business_status",
        scope="""
            company_id
            a
            """,
        notice="""
            kind      | category | months_ago
            delisting | distress | 3
            """,
        expect="",
    )
