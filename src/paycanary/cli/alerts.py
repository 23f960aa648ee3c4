"""``alerts``: judge followed companies and send what changed, where `serve` does not do it itself."""

from __future__ import annotations

import json as json_text
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from paycanary.cli.context import JsonOption, LangOption, console, extra, settle
from paycanary.cli.settings import checked_settings, checked_task_settings
from paycanary.errors import PaycanaryError, UsageError

if TYPE_CHECKING:
    from paycanary.alerts.judging import JudgeSummary
    from paycanary.alerts.sending import SendSummary
    from paycanary.errors import Lang

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
        from paycanary.tasks import alerting  # noqa: PLC0415
    settings = checked_settings()
    database = open_database()
    try:
        market = Market(settings.warm_rows)
        while True:
            try:
                _tell(*alerting.alert(database, settings, market.edition()), language, json=json)
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


@alerts_app.command()
def operator(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to say; one line.")],
    lang: LangOption = None,
) -> None:
    """Tell whoever runs paycanary something, by every way that is set (PAYCANARY_OPERATOR_WEBHOOK, PAYCANARY_OPERATOR_EMAIL)."""
    language = settle(lang)
    with extra("serve"):
        from paycanary.tasks import operator as telling  # noqa: PLC0415
    told = telling.tell(text, [], checked_settings(), checked_task_settings())
    if not told.ways:
        raise UsageError(
            {"ko": "운영자에게 알릴 길이 없습니다.", "en": "No way to the operator is set."},
            {"ko": "PAYCANARY_OPERATOR_WEBHOOK 이나 PAYCANARY_OPERATOR_EMAIL 을 정하세요.", "en": "Set PAYCANARY_OPERATOR_WEBHOOK or PAYCANARY_OPERATOR_EMAIL."},
        )  # fmt: skip
    ways = ", ".join(told.ways)
    console().print({"ko": f"알렸습니다: {ways}.", "en": f"Told by {ways}."}[language])
    for failed in told.failed:
        typer.echo(failed, err=True)


def _tell(judged: JudgeSummary, sent: SendSummary, lang: Lang, *, json: bool) -> None:
    if json:
        sys.stdout.write(json_text.dumps({"judged": asdict(judged), "sent": asdict(sent)}) + "\n")
        sys.stdout.flush()
        return
    counts = {**asdict(judged), "not_judged": judged.failed, **asdict(sent)}
    console().print(_WORDS[lang].format(**counts))
