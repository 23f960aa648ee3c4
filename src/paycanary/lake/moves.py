"""People who perhaps moved from one company's workplace to another's within a month: a merger, a split, a branch sold.

Seen from one company such a month looks like a mass exit. What tells them apart stands in other companies' rows, so it is looked
for once, when a month comes in, over all of them; the question about one company then finds it in a small table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from paycanary.lake import snapshots
from paycanary.lake.tables import PENSION_MOVES
from paycanary.resources import read_text

if TYPE_CHECKING:
    import duckdb

    from paycanary.lake.writer import Writer


def find(con: duckdb.DuckDBPyConnection, store: Writer, stamp: str) -> None:
    """Look for moves in every reading of a month that has none yet, those of refreshes before this table was kept among them.

    Args:
        con: connection with views ``pension_readings`` and ``workplace_months`` as they will be after the commit.
        store: the commit.
        stamp: its moment.
    """
    state = store.base.tables.get(PENSION_MOVES.name)
    known = f"SELECT filing_id FROM {snapshots.parquet(store.root, state)}" if state and state.files else "SELECT ''"  # fmt: skip
    new = con.execute(
        f"SELECT filing_id, strftime(period_end, '%Y-%m') FROM pension_readings WHERE filing_id NOT IN ({known})"
    ).fetchall()
    if not new:
        return
    ids, months = (", ".join(f"'{value}'" for value in sorted(set(column))) for column in zip(*new, strict=True))  # fmt: skip
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW moving AS SELECT * FROM workplace_months WHERE month IN ({months}) AND filing_id IN ({ids})"
    )
    content = ", ".join(f"coalesce(CAST({c} AS VARCHAR), '~')" for c in PENSION_MOVES.identity)
    store.write(
        con,
        PENSION_MOVES.name,
        f"SELECT *, TIMESTAMPTZ '{stamp}' AS fetched_at, CAST(md5_number_lower(concat_ws('|', {content})) >> 1 AS BIGINT) AS row_id "
        f"FROM ({read_text('lake', 'sql', 'moves.sql')})",
    )
