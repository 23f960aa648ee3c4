"""Companies on days: what was known of each, and what became of it within a year and two.

    build(con, month_ends(date(2021, 1, 31), date(2024, 12, 31), months=6), Path("dataset.parquet"))

A row is a company on an as-of day. Its features come from what was public by then (`features`); its outcome from what became public
in the 12 and 24 months after (``sql/outcomes.sql``). A company that has failed leaves. Where the data ends before a day's months are
over, the outcome of all its rows is NULL, never 0, also of those that failed already: they alone would tell of a day of failures.
"""

from __future__ import annotations

import calendar
from datetime import date
from typing import TYPE_CHECKING, Final

from paycanary.documents.forecast import DatasetReport, OutcomeCount
from paycanary.errors import UsageError
from paycanary.forecast.features import features, features_sql
from paycanary.lake.identity import LINK_THRESHOLD
from paycanary.progress import SILENT, Progress
from paycanary.resources import read_text
from paycanary.signals.catalog import filled
from paycanary.signals.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

#: Months after the as-of day in which a failure counts.
HORIZONS: Final = (12, 24)


def month_ends(first: date, last: date, months: int) -> list[date]:
    """Ends of months from ``first``'s on, every so many months, up to ``last``.

    Raises:
        UsageError: there is none.
    """
    found = []
    year, month = first.year, first.month
    while (end := date(year, month, calendar.monthrange(year, month)[1])) <= last:
        found.append(end)
        year, month = year + (month + months - 1) // 12, (month + months - 1) % 12 + 1
    if not found:
        raise UsageError(
            {"ko": f"{first} 부터 {last} 까지에는 월말이 없습니다.", "en": f"No month ends between {first} and {last}."},
            {"ko": "--from 과 --to 를 고치세요.", "en": "Mend --from and --to."},
        )  # fmt: skip
    return found


def build(con: duckdb.DuckDBPyConnection, days: Sequence[date], path: Path, progress: Progress = SILENT) -> DatasetReport:  # fmt: skip
    """Write rows of all companies on all days to a Parquet file, ordered by day and company.

    Columns: ``company_id``, ``as_of``, the features, ``failed_on`` and ``failed_by`` (what happened first, if anything did),
    ``failed_12m`` and ``failed_24m`` (NULL: the months were not over when the data ends).

    Args:
        con: a connection that has the lake's views.
        days: as-of days.
        path: where to write.
        progress: told of every day.
    """
    # One thread: sums in another order would make other rows in their last digits.
    con.execute("SET threads = 1")
    engine = Engine(con)
    until = known_until(con)
    outcomes = filled(
        read_text("forecast", "sql", "outcomes.sql"), {"confidence": str(LINK_THRESHOLD)}
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE outcomes AS {outcomes}")
    con.execute("DROP TABLE IF EXISTS dataset")
    progress.step("dataset", len(days))
    for nth, day in enumerate(days):
        engine.prepare(day)
        rows = f"SELECT f.company_id, DATE '{day}' AS as_of, f.* EXCLUDE (company_id), {_labels(day, until)} FROM ({features_sql()}) f LEFT JOIN outcomes o USING (company_id) WHERE o.day IS NULL OR o.day > DATE '{day}'"
        con.execute(f"CREATE TEMP TABLE dataset AS {rows}" if nth == 0 else f"INSERT INTO dataset {rows}")  # fmt: skip
        progress.advance()
    con.execute(
        "COPY (SELECT * FROM dataset ORDER BY as_of, company_id) TO ? (FORMAT parquet)", [str(path)]
    )
    con.execute("RESET threads")
    return _report(con, days, path, until)


def known_until(con: duckdb.DuckDBPyConnection) -> date:
    """The last day on which anything about a company's outcome was published: outcomes later than that are unknown."""
    ((newest,),) = con.execute("SELECT max(published_on) FROM opinions").fetchall()
    if newest is None:
        raise UsageError(
            {"ko": "저장된 감사의견이 없어 예측할 것이 없습니다.", "en": "No audit opinion is stored, so there is nothing to forecast."},
            {"ko": "먼저 `paycanary refresh dart` 를 하세요.", "en": "Run `paycanary refresh dart` first."},
        )  # fmt: skip
    found: date = newest
    return found


def _labels(day: date, until: date) -> str:
    labels = ["o.day AS failed_on, o.kind AS failed_by"]
    for months in HORIZONS:
        end = f"DATE '{day}' + INTERVAL {months} MONTH"
        labels.append(
            f"CASE WHEN {end} <= DATE '{until}' THEN coalesce(o.day <= {end}, false) END AS failed_{months}m"
        )
    return ", ".join(labels)


def _report(con: duckdb.DuckDBPyConnection, days: Sequence[date], path: Path, until: date) -> DatasetReport:  # fmt: skip
    ((rows, companies),) = con.execute("SELECT count(*), count(DISTINCT company_id) FROM dataset").fetchall()  # fmt: skip
    outcomes = []
    for months in HORIZONS:
        ((failed, failed_companies, unknown),) = con.execute(
            f"SELECT count(*) FILTER (WHERE failed_{months}m), count(DISTINCT company_id) FILTER (WHERE failed_{months}m), "
            f"count(*) FILTER (WHERE failed_{months}m IS NULL) FROM dataset"
        ).fetchall()
        outcomes.append(OutcomeCount(months=months, failed_rows=failed, failed_companies=failed_companies, unknown_rows=unknown))  # fmt: skip
    return DatasetReport(
        path=str(path), rows=rows, companies=companies, days=list(days), known_until=until, features=len(features()), outcomes=outcomes
    )  # fmt: skip
