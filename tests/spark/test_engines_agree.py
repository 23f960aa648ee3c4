"""DuckDB and Apache Spark give the same answers: the same SQL files, the same tables, every row of every finding compared.

On the built-in sample, asked about everyone on two days, and on a made country of a million rows.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.country.write import Wanted, write_country
from paycanary.lake.batches import refresh
from paycanary.lake.reader import open_reader, open_sample
from paycanary.signals import engine, findings
from paycanary.signals.custom import BUILT_IN
from paycanary.verdict import Session

if TYPE_CHECKING:
    from pathlib import Path

    from paycanary.lake.reader import Reader
    from paycanary.signals.spark import Spark

DAYS = [date(2023, 6, 30), date(2026, 6, 30)]
#: Workplaces and months: a million rows.
WORKPLACES, MONTHS = 42_000, 24
#: Engines add in different orders: figures are compared to ten digits.
CELLS = ", ".join(
    f"CASE WHEN isfinite({name}) THEN format('{{:.10g}}', {name}) END AS {name}" if name in ("measure", "value") else name
    for name in ("company_id", "level", "measure", "reason", "concept", "value", "text", "unit", "period_end", "row_id")
)  # fmt: skip


def compared(spark: Spark, reader: Reader, day: date, folder: Path) -> dict[str, int]:
    """Signal -> rows of its findings, the same on both engines: neither has a row that the other lacks."""
    session = Session(reader)
    session.engine.prepare(day)
    spark.prepare(reader, session.con, day, BUILT_IN)
    counts = {}
    for signal in engine.asked(BUILT_IN):
        sql = engine.filled(signal, day, BUILT_IN)
        spark.write(signal, day, BUILT_IN, folder / signal.name)
        files = [str(file) for file in (folder / signal.name).glob("*.parquet")]
        session.con.execute(f"CREATE OR REPLACE TEMP TABLE here AS SELECT {CELLS} FROM ({sql})")
        session.con.execute(f"CREATE OR REPLACE TEMP TABLE there AS SELECT {CELLS} FROM read_parquet($files)", {"files": files})  # fmt: skip
        for one, other in (("here", "there"), ("there", "here")):
            differ = session.con.execute(f"FROM {one} EXCEPT ALL FROM {other}").fetchall()
            assert not differ, (signal.name, one, differ[:3])
        ((counts[signal.name],),) = session.con.execute("SELECT count(*) FROM here").fetchall()
    return counts


def ranked(reader: Reader, day: date, spark: Spark | None) -> list[dict[str, Any]]:
    session = Session(reader)
    session.rank(day, spark=spark)
    return session.screened()


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_finding_is_the_same_on_both_engines(spark: Spark, day: date, tmp_path: Path) -> None:
    counts = compared(spark, open_sample(), day, tmp_path)
    assert sum(counts.values()) > 500
    assert sum(count > 0 for count in counts.values()) > 15


def test_the_long_output_is_the_same_on_both_engines(spark: Spark) -> None:
    told = []
    for engine_asked in (spark, None):
        session = Session(open_sample())
        session.rank(DAYS[1], spark=engine_asked, is_full=True)
        findings.find(session.con, BUILT_IN)
        rows = session.con.execute(findings.select()).fetchall()
        told.append(
            [(*row[:4], None if row[4] is None else f"{row[4]:.10g}", row[5]) for row in rows]
        )
        session.con.close()
    assert told[0] == told[1]
    assert len(told[0]) > 1000
    assert len({row[5] for row in told[0]}) > 4


def test_a_million_rows_give_the_same_findings(
    spark: Spark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYCANARY_WHOLE_MONTH_ROWS", str(WORKPLACES // 2))
    files = tmp_path / "files"
    files.mkdir()
    for _ in write_country(files, Wanted(WORKPLACES, MONTHS, date(2024, 1, 1), 11)):
        pass
    refresh(tmp_path / "lake", "nps", files)
    reader = open_reader(tmp_path / "lake")
    assert reader.snapshot.tables["workplace_months"].rows >= 1_000_000
    day = date(2026, 1, 31)
    counts = compared(spark, reader, day, tmp_path / "findings")
    for name in ("headcount_change", "mass_exit", "leaver_rate", "pension_pay"):
        assert counts[name] > WORKPLACES, name
    rows = ranked(reader, day, spark)
    assert len(rows) > WORKPLACES
    assert rows == ranked(reader, day, None)
