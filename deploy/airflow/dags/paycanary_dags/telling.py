"""Telling the operator that a task failed, by the ways that paycanary itself tells by."""

from __future__ import annotations

import logging
import os
import subprocess
from typing import TYPE_CHECKING, Any, Final

from paycanary_dags.interpreter import ask

if TYPE_CHECKING:
    from collections.abc import Mapping

_log = logging.getLogger(__name__)
_SECONDS: Final = 60
_LONGEST: Final = 500
RUNBOOK: Final = os.environ.get("PAYCANARY_RUNBOOK_URL", "https://github.com/paycanary/paycanary/blob/main/docs/runbook/")  # fmt: skip
_PAGE: Final = "airflow-task.md"
#: What to do next, by what an error's text begins with.
_NEXT: Final = {
    "key ": "set or renew the register's key, then clear the task",
    "quota ": "nothing: the day's calls are used up; clear the task tomorrow, or wait for the next run",
    "unreachable ": "see whether the register is down for everybody; clear the task when it is back",
    "busy ": "see which other refresh holds the lake, then clear the task",
    "answer ": "the register has changed its answers: file the line; the other registers go on",
    "usage ": "mend the setting or the data that the line names, then clear the task",
    "disk_full ": "make room on the disk of PAYCANARY_HOME, then clear the task",
}


def message(context: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Headline and lines about a failed task."""
    task = context["ti"]
    error = " ".join(str(context.get("exception") or "no sign of life from its worker").split())[:_LONGEST]  # fmt: skip
    next_step = next((todo for start, todo in _NEXT.items() if error.startswith(start)), "read the task's log, mend the cause, clear the task")  # fmt: skip
    return f"Airflow: {task.dag_id}.{task.task_id} failed", [
        f"run {task.run_id}, try {task.try_number}",
        f"error: {error}",
        f"next: {next_step}",
        f"{RUNBOOK}{_PAGE}",
    ]


def tell_of_failure(context: Mapping[str, Any]) -> None:
    """Tell the operator. Never fails itself: what could not be told stands in the log."""
    headline, lines = message(context)
    try:
        account = ask("tell", {"headline": headline, "lines": lines}, _SECONDS)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        _log.exception("the operator could not be told: %s", getattr(error, "stderr", error))
        return
    _log.info("operator: %s", account)
