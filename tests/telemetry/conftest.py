"""The whole service once for all tests of this folder: two processes that answer, a worker, models, Redis, registers, a collector."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from paycanary.sources.web.inbox import Inbox
from tests.command import Run
from tests.jobs.asking import QUICK, World
from tests.servers import free_port, running_redis
from tests.services import LISTED, Services
from tests.serving.conftest import serving as serving_models
from tests.telemetry.collector import Collector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.jobs.asking import Worker
    from tests.servers import Redis, Serve
    from tests.serving.conftest import ModelServer

#: The company that is stored.
COMPANY = f"dart:{LISTED[0]}"
#: Answers with two processes.
PROCESSES = 2


@dataclass
class Stage:
    """Everything that runs."""

    world: World
    collector: Collector
    redis: Redis
    models: ModelServer
    serve: Serve
    worker: Worker
    ports: dict[str, int]

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.serve.url, trust_env=False, timeout=60)

    def watched(self, who: str, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.ports[who]}{path}", trust_env=False, timeout=30)

    def metrics(self, who: str) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
        """Values by name and labels, as Prometheus would read them."""
        return samples(self.watched(who, "/metrics").text)


def samples(text: str) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            of_name = found.setdefault(sample.name, {})
            # Every metric of ours says of which service it is.
            is_ours = not sample.name.startswith("process_")
            assert sample.labels.get("service_name", "").startswith("paycanary-") is is_ours, sample
            key = tuple(sorted((n, v) for n, v in sample.labels.items() if n != "service_name"))
            assert key not in of_name, (sample.name, key)
            of_name[key] = sample.value
    return found


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Started once a file; who takes something of it away brings it back."""
    home = tmp_path_factory.mktemp("staged") / "home"
    with ExitStack() as stack:
        services = stack.enter_context(Services())
        Run(home).ok("refresh", "dart", "--company", LISTED[1], env=services.env())
        # What was asked before is not asked again, and a test wants to see it asked.
        shutil.rmtree(home / "inbox")
        # One register was fetched whole, so that there is something to be late with.
        inbox = Inbox(home / "inbox")
        inbox.finish_round("tips")
        inbox.note_end("tips", "ok")
        inbox.close()
        collector = stack.enter_context(Collector())
        redis = stack.enter_context(running_redis())
        pool = stack.enter_context(ThreadPoolExecutor(3))
        models = stack.enter_context(serving_models(env=collector.env))
        env = {
            "DATABASE_URL": "", "REDIS_URL": redis.url, "PAYCANARY_LOG_FORMAT": "json", "PAYCANARY_MODELS_URL": models.url,
            **services.env(**QUICK), **collector.env,
        }  # fmt: skip
        world = World(home, services, env)
        stack.callback(world.end)
        ports = {"api": free_port(), "worker": free_port()}
        # Side by side: each takes seconds to load.
        starting = pool.submit(world.worker, PAYCANARY_METRICS_PORT=str(ports["worker"]))
        serve = world.serve("--workers", PROCESSES, PAYCANARY_METRICS_PORT=str(ports["api"]))
        yield Stage(world, collector, redis, models, serve, starting.result(), ports)


def lines(output: str) -> list[dict[str, Any]]:
    """The objects that a process has logged; what it says to who starts it is none."""
    import json  # noqa: PLC0415

    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


@pytest.fixture(scope="module")
def visited(stage: Stage) -> Stage:
    """After somebody has left private things everywhere, and all that was told of it has come."""
    from tests.telemetry.visits import visit  # noqa: PLC0415

    with stage.client() as client:
        statuses = visit(client)
        assert {200, 401, 404, 422} <= set(statuses), sorted(set(statuses))
        last = client.get("/v1/signals?lang=en", headers={"traceparent": f"00-{'9' * 32}-{'9' * 16}-01"})  # fmt: skip
        assert last.status_code == 200
    stage.collector.wait(lambda spans: [s for s in spans if s.trace == "9" * 32])
    return stage


@contextmanager
def without_store(stage: Stage) -> Iterator[None]:
    """The lake's files are gone for a while: root would read whatever their mode says."""
    lake = stage.world.home / "lake"
    away = lake.with_name("away")
    moved = [(path, away / path.relative_to(lake)) for path in lake.rglob("*.parquet")]
    for path, to in moved:
        to.parent.mkdir(parents=True, exist_ok=True)
        path.rename(to)
    try:
        yield
    finally:
        for path, to in moved:
            to.rename(path)


#: The trace that the one refresh of this folder is part of, and what its request says of it.
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


@pytest.fixture(scope="module")
def refreshed(stage: Stage) -> Stage:
    """After somebody has asked for a refresh, once: what arrived is not asked for again."""
    with stage.client() as client:
        headers = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
        answer = client.post(f"/v1/companies/{COMPANY}/refresh", headers=headers)
    assert answer.status_code == 202, answer.text
    assert answer.headers["x-request-id"] == TRACE
    assert stage.world.ended(answer.json()["id"])["state"] == "done"
    return stage
