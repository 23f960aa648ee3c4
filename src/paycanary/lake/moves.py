"""People who perhaps moved from one company's workplace to another's within a month: a merger, a split, a branch sold.

Seen from one company such a month looks like a mass exit. What tells them apart stands in other companies' rows, so it is looked
for once, when a month comes in, over all of them; the question about one company then finds it in a small table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from paycanary.lake.tables import PENSION_MOVES, numbered
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
    new = con.execute(
        "SELECT filing_id, strftime(period_end, '%Y-%m') FROM pension_readings "
        f"WHERE filing_id NOT IN (SELECT filing_id FROM ({store.select(PENSION_MOVES.name)}))"
    ).fetchall()
    if not new:
        return
    ids, months = (", ".join(f"'{value}'" for value in sorted(set(column))) for column in zip(*new, strict=True))  # fmt: skip
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW moving AS SELECT * FROM workplace_months WHERE month IN ({months}) AND filing_id IN ({ids})"
    )
    found = numbered(read_text("lake", "sql", "moves.sql"), stamp, PENSION_MOVES.identity)
    store.write(con, PENSION_MOVES.name, found)
