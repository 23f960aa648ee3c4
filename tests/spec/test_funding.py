"""The funding signals, by example: who pays for the company, in shares, bonds and sales."""

from __future__ import annotations

import pytest

from tests.spec.harness import check, levels, run

pytestmark = pytest.mark.quick

# Sales against spending


def sales(revenue: float | None, profit: float | None, **more: float) -> str:
    values = {"revenue": revenue, "operating_profit": profit, **more}
    rows = [f"{concept} | 0 | {value}" for concept, value in values.items() if value is not None]
    return "\n".join(["concept | year_rank | value", *rows])


ISSUE = """
    category | months_ago | proceeds | form
    paid_in  | 23         | 70       | 유상증자(제3자배정)
    """


def test_living_on_new_money_is_danger_and_cites_it() -> None:
    check(
        "spending_paid_by_sales",
        annual=sales(40, -60, financing_cash_flow=80, share_issue_proceeds=75),
        capital_change=ISSUE,
        expect="""
            level  | measure | concept              | value | unit | text
            danger | 40      | revenue              | 40    | KRW  |
            danger | 40      | operating_profit     | -60   | KRW  |
            danger | 40      | financing_cash_flow  | 80    | KRW  |
            danger | 40      | share_issue_proceeds | 75    | KRW  |
            danger | 40      | share_issue          | 70    | KRW  |
            """,
    )


@pytest.mark.parametrize(
    ("revenue", "level"),
    [(49.9, "danger"), (50, "watch"), (79.9, "watch"), (80, "good"), (120, "good"), (0, "danger")],
)
def test_share_paid_by_sales_with_new_money(revenue: float, level: str) -> None:
    found = run(
        "spending_paid_by_sales", annual=sales(revenue, revenue - 100, financing_cash_flow=5)
    )
    assert {(row["level"], round(row["measure"], 6)) for row in found} == {(level, revenue)}


@pytest.mark.parametrize(
    "tables",
    [
        {"annual": sales(40, -60, financing_cash_flow=1)},
        {"annual": sales(40, -60, share_issue_proceeds=1)},
        {"annual": sales(40, -60, financing_cash_flow=-9), "capital_change": ISSUE},
    ],
)
def test_any_new_money_counts(tables: dict[str, str]) -> None:
    assert levels("spending_paid_by_sales", **tables) == {("danger", 40, None)}


@pytest.mark.parametrize(
    "tables",
    [
        {"annual": sales(40, -60)},
        {"annual": sales(40, -60, financing_cash_flow=-1)},
        {"annual": sales(40, -60, share_issue_proceeds=0)},
        {"annual": sales(40, -60), "capital_change": ISSUE.replace("23", "24")},
        {"annual": sales(40, -60), "capital_change": ISSUE.replace("paid_in", "bonus")},
    ],
)
def test_without_new_money_known_it_is_watch(tables: dict[str, str]) -> None:
    assert levels("spending_paid_by_sales", **tables) == {("watch", 40, None)}


def test_sales_that_pay_cite_no_financing() -> None:
    check(
        "spending_paid_by_sales",
        annual=sales(110, 10, financing_cash_flow=80),
        expect="""
            level | measure | concept          | value
            good  | 110     | revenue          | 110
            good  | 110     | operating_profit | 10
            """,
    )


@pytest.mark.parametrize("profit", [100, 120])
def test_no_operating_costs_are_not_computable(profit: float) -> None:
    assert levels("spending_paid_by_sales", annual=sales(100, profit)) == {
        ("unknown", None, "not_computable")
    }


def test_sales_against_spending_needs_both_in_one_currency() -> None:
    check("spending_paid_by_sales", annual=sales(40, None), capital_change=ISSUE, expect="")
    check("spending_paid_by_sales", annual=sales(None, -60, financing_cash_flow=5), expect="")
    check("spending_paid_by_sales", capital_change=ISSUE, expect="")
    check(
        "spending_paid_by_sales",
        annual="""
            concept          | year_rank | value | unit
            revenue          | 0         | 40    | USD
            operating_profit | 0         | -60   | KRW
            """,
        expect="",
    )
    check(
        "spending_paid_by_sales",
        annual="""
            concept          | year_rank | value
            revenue          | 1         | 40
            operating_profit | 1         | -60
            """,
        expect="",
    )


# Changes of capital


def changes(*rows: tuple[str, int], form: str = "x") -> str:
    drawn = [f"{category} | {ago} | 10 | 100 | {form}" for category, ago in rows]
    return "\n".join(["category | months_ago | shares | proceeds | form", *drawn])


def test_share_issues_cites_three_years() -> None:
    check(
        "share_issues",
        capital_change="""
            category   | months_ago | changed_on | proceeds | form
            paid_in    | 3          | 2025-03-10 | 100      | 유상증자(주주배정)
            paid_in    | 30         | 2022-12-10 |          | 유상증자(일반공모)
            paid_in    | 36         | 2022-06-10 | 300      | 유상증자(주주배정)
            conversion | 1          | 2025-05-10 | 400      | 전환권행사
            """,
        expect="""
            level | measure | concept     | value | text               | unit | period_end | row_id
            good  | 1       | share_issue | 100   |                    | KRW  | 2025-03-10 | 1
            good  | 1       | share_issue |       | 유상증자(일반공모) | KRW  | 2022-12-10 | 2
            """,
    )


