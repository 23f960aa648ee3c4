"""The whole chain: registers into the lake, the market screened and followed companies judged, and the upkeep."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from cluster import OPEN

from paycanary.lake.home import lake_path
from paycanary.lake.reader import open_sample
from paycanary.lake.snapshots import parquet
from paycanary.lake.tables import TABLES
from paycanary.lake.writer import writing

if TYPE_CHECKING:
    from cluster import Cluster, Done

_NAMES: Final = ("dart", "fsc", "nps", "comwel", "nts", "krx", "moel", "nhis", "tax", "tips")
REGISTERS: Final = tuple(f"paycanary_refresh_{name}" for name in _NAMES)
MARKET: Final = ("paycanary_screen", "paycanary_alerts")
UPKEEP: Final = ("paycanary_expiry", "paycanary_retrain", "paycanary_snapshot")
ALL: Final = (*MARKET, *REGISTERS, *UPKEEP)
#: An entry of a list whose publication ended yesterday: what the expiry is there for.
_ENDED: Final = "moel:ended"


def seed() -> int:
    """Store the built-in sample as a lake of one's own, and an entry of a list that has ended; the snapshot's number."""
    import duckdb  # noqa: PLC0415

    sample = open_sample()
    yesterday = date.today() - timedelta(days=1)  # noqa: DTZ011 - no hour matters here
    with writing(lake_path()) as store:
        con = duckdb.connect()
        con.execute("SET TimeZone = 'UTC'")
        for name, state in sample.snapshot.tables.items():
            rows = f"SELECT * FROM {parquet(sample.root, state)}"
            if name == "notices":
                rows += (
                    f" UNION ALL BY NAME SELECT '{_ENDED}' AS company_id, 'wage_arrears' AS kind, DATE '{yesterday}' AS expires_on, "
                    f"'moel' AS source, 'ended' AS filing_id, DATE '2023-06-30' AS published_on, TIMESTAMPTZ '2023-06-30' AS fetched_at, 1 AS row_id"
                )
            if name in TABLES:
                store.write(con, name, rows, replace=True)
        return store.commit({"source": "sample", "added": {}}).id


def is_over(tasks: list[Done], *dags: str, after: int = 0) -> bool:
    """Whether every one of these DAGs has ended more than ``after`` runs, and nothing is under way."""
    ended = {dag: {t.run for t in tasks if t.dag == dag and t.run_state not in OPEN} for dag in dags}  # fmt: skip
    return all(len(runs) > after for runs in ended.values()) and not any(t.run_state in OPEN for t in tasks)  # fmt: skip


def run(cluster: Cluster, seconds: float) -> list[Done]:
    """Unpause everything, wave by wave, and wait; every task there was."""
    cluster.unpause(*MARKET, *REGISTERS)
    cluster.wait(lambda tasks: is_over(tasks, *MARKET, *REGISTERS), seconds, "the registers were not taken in")  # fmt: skip
    cluster.unpause(*UPKEEP)
    return cluster.wait(lambda tasks: is_over(tasks, *ALL), seconds, "the upkeep was not done")
