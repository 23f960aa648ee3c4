"""The second engine: the same SQL files on Apache Spark, over the same tables, for a country that one machine does not hold.

Each statement is DuckDB's, carried over by SQLGlot. Spark reads the lake's Parquet files itself; the few rows that say which readings of
months and lists count on a day are looked up by DuckDB. Every machine of a cluster must see the lake under the same path.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager, suppress
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from paycanary.errors import EngineError
from paycanary.lake import asof, pension, snapshots
from paycanary.lake.tables import TABLES
from paycanary.signals import catalog, engine
from paycanary.sources.patterns import literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    import duckdb

    from paycanary.lake.reader import Reader
    from paycanary.signals.custom import Criteria

#: Forms of a master's address: https://spark.apache.org/docs/latest/submitting-applications.html#master-urls
_MASTER: Final = re.compile(r"local(\[(\d+|\*)(,\d+)?\])?|spark://[^\s/:]+:\d+(,[^\s/:]+:\d+)*|yarn|k8s://\S+")  # fmt: skip
LOCAL: Final = "local[*]"
#: What is set unless spark-defaults.conf, SPARK_CONF_DIR or PYSPARK_SUBMIT_ARGS say otherwise.
_SETTINGS: Final = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Dates and moments are compared as DuckDB does, whatever the machine's zone.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    # Adaptive plans of a distinct union cannot be sent to executors (Spark 4.3: ClassCastException of UnionExec.children).
    "spark.sql.adaptive.enabled": "false",
}


def to_spark(sql: str) -> str:
    """The same statement for Spark.

    Raises:
        sqlglot.UnsupportedError: it has a construct that cannot be carried over.
    """
    import sqlglot  # noqa: PLC0415 - of an extra

    (statement,) = sqlglot.transpile(sql, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)  # fmt: skip
    return statement


class Spark:
    """A Spark session on a master; one a process.

    Args:
        master: ``local[*]``, ``spark://HOST:PORT``, ``yarn`` or ``k8s://URL``.

    Raises:
        EngineError: PySpark or Java is missing, the address is none, or the master cannot be reached.
    """

    def __init__(self, master: str = LOCAL) -> None:
        if not _MASTER.fullmatch(master):
            raise EngineError(
                {"ko": f"--master {master}: Spark 주소가 아닙니다.", "en": f"--master {master}: not the address of a Spark master."},
                {"ko": "local[*], spark://HOST:7077, yarn, k8s://URL 가운데 하나를 주세요.", "en": "Give local[*], spark://HOST:7077, yarn or k8s://URL."},
            )  # fmt: skip
        self.master = master
        self.session = _session(master)

    def close(self) -> None:
        """End the session; Spark's processes end with it. What has gone already is no fault."""
        with suppress(Exception):
            self.session.stop()

    def prepare(self, reader: Reader, con: duckdb.DuckDBPyConnection, as_of: date, criteria: Criteria) -> None:  # fmt: skip
        """Make the input tables of everyone as of a day as Spark's views.

        Args:
            reader: the snapshot.
            con: DuckDB on the same snapshot, for what is looked up.
            as_of: the day.
            criteria: bounds of age.
        """
        with _told(self.master):
            for name in TABLES:
                self._table(reader, name)
            still = asof.still_listed(con, as_of)
            self._rows(con, "newest_lists")
            for name, select in asof.everyone(con, as_of, still, pension.superseded(con, as_of)):
                self.session.sql(to_spark(select)).createOrReplaceTempView(name)
            values = engine.values(con, as_of, criteria)
            for name, sql in catalog.inputs().items():
                # Kept with its plan cut off: else each question plans and computes anew all that leads up to it.
                made = self.session.sql(to_spark(catalog.filled(sql, values))).localCheckpoint()
                made.createOrReplaceTempView(name)

    def judge(self, as_of: date, criteria: Criteria, folder: Path, *, is_full: bool = False) -> None:  # fmt: skip
        """Write ``levels`` and ``scope`` of what was prepared into ``folder``, each a folder of Parquet files; ``is_full``: see `paycanary.signals.engine.Engine.judge`."""
        with _told(self.master):
            # One at a time: a union of all is a plan too deep for Java's serialisation.
            for found in engine.levels_sql(as_of, criteria, is_full=is_full):
                self.session.sql(to_spark(found)).write.mode("append").parquet(str(folder / "levels"))  # fmt: skip
            self.session.table("scope").write.parquet(str(folder / "scope"))
            if is_full:
                for sql in engine.held_sql().values():
                    self.session.sql(to_spark(sql)).write.mode("append").parquet(str(folder / "held"))  # fmt: skip
                self.session.sql(to_spark(engine.READ_LISTS)).write.parquet(str(folder / "read_lists"))  # fmt: skip

    def write(self, signal: catalog.Signal, as_of: date, criteria: Criteria, folder: Path) -> None:
        """Write a signal's rows about everyone, as its SQL gives them, of what was prepared: Parquet files, figures and all."""
        with _told(self.master):
            sql = to_spark(engine.filled(signal, as_of, criteria))
            self.session.sql(sql).write.parquet(str(folder))

    def _table(self, reader: Reader, name: str) -> None:
        """A stored table as a view, its columns in their order and of their types."""
        columns = TABLES[name].columns
        state = reader.snapshot.tables.get(name)
        if state is None or not state.files:
            rows = self.session.sql(to_spark(TABLES[name].nothing))
        else:
            paths = [str(reader.root / file) for file in state.files]
            asked = self.session.read
            if snapshots.partition_of(state.files[0])[0]:
                # The folder's value is text, as it is written: 2026-06 is no number.
                asked = asked.option("basePath", str(reader.root / "/".join(state.files[0].split("/")[:2])))  # fmt: skip
            rows = asked.parquet(*paths)
            rows = rows.selectExpr(*(to_spark(f"CAST({c.name} AS {c.type}) AS {c.name}") for c in columns))  # fmt: skip
        rows.createOrReplaceTempView(name)

    def _rows(self, con: duckdb.DuckDBPyConnection, name: str) -> None:
        """A small table of DuckDB's as a view."""
        cursor = con.execute(f"SELECT * FROM {name}")
        columns = [(c[0], str(c[1])) for c in cursor.description or ()]
        rows = [" , ".join(_literal(v, kind) for v, (_, kind) in zip(row, columns, strict=True)) for row in cursor.fetchall()]  # fmt: skip
        names = ", ".join(column for column, _ in columns)
        nothing = ", ".join(f"CAST(NULL AS {kind}) AS {column}" for column, kind in columns)
        select = f"SELECT * FROM (VALUES {', '.join(f'({row})' for row in rows)}) AS t({names})" if rows else f"SELECT {nothing} LIMIT 0"  # fmt: skip
        self.session.sql(to_spark(select)).createOrReplaceTempView(name)


