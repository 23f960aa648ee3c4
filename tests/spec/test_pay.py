"""Pay, and how old the pension data is. The tables below are the specification."""

from __future__ import annotations

import pytest

from tests.spec.harness import check, run


def _payrolls(before: int | str, now: int | str, months: int = 12, is_annual: str = "true") -> str:
    return f"""
        period_end | rank | months_ago | headcount | payroll  | is_annual
        2025-12-31 | 0    | 0          | 100       | {now}    | {is_annual}
        2024-12-31 | 4    | {months}   | 100       | {before} | {is_annual}
        """


@pytest.mark.parametrize(
    ("before", "now", "level", "change"),
    [
        (6_000_000_000, 5_400_000_000, "watch", -10),
        (6_000_000_000, 5_406_000_000, "good", -9.9),
        (6_000_000_000, 6_600_000_000, "good", 10),
        (6_000_000_000, 2_040_000_000, "watch", -66),
    ],
)
def test_pay_per_head(before: int, now: int, level: str, change: float) -> None:
    check(
        "pay_per_head",
        listed_headcount=_payrolls(before, now),
        expect=f"""
            level   | measure  | concept      | value         | unit    | period_end
            {level} | {change} | pay_per_head | {before / 100} | KRW    | 2024-12-31
            {level} | {change} | payroll      | {before}      | KRW     | 2024-12-31
            {level} | {change} | headcount    | 100           | persons | 2024-12-31
            {level} | {change} | pay_per_head | {now / 100}   | KRW     | 2025-12-31
            {level} | {change} | payroll      | {now}         | KRW     | 2025-12-31
            {level} | {change} | headcount    | 100           | persons | 2025-12-31
            """,
    )


@pytest.mark.parametrize(("before", "now"), [(6_000_000, 6_000_000_000), (6_000_000_000, 6_000_000), (3, 1), (1, 3)])  # fmt: skip
def test_pay_filed_in_two_units_cannot_be_compared(before: int, now: int) -> None:
    rows = run("pay_per_head", listed_headcount=_payrolls(before, now))
    assert {(r["level"], r["reason"], r["measure"]) for r in rows} == {
        ("unknown", "not_computable", None)
    }


@pytest.mark.parametrize(
    ("before", "now", "months", "is_annual"),
    [
        ("", "5", 12, "true"),
        ("5", "", 12, "true"),
        ("0", "5", 12, "true"),
        ("5", "5", 24, "true"),
        ("5", "5", 12, "false"),  # pay of part of a year
    ],
)
def test_pay_per_head_is_unknown_without_two_years(
    before: str, now: str, months: int, is_annual: str
) -> None:
    check("pay_per_head", listed_headcount=_payrolls(before, now, months, is_annual), expect="")


def test_pay_of_the_year_is_compared_though_a_quarter_was_reported_since() -> None:
    check(
        "pay_per_head",
        listed_headcount="""
            period_end | rank | months_ago | headcount | payroll | is_annual
            2026-03-31 | 0    | 0          | 50        | 700     | false
            2025-12-31 | 1    | 3          | 50        | 4000    | true
            2024-12-31 | 5    | 15         | 100       | 10000   | true
            2023-12-31 | 9    | 27         | 100       | 90000   | true
            """,
        expect="""
            level | measure | concept      | value | period_end
            watch | -20     | pay_per_head | 80    | 2025-12-31
            watch | -20     | payroll      | 4000  | 2025-12-31
            watch | -20     | headcount    | 50    | 2025-12-31
            watch | -20     | pay_per_head | 100   | 2024-12-31
            watch | -20     | payroll      | 10000 | 2024-12-31
            watch | -20     | headcount    | 100   | 2024-12-31
            """,
    )


@pytest.mark.parametrize(
    ("before", "now", "level", "change"),
    [(4_000_000, 3_600_000, "watch", -10), (4_000_000, 3_604_000, "good", -9.9)],
)
def test_income_by_pension_bill(before: int, now: int, level: str, change: float) -> None:
    check(
        "pension_pay",
        workplace_month=f"""
            period_end | rank | months_ago | income_per_head | is_income_capped
            2026-06-30 | 0    | 0          | {now}           | false
            2025-07-31 | 11   | 11         | 9000000         | false
            2025-06-30 | 12   | 12         | {before}        | false
            """,
        expect=f"""
            level   | measure  | concept         | value    | text | unit | period_end
            {level} | {change} | income_per_head | {before} |      | KRW  | 2025-06-30
            {level} | {change} | income_per_head | {now}    |      | KRW  | 2026-06-30
            """,
    )


def test_income_at_the_ceiling_is_said_to_be_a_floor() -> None:
    check(
        "pension_pay",
        workplace_month="""
            period_end | rank | months_ago | income_per_head | is_income_capped
            2026-06-30 | 0    | 0          | 6370000         | true
            2025-06-30 | 12   | 12         | 6000000         | false
            """,
        expect="""
            level | measure | concept         | value   | text    | unit | period_end
            good  | 6.16667 | income_per_head | 6000000 |         | KRW  | 2025-06-30
            good  | 6.16667 | income_per_head | 6370000 |         | KRW  | 2026-06-30
            good  | 6.16667 | income_cap      |         | reached |      | 2026-06-30
            """,
    )


def test_income_by_pension_bill_is_unknown_without_two_estimates_a_year_apart() -> None:
    for newest, before, months in (("", 4, 12), (4, "", 12), (4, 4, 10), (4, 4, 14)):
        check(
            "pension_pay",
            workplace_month=f"""
                rank | months_ago | income_per_head
                0    | 0          | {newest}
                1    | {months}   | {before}
                """,
            expect="",
        )
    check(
        "pension_pay",
        workplace_month="""
            rank | months_ago | income_per_head
            0    | 0          | 12000000
            1    | 12         | 4000000
            """,
        expect="""
            level   | measure | reason         | value
            unknown |         | not_computable | 12000000
            unknown |         | not_computable | 4000000
            """,
    )


@pytest.mark.parametrize(
    ("until", "headcount", "level", "months"),
    [
        ("2026-06-30", 12, "good", 0),
        ("2026-07-31", 12, "good", 1),
        ("2026-08-31", 12, "watch", 2),
        ("2028-06-30", 12, "watch", 24),  # never danger: a late or partial refresh must not accuse
        ("2026-06-30", 0, "danger", 0),  # withdrawn, or nobody is insured
    ],
)
def test_age_of_the_pension_data_is_counted_to_the_newest_month_anyone_has(
    until: str, headcount: int, level: str, months: int
) -> None:
    check(
        "pension_report_age",
        scope=f"""
            company_id | pension_until
            a          | {until}
            """,
        workplace_month=f"""
            period_end | rank | months_ago | headcount
            2026-06-30 | 0    | 0          | {headcount}
            2026-05-31 | 1    | 1          | 90
            """,
        expect=f"""
            level   | measure  | concept   | value       | period_end
            {level} | {months} | headcount | {headcount} | 2026-06-30
            """,
    )


def test_age_of_the_pension_data_is_unknown_without_a_month_to_count_to() -> None:
    check(
        "pension_report_age",
        scope="""
            company_id | pension_until
            a          |
            """,
        workplace_month="""
            rank | months_ago | headcount
            0    | 0          | 12
            """,
        expect="",
    )
    check(
        "pension_report_age",
        scope="""
            company_id | pension_until
            a          | 2026-06-30
            """,
        expect="",
    )
