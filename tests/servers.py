"""Real servers for tests: PostgreSQL, Redis, and ``paycanary serve``. All of them on 127.0.0.1, stopped when the run ends.

    def test_that(postgres_url): ...            # a database of one's own, empty, in one cluster a run
    def test_that(database): ...                # twice: a migrated state on SQLite, and on PostgreSQL
    def test_that(redis_server): ...            # emptied for each test; .url, .stop(), .start()
    with serving(home, {"REDIS_URL": redis_server.url}, "--workers", 2) as server:
        httpx.get(server.url + "/health/live")

`scripts/install-test-servers.sh` installs what is needed; where a server is missing the tests say so and fail.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar

import httpx
import psycopg
import pytest
import redis

from paycanary.state.database import open_database
from tests.command import Run
from tests.forked import start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from paycanary.state.database import Database

S = TypeVar("S", bound="Server")
#: Seconds until a server answers or is gone; on a machine that is busy with other tests two processes took 65 to load.
_PATIENCE: Final = 180
#: Stands in every address of a test's PostgreSQL, so that one can look for it where it must not be.
PASSWORD: Final = "Tr0ub4dor"  # noqa: S105 - of clusters that live for one run
_INSTALL: Final = "run scripts/install-test-servers.sh"


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """A process that may be stopped and started again in the middle of a test; what it writes is in `output`."""

    command: list[str]
    folder: Path
    port: int
    ends_on: signal.Signals = signal.SIGTERM
    options: Mapping[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start it unless it runs, and wait until it answers."""
        if not self.is_running:
            with (self.folder / "output").open("ab") as output:
                self.process = start(
                    self.command, self.ends_on, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                    start_new_session=True, **self.options,
                )  # fmt: skip
            self._wait()
        return self

    def stop(self) -> int:
        """End it as an operator would; its exit code."""
        return self._end(self.ends_on)

    def kill(self) -> int:
        """End it and all that it started at once, as a power cut would."""
        return self._end(signal.SIGKILL)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text(encoding="utf-8", errors="replace")

    def is_ready(self) -> bool:
        raise NotImplementedError

    def _wait(self) -> None:
        until = time.monotonic() + _PATIENCE
        while not self.is_ready():
            assert self.is_running, f"{self.command[0]} ended at once:\n{self.output}"
            assert time.monotonic() < until, f"{self.command[0]} does not answer:\n{self.output}"
            time.sleep(0.05)

    def _end(self, how: signal.Signals) -> int:
        process = self.process
        assert process is not None
        if process.poll() is None:
            if how == signal.SIGKILL:
                os.killpg(process.pid, how)
            else:
                process.send_signal(how)
        try:
            return process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise AssertionError(f"{self.command[0]} did not stop:\n{self.output}") from None


class Postgres(Server):
    """A cluster; `fresh` makes a database in it."""

    _numbers: ClassVar[Iterator[int]] = itertools.count(1)

    def fresh(self) -> str:
        """The address of a new, empty database."""
        name = f"fresh{next(self._numbers)}"
        with psycopg.connect(self.start().url(), autocommit=True) as con:
            con.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def url(self, name: str = "postgres", password: str = PASSWORD) -> str:
        return f"postgresql://postgres:{password}@127.0.0.1:{self.port}/{name}"

    def is_ready(self) -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(self.url(), connect_timeout=5):
            return True
        return False


class Redis(Server):
    """A server that forgets everything when it stops."""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def is_ready(self) -> bool:
        with suppress(redis.ConnectionError), redis.Redis.from_url(self.url) as client:
            return bool(client.ping())
        return False

    def empty(self) -> Self:
        with redis.Redis.from_url(self.start().url) as client:
            client.flushall()
        return self


