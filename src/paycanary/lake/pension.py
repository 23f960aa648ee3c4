"""Whole pension months in the lake: how they are kept, and which reading of a month counts on a day.

A month's file is the whole country. It becomes one data file of ``workplace_months`` and a row of ``pension_readings``.
A reading of the month again, whatever the order of its rows, adds nothing, also where a later one has taken its place. The same month
with rows as no reading has them is a correction: a reading of its own (``nps:2026-06.2``), public from the day (Korea's) on which it was
taken in, since nothing in the file says since when it lay there. From that day on it stands in the month's place; as of an earlier day
the earlier reading does.
"""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from typing import TYPE_CHECKING, Final

from paycanary.errors import InputFileError, UsageError
from paycanary.lake import pension_readings, snapshots
from paycanary.lake.pension_readings import Extract, Month, Reading, ShortMonth
from paycanary.lake.tables import (
    COMPANIES,
    HEADCOUNTS,
    NAMES,
    PENSION_READINGS,
    WORKPLACE_MONTHS,
    WORKPLACE_NAMES,
    Table,
    numbered,
    row_number,
)
from paycanary.resources import read_text
from paycanary.sources.patterns import literal
from paycanary.wording import korean_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    import duckdb

    from paycanary.lake.writer import Writer
    from paycanary.sources.nps_parts import Part

#: A file's month with fewer workplaces is an extract; the whole country has 550,000 to 590,000. ``PAYCANARY_WHOLE_MONTH_ROWS``
#: is for smaller countries, such as made ones.
_LEAST: Final = 300_000
_SETTING: Final = "PAYCANARY_WHOLE_MONTH_ROWS"
#: A number with more digits is no number of workplaces.
_MOST_DIGITS: Final = 9
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


def least_rows() -> int:
    """How many workplaces make a month the whole country's.

    Raises:
        UsageError: the setting is no number above 0.
    """
    given = os.environ.get(_SETTING, "").strip()
    if not given:
        return _LEAST
    # int() also takes '1_000', which nobody writes on purpose.
    if not (given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS and int(given)):
        raise UsageError(
            {"ko": f"쓸 수 없는 설정이 있습니다({_SETTING}: 1 이상의 정수가 아님).", "en": f"A setting cannot be used ({_SETTING}: not a whole number of 1 or more)."},
            {"ko": f"{_SETTING}를 한 달 전체로 볼 최소 사업장 수로 고치거나 지우세요(기본 {_LEAST:,}). docs/reference/settings.md 에 적혀 있습니다.",
             "en": f"Set it to the fewest workplaces that make a whole month, or unset it (default {_LEAST:,}); docs/reference/settings.md lists it."},
        )  # fmt: skip
    return int(given)


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


def without(ids: Iterable[str], column: str = "filing_id") -> str:
    """The condition that a row is of none of these readings."""
    named = ", ".join(f"'{i}'" for i in ids)
    return f"{column} NOT IN ({named})" if named else "true"


def headcounts(con: duckdb.DuckDBPyConnection) -> str:
    """What view ``all_headcounts`` has: the rows of table ``headcounts``, and each whole month in its newest reading."""
    return everyone(con, None, superseded(con))


def everyone(con: duckdb.DuckDBPyConnection, as_of: date | None, old: Sequence[str]) -> str:
    """All rows of ``headcounts`` as of a day (None: all there are), of whole months but for those readings that do not count (`superseded`)."""
    return f"{_singly(con, as_of, old)} UNION ALL {select(where=without(old))}"


def beside(con: duckdb.DuckDBPyConnection, as_of: date, old: Sequence[str], readings: Sequence[tuple[str, str]]) -> str:  # fmt: skip
    """Rows of ``headcounts`` but for whole months, and those of some whole months: ``readings`` are filing id and ``YYYY-MM`` each."""
    where = "false"
    if readings:
        ids, months = (", ".join(sorted({f"'{value}'" for value in column})) for column in zip(*readings, strict=True))  # fmt: skip
        where = f"month IN ({months}) AND filing_id IN ({ids})"
    return f"{_singly(con, as_of, old)} UNION ALL {select(where=where)}"


