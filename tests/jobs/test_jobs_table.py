"""The table of jobs, on SQLite and on PostgreSQL: one job a company, one holder, one end."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from paycanary.errors import LakeError
from paycanary.jobs.policy import FullError, NoJobError, Policy, QueueError
from paycanary.jobs.reading import events, look
from paycanary.jobs.table import JobTable
from paycanary.jobs.worker import Worker
from paycanary.state.database import now
from paycanary.state.tables import Job, JobEvent
from tests.jobs.asking import until

if TYPE_CHECKING:
    from paycanary.jobs.board import Board
    from paycanary.jobs.table import Claim
    from paycanary.state.database import Database

POLICY = Policy(lease_seconds=60, resend_seconds=60)


@pytest.fixture
def table(database: Database) -> JobTable:
    return JobTable(database, POLICY)


def taken(table: JobTable, subject: str = "dart:1") -> Claim:
    claim = table.claim(table.ask("k", subject, "ko").id)
    assert claim is not None
    return claim


def pass_time(table: JobTable, seconds: float, *columns: str) -> None:
    """Let moments of all jobs lie so much further back."""
    with table.database.session() as session:
        for job in session.scalars(select(Job)):
            for column in columns or ("leased_until", "ended_at", "created_at"):
                at = getattr(job, column)
                setattr(job, column, at and at - timedelta(seconds=seconds))


def states(table: JobTable, job: str) -> list[str]:
    return [event["state"] for _, event in events(table.database, job, 0) if "state" in event]


def test_many_who_ask_at_once_get_one_job(table: JobTable) -> None:
    with ThreadPoolExecutor(8) as pool:
        tickets = list(pool.map(lambda _: table.ask("k", "dart:1", "ko"), range(24)))
    assert len({ticket.id for ticket in tickets}) == 1
    assert sorted(ticket.how for ticket in tickets) == ["joined"] * 23 + ["new"]
    assert states(table, tickets[0].id) == ["queued"]


def test_many_who_take_at_once_are_one(table: JobTable) -> None:
    job = table.ask("k", "dart:1", "ko").id
    with ThreadPoolExecutor(8) as pool:
        claims = [c for c in pool.map(lambda _: table.claim(job), range(16)) if c]
    assert len(claims) == 1
    assert states(table, job) == ["queued", "running"]


def test_who_lost_a_job_changes_nothing_any_more(table: JobTable) -> None:
    first = taken(table)
    pass_time(table, 61)
    second = table.claim(first.id)
    assert second is not None
    assert second.attempt == 2
    assert not table.renew(first)
    assert not table.note(first, {"parts": []})
    assert not table.hand_back(first, counts=False)
    assert not table.end(first, {"ko": "late"})
    assert table.end(second, {"ko": "once"})
    assert not table.end(second, {"ko": "twice"})
    seen = look(table.database, first.id)
    assert seen is not None
    assert (seen.state, seen.result, seen.is_ended) == ("done", {"ko": "once"}, True)
    assert states(table, first.id) == ["queued", "running", "running", "done"]


def test_a_lease_that_is_renewed_is_not_taken(table: JobTable) -> None:
    claim = taken(table)
    pass_time(table, 40)
    assert table.renew(claim)
    pass_time(table, 40)
    assert table.claim(claim.id) is None
    assert table.overdue() == []
    assert table.note(claim, {"parts": []})
    pass_time(table, 40)
    assert table.overdue() == []
    pass_time(table, 40)
    assert table.overdue() == [claim.id]


def test_a_message_that_is_lost_is_sent_again_but_not_all_the_time(table: JobTable) -> None:
    job = table.ask("k", "dart:1", "ko").id
    assert table.overdue() == []
    pass_time(table, 61)
    assert table.overdue() == [job]
    assert table.overdue() == []
    pass_time(table, 61)
    assert table.overdue() == [job]


def test_attempts_are_bounded_and_handing_back_is_none(table: JobTable) -> None:
    job = table.ask("k", "dart:1", "ko").id
    for _ in range(5):
        claim = table.claim(job)
        assert claim is not None
        assert claim.attempt == 1
        assert table.hand_back(claim, counts=False)
    for _ in range(POLICY.attempts):
        assert table.claim(job) is not None
        pass_time(table, 61)
    assert table.claim(job) is None
    seen = look(table.database, job)
    assert seen is not None
    assert (seen.state, seen.error and seen.error["code"]) == ("failed", "worn_out")
    assert seen.error is not None
    assert set(seen.error["what"]) == {"ko", "en"}
    assert table.overdue() == []
    assert table.ask("k", "dart:1", "ko").how == "new"


def test_the_sweep_gives_up_what_nobody_asks_for_any_more(table: JobTable) -> None:
    claim = taken(table)
    with table.database.session() as session:
        session.execute(update(Job).values(attempts=POLICY.attempts))
    pass_time(table, 61)
    assert table.overdue() == []
    assert states(table, claim.id)[-1] == "failed"


def test_a_recent_result_answers_until_it_is_old(table: JobTable) -> None:
    claim = taken(table)
    table.end(claim, {"ko": 1})
    assert table.ask("k", "dart:1", "en") == replace(table.ask("k", "dart:1", "ko"), id=claim.id, how="recent")  # fmt: skip
    assert table.ask("k", "dart:2", "ko").how == "new"
    pass_time(table, POLICY.fresh_seconds + 1)
    assert table.ask("k", "dart:1", "ko").how == "new"


def test_a_failure_answers_nobody(table: JobTable) -> None:
    table.end(taken(table), None, {"code": "x", "what": {}, "todo": {}})
    assert table.ask("k", "dart:1", "ko").how == "new"


def test_no_more_wait_than_may(database: Database) -> None:
    table = JobTable(database, replace(POLICY, waiting=2))
    for subject in ("dart:1", "dart:2"):
        table.ask("k", subject, "ko")
    with pytest.raises(FullError):
        table.ask("k", "dart:3", "ko")
    assert table.ask("k", "dart:2", "ko").how == "joined"
    taken(table, "dart:1")
    assert table.ask("k", "dart:3", "ko").how == "new"


def test_what_could_not_be_sent_ends_unless_somebody_has_it(table: JobTable) -> None:
    job = table.ask("k", "dart:1", "ko").id
    assert table.withdraw(job, QueueError())
    seen = look(table.database, job)
    assert seen is not None
    assert seen.error is not None
    assert seen.error["code"] == "queue"
    assert not table.withdraw(taken(table).id, QueueError())


def test_old_steps_go_first_and_old_jobs_with_all_they_have(table: JobTable) -> None:
    old, newer, running = taken(table, "dart:1"), taken(table, "dart:2"), taken(table, "dart:3")
    for claim in (old, newer, running):
        table.note(claim, {"parts": []})
    table.end(old, {})
    pass_time(table, 29 * 86_400, "ended_at")
    table.end(newer, {})
    pass_time(table, 2 * 86_400, "ended_at")
    assert table.clean() == 1
    assert look(table.database, old.id) is None
    with table.database.session() as session:
        left = session.execute(select(JobEvent.job_id, func.count()).group_by(JobEvent.job_id)).all()  # fmt: skip
    assert dict(map(tuple, left)) == {newer.id: 3, running.id: 3}
    assert table.clean() == 0


def test_events_are_read_on_from_where_one_was(table: JobTable) -> None:
    claim = taken(table)
    for n in range(250):
        table.note(claim, {"parts": [], "n": n})
    seen: list[int] = []
    after = 0
    while found := events(table.database, claim.id, after):
        after = found[-1][0]
        seen += [number for number, _ in found]
    assert len(seen) == 252
    assert seen == sorted(set(seen))
    assert events(table.database, "another", 0) == []


def test_a_worker_tells_how_far_it_is_and_what_went_wrong(table: JobTable) -> None:
    def work(subject: str, board: Board) -> dict[str, Any]:
        if subject == "dart:full":
            raise LakeError({"ko": "/secret/path", "en": "/secret/path"}, {"ko": "", "en": ""})
        if subject == "dart:none":
            raise NoJobError
        if subject == "dart:bug":
            raise ZeroDivisionError
        part = board.part("dart")
        part.step("dart", 2)
        part.advance()
        until(lambda: any("parts" in event for _, event in events(table.database, job, 0)))
        return {"ko": subject}

    worker = Worker(table, {"k": work})
    ended = {}
    for subject in ("dart:1", "dart:full", "dart:none", "dart:bug"):
        job = table.ask("k", subject, "ko").id
        worker.run(job)
        ended[subject] = look(table.database, job)
    good, full, none, bug = ended.values()
    assert good
    assert full
    assert none
    assert bug
    assert (good.state, good.result) == ("done", {"ko": "dart:1"})
    assert (full.state, full.error and full.error["code"]) == ("failed", "store")
    assert "/secret" not in str(full.error)
    assert (none.state, none.error and none.error["code"]) == ("failed", "no_job")
    # A fault of ours is tried again, as often as any other.
    assert (bug.state, bug.attempts) == ("queued", 1)
    for _ in range(POLICY.attempts):
        worker.run(bug.id)
    last = look(table.database, bug.id)
    assert last is not None
    assert (last.state, last.error and last.error["code"]) == ("failed", "worn_out")


def test_a_worker_that_stops_leaves_its_threads_at_their_next_step(table: JobTable) -> None:
    began, left = threading.Event(), threading.Event()

    def work(subject: str, board: Board) -> dict[str, Any]:
        try:
            while True:
                board.step(subject)
                began.set()
        finally:
            left.set()

    worker = Worker(table, {"k": work})
    job = table.ask("k", "dart:1", "ko").id
    thread = threading.Thread(target=worker.run, args=(job,))
    thread.start()
    assert began.wait(30)
    assert worker.stop() == [job]
    assert left.wait(30)
    thread.join()
    seen = look(table.database, job)
    assert seen is not None
    assert (seen.state, seen.attempts) == ("queued", 0)
    worker.run(job)  # it takes nothing any more
    assert states(table, job) == ["queued", "running", "queued"]


def test_moments_are_the_databases(table: JobTable) -> None:
    before = now()
    claim = taken(table)
    with table.database.session() as session:
        started = session.scalar(select(Job.started_at).where(Job.id == claim.id))
    assert started is not None
    assert abs(started - before) < timedelta(seconds=60)
    assert started.tzinfo is not None
