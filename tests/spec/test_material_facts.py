"""Default, rehabilitation, dissolution, suspension, late filing. The tables below are the specification."""

from __future__ import annotations

import pytest

from paycanary.signals import catalog
from tests.spec.harness import check, levels, run

EVENTS = ["default", "rehabilitation", "dissolution", "business_suspension"]


# --- what a report of a material fact says -------------------------------------------------------


@pytest.mark.parametrize(("months", "level"), [(0, "danger"), (60, "danger"), (61, "watch")])
def test_a_default_is_danger_for_five_years(months: int, level: str) -> None:
    check(
        "default",
        notice=f"""
            kind    | category | event_on   | months_ago | detail    | amount
            default | default  | 2025-03-03 | {months}   | 당좌 부도 | 3500000000
            """,
        expect=f"""
            level   | measure  | concept        | value      | text      | unit | period_end | row_id
            {level} | {months} | default        |            | 당좌 부도 |      | 2025-03-03 | 1
            {level} | {months} | default_amount | 3500000000 |           | KRW  | 2025-03-03 | 1
            """,
    )


def test_a_default_without_words_or_amount_is_called_by_its_kind() -> None:
    check(
        "default",
        notice="""
            kind    | category | months_ago | detail | amount
            default | default  | 3          |        |
            """,
        expect="""
            level  | concept | text
            danger | default | default
            """,
    )


@pytest.mark.parametrize(
    ("entries", "level", "text"),
    [
        ([("applied", 2, "경영정상화")], "danger", "경영정상화"),
        ([("applied", 60, "경영정상화")], "danger", "경영정상화"),
        ([("applied", 61, "경영정상화")], "watch", "경영정상화"),
        ([("applied", 30, "경영정상화"), ("ended", 2, "회생절차종결결정")], "watch", "회생절차종결결정"),
        ([("applied", 2, "다시 신청"), ("ended", 30, "회생절차종결결정")], "danger", "다시 신청"),
        ([("applied", 9, "경영정상화"), ("refused", 8, "회생절차신청기각")], "watch", "회생절차신청기각"),
    ],
)  # fmt: skip
def test_the_newest_word_on_rehabilitation_counts(
    entries: list[tuple[str, int, str]], level: str, text: str
) -> None:
    drawn = "kind | category | months_ago | event_on | detail\n" + "\n".join(
        f"rehabilitation | {category} | {ago} | {2025 - ago // 12}-{12 - ago % 12:02}-01 | {words}"
        for category, ago, words in entries
    )
    check(
        "rehabilitation",
        notice=drawn,
        expect=f"""
            level   | concept        | text
            {level} | rehabilitation | {text}
            """,
    )


@pytest.mark.parametrize(
    ("first", "then", "expect"),
    [("begun", None, "watch"), ("begun", "ended", None), ("ended", "begun", "watch")],
)
def test_management_by_creditor_banks_is_watch_until_it_ends(
    first: str, then: str | None, expect: str | None
) -> None:
    later = f"creditor_management | {then} | 2025-01-01 | 5 | 종료" if then else ""
    check(
        "rehabilitation",
        notice=f"""
            kind                | category | event_on   | months_ago | detail
            creditor_management | {first}  | 2024-01-01 | 17         | 재무구조 개선
            {later}
            """,
        expect=f"level | concept\n{expect} | rehabilitation" if expect else "",
    )


def test_an_application_weighs_more_than_creditor_banks() -> None:
    check(
        "rehabilitation",
        notice="""
            kind                | category | event_on   | months_ago | detail
            creditor_management | begun    | 2025-05-01 | 1          |
            rehabilitation      | applied  | 2024-05-01 | 13         |
            """,
        expect="""
            level  | measure | text
            danger | 13      | applied
            """,
    )


