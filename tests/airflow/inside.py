"""Runs in Airflow's interpreter: what real Airflow makes of the DAG files, and what our helpers do there. JSON on standard output.

python inside.py dags                     # every DAG and task
python inside.py settle < accounts.json   # what accounts of work become
python inside.py tell < context.json      # tell the operator of a failed task
"""

from __future__ import annotations

import json
import os
import sys
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any


def dags() -> Any:
    from airflow.dag_processing.dagbag import DagBag  # noqa: PLC0415
    from airflow.serialization.serialized_objects import DagSerialization  # noqa: PLC0415

    bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
    return {
        "errors": bag.import_errors,
        "has_paycanary": find_spec("paycanary") is not None,
        "dags": {dag.dag_id: _dag(dag, DagSerialization.to_dict(dag)) for dag in bag.dags.values()},
    }


def _dag(dag: Any, serialized: Any) -> Any:
    timetable = dag.timetable
    timed = getattr(timetable, "timetable", timetable)
    return {
        "doc": dag.doc_md,
        "cron": timed.expression,
        "timezone": str(timed.timezone),
        "has_assets": timed is not timetable,
        "catches_up": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "is_serialized": bool(serialized["dag"]["tasks"]),
        "tasks": {task.task_id: _task(task) for task in dag.tasks},
    }


def _task(task: Any) -> Any:
    return {
        "work": getattr(task, "work", "due"),
        "arguments": dict(task.op_kwargs["arguments"]) if hasattr(task, "op_kwargs") else {"source": task.source},
        "pool": task.pool,
        "retries": task.retries,
        "policy": type(task.retry_policy).__name__,
        "is_told": bool(task.on_failure_callback),
        "outlets": [outlet.name for outlet in task.outlets],
        "mode": getattr(task, "mode", None),
    }  # fmt: skip


def settle() -> Any:
    from airflow.sdk.exceptions import AirflowFailException  # noqa: PLC0415
    from paycanary_dags.faults import FaultPolicy, settled  # noqa: PLC0415

    found = []
    for account in json.load(sys.stdin):
        try:
            found.append({"result": settled(account)})
        except Exception as error:  # noqa: BLE001 - which one it is is asked
            decision = FaultPolicy().evaluate(error, 1, 4)
            delay = decision.retry_delay.total_seconds() if decision.retry_delay else None
            found.append({"fails": isinstance(error, AirflowFailException), "decision": decision.action.value, "delay": delay, "message": str(error)})  # fmt: skip
    return found


def tell() -> Any:
    from paycanary_dags.telling import tell_of_failure  # noqa: PLC0415

    given = json.load(sys.stdin)
    tell_of_failure({"ti": SimpleNamespace(**given["ti"]), "exception": given["exception"]})
    return None


if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps({"dags": dags, "settle": settle, "tell": tell}[sys.argv[1]]()))  # fmt: skip
