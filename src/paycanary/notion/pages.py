"""Pages and tables of an export.

::

    with open_export(path) as archive:
        for page in read_pages(archive): ...     # every .md
        for table in read_tables(archive): ...   # every database, rows joined to their pages
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from paycanary.errors import InputFileError
from paycanary.notion.names import split_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from paycanary.notion.archive import Archive

_PROPERTY: Final = re.compile(r"(?P<key>[^\s:][^:\n]{0,99}): ?(?P<value>.*)")
_HEADING: Final = re.compile(r"\s*# ?(?P<title>[^\n]*)(?:\n|$)")
_ESCAPE: Final = re.compile(r"\\([\\`*_{}\[\]()<>#+\-.!|~$])")
#: How Notion heads a page without a title; its cell in the table is empty.
_UNTITLED: Final = frozenset({"untitled", "제목 없음"})
#: Characters of one cell: a page's text may stand in a table.
_LONGEST_CELL: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class Page:
    """One ``.md`` file: ``# Title``, an empty line, ``Key: Value`` lines, an empty line, content.

    Attributes:
        id: 32 hex digits from the file's name; None where it bears none.
        title: the heading; the file's name where there is no heading.
        path: of the file in the archive, NFC.
        properties: name -> value as written; values of several lines keep their line ends.
        body: Markdown below the properties, without empty lines at its ends.
        head: the property lines as they stand in the file; "" where there are none.
        is_guessed: no table in the export tells which lines are properties, so lines that look like some were taken:
            who must lose no text puts ``head`` before ``body``.
    """

    id: str | None
    title: str
    path: str
    properties: dict[str, str]
    body: str
    head: str = ""
    is_guessed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A database.

    Attributes:
        name: from the file's name.
        id: 32 hex digits of the database (of a view: the view's); None where the name bears none.
        path: of the CSV in the archive.
        columns: names in the file's order; a name that comes twice gets `` (2)``.
        title_column: the column that holds the pages' titles.
        rows: column -> cell as written, "" where there is none.
        pages: as many as rows; None where a row has no page that is surely its own.
        unjoined: number of the row, from 0 -> ``no_page`` or ``several_pages`` (equal titles that the properties do not tell apart).
        is_view: only what a view shows stands in the export; Notion left ``_all.csv`` out.
        uneven: rows with more or fewer cells than there are columns.
    """

    name: str
    id: str | None
    path: str
    columns: list[str]
    title_column: str
    rows: list[dict[str, str]]
    pages: list[Page | None]
    unjoined: dict[int, str] = field(default_factory=dict)
    is_view: bool = False
    uneven: int = 0


def read_page(path: str, text: str, columns: Collection[str] | None = None) -> Page:
    """A page from its Markdown.

    Args:
        path: of its file.
        text: what stands in it.
        columns: names of properties there may be; None: every line right below the title that looks like one is taken,
            if all of the lines up to the next empty one do.
    """
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    stem, page_id, _ = split_id(path.rpartition("/")[2].removesuffix(".md"))
    heading = _HEADING.match(text)
    title = _ESCAPE.sub(r"\1", heading["title"]).strip() if heading else ""
    rest = (text[heading.end() :] if heading else text).strip("\n")
    block, _, body = rest.partition("\n\n")
    properties = _properties(block, columns)
    if not properties:
        block, body = "", rest
    return Page(
        page_id, title or stem, path, properties, body.strip("\n"), block, is_guessed=columns is None and bool(properties)
    )  # fmt: skip


def read_pages(archive: Archive, columns: Collection[str] | None = None) -> Iterator[Page]:
    """Every page of an export, by path. A page that cannot be read is added to ``archive.refused``."""
    for path in sorted(archive.members):
        if path.lower().endswith(".md") and (page := _page(archive, path, columns)) is not None:
            yield page


def read_tables(archive: Archive) -> list[Table]:
    """Every database of an export, by path.

    ``_all.csv`` is read where there is one, and a view of the same database is left out; a CSV alone is a view. A table that
    cannot be read is added to ``archive.refused``.
    """
    chosen: dict[str, str] = {}
    for path in sorted(archive.members):
        if not path.lower().endswith(".csv"):
            continue
        folder, _, name = path.rpartition("/")
        title, table_id, is_all = split_id(name[:-4])
        key = table_id or f"{folder}/{title}"
        if is_all or key not in chosen:
            chosen[key] = path
    tables = [_table(archive, path) for path in sorted(chosen.values())]
    return [table for table in tables if table is not None]


def _page(archive: Archive, path: str, columns: Collection[str] | None) -> Page | None:
    try:
        raw = archive.read(path)
    except InputFileError:
        archive.refuse(path, "broken")
        return None
    return read_page(path, unicodedata.normalize("NFC", raw.decode("utf-8", errors="replace")), columns)  # fmt: skip


