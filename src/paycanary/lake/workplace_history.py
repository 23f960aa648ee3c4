"""One company's whole history in milliseconds: the rows of all pension months once more, sorted by company.

Months lie in a file each, so that a month comes in by writing one file and a question about time reads few. A company's ten
years would then stand in 120 files. So the refresh that brings the fourth month since the last time lays all of them out anew,
in folders by the first letters of the company's hash: a company is then found in one file, and in the few months since.
Rows are copied as they are; readings of a month that was corrected stay apart by their ``filing_id``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paycanary.lake.tables import HISTORY_READINGS, WORKPLACE_HISTORY, WORKPLACE_MONTHS

if TYPE_CHECKING:
    import duckdb

    from paycanary.lake.writer import Writer

#: So many readings that the history lacks are looked for one by one; one more, and it is made anew.
MOST_BESIDE: Final = 3
#: From so many rows on, a company's folder is named by two letters of its hash: 256 folders instead of 16.
_MANY_ROWS: Final = 4_000_000
_ROW_GROUP: Final = 8_192
_DIGITS: Final = "0123456789abcdef"


def lay_out(con: duckdb.DuckDBPyConnection, store: Writer, stamp: str) -> bool:
    """Lay the months out anew where too many lie beside the history.

    Args:
        con: connection with views ``pension_readings`` and ``workplace_months`` as they will be after the commit.
        store: the commit.
        stamp: its moment.

    Returns:
        Whether it was done.
    """
    known = f"SELECT filing_id FROM ({store.select(HISTORY_READINGS.name)})"
    ((beside, rows),) = con.execute(
        f"SELECT count(*) FILTER (filing_id NOT IN ({known})), sum(workplaces) FROM pension_readings"
    ).fetchall()
    if beside <= MOST_BESIDE:
        return False
    letters = 2 if rows >= _MANY_ROWS else 1
    columns = ", ".join(c for c in WORKPLACE_HISTORY.column_names if c != WORKPLACE_HISTORY.partition)  # fmt: skip
    store.replace_all(WORKPLACE_HISTORY.name)
    # A sixteenth at a time: what is sorted fits in memory.
    for digit in _DIGITS:
        after = f"AND company_id < 'nps:{chr(ord(digit) + 1)}'" if digit != "f" else ""
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE share AS SELECT {columns}, substr(company_id, 5, {letters}) AS bucket "
            f"FROM {WORKPLACE_MONTHS.name} WHERE company_id >= 'nps:{digit}' {after}"
        )
        for (bucket,) in con.execute("SELECT DISTINCT bucket FROM share ORDER BY 1").fetchall():
            store.add(con, WORKPLACE_HISTORY.name, bucket, f"SELECT * FROM share WHERE bucket = '{bucket}'", row_group=_ROW_GROUP)  # fmt: skip
    con.execute("DROP TABLE share")
    store.write(
        con, HISTORY_READINGS.name,
        "SELECT CAST(NULL AS VARCHAR) AS company_id, period_end, source, filing_id, published_on, "
        f"TIMESTAMPTZ '{stamp}' AS fetched_at, row_id FROM pension_readings",
        replace=True,
    )  # fmt: skip
    return True
