"""Verdicts written into a database of Notion, in place: only paycanary's own properties, and only where they change.

A run that was killed goes on where it stopped, since a row that holds the same verdict of the same day is not written again.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from paycanary.documents.notion import NotionSync, SyncedRow
from paycanary.errors import (  # fmt: skip
    KeyRefusedError,
    PaycanaryError,
    SourceError,
    UnreachableError,
    UsageError,
)
from paycanary.notion import properties, values
from paycanary.notion.columns import fitting
from paycanary.notion.judging import Asked, Question, judge
from paycanary.notion.summary import counted
from paycanary.notion.words import both, words

if TYPE_CHECKING:
    from paycanary.documents.notion import NotionRow
    from paycanary.errors import Lang
    from paycanary.notion.api import Notion
    from paycanary.progress import Progress
    from paycanary.verdict import Session

#: Rows in a row that could not be written for want of an answer, after which the rest is not tried.
_UNREACHED: Final = 3


@dataclass(frozen=True, slots=True)
class Source:
    """A table of a database: ``columns`` are property -> type."""

    id: str
    name: str
    database: str
    columns: dict[str, str]

    @property
    def title_column(self) -> str:
        """The property that holds the pages' titles."""
        return next(name for name, kind in self.columns.items() if kind == "title")


def find_tables(notion: Notion, number: str, table: str | None) -> tuple[str, list[tuple[str, str]]]:  # fmt: skip
    """A database's title and its tables that fit (number, name), by the database's number or a table's own.

    Raises:
        UsageError: no table is called ``table``.
        SourceError: the database cannot be read.
    """
    what = both("sync", "database", id=number)
    try:
        database = notion.database(number, what)
    except (KeyRefusedError, UnreachableError):
        raise
    except SourceError as error:
        try:  # since version 2025-09-03 a table has a number of its own, which 'Copy data source ID' gives
            source = notion.data_source(number, what)
        except SourceError:
            raise error from None
        return _title(source), [(number, _title(source))]
    found = [(str(s["id"]), str(s.get("name") or "")) for s in database.get("data_sources") or ()]
    if not found:
        raise UsageError(both("sync", "no_tables", what=_title(database)), both("sync", "no_tables_todo"))  # fmt: skip
    if table is None:
        return _title(database), found
    fits = [(i, name) for i, name in found if _alike(table, name) or _alike(table, i)]
    if not fits:
        told = {"option": "--table", "name": table[:80], "known": ", ".join(n for _, n in found)}
        raise UsageError(both("check", "no_such", **told), both("check", "no_such_todo", **told))
    return _title(database), fits


def read_source(notion: Notion, number: str, database: str) -> Source:
    """A table with its properties."""
    answer = notion.data_source(number, both("sync", "database", id=number))
    held = answer.get("properties") or {}
    columns = {str(name): str(about.get("type")) for name, about in held.items()}
    return Source(number, _title(answer) or database, database, columns)


def company_columns(source: Source, column: str | None) -> list[str]:
    """Properties that may name the company: one where it is clear.

    Raises:
        UsageError: ``column`` is none that can be read.
    """
    readable = [name for name, kind in source.columns.items() if kind in properties.READABLE]
    if column is None:
        return fitting(readable, source.title_column)[0]
    named = [name for name in readable if _alike(name, column)]
    if not named:
        told = {"name": column[:80], "known": ", ".join(readable)}
        raise UsageError(both("sync", "no_column", **told), both("sync", "no_column_todo", **told))
    return named


