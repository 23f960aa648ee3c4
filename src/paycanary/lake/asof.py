"""The one place where time is cut: what was public on a day, about some companies or all.

`know` fills ``known_<table>``: the rows published by the as-of date, with ``company_id`` already the canonical company.
Signals and verdicts read ``known_*`` only, so nothing published later can reach them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paycanary.lake.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import duckdb

KNOWN: Final = ("companies", "filings", "facts", "headcounts", "opinions", "capital_changes", "notices")  # fmt: skip


def create_known(con: duckdb.DuckDBPyConnection) -> None:
    """Create the empty ``members`` and ``known_*`` tables once per connection, so that prepared SQL stays valid."""
    con.execute(
        "CREATE TEMP TABLE members (company_id VARCHAR, canonical_id VARCHAR, confidence DOUBLE)"
    )
    for name in KNOWN:
        columns = ", ".join(f"{c.name} {c.type}" for c in TABLES[name].columns)
        con.execute(f"CREATE TEMP TABLE known_{name} ({columns})")


def know(
    con: duckdb.DuckDBPyConnection, as_of: date, companies: Sequence[str] | None = None
) -> None:
    """Fill ``members`` and ``known_*`` for canonical ids ``companies`` (None: everyone) as of a day."""
    con.execute("DELETE FROM members")
    if companies is None:
        con.execute("INSERT INTO members SELECT company_id, canonical_id, confidence FROM links")
        where = ""
    else:
        con.execute(
            "INSERT INTO members SELECT company_id, canonical_id, confidence FROM links "
            f"WHERE canonical_id IN ({', '.join('?' * len(companies))})",
            list(companies),
        )
        # Ids spelled out, not joined: Parquet then skips every row group that cannot hold them.
        ids = [row[0] for row in con.execute("SELECT company_id FROM members").fetchall()]
        quoted = ", ".join("'" + i.replace("'", "''") + "'" for i in ids) or "''"
        where = f"AND t.company_id IN ({quoted})"
    for name in KNOWN:
        columns = ", ".join(
            "m.canonical_id AS company_id" if c == "company_id" else f"t.{c}"
            for c in TABLES[name].column_names
        )
        con.execute(f"DELETE FROM known_{name}")
        con.execute(
            f"INSERT INTO known_{name} SELECT {columns} FROM {name} t JOIN members m ON m.company_id = t.company_id "
            f"WHERE t.published_on <= ? {where}",
            [as_of],
        )
