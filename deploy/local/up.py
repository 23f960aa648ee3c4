"""Starts API, worker, models, PostgreSQL, Redis and, where it is installed, Airflow on one machine; ends them all with Ctrl-C."""

from __future__ import annotations

import errno
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from filelock import FileLock, Timeout
from honcho import manager
from honcho.environ import parse_procfile
from stores import StoreError, make_database, start_postgres, start_redis

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
AIRFLOW: Final = ROOT / "deploy" / "airflow"
sys.path.append(str(AIRFLOW))

from settings import environment  # noqa: E402 - found by the line before

#: Seconds that programs are given to end what they have begun: a request, handing a job back, a task of Airflow.
GRACE: Final = 30


def main(
    data: Annotated[Path, typer.Option(help="Folder of all data; deleting it begins anew.")] = ROOT / ".local",
    api_port: Annotated[int, typer.Option(help="Pages and API.")] = 8000,
    worker_port: Annotated[int, typer.Option(help="The worker's health and metrics.")] = 9465,
    models_port: Annotated[int, typer.Option(help="Model server, REST.")] = 8080,
    models_grpc_port: Annotated[int, typer.Option(help="Model server, gRPC.")] = 8081,
    airflow_port: Annotated[int, typer.Option(help="Airflow's pages.")] = 8082,
    postgres_port: Annotated[int, typer.Option(help="PostgreSQL.")] = 5442,
    redis_port: Annotated[int, typer.Option(help="Redis.")] = 6389,
    airflow: Annotated[bool, typer.Option(help="Start Airflow where .venv-airflow is installed.")] = True,
) -> None:  # fmt: skip
    """Start the whole of paycanary on this machine, on loopback. Ctrl-C ends it; the data stays."""
    ports = {
        "API_PORT": api_port, "WORKER_PORT": worker_port, "MODELS_PORT": models_port, "MODELS_GRPC_PORT": models_grpc_port,
        "POSTGRES_PORT": postgres_port, "REDIS_PORT": redis_port,
    }  # fmt: skip
    has_airflow = airflow and (ROOT / ".venv-airflow" / "bin" / "airflow").exists()
    if has_airflow:
        ports["AIRFLOW_PORT"] = airflow_port
    models_python = ROOT / ".venv-models" / "bin" / "python"
    if not models_python.exists():
        _refuse(f"there is no {models_python}: run `make local`, which installs it")
    data = data.expanduser().resolve()
    try:
        data.mkdir(parents=True, exist_ok=True)
        # Made by FileLock, freed by the kernel: a run that was killed leaves nothing to tidy.
        lock = FileLock(data / "lock")
        lock.acquire(timeout=0)
    except Timeout:
        _refuse(
            f"{data} is in use by another `deploy/local/up`; end that one, or give another --data"
        )
    except OSError as error:
        _refuse(f"{data}: {error.strerror}; give another --data")
    _check_ports(ports)
    # A request to end that comes before honcho listens for it ends what was started, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        try:
            env = _stores(stack, data, ports) | _programs(data, ports, models_python)
            if has_airflow:
                env |= _airflow(data, env)
            code = _run(env, has_airflow=has_airflow)
        except StoreError as error:
            _refuse(str(error))
        except KeyboardInterrupt:
            code = 130
    # What was asked for by Ctrl-C went well.
    sys.exit(0 if code in (130, 143) else code or 1)


def _refuse(why: str) -> Any:
    typer.echo(f"deploy/local/up: {why}", err=True)
    raise typer.Exit(2)


def _check_ports(ports: dict[str, int]) -> None:
    """Every port that is taken is told, before anything starts."""
    taken = []
    for name, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                option = "--" + name.lower().replace("_", "-")
                why = (
                    "is taken" if error.errno == errno.EADDRINUSE else os.strerror(error.errno or 0)
                )
                taken.append(
                    f"port {port} {why}: give another {option}, or end the program that uses it"
                )
    if len(set(ports.values())) < len(ports):
        taken.append("two parts have the same port")
    if taken:
        _refuse("\n  ".join(taken))