class Serve(Server):
    """``paycanary serve``."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self) -> bool:
        with suppress(httpx.TransportError):
            return (
                httpx.get(f"{self.url}/health/live", trust_env=False, timeout=5).status_code < 500
            )
        return False


@contextmanager
def serving(
    home: Path, env: Mapping[str, str] | None = None, *arguments: object
) -> Iterator[Serve]:
    """``paycanary serve`` on a free port with that home; no database and no Redis but those that ``env`` names."""
    port = free_port()
    run = Run(home, {"DATABASE_URL": "", "REDIS_URL": "", **(env or {})})
    environment = {name: value for name, value in run.environment().items() if value or name not in ("DATABASE_URL", "REDIS_URL")}  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="paycanary-serve-") as folder:
        server = Serve(
            run.command("serve", "--port", port, *arguments),
            Path(folder), port, options={"env": environment},
        )  # fmt: skip
        with _running(server):
            yield server


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A cluster of one's own: nothing is written through to the disk, and everyone needs the password."""
    programs = _postgres_programs()
    # PostgreSQL refuses to run as root; its package made a user for it.
    account: dict[str, Any] = {"user": "postgres", "group": pwd.getpwnam("postgres").pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}  # fmt: skip
    # Not in pytest's own folders: those are closed to other users, and paths of sockets must be short.
    with tempfile.TemporaryDirectory(prefix="paycanary-pg-") as named:
        folder = Path(named)
        (folder / "password").write_text(PASSWORD, encoding="utf-8")
        if account:
            for path in (folder, folder / "password"):
                shutil.chown(path, "postgres", account["group"])
        subprocess.run(
            [programs / "initdb", "--pgdata", folder / "data", "--username", "postgres", "--auth", "scram-sha-256", "--pwfile", folder / "password", "--encoding", "UTF8", "--locale", "C", "--no-sync"],
            check=True, capture_output=True, cwd=folder, **account,
        )  # fmt: skip
        port = free_port()
        command = [str(programs / "postgres"), "-D", str(folder / "data"), "-p", str(port), "-h", "127.0.0.1", "-k", named]  # fmt: skip
        settings = (
            "fsync=off",
            "full_page_writes=off",
            "shared_buffers=32MB",
            "timezone=Asia/Seoul",
        )
        for setting in settings:
            command += ["-c", setting]
        server = Postgres(command, folder, port, signal.SIGINT, {"cwd": folder, **account})
        with _running(server):
            yield server


@contextmanager
def running_redis() -> Iterator[Redis]:
    """A Redis of one's own."""
    program = shutil.which("redis-server")
    assert program, f"no redis-server: {_INSTALL}"
    with tempfile.TemporaryDirectory(prefix="paycanary-redis-") as folder:
        port = free_port()
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]  # fmt: skip
        with _running(Redis(command, Path(folder), port)) as server:
            yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One cluster a run. Who stops it need not start it again: the next `Postgres.fresh` does."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def fresh_postgres(postgres: Postgres) -> Callable[[], str]:
    """Gives the address of a new, empty database at every call."""
    return postgres.fresh


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """The address of an empty database of this test's own."""
    return postgres.fresh()


@pytest.fixture(scope="session")
def _redis() -> Iterator[Redis]:
    with running_redis() as server:
        yield server


@pytest.fixture
def redis_server(_redis: Redis) -> Redis:
    """A running Redis with nothing in it."""
    return _redis.empty()


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request: pytest.FixtureRequest, home: Path) -> str:
    """The address of an empty database: the test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{home / 'state.sqlite'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.fresh()


@pytest.fixture
def database(state_url: str) -> Iterator[Database]:
    """A migrated state, on SQLite and on PostgreSQL."""
    opened = open_database(state_url)
    yield opened
    opened.close()


@contextmanager
def _running(server: S) -> Iterator[S]:
    try:
        yield server.start()
    finally:
        if server.process is not None:
            server.stop()


def _postgres_programs() -> Path:
    """The folder of ``initdb`` and ``postgres``: Debian keeps it off the path."""
    folders = [path.parent for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))]
    for program in ("initdb", "pg_config"):
        found = shutil.which(program)
        if found and program == "initdb":
            folders.append(Path(found).parent)
        elif found:
            shown = subprocess.run([found, "--bindir"], capture_output=True, encoding="utf-8", check=True)  # fmt: skip
            folders.append(Path(shown.stdout.strip()))
    whole = [f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()]
    assert whole, f"no PostgreSQL server: {_INSTALL}"
    return whole[-1]
