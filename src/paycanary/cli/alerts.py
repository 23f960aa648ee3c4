"""``alerts``: judge followed companies and send what changed, where `serve` does not do it itself."""

from __future__ import annotations

import json as json_text
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from paycanary.cli.context import JsonOption, LangOption, console, extra, settle
from paycanary.cli.settings import checked_settings
from paycanary.errors import PaycanaryError

if TYPE_CHECKING:
    from paycanary.alerts.judging import JudgeSummary
    from paycanary.alerts.sending import SendSummary
    from paycanary.errors import Lang
    from paycanary.service.market import Edition
    from paycanary.service.settings import Settings
    from paycanary.state.database import Database

alerts_app = typer.Typer(help="Alerts of watchlists: what changed, and telling of it.", no_args_is_help=True)  # fmt: skip
_WORDS: dict[Lang, str] = {
    "ko": "회사 {companies}곳: 판정 {judged}, 처음 {first}, 바뀐 항목 {changes}, 알림 {deliveries}, 자료에 없음 {missing}, 못 봄 {not_judged}. "
    "보냄 {sent}, 나중에 {later}, 포기 {failed}.",
    "en": "{companies} companies: {judged} judged, {first} for the first time, {changes} changes, {deliveries} alerts, {missing} not in the data, "
    "{not_judged} could not be judged. {sent} sent, {later} later, {failed} given up.",
}


@alerts_app.command()
def run(
    once: Annotated[bool, typer.Option("--once", help="Once, then end; for cron and Airflow.")] = False,
    every: Annotated[float, typer.Option("--every", min=1, metavar="SECONDS", help="Pause between two rounds.")] = 60,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Judge all followed companies on the newest data and send what is due; again and again, or once."""
    language = settle(lang, json=json)
    with extra("serve"):
        from paycanary.service.market import Market  # noqa: PLC0415
        from paycanary.state.database import open_database  # noqa: PLC0415
    settings = checked_settings()
    database = open_database()
    try:
        market = Market()
        while True:
            try:
                _tell(*_round(database, settings, market.edition()), language, json=json)
            except PaycanaryError as error:
                if once:
                    raise
                # The database or the data are away, and come back.
                typer.echo(error.line(language), err=True)
            if once:
                break
            time.sleep(every)
    finally:
        database.close()


def _round(database: Database, settings: Settings, edition: Edition) -> tuple[JudgeSummary, SendSummary]:  # fmt: skip
    from paycanary.alerts.addresses import forget_unconfirmed  # noqa: PLC0415
    from paycanary.alerts.sending import send_due  # noqa: PLC0415
    from paycanary.service.housekeeping import judge_on  # noqa: PLC0415
    from paycanary.state.database import now  # noqa: PLC0415

    forget_unconfirmed(database)
    judged = judge_on(database, edition)
    return judged, send_due(database, settings, now())


def _tell(judged: JudgeSummary, sent: SendSummary, lang: Lang, *, json: bool) -> None:
    if json:
        sys.stdout.write(json_text.dumps({"judged": asdict(judged), "sent": asdict(sent)}) + "\n")
        sys.stdout.flush()
        return
    counts = {**asdict(judged), "not_judged": judged.failed, **asdict(sent)}
    console().print(_WORDS[lang].format(**counts))