def _secrets(data: Path) -> dict[str, str]:
    """Passwords of this folder, made once."""
    path = data / "secrets.json"
    if not path.exists():
        made = {
            name: secrets.token_urlsafe(24) for name in ("postgres", "redis", "signing", "airflow")
        }
        part = path.with_suffix(".part")
        part.touch(0o600)
        part.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
        part.replace(path)
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _stores(stack: ExitStack, data: Path, ports: dict[str, int]) -> dict[str, str]:
    known = _secrets(data)
    typer.echo("starting PostgreSQL and Redis")
    postgres, address = start_postgres(data, ports["POSTGRES_PORT"], known["postgres"])
    stack.callback(postgres.stop)
    make_database(address, "paycanary")
    redis, redis_url = start_redis(data, ports["REDIS_PORT"], known["redis"])
    stack.callback(redis.stop)
    return {"DATABASE_URL": address + "paycanary", "REDIS_URL": redis_url, "PAYCANARY_SECRET": known["signing"], "_POSTGRES": address}  # fmt: skip


def _programs(data: Path, ports: dict[str, int], models_python: Path) -> dict[str, str]:
    """What the Procfile's programs are told; keys of public registers and the like come from whoever starts this."""
    return {
        **{name: str(port) for name, port in ports.items()},
        "PAYCANARY_HOME": str(data / "home"),
        "PAYCANARY_BASE_URL": f"http://127.0.0.1:{ports['API_PORT']}",
        "PAYCANARY_MODELS_URL": f"http://127.0.0.1:{ports['MODELS_PORT']}",
        "PAYCANARY_PYTHON": sys.executable,
        "MODELS_PYTHON": str(models_python),
        "LOCAL_FOLDER": str(HERE),
        "LOCAL_DATA": str(data),
        "PYTHONUNBUFFERED": "1",
    }


def _airflow(data: Path, env: dict[str, str]) -> dict[str, str]:
    """Airflow's settings: the same DAGs as in a cluster, its tasks run by the scheduler itself (LocalExecutor)."""
    known = _secrets(data)
    make_database(env["_POSTGRES"], "airflow")
    home = data / "airflow"
    found = environment(
        home,
        f"{env['_POSTGRES']}airflow",
        int(env["AIRFLOW_PORT"]),
        known["signing"],
        known["airflow"],
    )
    found |= {
        "AIRFLOW": str(ROOT / ".venv-airflow" / "bin" / "airflow"),
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    }
    typer.echo("bringing Airflow's tables and pools up to date")
    # PYTHONPATH of ours is not Airflow's.
    told = {**{k: v for k, v in os.environ.items() if k != "PYTHONPATH"}, **found}
    done = subprocess.run([AIRFLOW / "setup.sh"], env=told, check=False, capture_output=True, text=True)  # fmt: skip
    if done.returncode:
        msg = f"Airflow's tables and pools could not be made:\n{done.stderr[-2000:]}"
        raise StoreError(msg)
    return found


def _run(env: dict[str, str], *, has_airflow: bool) -> int:
    """Run the programs until Ctrl-C, or until one of them ends; all have ended when this comes back."""
    told = {
        **os.environ,
        **{name: value for name, value in env.items() if not name.startswith("_")},
    }
    migrated = subprocess.run([sys.executable, "-m", "paycanary", "database", "upgrade"], env=told, check=False)  # fmt: skip
    if migrated.returncode:
        return migrated.returncode
    manager.KILL_WAIT = GRACE
    running = manager.Manager()
    for name in ("Procfile", "Procfile.airflow") if has_airflow else ("Procfile",):
        for process, command in parse_procfile(
            (HERE / name).read_text(encoding="utf-8")
        ).processes.items():
            running.add_process(process, command, env=told, cwd=str(ROOT))
    running.loop()
    code = running.returncode
    return code if isinstance(code, int) else 1


if __name__ == "__main__":
    typer.run(main)
