"""A DAG of Airflow for the month file of pension workplaces: waits for a month that is out and not stored, then takes it in."""

from __future__ import annotations

import os
from datetime import timedelta

from paycanary_dags.shared import DATA_GO_KR, DAY, dag
from paycanary_dags.work import WhenDue, Work

#: Seconds between two looks at the portal's list of months.
LOOK_SECONDS = float(os.environ.get("PAYCANARY_DAGS_LOOK_SECONDS", "21600"))

with dag(
    "refresh_nps",
    "30 6 20 * *",
    "Takes in a new month of pension workplaces, as `paycanary refresh nps` does. A month comes out about the 20th of the next, "
    "some days late at times: from the 20th on the portal's list is looked at every six hours, for 25 days.",
    "refresh",
) as pension:
    month = WhenDue(
        task_id="month_is_out",
        source="nps",
        pool=DATA_GO_KR,
        poke_interval=timedelta(seconds=LOOK_SECONDS),
        timeout=timedelta(days=25),
        execution_timeout=timedelta(minutes=10),
    )
    month >> Work(
        task_id="refresh",
        work="refresh",
        arguments={"source": "nps", "since": DAY},
        changes="nps",
        pool=DATA_GO_KR,
    )
