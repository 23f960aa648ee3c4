"""`deploy/local`: everything on one machine, by one command, ended by Ctrl-C without a trace but its data."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import redis

from tests.command import Run
from tests.services import UNLISTED, Services, unknown
from tests.upgrade.fleet import until
from tests.upgrade.local import Local, folder, free_ports, local, of, refused

COMPANY = f"dart:{UNLISTED[0]}"
pytestmark = pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="looks for orphans in /proc")  # fmt: skip


def get(address: str) -> httpx.Response:
    return httpx.get(address, trust_env=False, timeout=30)


def passwords(data: Path) -> dict[str, str]:
    assert (data / "secrets.json").stat().st_mode & 0o077 == 0
    found: dict[str, str] = json.loads((data / "secrets.json").read_text(encoding="utf-8"))
    return found


def ask_each(server: Local, data: Path, ports: dict[str, int]) -> None:
    """Every program does what it is there for, and its password is needed."""
    known = passwords(data)
    ready = get(f"{server_url(ports)}/health/ready").json()
    assert ready["ready"]
    assert {part["name"]: part["state"] for part in ready["parts"]} == {"store": "ok", "database": "ok", "redis": "ok"}  # fmt: skip
    worker = f"http://127.0.0.1:{ports['worker-port']}"
    told = get(f"{worker}/health/ready").json()
    assert (told["ready"], told["parts"]) == (True, {"store": "ok", "database": "ok", "redis": "ok"})  # fmt: skip
    assert "paycanary_job" in get(f"{worker}/metrics").text
    assert f"{worker}/health/ready" in server.output
    asked = {"inputs": [{"name": "texts", "datatype": "BYTES", "shape": [1], "data": ["임금이 체불되었습니다."]}]}  # fmt: skip
    read = httpx.post(f"http://127.0.0.1:{ports['models-port']}/v2/models/text/infer", json=asked, trust_env=False, timeout=30)  # fmt: skip
    assert read.status_code == 200, read.text
    with redis.Redis(port=ports["redis-port"], password=known["redis"]) as client:
        assert client.config_get("appendonly") == {"appendonly": "yes"}
    with pytest.raises(redis.AuthenticationError), redis.Redis(port=ports["redis-port"]) as client:
        client.ping()
    wrong = f"postgresql://paycanary:wrong@127.0.0.1:{ports['postgres-port']}/paycanary"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(wrong)
    assert str(ports["models-port"]) in server.output


def server_url(ports: dict[str, int]) -> str:
    return f"http://127.0.0.1:{ports['api-port']}"


def verdict(ports: dict[str, int]) -> dict[str, Any]:
    found: dict[str, Any] = get(f"{server_url(ports)}/v1/companies/{COMPANY}/verdict?lang=en").json()  # fmt: skip
    return found


def listening(ports: dict[str, int]) -> set[str]:
    """Which ports somebody listens on."""
    found = set()
    for option, port in ports.items():
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                found.add(option)
    return found


def job_of(ports: dict[str, int]) -> dict[str, Any]:
    """A refresh that the worker has taken from the queue and ended."""
    made = httpx.post(f"{server_url(ports)}/v1/companies/{COMPANY}/refresh", trust_env=False, timeout=30)  # fmt: skip
    assert made.status_code == 202, made.text
    address = f"{server_url(ports)}/v1/jobs/{made.json()['id']}"
    until(lambda: get(address).json()["ended_at"])
    found: dict[str, Any] = get(address).json()
    return found


def test_it_starts_answers_ends_and_starts_again_with_its_data() -> None:
    with folder() as below, Services() as services:
        ports, data = free_ports(), below / "data"
        env = services.env()
        # What `paycanary refresh` has stored before: refreshing from a page begins with that.
        Run(data / "home").ok("refresh", "dart", "--company", UNLISTED[1], env=env)
        with local(below, ports, env) as server:
            ask_each(server, data, ports)
            assert set(server.pids()) == {"api", "worker", "models", "health"}
            job = job_of(ports)
            assert job["state"] == "done"
            assert f"job {job['id']}: attempt 1" in server.output
            # In each of the two processes the older data answers until the newer is warm.
            wanted = unknown(job["result"]["verdict"])
            until(lambda: all(unknown(verdict(ports)) == wanted for _ in range(8)))
            before = verdict(ports)
            # A worker that hangs is told, and that it is back; it would be looked for in vain among processes that ended.
            worker = server.pids()["worker"]
            os.kill(worker, signal.SIGSTOP)
            try:
                until(lambda: "worker: does not answer" in server.output)
            finally:
                os.kill(worker, signal.SIGCONT)
            until(lambda: "worker: answers again" in server.output)
            # One folder, one run; and what is taken is told before anything starts.
            assert "in use by another" in refused(data, ports)
            said = refused(below / "other", ports)
            for option in ("api-port", "worker-port", "models-port", "postgres-port", "redis-port"):
                assert f"port {ports[option]} is taken: give another --{option}" in said
            assert not (below / "other" / "secrets.json").exists()
            assert server.stop() == 0
        assert of(data) == []
        assert listening(ports) == set()
        known = passwords(data)
        with local(below, ports, env) as server:
            assert passwords(data) == known
            assert verdict(ports) == before
            assert get(f"{server_url(ports)}/v1/jobs/{job['id']}").json() == job
            # One program that dies takes all with it: what is half there does not look whole.
            os.killpg(server.pids()["models"], signal.SIGKILL)
            assert server.process is not None
            assert server.process.wait(60) != 0
        assert of(data) == []
        assert listening(ports) == set()
