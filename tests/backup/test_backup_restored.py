"""A backup put back into an empty place: every table of the state and of the lake, row by row, and a service that answers as before."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import text

from paycanary.state.database import Database, open_database
from tests.command import Run, contents
from tests.servers import serving
from tests.state import filled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers import Postgres
    from tests.stored import Stored

#: A company of the made store.
COMPANY = "가나전자"


@pytest.fixture
def service(stored: Stored, state_url: str, home: Path) -> Iterator[Run]:
    """A home with a lake and a state that has rows in every table."""
    shutil.copytree(stored.lake, home / "lake")
    database = open_database(state_url)
    with database.engine.begin() as con:
        filled.fill(con)
    database.close()
    return Run(home, {"DATABASE_URL": state_url})


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """An empty home and an empty database, of the same kind or of the other."""
    folder = tmp_path / "elsewhere"
    if request.param == "sqlite":
        return Run(folder, {"DATABASE_URL": f"sqlite:///{folder / 'state.sqlite'}"})
    server: Postgres = request.getfixturevalue("postgres")
    return Run(folder, {"DATABASE_URL": server.fresh()})


def _rows(run: Run) -> filled.Rows:
    """All rows of the state; moments of SQLite, which keeps no zone, are UTC."""
    database = Database(run.env["DATABASE_URL"])
    with database.engine.connect() as con:
        found = filled.contents(con)
    database.close()
    return {table: [{c: _settled(v) for c, v in row.items()} for row in rows] for table, rows in found.items()}  # fmt: skip


def _settled(value: Any) -> Any:
    if not isinstance(value, dt.datetime):
        return value
    return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def test_every_table_comes_back_as_it_was(service: Run, elsewhere: Run, tmp_path: Path) -> None:
    made = service.json("backup", "create", tmp_path / "kept")
    restored = elsewhere.json("backup", "restore", tmp_path / "kept")
    assert restored == made
    before, after = _rows(service), _rows(elsewhere)
    assert after == before
    assert all(len(rows) == filled.ROWS for rows in after.values())
    assert made["state_rows"] == {table: len(rows) for table, rows in before.items()}
    assert contents(elsewhere.home / "lake") == contents(service.home / "lake")
    for command in (("status", "--json"), ("check", COMPANY, "--json")):
        assert json.loads(elsewhere.ok(*command))["schema_version"]
    assert elsewhere.json("check", COMPANY) == service.json("check", COMPANY)
    # New rows get new numbers, and the lake goes on from its snapshot.
    database = open_database(elsewhere.env["DATABASE_URL"])
    with database.engine.begin() as con:
        con.execute(text("INSERT INTO job_events (job_id, at, event) SELECT job_id, at, event FROM job_events WHERE id = 1"))  # fmt: skip
        assert con.execute(text("SELECT count(*) FROM job_events")).scalar_one() == filled.ROWS + 1
    database.close()
    elsewhere.ok("rollback")
    assert elsewhere.json("status")["snapshot"] == service.json("status")["snapshot"] + 1


def test_a_restored_service_answers_as_the_old_one(service: Run, tmp_path: Path) -> None:
    service.ok("backup", "create", tmp_path / "kept")
    folder = tmp_path / "elsewhere"
    elsewhere = Run(folder, {"DATABASE_URL": f"sqlite:///{folder / 'state.sqlite'}"})
    elsewhere.ok("backup", "restore", tmp_path / "kept")
    told = []
    for run in (service, elsewhere):
        with serving(run.home, {"DATABASE_URL": run.env["DATABASE_URL"], "PAYCANARY_HOUSEKEEPING": "false"}) as server:  # fmt: skip
            address = f"{server.url}/v1/resolve?q={COMPANY}"
            company = httpx.get(address).json()["company"]["id"]
            verdict = httpx.get(f"{server.url}/v1/companies/{company}/verdict").json()
            del verdict["report_error"]  # it stands on the server's own address
            told.append(verdict)
    assert told[0] == told[1]
    assert told[0]["findings"]


def test_what_is_written_meanwhile_is_in_it_whole_or_not_at_all(service: Run, tmp_path: Path) -> None:  # fmt: skip
    """A writer that adds a job and its event in one transaction, again and again, while backups are made."""
    database = open_database(service.env["DATABASE_URL"])
    ended, written = threading.Event(), []

    def write() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            with database.engine.begin() as con:
                con.execute(text("INSERT INTO jobs (id, kind, subject, lang, state, attempts, created_at, ended_at) SELECT :id, kind, :id, lang, state, attempts, created_at, created_at FROM jobs LIMIT 1"), {"id": f"w{number}"})  # fmt: skip
                con.execute(text("INSERT INTO job_events (id, job_id, at, event) SELECT :number, :id, at, event FROM job_events LIMIT 1"), {"id": f"w{number}", "number": 1000 + number})  # fmt: skip
            written.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            seen = len(written)
            rows = service.json("backup", "create", tmp_path / "kept")["state_rows"]
            assert rows["jobs"] == rows["job_events"]
            assert rows["jobs"] >= filled.ROWS + seen
    finally:
        ended.set()
        writer.join()
        database.close()
    assert len(written) > 3  # nobody waited for a backup to end


def test_an_older_revision_is_restored_and_brought_on(stored: Stored, state_url: str, home: Path, tmp_path: Path) -> None:  # fmt: skip
    run = Run(home, {"DATABASE_URL": state_url})
    home.mkdir()
    run.ok("database", "upgrade", "0002")
    database = Database(state_url)
    with database.engine.begin() as con:
        filled.fill(con)
    before = _rows(run)
    assert run.json("backup", "create", tmp_path / "kept")["revision"] == "0002"
    folder = tmp_path / "elsewhere"
    elsewhere = Run(folder, {"DATABASE_URL": f"sqlite:///{folder / 'state.sqlite'}"})
    elsewhere.ok("backup", "restore", tmp_path / "kept")
    assert elsewhere.json("database", "status")["is_current"]
    after = _rows(elsewhere)
    assert filled.like(after, before) == filled.like(before, after)
    database.close()
    assert not (folder / "lake" / "snapshots").exists()
    assert stored.lake.exists()


def test_a_restore_that_was_killed_goes_on(service: Run, tmp_path: Path, killed_at: Callable[[Run, str, str], None]) -> None:  # fmt: skip
    """Killed after the lake is in its place and before the rows are committed: the same command ends it."""
    made = service.json("backup", "create", tmp_path / "kept")
    folder = tmp_path / "elsewhere"
    elsewhere = Run(folder, {"DATABASE_URL": f"sqlite:///{folder / 'state.sqlite'}"})
    killed_at(elsewhere, str(tmp_path / "kept"), "published")
    assert (folder / "lake" / "snapshots").is_dir()
    assert all(not rows for rows in _rows(elsewhere).values())
    assert elsewhere.json("backup", "restore", tmp_path / "kept") == made
    assert _rows(elsewhere) == _rows(service)
    assert contents(folder / "lake") == contents(service.home / "lake")


def test_nothing_that_is_written_meanwhile_is_lost(
    service: Run, elsewhere: Run, tmp_path: Path
) -> None:
    """While the lake is fetched nobody can write to it, and a row that somebody leaves in the database stops the restore."""
    service.ok("backup", "create", tmp_path / "kept")
    program = (
        "import sys\n"
        "from sqlalchemy import text\n"
        "from paycanary.backup import restore\n"
        "from paycanary.errors import BackupError, BusyError\n"
        "from paycanary.lake.home import lake_path\n"
        "from paycanary.lake.writer import writing\n"
        "from paycanary.state.database import open_database\n"
        "fetch = restore._fetch_lake\n"
        "def meanwhile(*a, **k):\n"
        "    fetch(*a, **k)\n"
        "    try:\n"
        "        with writing(lake_path()): print('written')\n"
        "    except BusyError: print('busy')\n"
        "    with open_database().engine.begin() as con:\n"
        "        con.execute(text(\"INSERT INTO leases (name, owner, until) VALUES (:name, 'me', '2026-01-01')\"), {'name': sys.argv[2]})\n"
        "        if sys.argv[2] == 'left': con.execute(text(\"INSERT INTO confirmations (confirm_hash, address_hash, asked_at) VALUES ('a', 'b', '2026-01-01')\"))\n"
        "restore._fetch_lake = meanwhile\n"
        "try: restore.restore(sys.argv[1])\n"
        "except BackupError as error: print(error)\n"
    )
    told = []
    for what in ("left", "nothing"):
        ran = subprocess.run([sys.executable, "-c", program, tmp_path / "kept", what], env=elsewhere.environment(), check=True, capture_output=True, text=True)  # fmt: skip
        told.append(ran.stdout)
        database = Database(elsewhere.env["DATABASE_URL"])
        with database.engine.begin() as con:
            if what == "left":
                assert con.execute(text("DELETE FROM confirmations")).rowcount == 1
                assert not (elsewhere.home / "lake" / "snapshots").exists()
        database.close()
    assert told[0].startswith("busy")
    assert "not empty" in told[0]
    assert told[1] == "busy\n"
    assert "written" not in "".join(told).splitlines()
    assert _rows(elsewhere) == _rows(service)


@pytest.fixture
def killed_at() -> Callable[[Run, str, str], None]:
    """Restores as a process that is killed right after the lake was renamed."""
    program = (
        "import os, signal, sys\n"
        "from paycanary.backup import restore\n"
        "publish = restore._publish\n"
        "def die(*a, **k):\n"
        "    publish(*a, **k)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "restore._publish = die\n"
        "restore.restore(sys.argv[1])\n"
    )

    def kill(run: Run, place: str, _: str) -> None:
        ended = subprocess.run([sys.executable, "-c", program, place], env=run.environment(), check=False)  # fmt: skip
        assert ended.returncode == -signal.SIGKILL

    return kill
