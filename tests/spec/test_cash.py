"""Money in hand: how long cash lasts, for losses and for pay. The tables below are the specification."""

from __future__ import annotations

import pytest

from tests.spec.drawn import STREAKS, balance, years
from tests.spec.harness import check, levels, run, table


@pytest.mark.parametrize(
    ("signal", "concepts"),
    [
        ("debt_ratio", ("total_liabilities", "equity")),
        ("current_ratio", ("current_assets", "current_liabilities")),
        ("capital_impairment", ("share_capital", "equity")),
    ],
)
def test_half_a_pair_is_no_answer(signal: str, concepts: tuple[str, str]) -> None:
    for concept in concepts:
        check(signal, latest=balance(**{concept: 10}), expect="")
    check(signal, latest=balance(**{concepts[0]: 10, concepts[1]: None}), expect="")
    check(signal, latest=balance(minority_shareholders=10), expect="")


# Cash


def test_cash_runway_counts_cash_and_short_term_investments() -> None:
    check(
        "cash_runway",
        annual=years("operating_profit", -120, -50),
        latest="""
            concept                | value | period_end
            cash                   | 100   | 2025-03-31
            short_term_investments | 30    | 2025-03-31
            """,
        expect="""
            level | measure | concept                | value | period_end
            good  | 13      | operating_profit       | -120  | 2024-12-31
            good  | 13      | cash                   | 100   | 2025-03-31
            good  | 13      | short_term_investments | 30    | 2025-03-31
            """,
    )


@pytest.mark.parametrize(
    ("cash", "level"),
    [(5.9, "danger"), (6, "watch"), (11.9, "watch"), (12, "good"), (40, "good"), (0, "danger")],
)
def test_cash_runway_levels(cash: float, level: str) -> None:
    drawn = {"annual": years("operating_profit", -12), "latest": balance(cash=cash)}
    assert levels("cash_runway", **drawn) == {(level, cash, None)}


@pytest.mark.parametrize("profit", [0, 5])
def test_no_operating_loss_is_good_without_a_measure(profit: float) -> None:
    annual = years("operating_profit", profit, -50)
    assert levels("cash_runway", annual=annual) == {("good", None, None)}
    assert levels("cash_runway", annual=annual, latest=balance(cash=0)) == {("good", None, None)}


def test_cash_runway_without_its_figures_is_no_answer() -> None:
    check("cash_runway", annual=years("operating_profit", -12), expect="")
    check(
        "cash_runway",
        annual=years("operating_profit", -12),
        latest=balance(short_term_investments=9),
        expect="",
    )
    check("cash_runway", annual=years("net_income", -12), latest=balance(cash=9), expect="")
    check(
        "cash_runway",
        annual=years("operating_profit", None, -12),
        latest=balance(cash=9),
        expect="",
    )


def test_cash_runway_never_mixes_currencies() -> None:
    check(
        "cash_runway",
        annual=years("operating_profit", -12),
        latest="""
            concept | value | unit
            cash    | 9     | USD
            """,
        expect="",
    )


PAY = """
    period_end | rank | months_ago | payroll | is_annual
    2024-12-31 | 0    | 0          | 120     | true
    """
PENSION = """
    period_end | months_ago | headcount | income_per_head
    2025-04-30 | 0          | 5         | 3
    """


def test_payroll_cover_holds_cash_against_reported_pay() -> None:
    check(
        "payroll_cover",
        latest=balance(cash=50, short_term_investments=20),
        listed_headcount=PAY,
        annual=years("employee_benefits", 999),
        workplace_month=PENSION,
        expect="""
            level | measure | concept                | value | unit
            good  | 7       | cash                   | 50    | KRW
            good  | 7       | short_term_investments | 20    | KRW
            good  | 7       | payroll                | 120   | KRW
            """,
    )


def test_payroll_cover_takes_the_newest_annual_report() -> None:
    check(
        "payroll_cover",
        latest=balance(cash=70),
        listed_headcount="""
            period_end | rank | months_ago | payroll | is_annual
            2025-03-31 | 0    | 0          | 30      | false
            2024-12-31 | 1    | 3          | 120     | true
            2023-12-31 | 5    | 15         | 240     | true
            """,
        expect="""
            level | measure | concept | value | period_end
            good  | 7       | cash    | 70    | 2024-12-31
            good  | 7       | payroll | 120   | 2024-12-31
            """,
    )


