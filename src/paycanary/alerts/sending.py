"""The outbox: deliveries that are due are leased, sent and noted, one at a time.

Killed between the receiver's answer and the note, a delivery is sent again once its lease is over, with the same key. Several
senders at once never hold the same delivery; one that took longer than its lease may send a second copy, again with that key.
"""

from __future__ import annotations

import logging
import time
import uuid
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from sqlalchemy import func, or_, select, update

from paycanary.alerts import mail, outbox, webhooks
from paycanary.alerts.outbound import Outbound, OutboundError
from paycanary.alerts.telling import tell
from paycanary.state.tables import Change, Delivery, Watchlist, Webhook
from paycanary.telemetry.instruments import ALERTS

if TYPE_CHECKING:
    from datetime import datetime

    from pydantic import SecretStr
    from sqlalchemy.orm import Session

    from paycanary.errors import Lang
    from paycanary.state.database import Database

_log = logging.getLogger(__name__)
#: Far longer than any one sending may take.
LEASE: Final = timedelta(minutes=2)
#: Seconds after which one call takes up nothing new.
_LONGEST_RUN: Final = 60.0
#: A minute, four, sixteen ... six hours: tried for a day and a half.
_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=6)
MOST_ATTEMPTS: Final = 10
#: Attempts in a row that fail, over all its deliveries, before a webhook is switched off.
MOST_FAILURES: Final = 20
#: A change older than this is no news.
_STALE: Final = timedelta(days=7)
_GONE: Final = 410


class Settings(Protocol):
    """What sending needs of `service.settings.Settings`."""

    @property
    def base_url(self) -> str:
        """Public address of the pages."""

    @property
    def smtp_url(self) -> SecretStr | None:
        """Server that takes e-mails."""

    @property
    def mail_from(self) -> str:
        """Sender of e-mails."""

    @property
    def webhooks_to_loopback(self) -> bool:
        """Whether webhooks may go to this machine itself."""


