"""Names, clock and defaults of every DAG."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any, Final

import pendulum
from airflow.sdk import DAG, Asset, AssetAlias, Param

from paycanary_dags.faults import FaultPolicy
from paycanary_dags.telling import tell_of_failure

KOREA: Final = "Asia/Seoul"
#: Seconds before the first retry; each later one waits twice as long.
RETRY_SECONDS: Final = float(os.environ.get("PAYCANARY_DAGS_RETRY_SECONDS", "300"))
RETRIES: Final = 4

#: Pools, set up from pools.json: one a quota, and one for what needs the machine.
OPENDART: Final = "paycanary_opendart"
DATA_GO_KR: Final = "paycanary_data_go_kr"
PUBLIC_LISTS: Final = "paycanary_public_lists"
LAKE: Final = "paycanary_lake"
HEAVY: Final = "paycanary_heavy"

#: Registers, in the order in which their DAGs are listed.
REGISTERS: Final = ("dart", "fsc", "nps", "comwel", "nts", "krx", "moel", "nhis", "tax", "tips")
#: What each register has brought into the lake: an event where rows were added or taken away, and none where nothing changed.
ASSETS: Final = {name: Asset(f"paycanary_lake_{name}", uri=f"x-paycanary://lake/{name}") for name in (*REGISTERS, "expiry")}  # fmt: skip
#: A task names its asset at run time, so that one which changed nothing raises no event.
ALIASES: Final = {name: AssetAlias(f"paycanary_change_{name}") for name in ASSETS}

#: As a template: the day that a run is asked for. A backfill's runs and those started with the parameter `day` have one; those that the
#: clock or new data started have none, and go on from what the lake holds.
DAY: Final = "{{ asked_day(dag_run, params) }}"


def any_change() -> Any:
    """A change of the lake, whoever brought it."""
    first, *rest = ASSETS.values()
    condition: Any = first
    for asset in rest:
        condition |= asset
    return condition


def asked_day(run: Any, params: Any) -> str:
    """The day of `DAY`, or nothing."""
    if params.get("day"):
        return str(params["day"])
    if run.run_type == "backfill" and run.logical_date is not None:
        return str(pendulum.instance(run.logical_date).in_timezone(KOREA).to_date_string())
    return ""


def dag(name: str, schedule: Any, doc: str, *tags: str, **more: Any) -> DAG:
    """A DAG of ours: Korea's clock, one run at a time, no catching up, retries by the kind of error, the operator told of failures."""
    return DAG(
        f"paycanary_{name}",
        schedule=schedule,
        start_date=pendulum.datetime(2026, 1, 1, tz=KOREA),
        catchup=False,
        max_active_runs=1,
        doc_md=doc,
        tags=["paycanary", *tags],
        user_defined_macros={"asked_day": asked_day},
        params={
            "day": Param(
                None,
                type=["null", "string"],
                format="date",
                description="Do it for this day instead of from where the lake stands.",
            )
        },
        default_args={
            "retries": RETRIES,
            "retry_delay": timedelta(seconds=RETRY_SECONDS),
            "retry_exponential_backoff": 2.0,
            "max_retry_delay": timedelta(hours=1),
            "retry_policy": FaultPolicy(),
            "on_failure_callback": tell_of_failure,
            "execution_timeout": timedelta(hours=2),
        },
        **more,
    )