def _singly(con: duckdb.DuckDBPyConnection, as_of: date | None, old: Sequence[str]) -> str:
    """Rows of table ``headcounts``. Where a company's month is held whole, a row of it alone would count its people once more."""
    months = _both(con, as_of)
    whole = f"SELECT company_id, period_end FROM workplace_months WHERE month IN ({', '.join(months)}) AND {without(old)}"
    if as_of is not None:
        whole += f" AND published_on <= DATE '{as_of}'"
    whole += " AND company_id IN (SELECT company_id FROM headcounts WHERE kind = 'workplace')"
    return _but(whole if months else None)


def _both(con: duckdb.DuckDBPyConnection, as_of: date | None) -> list[str]:
    """Months that are held whole and of which single companies have rows too, as literals ``'YYYY-MM'``."""
    rows = con.execute(
        "SELECT DISTINCT strftime(period_end, '%Y-%m') FROM headcounts SEMI JOIN "
        "(SELECT period_end FROM pension_readings WHERE published_on <= coalesce(?, DATE '9999-12-31')) USING (period_end) WHERE kind = 'workplace' ORDER BY 1",
        [as_of],
    ).fetchall()
    return [literal(month) for (month,) in rows]


def _but(whole: str | None, where: str = "true") -> str:
    """Rows of table ``headcounts`` but for pension workplaces of those companies and months that ``whole`` gives."""
    columns = ", ".join(f"h.{name}" for name in HEADCOUNTS.column_names)
    if whole is None:
        return f"SELECT {columns} FROM headcounts h WHERE {where}"
    return (
        f"SELECT {columns} FROM headcounts h LEFT JOIN (SELECT DISTINCT company_id, period_end FROM ({whole})) w "
        f"ON w.company_id = h.company_id AND w.period_end = h.period_end AND h.kind = 'workplace' WHERE w.company_id IS NULL AND {where}"
    )


def of(con: duckdb.DuckDBPyConnection, as_of: date, ids: Sequence[str], old: Sequence[str]) -> str:
    """Rows of ``headcounts`` about these ids in the readings that count as of a day: not in those that are ``old`` (`superseded`).

    Looks into as few files as can be: one bucket of ``workplace_history``, and the months that it lacks. ``con`` is a reader's.
    """
    named = ", ".join(map(literal, ids))
    rows: list[str] = []
    hashes = [i.removeprefix("nps:") for i in ids if i.startswith("nps:")]
    readings = con.execute(
        "SELECT filing_id, strftime(period_end, '%Y-%m'), h.filing_id IS NOT NULL FROM pension_readings r "
        "LEFT JOIN (SELECT filing_id FROM history_readings) h USING (filing_id) WHERE r.published_on <= ?",
        [as_of],
    ).fetchall()
    if hashes and readings:
        if any(is_merged for *_, is_merged in readings):
            buckets = ", ".join(sorted({f"'{h[:n]}'" for h in hashes for n in BUCKET_LETTERS}))
            found = con.execute(f"SELECT file FROM history_files WHERE bucket IN ({buckets})").fetchall()  # fmt: skip
            if files := ", ".join(file for (file,) in found):
                rows.append(select(f"read_parquet([{files}])", f"company_id IN ({named}) AND {without(old)}"))  # fmt: skip
        if months := ", ".join(sorted({f"'{m}'" for f, m, is_merged in readings if not is_merged and f not in old})):  # fmt: skip
            merged = [f for f, _, is_merged in readings if is_merged]
            rows.append(select("workplace_months", f"month IN ({months}) AND company_id IN ({named}) AND {without([*old, *merged])}"))  # fmt: skip
    whole = " UNION ALL ".join(rows) if rows and _both(con, as_of) else None
    return " UNION ALL ".join([_but(whole, f"h.company_id IN ({named})"), *rows])


def constant(month: str, filing_id: str, published_on: date, fetched_at: str) -> dict[str, str]:
    """SQL of the columns that are the same in all rows of a month's reading."""
    return {
        "period_end": f"last_day(DATE '{month}-01')", "source": "'nps'", "filing_id": literal(filing_id),
        "published_on": f"DATE '{published_on}'", "fetched_at": f"TIMESTAMPTZ '{fetched_at}'",
    }  # fmt: skip