def _literal(value: Any, kind: str) -> str:
    return f"CAST({'NULL' if value is None else literal(str(value))} AS {kind})"


def _session(master: str) -> Any:
    """Spark's session, or why there is none."""
    try:
        import sqlglot  # noqa: F401, PLC0415
        from pyspark.errors import PySparkException  # noqa: PLC0415
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ImportError as error:
        raise EngineError(
            {"ko": "Spark 로 계산하는 부분이 설치되어 있지 않습니다.", "en": "The part that computes on Spark is not installed."},
            {"ko": "설치: pip install 'paycanary[spark]'. Java 17 이상도 있어야 합니다.", "en": "Install it with: pip install 'paycanary[spark]'. It needs Java 17 or newer."},
        ) from error  # fmt: skip
    is_local = master.startswith("local")
    if is_local:
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    log = files("paycanary") / "signals" / "spark_log.properties"
    # A statement is asked once: what is compiled to the utmost takes longer than it saves.
    java = (
        f"-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -Dlog4j2.configurationFile={log}"
    )
    builder = SparkSession.builder.master(master).appName("paycanary").config("spark.driver.extraJavaOptions", java)  # fmt: skip
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    if is_local:
        # All work is the driver's: Spark's own gigabyte is too little for a country, and what it does not need it does not take.
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // (1 << 21)
        builder = builder.config("spark.driver.bindAddress", "127.0.0.1").config(
            "spark.driver.memory", f"{max(memory, 1024)}m"
        )
        builder = builder.config("spark.sql.shuffle.partitions", str(os.cpu_count() or 2))
    try:
        session = builder.getOrCreate()
    except PySparkException as error:
        if "JAVA_GATEWAY" not in str(error):
            raise _unreachable(master, error) from error
        raise EngineError(
            {"ko": "Spark 가 Java 를 시작하지 못했습니다.", "en": "Spark could not start Java."},
            {"ko": "Java 17 이상을 설치하고 JAVA_HOME 을 정하세요.", "en": "Install Java 17 or newer and set JAVA_HOME."},
        ) from error  # fmt: skip
    except Exception as error:
        raise _unreachable(master, error) from error
    return session


