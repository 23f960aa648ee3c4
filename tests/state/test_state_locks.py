"""What a process writes into the state's file stays, also when another one opens the file and closes it again."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from paycanary.state import keys
from paycanary.state.database import open_database

if TYPE_CHECKING:
    from tests.command import Run

_LOOK: Final = "from paycanary.state.database import Database, database_url; from paycanary.state import keys; d = Database(database_url()); print(len(keys.every(d))); d.close()"


def seen_by_another(run: Run) -> int:
    """How many keys another process finds; it is the last to close the file, as far as it can see."""
    ended = subprocess.run([sys.executable, "-c", _LOOK], env=run.environment(), capture_output=True, encoding="utf-8", check=True)  # fmt: skip
    return int(ended.stdout)


def test_what_is_written_beside_a_second_connection_is_seen_by_others(run: Run) -> None:
    database = open_database()
    keys.create(database, "first", ["read"])
    # A second connection is opened while the first is held: closing any handle on the file would drop the process's locks.
    with database.engine.connect() as held, ThreadPoolExecutor(1) as pool:
        held.exec_driver_sql("SELECT 1")
        held.rollback()
        pool.submit(keys.every, database).result()
        assert seen_by_another(run) == 1
        pool.submit(keys.create, database, "second", ["read"]).result()
        assert seen_by_another(run) == 2
    database.close()
