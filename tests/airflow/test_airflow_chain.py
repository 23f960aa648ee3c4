"""The whole chain in real Airflow with Celery: once without faults, once with a worker killed in a task and Redis killed between two.

One Airflow for all of it, since it takes its time to start. Each chain has a home of its own; at the end both lakes hold the same rows.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from paycanary.lake import snapshots
from paycanary.lake.reader import open_reader
from paycanary.lake.tables import TABLES
from tests.airflow.conftest import ROOT
from tests.alerts.receivers import Receiver, receiving
from tests.command import leftovers
from tests.servers import PASSWORD, Redis, free_port, running_postgres, running_redis
from tests.services import Services
from tests.standins.server import slow

if TYPE_CHECKING:
    from collections.abc import Iterator

sys.path.append(str(ROOT / "deploy" / "airflow"))

import chain
from cluster import Cluster, Done
from settings import celery, environment

#: Seconds that a chain may take; some two minutes where nothing else runs.
PATIENCE: Final = 900
#: Left out: when a row was fetched, by which refresh a bad row was met, and the digest of a row's content, since a reading of a list is
#: named after the moment at which it was made; that moment is taken out of its name.
NOT_COMPARED: Final = {"fetched_at", "refresh_id", "row_id"}
MOMENT: Final = "[0-9]{8}T[0-9]{6}Z"
SETTINGS: Final = {
    "AIRFLOW__CORE__PARALLELISM": "4",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600",
    # Faults are seen within seconds instead of minutes.
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "45",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__NUM_STUCK_IN_QUEUED_RETRIES": "10",
    "PAYCANARY_DAGS_RETRY_SECONDS": "2",
    "PAYCANARY_RETRAIN_DRAWS": "10",
    "PAYCANARY_WEBHOOKS_TO_LOOPBACK": "1",
}


@dataclass
class Stage:
    """Everything that runs."""

    cluster: Cluster
    services: Services
    redis: Redis
    receiver: Receiver
    folder: Path
    plain: dict[str, set[tuple[Any, ...]]] = field(default_factory=dict)
    """Rows of the chain without faults."""

    def home(self, name: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
        """Settings of a chain of its own; its lake begins with the sample."""
        home = self.folder / name
        monkeypatch.setenv("PAYCANARY_HOME", str(home))
        chain.seed()
        return {"PAYCANARY_HOME": str(home), "PAYCANARY_BACKUP_PLACE": str(home / "backups")}


@pytest.fixture(scope="module")
def stage(airflow_bin: Path) -> Iterator[Stage]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="paycanary-airflow-")))
        postgres = stack.enter_context(running_postgres())
        redis = stack.enter_context(running_redis())
        services = stack.enter_context(Services())
        receiver = stack.enter_context(receiving())
        database = postgres.fresh()
        env = environment(folder / "airflow", database, free_port(), "s" * 64, PASSWORD)
        env |= celery(redis.url, database, worker_port=free_port())
        env |= SETTINGS | services.env(
            PAYCANARY_PYTHON=sys.executable, PYTHONPATH=str(ROOT / "src")
        )
        env |= {"DATABASE_URL": postgres.fresh(), "PAYCANARY_OPERATOR_WEBHOOK": receiver.url}
        cluster = stack.enter_context(Cluster(airflow_bin / "airflow", env, folder, PASSWORD))
        yield Stage(cluster, services, redis, receiver, folder)


def rows(home: Path) -> dict[str, set[tuple[Any, ...]]]:
    """Every table of a lake, without order."""
    con = open_reader(home / "lake").connect()
    con.execute("SET TimeZone = 'UTC'")
    found = {}
    for name, table in TABLES.items():
        columns = ", ".join(
            f"regexp_replace({c.name}, '{MOMENT}', 'MOMENT') AS {c.name}" if c.type == "VARCHAR" else c.name
            for c in table.columns if c.name not in NOT_COMPARED
        )  # fmt: skip
        found[name] = set(con.execute(f"SELECT {columns} FROM {name}").fetchall())
        twice = con.execute(f"SELECT count(*) - count(DISTINCT row_id) FROM {name}").fetchall()
        assert twice == [(0,)], f"{name} holds a row twice"
    return found


def results(stage: Stage, tasks: list[Done], dag: str) -> list[dict[str, Any]]:
    return [stage.cluster.result(task) for task in tasks if task.dag == dag and task.state == "success"]  # fmt: skip


def test_the_chain_takes_everything_in_and_ends_with_what_follows(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.cluster.stop("worker")
    stage.cluster.start("worker", **stage.home("plain", monkeypatch))
    tasks = chain.run(stage.cluster, PATIENCE)
    assert {task.state for task in tasks} == {"success"}
    assert {task.dag for task in tasks} == set(chain.ALL)
    stage.plain = rows(stage.folder / "plain")
    con = open_reader(stage.folder / "plain" / "lake").connect("notices")
    sources = {source for (source,) in con.execute("SELECT DISTINCT source FROM notices").fetchall()}  # fmt: skip
    assert {"krx", "moel", "nhis", "tax", "tips"} <= sources
    # Whoever changed the lake, and nobody else, had the market screened and judged anew.
    by_assets = [task for task in tasks if task.run_type == "asset_triggered"]
    assert {task.dag for task in by_assets} == set(chain.MARKET)
    newest = snapshots.history(stage.folder / "plain" / "lake" / "snapshots")[-1]
    screened = results(stage, tasks, "paycanary_screen")
    assert max(each["snapshot"] for each in screened) == int(newest.stem)
    (expired,) = results(stage, tasks, "paycanary_expiry")
    assert expired["removed"] == 1
    # The sample is no match for the forecast that ships: the gate keeps that one, and says so.
    (trained,) = results(stage, tasks, "paycanary_retrain")
    assert trained["outcome"] == "kept"
    assert any("failed companies to judge by" in reason for reason in trained["reasons"])
    told = [json.loads(body)["text"] for _, body in stage.receiver.taken]
    assert len(told) == 1
    assert "was not taken" in told[0]
    assert list((stage.folder / "plain" / "backups").iterdir())


def test_a_backfill_asks_for_its_day(stage: Stage) -> None:
    before = len(stage.services.running["dart"].requests)
    stage.cluster.ask("POST", "/backfills", json={
        "dag_id": "paycanary_refresh_dart", "from_date": "2026-02-05T00:00:00+09:00", "to_date": "2026-02-06T00:00:00+09:00",
        "run_backwards": False, "dag_run_conf": {}, "max_active_runs": 1, "reprocess_behavior": "none",
    })  # fmt: skip
    tasks = stage.cluster.wait(
        lambda tasks: any(t.run_type == "backfill" and t.run_state == "success" for t in tasks)
        and chain.is_over(tasks, "paycanary_refresh_dart"), PATIENCE, "the backfill was not done",
    )  # fmt: skip
    assert sum(task.run_type == "backfill" for task in tasks) == 1
    asked = stage.services.running["dart"].requests[before:]
    assert min(r.params["bgn_de"] for r in asked if "bgn_de" in r.params) == "20260205"


def test_a_killed_worker_and_a_lost_redis_change_nothing_of_the_outcome(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster, dart = stage.cluster, stage.services.running["dart"]
    cluster.stop("worker")
    ended = {dag: sum(t.dag == dag for t in cluster.tasks()) for dag in chain.ALL}
    cluster.start("worker", **stage.home("faulty", monkeypatch))
    asked = len(dart.requests)
    # The register is slow, so that its task is caught in the middle.
    dart.fault(slow(1.0))
    cluster.trigger(*chain.REGISTERS)
    cluster.wait(lambda _: len(dart.requests) > asked + 3, PATIENCE, "dart was not asked")
    cluster.kill("worker")
    dart.mend()
    assert not [t for t in cluster.tasks() if t.dag == "paycanary_refresh_dart" and t.run_type == "manual" and t.state == "success"]  # fmt: skip
    cluster.start("worker")
    # Redis goes while some registers are in and others wait, with all that it held.
    cluster.wait(lambda tasks: sum(t.run_type == "manual" and t.state == "success" for t in tasks) >= 3, PATIENCE, "no register was taken in")  # fmt: skip
    stage.redis.kill()
    time.sleep(3)
    stage.redis.start()
    tasks = cluster.wait(lambda tasks: over(tasks, *chain.REGISTERS, *chain.MARKET, ended=ended), PATIENCE, "the registers were not taken in")  # fmt: skip
    cluster.trigger(*chain.UPKEEP)
    tasks = cluster.wait(lambda tasks: over(tasks, *chain.ALL, ended=ended), PATIENCE, "the upkeep was not done")  # fmt: skip
    manual = [task for task in tasks if task.run_type == "manual"]
    assert {task.state for task in manual} == {"success"}
    (killed,) = [task for task in manual if task.dag == "paycanary_refresh_dart"]
    assert killed.tries > 1
    faulty = rows(stage.folder / "faulty")
    assert {name: faulty[name] ^ stage.plain[name] for name in TABLES} == {name: set() for name in TABLES}  # fmt: skip
    assert leftovers(stage.folder / "faulty" / "lake") == []
    screens = [
        next((stage.folder / name / "screens").glob("*.parquet")) for name in ("plain", "faulty")
    ]
    assert screens[0].read_bytes() == screens[1].read_bytes()


def over(tasks: list[Done], *dags: str, ended: dict[str, int]) -> bool:
    """Whether each of these DAGs has done more tasks than it had, and nothing is under way."""
    more = {dag: sum(t.dag == dag for t in tasks) - ended[dag] for dag in dags}
    return all(count > 0 for count in more.values()) and chain.is_over(tasks)


def test_an_error_that_stays_fails_at_once_and_the_operator_is_told(stage: Stage) -> None:
    stage.cluster.stop("worker")
    stage.cluster.start("worker", PAYCANARY_DART_KEY="0" * 40)
    stage.receiver.taken.clear()
    stage.cluster.trigger("paycanary_refresh_dart", day="2026-01-05")
    tasks = stage.cluster.wait(
        lambda tasks: any(t.dag == "paycanary_refresh_dart" and t.run_state == "failed" for t in tasks),
        PATIENCE, "the task did not fail",
    )  # fmt: skip
    (failed,) = [task for task in tasks if task.state == "failed"]
    assert (failed.dag, failed.tries) == ("paycanary_refresh_dart", 1)
    stage.cluster.wait(lambda _: bool(stage.receiver.taken), PATIENCE, "nobody was told")
    ((_, body),) = stage.receiver.taken
    text = json.loads(body)["text"].replace("\u200b", "")
    assert text.startswith("*Airflow: paycanary_refresh_dart.refresh failed*")
    assert "key (exit code 8)" in text
    assert "airflow-task.md" in text
