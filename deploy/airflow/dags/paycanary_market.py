"""DAGs of Airflow for what follows from changed data: the whole market screened anew, followed companies judged anew."""

from __future__ import annotations

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable
from paycanary_dags.shared import DAY, HEAVY, KOREA, any_change, dag
from paycanary_dags.work import Work

with dag(
    "screen",
    AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("30 0 * * *", timezone=KOREA), assets=any_change()
    ),
    "Screens the whole market into `screens/DAY.parquet` of paycanary's home, as `paycanary screen` does: whenever a register has "
    "brought something, and once a day, since figures grow old and entries end.",
    "market",
) as screen:
    Work(task_id="screen", work="screen", arguments={"as_of": DAY}, pool=HEAVY)

with dag(
    "alerts",
    AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("*/10 * * * *", timezone=KOREA), assets=any_change()
    ),
    "Judges followed companies and sends what is due, as `paycanary alerts run --once` does: whenever data has changed, and every ten "
    "minutes for what could not be sent before. Beside a `paycanary serve` that keeps house itself it does no harm.",
    "market",
) as alerts:
    Work(task_id="alerts", work="alert")
