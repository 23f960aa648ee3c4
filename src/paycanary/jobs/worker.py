"""Doing jobs: take one, keep its lease alive, tell how far it is, end it once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_exponential

from paycanary.errors import LakeError, PaycanaryError, StateError
from paycanary.jobs.board import Board, Stop
from paycanary.jobs.table import told
from paycanary.telemetry import spans
from paycanary.telemetry.instruments import JOB_SECONDS, JOBS

if TYPE_CHECKING:
    from paycanary.jobs.table import Claim, JobTable

#: What a kind of job does with its subject; gives the result to keep.
Work = Callable[[str, Board], dict[str, Any]]
#: Seconds between two accounts of progress; later ones come more slowly, and there is an end to their number.
_BEAT: Final = 0.3
_SLOW_BEAT: Final = 3.0
_QUICK_BEATS: Final = 60
_MOST_BEATS: Final = 200
#: A lease is renewed this many times before it would end.
_RENEWALS: Final = 3
#: Seconds for which the end of a job is tried to be noted while the database is away.
_INSISTENCE: Final = 60
_log = logging.getLogger(__name__)


class Worker:
    """Does jobs, as many side by side as threads call `run`.

    Args:
        table: where jobs stand.
        works: what to do, by kind.
    """

    def __init__(self, table: JobTable, works: Mapping[str, Work]) -> None:
        self._table = table
        self._works = works
        self._lock = threading.Lock()
        self._held: dict[str, tuple[Claim, Board]] = {}
        self._is_stopping = False

    def run(self, job_id: str) -> None:
        """Do a job, unless another does it or has done it. Never raises: what goes wrong stands in the table or the log."""
        try:
            claim = self._take(job_id)
            if claim is not None:
                self._do(*claim)
        except StateError:
            _log.exception("job %s: left to the next sweep", job_id)

    def stop(self) -> list[str]:
        """Hand everything back at once; the threads leave at their next step. Gives the jobs that others can take."""
        with self._lock:
            self._is_stopping = True
            held = list(self._held.values())
        back = []
        for claim, board in held:
            board.stop()
            try:
                if self._table.hand_back(claim, counts=False):
                    back.append(claim.id)
            except StateError:
                _log.warning("job %s: left to the next sweep", claim.id)
        return back

    def _take(self, job_id: str) -> tuple[Claim, Board] | None:
        with self._lock:
            if self._is_stopping:
                return None
            claim = self._table.claim(job_id)
            if claim is None:
                return None
            self._held[claim.owner] = (claim, Board())
            return self._held[claim.owner]

    def _do(self, claim: Claim, board: Board) -> None:
        _log.info("job %s: attempt %d", claim.id, claim.attempt)
        pulse = _Pulse(self._table, claim, board)
        pulse.start()
        try:
            end = self._work(claim, board)
        except Stop:
            _log.info("job %s: in other hands", claim.id)
            return
        finally:
            pulse.end()
            with self._lock:
                del self._held[claim.owner]
        patiently = Retrying(
            retry=retry_if_exception_type(StateError), stop=stop_after_delay(_INSISTENCE),
            wait=wait_exponential(0.2, max=2), reraise=True,
        )  # fmt: skip
        if not patiently(end):
            _log.info("job %s: in other hands", claim.id)

    def _work(self, claim: Claim, board: Board) -> Callable[[], bool]:
        """Do the work; gives what notes its end."""
        table = self._table
        about = {"job.kind": claim.kind}
        with JOB_SECONDS.timed(about) as measured, spans.span(f"job {claim.kind}", about):
            measured["job.outcome"] = "left"
            try:
                result = self._works[claim.kind](claim.subject, board)
                measured["job.outcome"] = "done"
            except PaycanaryError as error:
                measured["job.outcome"] = "failed"
                _log.warning("job %s: %s", claim.id, error)
                shown = told(_public(error))
                return lambda: table.end(claim, None, shown)
            except Exception:  # noqa: BLE001 - logged with its place; a worker outlives its jobs
                measured["job.outcome"] = "fault"
                # It may be the moment's; after so many attempts the table gives it up.
                _log.exception("job %s: a fault of ours", claim.id)
                return lambda: table.hand_back(claim, counts=True, after=1.0)
            finally:
                JOBS.add(1, measured)
            return lambda: table.end(claim, result)


class _Pulse(threading.Thread):
    """Keeps a job's lease alive and writes its progress, so that the threads that work never wait for the database."""

    def __init__(self, table: JobTable, claim: Claim, board: Board) -> None:
        super().__init__(name="pulse", daemon=True)
        self._table = table
        self._claim = claim
        self._board = board
        self._ended = threading.Event()

    def run(self) -> None:
        """Beat until told to end, or until the job is in other hands."""
        every = self._table.policy.lease_seconds / _RENEWALS
        told, renewed, beats = 0.0, time.monotonic(), 0
        while not self._ended.wait(min(_BEAT, every)):
            at = time.monotonic()
            may_tell = beats < _MOST_BEATS and at - told >= (_BEAT if beats < _QUICK_BEATS else _SLOW_BEAT)  # fmt: skip
            event = self._board.news() if may_tell else None
            if event is None and at - renewed < every:
                continue
            try:
                held = self._table.note(self._claim, event) if event else self._table.renew(self._claim)  # fmt: skip
            except StateError:
                continue  # it may be back at the next beat; meanwhile nobody else can take the job either
            renewed = at
            if event:
                told, beats = at, beats + 1
            if not held:
                self._board.stop()
                return

    def end(self) -> None:
        """Stop beating."""
        self._ended.set()
        self.join()


def _public(error: PaycanaryError) -> PaycanaryError:
    """What a visitor may know of an error: paths of the store are for the log."""
    if not isinstance(error, LakeError):
        return error
    return LakeError(
        {"ko": "새로 받은 것을 저장하지 못했습니다.", "en": "What was fetched could not be stored."},
        {"ko": "저장된 자료는 그대로입니다. 나중에 다시 해 보세요.", "en": "What is stored is unharmed. Try again later."},
    )  # fmt: skip
