"""The table of jobs: who asked, who works, how it ended. The queue only wakes workers; what is true stands here.

A worker takes a job by `claim` and holds it by a lease that it renews. Every later write names owner and attempt, so a
worker that slept past its lease while another took over changes nothing any more: a job ends once. ``leased_until`` of a
waiting job is when its message counts as lost.
"""

from __future__ import annotations

import os
import secrets
import socket
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import ColumnElement, CursorResult, and_, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from paycanary.jobs.policy import FullError
from paycanary.state.database import now
from paycanary.state.tables import Job, JobEvent, Moment

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from paycanary.errors import Lang, PaycanaryError
    from paycanary.jobs.policy import Policy
    from paycanary.state.database import Database

#: How long ended jobs are kept, and the steps on their way.
_KEPT: Final = timedelta(days=30)
_STEPS_KEPT: Final = timedelta(days=1)
#: Two may ask at once, and the one job may end between two looks; who loses this often meets a fault.
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Ticket:
    """The job that answers a request: a new one, one that runs anyway, or one that ended a moment ago."""

    id: str
    how: Literal["new", "joined", "recent"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in a worker's hands."""

    id: str
    kind: str
    subject: str
    owner: str
    attempt: int

    @property
    def is_held(self) -> ColumnElement[bool]:
        """Whether the job is still in these hands."""
        return and_(Job.id == self.id, Job.owner == self.owner, Job.attempts == self.attempt, Job.ended_at.is_(None))  # fmt: skip


class JobTable:
    """All jobs of a service. Safe for many threads and processes."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self.database = database
        self.policy = policy

    # --- asking --------------------------------------------------------------------------------------

    def ask(self, kind: str, subject: str, lang: Lang) -> Ticket:
        """A job for this subject: the one that is under way or just ended, else a new one that waits.

        Raises:
            FullError: too many wait already.
            StateError: the database cannot be used.
        """
        for _ in range(_TRIES):
            try:
                with self.database.session() as session:
                    return self._ticket(session, kind, subject) or self._new(session, kind, subject, lang)  # fmt: skip
            except IntegrityError:
                continue  # another asked at the same moment: theirs is found next
        raise FullError

    def _ticket(self, session: Session, kind: str, subject: str) -> Ticket | None:
        same = (Job.kind == kind, Job.subject == subject)
        active = session.scalar(select(Job.id).where(*same, Job.ended_at.is_(None)))
        if active is not None:
            return Ticket(active, "joined")
        since = moment(self.database, session) - timedelta(seconds=self.policy.fresh_seconds)
        recent = session.scalar(
            select(Job.id).where(*same, Job.state == "done", Job.ended_at > since).limit(1)
        )
        return Ticket(recent, "recent") if recent is not None else None

    def _new(self, session: Session, kind: str, subject: str, lang: Lang) -> Ticket:
        waiting = select(func.count()).select_from(Job).where(Job.state == "queued")
        if (session.scalar(waiting) or 0) >= self.policy.waiting:
            raise FullError
        at = moment(self.database, session)
        job = Job(
            id=str(uuid.uuid4()), kind=kind, subject=subject, lang=lang, state="queued", attempts=0,
            created_at=at, leased_until=at + timedelta(seconds=self.policy.resend_seconds),
        )  # fmt: skip
        session.add(job)
        session.flush()
        self._note(session, job.id, at, {"state": "queued"})
        return Ticket(job.id, "new")

    def withdraw(self, job_id: str, error: PaycanaryError) -> bool:
        """End a job that could not be sent to anybody; False if somebody has taken it up all the same."""
        with self.database.session() as session:
            waits = and_(Job.id == job_id, Job.state == "queued")
            return self._end(session, waits, job_id, None, told(error))

    # --- working -------------------------------------------------------------------------------------

    def claim(self, job_id: str) -> Claim | None:
        """Take a job; None where it has ended, another holds it, or too many have died over it."""
        owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(6)}"
        with self.database.session() as session:
            at = moment(self.database, session)
            free = and_(
                Job.id == job_id, Job.ended_at.is_(None), or_(Job.state == "queued", Job.leased_until < at)
            )  # fmt: skip
            if self._give_up(session, free):
                return None
            values = {
                "state": "running", "owner": owner, "attempts": Job.attempts + 1,
                "leased_until": self._lease(at), "started_at": func.coalesce(Job.started_at, at),
            }  # fmt: skip
            if not _changed(session.execute(update(Job).where(free).values(values))):
                return None
            job = session.execute(select(Job.kind, Job.subject, Job.attempts).where(Job.id == job_id)).one()  # fmt: skip
            self._note(session, job_id, at, {"state": "running", "attempt": job.attempts})
            return Claim(job_id, job.kind, job.subject, owner, job.attempts)

    def renew(self, claim: Claim) -> bool:
        """Hold on to a job; False where it is no longer in these hands."""
        with self.database.session() as session:
            until = self._lease(moment(self.database, session))
            return _changed(session.execute(update(Job).where(claim.is_held).values(leased_until=until)))  # fmt: skip

    def note(self, claim: Claim, event: dict[str, Any]) -> bool:
        """Tell how far a job is, and hold on to it; False where it is no longer in these hands."""
        with self.database.session() as session:
            at = moment(self.database, session)
            # The update also locks the row, so that a job's events are written one after the other.
            if not _changed(session.execute(update(Job).where(claim.is_held).values(leased_until=self._lease(at)))):  # fmt: skip
                return False
            self._note(session, claim.id, at, event)
            return True

    def end(
        self, claim: Claim, result: dict[str, Any] | None, error: dict[str, Any] | None = None
    ) -> bool:
        """End a job with a result or an error; False where it is no longer in these hands."""
        with self.database.session() as session:
            return self._end(session, claim.is_held, claim.id, result, error)

    def hand_back(self, claim: Claim, *, counts: bool, after: float = 0.0) -> bool:
        """Let another take the job after so many seconds; ``counts``: this attempt is one of those it may have."""
        with self.database.session() as session:
            at = moment(self.database, session)
            values = {
                "state": "queued", "owner": None, "attempts": claim.attempt - (not counts),
                "leased_until": at + timedelta(seconds=after),
            }  # fmt: skip
            done = _changed(session.execute(update(Job).where(claim.is_held).values(values)))
            if done:
                self._note(session, claim.id, at, {"state": "queued", "attempt": claim.attempt})
            return done

    # --- keeping house -------------------------------------------------------------------------------

    def overdue(self) -> list[str]:
        """Jobs that nobody is heard of: their message is lost, or their worker. They count as sent anew from now on."""
        with self.database.session() as session:
            at = moment(self.database, session)
            late = and_(Job.ended_at.is_(None), Job.leased_until < at)
            self._give_up(session, late)
            found = list(session.scalars(select(Job.id).where(late).order_by(Job.created_at)))
            again = at + timedelta(seconds=self.policy.resend_seconds)
            session.execute(
                update(Job).where(Job.id.in_(found), late, Job.state == "queued").values(leased_until=again)
            )  # fmt: skip
            return found

    def clean(self) -> int:
        """Delete what ended long ago; how many jobs."""
        with self.database.session() as session:
            at = moment(self.database, session)
            ended = select(Job.id).where(Job.ended_at < at - _STEPS_KEPT)
            steps = JobEvent.event["state"].as_string().is_(None)
            session.execute(delete(JobEvent).where(JobEvent.job_id.in_(ended), steps))
            return _rows(session.execute(delete(Job).where(Job.ended_at < at - _KEPT)))

    # --- in one transaction --------------------------------------------------------------------------

    def _give_up(self, session: Session, which: ColumnElement[bool]) -> bool:
        """End those that have had all their attempts."""
        worn = select(Job.id).where(which, Job.attempts >= self.policy.attempts).with_for_update()
        found = list(session.scalars(worn))
        for job_id in found:
            self._end(session, Job.id == job_id, job_id, None, _worn_out(self.policy.attempts))
        return bool(found)

    def _end(
        self, session: Session, which: ColumnElement[bool], job_id: str,
        result: dict[str, Any] | None, error: dict[str, Any] | None,
    ) -> bool:  # fmt: skip
        at = moment(self.database, session)
        state = "done" if error is None else "failed"
        values = {"state": state, "ended_at": at, "owner": None, "leased_until": None, "result": result, "error": error}  # fmt: skip
        if not _changed(session.execute(update(Job).where(which, Job.ended_at.is_(None)).values(values))):  # fmt: skip
            return False
        self._note(session, job_id, at, {"state": state} | ({"error": error} if error else {}))
        return True

    def _note(self, session: Session, job_id: str, at: datetime, event: dict[str, Any]) -> None:
        session.add(JobEvent(job_id=job_id, at=at, event=event))
        session.flush()

    def _lease(self, at: datetime) -> datetime:
        return at + timedelta(seconds=self.policy.lease_seconds)


def moment(database: Database, session: Session) -> datetime:
    """Now, by the database's clock where several machines share it: their own may differ by more than a lease."""
    if database.is_shared:
        return session.execute(select(func.clock_timestamp(type_=Moment()))).scalar_one()
    return now()


def told(error: PaycanaryError) -> dict[str, Any]:
    """An error as it is kept, in both languages."""
    return {"code": error.code, "what": error.what, "todo": error.todo}


def _worn_out(attempts: int) -> dict[str, Any]:
    return {
        "code": "worn_out",
        "what": {
            "ko": f"작업이 {attempts}번 도중에 끊겼습니다.",
            "en": f"The work broke off in the middle {attempts} times.",
        },
        "todo": {
            "ko": "저장된 자료는 그대로입니다. 나중에 다시 해 보세요.",
            "en": "What is stored is unharmed. Try again later.",
        },
    }


def _rows(result: Any) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0


def _changed(result: Any) -> bool:
    return _rows(result) > 0
