"""What a service does without being asked: take up jobs that were left, judge followed companies, send alerts, tidy.

Every chore has a thread and a lease in the database, so that of many copies one does it, and a chore that fails or is slow
holds up no other. A copy that dies over a chore loses the lease within half a minute.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from paycanary.errors import PaycanaryError, StateError
from paycanary.jobs.table import moment
from paycanary.state.tables import Lease
from paycanary.telemetry.instruments import CHORES

if TYPE_CHECKING:
    from collections.abc import Callable

    from paycanary.alerts.judging import JudgeSummary
    from paycanary.errors import Lang
    from paycanary.models import Verdict
    from paycanary.service.core import Service
    from paycanary.service.market import Edition
    from paycanary.state.database import Database

#: How long a chore is held after the last sign of life.
_LEASE_SECONDS: Final = 30.0
#: How often old rows are looked for.
_TIDY_SECONDS: Final = 3600.0
#: Seconds that stopping waits for chores; one that still talks to a slow server is left.
_LEAVING: Final = 1.5
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do every so many seconds."""

    name: str
    every: float
    do: Callable[[], object]


class Housekeeping:
    """Does chores from `start` until `stop`."""

    def __init__(self, database: Database, chores: list[Chore]) -> None:
        self._database = database
        self._owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(6)}"
        self._stopping = threading.Event()
        self._doing: set[str] = set()
        self._threads = [
            threading.Thread(target=self._keep, args=(c,), name=f"chore-{c.name}", daemon=True)
            for c in chores
        ]
        self._threads.append(threading.Thread(target=self._renew, name="chore-leases", daemon=True))

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End within two seconds."""
        self._stopping.set()
        until = time.monotonic() + _LEAVING
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _keep(self, chore: Chore) -> None:
        """Do one chore again and again."""
        is_well = True
        while not self._stopping.wait(chore.every if is_well else max(chore.every, 1.0)):
            try:
                if self._once(chore):
                    CHORES.add(1, {"chore": chore.name, "outcome": "ok"})
                is_well = True
            except (PaycanaryError, OSError) as error:
                # Something is away, and comes back: told once.
                if is_well:
                    _log.warning("%s: put off: %s", chore.name, error)
                is_well = False
                CHORES.add(1, {"chore": chore.name, "outcome": "put_off"})
            except Exception:  # noqa: BLE001 - logged; the next chore must go on
                CHORES.add(1, {"chore": chore.name, "outcome": "fault"})
                _log.exception("%s: failed", chore.name)

    def _once(self, chore: Chore) -> bool:
        """Do a chore, unless another copy does; whether it was done here."""
        if not self._take(chore.name):
            return False
        self._doing.add(chore.name)
        try:
            chore.do()
        finally:
            self._doing.discard(chore.name)
            # Nobody else need do it before it is due again.
            self._hold(chore.name, chore.every)
        return True

    def _take(self, name: str) -> bool:
        """Whether it is this process that does a chore now."""
        try:
            with self._database.session() as session:
                at = moment(self._database, session)
                until = at + timedelta(seconds=_LEASE_SECONDS)
                lease = session.scalar(select(Lease).where(Lease.name == name).with_for_update())
                if lease is None:
                    session.add(Lease(name=name, owner=self._owner, until=until))
                    return True
                if lease.until > at:
                    return False
                lease.owner, lease.until = self._owner, until
                return True
        except IntegrityError:
            return False  # another process was first, a moment ago

    def _hold(self, name: str, seconds: float) -> None:
        with self._database.session() as session:
            until = moment(self._database, session) + timedelta(seconds=seconds)
            held = (Lease.name == name, Lease.owner == self._owner)
            session.execute(update(Lease).where(*held).values(until=until))

    def _renew(self) -> None:
        """Keep the leases of chores that take long."""
        while not self._stopping.wait(_LEASE_SECONDS / 3):
            for name in list(self._doing):
                with suppress(StateError):
                    self._hold(name, _LEASE_SECONDS)


def chores(service: Service) -> list[Chore]:
    """Everything there is to do for a service."""
    from paycanary.alerts.sending import send_due  # noqa: PLC0415 - only who keeps house loads it
    from paycanary.state.database import now  # noqa: PLC0415

    often = service.settings.housekeeping_seconds
    return [
        Chore("sweep", often, service.refreshing.sweep),
        Chore("judge", often, lambda: judge_on(service.database, service.market.edition())),
        Chore("send", often, lambda: send_due(service.database, service.settings, now())),
        Chore("tidy", _TIDY_SECONDS, lambda: _tidy(service)),
    ]


def judge_on(database: Database, edition: Edition) -> JudgeSummary:
    """Compare followed companies with how they were last judged; who was judged on this snapshot is passed over."""
    from paycanary.alerts.judging import judge  # noqa: PLC0415

    def verdict(company: str, lang: Lang) -> Verdict:
        return edition.verdict(edition.canonical(company), None, lang)

    return judge(database, verdict, edition.key, edition.day)


def _tidy(service: Service) -> None:
    """Delete what is old, and addresses that nobody confirmed."""
    from paycanary.alerts.addresses import forget_unconfirmed  # noqa: PLC0415

    service.refreshing.table.clean()
    forget_unconfirmed(service.database)
