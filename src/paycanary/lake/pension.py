"""Whole pension months in the lake: how they are kept, and which reading of a month counts on a day.

A month's file is the whole country. It becomes one data file of ``workplace_months`` and a row of ``pension_readings``.
The same month again, whatever the order of its rows, adds nothing. The same month with other rows is a correction: a reading of
its own (``nps:2026-06.2``), public from the day on which it was taken in, since nothing in the file says since when it lay
there. From that day on it stands in the month's place; as of an earlier day the earlier reading does.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from paycanary.errors import InputFileError
from paycanary.lake import snapshots
from paycanary.lake.tables import (
    HEADCOUNTS,
    PENSION_READINGS,
    WORKPLACE_MONTHS,
    WORKPLACE_NAMES,
    Table,
    numbered,
)
from paycanary.resources import read_text
from paycanary.sources.nps_parts import TODO
from paycanary.sources.patterns import literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb

    from paycanary.lake.writer import Writer

#: A file's month with fewer workplaces is an extract; the whole country has 550,000 to 590,000. ``PAYCANARY_WHOLE_MONTH_ROWS``
#: is for smaller countries, such as made ones.
_LEAST: Final = 300_000
#: A reading with less than this share of the rows of the one before is taken for a file that was cut short.
_WHOLE: Final = 0.9
#: Columns of a month that follow from the others: a row's digest goes without them.
_FOLLOWS: Final = ("period_end", "income_per_head", "is_income_capped")
#: Of two readings of a month the one that counts is the greater by this.
LATER: Final = "(published_on, fetched_at, length(filing_id), filing_id)"
#: Rows in a Parquet row group of a month: one company's rows are looked for in every month that the history lacks.
_ROW_GROUP: Final = 8_192
#: How many letters of a company's hash name its folder in the history: one for few rows, two for many.
BUCKET_LETTERS: Final = (1, 2)
#: Columns of ``headcounts`` that pension rows have otherwise.
_OTHERWISE: Final = {"kind": "'workplace'", "payroll": "CAST(NULL AS DOUBLE)", "regular": "CAST(NULL AS INTEGER)", "contract": "CAST(NULL AS INTEGER)"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Month:
    """What became of a whole month that a file held. ``state``: new, same or corrected.

    ``changed`` counts rows that the reading before did not have, ``gone`` those that only it had.
    """

    file: str
    month: str
    state: str
    filing_id: str
    published_on: str
    workplaces: int
    changed: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class _Reading:
    month: str
    filing_id: str
    published_on: date
    workplaces: int
    digest: str
    file: str


def least_rows() -> int:
    """How many workplaces make a month the whole country's."""
    return int(os.environ.get("PAYCANARY_WHOLE_MONTH_ROWS") or _LEAST)


def select(relation: str = "workplace_months", where: str = "true") -> str:
    """Rows of whole months with the columns of ``headcounts``, in their order."""
    columns = ", ".join(
        f"{_OTHERWISE[c]} AS {c}" if c in _OTHERWISE else c for c in HEADCOUNTS.column_names
    )
    return f"SELECT {columns} FROM {relation} WHERE {where}"


def superseded(con: duckdb.DuckDBPyConnection, as_of: date | None = None) -> list[str]:
    """Filing ids of readings in whose place a later one stands as of a day (None: of all readings there are)."""
    rows = con.execute(
        "SELECT filing_id FROM pension_readings WHERE published_on <= coalesce(?, DATE '9999-12-31') QUALIFY row_number() "
        f"OVER (PARTITION BY period_end ORDER BY {LATER} DESC) > 1",
        [as_of],
    ).fetchall()
    return [row[0] for row in rows]


def without(ids: Iterable[str]) -> str:
    """The condition that a row is of none of these readings."""
    named = ", ".join(f"'{i}'" for i in ids)
    return f"filing_id NOT IN ({named})" if named else "true"


def headcounts(con: duckdb.DuckDBPyConnection) -> str:
    """What view ``all_headcounts`` has: the rows of table ``headcounts``, and each whole month in its newest reading."""
    columns = ", ".join(HEADCOUNTS.column_names)
    return f"SELECT {columns} FROM headcounts UNION ALL {select(where=without(superseded(con)))}"


def everyone(old: Iterable[str]) -> str:
    """All rows of ``headcounts``, of whole months but for those readings that do not count (`superseded`)."""
    whole = select(where=without(old))
    return f"SELECT {', '.join(HEADCOUNTS.column_names)} FROM headcounts UNION ALL {whole}"


