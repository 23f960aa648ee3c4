"""Airflow's settings on one machine, as environment variables: for deploy/local, the demo and the tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
USER: Final = "admin"


def environment(home: Path, database: str, port: int, secret: str, password: str) -> dict[str, str]:
    """What every program of Airflow is told.

    Args:
        home: Airflow's own folder: logs, and the file of passwords, which is made.
        database: address of its PostgreSQL database, `postgresql://...`.
        port: of the API server, on loopback.
        secret: signs what its programs tell each other.
        password: of the user `admin`.
    """
    home.mkdir(parents=True, exist_ok=True)
    users = home / "passwords.json"
    users.touch(0o600)
    users.write_text(json.dumps({USER: password}), encoding="utf-8")
    address = f"http://127.0.0.1:{port}"
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database.replace("postgresql://", "postgresql+psycopg2://"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(HERE / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(users),
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": secret,
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }  # fmt: skip


def celery(broker: str, database: str, *, worker_port: int, at_once: int = 2) -> dict[str, str]:
    """What more they are told where tasks go through Redis to Celery's workers.

    Args:
        broker: address of Redis.
        database: as of `environment`; keeps what became of tasks.
        worker_port: on which the worker serves its logs.
        at_once: tasks a worker does side by side.
    """
    return {
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CELERY__BROKER_URL": broker,
        "AIRFLOW__CELERY__RESULT_BACKEND": "db+" + database.replace("postgresql://", "postgresql+psycopg2://"),
        "AIRFLOW__CELERY__WORKER_CONCURRENCY": str(at_once),
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(worker_port),
    }  # fmt: skip
