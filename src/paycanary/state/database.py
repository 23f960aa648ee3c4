"""Opening the state: ``DATABASE_URL`` (PostgreSQL, shared), else a SQLite file beside the lake."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.orm import Session, sessionmaker

from paycanary.errors import StateError
from paycanary.lake.home import lake_path
from paycanary.telemetry.start import instrument_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

_log: Final = logging.getLogger(__name__)
#: Seconds that a statement waits for another writer (SQLite) or for the server to answer (PostgreSQL).
_PATIENCE: Final = 5
#: Held while a migration runs, so that of many copies that start at once one migrates. Any number of ours.
_LOCK: Final = 7_296_226
#: Of a connection to SQLite that will write nothing, so that it need not wait for a writer.
_READS: Final = "paycanary_reads"
#: A machine that vanishes closes no connection: without this, who waits for its answer waits for the kernel's two hours.
_NOTICED: Final = {
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
#: The database does not answer as one does, or all connections to it are taken for too long.
_AWAY: Final = (DBAPIError, NoConnectionError)


def database_url() -> str:
    """``DATABASE_URL``, else a file in paycanary's home."""
    named = os.environ.get("DATABASE_URL")
    return named or f"sqlite:///{lake_path().with_name('state.sqlite')}"


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


class Database:
    """The state of one service. Safe to share between threads; not between processes: each opens its own.

    Args:
        url: as SQLAlchemy takes it; ``postgres://`` and ``postgresql://`` are served by psycopg.

    Raises:
        StateError: no such kind of database.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise _unusable(error) from None
        except ValueError:
            # Not the error's own words: what stands where a port should be may be half of a password.
            raise _unusable(ArgumentError("the port is not a number")) from None
        if parsed.drivername in ("postgres", "postgresql"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.is_shared = parsed.get_backend_name() != "sqlite"
        self.shown = parsed.render_as_string(hide_password=True)
        try:
            self.engine = _engine(parsed, is_shared=self.is_shared)
        except (NoSuchModuleError, ImportError) as error:
            raise _unusable(error) from None
        instrument_engine(self.engine)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back on an error.

        Raises:
            StateError: the database cannot be reached, or was never migrated.
        """
        try:
            with self._sessions.begin() as session:
                yield session
        except (IntegrityError, DataError):
            # A statement was at fault, not the database.
            raise
        except _AWAY as error:
            raise _unreachable(self.shown, error) from error

    @contextmanager
    def moment(self) -> Iterator[Connection]:
        """A connection that sees one moment for as long as it reads, and writes nothing; writers go on meanwhile.

        Raises:
            StateError: the database cannot be reached.
        """
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if self.is_shared else {_READS: True}  # fmt: skip
        try:
            with self.engine.connect().execution_options(**options) as con, con.begin():
                yield con
        except _AWAY as error:
            raise _unreachable(self.shown, error) from error

    def is_reachable(self) -> bool:
        """Whether it answers now."""
        try:
            with self.engine.connect() as con:
                con.execute(text("SELECT 1"))
        except _AWAY:
            return False
        return True

    def upgrade(self, revision: str = "head") -> None:
        """Bring the tables to a revision; of several copies that start at once, one does it and the others wait."""
        self._migrate(command.upgrade, revision)

    def downgrade(self, revision: str) -> None:
        """Take the tables back to a revision; ``base`` drops them all."""
        self._migrate(command.downgrade, revision)

    def revision(self) -> str | None:
        """The revision that the tables are at; None where there are none."""
        try:
            with self.engine.connect() as con:
                return MigrationContext.configure(con).get_current_revision()
        except _AWAY as error:
            raise _unreachable(self.shown, error) from error

    @contextmanager
    def rebuilding(self) -> Iterator[tuple[Connection, Config]]:
        """One transaction for migrations and rows together, with Alembic's configuration for it; no other copy migrates meanwhile.

        Raises:
            StateError: the database cannot be reached, or a row does not fit its table.
        """
        config = migrations()
        try:
            if not self.is_shared:
                lake_path().parent.mkdir(parents=True, exist_ok=True)
            with self.engine.begin() as con:
                if self.is_shared:
                    con.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
                config.attributes["connection"] = con
                yield con, config
        except (*_AWAY, OSError) as error:
            raise _unreachable(self.shown, error) from error
        except CommandError as error:
            raise _unknown_revision(self.shown, error) from error

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    def _migrate(self, step: Any, revision: str) -> None:
        with self.rebuilding() as (_, config):
            step(config, revision)


