"""The rows of one statement's table -> facts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from paycanary.filings.dart_document import labels, signs
from paycanary.filings.dart_document.amounts import (
    Amount,
    BadAmountError,
    Unit,
    read_amount,
    read_unit_word,
)
from paycanary.filings.dart_document.labels import Sign
from paycanary.filings.reading import DocumentFact, Fault, Place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from paycanary.filings.dart_document.columns import Column, GridRow, Layout
    from paycanary.filings.dart_document.markup import Cell
    from paycanary.filings.dart_document.statements import Statement

_LONGEST_DETAIL: Final = 200
#: Concepts whose sign a label can turn.
_SIGNED: Final = frozenset(
    {"gross_profit", "operating_profit", "profit_before_tax", "net_income", "retained_earnings"}
)
#: Concepts that are costs: their figures are the costs' sizes, however the statement prints them.
_COSTS: Final = frozenset({"finance_costs", "interest_expense", "employee_benefits"})
#: Numbers of notes, in a column that nothing names.
_NOTE_NUMBERS: Final = re.compile(r"[\s\d,.·~()-]*(?:주석?)?[\s\d,.·~()-]*")
#: The order in which a statement's arithmetic runs.
_CHAIN: Final = ("gross_profit", "operating_profit", "profit_before_tax", "net_income")
_OWN_UNITS: Final = {"주": Unit("shares", 0), "%": Unit("percent", 0)}


@dataclass(slots=True)
class Line:
    """A row with a label: amounts as printed by column with their lines, and their true values once signs are settled."""

    label: str
    concept: str | None
    sign: Sign
    amounts: dict[int, tuple[Amount, int]] = field(default_factory=dict)
    values: dict[int, Decimal | None] = field(default_factory=dict)


class TableReader:
    """Reads one table of a statement into ``facts`` and ``faults``.

    Faults cost one figure each: ``bad_number``, ``two_amounts``, ``unknown_unit``, ``unknown_period``, ``unclear_sign``.
    """

    def __init__(self, layout: Layout, statement: Statement, member: str) -> None:
        self.layout = layout
        self.statement = statement
        self.member = member
        self.facts: list[DocumentFact] = []
        self.faults: list[Fault] = []

    def read(self, rows: Sequence[GridRow]) -> None:
        """Read all rows."""
        lines = [line for _, cells in rows[self.layout.first :] if (line := self._line(cells))]
        settle_signs(lines, len(self.layout.columns))
        for line in lines:
            for index, (amount, at) in line.amounts.items():
                found = self._fact(line, index, amount, at)
                if isinstance(found, Fault):
                    self.faults.append(found)
                else:
                    self.facts.append(found)

    def _line(self, cells: list[tuple[Cell, bool]]) -> Line | None:
        words = [cells[j][0].text for j in self.layout.labels if j < len(cells) and cells[j][1]]
        words = [*words[:1], *(word for word in words[1:] if not _NOTE_NUMBERS.fullmatch(word))]
        label = " ".join(" ".join(words).split())[:_LONGEST_DETAIL]
        if not label:
            return None
        concept = labels.concept_of(label, self.statement.kind)
        line = Line(label, concept, labels.sign_of(label))
        for index, column in enumerate(self.layout.columns):
            self._take(line, index, column, cells)
        if self.statement.kind == "CF" and concept == "interest_expense" and _pays(line):
            line.concept = concept = None
        if concept is not None and line.amounts:
            # A name comes again in a breakdown below: the first row that holds a figure is the statement's own.
            line.concept = None if concept in self.statement.seen else concept
            self.statement.seen.add(concept)
        return line

    def _take(self, line: Line, index: int, column: Column, cells: list[tuple[Cell, bool]]) -> None:
        """Take the one amount that a period's cells hold."""
        found: list[tuple[Amount, int]] = []
        for j in column.at:
            cell, own = cells[j] if j < len(cells) else (None, False)
            if cell is None or not own:
                continue
            try:
                amount = read_amount(cell.text)
            except BadAmountError:
                detail = " ".join(cell.text.split())[:_LONGEST_DETAIL]
                self.faults.append(
                    Fault("bad_number", detail, self._place(line, column, cell.line))
                )
                continue
            if amount is not None:
                found.append((amount, cell.line))
        if len({amount.number for amount, _ in found}) > 1:
            detail = " | ".join(str(a.number) for a, _ in found)[:_LONGEST_DETAIL]
            self.faults.append(Fault("two_amounts", detail, self._place(line, column, found[0][1])))
        elif found:
            line.amounts[index] = found[0]

    def _place(self, line: Line, column: Column, at: int) -> Place:
        path = (self.statement.title, line.label, column.head)
        return Place(self.member, at, " > ".join(part for part in path if part))

    def _fact(self, line: Line, index: int, amount: Amount, at: int) -> DocumentFact | Fault:
        column = self.layout.columns[index]
        where = self._place(line, column, at)
        detail = f"{line.label}: {amount.number}"[:_LONGEST_DETAIL]
        term = column.term
        if term is None or term.end is None or (self.statement.kind != "BS" and not term.start):
            return Fault("unknown_period", detail, where)
        value = line.values[index]
        if value is None:
            return Fault("unclear_sign", detail, where)
        unit = unit_of(line.label, amount, column.unit, self.statement.unit)
        if unit is None:
            return Fault("unknown_unit", detail, where)
        return DocumentFact(
            tag=labels.clean(line.label),
            place=where,
            value=unit.scale(value),
            unit=unit.currency + ("/shares" if labels.is_per_share(line.label) else ""),
            start=term.start,
            end=term.end,
            concept=line.concept,
            basis=self.statement.basis,
            decimals=unit.decimals,
        )


