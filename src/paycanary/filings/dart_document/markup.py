"""DART's own markup -> texts and tables in document order, with their lines.

DART documents look like XML and are not: bare ``&`` and ``<``, ``<주석3>`` as plain words, tags that are never closed, a
declared UTF-8 that is CP949. XML parsers stop there, or mend it by swallowing half a table; they also stop counting lines at
65,535. So the known tags are picked out here and everything else is text. Entities that a document declares are never
expanded and nothing is fetched: there is nothing to blow up.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

_INLINE: Final = "SPAN|A|B|U|I|FONT|STRONG|EM|SUP|SUB"
_BREAKING: Final = "P|BR|DIV|LI|CENTER|H[1-6]|CAPTION|IMG-CAPTION|COVER-TITLE|TITLE"
_OTHER: Final = (
    "DOCUMENT|DOCUMENT-HEADER|DOCUMENT-NAME|FORMULA-VERSION|COMPANY-NAME|SUMMARY|EXTRACTION|BODY|COVER|LIBRARY|SECTION-[0-9]|PART|TABLE-GROUP|"
    "TABLE|COLGROUP|COL|THEAD|TBODY|TFOOT|TR|TH|TD|TE|TU|PGBRK|IMAGE|IMG|CORRECTION|INSERTION|WARNING|HTML|HEAD|META|STYLE|SCRIPT|UL|OL|HR"
)
#: A known tag with its attributes, a comment's or declaration's beginning. A quoted attribute may hold ``>``.
_TAG: Final = re.compile(
    rf"<(?P<close>/?)(?P<name>{_OTHER}|{_BREAKING}|{_INLINE})(?=[\s/>])"
    r"""(?P<attributes>(?:[^<>"']++|"[^"<]{0,500}"|'[^'<]{0,500}')*+|[^<>]*+)>|(?P<special><!--|<!DOCTYPE|<\?)""",
    re.IGNORECASE,
)
_ATTRIBUTE: Final = re.compile(r"""([A-Za-z:_-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_SUBSET: Final = re.compile(r"[^>\[]{0,1000}\[")
_ENDS: Final = {"<!--": "-->", "<?": "?>"}
_CELLS: Final = frozenset({"TD", "TH", "TE", "TU"})
_ROWS: Final = frozenset({"TR", "THEAD", "TBODY", "TFOOT"})
#: What stands in these is not text of the document.
_MUTED: Final = frozenset({"STYLE", "SCRIPT", "FORMULA-VERSION", "EXTRACTION"})
#: Fields of the head: the document's field, the field of its code, the attribute that holds it.
_HEADS: Final = {
    "DOCUMENT-NAME": ("name", "name_code", "ACODE"),
    "COMPANY-NAME": ("company", "company_code", "AREGCIK"),
}
_IS_BREAKING: Final = re.compile(_BREAKING)
_IS_INLINE: Final = re.compile(_INLINE)
_MOST_SPANNED: Final = 60
_LONGEST_NAME: Final = 200
_MOST_GRID: Final = 400_000


@dataclass(slots=True)
class Text:
    """A run of words outside tables: ``kind`` is title or text; runs of one ``paragraph`` belong together."""

    text: str
    line: int
    kind: str
    paragraph: int


@dataclass(slots=True)
class Cell:
    """A table's cell. ``text`` keeps the cell's own line breaks; ``code`` is DART's name for its content (ACODE)."""

    line: int
    tag: str
    columns: int = 1
    rows: int = 1
    code: str = ""
    unit: str = ""
    unit_value: str = ""
    text: str = ""


@dataclass(slots=True)
class Row:
    """A table's row."""

    cells: list[Cell] = field(default_factory=list)
    is_head: bool = False


@dataclass(slots=True)
class Table:
    """A table; one that stands inside another follows it as a table of its own. ``group`` is its TABLE-GROUP's class."""

    line: int
    group: str = ""
    rows: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Document:
    """A document's head and its blocks in order."""

    name: str = ""
    name_code: str = ""
    company: str = ""
    company_code: str = ""
    blocks: list[Text | Table] = field(default_factory=list)


def decode(raw: bytes) -> str:
    """Bytes as text: what they are, whatever the declaration says. Broken bytes become U+FFFD."""
    for bom, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):  # fmt: skip
        if raw.startswith(bom):
            return raw.decode(encoding, errors="replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("cp949")
    except UnicodeDecodeError:
        # A few broken bytes: the encoding in which fewer of them are broken.
        return min((raw.decode(e, errors="replace") for e in ("utf-8", "cp949")), key=lambda t: t.count("�"))  # fmt: skip


def squash(text: str) -> str:
    """Text without any blank: letters are often spaced out (``재 무 상 태 표``)."""
    return "".join(text.split())


def grid(table: Table) -> list[tuple[bool, list[tuple[Cell, bool]]]]:
    """Rows with every cell at its column: (is a head row, [(cell, stands here first)]).

    Cells that span columns or rows are repeated; a table whose spans would fill more than memory should hold is taken without.
    """
    size = sum(
        min(c.columns, _MOST_SPANNED) * min(c.rows, len(table.rows)) for r in table.rows for c in r.cells
    )  # fmt: skip
    spans = size <= _MOST_GRID
    result: list[tuple[bool, list[tuple[Cell, bool]]]] = []
    hanging: dict[int, tuple[Cell, int]] = {}
    for row in table.rows:
        line: list[tuple[Cell, bool]] = []

        def fill(line: list[tuple[Cell, bool]]) -> None:
            while (entry := hanging.get(len(line))) is not None:
                cell, left = entry
                if left > 1:
                    hanging[len(line)] = (cell, left - 1)
                else:
                    del hanging[len(line)]
                line.append((cell, False))

        for cell in row.cells:
            fill(line)
            width = min(cell.columns, _MOST_SPANNED) if spans else 1
            for offset in range(width):
                if spans and cell.rows > 1:
                    hanging[len(line)] = (cell, min(cell.rows, len(table.rows)) - 1)
                line.append((cell, offset == 0))
        fill(line)
        result.append((row.is_head, line))
    return result


def parse(text: str) -> Document:
    """Take a document apart; nothing in it makes this fail."""
    return _Parser(text).parse()


class _Parser:
    """Walks over the tags once, left to right."""

    def __init__(self, text: str) -> None:
        self.source = text
        self.document = Document()
        self.newlines = [m.start() for m in re.finditer("\n", text)]
        self.tables: list[tuple[Table, Row | None, Cell | None, bool]] = []
        self.table: Table | None = None
        self.row: Row | None = None
        self.cell: Cell | None = None
        self.is_head = False
        self.pieces: list[str] = []
        self.start = 0
        self.kind = "text"
        self.head: str | None = None
        self.group = ""
        self.paragraph = 0
        self.is_mute = False

    def parse(self) -> Document:
        source, position, end = self.source, 0, len(self.source)
        unclosed: set[str] = set()
        while (match := _TAG.search(source, position)) is not None:
            if match.start() > position:
                self._take(source[position : match.start()], position)
            position = match.end()
            if special := match["special"]:
                position = self._skip(self._end_of(special, position), position, unclosed)
            elif match["close"]:
                self._close(match["name"].upper())
            else:
                self._open(match["name"].upper(), match["attributes"], match.start())
        if position < end:
            self._take(source[position:], position)
        self._flush()
        return self.document

    def _end_of(self, special: str, position: int) -> str:
        """The mark that ends a comment, an instruction, or a declaration with its inner subset."""
        if special in _ENDS:
            return _ENDS[special]
        inner = _SUBSET.match(self.source, position)
        return "]>" if inner else ">"

    def _skip(self, mark: str, position: int, unclosed: set[str]) -> int:
        """The place behind the mark; where none is left, nothing is skipped and none is sought again."""
        if mark in unclosed:
            return position
        found = self.source.find(mark, position)
        if found < 0:
            unclosed.add(mark)
            return position
        return found + len(mark)

    def _line(self, offset: int) -> int:
        return bisect_right(self.newlines, offset) + 1

    def _take(self, text: str, offset: int) -> None:
        if self.is_mute or (self.table is not None and self.cell is None):
            return
        if "&" in text:
            text = text.replace("&amp;cr;", "\v").replace("&cr;", "\v")
            text = _ENTITY.sub(lambda m: html.unescape(m[0]), text)
        if not self.pieces:
            stripped = text.lstrip(" \t\r\n")
            if not stripped:
                return
            self.start = offset + (len(text) - len(stripped) if "\n" in text else 0)
        self.pieces.append(text.replace("\n", " ").replace("\r", "").replace("\v", "\n"))

    def _flush(self) -> None:
        """End a run of words: it becomes the head's field, the cell's text, or a block for each line of it."""
        if not self.pieces:
            return
        text = "".join(self.pieces)
        self.pieces = []
        if self.head is not None:
            if not getattr(self.document, self.head):
                setattr(self.document, self.head, " ".join(text.split())[:_LONGEST_NAME])
        elif self.cell is not None:
            self.cell.text += text
        else:
            line = self._line(self.start)
            for number, part in enumerate(text.split("\n")):
                self.paragraph += number > 0
                if words := " ".join(part.split()):
                    self.document.blocks.append(Text(words, line, self.kind, self.paragraph))

    def _open(self, name: str, attributes: str, offset: int) -> None:
        if _IS_INLINE.fullmatch(name):
            if self.cell is None:
                self._flush()
            return
        if self.is_mute or self.head is not None:  # it was never closed
            self._flush()
            self.is_mute, self.head = False, None
        if _IS_BREAKING.fullmatch(name):
            self._break(offset)
            self.kind = "title" if name in ("TITLE", "COVER-TITLE") else "text"
        elif name in _MUTED:
            self._flush()
            self.is_mute = True
        elif name in _HEADS:
            self._open_head(name, attributes)
        elif name == "TABLE":
            self._open_table(offset)
        elif self.table is not None and name != "TABLE-GROUP":
            self._open_in_table(name, attributes, offset)
        else:
            self._end_paragraph()
            if name == "TABLE-GROUP":
                self.group = _attributes(attributes).get("ACLASS", "")

    def _open_head(self, name: str, attributes: str) -> None:
        """A field of the document's head begins; only the first of each counts."""
        self._flush()
        self.head, code, attribute = _HEADS[name]
        if not getattr(self.document, code):
            setattr(self.document, code, _attributes(attributes).get(attribute, ""))

    def _end_paragraph(self) -> None:
        self._flush()
        self.kind = "text"
        self.paragraph += 1

    def _break(self, offset: int) -> None:
        """A line ends here."""
        if self.cell is None:
            self._end_paragraph()
        elif self.pieces or self.cell.text:
            self.pieces.append("\n")
        else:
            self.start = offset

    def _open_table(self, offset: int) -> None:
        if (
            self.table is not None
            and self.cell is None
            and self.row is not None
            and not self.row.cells
        ):
            self._leave_table()  # a row that never got a cell: the table before was not closed
        self._flush()
        if self.table is not None:
            self.tables.append((self.table, self.row, self.cell, self.is_head))
        self.table = Table(self._line(offset), self.group)
        self.document.blocks.append(self.table)
        self.row = self.cell = None
        self.is_head = False

    def _open_in_table(self, name: str, attributes: str, offset: int) -> None:
        assert self.table is not None  # noqa: S101 - the one caller has looked
        if name in ("THEAD", "TBODY", "TFOOT"):
            self._flush()
            self.cell = self.row = None
            self.is_head = name == "THEAD"
        elif name == "TR":
            self._flush()
            self.cell = None
            self.row = Row(is_head=self.is_head)
            self.table.rows.append(self.row)
        elif name in _CELLS:
            self._flush()
            if self.row is None:
                self.row = Row(is_head=self.is_head)
                self.table.rows.append(self.row)
            self.cell = Cell(self._line(offset), name)
            values = _attributes(attributes)
            self.cell.columns = _count(values.get("COLSPAN"))
            self.cell.rows = _count(values.get("ROWSPAN"))
            self.cell.code = values.get("ACODE", "")
            self.cell.unit = values.get("AUNIT", "")
            self.cell.unit_value = values.get("AUNITVALUE", "")
            self.row.cells.append(self.cell)
        elif name.startswith("SECTION") or name == "BODY":
            while self.table is not None:  # none of them was closed
                self._leave_table()

    def _close(self, name: str) -> None:
        if name in _MUTED:
            self.is_mute = False
        elif name in _HEADS:
            self._flush()
            self.head = None
        elif name == "TABLE":
            if self.table is not None:
                self._leave_table()
        elif name in _ROWS or name in _CELLS:
            self._flush()
            self.cell = None
            if name in _ROWS:
                self.row = None
                self.is_head = self.is_head and name == "TR"
        elif self.cell is None:
            self._close_outside(name)
        elif _IS_BREAKING.fullmatch(name) and self.pieces:
            self.pieces.append("\n")

    def _close_outside(self, name: str) -> None:
        if _IS_INLINE.fullmatch(name):
            self._flush()
            return
        if name == "TABLE-GROUP":
            self.group = ""
        self._end_paragraph()

    def _leave_table(self) -> None:
        self._flush()
        if self.tables:
            self.table, self.row, self.cell, self.is_head = self.tables.pop()
        else:
            self.table = self.row = self.cell = None


def _attributes(text: str) -> dict[str, str]:
    return {m[1].upper(): m[2] or m[3] or m[4] or "" for m in _ATTRIBUTE.finditer(text)}


def _count(text: str | None) -> int:
    """A span, at least 1."""
    return max(1, int(text)) if text and text.isascii() and text.isdigit() and len(text) < 5 else 1  # noqa: PLR2004 - four digits are more than any table has
