"""The version before goes on working on tables that are one revision newer, as a rolling upgrade and a way back need it.

A migration may add what may be left out; what it takes away must have been unused by the version before
(docs/how-to/upgrade.md). Statements here are those of the older tables, run on the newer ones.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import delete, insert, select, update

from paycanary.errors import StateError
from paycanary.state.database import Database, is_next, migrations, newest_revision, open_database
from tests.state.filled import ROWS, contents, fill, row, tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Table

REVISIONS = [s.revision for s in ScriptDirectory.from_config(migrations()).walk_revisions()][::-1]
STEPS = list(itertools.pairwise(REVISIONS))


@pytest.fixture
def empty(state_url: str, home: Path) -> Iterator[Database]:
    home.mkdir()
    database = Database(state_url)
    yield database
    database.close()


@pytest.mark.parametrize(("older", "newer"), STEPS)
def test_all_that_the_older_version_does_works_on_the_newer_tables(
    empty: Database, older: str, newer: str
) -> None:
    empty.upgrade(older)
    with empty.engine.begin() as con:
        known = tables(con)
        fill(con)
    empty.upgrade(newer)
    with empty.engine.begin() as con:
        before = contents(con)
        for table in known:
            assert len(_read(con, table)) == ROWS, table.name
            con.execute(insert(table).values(row(con, table, ROWS)))
    with empty.engine.begin() as con:
        for table in known:
            _change(con, table)
    with empty.engine.begin() as con:
        for table in reversed(known):
            key = _key(table, _written(con, table))
            con.execute(delete(table).where(*key))
    with empty.engine.begin() as con:
        after = contents(con)
    assert {t.name: after[t.name] for t in known} == {t.name: before[t.name] for t in known}
    # And what both have left behind can still be taken back.
    empty.downgrade(older)
    assert empty.revision() == older


def test_revisions_are_numbered_without_gaps() -> None:
    assert [f"{n:04}" for n in range(1, len(REVISIONS) + 1)] == REVISIONS


def test_tables_of_the_next_version_are_worked_on_and_no_later_ones(state_url: str, home: Path) -> None:  # fmt: skip
    home.mkdir(exist_ok=True)
    database = open_database(state_url)
    newest = int(newest_revision() or 0)
    try:
        for ahead, may in ((1, True), (2, False)):
            with database.engine.begin() as con:
                con.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{newest + ahead:04}'")  # fmt: skip
            assert is_next(database.revision()) is may
            if may:
                open_database(state_url).close()
            else:
                with pytest.raises(StateError):
                    open_database(state_url)
            assert database.revision() == f"{newest + ahead:04}"
    finally:
        database.close()


def _read(con: Connection, table: Table) -> list[Any]:
    return list(con.execute(select(*table.columns)))


def _written(con: Connection, table: Table) -> dict[str, Any]:
    """The row that was put in last, by what `row` gives for that number."""
    wanted = row(con, table, ROWS)
    found = con.execute(select(table).where(*_key(table, wanted))).one()
    return dict(found._mapping)


def _key(table: Table, values: dict[str, Any]) -> list[Any]:
    """The conditions that find a row."""
    return [column == values[column.name] for column in table.primary_key.columns]


def _change(con: Connection, table: Table) -> None:
    """Write every column of a row anew, as the older program knows them."""
    values = _written(con, table)
    others = {name: value for name, value in values.items() if name not in table.primary_key.columns}  # fmt: skip
    if others:
        changed = con.execute(update(table).where(*_key(table, values)).values(others))
        assert changed.rowcount == 1, table.name
