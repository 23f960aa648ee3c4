"""Company names made comparable, in SQL so that 120,000 names and one typed query take the same path."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def create_macros(con: duckdb.DuckDBPyConnection) -> None:
    """Define the macros of ``sql/names.sql`` in a connection: ``name_key``, ``name_initials``, ``name_jamo``, ``name_latin``, ``region_key``."""
    con.execute((files("paycanary.sources") / "sql" / "names.sql").read_text(encoding="utf-8"))
