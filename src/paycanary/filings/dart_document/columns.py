"""Which columns of a statement's table hold figures, and of which period each speaks."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from paycanary.filings.dart_document import periods
from paycanary.filings.dart_document.amounts import Unit, is_figure, read_unit_word
from paycanary.filings.dart_document.markup import Cell, squash

if TYPE_CHECKING:
    from paycanary.filings.dart_document.periods import Term

GridRow = tuple[bool, list[tuple[Cell, bool]]]

_NOTES: Final = re.compile(r"주석(번호|사항)?|주|주기|notes?", re.IGNORECASE)
_HEADING: Final = re.compile(
    r"(?:과목|계정과목|구분|항목|계정|내용|account)$|\(?단위[:：]", re.IGNORECASE
)
_QUARTER: Final = re.compile(r"3개월|삼개월|당?분기중?$")
_TO_DATE: Final = re.compile(r"누적|누계")
_PART: Final = re.compile(r"3개월|누적")
_HEAD_UNIT: Final = re.compile(r"[(\[]\s*(?:단위\s*[:：]?)?\s*([^()\[\]]{1,10})[)\]]")
_MOST_HEAD_ROWS: Final = 8
_LONGEST_HEAD: Final = 200


@dataclass(frozen=True, slots=True)
class Column:
    """Neighbouring grid columns of one period: ``at`` are their places, ``head`` the words above them.

    ``term`` is None where nothing says which period it is.
    """

    at: tuple[int, ...]
    head: str
    term: Term | None
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """A table's figure columns, where its labels stand, and its first row of data."""

    columns: tuple[Column, ...]
    labels: tuple[int, ...]
    first: int


def first_data_row(rows: list[GridRow]) -> int:
    """Index of the first row with a label and a figure; the number of rows where there is none."""
    for index, (is_head, cells) in enumerate(rows):
        if is_head or not cells or _HEADING.match(squash(cells[0][0].text)):
            continue  # «과목 | 2025 | 2024»: years look like figures
        if _label(cells) and any(own and is_figure(cell.text) for cell, own in cells[1:]):
            return index
    return len(rows)


def read_layout(
    rows: list[GridRow], caption: list[Term], known: list[Term], *, flow: bool
) -> Layout | None:
    """Find the figure columns of a table.

    Args:
        rows: the table's grid.
        caption: terms that the caption names, in order.
        known: terms whose days stand elsewhere in the document.
        flow: figures are of a period, not of a day.

    Returns:
        None where no column can be told to hold figures.
    """
    first = first_data_row(rows)
    if first == len(rows):
        return None
    width = max(len(cells) for _, cells in rows[first:])
    heads = _heads(rows[max(0, first - _MOST_HEAD_ROWS) : first], width)
    notes = {j for j, head in enumerate(heads) if _NOTES.fullmatch(squash(head))}
    filled = [j for j in range(1, width) if j not in notes and _holds_figures(rows[first:], j)]
    named = [j for j in range(width) if j not in notes and _names_period(heads[j])]
    if not named:
        return _by_order(filled, heads, caption, first, flow=flow)
    labels = tuple(j for j in range(min(named)) if j not in notes)
    if not labels:
        return None
    columns = [
        Column(tuple(group), heads[group[0]], None, _unit(heads[group[0]]))
        for group in _groups(named, heads)
    ]
    terms = _match([c.head for c in columns], caption, known, flow=flow)
    if any(_PART.search(squash(head)) for j, head in enumerate(heads) if j not in named):
        # «3개월» stands above a column that belongs to no term: the heading is shifted against its columns.
        terms = [None] * len(columns)
    columns = [replace(c, term=t) for c, t in zip(columns, terms, strict=True)]
    return Layout(tuple(columns), labels, first)


def _label(cells: list[tuple[Cell, bool]]) -> str:
    return next(
        (c.text for c, own in cells if own and c.text.strip() and not is_figure(c.text)), ""
    )


def _heads(rows: list[GridRow], width: int) -> list[str]:
    """For each column the words above it; rows that are one cell are captions and left out."""
    heads = [""] * width
    for _, cells in rows:
        if len({id(c) for c, _ in cells if c.text.strip()}) < 2 and len(cells) > 1:  # noqa: PLR2004
            continue
        for j, (cell, _) in enumerate(cells[:width]):
            words = " ".join(cell.text.split())
            if words and words not in heads[j]:
                heads[j] = f"{heads[j]} {words}".strip()[:_LONGEST_HEAD]
    return heads


def _holds_figures(rows: list[GridRow], j: int) -> bool:
    return any(j < len(cells) and cells[j][1] and is_figure(cells[j][0].text) for _, cells in rows)


def _names_period(head: str) -> bool:
    return bool(periods.read_terms(head)) or periods.read_year(head) is not None


def _unit(head: str) -> Unit | None:
    for match in _HEAD_UNIT.finditer(head):
        if unit := read_unit_word(match[1]):
            return unit
    return None


def _groups(named: list[int], heads: list[str]) -> list[list[int]]:
    """Neighbours under the same words belong to one period: details left, totals right."""
    groups: list[list[int]] = []
    for j in named:
        if groups and groups[-1][-1] == j - 1 and heads[j] == heads[j - 1]:
            groups[-1].append(j)
        else:
            groups.append([j])
    return groups


def _by_order(
    filled: list[int], heads: list[str], caption: list[Term], first: int, *, flow: bool
) -> Layout | None:
    """Columns without a heading of their own: as many as the caption's terms, or twice as many."""
    terms = [t for t in caption if t.has_days]
    if not filled or not terms:
        return None
    span = range(min(filled), max(filled) + 1)
    each = len(span) / len(terms)
    if each not in (1, 2) or (flow and any(t.start is None for t in terms)):
        return None
    size = int(each)
    columns = tuple(
        Column(tuple(span[i * size : (i + 1) * size]), heads[span[i * size]], term)
        for i, term in enumerate(terms)
    )
    return Layout(columns, tuple(range(min(filled))), first)


def _match(
    heads: list[str], caption: list[Term], known: list[Term], *, flow: bool
) -> list[Term | None]:
    """The term of each column: by its own words, else by the caption's order where the counts agree."""
    found = [_term(head, caption, flow=flow) or _term(head, known, flow=flow) for head in heads]
    if any(found):
        return found
    distinct = list(dict.fromkeys(_without_part(head) for head in heads))
    dated = [t for t in caption if t.has_days]
    if len(distinct) != len(dated):
        return found
    by_head = dict(zip(distinct, dated, strict=True))
    return [_narrow(by_head[_without_part(head)], head, flow=flow) for head in heads]


def _without_part(head: str) -> str:
    return _TO_DATE.sub("", _QUARTER.sub("", squash(head)))


def _term(head: str, caption: list[Term], *, flow: bool) -> Term | None:
    named = periods.read_terms(head)
    if len(named) == 1:
        term = periods.find_term(named[0], caption)
    elif not named and (year := periods.read_year(head)) is not None:
        of_year = {t for t in caption if t.end and t.end.year == year}
        term = of_year.pop() if len(of_year) == 1 else None
    else:
        term = None
    return None if term is None else _narrow(term, head, flow=flow)


def _narrow(term: Term, head: str, *, flow: bool) -> Term | None:
    """A balance has no beginning; ``3개월`` is the last three months of the term."""
    if term.end is None or (flow and term.start is None):
        return None
    if not flow:
        return replace(term, start=None)
    if "3개월" in squash(head):
        return replace(term, start=periods.last_quarter(term.end))
    return term
