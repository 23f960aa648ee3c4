"""Many writers at once, on SQLite and PostgreSQL: none is lost, none fails, readers do not wait."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from paycanary.state.database import Database, now
from paycanary.state.tables import ApiKey, Job, Judged
from tests.state.test_state_sessions import job, key

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WRITERS: Final = 8
EACH: Final = 25
#: Counts up in a process of its own, one transaction a step, reading before it writes.
COUNT: Final = """
import sys
from sqlalchemy import select
from paycanary.state.database import Database
from paycanary.state.tables import Judged
database = Database(sys.argv[1])
for _ in range(int(sys.argv[2])):
    with database.session() as session:
        row = session.scalars(select(Judged).with_for_update()).one()
        row.round += 1
"""


def test_threads_that_read_and_then_write_lose_nothing(database: Database) -> None:
    _counter(database)

    def add(_: int) -> None:
        for _ in range(EACH):
            with database.session() as session:
                session.scalars(select(Judged).with_for_update()).one().round += 1

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(add, range(WRITERS)))
    assert _count(database) == WRITERS * EACH


def test_processes_that_read_and_then_write_lose_nothing(
    database: Database, state_url: str
) -> None:
    _counter(database)
    processes = [
        subprocess.Popen([sys.executable, "-c", COUNT, state_url, str(EACH)], stderr=subprocess.PIPE, encoding="utf-8")
        for _ in range(3)
    ]  # fmt: skip
    said = [process.communicate(timeout=120)[1] for process in processes]
    assert said == [""] * 3
    assert _count(database) == 3 * EACH


def test_of_many_who_ask_for_the_same_work_one_gets_the_row(database: Database) -> None:
    ready = threading.Barrier(WRITERS)

    def ask(number: int) -> bool:
        ready.wait()
        try:
            with database.session() as session:
                session.add(job(str(number)))
        except IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(WRITERS) as pool:
        assert sorted(pool.map(ask, range(WRITERS))) == [False] * (WRITERS - 1) + [True]
    with database.session() as session:
        assert session.scalars(select(func.count()).select_from(Job)).one() == 1


def test_who_reads_sees_whole_transactions_only(database: Database) -> None:
    """Two rows a transaction: an odd number is half of one."""
    stop = threading.Event()
    seen: list[int] = []

    def read() -> None:
        while not stop.is_set():
            with database.session() as session:
                seen.append(_keys(session))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(EACH):
        with database.session() as session:
            session.add(key(f"{number}a", key_hash=f"{number}a"))
            session.flush()
            session.add(key(f"{number}b", key_hash=f"{number}b"))
    stop.set()
    reader.join()
    assert seen
    assert all(number % 2 == 0 for number in seen)
    assert sorted(seen) == seen


def test_a_writer_waits_for_another(database: Database) -> None:
    _counter(database)
    held = threading.Event()

    def hold() -> None:
        with database.session() as session:
            session.scalars(select(Judged).with_for_update()).one().round += 1
            session.flush()
            held.set()
            time.sleep(0.7)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    with database.session() as session:
        session.scalars(select(Judged).with_for_update()).one().round += 10
    holder.join()
    assert _count(database) == 11


def _counter(database: Database) -> None:
    with database.session() as session:
        session.add(Judged(company_id="dart:1", levels={}, snapshot="1", as_of=now().date(), judged_at=now()))  # fmt: skip


def _count(database: Database) -> int:
    with database.session() as session:
        return session.scalars(select(Judged.round)).one()


def _keys(session: Session) -> int:
    return session.scalars(select(func.count()).select_from(ApiKey)).one()
