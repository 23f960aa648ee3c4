"""Refreshes that pages ask for: on Redis workers where there is Redis, else in threads of this process."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from paycanary.jobs import reading
from paycanary.jobs.policy import NoJobError, QueueError, SampleError
from paycanary.jobs.queue import Queue, local_queue, redis_broker
from paycanary.jobs.table import JobTable
from paycanary.jobs.worker import Worker
from paycanary.service import redis_address

if TYPE_CHECKING:
    from typing import Any

    from paycanary.errors import Lang
    from paycanary.jobs.reading import Seen
    from paycanary.jobs.table import Ticket
    from paycanary.service.market import Edition
    from paycanary.service.settings import Settings
    from paycanary.state.database import Database


def worker_of(table: JobTable) -> Worker:
    """A worker that knows every kind of job."""
    from paycanary.jobs.refresh import KIND, refresh_company  # noqa: PLC0415 - loads what speaks HTTP

    work = partial(refresh_company, store_seconds=table.policy.store_seconds)
    return Worker(table, {KIND: work})


class Refreshing:
    """Asking for refreshes and looking at them; one for a serving process."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.table = JobTable(database, settings.jobs)
        self._worker: Worker | None = None
        self._queue: Queue
        place = redis_address.queue(settings)
        if place is None:
            self._worker = worker_of(self.table)
            self._queue = local_queue(self._worker, settings.jobs_at_once)
        else:
            self._queue = Queue(redis_broker(place.url, settings.job_lease_seconds, place.prefix))

    def ask(self, edition: Edition, company: str, lang: Lang) -> Ticket:
        """A job that refreshes a company that is stored; ``company`` is its canonical id.

        Raises:
            SampleError: the built-in sample answers.
            QueueError: nobody would do the work.
            FullError: too many jobs wait.
            StateError: the database cannot be used.
        """
        from paycanary.jobs.refresh import KIND  # noqa: PLC0415

        if edition.is_sample:
            raise SampleError
        ticket = self.table.ask(KIND, company, lang)
        if ticket.how == "new":
            try:
                self._queue.send(ticket.id)
            except QueueError as error:
                if self.table.withdraw(ticket.id, error):
                    raise
        return ticket

    def look(self, job_id: str) -> Seen:
        """A job as it is now.

        Raises:
            NoJobError: there is none of that number.
        """
        # PostgreSQL cannot even be asked for a text with that character in it.
        seen = None if "\0" in job_id else reading.look(self.table.database, job_id)
        if seen is None:
            raise NoJobError
        return seen

    def events(self, job_id: str, after: int) -> list[tuple[int, dict[str, Any]]]:
        """What became of a job since event ``after``, in order."""
        return reading.events(self.table.database, job_id, after)

    def sweep(self) -> None:
        """Send every job again that nobody is heard of.

        Raises:
            QueueError: the queue cannot be reached; the next sweep tries again.
        """
        for job_id in self.table.overdue():
            self._queue.send(job_id)

    def close(self) -> None:
        """Hand back what runs in this process, and let go of the queue."""
        if self._worker is not None:
            self._worker.stop()
        self._queue.close()