def of(con: duckdb.DuckDBPyConnection, as_of: date, ids: Sequence[str], old: Sequence[str]) -> str:
    """Rows of ``headcounts`` about these ids in the readings that count as of a day: not in those that are ``old`` (`superseded`).

    Looks into as few files as can be: one bucket of ``workplace_history``, and the months that it lacks.
    """
    named = ", ".join(map(literal, ids))
    rows = [f"SELECT {', '.join(HEADCOUNTS.column_names)} FROM headcounts WHERE company_id IN ({named})"]  # fmt: skip
    hashes = [i.removeprefix("nps:") for i in ids if i.startswith("nps:")]
    readings = con.execute(
        "SELECT filing_id, strftime(period_end, '%Y-%m'), h.filing_id IS NOT NULL FROM pension_readings r "
        "LEFT JOIN (SELECT filing_id FROM history_readings) h USING (filing_id) WHERE r.published_on <= ?",
        [as_of],
    ).fetchall()
    if hashes and readings:
        if any(is_merged for *_, is_merged in readings):
            buckets = ", ".join(sorted({f"'{h[:n]}'" for h in hashes for n in BUCKET_LETTERS}))
            rows.append(select("workplace_history", f"bucket IN ({buckets}) AND company_id IN ({named}) AND {without(old)}"))  # fmt: skip
        if months := ", ".join(sorted({f"'{m}'" for f, m, is_merged in readings if not is_merged and f not in old})):  # fmt: skip
            merged = [f for f, _, is_merged in readings if is_merged]
            rows.append(select("workplace_months", f"month IN ({months}) AND company_id IN ({named}) AND {without([*old, *merged])}"))  # fmt: skip
    return " UNION ALL ".join(rows)


