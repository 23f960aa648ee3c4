"""Workers exchanged one by one for those of the next version while they work: every job ends, once, and by neither is it lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paycanary.state.database import Database
from tests.jobs.asking import COMPANY, until
from tests.services import LISTED
from tests.upgrade.versions import next_version

if TYPE_CHECKING:
    from pathlib import Path

    from tests.jobs.asking import World
    from tests.servers import Redis

OTHER = f"dart:{LISTED[0]}"


def test_jobs_in_flight_go_over_to_workers_of_the_next_version(
    world: World, redis_server: Redis, postgres_url: str, tmp_path: Path
) -> None:
    path, revision = next_version(tmp_path / "next")
    world.env |= {"REDIS_URL": redis_server.url, "DATABASE_URL": postgres_url}
    world.serve()
    olds = [world.worker(), world.worker()]
    # So long that no job ends before its worker is exchanged.
    world.hold_up(4.0)
    jobs = [world.ask(company)["id"] for company in (COMPANY, OTHER)]
    until(lambda: all(world.is_running(job) for job in jobs))
    for old in olds:
        assert old.stop() == 0
        # The first of them brings the tables to its revision, while others work on.
        new = world.worker(PYTHONPATH=str(path))
    world.mend()
    ended = [world.ended(job) for job in jobs]
    assert [job["state"] for job in ended] == ["done", "done"]
    for job in jobs:
        world.assert_ended_once(job)
        assert any(job in worker.output for worker in olds)
    assert all(any(job in w.output for w in world.servers[3:]) for job in jobs)
    # To hand a job back is no failed attempt.
    assert [job["attempts"] for job in ended] == [1, 1]
    assert new.is_running
    database = Database(postgres_url)
    assert database.revision() == revision
    database.close()