@pytest.mark.parametrize(
    ("category", "months", "level"),
    [
        ("other", 3, "danger"),
        ("bankruptcy", 60, "danger"),
        ("other", 61, "watch"),
        ("merger", 0, "watch"),  # the other company owes the wages
        ("expiry", 0, "watch"),  # a shell company's term was set from the beginning
    ],
)
def test_dissolution_is_judged_by_its_ground(category: str, months: int, level: str) -> None:
    check(
        "dissolution",
        notice=f"""
            kind        | category   | event_on   | months_ago | detail
            dissolution | {category} | 2025-02-01 | {months}   | 주주총회의 결의
            """,
        expect=f"""
            level   | measure  | concept     | text            | period_end | row_id
            {level} | {months} | dissolution | 주주총회의 결의 | 2025-02-01 | 1
            """,
    )


@pytest.mark.parametrize(
    ("category", "amount", "months", "level"),
    [
        ("all", "", 12, "danger"),
        ("all", "", 13, "watch"),
        ("part", "50", 3, "danger"),
        ("part", "49", 3, "watch"),
        ("part", "", 3, "watch"),
        ("part", "90", 36, "watch"),
    ],
)
def test_a_suspension_is_judged_by_the_sales_that_stop(
    category: str, amount: str, months: int, level: str
) -> None:
    found = levels(
        "business_suspension",
        annual="""
            concept | year_rank | value
            revenue | 0         | 100
            revenue | 1         | 10
            """,
        notice=f"""
            kind                | category   | months_ago | detail | amount
            business_suspension | {category} | {months}   | 토목   | {amount}
            """,
    )
    assert found == {(level, float(months), None)}


def test_a_suspension_is_shown_beside_the_revenue_it_is_compared_with() -> None:
    check(
        "business_suspension",
        annual="""
            concept | year_rank | value
            revenue | 0         | 100
            """,
        notice="""
            kind                | category | event_on   | months_ago | detail     | amount
            business_suspension | part     | 2025-03-01 | 3          | 토목: 처분 | 20
            """,
        expect="""
            level | concept             | value | text       | unit | period_end | row_id
            watch | business_suspension |       | 토목: 처분 |      | 2025-03-01 | 2
            watch | suspended_sales     | 20    |            | KRW  | 2025-03-01 | 2
            watch | revenue             | 100   |            | KRW  | 2024-12-31 | 1
            """,
    )


def test_an_old_suspension_says_nothing_about_today() -> None:
    check(
        "business_suspension",
        notice="""
            kind                | category | months_ago
            business_suspension | all      | 37
            """,
        expect="",
    )


@pytest.mark.parametrize("signal", EVENTS)
def test_no_report_is_no_sign_of_safety(signal: str) -> None:
    check(
        signal,
        scope="""
            company_id | is_listed
            a          | true
            """,
        notice="""
            kind       | category | months_ago
            litigation | suit     | 5
            """,
        expect="",
    )
    for lang, said in (("ko", "뜻은 아닙니다"), ("en", "does not mean")):
        assert said in catalog.wording(lang)[signal]["unknown"]
        assert "good" not in catalog.wording(lang)[signal]


# --- when annual reports came --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "level"), [(69, "good"), (90, "good"), (97, "good"), (98, "watch"), (250, "watch")]
)
def test_an_annual_report_is_late_after_its_term_and_a_week(days: int, level: str) -> None:
    check(
        "late_filing",
        filing=f"""
            form         | period_end | published_on | days_after | months_ago | rank
            annual_first | 2024-12-31 | 2025-03-20   | {days}     | 3          | 0
            annual_first | 2023-12-31 | 2024-03-10   | 70         | 15         | 1
            """,
        expect=f"""
            level   | measure         | concept             | value  | unit | period_end | row_id
            {level} | {max(days, 70)} | annual_report_filed | {days} | days | 2024-12-31 | 1
            {level} | {max(days, 70)} | annual_report_filed | 70     | days | 2023-12-31 | 2
            """,
    )


