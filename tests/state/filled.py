"""Rows in every table of a database, whatever its tables are now: read from the database itself, not from our models."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import JSON, MetaData, Table, inspect, select

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection

#: Rows put into each table: all columns filled, only those that must be, and all of them again.
ROWS: Final = 3
_BOOKKEEPING: Final = "alembic_version"
_DAY: Final = dt.date(2026, 2, 28)

Rows = dict[str, list[dict[str, Any]]]


def tables(con: Connection) -> list[Table]:
    """Our tables as the database has them, those that others refer to first."""
    found = MetaData()
    found.reflect(con)
    return [table for table in found.sorted_tables if table.name != _BOOKKEEPING]


def shape(con: Connection) -> dict[str, Any]:
    """Everything about the tables that a migration could change, comparable."""
    look = inspect(con)
    return {
        name: {
            "columns": {c["name"]: (str(c["type"]), c["nullable"], c["default"]) for c in look.get_columns(name)},
            "key": look.get_pk_constraint(name),
            "foreign": sorted(map(_settled, look.get_foreign_keys(name))),
            "unique": sorted(map(_settled, look.get_unique_constraints(name))),
            "indexes": sorted(map(_settled, look.get_indexes(name))),
        }
        for name in sorted(look.get_table_names())
        if name != _BOOKKEEPING
    }  # fmt: skip


def fill(con: Connection) -> None:
    """Put rows into each table that has none; rows of others point at rows by their number."""
    for table in tables(con):
        if con.execute(select(table)).first() is None:
            for number in range(ROWS):
                con.execute(table.insert().values(row(con, table, number)))


def contents(con: Connection) -> Rows:
    """All rows of all tables."""
    return {
        table.name: [dict(row._mapping) for row in con.execute(select(table).order_by(*table.primary_key.columns))]
        for table in tables(con)
    }  # fmt: skip


def like(rows: Rows, other: Rows) -> Rows:
    """Rows cut down to the tables and columns that others have too."""
    return {
        name: [{c: v for c, v in row.items() if not other[name] or c in other[name][0]} for row in found]
        for name, found in rows.items()
        if name in other
    }  # fmt: skip


def row(con: Connection, table: Table, number: int) -> dict[str, Any]:
    """A row of that number; columns that may be empty are so in number 1."""
    made = {}
    for column in table.columns:
        if column.foreign_keys:
            (key,) = column.foreign_keys
            made[column.name] = con.execute(select(key.column).order_by(key.column)).scalars().all()[number]  # fmt: skip
        elif not column.nullable or number != 1:
            made[column.name] = _value(column, number)
    return made


def _value(column: Column[Any], number: int) -> Any:
    kind = object if isinstance(column.type, JSON) else column.type.python_type
    if kind is str:
        # Text as people write it, and as long as the column allows.
        value = f"{number}-{column.name}-값'\"\\%{{}}\n"
        length = getattr(column.type, "length", None)
        return value[:length] if length else value * 50
    values = {
        int: number + 1,
        float: number + 0.5,
        bool: number % 2 == 0,
        dt.date: _DAY + dt.timedelta(days=number),
        dt.datetime: dt.datetime(2026, 2, 28, 23, 59, 59, 123456, dt.UTC) + dt.timedelta(hours=number),
        object: {"level": "watch", "figures": [1, 2.5, None, "값"], "number": number},
        bytes: bytes([0, 255, number]),
    }  # fmt: skip
    return values[kind]


def _settled(found: Any) -> str:
    # Conditions of partial indexes compare by their text, not as objects.
    options = {key: str(value) for key, value in found.get("dialect_options", {}).items()}
    return repr(sorted((key, str(value)) for key, value in {**found, "dialect_options": options}.items()))  # fmt: skip
