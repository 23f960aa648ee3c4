"""The running service as those see it who watch over it: its metrics, health, logs and traces, and a real Prometheus with our rules.

Whole counts, the truth about parts that are away, one trace from a page to the register that answers, nothing private. All in one file, so that
everything is started once.
"""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from tests.command import Run
from tests.jobs.asking import until
from tests.services import UNLISTED
from tests.telemetry.conftest import (
    COMPANY,
    PARENT,
    PROCESSES,
    TRACE,
    lines,
    samples,
    without_store,
)
from tests.telemetry.prometheus import running_prometheus
from tests.telemetry.test_monitoring import GROUPS, RECORDED, metrics_of, panel_queries
from tests.telemetry.visits import SECRETS, WORD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.telemetry.collector import Span
    from tests.telemetry.conftest import Stage
    from tests.telemetry.prometheus import Prometheus

REQUESTS = "http_server_request_duration_seconds_count"
SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5


# --- traces --------------------------------------------------------------------------------------


def of_trace(spans: list[Span], trace: str = TRACE) -> list[Span]:
    return [span for span in spans if span.trace == trace]


def test_a_refresh_is_one_trace_from_the_page_to_the_registers(refreshed: Stage) -> None:
    stage = refreshed

    def whole(spans: list[Span]) -> Any:
        ours = of_trace(spans)
        asked = [s for s in ours if s.service == "paycanary-worker" and s.kind == CLIENT and "http.request.method" in s.attributes]  # fmt: skip
        ended = any(s.kind == CONSUMER for s in ours) and any(s.kind == SERVER for s in ours)
        return asked if ended else None

    asked = stage.collector.wait(whole)
    # What the page and the worker asked the state is part of it.
    stated = stage.collector.wait(lambda spans: {s.service for s in of_trace(spans) if "sqlite" in s.attributes.values()})  # fmt: skip
    assert stated == {"paycanary-api", "paycanary-worker"}
    # Every register's client took part, and each of their requests goes back to the page's, over the queue.
    assert {s.attributes["server.port"] for s in asked} >= {
        urlsplit(stage.world.services.running[name].url).port for name in ("dart", "portal", "nts")
    }
    for span in asked:
        line = stage.collector.ancestors(span)
        names = [s.name for s in line]
        assert names[0] == "job refresh_company"
        assert names[1:3] == ["execute/paycanary.job", "send/paycanary.job"]
        assert line[-1].name == "POST /v1/companies/{company}/refresh"
        assert [s.service for s in line] == ["paycanary-worker"] * 2 + ["paycanary-api"] * (len(line) - 2)  # fmt: skip
        assert line[-1].parent == PARENT


def test_a_forecast_is_one_trace_from_the_page_to_the_model_server(stage: Stage) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    with stage.client() as client:
        # Not today's, which is warm.
        answer = client.get(
            f"/v1/companies/{COMPANY}/verdict?as_of=2026-06-30",
            headers={"traceparent": f"00-{trace}-{PARENT}-01"},
        )
        assert answer.status_code == 200
        assert answer.json()["forecast"] is not None

    def scored(spans: list[Span]) -> Any:
        ours = [s for s in of_trace(spans, trace) if s.service == "paycanary-models"]
        return ours if any(s.kind == SERVER for s in of_trace(spans, trace) if s.service == "paycanary-api") else None  # fmt: skip

    (span,) = stage.collector.wait(scored)
    assert span.name == "POST /v2/models/{model}/versions/{version}/infer"
    line = stage.collector.ancestors(span)
    assert [(s.service, s.kind) for s in line] == [("paycanary-api", CLIENT), ("paycanary-api", SERVER)]  # fmt: skip
    assert line[-1].name == "GET /v1/companies/{company}/verdict"