class Months:
    """Keeps a refresh's whole months: what `paycanary.filings.nps.load` asks of the lake."""

    def __init__(
        self, store: Writer, stamp: str, least: int, *, accepts_fewer: bool = False
    ) -> None:
        self.least = least
        #: Whether a month that looks as if its file had been cut is taken in: whoever gave it says that it was not.
        self._accepts_fewer = accepts_fewer
        self.taken: list[Month] = []
        self.extracts: list[Extract] = []
        self._store = store
        self._stamp = stamp
        self._before: list[Reading] | None = None
        self._readings: list[Reading] = []
        #: Months of which the lake had no reading, with the files that they came from.
        self._first: list[tuple[Reading, Part]] = []
        self._partial: list[tuple[Part, str, int]] = []

    def known(self, con: duckdb.DuckDBPyConnection) -> None:
        """Fill table ``nps_names`` with the names that were read before by the same rules; views of the pension register's companies and their names."""
        con.execute(
            "INSERT INTO nps_names BY NAME SELECT name_hash, name, workplace, is_site, key, false AS is_new "
            f"FROM ({self._store.select(WORKPLACE_NAMES.name)}) WHERE rules = '{_rules()}'"
        )
        for view, table, columns in (
            ("nps_known_companies", COMPANIES, "company_id, name, business_number, industry, region"),
            ("nps_known_labels", NAMES, "company_id, name"),
        ):  # fmt: skip
            con.execute(
                f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT {columns} FROM ({self._store.select(table.name)}) "
                "WHERE company_id >= 'nps:' AND company_id < 'nps;'"
            )

    def keep_names(self, con: duckdb.DuckDBPyConnection) -> None:
        """Keep how names were read that no earlier month had. Those of extracts are few, and read again."""
        if self._readings:
            names = f"SELECT * EXCLUDE (is_new), '{_rules()}' AS rules FROM nps_names WHERE is_new"
            self._store.write(con, WORKPLACE_NAMES.name, self._provided(WORKPLACE_NAMES, names))

    @property
    def row_id(self) -> str:
        """SQL of a row's number, of what the reader of files knows of it (table ``judged``)."""
        named = {"month": "left(CAST(month_start AS VARCHAR), 7)", "source": "'nps'", "business_number": "prefix"}  # fmt: skip
        return row_number(
            named.get(c, _whole(WORKPLACE_MONTHS, c))
            for c in WORKPLACE_MONTHS.identity
            if c not in _FOLLOWS
        )

    def keep(self, con: duckdb.DuckDBPyConnection, month: date, part: Part) -> None:
        """Keep the rows of view ``nps_kept`` of a month (its first day), each there once, as a reading of it."""
        value, label = f"{month:%Y-%m}", part.label
        rows = f"FROM nps_kept WHERE month_start = DATE '{month}'"
        ((count, digest, filing, published),) = con.execute(
            "SELECT count(*), printf('%x-%x', bit_xor(row_id), sum(row_id & 4294967295)::BIGINT), any_value(filing_id), any_value(published_on) "
            + rows
        ).fetchall()
        readings = (*self._stored(con), *self._readings)
        earlier = [r for r in readings if r.month == value]
        if there := pension_readings.known(earlier, digest):
            if there is earlier[-1]:
                self._tell(label, "same", there)
                return
            # A reading that was accepted with fewer rows gives way to the whole one that stood before it.
            if not pension_readings.is_far_fewer(earlier[-1], there):
                self._tell(label, "earlier", there, counts=earlier[-1].filing_id)
                return
        if not earlier:
            if not self._accepts_fewer:
                pension_readings.check_first(label, value, count, readings)
            reading = Reading(value, filing, published, count, digest, label)
            self._add(con, reading, rows)
            self._first.append((reading, part))
            self._tell(label, "new", reading)
        else:
            if not self._accepts_fewer:
                pension_readings.check_again(label, value, count, earlier[-1])
            filing = f"{filing}.{len(earlier) + 1}"
            published = max(published, korean_day(datetime.fromisoformat(self._stamp)))
            reading = Reading(value, filing, published, count, digest, label)
            before = self._rows(value, earlier[-1])
            changed, gone = (
                con.execute(f"SELECT count(*) FROM ({one}) ANTI JOIN ({other}) USING (row_id)").fetchall()[0][0]
                for one, other in ((rows, before), (before, rows))
            )  # fmt: skip
            if not self._accepts_fewer:
                pension_readings.check_rows(label, value, changed, gone, earlier[-1])
            self._add(con, reading, rows)
            self._tell(label, "corrected", reading, changed=changed, gone=gone)
        self._readings.append(reading)

    def look_back(self, con: duckdb.DuckDBPyConnection) -> None:
        """Hold first readings against those of the same refresh that came after them: which file is read first says nothing of it.

        Raises:
            InputFileError: a file was cut short; ``part`` is that file.
        """
        readings = (*self._stored(con), *self._readings)
        found = [(r.month, r.workplaces, part, [one for one in readings if one is not r]) for r, part in self._first]  # fmt: skip
        found += [(month, workplaces, part, list(readings)) for part, month, workplaces in self._partial]  # fmt: skip
        for month, workplaces, part, others in () if self._accepts_fewer else found:
            try:
                pension_readings.check_first(part.label, month, workplaces, others, is_whole=workplaces >= self.least)  # fmt: skip
            except InputFileError as error:
                error.part = part
                raise

    def forget(self) -> None:
        """Take back all that was kept: its register is left out of the refresh."""
        self._store.forget(WORKPLACE_MONTHS.name)
        for gathered in (self.taken, self.extracts, self._readings, self._first, self._partial):
            gathered.clear()

    def partial(self, part: Part, month: date, workplaces: int) -> None:
        """Take note that so many rows of a month (its first day) are in a file, too few for a whole month."""
        self._partial.append((part, f"{month:%Y-%m}", workplaces))

    def extract(self, label: str, workplaces: int, read: int) -> None:
        """Take note of a file whose rows are no whole month. A table of single companies may be of any size: that is told by its columns."""
        if workplaces < self.least:
            self.extracts.append(Extract(label, workplaces, self.least, read))

    def short(self, con: duckdb.DuckDBPyConnection) -> list[ShortMonth]:
        """Months, stored and new, that look as if their file had been cut."""
        return pension_readings.short((*self._stored(con), *self._readings))

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

    def _tell(self, label: str, state: str, reading: Reading, *, changed: int = 0, gone: int = 0, counts: str | None = None) -> None:  # fmt: skip
        self.taken.append(Month(label, reading.month, state, reading.filing_id, reading.published_on.isoformat(), reading.workplaces, changed, gone, counts))  # fmt: skip

    def _add(self, con: duckdb.DuckDBPyConnection, reading: Reading, rows: str) -> None:
        values = constant(reading.month, reading.filing_id, reading.published_on, self._stamp)
        self._store.add(con, WORKPLACE_MONTHS.name, reading.month, rows, row_group=_ROW_GROUP, constant=values)  # fmt: skip

    def _provided(self, table: Table, rows: str) -> str:
        """The rows with the columns that every table ends in."""
        given = {"company_id", "source", "filing_id", "published_on"}
        if table is PENSION_READINGS:
            given = {"company_id", "source"}
        day = self._stamp[:10]
        filled = {"company_id": "CAST(NULL AS VARCHAR)", "source": "'nps'", "filing_id": "'nps'", "published_on": f"DATE '{day}'"}  # fmt: skip
        extra = "".join(f", {filled[c]} AS {c}" for c in filled if c in given)
        content = (_whole(table, c) for c in table.identity if c not in _FOLLOWS)
        return numbered(f"SELECT *{extra} FROM ({rows})", self._stamp, content)

    def _stored(self, con: duckdb.DuckDBPyConnection) -> list[Reading]:
        if self._before is None:
            self._before = pension_readings.stored(con, f"({self._store.select(PENSION_READINGS.name)})")  # fmt: skip
        return self._before

    def _rows(self, value: str, reading: Reading) -> str:
        """A query of the ids of a reading's rows."""
        folder = f"/{WORKPLACE_MONTHS.partition}={value}/"
        files = tuple(f for f in self._store.files(WORKPLACE_MONTHS.name) if folder in f)
        stored = snapshots.parquet(self._store.root, snapshots.TableState(0, files, 0))
        return f"SELECT row_id FROM {stored} WHERE filing_id = '{reading.filing_id}'"


def _whole(table: Table, column: str) -> str:
    """A column as it goes into a row's digest: figures of the register are whole numbers, and are written faster as such."""
    types = {c.name: c.type for c in table.columns}
    return f"CAST({column} AS BIGINT)" if types[column] == "DOUBLE" else column


def _rules() -> str:
    """Digest of the rules by which names are read."""
    texts = (read_text("filings", "sql", "nps_names.sql"), read_text("sources", "sql", "names.sql"))
    return hashlib.md5("".join(texts).encode(), usedforsecurity=False).hexdigest()[:12]