@contextmanager
def _told(master: str) -> Iterator[None]:
    """Turn what Spark raises in the middle of its work into ours."""
    from py4j.protocol import Py4JError  # noqa: PLC0415
    from pyspark.errors import PySparkException  # noqa: PLC0415

    try:
        yield
    except (PySparkException, Py4JError, ConnectionError) as error:
        said = _cause(error)
        raise EngineError(
            {"ko": f"Spark({master})가 계산하다가 멈췄습니다.", "en": f"Spark ({master}) stopped while it computed."},
            {
                "ko": f"다시 실행해 보고, 또 멈추면 Spark 의 기록을 보거나 --engine duckdb 로 실행하세요. 원인: {said}.",
                "en": f"Run it again; if it stops again, look into Spark's own log, or run with --engine duckdb. Cause: {said}.",
            },
        ) from error  # fmt: skip


def _unreachable(master: str, error: Exception) -> EngineError:
    """There is no session: Spark's own words are about what broke inside it, not about the master that did not answer."""
    said = _cause(error)
    if master.startswith("local"):
        return EngineError(
            {"ko": f"{master}: 이 컴퓨터에서 Spark 를 시작하지 못했습니다.", "en": f"{master}: Spark could not be started on this machine."},
            {
                "ko": f"Spark 의 설정(spark-defaults.conf, PYSPARK_SUBMIT_ARGS)과 남은 메모리를 확인하거나 --engine duckdb 로 실행하세요. 원인: {said}.",
                "en": f"Check Spark's settings (spark-defaults.conf, PYSPARK_SUBMIT_ARGS) and free memory, or run with --engine duckdb. Cause: {said}.",
            },
        )  # fmt: skip
    return EngineError(
        {"ko": f"{master}: Spark 마스터에 닿지 못했습니다.", "en": f"{master}: the Spark master could not be reached."},
        {
            "ko": f"주소가 맞는지, 마스터가 켜져 있는지, 이 컴퓨터에서 그 호스트와 포트로 연결되는지 확인하거나 --engine duckdb 로 실행하세요. 원인: {said}.",
            "en": f"Check the address, that the master is running, and that this machine can connect to its host and port; or run with --engine duckdb. Cause: {said}.",
        },
    )  # fmt: skip


def _cause(error: Exception) -> str:
    """The first line that names what happened: Java's exception or Spark's class of errors, where one does."""
    lines = [line.strip(": ") for line in str(error).splitlines() if line.strip(": ")]
    said = next((line for line in lines if "Exception" in line or "]" in line), (lines or [type(error).__name__])[0])  # fmt: skip
    return said[:300].rstrip(". ")