def test_a_call_over_grpc_is_part_of_its_trace_and_bears_its_number(stage: Stage) -> None:
    trace, number = "77777777777777770000000000000007", "0123456789abcdef0123456789abcdef"
    given = {"traceparent": f"00-{trace}-{PARENT}-01", "x-request-id": number}
    texts = {"name": "texts", "datatype": "BYTES", "shape": [1], "contents": {"bytes_contents": ["6rCA"]}}  # fmt: skip
    good = {"call": "ModelInfer", "request": {"model_name": "text", "inputs": [texts]}, "metadata": given}  # fmt: skip
    refused = {**good, "request": {"model_name": WORD}, "metadata": {"traceparent": given["traceparent"]}}  # fmt: skip
    live = {"call": "ServerLive", "metadata": given}
    answers = stage.models.grpc(good, refused, live)
    assert "answer" in answers[0]
    assert answers[0]["trailing"]["x-request-id"] == number
    # Without a number of its own it is known by its trace.
    assert (answers[1]["code"], answers[1]["trailing"]["x-request-id"]) == ("NOT_FOUND", trace)
    ours = stage.collector.wait(lambda spans: found if len(found := of_trace(spans, trace)) > 1 else None)  # fmt: skip
    assert [(s.service, s.kind, s.parent) for s in ours] == [("paycanary-models", SERVER, PARENT)] * 2  # fmt: skip
    assert {s.name for s in ours} == {"/inference.GRPCInferenceService/ModelInfer"}
    assert [s.attributes.get("rpc.grpc.status_code") for s in ours] == [0, 5]
    assert set(ours[0].attributes) == {"rpc.system", "rpc.service", "rpc.method", "rpc.grpc.status_code"}  # fmt: skip
    assert WORD.encode() not in stage.collector.raw


def test_a_request_keeps_its_number_at_the_model_server(stage: Stage) -> None:
    number = "550e8400-e29b-41d4-a716-446655440001"
    with stage.models.client() as client:
        for path in ("/v2/models/text", "/v2/models/none", "/v2/health/live"):
            assert client.get(path, headers={"X-Request-ID": number}).headers["x-request-id"] == number  # fmt: skip
        assert client.get("/v2", headers={"X-Request-ID": WORD}).headers["x-request-id"] != WORD


def test_a_command_is_part_of_the_trace_that_started_it(stage: Stage, tmp_path: Path) -> None:
    trace = "1111111111111111aaaaaaaaaaaaaaaa"
    env = {**stage.world.services.env(), **stage.collector.env, "TRACEPARENT": f"00-{trace}-{PARENT}-01"}  # fmt: skip
    Run(tmp_path / "task", env).ok("refresh", "dart", "--company", UNLISTED[1])
    ours = stage.collector.wait(lambda spans: of_trace(spans, trace))
    (task,) = [s for s in ours if s.parent == PARENT]
    assert (task.service, task.name) == ("paycanary-task", "paycanary refresh")
    asked = [s for s in ours if s.kind == CLIENT and "http.request.method" in s.attributes]
    assert asked
    assert {s.parent for s in asked} == {task.id}
    assert UNLISTED[1].encode() not in stage.collector.raw


def test_no_trace_begins_at_a_database_or_at_redis(stage: Stage) -> None:
    # Housekeeping asks them again and again, and nobody asked for that.
    stage.collector.wait(lambda spans: len(spans) > 20)
    lonely = [s for s in stage.collector.spans if not s.parent and s.kind == CLIENT]
    assert lonely == []


def test_nothing_of_what_is_sent_names_a_person_a_search_or_a_key(visited: Stage) -> None:
    raw = bytes(visited.collector.raw)
    for word in (*SECRETS, "127.0.0.9", "python-httpx"):
        assert word.encode() not in raw, word
    key = visited.world.env["PAYCANARY_DART_KEY"]
    assert key.encode() not in raw


# --- metrics, health and logs --------------------------------------------------------------------


def requests(stage: Stage, route: str) -> dict[str, float]:
    """Requests of a route by status."""
    found = stage.metrics("api").get(REQUESTS, {})
    return {dict(key)["http_response_status_code"]: value for key, value in found.items() if dict(key)["http_route"] == route}  # fmt: skip


def ask(stage: Stage, path: str, times: int) -> None:
    def once(_: int) -> int:
        # A connection each, so that the kernel spreads them over the processes.
        with stage.client() as client:
            return client.get(path).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(once, range(times))) == {200}


def test_counts_of_several_processes_are_whole(stage: Stage) -> None:
    route = "/v1/criteria"
    # Nobody else asks for it.
    assert requests(stage, route) == {}
    ask(stage, "/v1/criteria?lang=ko", 60)
    until(lambda: requests(stage, route).get("200", 0) >= 60)
    time.sleep(1.2)  # each process has written once more
    assert requests(stage, route) == {"200": 60}, stage.serve.output[-3000:]


