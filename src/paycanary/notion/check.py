"""A table of an export -> its rows judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paycanary.documents.notion import NotionCheck, RefusedFile
from paycanary.notion.judging import Asked, Question, judge
from paycanary.notion.summary import counted
from paycanary.notion.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from paycanary.notion.archive import Refused
    from paycanary.notion.columns import Choice
    from paycanary.notion.pages import Table
    from paycanary.progress import Progress
    from paycanary.verdict import Session


def check(
    session: Session,
    choice: Choice,
    question: Question,
    *,
    export: str,
    refused: Sequence[Refused],
    progress: Progress,
) -> NotionCheck:
    """Judge every row of a table.

    Args:
        session: asked about the companies; warmed once for all.
        choice: the table and the column that names them.
        question: day, language, criteria.
        export: the export's name.
        refused: files of it that were not read.
        progress: told as it goes.
    """
    rows = judge(session, _asked(choice.table, choice.column), question, progress)
    levels, states = counted(rows)
    reasons = words("export", question.lang)["refused"]
    return NotionCheck(
        export=export,
        table=choice.table.name,
        is_view=choice.table.is_view,
        column=choice.column,
        as_of=question.as_of,
        sample=session.reader.is_sample,
        levels=levels,
        states=states,
        uneven_rows=choice.table.uneven,
        refused=[
            RefusedFile(path=r.path, reason=r.reason, says=reasons[r.reason]) for r in refused
        ],
        rows=rows,
    )


def _asked(table: Table, column: str) -> Iterator[Asked]:
    for place, (row, page) in enumerate(zip(table.rows, table.pages, strict=True)):
        unknown = table.unjoined.get(place) if page is None or page.id is None else None
        yield Asked(
            place + 1,
            row[table.title_column],
            row[column],
            page.id if page else None,
            "several_pages" if unknown == "several_pages" else "no_page" if unknown else None,
        )
