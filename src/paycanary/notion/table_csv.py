"""A table with verdicts as a CSV that Notion imports: UTF-8 with its mark, titles first, ISO days, plain numbers."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Final

from paycanary.notion import values
from paycanary.notion.dates import iso_column

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from paycanary.documents.notion import NotionRow
    from paycanary.errors import Lang
    from paycanary.notion.pages import Table

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA: Final = re.compile(r"^[\s\ufeff]*[=+\-@＝＋－＠|]|^[\t\r\n]")
_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)*%?")


def encode(table: Table, rows: Sequence[NotionRow], lang: Lang, as_of: date, *, with_forecast: bool) -> bytes:  # fmt: skip
    """The table's own columns, titles first and dates as ISO, then paycanary's, then the page's number.

    A column of the table that bears a name of paycanary's (it was written by an earlier run) is left out.
    """
    added = values.columns(with_forecast=with_forecast)
    named = {column: values.name(column, lang) for column in (*added, "page")}
    kept = [c for c in table.columns if c != table.title_column and c not in values.all_names()]
    own = [table.title_column, *kept]
    cells = {column: [row[column] for row in table.rows] for column in own}
    for column in kept:
        cells[column] = iso_column(cells[column]) or cells[column]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([guarded(c) for c in (*own, *named.values())])
    for number, row in enumerate(rows):
        told = values.values(row, lang, as_of)
        line = [cells[column][number] for column in own]
        line += [_written(told[column]) for column in added]
        writer.writerow([guarded(cell) for cell in (*line, row.page_id or "")])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", errors="replace")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe before what would begin one. Numbers stay as they are."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell.strip()) else cell


def _written(value: values.Value) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value)
