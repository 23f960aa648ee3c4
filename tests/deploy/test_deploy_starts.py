"""API and workers start by the chart's own command lines and settings, and answer its probes."""

from __future__ import annotations

import signal
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx

from tests.command import Run
from tests.deploy import chart
from tests.servers import Serve, free_port

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.servers import Redis

#: Seconds; as long as the chart lets the API start.
_PATIENCE: Final = 180
#: Stands for the Secret's key.
SECRET: Final = "a-secret-of-one-run"  # noqa: S105 - of a process that lives for a test


class Watched(Serve):
    """A process of the chart: ready when its port of health says that it lives."""


def start(case: str, owner: str, home: Path, folder: Path, secrets: Mapping[str, str]) -> tuple[Watched, dict[str, int]]:  # fmt: skip
    """Start a container's program; give it and its ports by name, each exchanged for a free one."""
    (container,) = chart.pods(case)[owner]["spec"]["containers"]
    ports = {p["name"]: free_port() for p in container["ports"]}
    exchanged = {str(p["containerPort"]): str(ports[p["name"]]) for p in container["ports"]}
    maps = {o["metadata"]["name"]: o["data"] for o in chart.of_kind(case, "ConfigMap")}
    env = {k: v for source in container["envFrom"] for k, v in maps[source["configMapRef"]["name"]].items()}  # fmt: skip
    env |= {e["name"]: e["value"] for e in container["env"] if "value" in e}
    required = {e["name"] for e in container["env"] if "valueFrom" in e and not e["valueFrom"]["secretKeyRef"].get("optional")}  # fmt: skip
    assert required == set(secrets)
    env |= secrets
    env.pop("PAYCANARY_MODELS_URL", None)
    env |= {"PAYCANARY_METRICS_PORT": str(ports["metrics"]), "PAYCANARY_HOME": str(home), "PAYCANARY_METRICS_HOST": "127.0.0.1"}  # fmt: skip
    run = Run(home, env)
    environment = {k: v for k, v in run.environment().items() if v or k not in ("DATABASE_URL", "REDIS_URL")}  # fmt: skip
    arguments = [exchanged.get(a, a) for a in container["args"]]
    server = Watched(run.command(*arguments), folder, ports["metrics"], signal.SIGTERM, {"env": environment})  # fmt: skip
    return server, ports


def answered(case: str, owner: str, ports: Mapping[str, int]) -> None:
    """Ask every probe of the container at its port until it says yes."""
    (container,) = chart.pods(case)[owner]["spec"]["containers"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container[probe]["httpGet"]
        url = f"http://127.0.0.1:{ports[asked['port']]}{asked['path']}"
        until = time.monotonic() + _PATIENCE
        while (told := ask(url)) != 200:
            assert time.monotonic() < until, (probe, told)
            time.sleep(0.1)


def ask(url: str) -> int:
    """The status of an answer; 0 where nobody listens yet."""
    try:
        return httpx.get(url, trust_env=False, timeout=30).status_code
    except httpx.TransportError:
        return 0


def test_the_api_alone_starts_and_answers_its_probes(home: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="paycanary-chart-") as folder:
        server, ports = start("values-minimal", "paycanary-api", home, Path(folder), {"PAYCANARY_SECRET": SECRET})  # fmt: skip
        try:
            server.start()
            answered("values-minimal", "paycanary-api", ports)
            assert "paycanary_" in httpx.get(f"{server.url}/metrics", trust_env=False).text
        finally:
            server.stop()


def test_a_worker_starts_and_answers_its_probes(home: Path, postgres_url: str, redis_server: Redis) -> None:  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="paycanary-chart-") as folder:
        server, ports = start("values", "paycanary-worker", home, Path(folder), {"DATABASE_URL": postgres_url, "REDIS_URL": redis_server.url})  # fmt: skip
        try:
            server.start()
            answered("values", "paycanary-worker", ports)
        finally:
            assert server.stop() == 0
