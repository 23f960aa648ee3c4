"""DuckDB and Apache Spark give the same answers: the same SQL files, the same rows, every answer compared.

DuckDB runs the files as they are; for Spark each is transpiled by SQLGlot. The data is the built-in sample, asked about
everyone on two days.
"""

from __future__ import annotations

import os
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import sqlglot

from paycanary.lake.asof import MADE
from paycanary.lake.reader import open_sample
from paycanary.signals import catalog
from paycanary.signals.custom import BUILT_IN
from paycanary.signals.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

pyspark = pytest.importorskip("pyspark", reason="pyspark is installed by `make test`")

DAYS = [date(2023, 6, 30), date(2026, 11, 23)]
FIGURE = ("company_id", "level", "measure", "reason", "concept", "value", "text", "unit", "period_end", "row_id")  # fmt: skip
Row = tuple[Any, ...]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A Spark session on this machine's cores, quiet and without a network face."""
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    from pyspark.sql import SparkSession  # noqa: PLC0415

    session = (
        SparkSession.builder.master("local[2]")
        .appName("paycanary-tests")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.memory", "2g")
        # Each question is asked twice: what is compiled to the utmost takes longer than it saves.
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def to_spark(sql: str) -> str:
    """The same statement for Spark; a construct that cannot be carried over raises."""
    (statement,) = sqlglot.transpile(
        sql, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
    )
    return statement


def normalise(row: dict[str, Any]) -> Row:
    """A row as comparable values: figures rounded to ten digits, since engines add in different orders."""
    cells: list[Any] = []
    for name in FIGURE:
        value = row.get(name)
        if isinstance(value, float):
            value = float(f"{value:.10g}")
        cells.append(str(value) if name == "period_end" else value)
    return tuple(cells)


def duck_rows(con: duckdb.DuckDBPyConnection, sql: str) -> set[Row]:
    cursor = con.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    return {normalise(dict(zip(names, row, strict=True))) for row in cursor.fetchall()}


def filled(sql: str, values: dict[str, str]) -> str:
    return re.sub(r"\$(\w+)", lambda m: values[m[1]], catalog.strip_comments(sql))


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_answer_is_the_same_on_both_engines(spark: Any, day: date, tmp_path: Path) -> None:
    con = open_sample().connect()
    Engine(con).ask(day, None)
    for name in MADE:
        path = tmp_path / f"{name}.parquet"
        con.execute(f"COPY (SELECT * FROM {name}) TO '{path}' (FORMAT parquet)").fetchall()
        spark.read.parquet(str(path)).createOrReplaceTempView(name)

    max_age = BUILT_IN.whole(day)["max_age_months"]
    values = {
        "as_of": f"DATE '{day}'",
        "max_age_months": str(int(max_age)),
        "pension_until": "CAST(NULL AS DATE)",
    }
    for name, sql in catalog.inputs().items():
        # Kept with its plan cut off: else each question plans anew all that leads up to it.
        answered = spark.sql(to_spark(filled(sql, values))).localCheckpoint()
        answered.createOrReplaceTempView(name)
        ((here,),) = con.execute(f"SELECT count(*) FROM {name}").fetchall()
        assert answered.count() == here, name

    compared = 0
    for signal in catalog.signals().values():
        if signal.sql is None:
            continue
        thresholds = {k: repr(v) for k, v in BUILT_IN.thresholds(signal, day).items()}
        sql = filled(signal.sql, thresholds)
        here_rows = duck_rows(con, sql)
        there_rows = {normalise(row.asDict()) for row in spark.sql(to_spark(sql)).collect()}
        assert there_rows == here_rows, signal.name
        compared += len(here_rows)
    assert compared > 500
    con.close()
