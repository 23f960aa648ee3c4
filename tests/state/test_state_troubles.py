"""When the database is away, wrong, refused or unmigrated: said in both languages, without the password, and got over."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text

from paycanary.errors import LakeError, StateError
from paycanary.state.database import Database, open_database
from paycanary.state.tables import ApiKey
from tests.servers import PASSWORD, Postgres, free_port
from tests.state.test_state_sessions import key

if TYPE_CHECKING:
    from pathlib import Path


def told(error: StateError) -> str:
    """Everything of an error that may reach a person or a log; asserts what holds for all of it."""
    everything = "\n".join([error.line("ko"), error.line("en"), str(error), repr(error)])
    assert PASSWORD not in everything
    assert error.exit_code == 9
    return everything


def test_an_unmigrated_database_says_what_to_do(state_url: str, home: Path) -> None:
    home.mkdir()
    database = Database(state_url)
    assert database.is_reachable()
    assert database.revision() is None
    with pytest.raises(StateError, match="api_keys") as caught, database.session() as session:
        session.scalars(select(ApiKey)).all()
    assert "paycanary database upgrade" in told(caught.value)
    database.close()


def test_a_server_that_is_down_is_said_and_got_over(postgres: Postgres, postgres_url: str) -> None:
    database = open_database(postgres_url)
    with database.session() as session:
        session.add(key("a"))
    postgres.stop()
    try:
        assert not database.is_reachable()
        for _ in range(2):
            with pytest.raises(StateError) as caught, database.session() as session:
                session.scalars(select(ApiKey)).all()
            assert "DATABASE_URL" in told(caught.value)
        with pytest.raises(StateError):
            database.revision()
        with pytest.raises(StateError):
            database.upgrade()
    finally:
        postgres.start()
    # Connections of before are dead, and nobody who asks now notices.
    assert database.is_reachable()
    with database.session() as session:
        assert session.scalars(select(ApiKey.id)).all() == ["a"]
    database.close()


def test_connections_that_died_in_a_crash_are_replaced(
    postgres: Postgres, postgres_url: str
) -> None:
    database = open_database(postgres_url)
    sessions = [database.engine.connect() for _ in range(3)]
    for con in sessions:
        con.execute(text("SELECT 1"))
        con.close()
    postgres.kill()
    postgres.start()
    for number in "abc":
        with database.session() as session:
            session.add(key(number))
    assert _ids(database) == ["a", "b", "c"]
    database.close()


def test_a_transaction_cut_by_a_crash_is_undone(postgres: Postgres, postgres_url: str) -> None:
    database = open_database(postgres_url)

    def cut() -> None:
        with database.session() as session:
            session.add(key("a"))
            session.flush()
            postgres.kill()
            postgres.start()
            session.add(key("b"))

    with pytest.raises(StateError) as caught:
        cut()
    told(caught.value)
    assert _ids(database) == []
    database.close()


@pytest.mark.parametrize("wrong", ["password", "user", "name"])
def test_a_wrong_address_is_said(postgres: Postgres, wrong: str) -> None:
    url = postgres.start().url()
    bad = {
        "password": url.replace(PASSWORD, "not-" + PASSWORD),
        "user": url.replace("//postgres:", "//nobody:"),
        "name": postgres.url("not_there"),
    }[wrong]
    with pytest.raises(StateError) as caught:
        open_database(bad)
    said = told(caught.value)
    assert "127.0.0.1" in said
    assert "DATABASE_URL" in said
    database = Database(bad)
    assert not database.is_reachable()
    assert PASSWORD not in database.shown
    database.close()


def test_a_server_that_never_answers_is_given_up(home: Path) -> None:
    database = Database(f"postgresql://postgres:{PASSWORD}@127.0.0.1:{free_port()}/state")
    started = time.monotonic()
    assert not database.is_reachable()
    with pytest.raises(StateError) as caught:
        database.upgrade()
    assert time.monotonic() - started < 15
    told(caught.value)
    assert not home.exists()


@pytest.mark.parametrize(
    "url",
    [
        f"oracle-of-delphi://user:{PASSWORD}@127.0.0.1/state",
        f"user:{PASSWORD}@127.0.0.1/state",
        f"postgresql://user:{PASSWORD}@127.0.0.1:port/state",
        f"postgresql://user:ends-on@at:{PASSWORD}@127.0.0.1/state",
        "",
    ],
)
def test_an_address_of_no_database_is_said(url: str) -> None:
    with pytest.raises(StateError, match="DATABASE_URL") as caught:
        Database(url)
    told(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_is_served_by_one_driver(
    postgres_url: str, scheme: str
) -> None:
    database = open_database(postgres_url.replace("postgresql", scheme, 1))
    assert database.is_shared
    assert database.engine.driver == "psycopg"
    database.close()


def test_a_file_that_is_no_database_is_said(home: Path) -> None:
    home.mkdir()
    (home / "state.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(StateError, match=r"state\.sqlite") as caught:
        open_database()
    told(caught.value)
    assert (home / "state.sqlite").read_bytes() == b"not a database at all" * 100


def test_a_home_that_cannot_be_made_is_said(home: Path) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(StateError) as caught:
        open_database(f"sqlite:///{home / 'state.sqlite'}")
    told(caught.value)
    with pytest.raises(LakeError, match="not a folder"):
        open_database()


def test_a_database_that_another_program_holds_is_said(home: Path) -> None:
    database = open_database()
    assert (home / "state.sqlite").exists()
    other: Any = sqlite3.connect(home / "state.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StateError, match="locked"), database.session() as session:
        session.add(key("a"))
    other.execute("ROLLBACK")
    other.close()
    with database.session() as session:
        session.add(key("a"))
    assert _ids(database) == ["a"]
    database.close()


def test_a_file_whose_inside_is_damaged_is_said(home: Path) -> None:
    open_database().close()
    file = home / "state.sqlite"
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    database = Database(f"sqlite:///{file}")
    with pytest.raises(StateError, match="malformed") as caught, database.session() as session:
        session.scalars(select(ApiKey)).all()
    told(caught.value)
    database.close()


def test_connections_that_are_all_taken_are_said_and_got_over(postgres_url: str) -> None:
    database = open_database(postgres_url)
    taken = [database.engine.connect() for _ in range(10)]
    started = time.monotonic()
    assert not database.is_reachable()
    with pytest.raises(StateError) as caught, database.session() as session:
        session.scalars(select(ApiKey)).all()
    assert time.monotonic() - started < 15
    told(caught.value)
    for con in taken:
        con.close()
    assert database.is_reachable()
    database.close()


def _ids(database: Database) -> list[str]:
    with database.session() as session:
        return list(session.scalars(select(ApiKey.id).order_by(ApiKey.id)))
