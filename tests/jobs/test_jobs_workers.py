"""Refreshes by workers on Redis: killed, paused, emptied, doubled. The state is SQLite in one half, PostgreSQL in the other."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import redis
from taskiq.kicker import AsyncKicker

from paycanary.jobs.queue import redis_broker
from tests.jobs.asking import COMPANY, until
from tests.services import findings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.jobs.asking import Worker, World
    from tests.servers import Redis


@pytest.fixture(params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, world: World, redis_server: Redis) -> World:
    """A world whose workers hear of jobs by Redis."""
    world.env["REDIS_URL"] = redis_server.url
    if request.param == "postgresql":
        world.env["DATABASE_URL"] = request.getfixturevalue("postgres_url")
    return world


@pytest.fixture
def on_redis(world: World, redis_server: Redis) -> World:
    """The same on SQLite alone, where the database makes no difference."""
    world.env["REDIS_URL"] = redis_server.url
    return world


def holder(world: World, job: str, workers: list[Worker]) -> Worker:
    """The worker that has the job."""
    until(lambda: world.is_running(job))
    (found,) = [worker for worker in workers if job in worker.output]
    return found


def pause(world: World, pid: int) -> None:
    """Stop a process where it holds no lock of a file: nobody can pass one who sleeps while it writes to SQLite, and this is not about that."""
    files = [path for path in (world.home / "inbox" / "answers.sqlite", world.home / "state.sqlite") if path.exists()]  # fmt: skip
    assert files

    def is_between_writes() -> bool:
        os.kill(pid, signal.SIGSTOP)
        if not any(is_locked(path) for path in files):
            return True
        os.kill(pid, signal.SIGCONT)
        return False

    until(is_between_writes)


def is_locked(path: Path) -> bool:
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as db:
        try:
            db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        db.execute("ROLLBACK")
        return False


def send(world: World, job: str) -> None:
    """Put a job's number into the queue, as a service does."""

    async def kick() -> None:
        broker = redis_broker(world.env["REDIS_URL"], 1)
        await broker.startup()
        await AsyncKicker[Any, None](task_name="paycanary.job", broker=broker, labels={}).kiq(job)
        await broker.shutdown()

    asyncio.run(kick())


def queue_length(world: World) -> tuple[int, int]:
    """Messages in the stream, and those that nobody has acknowledged."""
    with redis.Redis.from_url(world.env["REDIS_URL"], protocol=2) as client:
        pending = client.xpending("paycanary:jobs", "paycanary")
        return client.xlen("paycanary:jobs"), pending["pending"]


def test_a_worker_killed_in_the_middle_is_followed_by_another(shared: World) -> None:
    shared.serve()
    workers = [shared.worker(), shared.worker()]
    shared.hold_up()
    before = shared.snapshots()
    job = shared.ask()["id"]
    first = holder(shared, job, workers)
    first.kill()
    shared.mend()
    asked = shared.asked_of()
    done = shared.ended(job)
    assert done["state"] == "done"
    assert done["attempts"] == 2
    assert findings(done["result"]["verdict"])["going_concern"] == "danger"
    assert shared.asked_of() >= asked
    assert shared.snapshots() == before + 1
    shared.assert_ended_once(job)
    (second,) = [worker for worker in workers if worker is not first]
    assert f"job {job}: attempt 2" in second.output
    # What the dead one had not acknowledged is taken off the queue as well.
    until(lambda: queue_length(shared)[1] == 0)


def test_workers_killed_one_after_the_other_at_all_moments(on_redis: World) -> None:
    on_redis.env["PAYCANARY_JOB_ATTEMPTS"] = "50"
    on_redis.serve()
    on_redis.hold_up(0.2)
    before = on_redis.snapshots()
    job = on_redis.ask()["id"]
    killed = 0
    for seconds in (0.0, 0.4, 1.0, 1.8):
        worker = on_redis.worker()
        until(lambda w=worker: job in w.output or on_redis.look(job)["ended_at"])
        time.sleep(seconds)
        killed += on_redis.look(job)["ended_at"] is None
        worker.kill()
    on_redis.worker()
    done = on_redis.ended(job)
    assert done["state"] == "done"
    # The last of the killed may have ended it a moment before.
    assert 2 <= killed <= done["attempts"] <= killed + 1
    assert findings(done["result"]["verdict"])["going_concern"] == "danger"
    assert on_redis.snapshots() == before + 1
    on_redis.assert_ended_once(job)


def test_a_worker_that_is_stopped_hands_back_what_it_has_not_done(shared: World) -> None:
    shared.serve()
    worker = shared.worker()
    shared.hold_up()
    job = shared.ask()["id"]
    until(lambda: shared.is_running(job))
    started = time.monotonic()
    assert worker.stop() == 0
    assert time.monotonic() - started < 5
    shared.mend()
    second = shared.worker()
    done = shared.ended(job)
    assert (done["state"], done["attempts"]) == ("done", 1)
    shared.assert_ended_once(job)
    assert f"job {job}: attempt 1" in second.output
    assert "Traceback" not in worker.output + second.output


