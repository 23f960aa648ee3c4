"""Company names made comparable, in SQL so that 120,000 names and one typed query take the same path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paycanary.resources import read_text

if TYPE_CHECKING:
    import duckdb


def create_macros(con: duckdb.DuckDBPyConnection) -> None:
    """Define the macros of ``sql/names.sql`` in a connection: ``name_key``, ``name_initials``, ``name_jamo``, ``name_latin``, ``region_key``."""
    con.execute(read_text("sources", "sql", "names.sql"))