def _properties(block: str, columns: Collection[str] | None) -> dict[str, str]:
    """Properties of the lines below a title; none where they are no properties."""
    found: dict[str, str] = {}
    last: str | None = None
    for line in block.split("\n"):
        match = _PROPERTY.fullmatch(line)
        key = match["key"].strip() if match else ""
        if match and key not in found and (columns is None or key in columns):
            found[key] = match["value"]
            last = key
        elif columns is None or last is None:
            return {}
        else:
            found[last] += f"\n{line}"
    return found


# --- tables -----------------------------------------------------------------------------------------


def _table(archive: Archive, path: str) -> Table | None:
    try:
        raw = archive.read(path)
    except InputFileError:
        archive.refuse(path, "broken")
        return None
    lines = _cells(unicodedata.normalize("NFC", raw.decode("utf-8-sig", errors="replace")))
    if not lines:
        archive.refuse(path, "empty")
        return None
    columns = _unique(lines[0])
    uneven = sum(len(line) != len(columns) for line in lines[1:])
    rows = [dict(zip(columns, line + [""] * len(columns), strict=False)) for line in lines[1:]]
    name, table_id, is_all = split_id(path.rpartition("/")[2][:-4])
    near = _near(archive, path, columns)
    title_column = _title_column(columns, rows, near)
    pages, unjoined = _join(rows, title_column, near)
    return Table(name, table_id, path, columns, title_column, rows, pages, unjoined, not is_all, uneven)  # fmt: skip


def _cells(text: str) -> list[list[str]]:
    """A CSV's lines, without those that are empty; line ends within cells become plain."""
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
    lines = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""))
    return [[cell.replace("\r\n", "\n") for cell in line] for line in lines if any(line)]


def _unique(names: Sequence[str]) -> list[str]:
    seen: dict[str, int] = defaultdict(int)
    columns = []
    for name in (name.strip() for name in names):
        seen[name] += 1
        columns.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return columns


def _near(archive: Archive, path: str, columns: Sequence[str]) -> list[Page]:
    """Pages that may be a table's rows: those of its folder, or beside it where the export has no folders."""
    folder, _, file = path.rpartition("/")
    title, table_id, _ = split_id(file[:-4])
    prefix = f"{folder}/" if folder else ""
    own = {f"{prefix}{title}", f"{prefix}{title} {table_id}"}
    beside: list[str] = []
    within: list[str] = []
    for other in archive.members:
        if other.lower().endswith(".md"):
            where = other.rpartition("/")[0]
            if where in own:
                within.append(other)
            elif where == folder:
                beside.append(other)
    read = (_page(archive, other, columns) for other in sorted(within or beside))
    return [page for page in read if page is not None]


def _title_column(columns: list[str], rows: list[dict[str, str]], near: list[Page]) -> str:
    """The column in which most of the pages' titles stand; the first where there are no pages."""
    titles = {_comparable(page.title) for page in near}

    def told(column: str) -> int:
        return sum(_comparable(row[column]) in titles for row in rows if row[column])

    return max(columns, key=told) if titles else columns[0]


def _join(
    rows: list[dict[str, str]], title_column: str, near: list[Page]
) -> tuple[list[Page | None], dict[int, str]]:
    """A page for every row that has one surely, and why the others have none."""
    by_title: dict[str, list[Page]] = defaultdict(list)
    for page in near:
        by_title[_comparable(page.title)].append(page)
    alike: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        alike[_comparable(row[title_column])].append(number)
    pages: list[Page | None] = [None] * len(rows)
    unjoined: dict[int, str] = {}
    for title, numbers in alike.items():
        candidates = by_title.get(title, [])
        if len(numbers) == len(candidates) == 1:
            pages[numbers[0]] = candidates[0]
            continue
        for number in numbers:
            pages[number] = _own(number, numbers, rows, candidates)
            if pages[number] is None:
                unjoined[number] = "several_pages" if candidates else "no_page"
    return pages, unjoined


def _own(number: int, numbers: list[int], rows: list[dict[str, str]], candidates: list[Page]) -> Page | None:  # fmt: skip
    """The page whose properties are like this row's and like no other row's; None where several are equally like it."""

    def likeness(row: dict[str, str], page: Page) -> int:
        return sum(bool(value) and row.get(key) == value for key, value in page.properties.items())

    scores = sorted(((likeness(rows[number], page), i) for i, page in enumerate(candidates)), reverse=True)  # fmt: skip
    if not scores or (len(scores) > 1 and scores[0][0] == scores[1][0]):
        return None
    best, place = scores[0]
    others = [likeness(rows[other], candidates[place]) for other in numbers if other != number]
    return candidates[place] if all(best > other for other in others) else None


def _comparable(title: str) -> str:
    told = " ".join(_ESCAPE.sub(r"\1", title).split()).casefold()
    return "" if told in _UNTITLED else told
