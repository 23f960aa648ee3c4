"""Migrations, each of them up and down with rows in every table, on SQLite and PostgreSQL."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from paycanary.errors import StateError
from paycanary.state.database import Database, migrations, newest_revision, open_database
from paycanary.state.tables import Base
from tests.state.filled import ROWS, Rows, contents, fill, like, shape, tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: All revisions, oldest first: a new migration is tested because it is there.
REVISIONS: Final = [s.revision for s in ScriptDirectory.from_config(migrations()).walk_revisions()][::-1]  # fmt: skip
STEPS: Final = list(zip([None, *REVISIONS], REVISIONS, strict=False))

#: Migrates, and is killed before it sends its n-th statement to the database.
KILLED: Final = """
import os, signal, sys
from sqlalchemy import event
from paycanary.state.database import Database
url, step, revision, left = *sys.argv[1:4], int(sys.argv[4])
database = Database(url)
@event.listens_for(database.engine, "before_cursor_execute")
def _count(con, cursor, statement, *_):
    global left
    if statement.lstrip().upper().startswith(("CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE")):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
getattr(database, step)(revision)
"""
#: Opens the state as every copy does when it starts.
OPEN: Final = "import sys; from paycanary.state.database import open_database; print(open_database(sys.argv[1]).revision())"


@pytest.fixture
def empty(state_url: str, home: Path) -> Iterator[Database]:
    """A database that was never migrated."""
    home.mkdir()
    database = Database(state_url)
    yield database
    database.close()


def test_there_is_one_line_of_migrations() -> None:
    script = ScriptDirectory.from_config(migrations())
    assert script.get_heads() == [newest_revision()]
    assert script.get_bases() == [REVISIONS[0]]
    assert sorted(REVISIONS) == REVISIONS
    assert len(REVISIONS) == len(set(REVISIONS))


def test_tables_after_all_migrations_are_the_models(database: Database) -> None:
    with database.engine.connect() as con:
        context = MigrationContext.configure(con, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert {table.name for table in tables(con)} == set(Base.metadata.tables)


def test_rows_are_kept_all_the_way_up_and_down(empty: Database) -> None:
    shapes = {}
    for _, revision in STEPS:
        before = _look(empty)
        empty.upgrade(revision)
        assert empty.revision() == revision
        _assert_kept(empty, before, f"up to {revision}")
        with empty.engine.begin() as con:
            fill(con)
            shapes[revision] = shape(con)
            assert {name: len(rows) for name, rows in contents(con).items()} == dict.fromkeys(shapes[revision], ROWS)  # fmt: skip
    for older, revision in STEPS[::-1]:
        before = _look(empty)
        empty.downgrade(older or "base")
        assert empty.revision() == older
        _assert_kept(empty, before, f"down from {revision}")
        with empty.engine.connect() as con:
            assert shape(con) == (shapes[older] if older else {}), f"down from {revision}"


@pytest.mark.parametrize(("older", "revision"), STEPS[1:])
def test_one_step_down_and_up_again_keeps_rows(empty: Database, older: str, revision: str) -> None:
    empty.upgrade(revision)
    with empty.engine.begin() as con:
        fill(con)
        whole = shape(con)
    before = _look(empty)
    empty.downgrade(older)
    at_older = _look(empty)
    empty.upgrade(revision)
    after = _look(empty)
    assert like(before, at_older) == like(after, at_older) == like(at_older, before)
    with empty.engine.connect() as con:
        assert shape(con) == whole


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_migration_that_is_killed_leaves_the_older_revision_whole(
    empty: Database, state_url: str, direction: str
) -> None:
    newest = REVISIONS[-1]
    start, step, target = (
        (None, "upgrade", newest) if direction == "up" else (newest, "downgrade", "base")
    )
    if start:
        empty.upgrade(start)
        with empty.engine.begin() as con:
            fill(con)
    with empty.engine.connect() as con:
        whole = shape(con), contents(con)
    at, killed = 1, 0
    while _killed(state_url, step, target, at):
        killed += 1
        assert empty.revision() == start, at
        with empty.engine.connect() as con:
            assert (shape(con), contents(con)) == whole, at
        at += 7
    assert killed > 3
    # The last one was not killed: it did its work in the same database.
    assert empty.revision() == (newest if direction == "up" else None)


def test_copies_that_start_at_once_migrate_once(state_url: str) -> None:
    copies = [
        subprocess.Popen([sys.executable, "-c", OPEN, state_url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        for _ in range(3)
    ]  # fmt: skip
    said = [copy.communicate(timeout=60) for copy in copies]
    assert said == [(f"{newest_revision()}\n", "")] * 3
    database = open_database(state_url)
    with database.engine.connect() as con:
        assert {table.name for table in tables(con)} == set(Base.metadata.tables)
    database.close()


def test_a_revision_that_is_not_there_is_said(empty: Database) -> None:
    with pytest.raises(StateError, match="9999"):
        empty.upgrade("9999")
    assert empty.revision() is None


def test_state_of_a_newer_version_is_not_touched(database: Database) -> None:
    with database.engine.begin() as con:
        con.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StateError, match="9999"):
        database.upgrade()
    assert database.revision() == "9999"


def _look(database: Database) -> Rows:
    with database.engine.connect() as con:
        return contents(con)


def _assert_kept(database: Database, before: Rows, when: str) -> None:
    after = _look(database)
    assert like(before, after) == like(after, before), when


def _killed(url: str, step: str, revision: str, at: int) -> bool:
    """Whether the migration was killed before its ``at``-th change."""
    result = subprocess.run(
        [sys.executable, "-c", KILLED, url, step, revision, str(at)],
        capture_output=True, encoding="utf-8", check=False, timeout=60,
    )  # fmt: skip
    assert result.returncode in (0, -signal.SIGKILL), result.stderr
    return result.returncode != 0
