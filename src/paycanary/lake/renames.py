"""Companies of the pension register that go on under another name, found from month to month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paycanary.lake.pension import LATER
from paycanary.lake.tables import PENSION_RENAMES, numbered
from paycanary.resources import read_text

if TYPE_CHECKING:
    import duckdb

    from paycanary.lake.writer import Writer

_ROWS = "company_id, period_end, headcount, joiners, leavers, status, business_number, enrolled_on, industry_code, region, filing_id, published_on"


def find(con: duckdb.DuckDBPyConnection, store: Writer, stamp: str) -> None:
    """Look for new names in every reading of a month that has none yet and whose month before is held; leaves view ``pension_renames``.

    Args:
        con: connection with views ``pension_readings`` and ``workplace_months`` as they will be after the commit.
        store: the commit.
        stamp: its moment.
    """
    con.execute(f"CREATE OR REPLACE TEMP VIEW pension_renames AS {store.select(PENSION_RENAMES.name)}")  # fmt: skip
    pairs = con.execute(
        f"WITH newest AS (SELECT period_end, max_by(filing_id, {LATER}) AS filing_id FROM pension_readings GROUP BY period_end) "
        "SELECT strftime(b.period_end, '%Y-%m'), b.filing_id, strftime(a.period_end, '%Y-%m'), a.filing_id FROM pension_readings a "
        "JOIN newest b ON last_day(CAST(b.period_end + INTERVAL 1 DAY AS DATE)) = a.period_end "
        "WHERE a.filing_id NOT IN (SELECT filing_id FROM pension_renames) ORDER BY a.period_end, a.filing_id"
    ).fetchall()
    if not pairs:
        return
    columns = ", ".join(f"{c.name} {c.type}" for c in PENSION_RENAMES.columns if c.name not in ("fetched_at", "row_id"))  # fmt: skip
    con.execute(f"CREATE OR REPLACE TEMP TABLE renamed ({columns})")
    for earlier, earlier_id, month, filing_id in pairs:
        for view, value, reading in (("before", earlier, earlier_id), ("after", month, filing_id)):
            con.execute(
                f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT {_ROWS} FROM workplace_months "
                f"WHERE month = '{value}' AND filing_id = '{reading}' AND NOT is_site"
            )
        con.execute(f"INSERT INTO renamed BY NAME {read_text('lake', 'sql', 'renames.sql')}")
    store.write(
        con, PENSION_RENAMES.name, numbered("FROM renamed", stamp, PENSION_RENAMES.identity)
    )
    con.execute(f"CREATE OR REPLACE TEMP VIEW pension_renames AS {store.select(PENSION_RENAMES.name)}")  # fmt: skip