class Months:
    """Keeps a refresh's whole months: what `paycanary.filings.nps.load` asks of the lake."""

    def __init__(self, store: Writer, stamp: str, least: int) -> None:
        self.least = least
        self.taken: list[Month] = []
        self._store = store
        self._stamp = stamp
        self._readings: list[_Reading] = []

    def known_names(self, con: duckdb.DuckDBPyConnection) -> None:
        """Fill table ``nps_names`` with the names that were read before by the same rules."""
        con.execute(
            "INSERT INTO nps_names BY NAME SELECT name_hash, name, workplace, is_site, key, false AS is_new "
            f"FROM ({self._store.select(WORKPLACE_NAMES.name)}) WHERE rules = '{_rules()}'"
        )

    def keep_names(self, con: duckdb.DuckDBPyConnection) -> None:
        """Keep how names were read that no earlier month had. Those of extracts are few, and read again."""
        if self._readings:
            names = f"SELECT * EXCLUDE (is_new), '{_rules()}' AS rules FROM nps_names WHERE is_new"
            self._store.write(con, WORKPLACE_NAMES.name, self._provided(WORKPLACE_NAMES, names))

    def keep(self, con: duckdb.DuckDBPyConnection, month: date, label: str) -> int:
        """Keep the rows of view ``nps_kept`` of a month (its first day) as a reading of it.

        Returns:
            How many of the rows stand there more than once.
        """
        value = f"{month:%Y-%m}"
        con.execute(
            "CREATE OR REPLACE TEMP TABLE month_rows AS "
            + self._provided(WORKPLACE_MONTHS, f"SELECT *, '{value}' AS month FROM nps_kept WHERE month_start = DATE '{month}'")
        )  # fmt: skip
        ((count, distinct, digest),) = con.execute(
            "SELECT count(*), count(DISTINCT row_id), printf('%x-%x', bit_xor(row_id), sum(row_id & 4294967295)::BIGINT) FROM month_rows"
        ).fetchall()
        if repeated := count - distinct:
            con.execute("CREATE OR REPLACE TEMP TABLE month_rows AS SELECT DISTINCT ON (row_id) * FROM month_rows ORDER BY row_id")  # fmt: skip
            ((digest,),) = con.execute("SELECT printf('%x-%x', bit_xor(row_id), sum(row_id & 4294967295)::BIGINT) FROM month_rows").fetchall()  # fmt: skip
        earlier = [r for r in (*self._stored(con), *self._readings) if r.month == value]
        if earlier and earlier[-1].digest == digest:
            self._tell(label, "same", earlier[-1])
            return int(repeated)
        ((filing, published),) = con.execute("SELECT DISTINCT filing_id, published_on FROM month_rows").fetchall()  # fmt: skip
        if not earlier:
            reading = _Reading(value, filing, published, distinct, digest, label)
            self._add(con, value)
            self._tell(label, "new", reading)
        else:
            if distinct < _WHOLE * earlier[-1].workplaces:
                raise _cut_short(label, value, distinct, earlier[-1].workplaces)
            filing = f"{filing}.{len(earlier) + 1}"
            published = max(published, date.fromisoformat(self._stamp[:10]))
            reading = _Reading(value, filing, published, distinct, digest, label)
            con.execute(f"UPDATE month_rows SET filing_id = '{filing}', published_on = DATE '{published}'")  # fmt: skip
            before = self._rows(value, earlier[-1])
            changed, gone = (
                con.execute(f"SELECT count(*) FROM ({one}) ANTI JOIN ({other}) USING (row_id)").fetchall()[0][0]
                for one, other in (("FROM month_rows", before), (before, "FROM month_rows"))
            )  # fmt: skip
            self._add(con, value)
            self._tell(label, "corrected", reading, changed, gone)
        self._readings.append(reading)
        return int(repeated)

    def finish(self, con: duckdb.DuckDBPyConnection) -> None:
        """Write which readings were taken in."""
        if not self._readings:
            return
        con.execute("CREATE OR REPLACE TEMP TABLE readings (period_end DATE, workplaces BIGINT, digest VARCHAR, file VARCHAR, filing_id VARCHAR, published_on DATE)")  # fmt: skip
        con.executemany(
            "INSERT INTO readings VALUES (last_day(CAST(? || '-01' AS DATE)), ?, ?, ?, ?, ?)",
            [[r.month, r.workplaces, r.digest, r.file, r.filing_id, r.published_on] for r in self._readings],
        )  # fmt: skip
        self._store.write(
            con, PENSION_READINGS.name, self._provided(PENSION_READINGS, "SELECT * FROM readings")
        )

    def _tell(self, label: str, state: str, reading: _Reading, changed: int = 0, gone: int = 0) -> None:  # fmt: skip
        self.taken.append(Month(label, reading.month, state, reading.filing_id, reading.published_on.isoformat(), reading.workplaces, changed, gone))  # fmt: skip

    def _add(self, con: duckdb.DuckDBPyConnection, value: str) -> None:
        self._store.add(con, WORKPLACE_MONTHS.name, value, "FROM month_rows", row_group=_ROW_GROUP)
        con.execute("DROP TABLE month_rows")

    def _provided(self, table: Table, rows: str) -> str:
        """The rows with the columns that every table ends in."""
        given = {"company_id", "source", "filing_id", "published_on"}
        if table is WORKPLACE_MONTHS:
            given = set()
        elif table is PENSION_READINGS:
            given = {"company_id", "source"}
        day = self._stamp[:10]
        filled = {"company_id": "CAST(NULL AS VARCHAR)", "source": "'nps'", "filing_id": "'nps'", "published_on": f"DATE '{day}'"}  # fmt: skip
        extra = "".join(f", {filled[c]} AS {c}" for c in filled if c in given)
        content = (_whole(table, c) for c in table.identity if c not in _FOLLOWS)
        return numbered(f"SELECT *{extra} FROM ({rows})", self._stamp, content)

    def _stored(self, con: duckdb.DuckDBPyConnection) -> list[_Reading]:
        """The readings of the lake, oldest first."""
        rows = con.execute(
            "SELECT strftime(period_end, '%Y-%m'), filing_id, published_on, workplaces, digest, file "
            f"FROM ({self._store.select(PENSION_READINGS.name)}) ORDER BY fetched_at, length(filing_id), filing_id"
        ).fetchall()
        return [_Reading(*row) for row in rows]

    def _rows(self, value: str, reading: _Reading) -> str:
        """A query of the ids of a reading's rows."""
        folder = f"/{WORKPLACE_MONTHS.partition}={value}/"
        files = tuple(f for f in self._store.files(WORKPLACE_MONTHS.name) if folder in f)
        stored = snapshots.parquet(self._store.root, snapshots.TableState(0, files, 0))
        return f"SELECT row_id FROM {stored} WHERE filing_id = '{reading.filing_id}'"


def _whole(table: Table, column: str) -> str:
    """A column as it goes into a row's digest: figures of the register are whole numbers, and are written faster as such."""
    types = {c.name: c.type for c in table.columns}
    return f"CAST({column} AS BIGINT)" if types[column] == "DOUBLE" else column


def _cut_short(label: str, month: str, found: int, stored: int) -> InputFileError:
    return InputFileError(
        {
            "ko": f"{label}: {month} 사업장이 {found:,}개뿐입니다. 저장된 그 달에는 {stored:,}개가 있습니다. 파일이 잘린 것으로 보고 저장된 달을 그대로 두었습니다.",
            "en": f"{label}: only {found:,} workplaces in {month}, where the stored month has {stored:,}. Taken for a file that was cut short; the stored month stays.",
        },
        TODO,
    )


def _rules() -> str:
    """Digest of the rules by which names are read."""
    texts = (read_text("filings", "sql", "nps_names.sql"), read_text("sources", "sql", "names.sql"))
    return hashlib.md5("".join(texts).encode(), usedforsecurity=False).hexdigest()[:12]
