"""``notion``: tables and posts that people keep in Notion."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paycanary.cli.asking import open_session, own_criteria, with_corrections
from paycanary.cli.context import (
    SETTINGS,
    AsOfOption,
    CriteriaOption,
    JsonOption,
    LangOption,
    console,
    extra,
    parse_as_of,
    print_json,
    progress,
    settle,
)
from paycanary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paycanary.errors import Lang
    from paycanary.notion.columns import Choice
    from paycanary.notion.judging import Question

notion_app = typer.Typer(help="Tables of companies that are kept in Notion: from an export, or in place.", no_args_is_help=True)  # fmt: skip

TableOption = Annotated[
    str | None,
    typer.Option("--table", metavar="NAME", help="The table (database), where there are several: its name or its number of 32 digits.", show_default=False),
]  # fmt: skip
ColumnOption = Annotated[
    str | None,
    typer.Option("--column", metavar="NAME", help="The column that names the company; default: one called 회사, 기업, Company or alike, else the title.", show_default=False),
]  # fmt: skip
ForecastOption = Annotated[
    bool,
    typer.Option("--with-forecast", help="Add the probability of failing within 12 months, beside that of all listed companies."),
]  # fmt: skip


@notion_app.command("check")
def check(
    export: Annotated[
        Path,
        typer.Argument(metavar="EXPORT", readable=False, help="The zip of Notion's 'Export → Markdown & CSV' as it is, or the folder it was unpacked to."),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE.csv", help="Write the table with verdicts there, as a CSV that Notion imports.", show_default=False),
    ] = None,
    table: TableOption = None,
    column: ColumnOption = None,
    as_of: AsOfOption = None,
    criteria: CriteriaOption = None,
    with_forecast: ForecastOption = False,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Judge every company in an exported table: level, verdict, runway, change in headcount, sources; what is unknown, and why."""
    from paycanary.notion import check as checking  # noqa: PLC0415
    from paycanary.notion import summary, table_csv  # noqa: PLC0415
    from paycanary.notion.archive import open_export  # noqa: PLC0415
    from paycanary.notion.columns import choices  # noqa: PLC0415
    from paycanary.notion.pages import read_tables  # noqa: PLC0415
    from paycanary.notion.words import words  # noqa: PLC0415
    from paycanary.tasks.writing import write  # noqa: PLC0415

    language = settle(lang, json=json)
    with open_export(export) as archive:
        tables = read_tables(archive)
        chosen = _chosen(choices(tables, archive.name, table, column), language)
        asked = question(as_of, criteria, language, is_title=chosen.is_title, with_forecast=with_forecast)  # fmt: skip
        with progress() as shown:
            report = checking.check(
                open_session(), chosen, asked, export=archive.name, refused=archive.refused, progress=shown
            )  # fmt: skip
    if output is not None:
        content = table_csv.encode(chosen.table, report.rows, language, report.as_of, with_forecast=with_forecast)  # fmt: skip
        write(output, content)
    if json:
        print_json(report)
        return
    console().print(summary.show(report, language))
    if output is not None:
        console().print(str(words("check", language)["written"]).format(file=output), markup=False)


@notion_app.command("sync")
def sync(
    database: Annotated[
        str,
        typer.Argument(metavar="DATABASE", help="The database's address ('Copy link' in Notion) or its number of 32 digits. The integration's token is read from NOTION_TOKEN."),
    ],
    table: TableOption = None,
    column: ColumnOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be written; change nothing in Notion.")
    ] = False,
    as_of: AsOfOption = None,
    criteria: CriteriaOption = None,
    with_forecast: ForecastOption = False,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Write verdicts into a database of Notion, in place: only columns of its own, only rows that change; goes on where it stopped."""
    language = settle(lang, json=json)
    with extra("notion"):
        from paycanary.notion.api import Notion, database_id  # noqa: PLC0415
    from paycanary.notion import summary  # noqa: PLC0415
    from paycanary.notion import sync as syncing  # noqa: PLC0415

    number = database_id(database)
    asked = question(as_of, criteria, language, is_title=False, with_forecast=with_forecast)
    with Notion.from_environment() as notion:
        title, tables = syncing.find_tables(notion, number, table)
        source_id, _ = tables[_named([name or i for i, name in tables], "unclear_table", language)]
        source = syncing.read_source(notion, source_id, title)
        columns = syncing.company_columns(source, column)
        name = columns[_named(columns, "unclear_column", language)]
        asked = replace(asked, is_title=name == source.title_column)
        with progress() as shown:
            report = syncing.sync(
                open_session(), notion, source, name, asked, is_dry_run=dry_run, progress=shown
            )  # fmt: skip
    if json:
        print_json(report)
    else:
        console().print(summary.show_sync(report, language))


def _named(names: Sequence[str], key: str, lang: Lang) -> int:
    """The place of the name that is meant; in a terminal a person chooses among several.

    Raises:
        UsageError: there are several, and nobody to ask.
    """
    from paycanary.notion.summary import named  # noqa: PLC0415
    from paycanary.notion.words import both  # noqa: PLC0415

    if len(names) == 1:
        return 0
    if _is_asked():
        console().print(named(names, lang))
        return _number(len(names), lang) - 1
    told = {"count": len(names), "known": ", ".join(names)}
    raise UsageError(both("sync", key, **told), both("sync", f"{key}_todo", **told))


def question(
    as_of: str | None, criteria: Path | None, lang: Lang, *, is_title: bool, with_forecast: bool
) -> Question:
    """How rows are to be judged, from what was typed.

    Raises:
        DateError: no such day, or a day to come.
        CriteriaError: criteria that cannot be used.
    """
    from paycanary.notion.judging import Question  # noqa: PLC0415

    own = own_criteria(criteria)
    return Question(parse_as_of(as_of), lang, own, is_title, with_forecast, with_corrections)


def _chosen(found: Sequence[Choice], lang: Lang) -> Choice:
    """The table and column meant; in a terminal a person chooses among several."""
    from paycanary.notion.columns import unclear  # noqa: PLC0415
    from paycanary.notion.summary import choices  # noqa: PLC0415

    if len(found) == 1:
        return found[0]
    if not _is_asked():
        raise unclear(found)
    console().print(choices(found, lang))
    return found[_number(len(found), lang) - 1]


def _is_asked() -> bool:
    """Whether there is a person at a terminal to choose."""
    return not SETTINGS.json and sys.stdin.isatty() and sys.stdout.isatty()


def _number(most: int, lang: Lang) -> int:
    from paycanary.notion.words import words  # noqa: PLC0415

    number = 0
    while not 1 <= number <= most:
        number = int(typer.prompt(str(words("check", lang)["choose"]), type=int))
    return number