def open_database(url: str | None = None) -> Database:
    """The state that the environment names, migrated to the newest revision.

    Tables that are one revision newer are left as they are and used: every migration keeps the version before it working
    (docs/how-to/upgrade.md).

    Raises:
        StateError: the database cannot be reached, or its tables are newer still.
    """
    database = Database(url or database_url())
    try:
        database.upgrade()
    except StateError:
        # While copies are exchanged one by one, those of the version before start on the tables of the next, too.
        revision = database.revision()
        if not is_next(revision):
            raise
        _log.warning("the tables are at %s, one revision newer than this version's", revision)
    return database


def migrations() -> Config:
    """Alembic's configuration: the migrations that the package carries."""
    config = Config()
    config.set_main_option("script_location", str(files("paycanary") / "state" / "migrations").replace("%", "%%"))  # fmt: skip
    return config


def newest_revision() -> str | None:
    """The revision that this version of paycanary needs."""
    return ScriptDirectory.from_config(migrations()).get_current_head()


def is_next(revision: str | None) -> bool:
    """Whether tables are exactly one revision newer than this version's; revisions are numbered without gaps."""
    newest = newest_revision()
    return bool(revision and newest and revision.isdigit() and int(revision) == int(newest) + 1)


def _engine(url: Any, *, is_shared: bool) -> Engine:
    if is_shared:
        return create_engine(
            url,
            # What people left stands in no error, and so in no log.
            hide_parameters=True,
            pool_pre_ping=True,
            pool_size=5,
            max_overflow=5,
            pool_timeout=_PATIENCE,
            connect_args={"connect_timeout": _PATIENCE, **_NOTICED},
        )
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": _PATIENCE})

    @event.listens_for(engine, "do_connect")
    def _keep_private(_dialect: object, _record: object, arguments: list[Any], _: object) -> None:
        # The file is made before SQLite does it, so that nobody else on the machine reads it: it holds e-mail addresses.
        path = str(arguments[0])
        if path != ":memory:" and not path.startswith("file:"):
            # Only a file that is not there: to close one that is would let go of the locks that this process's other
            # connections hold, and SQLite of what they write. What is wrong with the path SQLite says better.
            with suppress(OSError):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    @event.listens_for(engine, "connect")
    def _settle(connection: Any, _: object) -> None:
        # SQLAlchemy begins transactions, not the driver; readers do not wait for the writer.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # At once for writing: a transaction that turns into a writer half-way could only fail.
        reads = connection.get_execution_options().get(_READS)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _unreachable(shown: str, error: Exception) -> StateError:
    reason = str(getattr(error, "orig", error)).splitlines()[0]
    return StateError(
        {
            "ko": f"{shown}: 서비스 상태를 담은 데이터베이스를 쓸 수 없습니다({reason}).",
            "en": f"{shown}: the database of the service's state cannot be used ({reason}).",
        },
        {
            "ko": "데이터베이스가 떠 있는지, DATABASE_URL 이 맞는지, `paycanary database upgrade` 를 했는지 확인하세요.",
            "en": "See that it runs, that DATABASE_URL is right, and that `paycanary database upgrade` was run.",
        },
    )


def _unknown_revision(shown: str, error: Exception) -> StateError:
    return StateError(
        {
            "ko": f"{shown}: 표를 그 판으로 옮길 수 없습니다({error}).",
            "en": f"{shown}: the tables cannot be brought to that revision ({error}).",
        },
        {
            "ko": "더 새로운 paycanary 가 만든 표라면 그 판의 paycanary 를 쓰세요. `paycanary database status` 가 지금 판을 알려 줍니다.",
            "en": "Use a newer paycanary if one made these tables; `paycanary database status` tells their revision.",
        },
    )


def _unusable(error: Exception) -> StateError:
    return StateError(
        {
            "ko": f"DATABASE_URL 을 쓸 수 없습니다({error}).",
            "en": f"DATABASE_URL cannot be used ({error}).",
        },
        {
            "ko": "예: postgresql://USER:PASSWORD@HOST/NAME. PostgreSQL 에는 `pip install 'paycanary[cluster]'` 가 필요합니다.",
            "en": "Such as postgresql://USER:PASSWORD@HOST/NAME. PostgreSQL needs `pip install 'paycanary[cluster]'`.",
        },
    )
