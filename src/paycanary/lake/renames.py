"""Companies of the pension register that go on under another name, found from month to month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paycanary.lake.pension import LATER
from paycanary.lake.tables import PENSION_RENAMES, numbered
from paycanary.resources import read_text

if TYPE_CHECKING:
    import duckdb

    from paycanary.lake.writer import Writer

_ROWS = "company_id, period_end, headcount, joiners, leavers, status, business_number, enrolled_on, industry_code, region, filing_id, published_on"


#: Readings with that of the month before, and those with that of two months before and the one between: a month without a row
#: is no end. Looked through are those that nothing was found in yet, and those of which a month came in or was corrected now.
_PAIRS: Final = f"""
WITH newest AS (
    SELECT period_end, max_by(filing_id, {LATER}) AS filing_id, max_by(fetched_at, {LATER}) AS fetched_at
    FROM pension_readings GROUP BY period_end
),
pairs AS (
    SELECT b AS before, NULL AS middle, a AS after FROM pension_readings a
    JOIN newest b ON last_day(CAST(b.period_end + INTERVAL 1 DAY AS DATE)) = a.period_end
    UNION ALL
    SELECT b, m, a FROM pension_readings a
    JOIN newest m ON last_day(CAST(m.period_end + INTERVAL 1 DAY AS DATE)) = a.period_end
    JOIN newest b ON last_day(CAST(b.period_end + INTERVAL 1 DAY AS DATE)) = m.period_end
)
SELECT strftime(before.period_end, '%Y-%m'), before.filing_id, strftime(middle.period_end, '%Y-%m'), middle.filing_id,
    strftime(after.period_end, '%Y-%m'), after.filing_id
FROM pairs
WHERE after.filing_id NOT IN (SELECT filing_id FROM pension_renames)
    OR greatest(before.fetched_at, middle.fetched_at, after.fetched_at) = CAST($stamp AS TIMESTAMPTZ)
ORDER BY after.period_end, after.filing_id, middle.period_end
"""


def find(con: duckdb.DuckDBPyConnection, store: Writer, stamp: str) -> None:
    """Look for new names in every reading of a month whose month before is held; leaves view ``pension_renames``.

    Args:
        con: connection with views ``pension_readings`` and ``workplace_months`` as they will be after the commit.
        store: the commit.
        stamp: its moment.
    """
    con.execute(f"CREATE OR REPLACE TEMP VIEW pension_renames AS {store.select(PENSION_RENAMES.name)}")  # fmt: skip
    pairs = con.execute(_PAIRS, {"stamp": stamp}).fetchall()
    if not pairs:
        return
    columns = ", ".join(f"{c.name} {c.type}" for c in PENSION_RENAMES.columns if c.name not in ("fetched_at", "row_id"))  # fmt: skip
    con.execute(f"CREATE OR REPLACE TEMP TABLE renamed ({columns})")
    for pair in pairs:
        # Where none lies between, no month is called None: that view is empty.
        for view, month, filing_id in zip(("before", "middle", "after"), pair[::2], pair[1::2], strict=True):  # fmt: skip
            con.execute(
                f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT {_ROWS} FROM workplace_months "
                f"WHERE month = '{month}' AND filing_id = '{filing_id}' AND NOT is_site"
            )
        gap = 0 if pair[2] is None else 1
        con.execute(f"INSERT INTO renamed BY NAME {read_text('lake', 'sql', 'renames.sql')}", {"gap": gap})  # fmt: skip
    found = numbered("FROM renamed", stamp, PENSION_RENAMES.identity)
    store.write(con, PENSION_RENAMES.name, f"FROM ({found}) ANTI JOIN pension_renames USING (row_id)")  # fmt: skip
    con.execute(f"CREATE OR REPLACE TEMP VIEW pension_renames AS {store.select(PENSION_RENAMES.name)}")  # fmt: skip


def newest_ids(where: str = "true") -> str:
    """A query of view ``pension_renames``: ``company_id`` of every earlier name, ``newest`` the id of the name it led to.

    Args:
        where: which renames count.
    """
    return read_text("lake", "sql", "renamed.sql").replace("{where}", where)
