"""What stands in the database and on the disk, as numbers for those who watch: read when they look, and at most every few seconds.

Of several processes of one `serve` the first one reads it, so that it is said once; copies on other machines say the same,
and who adds up copies takes the largest.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from paycanary.alerts import outbox
from paycanary.errors import PaycanaryError
from paycanary.lake.home import inbox_path, lake_path
from paycanary.service import redis_address
from paycanary.service.condition import Patient, is_store_readable, redis_state
from paycanary.state.database import Database, database_url
from paycanary.state.tables import Delivery, Job
from paycanary.telemetry import instruments, start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paycanary.service.settings import Settings

    Values = list[tuple[float, dict[str, str]]]

#: Seconds for which what was read stands.
_FRESH: Final = 5.0
_PARTS: Final = "paycanary.part.up"
_OPEN: Final = "paycanary.jobs.open"
_OLDEST_JOB: Final = "paycanary.jobs.oldest.age"
_UNSENT: Final = "paycanary.alerts.unsent"
_OLDEST_ALERT: Final = "paycanary.alerts.oldest.age"
_LOST: Final = "paycanary.alerts.lost"
_SUCCESS: Final = "paycanary.source.success.age"
_LATE: Final = "paycanary.source.lateness"
_TROUBLE: Final = "paycanary.source.trouble"
_SNAPSHOT: Final = "paycanary.snapshot.age"
_DESCRIPTIONS: Final = {
    _PARTS: ("1", "Whether a part works: store, database, redis"),
    _OPEN: ("{job}", "Jobs that wait or run, by job.state"),
    _OLDEST_JOB: ("s", "How long the job that waits longest has waited; 0 where none does"),
    _UNSENT: ("{alert}", "Alerts on their way, by channel"),
    _OLDEST_ALERT: ("s", "Since the oldest change was noted that is still to be told and that its receiver has not put off; 0 where none is"),
    _LOST: ("{alert}", "Alerts given up within a day for no reason of their receivers"),
    _SUCCESS: ("s", "Since a whole register was last fetched to its end"),
    _LATE: ("s", "Since a register brought something new that was not fetched to its end yet; 0 where all is"),
    _TROUBLE: ("1", "1 where the last round of a whole register ended early, 0 where it did not, by outcome: ok or the error's code"),
    _SNAPSHOT: ("s", "Since the newest snapshot was committed"),
}  # fmt: skip


def watch_state(settings: Settings) -> None:
    """Let those who watch read it, if the environment asks for any telemetry; before `telemetry.start.start`."""
    if not start.is_wanted("api"):
        return
    named = settings.database_url
    state = State(Database(named.get_secret_value() if named else database_url()), settings)
    for name, (unit, description) in _DESCRIPTIONS.items():
        instruments.gauge(name, unit, description, lambda name=name: state.read().get(name, []))  # type: ignore[misc]


class State:
    """Reads everything at once. What cannot be read has no value then, and its part is down."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        nothing: dict[str, Values] = {}
        # A database that hangs must not take all other metrics with it.
        self._counts = Patient(self._of_database, instead=nothing)
        self._settings = settings
        self._lock = threading.Lock()
        self._read_at = -_FRESH
        self._found: dict[str, Values] = {}

    def read(self) -> dict[str, Values]:
        """Values by name, a few seconds old at most."""
        with self._lock:
            if time.monotonic() - self._read_at >= _FRESH:
                self._found = {**self._counts.ask(), **_of_sources(), **_of_snapshot()}
                parts: Values = [
                    (float(is_store_readable()), {"part": "store"}),
                    (float(_OPEN in self._found), {"part": "database"}),
                ]
                places = (redis_address.cache(self._settings), redis_address.queue(self._settings))
                states = [redis_state(place) for place in set(places) if place is not None]
                if states:
                    parts.append((float(set(states) == {"ok"}), {"part": "redis"}))
                self._found[_PARTS] = parts
                self._read_at = time.monotonic()
            return self._found

    def _of_database(self) -> dict[str, Values]:
        at = datetime.now(UTC)
        waits = Delivery.state == "pending"
        try:
            with self._database.session() as session:
                jobs = dict(_pairs(session.execute(
                    select(Job.state, func.count()).where(Job.ended_at.is_(None)).group_by(Job.state)
                )))  # fmt: skip
                oldest = session.scalar(select(func.min(Job.created_at)).where(Job.state == "queued"))  # fmt: skip
                unsent = dict(_pairs(session.execute(
                    select(Delivery.channel, func.count()).where(waits).group_by(Delivery.channel)
                )))  # fmt: skip
                noted, lost = outbox.oldest(session), outbox.lost(session, at)
        except PaycanaryError:
            return {}
        by_kind = dict.fromkeys(("email", "webhook"), 0)
        for channel, count in unsent.items():
            # A webhook's channel bears its id.
            kind = channel.partition(":")[0]
            by_kind[kind] = by_kind.get(kind, 0) + count
        return {
            _OPEN: [(jobs.get(state, 0), {"job.state": state}) for state in ("queued", "running")],
            _OLDEST_JOB: [(_age(oldest, at), {})],
            _UNSENT: [(count, {"channel": kind}) for kind, count in sorted(by_kind.items())],
            _OLDEST_ALERT: [(_age(noted, at), {})],
            _LOST: [(lost, {})],
        }


def _of_sources() -> dict[str, Values]:
    """How late registers are by their own calendars; nothing where none was ever fetched."""
    folder = inbox_path()
    if not (folder / "answers.sqlite").exists():
        return {}
    from paycanary.lake import live  # noqa: PLC0415 - loads what speaks HTTP
    from paycanary.sources.registers import REGISTERS  # noqa: PLC0415
    from paycanary.sources.web.inbox import Inbox  # noqa: PLC0415

    success: Values = []
    lateness: Values = []
    trouble: Values = []
    try:
        inbox = Inbox(folder, only_read=True)
        try:
            now = inbox.now()
            for name in REGISTERS:
                last, release = inbox.last_round(name), live.plan(name).CALENDAR.newest_release(now)
                end = inbox.last_end(name)
                if end is not None:
                    trouble.append((float(end != "ok"), {"source": name, "outcome": end}))
                if last is not None:
                    success.append((_age(last, now), {"source": name}))
                    late = release is not None and last < release
                    lateness.append((_age(release if late else None, now), {"source": name}))
        finally:
            inbox.close()
    except PaycanaryError:
        return {}
    return {_SUCCESS: success, _LATE: lateness, _TROUBLE: trouble}


def _of_snapshot() -> dict[str, Values]:
    """The age of what answers; nothing where the sample does."""
    from paycanary.lake import snapshots  # noqa: PLC0415

    paths = snapshots.history(lake_path() / "snapshots")
    try:
        committed = snapshots.load(paths[-1]).committed_at if paths else ""
        return {_SNAPSHOT: [(_age(datetime.fromisoformat(committed), datetime.now(UTC)), {})]} if committed else {}  # fmt: skip
    except (PaycanaryError, ValueError):
        return {}


def _age(since: datetime | None, at: datetime) -> float:
    if since is None:
        return 0.0
    known = since if since.tzinfo else since.replace(tzinfo=UTC)
    return max(0.0, (at - known).total_seconds())


def _pairs(rows: Any) -> Iterator[tuple[str, int]]:
    for name, count in rows:
        yield str(name), int(count)
