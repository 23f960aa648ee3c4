"""An auditor's report as sections of sentences, without the names of people."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from paycanary.filings.dart_document.markup import Table, Text, squash
from paycanary.filings.reading import Passage, Place

if TYPE_CHECKING:
    from paycanary.filings.dart_document.markup import Document

_OF: Final = r"(?:(?:연결|별도|중간|분기|반기|연결중간|중간연결|분기연결|반기연결|연결분기|연결반기)?재무제표에대한)?"
_WORDS: Final = r"감사의견거절|의견의?거절|부적정의견|한정의견|적정의견|감사의견|검토의견|검토결론|한정결론|부적정결론|결론의?거절|결론"
#: Headings (without blanks, numbering and brackets) by section.
HEADINGS: Final = {
    "icfr": re.compile(r".*내부회계관리제도.*(?:의견|검토결론|보고서).*|내부회계관리제도(?:감사|검토)?의?.*"),
    "basis": re.compile(rf"{_OF}(?:{_WORDS}|의견)(?:에대한|의)?근거"),
    "opinion": re.compile(rf"{_OF}(?:{_WORDS})(?:문단|단락)?"),
    "going_concern": re.compile(r"계속기업.{0,14}불확실성(?:의존재)?"),
    "emphasis": re.compile(r"강조사항(?:등|단락)?|특기사항"),
    "key_matters": re.compile(r"핵심감사사항(?:등)?"),
    "other": re.compile(r"기타사항|기타정보.*|기타의?법규.*|그밖의사항.*|비교재무제표"),
    "management": re.compile(r".{0,24}(?:경영진|경영자)(?:과지배기구|및지배기구)?의?책임(?:과지배기구의책임)?"),
    "auditor": re.compile(r".{0,24}감사인의책임|.{0,24}검토(?:에대한|인의)책임"),
}  # fmt: skip
_LONGEST_HEADING: Final = 45
_HEADING_TRIM: Final = re.compile(
    r"^(?:[\d.\-]{1,4}[.)]|\(\d+\)|[가-하][.)]|[IVXⅠ-Ⅻ]+[.)]|[<〈\[【■□●○▣◆*·ㆍ-])+|[>〉\]】:]+$"
)
#: A sentence of a report ends so; a blank behind the full stop is often lost.
_END: Final = re.compile(r"(?<=[다음임함됨])\s*\.\s*(?![\d)])")
_LONGEST: Final = 400
_TITLES: Final = (
    r"(?:대표이사|이사|부회장|회장|부사장|사장|전무|상무|주주|관리인|회계사|대표자|위원장)"
)
_NAMED: Final = re.compile(
    rf"({_TITLES})((?:였던|이었던|인|는|은|를|을)?(?:\s*[:：]\s*|\s+))(?!및|과|와)(?:[가-힣]\s?){{2,4}}?(?=(?:[은는이가의을를과와도]|입니다|이며|이고|에서)?[\s,.()·0-9]|입니다|$)"
)
_NAMED_BEFORE: Final = re.compile(
    r"[가-힣]{2,4}(\s+(?:전|前|현)?\s*(?:대표이사|부회장|회장|부사장|사장|전무|상무|회계사))"
)


@dataclass(slots=True)
class Sentence:
    """A sentence with the line on which its paragraph begins."""

    text: str
    line: int

    @property
    def words(self) -> str:
        """The sentence without blanks."""
        return squash(self.text)


@dataclass(slots=True)
class Section:
    """A section: its ``kind`` (a key of ``HEADINGS``, or ``start``), its heading, its sentences."""

    kind: str
    heading: str
    line: int
    sentences: list[Sentence] = field(default_factory=list)


def heading_kind(text: str) -> str | None:
    """The section that a heading opens, None where the text is no heading that we know."""
    if len(text) > _LONGEST_HEADING * 2:
        return None
    words = _HEADING_TRIM.sub("", squash(text))
    if not words or len(words) > _LONGEST_HEADING or words.endswith(("다.", "다")):
        return None
    words = words.rstrip(".")
    return next((kind for kind, pattern in HEADINGS.items() if pattern.fullmatch(words)), None)


def sections(document: Document) -> list[Section]:
    """The auditor's words, section by section; the statements, their notes and other parts of the document are left out."""
    result = [Section("start", "", 1)]
    paragraph: list[str] = []
    key: tuple[int, int] | None = None
    line = 0

    def flush() -> None:
        if paragraph:
            joined = " ".join(paragraph)
            result[-1].sentences += [Sentence(part, line) for part in split(joined)]
            paragraph.clear()

    for text, at, here in auditor_lines(document):
        kind = heading_kind(text)
        if kind is not None:
            flush()
            result.append(Section(kind, " ".join(text.split()), at))
            key = None
            continue
        if here != key:
            flush()
            key, line = here, at
        paragraph.append(text)
    flush()
    return result


def auditor_lines(document: Document) -> list[tuple[str, int, tuple[int, int]]]:
    """Lines of the auditor's report with their line and paragraph: all up to the attached statements."""
    lines: list[tuple[str, int, tuple[int, int]]] = []
    is_report = True
    for number, block in enumerate(document.blocks):
        if isinstance(block, Text):
            words = squash(block.text)
            if block.kind == "title" and words:
                is_report = re.search(r"보고서|^목차$|의견", words) is not None and not re.search(
                    r"재무제표\)?$|주석$|실시내용|운영실태|내부회계", words
                )
            if is_report:
                lines.append((block.text, block.line, (0, block.paragraph)))
        elif is_report and not _has_figures(block):
            lines += [
                (part, cell.line, (number + 1, index))
                for row in block.rows
                for cell in row.cells
                for index, part in enumerate(cell.text.split("\n"))
                if part.strip()
            ]
    return lines


def split(text: str) -> list[str]:
    """A paragraph's sentences; reports lose the blank behind a full stop now and then."""
    parts = [part.strip() for part in _END.split(" ".join(text.split()))]
    return [f"{part}." if part.endswith("다") else part for part in parts if part]


def passage(sentence: Sentence, member: str, path: str) -> Passage:
    """A sentence to keep: without people's names, cut where it runs on."""
    text = _NAMED_BEFORE.sub(r"○○○\1", _NAMED.sub(r"\1\2○○○", sentence.text))
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    return Passage(text, Place(member, sentence.line, path))


def _has_figures(table: Table) -> bool:
    """Whether it is a table of figures and not one that only lays text out."""
    cells = [c for row in table.rows for c in row.cells]
    return sum(c.text.replace(",", "").strip(" ()").isdigit() for c in cells) > 2  # noqa: PLR2004
