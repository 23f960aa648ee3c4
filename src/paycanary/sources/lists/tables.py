"""HTML tables of public lists -> rows, without the cells that name a person.

A page's table is known by its header. A header, a row or an end that is not as expected means that the page was changed, and
nothing is taken from it: a column read for another could let a person's name through.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from paycanary.sources.web.calls import Row

#: Set on a row that was left out because it may name a person: it is counted, and holds nothing else.
LEFT_OUT: Final = "left_out"
#: A person's name is two syllables at least; a single letter stands in every company's name.
_SHORTEST_NAME: Final = 2
#: A page of a hundred entries is a tenth of a megabyte, KIND's whole lists are one or two.
MAX_BYTES: Final = 16 << 20
#: Columns that any of these lists has, by far.
_MOST_CELLS: Final = 40
_LONGEST_CELL: Final = 500
#: Control characters have no place in HTML, and its parser gives them back in ways that it does not take.
_NO_CONTROLS: Final = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])
#: What the only cell of a table without entries says: '조회된 데이터가 없습니다.', '조회된 결과값이 없습니다.'
_EMPTY: Final = re.compile(r"없습니다|없음")
_LEGAL_FORM: Final = re.compile(
    r"\((주|유|유한|합|합자|재|사|의|복|학|농)\)|㈜|㈔|주식회사|유한회사|유한책임회사|합자회사|합명회사|법인|조합"
)
_PROVINCES: Final = {
    "서울": "서울특별시", "부산": "부산광역시", "대구": "대구광역시", "인천": "인천광역시", "광주": "광주광역시",
    "대전": "대전광역시", "울산": "울산광역시", "세종": "세종특별자치시", "경기": "경기도", "강원": "강원특별자치도",
    "충북": "충청북도", "충청북": "충청북도", "충남": "충청남도", "충청남": "충청남도", "전북": "전북특별자치도",
    "전라북": "전북특별자치도", "전남": "전라남도", "전라남": "전라남도", "경북": "경상북도", "경상북": "경상북도",
    "경남": "경상남도", "경상남": "경상남도", "제주": "제주특별자치도",
}  # fmt: skip


class LayoutError(ValueError):
    """The page is not the one that is known: its text says what differs and quotes no cell."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a list's table is laid out.

    Args:
        columns: for every column, in order, the words of which its header holds one.
        kept: field of the row -> place of its column. What is not named here is never read out.
        persons: places of columns that name a person: a row whose ``name`` holds what stands there is left out.
    """

    columns: tuple[tuple[str, ...], ...]
    kept: dict[str, int]
    persons: tuple[int, ...] = ()


@dataclass(slots=True)
class Page:
    """What a page holds: its rows, how many there are on all pages (None: not stated), and its words outside tables.

    Each row of a list with amounts says its ``unit`` (``원``, ``백만원``; None: the page does not state one).
    """

    rows: list[Row] = field(default_factory=list)
    total: int | None = None
    text: str = ""


_UNIT: Final = re.compile(r"(?:단위\s*[:：]?\s*|\()(백만|천|만|억)?\s*원")
_TOTAL: Final = re.compile(r"(?:전체|총)\s*(?:게시물|건수)?\s*[:：]?\s*([0-9][0-9,]{0,11})\s*(?:건|개|명)?")  # fmt: skip


def read_page(body: bytes, layout: Layout) -> Page:
    """The list on a page.

    Raises:
        LayoutError: no such table, another number of columns, or a table that breaks off.
    """
    tree = parse_html(_whole(body))
    page = Page()
    table, header = _find(tree, layout)
    page.rows = [_kept(cells, layout) for cells in _filled(table, len(layout.columns))]
    caption = " ".join(_text(part) for part in table.iter("caption"))
    page.text = _words_outside(tree)
    if "amount" in layout.kept:
        stated = _UNIT.search(f"{header[layout.kept['amount']]} {caption} {page.text}")
        unit = f"{stated[1] or ''}원" if stated else None
        page.rows = [row if LEFT_OUT in row else {**row, "unit": unit} for row in page.rows]
    found = _TOTAL.search(page.text)
    page.total = int(found[1].replace(",", "")) if found else None
    return page


def read_named(body: bytes, wanted: dict[str, str]) -> list[Row]:
    """Rows of the table that has all the wanted columns, wherever they stand; no other column is read.

    Args:
        body: the page.
        wanted: field of the row -> its column's header, without blanks.

    Raises:
        LayoutError: no such table, or one that breaks off.
    """
    for table in parse_html(_whole(body)).iter("table"):
        for header in _headers(table):
            if set(wanted.values()) <= set(header):
                places = {field: header.index(name) for field, name in wanted.items()}
                return [
                    {field: cells[place] or None for field, place in places.items()}
                    for cells in _filled(table, len(header))
                ]
    raise LayoutError(f"no table with the columns {', '.join(wanted.values())}")


def _whole(body: bytes) -> str:
    """The text of a page whose last table has an end: a page that breaks off would be parsed as a shorter list."""
    text = decode(body)
    lower = text.lower()
    if lower.rfind("</table") <= max(lower.rfind("<td"), lower.rfind("<tr"), 0):
        raise LayoutError("no table, or one without an end")
    return text


def decode(body: bytes) -> str:
    """Text of a page: UTF-8, else the Korean code page that older sites still speak.

    Raises:
        LayoutError: neither.
    """
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return body.decode(encoding).translate(_NO_CONTROLS)
        except UnicodeDecodeError:
            continue
    raise LayoutError("neither UTF-8 nor EUC-KR")


def parse_html(text: str) -> Any:
    """The tree of an HTML text; no file, address or entity of its own making is followed.

    Raises:
        LayoutError: no HTML at all.
    """
    from lxml import etree, html  # noqa: PLC0415 - heavy; only when a page is read

    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)  # fmt: skip
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        raise LayoutError("no HTML") from None
    for broken in tree.iter("br", "p", "div", "li"):
        broken.tail = f" {broken.tail or ''}"
    return tree


def province(address: str | None) -> str | None:
    """The province or metropolitan city that an address begins with; None where it begins otherwise."""
    first = (address or "").split()
    if not first:
        return None
    name = re.sub(r"(특별자치도|특별자치시|특별시|광역시|도|시)$", "", first[0])
    return _PROVINCES.get(name)


def has_legal_form(name: str | None) -> bool:
    """Whether a name says that it is a corporation's."""
    return bool(name and _LEGAL_FORM.search(name))


