"""The one place where time is cut: what was public on a day, about some companies or all.

`know` fills ``known_<table>``: the rows published by the as-of date, with ``company_id`` already the canonical company.
Signals and verdicts read ``known_*`` only, so nothing published later can reach them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paycanary.lake.identity import LINK_THRESHOLD
from paycanary.lake.tables import TABLES

if TYPE_CHECKING:
    from datetime import date

    import duckdb

KNOWN: Final = ("companies", "filings", "facts", "headcounts", "opinions", "capital_changes", "notices")  # fmt: skip


def know(con: duckdb.DuckDBPyConnection, as_of: date, company: str | None = None) -> None:
    """Make ``members`` and ``known_*`` for a canonical company id (None: everyone) as of a day.

    ``members`` (company_id, canonical_id) says which register ids belong to which company.
    """
    where = "AND canonical_id = ?" if company else ""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE members AS SELECT company_id, canonical_id FROM links "
        f"WHERE confidence >= {LINK_THRESHOLD} {where}",
        [company] if company else [],
    )
    ids = (
        [row[0] for row in con.execute("SELECT company_id FROM members").fetchall()]
        if company
        else []
    )
    for name in KNOWN:
        columns = TABLES[name].column_names
        if company:
            # Ids spelled out, not joined: Parquet then skips every row group that cannot hold them.
            select = ", ".join(
                f"{_quote(company)} AS company_id" if c == "company_id" else c for c in columns
            )
            rows = f"{name} WHERE company_id IN ({', '.join(map(_quote, ids)) or 'NULL'}) AND"
        else:
            select = ", ".join(
                "m.canonical_id AS company_id" if c == "company_id" else f"t.{c}" for c in columns
            )
            rows = f"{name} t JOIN members m ON m.company_id = t.company_id WHERE"
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE known_{name} AS SELECT {select} FROM {rows} published_on <= ?",
            [as_of],
        )


def _quote(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
