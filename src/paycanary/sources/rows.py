"""Rows that Python made -> a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb


def insert(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[Any]]) -> None:
    """Add rows, each with a value for every column of the table in its order; none adds nothing.

    By columns: `executemany` takes a statement a row, which is half a second of every small refresh and seconds of a market.
    """
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        con.execute(
            f"INSERT INTO {table} SELECT {', '.join(['unnest(?)'] * len(columns))}", columns
        )
