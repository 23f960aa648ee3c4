"""``alerts run`` as cron runs it, on the built-in sample: what changed since the last run is noted, sent, and told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from paycanary.alerts import watchlists
from paycanary.state.database import Database, open_database
from paycanary.state.tables import Judged
from tests.alerts.receivers import hooked, receiving
from tests.visiting import COMPANY, NAME

if TYPE_CHECKING:
    from tests.command import Run

LOOPBACK = {"PAYCANARY_WEBHOOKS_TO_LOOPBACK": "1"}


def worsened(database: Database) -> None:
    """As if the company had been judged better, a day earlier."""
    with database.session() as session:
        row = session.scalars(select(Judged)).one()
        whole = row.levels["verdict"]
        row.levels = row.levels | {"verdict": whole | {"level": "good" if whole["level"] != "good" else "watch"}}  # fmt: skip
        row.as_of = row.as_of.replace(year=row.as_of.year - 1)


def round_of(run: Run) -> tuple[dict[str, Any], dict[str, Any]]:
    told = json.loads(run.ok("alerts", "run", "--once", "--json", env=LOOPBACK))
    return told["judged"], told["sent"]


def test_a_run_notes_what_changed_and_sends_it_once(run: Run) -> None:
    database = open_database()
    with receiving() as receiver:
        secret = watchlists.create(database, [(COMPANY, NAME)], "en")
        hooked(database, secret, receiver.url)
        judged, sent = round_of(run)
        assert (judged["companies"], judged["first"], judged["changes"]) == (1, 1, 0)
        worsened(database)
        judged, sent = round_of(run)
        assert (judged["judged"], judged["changes"], judged["deliveries"]) == (1, 1, 2)
        assert sent == {"sent": 1, "later": 0, "failed": 0}
        judged, sent = round_of(run)
        assert (judged["judged"], sent["sent"]) == (0, 0)
    assert len(receiver.taken) == 1
    assert json.loads(receiver.taken[0][1])["company"] == {"id": COMPANY, "name": NAME}
    database.close()


def test_it_goes_on_when_the_database_comes_back(run: Run) -> None:
    open_database().close()
    state = run.home / "state.sqlite"
    process = run.start("alerts", "run", "--every", "1", "--json")
    try:
        assert process.stdout
        assert json.loads(process.stdout.readline())["judged"]["companies"] == 0
        hold = Database(f"sqlite:///{state}")
        with hold.engine.begin():
            assert process.stderr
            assert "locked" in process.stderr.readline()
        hold.close()
        assert json.loads(process.stdout.readline())["sent"]["sent"] == 0
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()


def test_one_round_that_cannot_be_made_is_an_error(run: Run) -> None:
    result = run("alerts", "run", "--once", env={"DATABASE_URL": f"sqlite:///{run.home}/no/such/folder/x"})  # fmt: skip
    assert result.returncode == 9
    assert "DATABASE_URL" in result.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PAYCANARY_SMTP_URL", "smtp://user:s3cret@mail.example:port"),
        ("PAYCANARY_SMTP_URL", "https://user:s3cret@mail.example"),
        ("PAYCANARY_SMTP_URL", "smtp://user:half/s3cret@mail.example"),
        ("PAYCANARY_MAIL_FROM", "s3cret"),
    ],
)
def test_a_setting_that_no_mail_could_be_sent_with_is_told_without_its_value(
    run: Run, variable: str, value: str
) -> None:
    result = run("alerts", "run", "--once", env={variable: value})
    assert result.returncode == 2
    assert variable in result.stderr
    assert "s3cret" not in result.stderr