def test_a_process_that_is_killed_takes_no_count_with_it(stage: Stage) -> None:
    route = "/v1/sources"
    ask(stage, "/v1/sources?lang=ko", 20)
    # Nobody else asks for it.
    before = 20
    until(lambda: requests(stage, route).get("200") == before)
    assert stage.serve.process is not None
    children = psutil.Process(stage.serve.process.pid).children()
    workers = [c for c in children if "spawn_main" in " ".join(c.cmdline())]
    assert len(workers) == PROCESSES
    workers[0].kill()
    until(lambda: stage.watched("api", "/health/ready").status_code == 200)
    assert requests(stage, route)["200"] >= before
    ask(stage, "/v1/sources?lang=ko", 20)
    until(lambda: requests(stage, route)["200"] == before + 20)


def test_no_metric_names_a_company_or_what_was_typed(visited: Stage) -> None:
    for who in ("api", "worker"):
        text = visited.watched(who, "/metrics").text
        for word in (*SECRETS, COMPANY, COMPANY.partition(":")[2]):
            assert word not in text, word

    def routes() -> set[str]:
        return {dict(key)["http_route"] for key in visited.metrics("api")[REQUESTS]}

    # Each process writes its counts once a second.
    until(lambda: {"/v1/companies/{company}/verdict", "/v1/signals"} <= routes())
    assert len(routes()) < 60


def test_the_public_port_tells_no_metrics(stage: Stage) -> None:
    with stage.client() as client:
        assert client.get("/metrics").status_code == 404


def test_every_process_says_how_it_is(stage: Stage) -> None:
    for who in ("api", "worker"):
        for part in ("live", "ready", "started"):
            told = stage.watched(who, f"/health/{part}")
            assert told.status_code == 200, told.text
        assert stage.watched(who, "/health/other").status_code == 404
        assert not stage.watched(who, "/health/ready").json()["is_degraded"]


def test_without_redis_both_are_ready_and_say_what_is_lost(stage: Stage) -> None:
    stage.redis.stop()
    try:
        for who in ("api", "worker"):
            told: Any = until(lambda who=who: _degraded(stage, who))
            assert told["ready"]
        values = until(lambda: _part(stage, "redis") == 0)
        assert values
    finally:
        stage.redis.start()
    until(lambda: not stage.watched("api", "/health/ready").json()["is_degraded"])


def _degraded(stage: Stage, who: str) -> Any:
    answer = stage.watched(who, "/health/ready")
    assert answer.status_code == 200
    return answer.json() if answer.json()["is_degraded"] else None


def _part(stage: Stage, part: str) -> float:
    return stage.metrics("api")["paycanary_part_up"][("part", part),]


def test_a_store_that_cannot_be_read_makes_both_unready(stage: Stage) -> None:
    with without_store(stage):
        for who in ("api", "worker"):
            until(lambda who=who: stage.watched(who, "/health/ready").status_code == 503)
        assert stage.watched("api", "/health/live").status_code == 200
    for who in ("api", "worker"):
        until(lambda who=who: stage.watched(who, "/health/ready").status_code == 200)


def test_what_a_service_does_is_counted_where_it_is_done(refreshed: Stage) -> None:
    stage = refreshed
    worker = until(lambda: stage.metrics("worker").get("paycanary_job_ends_total"))
    assert worker[("job_kind", "refresh_company"), ("job_outcome", "done")] >= 1
    fetched = {dict(key)["source"] for key in stage.metrics("worker")["paycanary_source_fetches_total"]}  # fmt: skip
    assert {"dart", "fsc", "nts"} <= fetched
    api = stage.metrics("api")
    assert api["paycanary_jobs_open"][("job_state", "queued"),] == 0
    assert api["paycanary_snapshot_age_seconds"][()] > 0
    assert {dict(key)["part"] for key in api["paycanary_part_up"]} == {"store", "database", "redis"}
    sent = {"paycanary.job.ends", "paycanary.cache.requests", "paycanary.model.call.duration"}
    until(lambda: stage.collector.metrics >= sent)