@dataclass(slots=True)
class SendSummary:
    """What one call sent."""

    sent: int = 0
    later: int = 0
    """Failed for now; tried again."""
    failed: int = 0
    """Given up."""


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A leased delivery and all that sending it takes, so that no transaction is open meanwhile."""

    delivery: Delivery
    change: Change
    watchlist: Watchlist
    hook: Webhook | None


@dataclass(frozen=True, slots=True)
class _Failure:
    reason: str
    is_final: bool = False
    ends_hook: bool = False
    is_receivers: bool = True
    """It says something about a webhook; otherwise nothing was posted, or the fault is ours."""
    ends_mail: bool = False
    """The mail server is the trouble, so that no other e-mail need be tried now."""


def send_due(database: Database, settings: Settings, now: datetime) -> SendSummary:
    """Send what is due at a moment, for at most a minute."""
    summary, started = SendSummary(), time.monotonic()
    with_mail = settings.smtp_url is not None
    while (elapsed := time.monotonic() - started) < _LONGEST_RUN:
        moment = now + timedelta(seconds=elapsed)
        parcel = _lease(database, moment, with_mail=with_mail)
        if parcel is None:
            break
        try:
            failure = _send(parcel, settings, moment)
        except Exception:  # noqa: BLE001 - one that cannot be put into words must not hold up all others
            _log.exception("delivery %s failed", parcel.delivery.id)
            failure = _Failure("error", is_receivers=False)
        # A server that takes its time to fail must not do so for every list, while webhooks wait.
        with_mail = with_mail and not (failure and failure.ends_mail)
        # What it took to send belongs to the moment of the note.
        moment = now + timedelta(seconds=time.monotonic() - started)
        before = asdict(summary)
        with database.session() as session:
            _settle(session, parcel, failure, moment, summary)
        channel = parcel.delivery.channel.partition(":")[0]
        for outcome, count in asdict(summary).items():
            ALERTS.add(count - before[outcome], {"channel": channel, "outcome": outcome})
    return summary


def _lease(database: Database, moment: datetime, *, with_mail: bool) -> _Parcel | None:
    """Take the delivery that has waited longest; nobody else takes it while the lease lasts.

    Webhooks in trouble come last, so that slow ones, however many, hold up nobody else again. Of those put off together the
    least tried goes first, so that one that its receiver cannot take holds up no other.
    """
    is_in_trouble = func.coalesce(Webhook.failures, 0) > 0
    due = (
        select(Delivery)
        .outerjoin(Webhook, Webhook.id == func.substr(Delivery.channel, len(webhooks.CHANNEL) + 1))
        .where(
            Delivery.state == "pending",
            Delivery.next_at <= moment,
            or_(Delivery.leased_until.is_(None), Delivery.leased_until <= moment),
        )
        .order_by(is_in_trouble, Delivery.next_at, Delivery.attempts, Delivery.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Delivery)
    )
    if not with_mail:
        due = due.where(Delivery.channel != "email")
    with database.session() as session:
        delivery = session.scalar(due)
        if delivery is None:
            return None
        delivery.leased_until = moment + LEASE
        delivery.attempts += 1
        hook = session.get(Webhook, delivery.channel.removeprefix(webhooks.CHANNEL))
        return _Parcel(
            delivery,
            session.get_one(Change, delivery.change_id),
            session.get_one(Watchlist, delivery.watchlist_id),
            hook,
        )


def _send(parcel: _Parcel, settings: Settings, moment: datetime) -> _Failure | None:
    if parcel.change.noted_at < moment - _STALE:
        return _Failure("stale", is_final=True, is_receivers=False)
    if parcel.delivery.attempts > MOST_ATTEMPTS:
        # Whoever sent it was killed over it, every time; the receiver may have a copy of each.
        return _Failure("attempts", is_final=True, is_receivers=False)
    if parcel.delivery.channel == "email":
        return _mail(parcel, settings)
    if parcel.hook is None or parcel.hook.disabled_at is not None:
        return _Failure("disabled", is_final=True, is_receivers=False)
    content = webhooks.body(
        parcel.hook, parcel.delivery.id, parcel.change, _lang(parcel), settings.base_url
    )
    return post(parcel.hook, parcel.delivery.id, content, settings, moment)


def post(hook: Webhook, delivery: str, content: bytes, settings: Settings, moment: datetime) -> _Failure | None:  # fmt: skip
    """Post to a webhook; None when it was taken."""
    signed = webhooks.headers(hook, delivery, content, int(moment.timestamp()))
    try:
        status = Outbound(settings.webhooks_to_loopback).post(hook.url, content, signed)
    except OutboundError as error:
        # An address that has turned into one of our own network is not tried again.
        is_refused = error.reason == "address"
        return _Failure(error.reason, is_final=is_refused, ends_hook=is_refused)
    if 200 <= status < 300:  # noqa: PLR2004 - HTTP: taken
        return None
    return _Failure(str(status), is_final=status == _GONE, ends_hook=status == _GONE)


def _mail(parcel: _Parcel, settings: Settings) -> _Failure | None:
    watchlist, smtp = parcel.watchlist, settings.smtp_url
    if smtp is None or watchlist.email is None or watchlist.confirmed_at is None:
        return _Failure("unsubscribed", is_final=True)
    told = tell(parcel.change, _lang(parcel), settings.base_url)
    stop = unsubscribe_link(watchlist, settings.base_url)
    message = mail.change_mail(
        (settings.mail_from, watchlist.email),
        told,
        delivery=parcel.delivery.id,
        unsubscribe=stop,
        at=parcel.change.noted_at,
    )
    try:
        mail.send(smtp.get_secret_value(), message)
    except mail.MailError as error:
        reason = f"{outbox.SERVERS}{error.reason}" if error.is_servers else error.reason
        return _Failure(reason, is_final=error.is_final, ends_mail=error.is_servers)
    return None


def unsubscribe_link(watchlist: Watchlist, base_url: str) -> str:
    """Where one click ends the e-mails of a list."""
    english = "/en" if watchlist.lang == "en" else ""
    return f"{base_url}{english}/watch/stop/{watchlist.unsubscribe_key}"


def _settle(session: Session, parcel: _Parcel, failure: _Failure | None, moment: datetime, summary: SendSummary) -> None:  # fmt: skip
    """Note what became of a delivery, unless its list is gone or another sender noted it first."""
    # Its list is held first, as whoever changes the list does: two who note at once wait for each other, and for nobody else.
    session.execute(
        select(Watchlist.id).where(Watchlist.id == parcel.watchlist.id).with_for_update(key_share=True)
    )  # fmt: skip
    hook = _held_hook(session, parcel)
    delivery = session.scalar(
        select(Delivery).where(Delivery.id == parcel.delivery.id).with_for_update()
    )
    if delivery is None or delivery.state != "pending":
        return
    if failure is not None and delivery.leased_until != parcel.delivery.leased_until:
        return  # it took longer than the lease, and another sender tries it now
    delivery.leased_until, delivery.error = None, failure.reason if failure else None
    if hook is not None and (failure is None or failure.is_receivers):
        _count(hook, failure, moment)
    if failure is None:
        delivery.state, delivery.sent_at = "sent", moment
        summary.sent += 1
    elif failure.is_final or delivery.attempts >= MOST_ATTEMPTS:
        delivery.state, delivery.next_at = "failed", moment
        summary.failed += 1
    else:
        delivery.next_at = moment + wait(delivery.attempts)
        summary.later += 1
        # Others for the same place would meet the same trouble, and hold up what goes elsewhere.
        session.execute(
            update(Delivery)
            .where(
                Delivery.watchlist_id == delivery.watchlist_id,
                Delivery.channel == delivery.channel,
                Delivery.state == "pending",
                Delivery.next_at < delivery.next_at,
            )
            .values(next_at=delivery.next_at, error=delivery.error)
        )


def _held_hook(session: Session, parcel: _Parcel) -> Webhook | None:
    if parcel.hook is None:
        return None
    return session.scalar(select(Webhook).where(Webhook.id == parcel.hook.id).with_for_update())


def _count(hook: Webhook, failure: _Failure | None, moment: datetime) -> None:
    if failure is None:
        hook.failures, hook.problem = 0, None
        return
    if hook.disabled_at is not None:
        return
    hook.failures += 1
    hook.problem = failure.reason
    if failure.ends_hook or hook.failures >= MOST_FAILURES:
        hook.disabled_at = moment


def wait(attempts: int) -> timedelta:
    """How long after so many attempts the next one is made."""
    return min(_FIRST_WAIT * int(4 ** (attempts - 1)), _LONGEST_WAIT)


def _lang(parcel: _Parcel) -> Lang:
    return "en" if parcel.watchlist.lang == "en" else "ko"


def try_hook(database: Database, hook_id: str, settings: Settings, now: datetime) -> str | None:
    """Post a test to a webhook; None when it was taken, which also switches it on again, else the reason."""
    with database.session() as session:
        hook = session.get_one(Webhook, hook_id)
        watchlist = session.get_one(Watchlist, hook.watchlist_id)
    key = str(uuid.uuid4())
    content = webhooks.test_body(hook, key, "en" if watchlist.lang == "en" else "ko", settings.base_url)  # fmt: skip
    failure = post(hook, key, content, settings, now)
    if failure is None:
        with database.session() as session:
            session.execute(
                update(Webhook)
                .where(Webhook.id == hook_id)
                .values(failures=0, disabled_at=None, problem=None)
            )
    return failure.reason if failure else None
