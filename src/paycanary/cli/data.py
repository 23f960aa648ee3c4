"""``refresh``, ``rollback`` and ``status``: what is stored."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from paycanary.cli.context import JsonOption, LangOption, console, print_json, progress, settle


class Source(StrEnum):
    """Registers that can be taken in."""

    dart = "dart"
    nps = "nps"
    krx = "krx"


def refresh(
    source: Annotated[
        Source,
        typer.Argument(
            help="dart: OpenDART rows; nps: pension workplaces; krx: listings and delistings."
        ),
    ],
    path: Annotated[
        Path, typer.Option("--from", metavar="PATH", readable=False, help="File or folder to read.")
    ],
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:
    """Take a register's files in: whole or not at all, and nothing twice."""
    from dataclasses import asdict  # noqa: PLC0415

    from paycanary.documents import RefreshReport  # noqa: PLC0415
    from paycanary.lake.home import lake_path  # noqa: PLC0415
    from paycanary.lake.refresh import refresh as take_in  # noqa: PLC0415
    from paycanary.report.tables import refreshed  # noqa: PLC0415

    language = settle(lang, json=json)
    with progress() as shown:
        summary = take_in(lake_path(), source.value, path, shown)
    report = RefreshReport.model_validate(asdict(summary))
    if json:
        print_json(report)
    else:
        console().print(refreshed(report, language))


def rollback(
    to: Annotated[
        int | None,
        typer.Option(
            "--to",
            metavar="SNAPSHOT",
            help="Number that `status` lists; default: the one before the newest.",
            show_default=False,
        ),
    ] = None,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:
    """Go back to an earlier state of what is stored; this too can be rolled back."""
    from paycanary.documents import Rollback  # noqa: PLC0415
    from paycanary.lake import writer  # noqa: PLC0415
    from paycanary.lake.home import lake_path  # noqa: PLC0415

    language = settle(lang, json=json)
    snapshot = writer.rollback(lake_path(), to)
    goal = snapshot.summary["to"]
    if json:
        print_json(
            Rollback(
                id=snapshot.id,
                kind=snapshot.kind,
                committed_at=snapshot.committed_at,
                source=None,
                added=0,
            )
        )
    else:
        console().print({
            "ko": f"{goal}번 기록으로 돌아갔습니다(새 기록 {snapshot.id}번).",
            "en": f"Back to snapshot {goal} (as new snapshot {snapshot.id}).",
        }[language])  # fmt: skip


def status(
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:
    """Tell what is stored, how fresh it is, and what was rejected and why."""
    from paycanary.lake.reader import open_reader  # noqa: PLC0415
    from paycanary.lake.status import read_status  # noqa: PLC0415
    from paycanary.report.tables import stored  # noqa: PLC0415

    language = settle(lang, json=json)
    report = read_status(open_reader())
    if json:
        print_json(report)
    else:
        console().print(stored(report, language))
