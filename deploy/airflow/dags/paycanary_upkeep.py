"""DAGs of Airflow for what keeps the data right: ended entries removed, the forecast trained anew behind a gate, backups."""

from __future__ import annotations

from datetime import timedelta

from paycanary_dags.shared import DAY, HEAVY, LAKE, dag
from paycanary_dags.work import Work

with dag(
    "expiry",
    "5 0 * * *",
    "Removes entries of public lists whose publication has ended, as `paycanary expire` does: just after Korea's midnight, when a day ends.",
    "upkeep",
) as expiry:
    Work(task_id="expire", work="expire", arguments={"as_of": DAY}, changes="expiry", pool=LAKE)

with dag(
    "retrain",
    "0 2 25 * *",
    "Trains the forecast anew, keeps it in the registry, and lets it go live only where the protocol says that it is not worse, as "
    "`paycanary forecast retrain` does. Monthly, after the pension month is in. What the gate decided is told to the operator.",
    "upkeep",
) as retrain:
    Work(
        task_id="retrain",
        work="retrain",
        arguments={"as_of": DAY},
        pool=HEAVY,
        execution_timeout=timedelta(hours=6),
    )

with dag(
    "snapshot",
    "10 3 * * *",
    "Copies state and lake to `PAYCANARY_BACKUP_PLACE`, as `paycanary backup create` does; skipped where that is not set.",
    "upkeep",
) as snapshot:
    Work(task_id="backup", work="backup", pool=HEAVY)
