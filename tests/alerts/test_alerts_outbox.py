"""How the outbox stands: what waits on us is as old as its change, however often it was tried, and what is given up is told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import SecretStr

from paycanary.alerts import outbox
from paycanary.alerts.sending import MOST_ATTEMPTS, send_due
from paycanary.state.database import Database, now
from tests.alerts.receivers import (
    Settings,
    confirmed_address,
    followed,
    hooked,
    judged,
    mailbox,
    receiving,
)
from tests.servers import free_port

if TYPE_CHECKING:
    from datetime import datetime


def changed(database: Database) -> None:
    """One finding and the whole verdict change: two changes."""
    judged(database, 1, {"cash": "good"})
    judged(database, 2, {"cash": "danger"})


def stands(database: Database, at: datetime) -> tuple[datetime | None, int]:
    with database.session() as session:
        return outbox.oldest(session), outbox.lost(session, at)


def test_a_mail_server_that_is_away_makes_alerts_old_until_they_are_lost(database: Database) -> None:  # fmt: skip
    confirmed_address(database, followed(database), "someone@example.com")
    assert stands(database, now()) == (None, 0)
    changed(database)
    away = Settings(smtp_url=SecretStr(f"smtp://127.0.0.1:{free_port()}"))
    noted, _ = stands(database, now())
    assert noted
    moment = noted + timedelta(minutes=1)
    while send_due(database, away, moment).failed == 0:
        assert stands(database, moment) == (noted, 0)
        assert moment < noted + timedelta(days=7)
        moment += timedelta(hours=2)
    # The other is given up with it: it waits for the same place and was tried in turns with it.
    send_due(database, away, moment + timedelta(hours=7))
    assert stands(database, moment + timedelta(hours=7)) == (None, 2)
    assert stands(database, moment + timedelta(days=4)) == (None, 0)


def test_a_mail_server_that_comes_back_ends_it(database: Database) -> None:
    confirmed_address(database, followed(database), "someone@example.com")
    changed(database)
    moment = now()
    send_due(database, Settings(smtp_url=SecretStr(f"smtp://127.0.0.1:{free_port()}")), moment)
    with mailbox() as box:
        assert send_due(database, Settings(smtp_url=box.url), moment + timedelta(hours=6)).sent == 2
    assert stands(database, moment) == (None, 0)


def test_what_a_receiver_puts_off_or_refuses_does_not_count(database: Database) -> None:
    with receiving() as receiver, mailbox() as box:
        secret = followed(database)
        hooked(database, secret, receiver.url)
        confirmed_address(database, secret, "someone@example.com")
        receiver.answer = lambda _handler, _count: 503
        box.answer = lambda _message: "452 full"
        changed(database)
        moment = now()
        for _ in range(2 * MOST_ATTEMPTS + 2):
            # One was tried in each channel, and the other waits behind it.
            send_due(database, Settings(smtp_url=box.url), moment)
            assert stands(database, moment) == (None, 0)
            moment += timedelta(hours=7)


def test_what_nobody_sent_for_a_week_is_lost(database: Database) -> None:
    with receiving() as receiver:
        hooked(database, followed(database), receiver.url)
        changed(database)
        moment = now() + timedelta(days=8)
        send_due(database, Settings(), moment)
    assert stands(database, moment) == (None, 2)
