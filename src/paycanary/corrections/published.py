"""Accepted corrections as the service keeps them at hand: looked up at most once a second, off the way of an answer."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Final, Literal, cast

from sqlalchemy import func, select

from paycanary.corrections.beside import beside
from paycanary.errors import StateError
from paycanary.models import Correction
from paycanary.state import tables
from paycanary.wording import korean_day

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from paycanary.models import Verdict
    from paycanary.state.database import Database

#: Seconds between two looks.
_LOOK: Final = 1.0
#: Seconds that an answer waits for a look; a database that takes longer is waited for in the background.
_WAIT: Final = 0.25
_ACCEPTED: Final = "accepted"


class Published:
    """What was accepted so far, as last seen. Safe for many threads.

    While the database is away what was last seen stands, and ``is_stale`` says so.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._looked = -_LOOK
        self._looking: threading.Thread | None = None
        self._known: tuple[str, Mapping[str, Sequence[Correction]]] = ("unseen", {})
        self.is_stale = False

    def version(self) -> str:
        """Changes whenever a correction was accepted. Take it before the answer that it is to be the version of."""
        return self._current()[0]

    def attach(self, verdict: Verdict) -> Verdict:
        """The verdict with the corrections that had been accepted by its day."""
        return beside(verdict, self._current()[1])

    @staticmethod
    def read(database: Database) -> dict[str, list[Correction]]:
        """Everything accepted, by company, oldest first.

        Raises:
            StateError: the database cannot be asked.
        """
        row = tables.Correction
        asked = select(row).where(row.state == _ACCEPTED).order_by(row.decided_at, row.id)
        accepted: dict[str, list[Correction]] = defaultdict(list)
        with database.session() as session:
            for found in session.scalars(asked):
                accepted[found.company_id].append(public(found))
        return accepted

    def _current(self) -> tuple[str, Mapping[str, Sequence[Correction]]]:
        if time.monotonic() - self._looked >= _LOOK and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._known

    def _look(self) -> None:
        if self._looking is not None and self._looking.is_alive():
            self.is_stale = True
            return
        self._looking = threading.Thread(target=self._renew, name="corrections", daemon=True)
        self._looking.start()
        self._looking.join(_WAIT)
        self._looked = time.monotonic()

    def _renew(self) -> None:
        row = tables.Correction
        try:
            with self._database.session() as session:
                count, newest = session.execute(
                    select(func.count(), func.max(row.decided_at)).where(row.state == _ACCEPTED)
                ).one()
            version = f"{count}-{newest:%Y%m%d%H%M%S%f}" if count else "0"
            if version != self._known[0]:
                self._known = (version, self.read(self._database))
        except StateError:
            self.is_stale = True
        else:
            self.is_stale = False


def public(row: tables.Correction) -> Correction:
    """The public form of an accepted row."""
    return Correction(
        id=row.id,
        source=row.source,
        filing_id=row.filing_id,
        concept=row.concept,
        period_end=row.period_end,
        shown=row.shown,
        statement=cast("str", row.statement),
        reporter=cast("Literal['company', 'other']", row.reporter),
        accepted_on=korean_day(cast("datetime", row.decided_at)),
    )