def test_a_worker_that_sleeps_past_its_lease_ends_nothing(shared: World) -> None:
    shared.serve()
    workers = [shared.worker(), shared.worker()]
    shared.hold_up()
    before = shared.snapshots()
    job = shared.ask()["id"]
    first = holder(shared, job, workers)
    assert first.process is not None
    pause(shared, first.process.pid)
    shared.mend()
    done = shared.ended(job)
    assert (done["state"], done["attempts"]) == ("done", 2), done
    os.kill(first.process.pid, signal.SIGCONT)
    until(lambda: f"job {job}: in other hands" in first.output)
    shared.assert_ended_once(job)
    assert shared.look(job) == done
    assert shared.snapshots() == before + 1
    # And it goes on working.
    other = shared.ask("dart:99000001")["id"]
    workers[1 - workers.index(first)].kill()
    assert shared.ended(other)["state"] == "done"


def test_a_message_that_comes_twice_is_done_once(shared: World) -> None:
    shared.serve()
    workers = [shared.worker(), shared.worker()]
    shared.hold_up(0.2)
    job = shared.ask()["id"]
    for _ in range(5):
        send(shared, job)
    done = shared.ended(job)
    send(shared, job)
    assert done["attempts"] == 1
    until(lambda: queue_length(shared)[1] == 0)
    shared.assert_ended_once(job)
    told = "".join(worker.output for worker in workers)
    assert told.count(f"job {job}: attempt") == 1


def test_a_doubled_message_is_no_loss_when_the_holder_dies(on_redis: World) -> None:
    on_redis.serve()
    workers = [on_redis.worker(), on_redis.worker()]
    on_redis.hold_up()
    job = on_redis.ask()["id"]
    first = holder(on_redis, job, workers)
    send(on_redis, job)  # the other finds it taken, and acknowledges
    until(lambda: queue_length(on_redis) == (2, 1))
    first.kill()
    on_redis.mend()
    assert on_redis.ended(job)["attempts"] == 2
    on_redis.assert_ended_once(job)


def test_redis_that_forgets_everything_loses_nothing(on_redis: World, redis_server: Redis) -> None:
    on_redis.serve()
    on_redis.worker()
    on_redis.hold_up(0.3)
    running, waiting = on_redis.ask()["id"], on_redis.ask("dart:99000001")["id"]
    until(lambda: on_redis.is_running(running))
    redis_server.empty()
    on_redis.mend()
    for job in (running, waiting):
        assert on_redis.ended(job)["state"] == "done"
        on_redis.assert_ended_once(job)


def test_redis_that_is_away_for_a_while(on_redis: World, redis_server: Redis) -> None:
    on_redis.serve()
    worker = on_redis.worker()
    on_redis.hold_up(0.3)
    running, waiting = on_redis.ask()["id"], on_redis.ask("dart:99000001")["id"]
    until(lambda: on_redis.is_running(running))
    redis_server.stop()
    # What runs goes on; what is asked anew is refused with a reason; everything else answers.
    assert on_redis.ended(running)["state"] == "done"
    refused = httpx.post(f"{on_redis.url}/v1/companies/dart:99000001/refresh", trust_env=False)
    assert (refused.status_code, refused.json()["id"]) == (202, waiting)
    assert httpx.get(f"{on_redis.url}/v1/companies/{COMPANY}/verdict", trust_env=False).status_code == 200  # fmt: skip
    redis_server.start()
    on_redis.mend()
    assert on_redis.ended(waiting)["state"] == "done"
    for job in (running, waiting):
        on_redis.assert_ended_once(job)
    assert worker.is_running
    assert "the queue is back" in worker.output


def test_without_redis_a_refresh_is_refused_with_its_reason(
    on_redis: World, redis_server: Redis
) -> None:
    on_redis.serve()
    redis_server.stop()
    try:
        refused = httpx.post(f"{on_redis.url}/v1/companies/{COMPANY}/refresh", trust_env=False, timeout=30)  # fmt: skip
        assert (refused.status_code, refused.json()["code"]) == (503, "queue")
        assert "retry-after" in refused.headers
        assert httpx.get(f"{on_redis.url}/companies/{COMPANY}", trust_env=False).status_code == 200
    finally:
        redis_server.start()
    on_redis.worker()
    assert on_redis.ended(on_redis.ask()["id"])["state"] == "done"


def test_a_job_over_which_everyone_dies_is_given_up(on_redis: World) -> None:
    on_redis.env["PAYCANARY_JOB_ATTEMPTS"] = "2"
    on_redis.serve()
    on_redis.hold_up(1)
    job = on_redis.ask()["id"]
    for attempt in (1, 2):
        worker = on_redis.worker()
        until(lambda n=attempt: {"state": "running", "attempt": n} in on_redis.events(job))
        worker.kill()
    done = on_redis.ended(job)
    assert (done["state"], done["error"]["code"]) == ("failed", "worn_out")
    assert "2" in done["error"]["what"]
    # The next click starts anew.
    on_redis.mend()
    on_redis.worker()
    again = on_redis.ask()
    assert again["id"] != job
    assert on_redis.ended(again["id"])["state"] == "done"