@pytest.mark.parametrize(
    ("months", "level", "issues"),
    [
        ((1, 5), "good", 2),
        ((1, 5, 23), "watch", 3),
        ((1, 5, 24), "good", 2),
        ((1, 2, 3, 4), "watch", 4),
        ((30, 31, 32), "good", 0),
    ],
)
def test_share_issues_levels(months: tuple[int, ...], level: str, issues: int) -> None:
    drawn = changes(*(("paid_in", ago) for ago in months))
    assert levels("share_issues", capital_change=drawn) == {(level, issues, None)}


def test_allotments_of_one_day_are_one_issue() -> None:
    drawn = changes(("paid_in", 1), ("paid_in", 1), ("paid_in", 1), ("paid_in", 2))
    found = run("share_issues", capital_change=drawn)
    assert {(row["level"], row["measure"]) for row in found} == {("good", 2)}
    assert len(found) == 4


@pytest.mark.parametrize(
    "category",
    [
        "conversion",
        "warrant",
        "option",
        "bonus",
        "split",
        "debt_to_equity",
        "in_kind",
        "redemption",
        "reduction",
        "other",
    ],
)
def test_only_shares_sold_for_money_are_issues(category: str) -> None:
    drawn = changes((category, 1), (category, 2), (category, 3), (category, 40))
    found = run("share_issues", capital_change=drawn)
    assert [(row["level"], row["measure"], row["concept"], row["row_id"]) for row in found] == [
        ("good", 0, "capital_change", 1)
    ]


@pytest.mark.parametrize("signal", ["share_issues", "convertible_conversions", "capital_reduction"])
def test_no_change_of_capital_ever_is_no_answer(signal: str) -> None:
    check(signal, scope="company_id\na", expect="")


@pytest.mark.parametrize("signal", ["share_issues", "convertible_conversions", "capital_reduction"])
def test_only_old_changes_are_good_by_the_newest(signal: str) -> None:
    check(
        signal,
        capital_change=changes(("paid_in", 60), ("conversion", 61), ("reduction", 62)),
        expect="""
            level | measure | concept        | value | text | row_id
            good  | 0       | capital_change |       | x    | 1
            """,
    )


@pytest.mark.parametrize(("days", "level"), [(5, "good"), (6, "watch"), (7, "watch")])
def test_convertible_conversions_levels(days: int, level: str) -> None:
    rows = [("conversion" if ago % 2 else "warrant", ago) for ago in range(days)]
    drawn = changes(*rows, ("conversion", 24), ("option", 1))
    assert levels("convertible_conversions", capital_change=drawn) == {(level, days, None)}


def test_convertible_conversions_cites_the_shares() -> None:
    check(
        "convertible_conversions",
        capital_change="""
            category   | months_ago | changed_on | shares | form
            conversion | 3          | 2025-03-10 | 500    | 전환권행사
            conversion | 3          | 2025-03-10 | 200    | 전환권행사
            paid_in    | 3          | 2025-03-11 | 900    | 유상증자(주주배정)
            """,
        expect="""
            level | measure | concept    | value | unit   | text | period_end
            good  | 1       | conversion | 500   | shares |      | 2025-03-10
            good  | 1       | conversion | 200   | shares |      | 2025-03-10
            """,
    )


def test_convertible_conversions_lists_the_newest_ten_days() -> None:
    drawn = changes(*(("conversion", ago) for ago in range(12)), ("conversion", 0))
    found = run("convertible_conversions", capital_change=drawn)
    assert {row["measure"] for row in found} == {12}
    assert sorted(row["row_id"] for row in found) == [*range(1, 11), 13]


@pytest.mark.parametrize(
    ("form", "months", "level", "reductions"),
    [
        ("무상감자", 0, "watch", 1),
        ("무상감자", 35, "watch", 1),
        ("무상감자", 36, "good", 0),
        ("유상감자", 1, "good", 0),
        ("", 1, "watch", 1),
    ],
)
def test_capital_reduction_levels(form: str, months: int, level: str, reductions: int) -> None:
    drawn = changes(("reduction", months), form=form)
    assert levels("capital_reduction", capital_change=drawn) == {(level, reductions, None)}


