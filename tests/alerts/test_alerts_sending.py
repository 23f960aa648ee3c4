"""The outbox: sent once where all goes well, again with the same key where it does not, and given up with a reason."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from sqlalchemy import event, func, select, update

from paycanary.alerts import watchlists
from paycanary.alerts.sending import (
    LEASE,
    MOST_ATTEMPTS,
    MOST_FAILURES,
    send_due,
    try_hook,
    wait,
)
from paycanary.state.database import Database, now
from paycanary.state.tables import Delivery, Webhook
from tests.alerts.receivers import (
    COMPANY,
    NAME,
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
    from email.message import EmailMessage
    from pathlib import Path

SETTINGS = Settings()
#: Sends what is due at a moment so many minutes from now.
SENDER = """
import sys
from datetime import timedelta
from paycanary.alerts.sending import send_due
from paycanary.service.settings import Settings
from paycanary.state.database import Database, now
database = Database(sys.argv[1])
print(send_due(database, Settings(), now() + timedelta(minutes=float(sys.argv[2]))))
"""


def changed(database: Database, *, snapshot: int = 1) -> None:
    """One finding and the whole verdict change: two changes."""
    judged(database, snapshot, {"cash": "good"})
    judged(database, snapshot + 1, {"cash": "danger"})


def states(database: Database, channel: str = "%") -> list[tuple[str, int, str | None]]:
    with database.session() as session:
        rows = session.scalars(
            select(Delivery)
            .where(Delivery.channel.like(channel), Delivery.channel != "feed")
            .order_by(Delivery.id)
        )
        return [(row.state, row.attempts, row.error) for row in rows]


def hook_of(database: Database) -> Webhook:
    with database.session() as session:
        return session.scalars(select(Webhook)).one()


def test_signed_json_is_posted_once_a_change(database: Database) -> None:
    with receiving() as receiver:
        secret = followed(database)
        hook = hooked(database, secret, receiver.url)
        changed(database)
        assert send_due(database, SETTINGS, now()).sent == 2
        assert send_due(database, SETTINGS, now()).sent == 0
    assert len(set(receiver.keys)) == len(receiver.keys) == 2
    for headers, content in receiver.taken:
        body = json.loads(content)
        assert body["id"] == headers["idempotency-key"]
        assert (body["schema_version"], body["type"]) == ("1.0", "level_changed")
        assert body["company"] == {"id": COMPANY, "name": NAME}
        assert body["link"] == f"https://paycanary.example/companies/{COMPANY}"
        assert (body["before"]["level"], body["after"]["level"]) == ("good", "danger")
        assert body["after"]["figures"][0]["filing_id"] == "20260301000001"
        # As a receiver checks it.
        at, signature = (
            part.partition("=")[2] for part in headers["paycanary-signature"].split(",")
        )
        expected = hmac.new(
            hook.secret.encode(), f"{at}.".encode() + content, hashlib.sha256
        ).hexdigest()
        assert hmac.compare_digest(signature, expected)
    assert {json.loads(content)["signal"] for _, content in receiver.taken} == {"cash", "verdict"}


def test_slack_gets_a_message_in_which_nothing_is_a_link_that_we_did_not_write(
    database: Database,
) -> None:
    hostile = "<!channel> <https://evil.example|DART> *&* `x` _y_ ~z~\u202e\n> quote"
    with receiving() as receiver:
        secret = followed(database)
        hooked(database, secret, receiver.url, "slack")
        judged(database, 1, {"cash": "good"}, name=hostile)
        judged(database, 2, {"cash": "danger"}, name=hostile)
        assert send_due(database, SETTINGS, now()).sent == 2
    for _, content in receiver.taken:
        message = json.loads(content)
        (section,) = message["blocks"]
        assert (section["type"], section["text"]["type"]) == ("section", "mrkdwn")
        text = section["text"]["text"]
        assert "<!" not in text
        assert "<https://evil" not in text
        assert "\u202e" not in message["text"]
        assert "\n" not in message["text"]
        assert "&lt;!channel&gt;" in message["text"]
        assert "<https://dart.fss.or.kr/dsaf001/main.do?rcpNo=20260301000001|" in text
        assert f"<https://paycanary.example/companies/{COMPANY}|" in text


def test_an_answer_of_failure_is_tried_later_and_later_with_the_same_key(
    database: Database,
) -> None:
    with receiving() as receiver:
        hooked(database, followed(database), receiver.url)
        changed(database)
        receiver.answer = lambda _handler, _count: 500
        moment = now()
        # One delivery is tried; the other waits with it, for the same trouble.
        assert send_due(database, SETTINGS, moment).later == 1
        assert send_due(database, SETTINGS, moment + timedelta(seconds=50)).later == 0
        assert len(receiver.taken) == 1
        assert hook_of(database).problem == "500"
        receiver.answer = lambda _handler, _count: 204
        assert send_due(database, SETTINGS, moment + timedelta(minutes=2)).sent == 2
        assert len(receiver.taken) == 3
        assert len(set(receiver.keys)) == 2
    assert (hook_of(database).failures, hook_of(database).problem) == (0, None)


def test_the_wait_grows_up_to_six_hours() -> None:
    waits = [wait(attempts) for attempts in range(1, MOST_ATTEMPTS)]
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=4), timedelta(minutes=16)]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=6)


def test_a_delivery_is_given_up_after_enough_attempts(database: Database) -> None:
    with receiving() as receiver:
        hooked(database, followed(database), receiver.url)
        judged(database, 1, {"cash": "good", "debt": "danger"})
        judged(database, 2, {"cash": "danger", "debt": "danger"})
        receiver.answer = lambda _handler, _count: 503
        moment = now()
        for _ in range(MOST_ATTEMPTS + 3):
            moment += timedelta(hours=7)
            send_due(database, SETTINGS, moment)
    assert len(receiver.taken) == MOST_ATTEMPTS
    assert len(set(receiver.keys)) == 1
    assert states(database) == [("failed", MOST_ATTEMPTS, "503")]


def test_a_webhook_that_is_gone_is_switched_off_at_once(database: Database) -> None:
    with receiving() as receiver:
        hooked(database, followed(database), receiver.url)
        changed(database)
        receiver.answer = lambda _handler, _count: 410
        assert send_due(database, SETTINGS, now()).failed == 2
    assert len(receiver.taken) == 1
    assert hook_of(database).disabled_at is not None
    assert hook_of(database).problem == "410"
    assert {error for _, _, error in states(database)} == {"410", "disabled"}
    # What changes from now on is not even queued for it.
    assert judged(database, 9, {"cash": "watch"}).deliveries == 2


def test_a_webhook_that_fails_all_the_time_is_switched_off_and_on_by_a_test(
    database: Database,
) -> None:
    with receiving() as receiver:
        hook = hooked(database, followed(database), receiver.url)
        changed(database)
        with database.session() as session:
            session.execute(update(Webhook).values(failures=MOST_FAILURES - 1))
        receiver.answer = lambda _handler, _count: 500
        send_due(database, SETTINGS, now())
        assert hook_of(database).disabled_at is not None
        assert try_hook(database, hook.id, SETTINGS, now()) == "500"
        assert hook_of(database).disabled_at is not None
        receiver.answer = lambda _handler, _count: 200
        assert try_hook(database, hook.id, SETTINGS, now()) is None
        assert hook_of(database).disabled_at is None
        assert json.loads(receiver.taken[-1][1])["type"] == "test"


def test_a_webhook_that_turned_private_is_switched_off(database: Database) -> None:
    with receiving() as receiver:
        hooked(database, followed(database), receiver.url)
        changed(database)
        assert send_due(database, Settings(webhooks_to_loopback=False), now()).failed == 2
    assert receiver.taken == []
    assert hook_of(database).problem == "address"


def test_what_a_removed_webhook_or_list_was_to_get_is_gone(database: Database) -> None:
    with receiving() as receiver:
        secret, other = followed(database), followed(database)
        hook = hooked(database, secret, receiver.url)
        hooked(database, other, receiver.url)
        changed(database)
        watchlists.remove_hook(database, secret, hook.id)
        watchlists.destroy(database, other)
        assert send_due(database, SETTINGS, now()).sent == 0
    assert receiver.taken == []
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(Webhook)) == 0


def test_a_list_deleted_while_it_is_sent_to_harms_nothing(database: Database) -> None:
    with receiving() as receiver:
        secret = followed(database)
        hooked(database, secret, receiver.url)
        changed(database)

        def answer(_handler: Any, _count: int) -> int:
            watchlists.destroy(database, secret)
            return 200

        receiver.answer = answer
        assert send_due(database, SETTINGS, now()).sent == 0
    assert len(receiver.taken) == 1


def test_senders_at_the_same_time_send_once(state_url: str, database: Database) -> None:
    with receiving() as receiver:
        for _ in range(10):
            hooked(database, followed(database), receiver.url)
        changed(database)
        others = [Database(state_url) for _ in range(4)]
        threads = [threading.Thread(target=send_due, args=(o, SETTINGS, now())) for o in others]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for other in others:
            other.close()
    assert len(receiver.keys) == len(set(receiver.keys)) == 20
    assert {state for state, _, _ in states(database)} == {"sent"}


def test_what_kills_its_sender_every_time_is_given_up(database: Database) -> None:
    with receiving() as receiver:
        hooked(database, followed(database), receiver.url)
        changed(database)
        with database.session() as session:
            first = session.scalars(select(Delivery).where(Delivery.state == "pending").order_by(Delivery.id)).first()  # fmt: skip
            assert first
            first.attempts, first.leased_until = MOST_ATTEMPTS, now() - LEASE
        summary = send_due(database, SETTINGS, now())
        assert (summary.sent, summary.failed) == (1, 1)
    assert len(receiver.taken) == 1
    assert ("failed", MOST_ATTEMPTS + 1, "attempts") in states(database)


def test_no_news_is_sent_after_a_week(database: Database) -> None:
    with receiving() as receiver:
        hooked(database, followed(database), receiver.url)
        changed(database)
        assert send_due(database, SETTINGS, now() + timedelta(days=8)).failed == 2
    assert receiver.taken == []
    # It was not asked, so that nothing is held against it.
    assert (hook_of(database).failures, hook_of(database).problem) == (0, None)


def test_mail_waits_where_there_is_no_mail_server(database: Database) -> None:
    confirmed_address(database, followed(database), "someone@example.com")
    changed(database)
    assert send_due(database, SETTINGS, now()).sent == 0
    with mailbox() as box:
        assert send_due(database, Settings(smtp_url=box.url), now()).sent == 2
    assert box.recipients == ["someone@example.com"] * 2


def test_a_mail_server_that_is_away_is_tried_again(database: Database) -> None:
    confirmed_address(database, followed(database), "someone@example.com")
    changed(database)
    with mailbox() as box:
        pass
    moment = now()
    assert send_due(database, Settings(smtp_url=box.url), moment).later == 1
    with mailbox() as box:
        box.answer = lambda _message: "451 later"
        assert (
            send_due(database, Settings(smtp_url=box.url), moment + timedelta(minutes=2)).later == 1
        )
        box.answer = lambda _message: "250 OK"
        assert (
            send_due(database, Settings(smtp_url=box.url), moment + timedelta(minutes=30)).sent == 2
        )
        box.answer = lambda _message: "550 never"
        judged(database, 7, {"cash": "watch"})
        assert (
            send_due(database, Settings(smtp_url=box.url), moment + timedelta(minutes=60)).failed
            == 2
        )


def test_a_mail_server_that_is_away_is_tried_once_and_holds_up_no_webhook(
    database: Database,
) -> None:
    for number in range(3):
        confirmed_address(database, followed(database), f"someone{number}@example.com")
    with mailbox() as box, receiving() as receiver:
        hooked(database, followed(database), receiver.url)
        changed(database)
        away, moment = Settings(smtp_url=SecretStr(f"smtp://127.0.0.1:{free_port()}")), now()
        summary = send_due(database, away, moment)
        assert (summary.sent, summary.later) == (2, 1)
        # The next round finds out by another mail whether it is back.
        assert send_due(database, Settings(smtp_url=box.url), moment).sent == 4
        assert send_due(database, Settings(smtp_url=box.url), moment + 2 * wait(1)).sent == 2


def test_a_change_that_its_receiver_cannot_take_holds_up_no_other(database: Database) -> None:
    with receiving() as receiver:
        hooked(database, followed(database), receiver.url)
        judged(database, 1, dict.fromkeys("abcdef", "good"))
        judged(database, 2, dict.fromkeys("abcdef", "watch"))
        bad: list[str] = []

        def answer(handler: Any, _count: int) -> int:
            key = handler.headers["Idempotency-Key"]
            bad[:] = bad or [key]
            return 400 if key in bad else 200

        receiver.answer = answer
        moment = now()
        assert send_due(database, SETTINGS, moment).later == 1
        summary = send_due(database, SETTINGS, moment + 2 * wait(1))
        assert (summary.sent, summary.later) == (6, 1)
    assert receiver.keys.count(bad[0]) == 2


def test_a_webhook_in_trouble_waits_behind_what_goes_elsewhere(database: Database) -> None:
    order: list[str] = []

    def noting(name: str, status: int) -> Any:
        def answer(_handler: Any, _count: int) -> int:
            order.append(name)
            return status

        return answer

    with receiving() as slow, receiving() as well:
        slow.answer, well.answer = noting("slow", 503), noting("well", 200)
        bad = hooked(database, followed(database), slow.url)
        hooked(database, followed(database), well.url)
        changed(database)
        moment = now()
        with database.session() as session:
            session.execute(update(Webhook).where(Webhook.id == bad.id).values(failures=1))
            # It has waited longest.
            session.execute(
                update(Delivery)
                .where(Delivery.channel == f"webhook:{bad.id}")
                .values(next_at=moment - timedelta(hours=1))
            )
        send_due(database, SETTINGS, moment)
    assert order == ["well", "well", "slow"]


def test_two_that_fail_for_the_same_list_at_once_do_not_stop_each_other(
    state_url: str, database: Database
) -> None:
    confirmed_address(database, followed(database), "someone@example.com")
    changed(database)
    away = Settings(smtp_url=SecretStr(f"smtp://127.0.0.1:{free_port()}"))
    others, meeting, told = [Database(state_url) for _ in range(2)], threading.Barrier(2), []

    def wait_for_the_other(_con: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE deliveries SET next_at="):
            with suppress(threading.BrokenBarrierError):
                meeting.wait(2)

    def run(other: Database) -> None:
        told.append(send_due(other, away, moment))

    moment = now()
    for other in others:
        event.listen(other.engine, "before_cursor_execute", wait_for_the_other)
    threads = [threading.Thread(target=run, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        other.close()
    assert len(told) == 2
    assert {state for state, _, _ in states(database)} == {"pending"}
    assert send_due(database, away, moment).later == 0


@pytest.mark.parametrize("place", ["webhook", "email"])
def test_killed_between_the_answer_and_the_note_it_comes_again_with_the_same_key(
    state_url: str, database: Database, place: str, home: Path
) -> None:
    """The receiver itself kills the sender, as it takes each delivery for the first time: nothing is noted of it then."""
    sender: list[subprocess.Popen[bytes]] = []
    kills = set()

    def kill_once(key: str) -> None:
        if key not in kills:
            kills.add(key)
            os.kill(sender[-1].pid, signal.SIGKILL)

    def posted(handler: Any, _count: int) -> int:
        kill_once(handler.headers["Idempotency-Key"])
        return 200

    def mailed(message: EmailMessage) -> str:
        kill_once(str(message["Message-ID"]))
        return "250 OK"

    with receiving() as receiver, mailbox() as box:
        receiver.answer, box.answer = posted, mailed
        secret = followed(database)
        if place == "webhook":
            hooked(database, secret, receiver.url)
        else:
            confirmed_address(database, secret, "someone@example.com")
        changed(database)
        judged(database, 5, {"cash": "watch"})
        environment = {
            **os.environ, "PAYCANARY_HOME": str(home), "PAYCANARY_WEBHOOKS_TO_LOOPBACK": "1",
            "PAYCANARY_SMTP_URL": box.url.get_secret_value(), "PAYCANARY_BASE_URL": "https://paycanary.example",
        }  # fmt: skip
        ends = []
        for run in range(6):
            minutes = run * (LEASE.total_seconds() / 60 + 1)
            sender.append(
                subprocess.Popen([sys.executable, "-c", SENDER, state_url, str(minutes)], env=environment, stdout=subprocess.PIPE)
            )  # fmt: skip
            sender[-1].communicate(timeout=60)
            ends.append(sender[-1].returncode)
    taken = receiver.keys if place == "webhook" else [str(m["Message-ID"]) for m in box.taken]
    # Four changes: each was taken twice, the second time with the same key, and no fifth key was ever seen.
    assert ends == [-signal.SIGKILL] * 4 + [0, 0]
    assert len(taken) == 8
    assert len(set(taken)) == 4
    assert all(taken.count(key) == 2 for key in taken)
    assert [(state, attempts) for state, attempts, _ in states(database)] == [("sent", 2)] * 4
    if place == "webhook":
        bodies = {headers["idempotency-key"]: set() for headers, _ in receiver.taken}
        for headers, content in receiver.taken:
            bodies[headers["idempotency-key"]].add(content)
        assert all(len(copies) == 1 for copies in bodies.values())


def test_a_lease_keeps_others_away_until_it_is_over(state_url: str, database: Database) -> None:
    with receiving() as receiver:
        hooked(database, followed(database), receiver.url)
        changed(database)
        other, moment, seen = Database(state_url), now(), []

        def answer(_handler: Any, count: int) -> int:
            if count == 1:
                receiver.answer = lambda _handler, _count: 200
                with other.session() as session:
                    held = session.scalar(
                        select(func.count()).where(Delivery.leased_until > moment)
                    )
                # The one that is held is left alone, the other is sent.
                seen.append((held, send_due(other, SETTINGS, moment).sent))
            return 200

        receiver.answer = answer
        send_due(database, SETTINGS, moment)
        other.close()
    assert seen == [(1, 1)]
    assert len(receiver.keys) == len(set(receiver.keys)) == 2
