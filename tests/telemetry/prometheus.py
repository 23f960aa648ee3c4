"""A real Prometheus with our rules, which looks at the running service every second."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import yaml

from tests.servers import Server, free_port
from tests.telemetry.test_monitoring import GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class Prometheus(Server):
    """Scrapes every second."""

    def get(self, path: str, **parameters: str) -> Any:
        answer = httpx.get(f"http://127.0.0.1:{self.port}{path}", params=parameters, trust_env=False, timeout=10)  # fmt: skip
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/-/ready", trust_env=False, timeout=5).status_code == 200  # fmt: skip
        except httpx.TransportError:
            return False

    def firing(self) -> set[str]:
        return {alert["labels"]["alertname"] for alert in self.get("/api/v1/alerts")["alerts"] if alert["state"] == "firing"}  # fmt: skip


@contextmanager
def running_prometheus(folder: Path, ports: Sequence[int]) -> Iterator[Prometheus]:
    """One that scrapes these ports of this machine."""
    program = shutil.which("prometheus")
    assert program, "no Prometheus: run scripts/install-test-servers.sh"
    # The rules as they ship, but for the patience: a test has none.
    groups = json.loads(json.dumps(GROUPS))
    for group in groups:
        group["interval"] = "1s"
        for rule in group["rules"]:
            if "alert" in rule:
                rule["for"] = "0s"
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": groups}), encoding="utf-8")
    targets = [f"127.0.0.1:{port}" for port in ports]
    told = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(folder / "rules.yaml")],
        "scrape_configs": [{"job_name": "paycanary", "static_configs": [{"targets": targets}]}],
    }
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(told), encoding="utf-8")
    port = free_port()
    command = [program, f"--config.file={folder}/prometheus.yaml", f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}"]  # fmt: skip
    server = Prometheus(command, folder, port)
    try:
        yield server.start()
    finally:
        server.kill()
