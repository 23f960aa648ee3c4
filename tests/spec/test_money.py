"""The money signals, by example: what each asks, where its levels begin, and what makes it unknown."""

from __future__ import annotations

from datetime import date

import pytest

from paycanary.signals import catalog
from tests.spec.drawn import STREAKS, balance, years
from tests.spec.harness import check, levels, run

pytestmark = pytest.mark.quick

DANGER_YEARS = {"net_loss_streak": 3, "operating_loss_streak": 4, "operating_cash_flow": 3}


@pytest.mark.parametrize(("signal", "concept"), STREAKS.items())
def test_no_streak_is_good_and_shows_three_years(signal: str, concept: str) -> None:
    check(
        signal,
        annual=years(concept, 10, -20, 30, 40),
        expect=f"""
            company_id | level | measure | reason | concept   | value | text | unit | period_end | row_id
            a          | good  | 0       |        | {concept} | 10    |      | KRW  | 2024-12-31 | 1
            a          | good  | 0       |        | {concept} | -20   |      | KRW  | 2023-12-31 | 2
            a          | good  | 0       |        | {concept} | 30    |      | KRW  | 2022-12-31 | 3
            """,
    )


@pytest.mark.parametrize(("signal", "concept"), STREAKS.items())
def test_streak_shows_its_years_and_the_year_before(signal: str, concept: str) -> None:
    check(
        signal,
        annual=years(concept, -1, -2, 3, -4),
        expect=f"""
            level | measure | concept   | value | period_end
            watch | 2       | {concept} | -1    | 2024-12-31
            watch | 2       | {concept} | -2    | 2023-12-31
            watch | 2       | {concept} | 3     | 2022-12-31
            """,
    )


@pytest.mark.parametrize(("signal", "concept"), STREAKS.items())
def test_streak_below_at_and_above_danger(signal: str, concept: str) -> None:
    danger = DANGER_YEARS[signal]
    assert levels(signal, annual=years(concept, *[-1] * (danger - 1), 5)) == {
        ("watch", danger - 1, None)
    }
    assert levels(signal, annual=years(concept, *[-1] * danger, 5)) == {("danger", danger, None)}
    assert levels(signal, annual=years(concept, *[-1] * (danger + 1), 5)) == {
        ("danger", danger + 1, None)
    }


@pytest.mark.parametrize(("signal", "concept"), STREAKS.items())
def test_one_year_is_watch_and_zero_is_no_loss(signal: str, concept: str) -> None:
    assert levels(signal, annual=years(concept, -1, 5)) == {("watch", 1, None)}
    assert levels(signal, annual=years(concept, 0, -5)) == {("good", 0, None)}


@pytest.mark.parametrize(("signal", "concept"), STREAKS.items())
def test_streak_that_fills_all_known_years(signal: str, concept: str) -> None:
    assert levels(signal, annual=years(concept, -1, -1)) == {("watch", 2, None)}


@pytest.mark.parametrize(("signal", "concept"), STREAKS.items())
def test_gap_year_ends_the_streak(signal: str, concept: str) -> None:
    check(
        signal,
        annual=years(concept, -1, None, -3, -4),
        expect=f"""
            level | measure | concept   | value | period_end
            watch | 1       | {concept} | -1    | 2024-12-31
            """,
    )


@pytest.mark.parametrize(("signal", "concept"), STREAKS.items())
def test_year_without_a_value_is_a_gap(signal: str, concept: str) -> None:
    drawn = f"""
        concept   | year_rank | value
        {concept} | 0         | -1
        {concept} | 1         |
        {concept} | 2         | -1
        """
    assert levels(signal, annual=drawn) == {("watch", 1, None)}


@pytest.mark.parametrize(("signal", "concept"), STREAKS.items())
def test_newest_year_missing_is_no_answer(signal: str, concept: str) -> None:
    check(signal, annual=years(concept, None, -2, -3), expect="")
    check(signal, annual=years("total_assets", 5, 5), expect="")


@pytest.mark.parametrize(("signal", "concept"), STREAKS.items())
def test_companies_are_counted_apart(signal: str, concept: str) -> None:
    check(
        signal,
        annual=f"""
            company_id | concept   | year_rank | value
            a          | {concept} | 0         | -1
            b          | {concept} | 0         | 2
            a          | {concept} | 1         | -1
            b          | {concept} | 1         | -1
            """,
        expect="""
            company_id | level | measure | value
            a          | watch | 2       | -1
            a          | watch | 2       | -1
            b          | good  | 0       | 2
            b          | good  | 0       | -1
            """,
    )


def test_operating_losses_follow_no_rule_in_force_since_2022() -> None:
    signal = catalog.signals()["operating_loss_streak"]
    assert signal.criteria(date(2022, 12, 11))["danger_years"].who == "Korea Exchange (KOSDAQ)"
    assert signal.criteria(date(2022, 12, 12))["danger_years"].who == "paycanary"


