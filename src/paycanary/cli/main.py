"""``paycanary``: the commands, and how a program ends.

Commands import what they need when they run, so that help and completion cost nothing.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from paycanary import __version__
from paycanary.cli import (
    data,
    forecast_benchmark,
    forecast_train,
    market,
    notion_post,
    read,
    reference,
    report,
    serve,
    worker,
)
from paycanary.cli.alerts import alerts_app
from paycanary.cli.api_keys import api_keys_app
from paycanary.cli.backup import backup_app
from paycanary.cli.context import SETTINGS, fail, locale_lang
from paycanary.cli.corrections import corrections_app
from paycanary.cli.database import database_app
from paycanary.cli.forecast import forecast_app
from paycanary.cli.interrupts import wait_for_imports
from paycanary.cli.keys import keys_app
from paycanary.cli.models import models_app
from paycanary.cli.notion import notion_app
from paycanary.cli.text import text_app
from paycanary.errors import PaycanaryError

if TYPE_CHECKING:
    from collections.abc import Callable

#: Commands that go on until they are ended.
_SERVING = ("serve", "worker")
app = typer.Typer(
    name="paycanary",
    help="Will this company still be paying its people in a year, and how do we know? "
    "이 회사는 1년 뒤에도 월급을 줄까요?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(value: bool) -> None:
    if value:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Will this company still be paying its people in a year, and how do we know?"""


for command in (market.check, market.compare, market.screen, report.report, data.refresh, data.expire, data.rollback, data.status, read.read, serve.serve, worker.worker, reference.criteria, reference.schema):  # fmt: skip
    app.command()(command)
app.add_typer(keys_app, name="keys")
app.add_typer(api_keys_app, name="api-keys")
app.add_typer(database_app, name="database")
app.add_typer(backup_app, name="backup")
app.add_typer(alerts_app, name="alerts")
app.add_typer(corrections_app, name="corrections")
for forecasting in (
    forecast_benchmark.benchmark,
    forecast_train.train,
    forecast_train.retrain,
    forecast_train.card,
    forecast_train.drift,
):
    forecast_app.command()(forecasting)
app.add_typer(forecast_app, name="forecast")
app.add_typer(models_app, name="models")
app.add_typer(text_app, name="text")
notion_app.command()(notion_post.post)
app.add_typer(notion_app, name="notion")
app.add_typer(reference.sample_app, name="sample")


def run() -> None:
    """Entry point: runs a command and ends, also while a thread still waits for a service that is silent."""
    try:
        _run()
    except SystemExit as end:
        if threading.active_count() == 1:
            raise
        # All that is stored is stored whole, so nothing is lost with those threads.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code if isinstance(end.code, int) else 0 if end.code is None else 1)


def _run() -> None:
    """Run a command and turn errors into one line and an exit code."""
    wait_for_imports()
    SETTINGS.lang = locale_lang()
    for stream in (sys.stdout, sys.stderr):
        # A pipe under the C locale would otherwise refuse Korean.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        try:
            _within_task(app)
        finally:
            sys.stdout.flush()
    except PaycanaryError as error:
        sys.exit(fail(error))
    except BrokenPipeError:
        _mute()  # the reader of our pipe has gone (`| head`): not an error of ours
        sys.exit(0)
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        sys.exit(130)
    except OSError as error:
        _mute()
        where = error.filename or "stdout"
        sys.exit(fail(PaycanaryError(
            {"ko": f"{where}: 쓰거나 읽을 수 없습니다({error.strerror}).", "en": f"{where}: cannot be written or read ({error.strerror})."},
            {"ko": "디스크와 권한을 확인하세요.", "en": "Check the disk and permissions."},
        )))  # fmt: skip
    except Exception as error:
        if str(error) == "Query interrupted":  # a RuntimeError: how DuckDB tells of Ctrl-C
            sys.stderr.write("\n")
            sys.exit(130)
        from paycanary.lake.reader import blamed_on_store  # noqa: PLC0415

        told = blamed_on_store(error)
        if told is None:
            raise
        sys.exit(fail(told))


def _within_task(command: Callable[[], None]) -> None:
    """Run a command; as a task of its own where the environment asks for traces. What serves tells of itself."""
    names = [word for word in sys.argv[1:3] if word.isalpha()]
    is_served = not names or names[0] in _SERVING or names[-1] == "serve"
    if is_served or not any(name.startswith("OTEL_EXPORTER_OTLP_") for name in os.environ):
        command()
        return
    from paycanary.telemetry.tasks import task  # noqa: PLC0415 - only who is traced pays for it

    # A group's command has two names; what else is typed there stays untold.
    known = names[: 2 if names[0] in {group.name for group in app.registered_groups} else 1]
    with task(" ".join(("paycanary", *known))):
        command()


def _mute() -> None:
    """Standard output goes nowhere from here on, so that the interpreter's last flush cannot fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    run()
