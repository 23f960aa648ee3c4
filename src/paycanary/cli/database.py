"""``database``: the tables of the service's own state (watchlists, corrections, jobs, keys of the API)."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from paycanary.cli.context import JsonOption, LangOption, console, extra, print_json, settle
from paycanary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paycanary.errors import Lang
    from paycanary.state.database import Database


database_app = typer.Typer(
    help="Tables of the service's own state: DATABASE_URL, else a SQLite file in paycanary's home.",
    no_args_is_help=True,
)
#: What a program is told that waits for the tables: they are not those this version needs.
_NOT_CURRENT = 9


@database_app.command()
def upgrade(
    revision: Annotated[
        str, typer.Argument(metavar="[REVISION]", help="Default: the newest.", show_default=False)
    ] = "head",
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:
    """Bring the tables to a revision; `serve` and `worker` bring them to the newest when they start."""
    language = settle(lang, json=json)
    with _opened() as database:
        database.upgrade(revision)
        _tell(database, language, json=json)


@database_app.command()
def downgrade(
    revision: Annotated[str, typer.Argument(metavar="REVISION", help="Such as 0001; `base` drops all tables.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Take the tables back to a revision; what only newer ones hold is deleted."""
    language = settle(lang, json=json)
    with _opened() as database:
        _confirm(database, revision, language, is_sure=yes)
        database.downgrade(revision)
        _tell(database, language, json=json)


@database_app.command()
def status(lang: LangOption = None, json: JsonOption = False) -> None:
    """Tell the tables' revision; ends with 9 unless this version can work on them: they are the newest it knows, or one newer."""
    language = settle(lang, json=json)
    with _opened() as database:
        if not _tell(database, language, json=json):
            raise typer.Exit(_NOT_CURRENT)


@contextmanager
def _opened() -> Iterator[Database]:
    with extra("serve"):
        from paycanary.state.database import Database, database_url  # noqa: PLC0415

    database = Database(database_url())
    try:
        yield database
    finally:
        database.close()


def _tell(database: Database, lang: Lang, *, json: bool) -> bool:
    """Print how the tables stand; whether this version can work on them."""
    from paycanary.documents import DatabaseStatus  # noqa: PLC0415
    from paycanary.state.database import is_next, newest_revision  # noqa: PLC0415

    revision, newest = database.revision(), newest_revision()
    told = DatabaseStatus(
        database=database.shown, revision=revision, newest=newest, is_current=revision == newest
    )
    none = {"ko": "없음", "en": "none"}[lang]
    if json:
        print_json(told)
    else:
        console().print({
            "ko": f"{told.database}: 표의 판 {revision or none}, 필요한 판 {newest}.",
            "en": f"{told.database}: tables at revision {revision or none}, needed {newest}.",
        }[lang])  # fmt: skip
    return told.is_current or is_next(revision)


def _confirm(database: Database, revision: str, lang: Lang, *, is_sure: bool) -> None:
    if is_sure:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            {"ko": "표를 되돌리면 자료가 지워집니다.", "en": "Taking tables back deletes data."},
            {"ko": "정말이면 --yes 를 주세요.", "en": "Give --yes if you mean it."},
        )
    question = {
        "ko": f"{database.shown} 을(를) {revision} 판으로 되돌릴까요? 자료가 지워집니다.",
        "en": f"Take {database.shown} back to {revision}? Data will be deleted.",
    }[lang]
    typer.confirm(question, abort=True)
