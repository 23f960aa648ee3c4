"""PostgreSQL and Redis for one machine: on loopback, behind passwords, their data in a folder that outlasts them."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psycopg
import redis

if TYPE_CHECKING:
    from collections.abc import Callable

#: Seconds until a store answers, or has ended.
PATIENCE: Final = 60
_INSTALL: Final = "install them: `scripts/install-test-servers.sh` does, on Debian"


class StoreError(Exception):
    """A store cannot be started; the message tells why, and what to do."""


class Store:
    """A process that others need; it is started before them and ended after them."""

    def __init__(self, name: str, command: list[str], folder: Path, ends_on: signal.Signals, **options: Any) -> None:  # fmt: skip
        self.name, self._ends_on, self._log = name, ends_on, folder / f"{name}.log"
        with self._log.open("ab") as log:
            # A session of its own: Ctrl-C in the terminal is for the programs, which end before their stores do.
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **options
            )  # fmt: skip

    def wait(self, answers: Callable[[], bool]) -> None:
        """Until it answers; one that does not is stopped.

        Raises:
            StoreError: it ended, or does not answer.
        """
        until = time.monotonic() + PATIENCE
        while not answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                said = self._log.read_text(encoding="utf-8", errors="replace")[-2000:]
                msg = f"{self.name} does not run; its log ({self._log}) ends with:\n{said}"
                raise StoreError(msg)
            time.sleep(0.1)

    def stop(self) -> None:
        """End it, and wait until it has written what it holds."""
        if self._process.poll() is None:
            self._process.send_signal(self._ends_on)
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def start_postgres(folder: Path, port: int, password: str) -> tuple[Store, str]:
    """The server with its cluster, made the first time; and its address but for the database's name.

    Raises:
        StoreError: it is not installed, or does not start.
    """
    programs, account = _postgres_programs(), _account()
    data = folder / "postgresql"
    if not (data / "PG_VERSION").exists():
        _make_cluster(programs, data, password, account)
    # Only by TCP: a socket's path would have to be short.
    command = [
        str(programs / "postgres"),
        "-D",
        str(data),
        "-p",
        str(port),
        "-h",
        "127.0.0.1",
        "-k",
        "",
    ]
    store = Store("postgresql", command, folder, signal.SIGINT, cwd=data, **account)
    address = f"postgresql://paycanary:{password}@127.0.0.1:{port}/"

    def answers() -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(address + "postgres", connect_timeout=5):  # fmt: skip
            return True
        return False

    store.wait(answers)
    return store, address


def make_database(address: str, name: str) -> None:
    """A database in the cluster, unless it is there."""
    with psycopg.connect(address + "postgres", autocommit=True) as con:
        if con.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
            con.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))


def start_redis(folder: Path, port: int, password: str) -> tuple[Store, str]:
    """The server, which writes down what it is told; and its address.

    Raises:
        StoreError: it is not installed, or does not start.
    """
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        msg = f"there is no redis-server; {_INSTALL}"
        raise StoreError(msg)
    data = folder / "redis"
    data.mkdir(exist_ok=True)
    # In a file: others on this machine can read a command line.
    conf = data / "redis.conf"
    conf.touch(0o600)
    # A queue must not lose what it holds to a cache: when memory ends, writing fails instead.
    conf.write_text(
        f"bind 127.0.0.1\nport {port}\nrequirepass {password}\nappendonly yes\nmaxmemory 256mb\nmaxmemory-policy noeviction\n",
        encoding="utf-8",
    )
    store = Store("redis", [program, str(conf)], folder, signal.SIGTERM, cwd=data)
    address = f"redis://:{password}@127.0.0.1:{port}/0"

    def answers() -> bool:
        with suppress(redis.RedisError), redis.Redis.from_url(address) as client:
            return bool(client.ping())
        return False

    store.wait(answers)
    return store, address


def _make_cluster(programs: Path, data: Path, password: str, account: dict[str, Any]) -> None:
    shutil.rmtree(data, ignore_errors=True)  # of a first start that was killed
    data.mkdir(mode=0o700)
    if account:
        shutil.chown(data, account["user"], account["group"])
    named = data.with_name("postgresql.password")
    named.touch(0o600)
    try:
        named.write_text(password, encoding="utf-8")
        if account:
            shutil.chown(named, account["user"], account["group"])
        made = subprocess.run(
            [programs / "initdb", "-D", data, "-U", "paycanary", "-A", "scram-sha-256", "--pwfile", named, "-E", "UTF8", "--locale", "C"],
            check=False, capture_output=True, text=True, cwd=data, **account,
        )  # fmt: skip
    finally:
        named.unlink()
    if made.returncode:
        shutil.rmtree(data, ignore_errors=True)
        msg = f"PostgreSQL's cluster in {data} could not be made:\n{made.stderr}"
        raise StoreError(msg)


def _postgres_programs() -> Path:
    """The newest folder of PostgreSQL's programs; Debian keeps it off the path."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    found.sort(key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0)
    named = shutil.which("postgres")
    programs = [path.parent for path in found] + ([Path(named).parent] if named else [])
    if not programs:
        msg = f"there is no PostgreSQL server; {_INSTALL}"
        raise StoreError(msg)
    return programs[-1]


def _account() -> dict[str, Any]:
    """PostgreSQL refuses to run as root; its package made a user for it."""
    if os.geteuid() != 0:
        return {}
    try:
        group = pwd.getpwnam("postgres").pw_gid
    except KeyError:
        msg = "PostgreSQL does not run as root and there is no user `postgres`; start this as another user"
        raise StoreError(msg) from None
    return {"user": "postgres", "group": group, "extra_groups": []}
