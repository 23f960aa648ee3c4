"""A document's balance sheet, income and cash flow statements -> facts, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

from paycanary.filings.dart_document import periods
from paycanary.filings.dart_document.amounts import read_unit
from paycanary.filings.dart_document.columns import first_data_row, read_layout
from paycanary.filings.dart_document.labels import join_letters
from paycanary.filings.dart_document.markup import Document, Table, Text, grid, squash
from paycanary.filings.dart_document.periods import Term
from paycanary.filings.dart_document.rows import TableReader
from paycanary.filings.reading import Fault, Place

if TYPE_CHECKING:
    from paycanary.filings.dart_document.amounts import Unit
    from paycanary.filings.dart_document.columns import GridRow
    from paycanary.filings.reading import DocumentFact

Basis = Literal["CFS", "OFS"]

_KINDS: Final = {
    "재무상태표": "BS", "대차대조표": "BS", "손익계산서": "IS", "포괄손익계산서": "CIS", "손익및포괄손익계산서": "CIS", "현금흐름표": "CF",
}  # fmt: skip
_BEFORE: Final = r"(?:[IVXⅠ-Ⅻ\d\-가-하]{1,4}[.)\-]|\(\d+\)|[\d\-.]{1,6}|[<\[【〈「])?(?:요약(?=[분반중]))?(?:분기|반기|중간|비교식|연결|별도|개별|\(연결\)|\(별도\))*"
_TITLE: Final = re.compile(
    rf"{_BEFORE}(?P<kind>손익및포괄손익계산서|포괄손익계산서|손익계산서|재무상태표|대차대조표|현금흐름표)(?:[(\[<,:].*)?[>\]】〉」]?"
)
#: Statements that hold nothing for us; their rows look like those of a balance sheet.
_OTHER: Final = re.compile(
    rf"{_BEFORE}(?:자본변동표|이익잉여금처분계산서|결손금처리계산서|이익잉여금처분계산서및.*|제조원가명세서|.{{0,8}}원가명세서)(?:\(.*)?"
)
#: Sections in which statements stand; notes and summaries repeat them in pieces.
_HOLDS: Final = re.compile(
    r".*(?:재무제표(?:등)?|재무제표에대한(?:감사|검토)보고서|감사보고서|검토보고서|재무에관한사항)\)?"
)
_NOTES: Final = re.compile(
    r".*(?:재무제표(?:에대한)?주석|재무제표에관한주석)|[\d.\-(]*주석\)?|주석사항"
)
_COMPANY: Final = re.compile(r"(?:회\s*사\s*명)\s*[:：]?\s*(.{2,60})")
_LONGEST_TITLE: Final = 40
_LONGEST_CAPTION: Final = 12
#: A caption's line is shorter than a paragraph that speaks of terms.
_LONGEST_LINE: Final = 200
#: Terms whose days are kept; a document names a handful.
_MOST_TERMS: Final = 100


@dataclass(slots=True)
class Statement:
    """A statement under whose title we stand. ``kind`` is OpenDART's sj_div."""

    kind: str
    title: str
    basis: Basis
    caption: list[str] = field(default_factory=list)
    unit: Unit | None = None
    width: int = 0
    #: Concepts that a row of it has given already.
    seen: set[str] = field(default_factory=set)


