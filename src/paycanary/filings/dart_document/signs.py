"""Which sign a loss or a cost has. ``당기순손실 1,234`` is a loss of 1,234; ``당기순손실 (1,234)`` may be a loss or its opposite.

Statements under 일반기업회계기준 print a loss without a sign under a name that says loss, K-IFRS statements often print the same
name with brackets: both are met. The statement's own arithmetic decides; where it cannot, no number is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paycanary.filings.dart_document.labels import Sign

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

#: Labels (without blanks and numbering) by what they are in the arithmetic of an income statement.
PARTS: Final = {
    "매출원가": "cost", "영업비용": "expenses", "판매비와관리비": "selling", "판매비및관리비": "selling", "판매관리비": "selling", "판매비와일반관리비": "selling",
    "영업외수익": "other_income", "영업외비용": "other_expenses", "기타수익": "other_income2", "기타이익": "other_income2", "기타영업외수익": "other_income2",
    "기타비용": "other_expenses2", "기타손실": "other_expenses2", "기타영업외비용": "other_expenses2", "금융수익": "finance_income", "금융이익": "finance_income",
    "금융비용": "finance_costs", "금융원가": "finance_costs", "법인세비용": "tax", "법인세등": "tax", "법인세비용수익": "tax", "법인세수익": "tax", "법인세수익비용": "tax",
    "법인세비용이익": "tax", "법인세이익": "tax",
}  # fmt: skip
#: Parts whose sign shows how a statement prints its costs.
_COSTS: Final = ("cost", "expenses", "selling")
_MOST_APART: Final = 3


def settle_cost(printed: Decimal, column: Mapping[str, Decimal]) -> Decimal | None:
    """A cost's true value: some statements print all costs in brackets, to be added up. None where nothing tells.

    Args:
        printed: the figure with the sign in front of it.
        column: figures of the same period by part (see ``PARTS``).
    """
    if printed >= 0:
        return printed
    shown = {column[name] < 0 for name in _COSTS if column.get(name)}
    if len(shown) != 1:
        return None
    return -printed if shown.pop() else printed


def settle(
    sign: Sign, printed: Decimal, size: Decimal | None, *, flipped: bool | None, mixed: bool
) -> Decimal | None:
    """The figure's true value, None where nothing tells its sign.

    Args:
        sign: how the label says the sign is printed.
        printed: the figure with the sign in front of it.
        size: what the statement's arithmetic gives, None where it gives nothing.
        flipped: whether losses of this table are known to stand without a sign; None where unknown.
        mixed: the row has figures of both signs.
    """
    if sign is Sign.NATURAL or not printed:
        return printed
    if sign is Sign.LOSS_FIRST:
        return -printed
    if sign is Sign.DEFICIT:
        return -abs(printed)
    if size is not None:
        return abs(printed) if size > 0 else -abs(printed)
    if flipped is not None:
        return -printed if flipped else printed
    return -printed if printed > 0 and not mixed else None


def expected(concept: str, column: Mapping[str, Decimal], printed: Decimal) -> Decimal | None:
    """What a profit must be by the rows above it, if it agrees with the printed figure but for the sign; else None.

    Args:
        concept: gross_profit, operating_profit, profit_before_tax or net_income.
        column: figures of one period by concept or part (see ``PARTS``); costs count with either sign.
        printed: the printed figure.
    """
    found = {
        value
        for value in _sums(concept, column)
        if abs(abs(value) - abs(printed)) <= _MOST_APART and value
    }
    return found.pop() if len({v > 0 for v in found}) == 1 else None


def _sums(concept: str, column: Mapping[str, Decimal]) -> list[Decimal]:
    def plus(*names: str) -> Decimal | None:
        known = [column[n] for n in names if n in column]
        return sum(known[1:], known[0]) if known else None

    def cost(*names: str) -> Decimal | None:
        known = [abs(column[n]) for n in names if n in column]
        return sum(known[1:], known[0]) if known else None

    def less(whole: Decimal | None, part: Decimal | None) -> list[Decimal]:
        return [] if whole is None or part is None else [whole - part]

    if concept == "gross_profit":
        return less(plus("revenue"), cost("cost"))
    if concept == "operating_profit":
        return [
            *less(plus("gross_profit"), cost("selling")),
            *less(plus("revenue"), cost("expenses")),
            *less(plus("revenue"), cost("cost", "selling") if "cost" in column else None),
        ]
    if concept == "profit_before_tax":
        top = plus("operating_profit")
        added = plus("other_income", "other_income2", "finance_income")
        taken = cost("other_expenses", "other_expenses2", "finance_costs")
        return [] if top is None or added is None or taken is None else [top + added - taken]
    top, tax = plus("profit_before_tax"), plus("tax")
    if top is None:
        return []
    return [top] if tax is None else [top - tax, top + tax]
