"""The whole chain once, with real Airflow on this machine: `make demo-airflow`.

PostgreSQL, Redis, API server, scheduler, DAG processor, triggerer and a Celery worker are started on loopback; the public services are
those of tests/standins, which answer as the real ones do. The lake begins with the built-in sample. All of it is gone at the end.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Final

import typer

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE), str(ROOT / "deploy" / "local")]

import chain  # noqa: E402 - found by the line before
from cluster import Cluster, ClusterError, Done  # noqa: E402
from settings import celery, environment  # noqa: E402
from stores import StoreError, make_database, start_postgres, start_redis  # noqa: E402

from paycanary.lake import snapshots  # noqa: E402
from paycanary.lake.home import lake_path  # noqa: E402
from tests.services import Services  # noqa: E402


def main(
    airflow: Annotated[Path, typer.Option(help="Airflow's program.")] = ROOT / ".venv-airflow" / "bin" / "airflow",
    minutes: Annotated[float, typer.Option(help="Give up after so long.")] = 15,
) -> None:  # fmt: skip
    """Run the whole chain and tell what ran and what changed."""
    began = time.monotonic()
    # A request to end ends what was started, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        # Not below a folder that only its owner may enter: PostgreSQL runs as a user of its own.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="paycanary-demo-")))
        folder.chmod(0o755)
        try:
            env = _stores(stack, folder) | stack.enter_context(Services()).env()
            env |= _own(folder)
            os.environ |= {"PAYCANARY_HOME": env["PAYCANARY_HOME"]}
            typer.echo(f"the built-in sample is snapshot {chain.seed()} of the lake")
            logs = folder / "logs"
            logs.mkdir()
            typer.echo("starting Airflow: API server, scheduler, DAG processor, triggerer, Celery worker")  # fmt: skip
            cluster = stack.enter_context(Cluster(airflow, env, logs, env["_PASSWORD"]))
            typer.echo(f"all of it answers after {time.monotonic() - began:.0f} s; running the chain")  # fmt: skip
            tasks = chain.run(cluster, minutes * 60)
            failed = _tell(cluster, tasks)
        except (ClusterError, StoreError) as error:
            typer.echo(f"demo: {error}", err=True)
            raise typer.Exit(1) from None
        typer.echo(f"{len(tasks)} tasks, {failed} failed, {time.monotonic() - began:.0f} s in all")
    raise typer.Exit(1 if failed else 0)


def _stores(stack: ExitStack, folder: Path) -> dict[str, str]:
    """PostgreSQL and Redis, and Airflow's settings for them."""
    password, ports = secrets.token_urlsafe(16), _free_ports(4)
    postgres, address = start_postgres(folder, ports[0], password)
    stack.callback(postgres.stop)
    for name in ("paycanary", "airflow"):
        make_database(address, name)
    redis, broker = start_redis(folder, ports[1], password)
    stack.callback(redis.stop)
    typer.echo("PostgreSQL and Redis answer")
    settings = environment(folder / "airflow", f"{address}airflow", ports[2], secrets.token_urlsafe(64), password)  # fmt: skip
    settings |= celery(f"{broker.removesuffix('0')}1", f"{address}airflow", worker_port=ports[3])
    return {**settings, "DATABASE_URL": f"{address}paycanary", "_PASSWORD": password}


def _own(folder: Path) -> dict[str, str]:
    """Settings of paycanary's side."""
    return {
        "PAYCANARY_PYTHON": sys.executable,
        "PAYCANARY_HOME": str(folder / "home"),
        "PAYCANARY_BACKUP_PLACE": str(folder / "backups"),
        "PAYCANARY_RETRAIN_DRAWS": "50",
        "PAYCANARY_DAGS_RETRY_SECONDS": "5",
        "PYTHONPATH": str(ROOT / "src"),
    }


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _tell(cluster: Cluster, tasks: list[Done]) -> int:
    """A line a task, then a line a snapshot of the lake; how many tasks failed."""
    typer.echo(f"{'DAG':<24} {'task':<13} {'started by':<16} {'state':<9} {'try':>3} {'s':>5}  what came of it")  # fmt: skip
    for task in tasks:
        name = task.dag.removeprefix("paycanary_")
        typer.echo(
            f"{name:<24} {task.task:<13} {task.run_type:<16} {task.state or '-':<9} {task.tries:>3} {task.seconds:>5.1f}  {_about(cluster.result(task))}"
        )
    for path in snapshots.history(lake_path() / "snapshots"):
        found = snapshots.load(path)
        added = ", ".join(f"{table} {rows:+,}" for table, rows in found.summary["added"].items() if rows)  # fmt: skip
        typer.echo(f"lake, snapshot {found.id}: {found.summary['source']}: {added or 'nothing new'}")  # fmt: skip
    return sum(task.state not in ("success", "skipped") for task in tasks)


def _about(result: dict[str, object]) -> str:
    told = ("changed", "snapshot", "added", "companies", "levels", "removed", "outcome", "live", "bytes", "is_due", "missing", "skipped")  # fmt: skip
    return ", ".join(f"{key} {result[key]}" for key in told if result.get(key) not in (None, {}, ""))  # fmt: skip


if __name__ == "__main__":
    typer.run(main)