def plain(text: str) -> str:
    """A header or name without blanks."""
    return re.sub(r"\s+", "", text)


def _find(tree: Any, layout: Layout) -> tuple[Any, list[str]]:
    seen = set()
    for table in tree.iter("table"):
        for header in _headers(table):
            if len(header) == len(layout.columns) and all(
                any(word in cell for word in words)
                for cell, words in zip(header, layout.columns, strict=True)
            ):
                return table, header
            seen.add(len(header))
    met = ", ".join(map(str, sorted(seen))) or "none"
    raise LayoutError(f"no table with the known {len(layout.columns)} columns, but {met}")


def _headers(table: Any) -> Iterator[list[str]]:
    """Rows that consist of header cells."""
    for row in table.iter("tr"):
        cells = _cells(row)
        if cells and all(cell.tag == "th" for cell in cells):
            yield [plain(_text(cell)) for cell in cells]


def _rows(table: Any) -> Iterator[list[str]]:
    """Cells of every other row; its first cell may be a header cell too."""
    for row in table.iter("tr"):
        cells = _cells(row)
        if any(cell.tag == "td" for cell in cells):
            yield [_text(cell) for cell in cells]


def _filled(table: Any, width: int) -> Iterator[list[str]]:
    """Rows of ``width`` cells; none where the table says that it has none."""
    for cells in _rows(table):
        if len(cells) == 1 and _EMPTY.search(cells[0]):
            return
        if len(cells) != width:
            raise LayoutError(f"a row of {len(cells)} cells, not {width}")
        yield cells


def _cells(row: Any) -> list[Any]:
    return [cell for cell in row if cell.tag in ("td", "th")][: _MOST_CELLS + 1]


def _kept(cells: Sequence[str], layout: Layout) -> Row:
    row: Row = {name: cells[place] or None for name, place in layout.kept.items()}
    name = plain(row.get("name") or "")
    for place in layout.persons:
        person = plain(cells[place])
        if len(person) >= _SHORTEST_NAME and person in name:
            return {LEFT_OUT: "person"}
    return row


def _text(cell: Any) -> str:
    return " ".join("".join(cell.itertext()).split())[:_LONGEST_CELL]


def _words_outside(tree: Any) -> str:
    """Text of the page without its tables: where totals and publication periods stand, and no entry does."""
    for table in list(tree.iter("table", "script", "style")):
        parent = table.getparent()
        if parent is not None:
            table.drop_tree()
    return " ".join(" ".join(tree.itertext()).split())