def sync(
    session: Session,
    notion: Notion,
    source: Source,
    column: str,
    question: Question,
    *,
    is_dry_run: bool,
    progress: Progress,
) -> NotionSync:
    """Judge every row of a table and write what changed.

    Args:
        session: asked about the companies; warmed once for all.
        notion: where the table is.
        source: the table.
        column: the property that names the company.
        question: day, language, criteria.
        is_dry_run: nothing is written, only told.
        progress: told as it goes.

    Raises:
        KeyRefusedError: the token is not valid (any more); rows written until then stay.
        UnreachableError: Notion does not answer, several rows long.
        SourceError: the table cannot be read, or properties cannot be added.
    """
    lang = question.lang
    what = both("sync", "database", id=source.id)
    ours = {c: values.name(c, lang) for c in values.columns(with_forecast=question.with_forecast)}
    missing = [c for c, name in ours.items() if name not in source.columns]
    occupied = [c for c, name in ours.items() if source.columns.get(name, properties.type_of(c)) != properties.type_of(c)]  # fmt: skip
    pages = list(notion.rows(source.id, what))
    titles: dict[str, str] = {}
    asked = [
        Asked(n, properties.title(page), _cell(notion, page, column, titles), _number(page))
        for n, page in enumerate(pages, 1)
    ]
    rows = judge(session, asked, question, progress)
    if missing and not is_dry_run:
        notion.add_properties(source.id, {ours[c]: properties.schema(c, lang) for c in missing}, what)  # fmt: skip
    writable = {c: name for c, name in ours.items() if c not in occupied}
    progress.step(str(words("check", lang)["step_write"]), len(rows))
    writer = _Writer(notion, writable, question, is_dry_run=is_dry_run)
    synced = []
    for page, row in zip(pages, rows, strict=True):
        synced.append(writer.write(page, row))
        progress.advance()
    levels, states = counted(rows)
    return NotionSync(
        database=source.database,
        table=source.name,
        column=column,
        as_of=question.as_of,
        sample=session.reader.is_sample,
        is_dry_run=is_dry_run,
        created=[ours[c] for c in missing],
        occupied=[ours[c] for c in occupied],
        levels=levels,
        states=states,
        outcomes=dict(sorted(Counter(row.outcome for row in synced).items())),
        rows=synced,
    )


class _Writer:
    """Writes rows one by one; a row that fails is told, and does not stop the rest."""

    def __init__(self, notion: Notion, columns: dict[str, str], question: Question, *, is_dry_run: bool) -> None:  # fmt: skip
        self._notion = notion
        self._columns = columns
        self._question = question
        self._is_dry_run = is_dry_run
        self._unreached = 0

    def write(self, page: dict[str, Any], row: NotionRow) -> SyncedRow:
        """Write a row where it differs."""
        lang = self._question.lang
        told = values.values(row, lang, self._question.as_of)
        held = page.get("properties") or {}
        if all(properties.is_same(c, held.get(name), told[c]) for c, name in self._columns.items()):
            return _synced(row, "unchanged")
        if self._is_dry_run:
            return _synced(row, "would_write")
        new = {name: properties.written(c, told[c]) for c, name in self._columns.items()}
        try:
            self._notion.write(str(page["id"]), new, both("sync", "row", title=row.title[:80]))
        except KeyRefusedError:
            raise
        except UnreachableError as error:
            self._unreached += 1
            if self._unreached >= _UNREACHED:
                raise
            return _synced(row, "failed", error, lang)
        except PaycanaryError as error:
            self._unreached = 0
            return _synced(row, "failed", error, lang)
        self._unreached = 0
        return _synced(row, "written")


def _synced(row: NotionRow, outcome: str, error: PaycanaryError | None = None, lang: Lang = "en") -> SyncedRow:  # fmt: skip
    told = {name: getattr(row, name) for name in type(row).model_fields}
    return SyncedRow(**told, outcome=outcome, fault=error.line(lang) if error else None)


def _cell(notion: Notion, page: dict[str, Any], column: str, titles: dict[str, str]) -> str:
    """The text that names the company; of a relation, the titles of the pages it leads to, each asked for once."""
    value = (page.get("properties") or {}).get(column) or {}
    if value.get("type") != "relation":
        return properties.text(value)
    for number in properties.related(value):
        if number not in titles:
            try:
                titles[number] = properties.title(notion.page(number, both("sync", "database", id=number)))  # fmt: skip
            except (KeyRefusedError, UnreachableError):
                raise
            except SourceError:  # a page that is not shared has no name for us
                titles[number] = ""
    return "\n".join(filter(None, (titles[n] for n in properties.related(value))))


def _title(about: dict[str, Any]) -> str:
    return "".join(str(piece.get("plain_text", "")) for piece in about.get("title") or ())


def _number(page: dict[str, Any]) -> str:
    return str(page.get("id", "")).replace("-", "")


def _alike(one: str, other: str) -> bool:
    first, second = (unicodedata.normalize("NFC", t).casefold().replace("-", "").strip() for t in (one, other))  # fmt: skip
    return first == second