def test_payroll_cover_falls_back_to_employee_benefits() -> None:
    check(
        "payroll_cover",
        latest=balance(cash=70),
        annual=years("employee_benefits", 240, 120),
        workplace_month=PENSION,
        listed_headcount="""
            rank | months_ago | payroll | is_annual
            0    | 0          |         | true
            """,
        expect="""
            level | measure | concept           | value
            watch | 3.5     | cash              | 70
            watch | 3.5     | employee_benefits | 240
            """,
    )


def test_payroll_cover_falls_back_to_pension_months() -> None:
    check(
        "payroll_cover",
        latest=balance(cash=90),
        workplace_month=PENSION,
        expect="""
            level | measure | concept     | value | unit | period_end
            good  | 6       | cash        | 90    | KRW  | 2024-12-31
            good  | 6       | insured_pay | 15    | KRW  | 2025-04-30
            """,
    )


@pytest.mark.parametrize(
    ("month", "answers"),
    [("2023-12-31", True), ("2023-11-30", False), ("2025-12-31", True), ("2026-01-31", False)],
)
def test_pension_month_far_from_the_balance_sheet_is_not_used(month: str, answers: bool) -> None:  # noqa: FBT001
    found = run(
        "payroll_cover",
        latest=balance(cash=90),
        workplace_month=PENSION.replace("2025-04-30", month),
    )
    assert bool(found) is answers


@pytest.mark.parametrize(
    ("cash", "level"),
    [(29.9, "danger"), (30, "watch"), (59.9, "watch"), (60, "good"), (0, "danger")],
)
def test_payroll_cover_levels(cash: float, level: str) -> None:
    drawn = {"latest": balance(cash=cash), "listed_headcount": PAY}
    assert levels("payroll_cover", **drawn) == {(level, round(cash / 10, 6), None)}


@pytest.mark.parametrize(("cash_flow", "level"), [(-1, "danger"), (0, "danger"), (1, "watch")])
def test_little_cash_is_watch_where_operations_bring_cash_in(cash_flow: float, level: str) -> None:
    check(
        "payroll_cover",
        latest=balance(cash=20),
        listed_headcount=PAY,
        annual=years("operating_cash_flow", cash_flow, -9),
        expect=f"""
            level   | measure | concept             | value
            {level} | 2       | cash                | 20
            {level} | 2       | operating_cash_flow | {cash_flow}
            {level} | 2       | payroll             | 120
            """,
    )


def test_payroll_cover_without_its_figures_is_no_answer() -> None:
    check("payroll_cover", listed_headcount=PAY, expect="")
    check(
        "payroll_cover", latest=balance(short_term_investments=20), listed_headcount=PAY, expect=""
    )
    check(
        "payroll_cover", latest=balance(cash=20), annual=years("operating_cash_flow", 5), expect=""
    )
    check("payroll_cover", latest=balance(cash=20), annual=years("employee_benefits", 0), expect="")
    check(
        "payroll_cover",
        latest=balance(cash=20),
        workplace_month="""
            months_ago | headcount | income_per_head
            0          | 5         |
            """,
        expect="",
    )
    check(
        "payroll_cover",
        latest="concept | value | unit\ncash | 20 | USD",
        listed_headcount=PAY,
        expect="",
    )


# What most listed companies have


def test_net_income_alone_answers_one_money_signal() -> None:
    answered = {
        signal
        for signal in (*STREAKS, "interest_cover", "revenue_trend", "debt_ratio", "current_ratio", "capital_impairment", "full_impairment", "cash_runway", "payroll_cover")
        if run(signal, annual=years("net_income", 1, 2, 3), listed_headcount=PAY, latest=balance(bonds_outstanding=0))
    }  # fmt: skip
    assert answered == {"net_loss_streak"}


def test_table_reads_empty_cells_as_null() -> None:
    assert table("a | b\n1 |\n | x") == [{"a": "1", "b": None}, {"a": None, "b": "x"}]
