"""The market as it is asked by many at once: the newest snapshot, warmed, and replaced when a refresh commits.

An `Edition` is one snapshot on one day. It answers verdicts as of that day from what was asked once about everyone; other
days and people's own criteria are asked as they come. So is everything where the lake holds a country's pension months: asked about
everyone, with all figures, they take more memory than a machine has. `Market.edition` gives the newest; while a newer one is being
warmed in the background the older one answers, so that nobody waits for a refresh. An edition is let go of, and its
files closed, when the last who asks it has left.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import duckdb

from paycanary import history
from paycanary.errors import LakeError, NotFoundError
from paycanary.lake import search, snapshots
from paycanary.lake.home import lake_path
from paycanary.lake.reader import Reader, open_sample, unreadable
from paycanary.service.settings import WARM_ROWS
from paycanary.service.warmed import Warmed
from paycanary.signals.custom import BUILT_IN, Criteria
from paycanary.verdict import Session, compose
from paycanary.wording import today

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from paycanary.documents import Facts, Headcount
    from paycanary.errors import Lang
    from paycanary.lake.search import Hit
    from paycanary.models import Verdict

#: Sessions for other days and criteria; each may use both cores for a moment.
_SPARE: Final = 2
#: Tables whose rows are counted.
_COUNTED: Final = ("headcounts", "workplace_months")
#: Seconds between two looks for a newer snapshot.
_LOOK: Final = 1.0
#: Seconds until a snapshot that could not be used is tried again: a disk may have been away.
_RETRY: Final = 30.0
log = logging.getLogger("paycanary.service")


class Edition:
    """One snapshot on one day, safe for many threads.

    Args:
        reader: the snapshot.
        day: as of which it answers.
        warm_rows: with more rows of headcounts nobody is asked about beforehand; each company is, when somebody wants to know.

    Raises:
        LakeError: a file of the snapshot is missing or damaged.
    """

    def __init__(self, reader: Reader, day: date, warm_rows: int = WARM_ROWS) -> None:
        self.day = day
        self.reader = reader
        #: Changes whenever an answer may: part of every cache key and ETag.
        self.key = _key(reader, day)
        self._warm = Session(reader)
        self._warm_lock = threading.Lock()
        tables = reader.snapshot.tables
        rows = sum(tables[name].rows for name in _COUNTED if name in tables)
        self._warmed: Warmed | None = None
        if rows <= warm_rows:
            self._warm.engine.ask(day, None)
            self._warmed = Warmed(self._warm.con)
        self._spare: queue.LifoQueue[Session] = queue.LifoQueue()
        for _ in range(_SPARE):
            self._spare.put(Session(reader))
        self.index = search.Index(reader.connect())

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
        if self._warmed is not None:
            found = self._warmed.canonical(company)
        else:
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
        warmed = self._warmed_for(as_of, criteria)
        if warmed is not None and (told := warmed.known(company)) is not None:
            return compose(company, told, self.day, lang, is_sample=self.is_sample)
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

    def _warmed_for(self, as_of: date | None, criteria: Criteria) -> Warmed | None:
        """What was asked about everyone, where that is what is asked for."""
        return self._warmed if as_of in (None, self.day) and criteria == BUILT_IN else None

    @contextmanager
    def _session(self, as_of: date | None, criteria: Criteria) -> Iterator[Session]:
        if self._warmed_for(as_of, criteria) is not None:
            with self._warm_lock:
                yield self._warm
            return
        session = self._spare.get()
        try:
            yield session
        finally:
            self._spare.put(session)


class Market:
    """The newest edition that can be used; whoever asks never waits for a newer one.

    Raises:
        LakeError: there are snapshots and none can be used.
    """

    def __init__(self, warm_rows: int = WARM_ROWS) -> None:
        self._warm_rows = warm_rows
        #: Whether the newest snapshot cannot be used, so that an older one answers.
        self.is_damaged = False
        #: The newest snapshot when last looked for.
        self._seen: str | None = None
        self._edition = self._open(None)
        self._looked = self._tried = time.monotonic()
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
        if not self._is_newer() and not self._is_due():
            return
        self._tried = time.monotonic()
        self._warming = threading.Thread(target=self._renew, name="warming", daemon=True)
        self._warming.start()

    def _renew(self) -> None:
        try:
            self._edition = self._open(self._edition)
        except (LakeError, OSError) as error:
            self.is_damaged = True
            log.error("no snapshot can be used, an older one goes on: %s", error)  # noqa: TRY400 - said, not traced
        except Exception:
            # Tried again as well: what nobody foresaw, such as no room for a temporary file, may be over by then.
            self.is_damaged = True
            log.exception("the newest snapshot could not be warmed, an older one goes on")

    def _open(self, held: Edition | None) -> Edition:
        """The newest snapshot that can be used, warmed; ``held`` where that is it."""
        day = today()
        fault: LakeError | None = None
        edition = None
        paths = _history()
        self._seen = _mark(paths)
        for path in reversed(paths):
            try:
                edition = _edition(path, day, held, self._warm_rows)
                break
            except (LakeError, duckdb.Error) as error:
                told = error if isinstance(error, LakeError) else unreadable(lake_path(), error)
                log.error("%s cannot be used: %s", path.name, told)  # noqa: TRY400 - said, not traced
                fault = fault or told
        if edition is None:
            if fault is not None:
                raise fault
            edition = _sample(day, held)
        self.is_damaged = fault is not None
        return edition

    def _is_newer(self) -> bool:
        """Whether there is another newest snapshot than when last looked for."""
        try:
            return _mark(_history()) != self._seen
        except OSError as error:
            log.warning("snapshots cannot be looked for: %s", error)
            return False

    def _is_due(self) -> bool:
        """Whether the same one is to be opened again: for a new day, or because it could not be used some time ago."""
        if self.is_damaged:
            return time.monotonic() - self._tried >= _RETRY
        return today() != self._edition.day


def check_store() -> None:
    """See whether there is a snapshot to begin with, before anything is started.

    Raises:
        LakeError: there are snapshots, and none can be opened.
    """
    fault: LakeError | None = None
    for path in reversed(_history()):
        try:
            snapshot = snapshots.load(path)
            Reader(lake_path(), snapshot, is_sample=False).connect().close()
        except LakeError as error:
            fault = fault or error
        else:
            return
    if fault is not None:
        raise fault


def _history() -> list[Path]:
    return snapshots.history(lake_path() / "snapshots")


def _mark(paths: list[Path]) -> str | None:
    """Tells the newest snapshot from any other, also from one of the same number in a lake that was made anew."""
    return f"{paths[-1].name} {paths[-1].stat().st_mtime_ns}" if paths else None


def _key(reader: Reader, day: date) -> str:
    """``<number of the snapshot>-<day>-<its second>``: a lake that is made anew counts from one again."""
    if reader.is_sample:
        return f"sample-{day:%Y%m%d}"
    second = "".join(filter(str.isdigit, reader.snapshot.committed_at))[:14]
    return f"{reader.snapshot.id}-{day:%Y%m%d}-{second}"


def _edition(path: Path, day: date, held: Edition | None, warm_rows: int) -> Edition:
    """A snapshot's edition on a day; one of no tables, which a rollback leaves, is the sample's."""
    snapshot = snapshots.load(path)
    if held is not None and held.day == day and held.reader.snapshot == snapshot:
        return held
    if not snapshot.tables:
        return _sample(day, held)
    return Edition(Reader(lake_path(), snapshot, is_sample=False), day, warm_rows)


def _sample(day: date, held: Edition | None) -> Edition:
    if held is not None and held.is_sample and held.day == day:
        return held
    return Edition(open_sample(), day)
