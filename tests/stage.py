"""Empty ``stage_*`` tables for tests of one loader, made from the tables' one declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paycanary.lake.tables import TABLES

if TYPE_CHECKING:
    import duckdb

_DROPPED = {"names": {"key", "initials", "jamo"}, "rejected": {"company_id", "refresh_id"}}


def create_stage(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``stage_<table>`` for every growing table, with the columns that a loader fills."""
    for table in TABLES.values():
        if not table.staged:
            continue
        content = set(table.content) - _DROPPED.get(table.name, set())
        columns = ", ".join(f"{c.name} {c.type}" for c in table.columns if c.name in content)
        con.execute(f"CREATE TEMP TABLE stage_{table.name} ({columns})")
