"""A DAG of Airflow for each register, by the hours at which it publishes. The pension stands in paycanary_pension.py: its day is not certain."""

from __future__ import annotations

from datetime import timedelta

from paycanary_dags.shared import DATA_GO_KR, DAY, OPENDART, PUBLIC_LISTS, dag
from paycanary_dags.work import Work

#: By register: cron in Korean time, pool, hours a run may take, and why then.
SOURCES = {
    "dart": ("10 7 * * 2-6", OPENDART, 6, "Filings come in on working days; what one day brought is whole the next morning."),
    "krx": ("10 19 * * 1-5", PUBLIC_LISTS, 1, "The exchange's lists change on trading days, after its close."),
    "moel": ("10 6 * * *", PUBLIC_LISTS, 1, "Half-yearly list of unpaid wages, without a fixed day; entries leave it on any day."),
    "nhis": ("20 6 3 * *", PUBLIC_LISTS, 1, "Yearly list of unpaid social insurance; entries leave it during the year."),
    "tax": ("20 6 2 * *", PUBLIC_LISTS, 2, "Yearly list of unpaid national taxes; entries leave it during the year."),
    "tips": ("20 6 4 * *", PUBLIC_LISTS, 1, "Selections are announced about monthly."),
    "fsc": ("30 5 6 * *", DATA_GO_KR, 4, "Asked by company: once a month again about those ever asked."),
    "comwel": ("30 5 8 * *", DATA_GO_KR, 4, "Asked by company: once a month again about those ever asked."),
    "nts": ("30 5 10 * *", DATA_GO_KR, 4, "Asked by company: once a month again about those ever asked."),
}  # fmt: skip

for source, (schedule, pool, hours, why) in SOURCES.items():
    with dag(
        f"refresh_{source}",
        schedule,
        f"Takes in what `{source}` has published, as `paycanary refresh {source}` does. {why}",
        "refresh",
    ) as made:
        Work(
            task_id="refresh",
            work="refresh",
            arguments={"source": source, "since": DAY},
            changes=source,
            pool=pool,
            execution_timeout=timedelta(hours=hours),
        )
    globals()[made.dag_id] = made
