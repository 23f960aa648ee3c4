"""The market as it is asked by many at once: the newest snapshot, warmed, and replaced when a refresh commits.

An `Edition` is one snapshot on one day. It answers verdicts as of that day from what was asked once about everyone; other
days and people's own criteria are asked as they come. `Market.edition` gives the newest; while a newer one is being
warmed in the background the older one answers, so that nobody waits for a refresh.
"""

from __future__ import annotations

import queue
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from paycanary import history
from paycanary.errors import NotFoundError
from paycanary.lake import search, snapshots
from paycanary.lake.home import lake_path
from paycanary.lake.reader import open_reader
from paycanary.signals.custom import BUILT_IN, Criteria
from paycanary.verdict import Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from paycanary.documents import Facts, Headcount
    from paycanary.errors import Lang
    from paycanary.lake.search import Hit
    from paycanary.models import Verdict

#: Sessions for other days and criteria; each may use both cores for a moment.
_SPARE: Final = 2
#: Seconds between two looks for a newer snapshot.
_LOOK: Final = 1.0
_SEOUL: Final = ZoneInfo("Asia/Seoul")


def today() -> date:
    """The day on which questions are asked, in Korea."""
    return datetime.now(UTC).astimezone(_SEOUL).date()


class Edition:
    """One snapshot on one day, safe for many threads."""

    def __init__(self, day: date) -> None:
        self.day = day
        self.reader = open_reader()
        #: Changes whenever an answer may: part of every cache key and ETag.
        self.key = f"{'sample' if self.reader.is_sample else self.reader.snapshot.id}-{day:%Y%m%d}"
        self._warm = Session(self.reader)
        self._warm.engine.ask(day, None)
        self._warm_lock = threading.Lock()
        self._spare: queue.LifoQueue[Session] = queue.LifoQueue()
        for _ in range(_SPARE):
            self._spare.put(Session(self.reader))
        self.index = search.Index(self.reader.connect())

    @property
    def is_sample(self) -> bool:
        """Whether the built-in sample answers."""
        return self.reader.is_sample

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        """Companies that fit, best first."""
        return self.index.search(query, limit)

    def resolve(self, query: str) -> Hit:
        """The one company meant; errors as `lake.search.resolve`."""
        return search.resolve(self.index, query)

    def canonical(self, company: str) -> str:
        """The company that an id belongs to.

        Raises:
            NotFoundError: nothing stored bears that id.
        """
        with self._warm_lock:
            found = self._warm.canonical(company)
        if found is None:
            raise NotFoundError(
                {"ko": f"'{company}': 그런 번호의 회사가 없습니다.", "en": f"'{company}': no company has that id."},
                {"ko": "이름으로 찾아 보세요.", "en": "Search by name."},
            )  # fmt: skip
        return found

    def verdict(
        self, company: str, as_of: date | None = None, lang: Lang = "ko", criteria: Criteria = BUILT_IN
    ) -> Verdict:  # fmt: skip
        """The verdict on a canonical id; as of this edition's day by default."""
        with self._session(as_of, criteria) as session:
            return session.verdict(company, as_of or self.day, lang, criteria)

    def screen(
        self, as_of: date | None = None, criteria: Criteria = BUILT_IN, industry: str | None = None
    ) -> list[dict[str, Any]]:
        """Every company with any answer, worst first; see `Session.screen`."""
        with self._session(as_of, criteria) as session:
            return session.screen(as_of or self.day, criteria, industry)

    def facts(self, company: str, as_of: date | None = None) -> Facts:
        """Accounts and share issues of a canonical id."""
        with self._session(as_of, BUILT_IN) as session:
            return history.facts(session, company, as_of or self.day)

    def headcount(self, company: str, as_of: date | None = None) -> Headcount:
        """People of a canonical id."""
        with self._session(as_of, BUILT_IN) as session:
            return history.headcount(session, company, as_of or self.day)

    def days(self, company: str) -> list[date]:
        """Days on which something about a canonical id came out, oldest first."""
        with self._session(None, BUILT_IN) as session:
            return history.days(session, company, self.day)

    @contextmanager
    def _session(self, as_of: date | None, criteria: Criteria) -> Iterator[Session]:
        if as_of in (None, self.day) and criteria == BUILT_IN:
            with self._warm_lock:
                yield self._warm
            return
        session = self._spare.get()
        try:
            yield session
        finally:
            self._spare.put(session)


class Market:
    """The newest edition, looked for at most once a second."""

    def __init__(self) -> None:
        self._edition = Edition(today())
        self._looked = time.monotonic()
        self._lock = threading.Lock()
        self._warming: threading.Thread | None = None

    def edition(self) -> Edition:
        """The newest edition that is warm."""
        if time.monotonic() - self._looked > _LOOK and self._lock.acquire(blocking=False):
            try:
                self._looked = time.monotonic()
                self._look()
            finally:
                self._lock.release()
        return self._edition

    def _look(self) -> None:
        if self._warming is not None and self._warming.is_alive():
            return
        found = snapshots.history(lake_path() / "snapshots")
        newest = int(found[-1].stem) if found else None
        known = self._edition
        held = None if known.is_sample else known.reader.snapshot.id
        if newest != held or today() != known.day:
            self._warming = threading.Thread(target=self._renew, name="warming", daemon=True)
            self._warming.start()

    def _renew(self) -> None:
        self._edition = Edition(today())
