"""Our DAG files in real Airflow: they are read, their clock is the registers', and every task is work that paycanary knows."""

from __future__ import annotations

import inspect
import json
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from paycanary import errors
from paycanary.lake import live
from paycanary.sources.registers import REGISTERS
from paycanary.sources.web.inbox import KOREA
from paycanary.tasks.catalog import TASKS
from paycanary.tasks.faults import fault
from paycanary.tasks.settings import TaskSettings
from tests.airflow.conftest import DAGS
from tests.alerts.receivers import receiving

if TYPE_CHECKING:
    from collections.abc import Callable

OTHERS = {"screen", "alerts", "expiry", "retrain", "snapshot"}
POOLS = json.loads((DAGS.parent / "pools.json").read_text(encoding="utf-8"))
#: Registers that ask under one key, with one day's quota.
QUOTAS = {"dart": "paycanary_opendart"} | dict.fromkeys(("fsc", "nps", "comwel", "nts"), "paycanary_data_go_kr")  # fmt: skip


def tasks(parsed: Any) -> list[tuple[str, Any]]:
    return [(f"{name}.{key}", task) for name, dag in parsed["dags"].items() for key, task in dag["tasks"].items()]  # fmt: skip


def test_every_file_is_read_without_paycanary_beside_airflow(parsed: Any) -> None:
    assert parsed["errors"] == {}
    assert not parsed["has_paycanary"]
    wanted = {f"paycanary_refresh_{name}" for name in REGISTERS} | {f"paycanary_{name}" for name in OTHERS}  # fmt: skip
    assert set(parsed["dags"]) == wanted
    assert all(dag["is_serialized"] and dag["doc"] for dag in parsed["dags"].values())


def test_runs_do_not_pile_up(parsed: Any) -> None:
    for name, dag in parsed["dags"].items():
        assert (name, dag["catches_up"], dag["max_active_runs"]) == (name, False, 1)
        assert dag["timezone"] == "Asia/Seoul"


def test_every_task_is_work_of_ours_with_the_arguments_it_takes(parsed: Any) -> None:
    for name, task in tasks(parsed):
        inspect.signature(TASKS[task["work"]]).bind(**task["arguments"])
        assert task["policy"] == "FaultPolicy", name
        assert task["retries"] >= 3, name
        assert task["is_told"], name
    assert {task["work"] for _, task in tasks(parsed)} == set(TASKS) - {"tell"}


def test_pools_exist_and_one_key_has_one_pool(parsed: Any) -> None:
    assert {task["pool"] for _, task in tasks(parsed)} - {"default_pool"} == set(POOLS)
    for source, pool in QUOTAS.items():
        dag = parsed["dags"][f"paycanary_refresh_{source}"]
        assert {task["pool"] for task in dag["tasks"].values()} == {pool}
        assert POOLS[pool]["slots"] == 1


def test_what_changes_the_lake_names_its_asset(parsed: Any) -> None:
    named = {name.split(".")[0]: task["outlets"] for name, task in tasks(parsed) if task["outlets"]}
    assert named == {
        f"paycanary_refresh_{name}": [f"paycanary_change_{name}"] for name in REGISTERS
    } | {"paycanary_expiry": ["paycanary_change_expiry"]}
    assert {name for name, dag in parsed["dags"].items() if dag["has_assets"]} == {"paycanary_screen", "paycanary_alerts"}  # fmt: skip


def test_the_pension_is_waited_for_without_a_slot(parsed: Any) -> None:
    sensor = parsed["dags"]["paycanary_refresh_nps"]["tasks"]["month_is_out"]
    assert (sensor["mode"], sensor["work"]) == ("reschedule", "due")


@pytest.mark.parametrize("source", REGISTERS)
def test_no_register_is_asked_before_it_publishes(parsed: Any, source: str) -> None:
    """Cron against the calendar that `paycanary refresh` itself keeps: after the hour, and no day later than needs be."""
    minute, hour, day, month, _ = parsed["dags"][f"paycanary_refresh_{source}"]["cron"].split()
    calendar = live.plan(source).CALENDAR
    assert month == "*"
    if calendar.every == "company":
        assert day.isdigit()
        return
    assert (day == "*") == (calendar.every == "day")
    release = datetime(2026, 11, calendar.day, calendar.hour, tzinfo=KOREA)
    asked = datetime(2026, 11, calendar.day if day == "*" else int(day), int(hour), int(minute), tzinfo=KOREA)  # fmt: skip
    assert timedelta(0) <= asked - release < timedelta(hours=1)


