"""``corrections``: what people reported as wrong, and deciding about it."""

from __future__ import annotations

import getpass
from contextlib import closing, contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from paycanary.cli.context import LangOption, console, extra, settle
from paycanary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from paycanary.errors import Lang
    from paycanary.state.database import Database
    from paycanary.state.tables import Correction

corrections_app = typer.Typer(help="Reported errors: what waits, and deciding about it.", no_args_is_help=True)  # fmt: skip
NumberArgument = Annotated[str, typer.Argument(metavar="ID", help="Number of the report.")]
ByOption = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help="Who decides; kept, never published. Default: your account's name.", show_default=False),
]  # fmt: skip


class State(StrEnum):
    """What may have become of a report."""

    open = "open"
    accepted = "accepted"
    rejected = "rejected"


@corrections_app.command("list")
def list_reports(
    state: Annotated[State, typer.Option("--state", help="Which reports.")] = State.open,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 100,
    lang: LangOption = None,
) -> None:
    """List reports: those that wait longest first, or those decided last first."""
    language = settle(lang)
    with _state() as database:
        from paycanary.corrections import moderation  # noqa: PLC0415

        rows = moderation.reports(database, state.value, limit)
    if not rows:
        console().print({"ko": "그런 신고가 없습니다.", "en": "There is no such report."}[language])
        return
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415 - strangers' square brackets are no markup

    head = {
        "ko": ("번호", "받은 때(UTC)", "회사", "수치", "알린 이"),
        "en": ("Number", "Received (UTC)", "Company", "Figure", "Reported by"),
    }[language]
    drawn = Table(*head, box=box.SIMPLE_HEAD)
    for row in rows:
        drawn.add_row(
            row.id, f"{row.created_at:%Y-%m-%d %H:%M}", Text(row.company_name), Text(row.shown or "–"), row.reporter
        )  # fmt: skip
    console().print(drawn)


@corrections_app.command("show")
def show(number: NumberArgument, lang: LangOption = None) -> None:
    """Show a report whole."""
    language = settle(lang)
    with _state() as database:
        from paycanary.corrections import moderation  # noqa: PLC0415

        _print(moderation.find(database, number), language)


@corrections_app.command("accept")
def accept(
    number: NumberArgument,
    statement: Annotated[str, typer.Option("--statement", metavar="TEXT", help="What stands beside the figure, for everyone to read.")],
    by: ByOption = None,
    lang: LangOption = None,
) -> None:  # fmt: skip
    """Accept a report: the figure stays as it is, the statement stands beside it from today."""
    language = settle(lang)
    with _state() as database:
        from paycanary.corrections import moderation  # noqa: PLC0415

        _print(moderation.accept(database, number, statement, _who(by)), language)


@corrections_app.command("reject")
def reject(
    number: NumberArgument,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for everyone to read.")],
    by: ByOption = None,
    lang: LangOption = None,
) -> None:  # fmt: skip
    """Reject a report with a reason."""
    language = settle(lang)
    with _state() as database:
        from paycanary.corrections import moderation  # noqa: PLC0415

        _print(moderation.reject(database, number, reason, _who(by)), language)


@corrections_app.command("redact")
def redact(number: NumberArgument, lang: LangOption = None) -> None:
    """Delete what a report says (words, right value, evidence, contact), such as where it names a private person.

    What it is about, what was decided, and what was published with the decision stay.
    """
    language = settle(lang)
    with _state() as database:
        from paycanary.corrections import moderation  # noqa: PLC0415

        _print(moderation.redact(database, number), language)


def _who(by: str | None) -> str:
    """Who decides.

    Raises:
        UsageError: nobody was named, and the account has no name, as in a container that runs as a number.
    """
    if by and by.strip():
        return by
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise UsageError(
            {"ko": "이 계정에는 이름이 없어 누가 정했는지 남길 수 없습니다.", "en": "This account has no name, so that who decides could not be kept."},
            {"ko": "`--by 이름` 을 더해 주세요.", "en": "Add `--by NAME`."},
        ) from error  # fmt: skip


def _print(row: Correction, lang: Lang) -> None:
    names = {
        "ko": ("번호", "상태", "회사", "수치", "받은 때", "알린 이", "언어", "무엇이 틀렸나", "맞는 값", "확인할 주소", "연락처", "정한 때", "정한 이", "수치 곁에 실린 글", "받아들이지 않은 까닭"),
        "en": ("Number", "State", "Company", "Figure", "Received", "Reported by", "Language", "What is wrong", "Right value", "Evidence", "Contact", "Decided", "Decided by", "Statement", "Reason"),
    }[lang]  # fmt: skip
    company = f"{row.company_name} ({row.company_id})"
    values = (
        row.id, row.state, company, row.shown, _moment(row.created_at), row.reporter, row.lang, row.claim, row.proposed,
        row.evidence_url, row.contact, _moment(row.decided_at), row.decided_by, row.statement, row.reason,
    )  # fmt: skip
    from rich.text import Text  # noqa: PLC0415

    for name, value in zip(names, values, strict=True):
        if value:
            console().print(Text(f"{name}: {' '.join(value.split())}"))


def _moment(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else None


@contextmanager
def _state() -> Iterator[Database]:
    with extra("serve"):
        from paycanary.state.database import open_database  # noqa: PLC0415
    with closing(open_database()) as database:
        yield database
