"""What is known of every company on one day, looked up in microseconds: a temporary SQLite file, a row a company.

A file, because a whole country does not fit into every process's memory; the system keeps in memory what is asked.
"""

from __future__ import annotations

import sqlite3
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from paycanary.lake.identity import LINK_THRESHOLD
from paycanary.signals import known

if TYPE_CHECKING:
    import duckdb

    from paycanary.signals.known import Known


class Warmed:
    """Made from a connection on which everyone was asked; keeps nothing of it. Safe for many threads."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        # The folder goes at once: the open file lives until it is closed, also where the process is killed.
        with tempfile.TemporaryDirectory(prefix="paycanary-") as folder:
            self._con = sqlite3.connect(
                Path(folder) / "warmed", check_same_thread=False, isolation_level=None
            )
            for pragma in ("journal_mode=OFF", "synchronous=OFF", "temp_store=MEMORY"):
                self._con.execute(f"PRAGMA {pragma}").fetchall()
            self._fill(con)
        self._lists = known.whole_lists(con)
        self._lock = threading.Lock()

    def canonical(self, company: str) -> str | None:
        """The company that a register's id belongs to; None for an id that nothing stored bears."""
        with self._lock:
            row = self._con.execute("SELECT owner FROM ids WHERE id = ?", [company]).fetchone()
        return str(row[0]) if row else None

    def known(self, company: str) -> Known | None:
        """What is known of a canonical id; None where nothing stored bears it."""
        with self._lock:
            row = self._con.execute("SELECT told FROM known WHERE id = ?", [company]).fetchone()
        return known.parse(row[0], self._lists) if row else None

    def __del__(self) -> None:
        """Close the file, with whoever used this last."""
        self._con.close()

    def _fill(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con.execute(
            "CREATE TABLE known (id TEXT PRIMARY KEY, told TEXT NOT NULL) WITHOUT ROWID"
        )
        self._con.execute(
            "CREATE TABLE ids (id TEXT PRIMARY KEY, owner TEXT NOT NULL) WITHOUT ROWID"
        )
        self._con.execute("BEGIN")
        for portion in known.everyone(con):
            self._con.executemany("INSERT INTO known VALUES (?, ?)", sorted(portion))
        found = con.execute(
            f"SELECT company_id, canonical_id FROM links WHERE confidence >= {LINK_THRESHOLD} ORDER BY ALL"
        )
        while rows := found.fetchmany(20_000):
            self._con.executemany("INSERT OR IGNORE INTO ids VALUES (?, ?)", rows)
        self._con.execute("COMMIT")