@pytest.mark.parametrize(
    ("as_of", "level", "reason"),
    [
        ("2025-06-30", "good", None),
        ("2026-04-07", "good", None),  # 97 days after the next year's end
        ("2026-04-08", "unknown", "too_old"),
        ("2028-01-01", "unknown", "too_old"),
    ],
)
def test_filings_in_time_are_no_good_news_once_the_next_report_should_be_there(
    as_of: str, level: str, reason: str | None
) -> None:
    check(
        "late_filing",
        scope=f"""
            company_id | as_of
            a          | {as_of}
            """,
        filing="""
            form         | period_end | published_on | days_after | months_ago | rank
            annual_first | 2024-12-31 | 2025-03-20   | 79         | 3          | 0
            annual_first | 2023-12-31 | 2024-03-10   | 70         | 15         | 1
            """,
        expect=f"""
            level   | reason         | measure                 | concept             | value | period_end
            {level} | {reason or ""} | {"" if reason else 79} | annual_report_filed | 79    | 2024-12-31
            {level} | {reason or ""} | {"" if reason else 79} | annual_report_filed | 70    | 2023-12-31
            """,
    )


@pytest.mark.parametrize(
    ("days", "notice", "measure"),
    [(98, "", 98.0), (79, "extension | | 2026-03-30 | | 1 | 0", None)],
)
def test_what_was_late_stays_so_while_the_next_report_is_missing(
    days: int, notice: str, measure: float | None
) -> None:
    found = levels(
        "late_filing",
        scope="""
            company_id | as_of
            a          | 2026-05-01
            """,
        filing=f"""
            form         | period_end | published_on | days_after | months_ago | rank
            annual_first | 2024-12-31 | 2025-03-20   | {days}     | 13         | 0
            {notice}
            """,
    )
    assert found == {("watch", measure, None)}


def test_the_next_year_of_a_company_that_closes_in_february_ends_on_a_leap_day() -> None:
    for as_of, level in (("2024-06-05", "good"), ("2024-06-06", "unknown")):
        found = run(
            "late_filing",
            scope=f"company_id | as_of\na | {as_of}",
            filing="form | period_end | days_after | months_ago | rank\nannual_first | 2023-02-28 | 80 | 12 | 0",
        )
        assert {row["level"] for row in found} == {level}


def test_only_the_newest_three_annual_reports_are_looked_at() -> None:
    check(
        "late_filing",
        filing="""
            form         | period_end | published_on | days_after | months_ago | rank
            annual_first | 2024-12-31 | 2025-03-20   | 79         | 3          | 0
            annual_first | 2021-12-31 | 2022-07-20   | 200        | 35         | 3
            """,
        expect="""
            level | measure | value
            good  | 79      | 79
            """,
    )


@pytest.mark.parametrize(
    ("form", "months", "level"),
    [("extension", 2, "watch"), ("audit_delay", 35, "watch"), ("extension", 36, None)],
)
def test_a_notice_that_a_report_comes_late_is_watch(
    form: str, months: int, level: str | None
) -> None:
    """Its measure is empty: no report was late, as far as is known."""
    notice = (
        f"watch |    | late_notice         |    | {form} |      | 2025-03-30 | 2" if level else ""
    )
    first = "watch |" if level else "good | 79"
    check(
        "late_filing",
        filing=f"""
            form         | period_end | published_on | days_after | months_ago | rank
            annual_first | 2024-12-31 | 2025-03-20   | 79         | 3          | 0
            {form}       |            | 2025-03-30   |            | {months}   | 0
            """,
        expect=f"""
            level | measure | concept             | value | text | unit | period_end | row_id
            {first}         | annual_report_filed | 79    |      | days | 2024-12-31 | 1
            {notice}
            """,
    )


def test_a_late_report_after_a_notice_is_told_by_its_days() -> None:
    found = levels(
        "late_filing",
        filing="""
            form         | period_end | published_on | days_after | months_ago | rank
            annual_first | 2024-12-31 | 2025-04-20   | 110        | 2          | 0
            extension    |            | 2025-03-30   |            | 3          | 0
            extension    |            | 2024-03-30   |            | 15         | 1
            """,
    )
    assert found == {("watch", 110.0, None)}


def test_without_a_first_filing_nothing_is_said() -> None:
    check("late_filing", scope="company_id\na", expect="")
