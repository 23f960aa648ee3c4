"""Rows of the service's own state, out of one database and into another, PostgreSQL or SQLite: JSON, a row a line.

Neither `pg_dump` nor SQLite's own copy: one form for both, nothing to install, and a service can move from a laptop to a cluster.
Tables are read from the database itself, so that an older revision is copied as it is.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    JSON,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    cast,
    func,
    insert,
    select,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import ColumnElement, Connection
    from sqlalchemy.types import TypeEngine

#: Alembic's own; what it says stands in the manifest.
_REVISION: Final = "alembic_version"
#: Who does which chore at the moment: a service writes it by itself within seconds, and nobody misses it.
_OF_PROCESSES: Final = "leases"
#: Rows of one insert.
_AT_ONCE: Final = 500


def tables(con: Connection) -> list[Table]:
    """The tables as the database has them, those that others refer to first."""
    found = MetaData()
    found.reflect(con)
    return [table for table in found.sorted_tables if table.name != _REVISION]


def dump(con: Connection, table: Table) -> Iterator[bytes]:
    """Every row of a table as a line of JSON, by primary key."""
    columns: list[ColumnElement[Any]] = [
        # As it is written, since JSON's null and no value are two things.
        cast(c, Text).label(c.name) if isinstance(c.type, JSON) else c
        for c in table.columns
    ]
    rows = con.execution_options(yield_per=_AT_ONCE).execute(select(*columns).order_by(*table.primary_key.columns))  # fmt: skip
    for row in rows.mappings():
        line = {name: _plain(value) for name, value in row.items()}
        yield json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def load(con: Connection, table: Table, lines: Iterable[bytes]) -> int:
    """Insert what `dump` told of a table of the same revision; how many rows.

    Raises:
        ValueError: a line is none of this table's rows.
    """
    is_shared = con.dialect.name == "postgresql"
    # Types by their base: what a table reads from SQLite as DATETIME is a timestamp in PostgreSQL.
    values = {
        c.name: cast(bindparam(c.name, type_=Text), c.type) if is_shared and isinstance(c.type, JSON)
        else bindparam(c.name, type_=Text() if isinstance(c.type, JSON) else c.type)
        for c in table.columns
    }  # fmt: skip
    statement, count, left = insert(table).values(values), 0, iter(lines)
    while chunk := [_row(table, json.loads(line)) for line in islice(left, _AT_ONCE)]:
        con.execute(statement, chunk)
        count += len(chunk)
    if is_shared:
        _continue_numbers(con, table)
    return count


def is_empty(con: Connection) -> bool:
    """Whether no table has a row that somebody left."""
    return all(
        con.execute(select(text("1")).select_from(table).limit(1)).first() is None
        for table in tables(con)
        if table.name != _OF_PROCESSES
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        # SQLite keeps no zone: there all moments are UTC.
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()  # fmt: skip
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def _row(table: Table, plain: dict[str, Any]) -> dict[str, Any]:
    if plain.keys() != {c.name for c in table.columns}:
        other = ", ".join(sorted(plain.keys() ^ {c.name for c in table.columns}))
        raise ValueError(f"columns that are missing or unknown: {other}")
    return {c.name: _typed(plain[c.name], c.type) for c in table.columns}


def _typed(plain: Any, kind: TypeEngine[Any]) -> Any:
    if plain is None:
        return None
    if isinstance(kind, DateTime):
        moment = datetime.fromisoformat(plain)
        return moment if getattr(kind, "timezone", False) else moment.replace(tzinfo=None)
    if isinstance(kind, Date):
        return date.fromisoformat(plain)
    if isinstance(kind, LargeBinary):
        return base64.b64decode(plain)
    return plain


def _continue_numbers(con: Connection, table: Table) -> None:
    """Let PostgreSQL count on after the highest number that was inserted."""
    for column in table.primary_key.columns:
        if isinstance(column.type, Integer):
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            highest = select(func.max(column)).scalar_subquery()
            con.execute(select(func.setval(sequence, highest)).where(sequence.is_not(None), highest.is_not(None)))  # fmt: skip
