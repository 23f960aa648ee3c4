"""A real PostgreSQL that is stopped, hangs, and comes back: what each process says of its health meanwhile.

What is promised: docs/how-to/observability.md.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import httpx
import psutil
import pytest

from tests.command import Run
from tests.jobs.asking import Worker, until
from tests.servers import free_port, running_postgres, running_redis, serving
from tests.serving.conftest import serving as serving_models

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers import Postgres

#: Seconds after which the chart's probes of readiness give up.
PROBE: Final = 3.0
ANSWERS: Final = "/v1/search?q=삼부토건"


class Copies:
    """By name: the address at which each process says how it is."""

    def __init__(self, postgres: Postgres, urls: dict[str, str]) -> None:
        self.postgres = postgres
        self.urls = urls

    def ready(self, who: str) -> tuple[int, dict[str, Any], float]:
        """Status, body and seconds."""
        began = time.monotonic()
        path = "/v2/health/ready" if who == "models" else "/health/ready"
        answer = httpx.get(self.urls[who] + path, trust_env=False, timeout=30)
        return answer.status_code, answer.json(), time.monotonic() - began

    def statuses(self) -> dict[str, int]:
        return {who: self.ready(who)[0] for who in self.urls}


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copies]:
    """Two services of which one needs its database, a worker, and a model server."""
    home = tmp_path_factory.mktemp("away")
    watched = free_port()
    with running_postgres() as postgres, running_redis() as redis:
        env = {"DATABASE_URL": postgres.fresh(), "REDIS_URL": redis.url}
        Run(home, env).ok("database", "upgrade")
        needing = {**env, "PAYCANARY_READY_NEEDS": "store,database"}
        with (
            serving(home, env) as usual,
            serving(home, needing) as needs,
            working(home, {**env, "PAYCANARY_METRICS_PORT": str(watched)}),
            serving_models(env={"DATABASE_URL": env["DATABASE_URL"]}) as models,
        ):
            worker = f"http://127.0.0.1:{watched}"
            urls = {"usual": usual.url, "needs": needs.url, "worker": worker, "models": models.url}
            found = Copies(postgres, urls)
            until(lambda: set(found.statuses().values()) == {200})
            yield found


@contextmanager
def working(home: Any, env: dict[str, str]) -> Iterator[None]:
    run = Run(home, env)
    folder = home / "worker"
    folder.mkdir()
    worker = Worker(run.command("worker"), folder, 0, options={"env": run.environment()})
    worker.start()
    try:
        yield
    finally:
        worker.kill()


@contextmanager
def stopped(postgres: Postgres) -> Iterator[None]:
    postgres.stop()
    try:
        yield
    finally:
        postgres.start()


@contextmanager
def hanging(postgres: Postgres) -> Iterator[None]:
    """It and all its processes keep their connections, take new ones, and say nothing."""
    assert postgres.process is not None
    first = psutil.Process(postgres.process.pid)
    first.suspend()
    # Each has a group of its own, so that there is no signal for all.
    processes = [first, *first.children()]
    for process in processes[1:]:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            process.resume()


AWAY: Final = {"usual": 200, "needs": 503, "worker": 503, "models": 200}
BACK: Final = dict.fromkeys(AWAY, 200)


@pytest.mark.parametrize("away", [stopped, hanging])
def test_each_says_the_truth_while_the_database_is_away(copies: Copies, away: Any) -> None:
    with away(copies.postgres):
        until(lambda: copies.statuses() == AWAY)
        for who in AWAY:
            time.sleep(1.1)  # what was seen stands for a second
            status, told, seconds = copies.ready(who)
            assert (status, seconds < PROBE) == (AWAY[who], True), (who, seconds)
            if who == "models":
                continue
            assert told["ready"] is (status == 200)
            assert told["is_degraded"]
            parts = told["parts"]
            if who != "worker":
                parts = {part["name"]: part["state"] for part in parts}
            assert parts == {"store": "ok", "database": "down", "redis": "ok"}
        for who in ("usual", "needs", "worker"):
            live = httpx.get(f"{copies.urls[who]}/health/live", trust_env=False, timeout=PROBE)
            assert live.status_code == 200, who
        # Why the usual one stays ready: what people come for goes on.
        found = httpx.get(copies.urls["usual"] + ANSWERS, trust_env=False, timeout=30)
        assert found.status_code == 200
        assert found.json()["candidates"]
    until(lambda: copies.statuses() == BACK)
    assert not copies.ready("usual")[1]["is_degraded"]
