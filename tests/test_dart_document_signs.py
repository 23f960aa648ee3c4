"""Losses: the same word is printed with and without a sign, and the statement's own arithmetic tells which is meant."""

from __future__ import annotations

import pytest

from tests.dart_documents import DAYS, caption, document, income, ours, read, reasons, table

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    ("label", "printed", "expected"),
    [
        ("당기순이익", "100", 100), ("당기순이익", "(100)", -100), ("당기순이익(손실)", "100", 100), ("당기순이익(손실)", "(100)", -100),
        ("당 기 순 이 익(손실)", "△100", -100), ("당기순이익(순손실)", "-100", -100), ("당기순손익", "(100)", -100),
        # A name that begins with the loss: a loss stands without a sign.
        ("당기순손실(이익)", "100", -100), ("당기순손실(이익)", "(100)", 100),
        # A name that says loss only, without a sign.
        ("당기순손실", "100", -100), ("Ⅹ. 당  기  순  손  실 (주석16)", "100", -100), ("연결당기순손실", "100", -100),
    ],
)  # fmt: skip
def test_the_name_of_a_row_says_how_its_sign_is_meant(
    label: str, printed: str, expected: int
) -> None:
    reading = read(income(["매출액", "500", "500"], [label, printed, "-"]))
    assert ours(reading)["net_income"] == [expected]


def test_a_bracketed_loss_is_a_profit_where_other_losses_stand_without_a_sign() -> None:
    """일반기업회계기준: 영업손실 100 last year, (50) this year, and the costs say which is which."""
    reading = read(
        income(
            ["Ⅰ.매출액", "1,000", "900"], ["Ⅱ.매출원가", "700", "800"], ["Ⅲ.매출총이익", "300", "100"],
            ["Ⅳ.판매비와관리비", "250", "200"], ["Ⅴ.영업손실", "(50)", "100"],
        )
    )  # fmt: skip
    assert ours(reading)["operating_profit"] == [50, -100]


def test_a_bracketed_loss_is_a_loss_where_the_costs_say_so() -> None:
    """K-IFRS: 영업손실 (150), as the costs add up."""
    reading = read(
        income(
            ["매출액", "1,000", "900"], ["매출원가", "(900)", "(800)"], ["매출총이익", "100", "100"],
            ["판매비와관리비", "(250)", "(200)"], ["영업손실", "(150)", "(100)"], ["당기순손실", "(170)", "(90)"],
        )
    )  # fmt: skip
    assert ours(reading)["operating_profit"] == [-150, -100]
    assert ours(reading)["net_income"] == [-170, -90]  # as the operating loss is printed


def test_a_loss_is_followed_from_sales_to_the_bottom() -> None:
    reading = read(
        income(
            ["매출액", "1,000", "900"], ["매출원가", "1,100", "700"], ["매출총손실", "100", "(200)"],
            ["판매비와관리비", "50", "150"], ["영업손실", "150", "(50)"], ["영업외수익", "20", "10"],
            ["영업외비용", "30", "40"], ["법인세비용차감전순손실", "160", "(20)"], ["법인세비용", "-", "5"],
            ["당기순손실", "160", "(15)"],
        )
    )  # fmt: skip
    assert {name: found for name, found in ours(reading).items() if name != "revenue"} == {
        "gross_profit": [-100, 200], "operating_profit": [-150, 50], "profit_before_tax": [-160, 20],
        "net_income": [-160, 15],
    }  # fmt: skip
    assert not reading.faults


@pytest.mark.parametrize("cells", [("(100)", "(90)"), ("(100)", "90")])
def test_a_bracketed_loss_that_nothing_explains_is_no_figure(cells: tuple[str, str]) -> None:
    reading = read(income(["매출액", "500", "500"], ["당기순손실", *cells]))
    assert "net_income" not in ours(reading)
    assert reasons(reading) == ["unclear_sign", "unclear_sign"]


def test_a_loss_without_a_sign_that_the_arithmetic_calls_a_profit_is_one() -> None:
    """«영업손실» stands above both years though one of them was a profit."""
    reading = read(
        income(
            ["매출총이익", "300", "100"],
            ["판매비와관리비", "250", "200"],
            ["영업손실", "50", "100"],
        )
    )
    assert ours(reading)["operating_profit"] == [50, -100]


@pytest.mark.parametrize(
    ("label", "printed", "expected"),
    [("결손금", "100", -100), ("미처리결손금", "(100)", -100), ("이익잉여금(결손금)", "(100)", -100), ("이익잉여금", "100", 100)],
)  # fmt: skip
def test_a_deficit_is_negative_with_and_without_a_sign(
    label: str, printed: str, expected: int
) -> None:
    text = document(
        caption("재무상태표", DAYS), table(["자산총계", "9", "9"], [label, printed, ""])
    )
    assert ours(read(text))["retained_earnings"] == [expected]


def test_other_rows_keep_the_sign_that_is_printed() -> None:
    reading = read(income(["매출액", "500", "500"], ["유형자산처분손실", "10", "(3)"]))
    assert [int(f.value or 0) for f in reading.facts if f.tag == "유형자산처분손실"] == [10, -3]


def test_costs_in_brackets_are_costs_where_all_costs_are() -> None:
    rows = (["매출액", "900", "800"], ["매출원가", "(500)", "(400)"], ["금융비용", "(30)", "(20)"])
    assert ours(read(income(*rows)))["finance_costs"] == [30, 20]


def test_a_negative_cost_among_positive_ones_is_negative() -> None:
    rows = (["매출액", "900", "800"], ["매출원가", "500", "400"], ["금융비용", "(30)", "20"])
    assert ours(read(income(*rows)))["finance_costs"] == [-30, 20]


def test_a_cost_in_brackets_that_nothing_explains_is_no_figure() -> None:
    reading = read(income(["매출액", "900", "800"], ["금융비용", "(30)", "20"]))
    assert ours(reading)["finance_costs"] == [20]
    assert reasons(reading) == ["unclear_sign"]


def test_interest_that_went_out_is_not_the_expense_that_is_added_back() -> None:
    terms = ("제 10(당)기 2025년 1월 1일부터 2025년 12월 31일까지",)
    heads = ("과목", "제 10(당)기")
    paid = table(["영업활동현금흐름", "9"], ["이자비용", "(4)"], heads=heads)
    added = table(["영업활동현금흐름", "9"], ["이자비용", "4"], heads=heads)
    assert "interest_expense" not in ours(read(document(caption("현금흐름표", terms), paid)))
    assert ours(read(document(caption("현금흐름표", terms), added)))["interest_expense"] == [4]