class Reader:
    """Walks over a document's blocks and gathers what its statements say."""

    def __init__(self, document: Document, member: str) -> None:
        self.document = document
        self.member = member
        self.facts: list[DocumentFact] = []
        self.faults: list[Fault] = []
        self.company: str | None = None
        self.statement: Statement | None = None
        #: Terms with their days, from all captions: a balance sheet's caption may name the term alone.
        self.known: list[Term] = []
        self.holds = True
        is_consolidated = document.name_code == "00761" or "연결감사" in squash(document.name)
        self.section: Basis | None = "CFS" if is_consolidated else None

    def read(self) -> None:
        """Fill ``facts`` and ``faults``."""
        for block in self.document.blocks:
            if isinstance(block, Text):
                self._take_text(block)
            else:
                self._take_table(block)

    def _take_text(self, block: Text) -> None:
        words = squash(block.text)
        if block.kind == "title" and words:
            self._enter_section(words)
        if self._begin(block.text):
            return
        if self.statement is not None:
            if self.statement.width:  # what follows the figures ends the statement
                self.statement = None
            else:
                self._add_caption(block.text)
        elif _NOTES.fullmatch(words):
            self.holds = False
        else:
            self._remember(block.text)

    def _enter_section(self, words: str) -> None:
        self.statement = None
        if _TITLE.fullmatch(words):
            self.holds = True
            return
        self.holds = bool(_HOLDS.fullmatch(words)) and not _NOTES.fullmatch(words)
        if self.holds and "재무제표" in words:
            self.section = "CFS" if "연결" in words else "OFS"

    def _begin(self, text: str) -> bool:
        """Whether the text is a statement's title; if so, its statement begins here."""
        words = squash(text)
        if len(words) > _LONGEST_TITLE:
            return False
        if _OTHER.fullmatch(words):
            self.statement = None
            return True
        match = _TITLE.fullmatch(words)
        if match is None or not self.holds:
            return False
        if "연결" in words:
            basis: Basis = "CFS"
        elif "별도" in words or "개별" in words:
            basis = "OFS"
        else:
            basis = self.section or "OFS"
        self.statement = Statement(_KINDS[match["kind"]], join_letters(text), basis)
        self._add_caption(text)
        return True

    def _add_caption(self, text: str) -> None:
        statement = self.statement
        if statement is None or len(statement.caption) >= _LONGEST_CAPTION:
            return
        statement.caption.append(text)
        self._remember(text)
        if "단위" in squash(text):
            statement.unit = read_unit(text) or statement.unit
        if match := _COMPANY.search(text):
            self.company = self.company or " ".join(match[1].split("(단위")[0].split())

    def _remember(self, text: str) -> None:
        if "기" in text and len(text) < _LONGEST_LINE and len(self.known) < _MOST_TERMS:
            self.known += [
                t for t in periods.read_terms(text) if t.has_days and t not in self.known
            ]

    def _take_table(self, table: Table) -> None:
        if self.statement is None and not self.holds:
            return
        rows = grid(table)
        first = first_data_row(rows)
        before: list[str] = []
        for _, cells in rows[:first]:
            texts = list(
                dict.fromkeys(c.text.strip() for c, own in cells if own and c.text.strip())
            )
            begun = [self._begin(line) for text in texts for line in text.split("\n")]
            before += texts
            if not any(begun):
                self._add_caption(" ".join(texts))
        if self.statement is None:
            self._remember(" ".join(before))  # a cover gives a term and its days a row each
        if self.statement is not None and first < len(rows):
            self._read_statement(rows, table.line)

    def _read_statement(self, rows: list[GridRow], at: int) -> None:
        statement = self.statement
        assert statement is not None  # noqa: S101 - the one caller has looked
        flow = statement.kind != "BS"
        caption = periods.read_terms(
            "\n".join(line for line in statement.caption if not _COMPANY.search(line))
        )
        layout = read_layout(rows, caption, _usable(self.known, flow=flow), flow=flow)
        if layout is None:
            where = Place(self.member, at, statement.title)
            self.faults.append(Fault("unknown_period", statement.title, where))
            return
        if statement.width and statement.width != len(layout.columns):
            self.statement = None
            return
        statement.width = len(layout.columns)
        reader = TableReader(layout, statement, self.member)
        reader.read(rows)
        self.facts += reader.facts
        self.faults += reader.faults


def _usable(known: list[Term], *, flow: bool) -> list[Term]:
    """Terms of other captions: with both their days for a flow; for a balance the last day, and the one before 당기 began."""
    if flow:
        return [term for term in known if term.start is not None]
    terms = [replace(term, start=None) for term in known]
    current = next((term for term in known if term.back == 0 and term.start is not None), None)
    if current is not None and current.start is not None:
        number = None if current.number is None else current.number - 1
        terms.append(Term(number, 1, "", None, periods.day_before(current.start)))
    return list(dict.fromkeys(terms))
