"""Asking with memory: answers that are still good are used again, new ones are kept at once, a quota is respected.

A register's module plans in plain Python against a `Collector`::

    rows = collector.get(api, Call("company", {"corp_code": code}, max_age=timedelta(days=7)))
    for call, rows in collector.map(api, calls): ...
"""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Final

from paycanary.errors import AnswerError, QuotaError, SourceError
from paycanary.progress import SILENT, Progress
from paycanary.telemetry.spans import carried

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from pathlib import Path

    from paycanary.sources.web.calls import Api, Call, Row
    from paycanary.sources.web.inbox import Inbox, Stored

#: Answers that cannot be read, in a row, after which a service is taken to be out of order.
_BROKEN_IN_A_ROW: Final = 10
_KEPT_FAILURES: Final = 100


@dataclass(slots=True)
class Tally:
    """What came of asking one register: calls made, answers used again, and what failed."""

    asked: int = 0
    reused: int = 0
    empty: int = 0
    failed: int = 0
    failures: list[tuple[str, SourceError]] = field(default_factory=list)


class Collector:
    """Asks registers through an inbox.

    Args:
        inbox: where answers are kept.
        progress: told of every answer.
        workers: calls in flight at once for `map`.

    Attributes:
        again_from: a day from which on a plan looks again for what was published, whatever it knows; None: for what is new.
    """

    def __init__(self, inbox: Inbox, progress: Progress = SILENT, workers: int = 4) -> None:
        self.inbox = inbox
        self.progress = progress
        self.workers = workers
        self.again_from: date | None = None
        self.tallies: dict[str, Tally] = {}
        self._lock = threading.Lock()
        self._broken: Counter[str] = Counter()

    def tally(self, source: str) -> Tally:
        """The account of one register."""
        with self._lock:
            return self.tallies.setdefault(source, Tally())

    def get(self, api: Api, call: Call) -> list[Row]:
        """The rows that answer ``call``, from the inbox where they are still good.

        Raises:
            SourceError: see `Api.ask`; QuotaError also when today's calls are known to be used up.
        """
        return self.stored(api, call).rows

    def file(self, api: Api, call: Call) -> Path | None:
        """The file that answers ``call``; None where the service has none.

        Raises:
            SourceError: as `get`.
        """
        return self.stored(api, call).file

    def stored(self, api: Api, call: Call) -> Stored:
        """As `get`, with the day on which the answer came.

        Raises:
            SourceError: as `get`.
        """
        tally = self.tally(api.source)
        if (known := self.inbox.find(api.source, call)) is not None:
            with self._lock:
                tally.reused += 1
            return known
        bucket = api.bucket(call)
        if not self.inbox.count_call(api.source, bucket, api.daily_limit):
            raise out_of_quota(api.source, self.inbox)
        try:
            answer = api.ask(call)
        except QuotaError:
            self.inbox.exhaust(api.source, bucket)
            raise out_of_quota(api.source, self.inbox) from None
        stored = self.inbox.save(api.source, call, answer)
        with self._lock:
            tally.asked += 1
            tally.empty += not answer.rows and answer.file is None
            self._broken[api.source] = 0
        return stored

    def map(self, api: Api, calls: Iterable[Call]) -> Iterator[tuple[Call, list[Row]]]:
        """Ask many questions, several at once; answers come in the order in which they arrive.

        A question whose answer cannot be read is counted in `tally` and left out. What would meet every further question
        too (quota, key, no connection, ten unreadable answers in a row) ends the round once the calls in flight are kept.

        Raises:
            SourceError: why the round ended early; everything that came until then is in the inbox.
        """
        waiting = iter(calls)
        with ThreadPoolExecutor(self.workers, thread_name_prefix=api.source) as pool:
            try:
                flight: dict[Future[list[Row]], Call] = {
                    pool.submit(carried(self.get), api, call): call
                    for call in islice(waiting, self.workers)
                }
                while flight:
                    done, _ = wait(flight, return_when=FIRST_COMPLETED)
                    for future in done:
                        call = flight.pop(future)
                        rows = self._rows(api, call, future)
                        self.progress.advance()
                        flight.update({pool.submit(carried(self.get), api, c): c for c in islice(waiting, 1)})  # fmt: skip
                        if rows is not None:
                            yield call, rows
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _rows(self, api: Api, call: Call, future: Future[list[Row]]) -> list[Row] | None:
        try:
            return future.result()
        except AnswerError as error:
            tally = self.tally(api.source)
            with self._lock:
                tally.failed += 1
                if len(tally.failures) < _KEPT_FAILURES:
                    tally.failures.append((f"{call.endpoint} {call.request}", error))
                self._broken[api.source] += 1
                if self._broken[api.source] >= _BROKEN_IN_A_ROW:
                    raise
            return None


def out_of_quota(source: str, inbox: Inbox) -> QuotaError:
    """The error for a day whose calls are used up."""
    resumes = inbox.today() + timedelta(days=1)
    return QuotaError(
        source,
        resumes,
        {
            "ko": f"{source}: 오늘 호출 한도를 다 썼습니다({inbox.calls_today(source)}회).",
            "en": f"{source}: today's calls are used up ({inbox.calls_today(source)} made).",
        },
        {
            "ko": f"{resumes} (한국 시각)부터 같은 명령을 다시 실행하면 이어서 받습니다.",
            "en": f"Run the same command from {resumes} (Korean time) on: it goes on where it stopped.",
        },
    )