def test_capital_reduction_cites_the_cancelled_shares_and_the_losses() -> None:
    check(
        "capital_reduction",
        annual="""
            concept    | year_rank | value
            net_income | 0         | 5
            net_income | 1         | -80
            net_income | 3         | -90
            """,
        latest="""
            concept       | value
            share_capital | 45000
            equity        | 99000
            """,
        capital_change="""
            category  | months_ago | changed_on | shares | par_value | form
            reduction | 10         | 2024-08-01 | 9000   | 500       | 무상감자
            reduction | 10         | 2024-08-02 | 50     | 500       | 유상감자
            paid_in   | 9          | 2024-09-01 | 700    | 500       | 유상증자(제3자배정)
            """,
        expect="""
            level | measure | concept           | value | unit   | text | period_end
            watch | 1       | capital_reduction | 9000  | shares |      | 2024-08-01
            watch | 1       | net_income        | 5     | KRW    |      | 2024-12-31
            watch | 1       | net_income        | -80   | KRW    |      | 2023-12-31
            watch | 1       | share_capital     | 45000 | KRW    |      | 2024-12-31
            """,
    )


REDUCTION = """
    category  | months_ago | shares | par_value | form
    reduction | 10         | 100    | 500       | 무상감자
    """
LOSS = "concept | year_rank | value\nnet_income | 2 | -1"


@pytest.mark.parametrize(
    ("capital", "level"), [(500_000, "watch"), (500_001, "good"), (50_000, "watch")]
)
def test_cancelling_little_of_the_capital_is_not_watched(capital: int, level: str) -> None:
    latest = f"concept | value\nshare_capital | {capital}"
    found = levels("capital_reduction", capital_change=REDUCTION, annual=LOSS, latest=latest)
    assert found == {(level, 1, None)}


@pytest.mark.parametrize(
    ("incomes", "level"),
    [((1, 2, 3), "good"), ((0, 0, 0), "good"), ((1, 2, -1), "watch"), ((1, 2, 3, -1), "good"), ((), "watch")],
)  # fmt: skip
def test_reduction_without_a_loss_in_three_years_covers_none(
    incomes: tuple[int, ...], level: str
) -> None:
    rows = [f"net_income | {rank} | {value}" for rank, value in enumerate(incomes)]
    annual = "\n".join(["concept | year_rank | value", *rows])
    assert levels("capital_reduction", capital_change=REDUCTION, annual=annual) == {
        (level, 1, None)
    }


def test_reductions_of_one_day_are_one() -> None:
    drawn = changes(("reduction", 1), ("reduction", 1), ("reduction", 2))
    assert levels("capital_reduction", capital_change=drawn) == {("watch", 2, None)}


# Bonds


def bonds(outstanding: float | None, due: float | None, **more: float) -> str:
    values = {"bonds_outstanding": outstanding, "bonds_due_within_1y": due, **more}
    return "\n".join(
        ["concept | value", *(f"{k} | {v}" for k, v in values.items() if v is not None)]
    )


@pytest.mark.parametrize(
    ("due", "level"),
    [
        (40, "good"),
        (50, "good"),
        (50.1, "watch"),
        (100, "watch"),
        (100.1, "danger"),
        (300, "danger"),
    ],
)
def test_bonds_due_levels(due: float, level: str) -> None:
    drawn = bonds(500, due, cash=60, short_term_investments=40)
    assert levels("bonds_due", latest=drawn) == {(level, due, None)}


def test_bonds_due_cites_bonds_and_money() -> None:
    check(
        "bonds_due",
        latest=bonds(500, 30, cash=60),
        expect="""
            level | measure | concept             | value
            good  | 50      | bonds_outstanding   | 500
            good  | 50      | bonds_due_within_1y | 30
            good  | 50      | cash                | 60
            """,
    )


def test_no_bonds_are_good_whatever_the_cash() -> None:
    assert levels("bonds_due", latest=bonds(0, 0)) == {("good", None, None)}
    assert levels("bonds_due", latest=bonds(0, None)) == {("good", None, None)}
    assert levels("bonds_due", latest=bonds(500, 0)) == {("good", 0, None)}


def test_bonds_due_without_cash_known() -> None:
    unknown = {("unknown", None, "not_computable")}
    assert levels("bonds_due", latest=bonds(500, 30)) == unknown
    assert levels("bonds_due", latest=bonds(500, 30, short_term_investments=90)) == unknown
    assert (
        levels(
            "bonds_due",
            latest=bonds(500, 30) + "\n",
            annual="concept | year_rank | value\ncash | 0 | 90",
        )
        == unknown
    )


def test_bonds_due_against_no_cash_at_all_has_no_measure() -> None:
    assert levels("bonds_due", latest=bonds(500, 30, cash=0)) == {("danger", None, None)}


def test_bonds_due_never_mixes_currencies() -> None:
    drawn = """
        concept             | value | unit
        bonds_outstanding   | 500   | KRW
        bonds_due_within_1y | 30    | KRW
        cash                | 90    | USD
        """
    found = {(row["level"], row["reason"]) for row in run("bonds_due", latest=drawn)}
    assert found == {("unknown", "not_computable")}


def test_bonds_due_without_the_table_is_no_answer() -> None:
    check("bonds_due", latest=bonds(None, None, cash=60), expect="")
    check("bonds_due", latest=bonds(500, None, cash=60), expect="")
