"""Looking at a job: its state now, and its events in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from paycanary.state.tables import Job, JobEvent

if TYPE_CHECKING:
    from datetime import datetime

    from paycanary.state.database import Database

#: Events that end a stream of them.
ENDS: Final = ("done", "failed")
#: Events read at once.
_MANY: Final = 100


@dataclass(frozen=True, slots=True)
class Seen:
    """A job as it was a moment ago. ``progress`` is the newest account of its parts; ``result`` is a `Fetch` by language."""

    id: str
    subject: str
    state: str
    attempts: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    progress: dict[str, Any] | None
    last_event: int

    @property
    def is_ended(self) -> bool:
        """Whether nothing of it changes any more."""
        return self.ended_at is not None


def look(database: Database, job_id: str) -> Seen | None:
    """A job; None where there is none."""
    with database.session() as session:
        job = session.get(Job, job_id)
        if job is None:
            return None
        newest = session.execute(
            select(JobEvent.id, JobEvent.event)
            .where(JobEvent.job_id == job_id)
            .order_by(JobEvent.id.desc())
            .limit(1)
        ).first()
        at, event = newest or (0, {})
        return Seen(
            job.id, job.subject, job.state, job.attempts, job.created_at, job.started_at, job.ended_at, job.result, job.error,
            None if "state" in event else event, at,
        )  # fmt: skip


def events(database: Database, job_id: str, after: int) -> list[tuple[int, dict[str, Any]]]:
    """Events of a job with a number above ``after``, in order; of many the first."""
    with database.session() as session:
        rows = session.execute(
            select(JobEvent.id, JobEvent.event)
            .where(JobEvent.job_id == job_id, JobEvent.id > after)
            .order_by(JobEvent.id)
            .limit(_MANY)
        )
        return [(row.id, row.event) for row in rows]