WORDS: dict[errors.Lang, str] = {"ko": "무엇.", "en": "What."}


def test_errors_that_pass_are_tried_again_and_others_are_not(inside: Callable[..., Any]) -> None:
    down = errors.UnreachableError("krx", WORDS, WORDS)
    slow = errors.UnreachableError("krx", WORDS, WORDS)
    slow.retry_after = 90
    key = errors.KeyRefusedError("dart", WORDS, WORDS)
    given = [{"fault": vars_of(fault(e))} for e in (down, slow, key, errors.UsageError(WORDS, WORDS))]  # fmt: skip
    got = inside("settle", [*given, {"result": {"changed": True}}])
    assert [(g["fails"], g["delay"]) for g in got[:-1]] == [(False, None), (False, 90), (True, None), (True, None)]  # fmt: skip
    assert (got[0]["decision"], got[1]["decision"]) == ("default", "retry")
    assert got[2]["message"].startswith("key (exit code 8): What.")
    assert got[-1] == {"result": {"changed": True}}


def vars_of(found: Any) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__slots__}


def test_the_operator_is_told_of_a_failed_task(inside: Callable[..., Any]) -> None:
    task = {"dag_id": "paycanary_refresh_dart", "task_id": "refresh", "run_id": "scheduled__2026", "try_number": 5}  # fmt: skip
    error = "key (exit code 8): dart: the key <is> refused.\nSet another."
    with receiving() as receiver:
        env = {
            "PAYCANARY_OPERATOR_WEBHOOK": receiver.url,
            "PAYCANARY_WEBHOOKS_TO_LOOPBACK": "1",
            "PYTHONPATH": f"{DAGS}:{DAGS.parents[2] / 'src'}",
        }
        inside("tell", {"ti": task, "exception": error}, env)
    ((headers, body),) = receiver.taken
    assert headers["content-type"] == "application/json"
    # Without the marks that keep Slack from taking a name's underscores for a style.
    lines = json.loads(body)["text"].replace("\u200b", "").split("\n")
    assert lines[0] == "*Airflow: paycanary_refresh_dart.refresh failed*"
    assert lines[1] == "run scheduled__2026, try 5"
    assert "the key &lt;is&gt; refused. Set another." in lines[2]
    assert "renew the register's key" in lines[3]
    assert lines[4].endswith("/docs/runbook/airflow-task.md")
    assert (DAGS.parents[2] / "docs" / "runbook" / "airflow-task.md").exists()


def test_a_channel_that_is_down_fails_nothing(inside: Callable[..., Any]) -> None:
    task = {"dag_id": "d", "task_id": "t", "run_id": "r", "try_number": 1}
    env = {"PAYCANARY_OPERATOR_WEBHOOK": "http://127.0.0.1:9/", "PAYCANARY_WEBHOOKS_TO_LOOPBACK": "1", "PYTHONPATH": f"{DAGS}:{DAGS.parents[2] / 'src'}"}  # fmt: skip
    assert inside("tell", {"ti": task, "exception": None}, env) is None
    assert inside("tell", {"ti": task, "exception": None}, env | {"PAYCANARY_PYTHON": "/nowhere"}) is None  # fmt: skip


def test_the_page_tells_what_runs_when(parsed: Any) -> None:
    page = (DAGS.parents[2] / "docs" / "how-to" / "airflow.md").read_text(encoding="utf-8")
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `paycanary_")}  # fmt: skip
    assert set(rows) == set(parsed["dags"])
    for name, dag in parsed["dags"].items():
        (pool,) = {task["pool"] for task in dag["tasks"].values()}
        assert f"| `{dag['cron']}`" in rows[name]
        assert f"| `{pool}` |" in rows[name]
        assert ("changed data" in rows[name]) == dag["has_assets"]


def test_variables_of_the_page_are_those_that_are_read() -> None:
    page = (DAGS.parents[2] / "docs" / "how-to" / "airflow.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(PAYCANARY_\w+)`(?:, `(PAYCANARY_\w+)`)?", page, re.MULTILINE))
    named = {name for pair in told for name in pair if name}
    own = {f"PAYCANARY_{name.upper()}" for name in TaskSettings.model_fields}
    read = set(re.findall(r'"(PAYCANARY_\w+)"', "".join(p.read_text("utf-8") for p in DAGS.rglob("*.py"))))  # fmt: skip
    assert named == (own | read) - {"PAYCANARY_PYTHON"}
