"""A standalone cluster, a master and two workers in processes of their own: what local[*] never sends anywhere is sent there."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.command import Run
from tests.forked import start
from tests.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = ("--as-of", "2026-06-30")
WORKERS = 2
#: Of a cluster's settings those that let it run beside all other tests: small memory, few parts.
SETTINGS = ("spark.driver.memory=1g", "spark.executor.memory=1g", "spark.sql.shuffle.partitions=4")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the master."""
    spec = find_spec("pyspark")
    assert spec is not None
    assert spec.origin is not None
    folder = tmp_path_factory.mktemp("cluster")
    command = Path(spec.origin).parent / "bin" / "spark-class"
    env = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m"}
    port, page = free_port(), free_port()
    asked = [
        ["org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", f"{port}", "--webui-port", f"{page}"],
        *(
            ["org.apache.spark.deploy.worker.Worker", "--cores", "1", "--memory", "1g", "--work-dir", f"{folder}/{i}", "--webui-port", "0", f"spark://127.0.0.1:{port}"]
            for i in range(WORKERS)
        ),
    ]  # fmt: skip
    log = (folder / "log").open("wb")
    running = [start([str(command), *one], env=env, stdout=log, stderr=log) for one in asked]
    try:
        _wait_for_workers(f"http://127.0.0.1:{page}/json/", folder / "log")
        yield f"spark://127.0.0.1:{port}"
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(60)
        log.close()


def _wait_for_workers(page: str, log: Path) -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(page, timeout=5) as answer:  # noqa: S310 - ours, on loopback
                if json.load(answer)["aliveworkers"] == WORKERS:
                    return
        except OSError:
            pass
        time.sleep(0.5)
    pytest.fail(f"no cluster: {log.read_text(errors='replace')[-2000:]}")


def test_a_cluster_gives_the_same_screen(cluster: str, sample: Run) -> None:
    submitted = " ".join(f"--conf {setting}" for setting in SETTINGS) + " pyspark-shell"
    run = Run(sample.home, {"PYSPARK_SUBMIT_ARGS": submitted, "SPARK_LOCAL_IP": "127.0.0.1"})
    asked = ("screen", *DAY, "--format", "csv")
    told = run(*asked, "--engine", "spark", "--master", cluster)
    assert told.returncode == 0, told.stderr
    assert told.stdout == sample.ok(*asked)