def test_logs_are_objects_with_the_requests_number_and_its_trace(visited: Stage) -> None:
    number = "550e8400-e29b-41d4-a716-446655440000"
    trace = "abcdefabcdefabcdefabcdefabcdef12"
    headers = {"Authorization": "Bearer a.b", "X-Request-ID": number, "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}  # fmt: skip
    with visited.client() as client:
        assert client.get("/v1/signals", headers=headers).headers["x-request-id"] == number
    # A busy machine may have said within this request that Redis was late.
    (line,) = until(lambda: [found for found in lines(visited.serve.output) if found.get("request_id") == number and "refused" in found["message"]])  # fmt: skip
    assert line["message"] == "refused with 401: GET /v1/signals"
    assert (line["level"], line["trace_id"]) == ("WARNING", trace)
    assert {"timestamp", "logger", "span_id"} <= set(line)
    assert any(found["message"].startswith("job ") for found in lines(visited.worker.output))


@pytest.mark.parametrize(
    "unsafe", ["short", "a" * 31, "A" * 32, "g" * 32, "0" * 32 + "\t1", "<script>" * 4, "900101-1234567"]
)  # fmt: skip
def test_a_number_in_no_safe_form_is_not_taken_over(stage: Stage, unsafe: str) -> None:
    with stage.client() as client:
        answer = client.get("/v1/signals", headers={"X-Request-ID": unsafe})
    assert answer.headers["x-request-id"] != unsafe
    assert len(answer.headers["x-request-id"]) == 16


def test_nothing_that_is_logged_names_a_person_a_search_or_a_key(visited: Stage) -> None:
    logged = visited.serve.output + visited.worker.output + visited.models.output
    assert "refused with 401" in logged
    for word in (*SECRETS, visited.world.env["PAYCANARY_DART_KEY"], "127.0.0.1"):
        # What is said to who starts it is where it listens.
        found = [line for line in logged.splitlines() if word in line and line.startswith("{")]
        assert not found, (word, found)


def test_a_worker_that_is_stuck_does_not_live(stage: Stage) -> None:
    assert stage.worker.process is not None
    os.kill(stage.worker.process.pid, signal.SIGSTOP)
    try:
        with pytest.raises(httpx.TimeoutException):
            httpx.get(f"http://127.0.0.1:{stage.ports['worker']}/health/live", timeout=0.5, trust_env=False)  # fmt: skip
    finally:
        os.kill(stage.worker.process.pid, signal.SIGCONT)
    assert stage.watched("worker", "/health/live").status_code == 200


# --- Prometheus ----------------------------------------------------------------------------------


def test_every_metric_of_rules_and_panels_is_really_shown(refreshed: Stage) -> None:
    stage = refreshed
    with stage.client() as client:
        assert client.get(f"/v1/companies/{COMPANY}/verdict?as_of=2026-07-31").json()["forecast"]

    def missing() -> set[str]:
        shown: set[str] = set()
        for who in ("api", "worker"):
            shown |= set(samples(stage.watched(who, "/metrics").text))
        with stage.models.client() as client:
            shown |= {line.split("{")[0].split(" ")[0] for line in client.get("/metrics").text.splitlines() if line[:1] != "#"}  # fmt: skip
        return named - shown - RECORDED

    rules = [rule["expr"] for group in GROUPS for rule in group["rules"]]
    named = {name for query in (*rules, *panel_queries()) for name in metrics_of(query)}
    assert len(named) > 20
    end = time.monotonic() + 60
    while (left := missing()) and time.monotonic() < end:
        time.sleep(0.2)
    assert left == set()


@pytest.fixture
def prometheus(stage: Stage, tmp_path: Path) -> Iterator[Prometheus]:
    with running_prometheus(tmp_path, (*stage.ports.values(), stage.models.port)) as running:
        yield running


def test_errors_that_people_meet_bring_the_alert(stage: Stage, prometheus: Prometheus) -> None:
    def up() -> bool:
        return {result["value"][1] for result in prometheus.get("/api/v1/query", query="up")["result"]} == {"1"}  # fmt: skip

    until(up)
    with stage.client() as client:
        for _ in range(3):
            assert client.get("/v1/signals").status_code == 200
        ours = {"PaycanaryApiErrorsFast", "PaycanaryStoreUnreadable", "PaycanaryAbsent"}
        until(lambda: not ours & prometheus.firing())
        with without_store(stage):

            def alerted() -> bool:
                for day in range(1, 20):
                    answer = client.get(f"/v1/companies/{COMPANY}/verdict?as_of=2024-03-{day:02}")
                    assert answer.status_code >= 500, answer.text
                return prometheus.firing() >= {"PaycanaryApiErrorsFast", "PaycanaryStoreUnreadable"}

            until(alerted)
    until(lambda: "PaycanaryStoreUnreadable" not in prometheus.firing())
    # Half of the pages of panels, through the same eyes as Grafana's.
    for query in panel_queries():
        prometheus.get("/api/v1/query", query=query.replace("$__rate_interval", "1m"))