def _pays(line: Line) -> bool:
    """Whether a row of a cash flow statement is money that went out: interest paid, not the expense that is added back."""
    return any(amount.number < 0 for amount, _ in line.amounts.values())


def unit_of(label: str, amount: Amount, column: Unit | None, statement: Unit | None) -> Unit | None:
    """The unit of one figure: its own, its row's, its column's, its statement's.

    An amount a share is in won in a table of millions: it is never scaled by the table's unit.
    """
    own = amount.own or labels.own_unit(label)
    if own in _OWN_UNITS:
        return _OWN_UNITS[own]
    unit = read_unit_word(own) if own else None
    if unit is not None:
        return unit
    around = column or statement
    if labels.is_per_share(label) and around is not None and around.power:
        return None
    return around


def settle_signs(lines: Sequence[Line], columns: int) -> None:
    """Give every amount of a table its true sign, where it can be told."""
    books = _books(lines, columns)
    named = {line.concept: line for line in lines if line.concept in _SIGNED}
    chain = [named[concept] for concept in _CHAIN if concept in named]
    sizes: dict[tuple[str, int], Decimal] = {}
    styles: set[bool] = set()
    for line in chain:
        concept = str(line.concept)
        for index, (amount, _) in line.amounts.items() if line.sign is Sign.LOSS_ONLY else ():
            size = signs.expected(concept, books[index], amount.number)
            if size is not None:
                sizes[concept, index] = size
                books[index].setdefault(concept, size)
                styles.add((size > 0) != (amount.number > 0))
    flipped = styles.pop() if len(styles) == 1 else None
    for line in named.values():
        mixed = len({amount.number > 0 for amount, _ in line.amounts.values()}) > 1
        for index, (amount, _) in line.amounts.items():
            size = sizes.get((str(line.concept), index))
            line.values[index] = signs.settle(
                line.sign, amount.number, size, flipped=flipped, mixed=mixed
            )
    for line in lines:
        for index, (amount, _) in line.amounts.items() if line.concept in _COSTS else ():
            line.values[index] = signs.settle_cost(amount.number, books[index])


def _books(lines: Sequence[Line], columns: int) -> list[dict[str, Decimal]]:
    """For each column the figures whose sign is sure, by concept or by their part in the arithmetic."""
    books: list[dict[str, Decimal]] = [{} for _ in range(columns)]
    for line in lines:
        part = signs.PARTS.get(labels.key(line.label))
        for index, (amount, _) in line.amounts.items():
            line.values[index] = amount.number
            if part is not None:
                books[index].setdefault(part, amount.number)
            if line.concept is None:
                continue
            if line.concept not in _SIGNED or line.sign is Sign.NATURAL:
                books[index].setdefault(line.concept, amount.number)
            elif line.sign is Sign.LOSS_FIRST:
                books[index].setdefault(line.concept, -amount.number)
    return books