@pytest.mark.parametrize("signal", ["operating_cash_flow", "interest_cover"])
def test_finance_is_excepted_even_without_figures(signal: str) -> None:
    scope = "company_id | sector\na | finance"
    assert levels(signal, scope=scope) == {("unknown", None, "not_applicable")}
    drawn = years("operating_cash_flow", -1, -1, -1)
    assert levels(signal, scope=scope, annual=drawn) == {("unknown", None, "not_applicable")}


def test_cash_flow_of_construction_is_judged() -> None:
    scope = "company_id | sector\na | construction"
    drawn = years("operating_cash_flow", -1, -1, -1)
    assert levels("operating_cash_flow", scope=scope, annual=drawn) == {("danger", 3, None)}


# Interest


def cover(*pairs: tuple[float | None, float | None]) -> str:
    """Operating profit and interest expense of each year, newest first."""
    rows = ["concept | year_rank | value"]
    for rank, (profit, interest) in enumerate(pairs):
        rows += [f"operating_profit | {rank} | {profit}"] if profit is not None else []
        rows += [f"interest_expense | {rank} | {interest}"] if interest is not None else []
    return "\n".join(rows)


def test_interest_cover_shows_both_amounts_of_every_year() -> None:
    check(
        "interest_cover",
        annual=cover((9, 10), (-3, 10), (30, 10), (1, 10)),
        expect="""
            level | measure | concept          | value | period_end | unit
            watch | 2       | operating_profit | 9     | 2024-12-31 | KRW
            watch | 2       | interest_expense | 10    | 2024-12-31 | KRW
            watch | 2       | operating_profit | -3    | 2023-12-31 | KRW
            watch | 2       | interest_expense | 10    | 2023-12-31 | KRW
            watch | 2       | operating_profit | 30    | 2022-12-31 | KRW
            watch | 2       | interest_expense | 10    | 2022-12-31 | KRW
            """,
    )


@pytest.mark.parametrize(
    ("pairs", "level", "measure"),
    [
        ([(10, 10), (1, 10), (1, 10)], "good", 0),  # exactly 1 is not below 1
        ([(9.99, 10), (10, 10)], "watch", 1),
        ([(9, 10), (9, 10), (11, 10)], "watch", 2),
        ([(9, 10), (9, 10), (9, 10)], "danger", 3),
        ([(9, 10), (9, 10), (9, 10), (9, 10)], "danger", 4),
        ([(-5, 0), (9, 10)], "good", 0),  # no interest to pay
        ([(9, 10), (-5, 0), (9, 10)], "watch", 1),
        ([(9, 10), (9, None), (9, 10)], "watch", 1),  # a year without its interest ends the streak
        ([(9, 10), (9, -10), (9, 10)], "watch", 1),  # interest filed below zero cannot be read
    ],
)
def test_interest_cover_levels(
    pairs: list[tuple[float, float]], level: str, measure: float
) -> None:
    assert levels("interest_cover", annual=cover(*pairs)) == {(level, measure, None)}


@pytest.mark.parametrize("pairs", [[(9, None)], [(None, 10)], [(None, None), (9, 10)], [(9, -10)]])
def test_interest_cover_needs_both_amounts_of_the_newest_year(
    pairs: list[tuple[float, float]],
) -> None:
    check("interest_cover", annual=cover(*pairs), expect="")


def test_finance_costs_never_stand_in_for_interest() -> None:
    check(
        "interest_cover",
        annual="""
            concept          | year_rank | value
            operating_profit | 0         | 9
            finance_costs    | 0         | 10
            """,
        expect="",
    )


def test_interest_in_another_currency_is_no_pair() -> None:
    check(
        "interest_cover",
        annual="""
            concept          | year_rank | value | unit
            operating_profit | 0         | 9     | KRW
            interest_expense | 0         | 10    | USD
            """,
        expect="",
    )


# Revenue


@pytest.mark.parametrize(
    ("newest", "level", "measure"),
    [(69.9, "danger", -30.1), (70, "danger", -30), (70.1, "watch", -29.9), (90, "watch", -10), (90.1, "good", -9.9), (130, "good", 30), (0, "danger", -100)],
)  # fmt: skip
def test_revenue_trend_levels(newest: float, level: str, measure: float) -> None:
    found = run("revenue_trend", annual=years("revenue", newest, 100, 80))
    assert {(row["level"], round(row["measure"], 6)) for row in found} == {(level, measure)}
    assert [row["value"] for row in found] == [newest, 100, 80]


def test_revenue_trend_of_large_amounts_is_exact_at_its_threshold() -> None:
    newest, before = 210_000_000_000_000.0, 300_000_000_000_000.0
    assert {
        row["level"] for row in run("revenue_trend", annual=years("revenue", newest, before))
    } == {"danger"}


@pytest.mark.parametrize("before", [0, -5])
def test_revenue_before_of_zero_or_less_is_not_computable(before: float) -> None:
    assert levels("revenue_trend", annual=years("revenue", 10, before)) == {
        ("unknown", None, "not_computable")
    }


def test_revenue_trend_needs_two_years_in_a_row_and_one_currency() -> None:
    check("revenue_trend", annual=years("revenue", 10, None, 20), expect="")
    check("revenue_trend", annual=years("revenue", 10), expect="")
    check(
        "revenue_trend",
        annual="""
            concept | year_rank | value | unit
            revenue | 0         | 10    | USD
            revenue | 1         | 20    | KRW
            """,
        expect="",
    )


# Balance sheet


@pytest.mark.parametrize(
    ("liabilities", "level"),
    [
        (199.9, "good"),
        (200, "watch"),
        (399.9, "watch"),
        (400, "danger"),
        (401, "danger"),
        (0, "good"),
    ],
)
def test_debt_ratio_levels(liabilities: float, level: str) -> None:
    drawn = balance(total_liabilities=liabilities, equity=100)
    assert levels("debt_ratio", latest=drawn) == {(level, liabilities, None)}


def test_debt_ratio_cites_both_sides() -> None:
    check(
        "debt_ratio",
        scope="company_id | sector\na | other",
        latest="""
            concept           | value | period_end
            total_liabilities | 50    | 2025-03-31
            equity            | 200   | 2025-03-31
            """,
        expect="""
            level | measure | reason | concept           | value | period_end | row_id
            good  | 25      |        | total_liabilities | 50    | 2025-03-31 | 1
            good  | 25      |        | equity            | 200   | 2025-03-31 | 2
            """,
    )


@pytest.mark.parametrize("sector", ["finance", "construction"])
def test_debt_ratio_excepts_finance_and_construction(sector: str) -> None:
    scope = f"company_id | sector\na | {sector}"
    drawn = balance(total_liabilities=900, equity=100)
    unknown = {("unknown", None, "not_applicable")}
    assert levels("debt_ratio", scope=scope, latest=drawn) == unknown
    assert levels("debt_ratio", scope=scope) == unknown
    assert (
        levels("debt_ratio", scope=scope, latest=balance(total_liabilities=900, equity=-1))
        == unknown
    )


@pytest.mark.parametrize("equity", [0, -5])
def test_debt_ratio_without_equity_is_not_computable(equity: float) -> None:
    drawn = balance(total_liabilities=900, equity=equity)
    assert levels("debt_ratio", latest=drawn) == {("unknown", None, "not_computable")}


@pytest.mark.parametrize(
    ("assets", "level"),
    [
        (101, "good"),
        (100, "watch"),
        (99, "watch"),
        (50.1, "watch"),
        (50, "danger"),
        (49, "danger"),
        (0, "danger"),
    ],
)
def test_current_ratio_levels(assets: float, level: str) -> None:
    drawn = balance(current_assets=assets, current_liabilities=100)
    assert levels("current_ratio", latest=drawn) == {(level, assets, None)}


def test_current_ratio_without_current_liabilities_is_not_computable() -> None:
    drawn = balance(current_assets=10, current_liabilities=0)
    assert levels("current_ratio", latest=drawn) == {("unknown", None, "not_computable")}


@pytest.mark.parametrize(
    ("equity", "level", "measure"),
    [
        (500, "good", 0),
        (100, "good", 0),
        (99, "watch", 1),
        (51, "watch", 49),
        (50, "danger", 50),
        (1, "danger", 99),
    ],
)
def test_capital_impairment_levels(equity: float, level: str, measure: float) -> None:
    drawn = balance(share_capital=100, equity=equity)
    assert levels("capital_impairment", latest=drawn) == {(level, measure, None)}


@pytest.mark.parametrize(("capital", "equity"), [(100, 0), (100, -1), (0, 50), (0, -50)])
def test_capital_impairment_leaves_lost_equity_to_full_impairment(
    capital: float, equity: float
) -> None:
    drawn = balance(share_capital=capital, equity=equity)
    assert levels("capital_impairment", latest=drawn) == {("unknown", None, "not_computable")}


@pytest.mark.parametrize(("equity", "level"), [(1, "good"), (0, "danger"), (-1, "danger")])
def test_full_impairment_levels(equity: float, level: str) -> None:
    check(
        "full_impairment",
        latest=balance(equity=equity),
        expect=f"""
            level   | measure | concept | value
            {level} |         | equity  | {equity}
            """,
    )
