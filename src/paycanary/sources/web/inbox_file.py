"""The file of the inbox, opened so that several machines may share it.

It may lie on a volume that they all mount (NFS, EFS), so it has a rollback journal, whose locks NFS knows. A write-ahead log
would have its index in memory, which machines do not share, and the file would be corrupted.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from paycanary.errors import BusyError

if TYPE_CHECKING:
    from pathlib import Path

#: Milliseconds that one waits for another who writes.
_PATIENCE: Final = 30_000
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, endpoint TEXT NOT NULL, request TEXT NOT NULL,
    fetched_at TEXT NOT NULL, rows BLOB, row_count INTEGER NOT NULL, file TEXT, taken_in INTEGER NOT NULL DEFAULT 0,
    UNIQUE (source, endpoint, request));
CREATE INDEX IF NOT EXISTS pending ON answers (source, taken_in);
CREATE TABLE IF NOT EXISTS calls (
    source TEXT NOT NULL, bucket TEXT NOT NULL, day TEXT NOT NULL, count INTEGER NOT NULL DEFAULT 0,
    exhausted INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (source, bucket, day));
CREATE TABLE IF NOT EXISTS rounds (
    source TEXT PRIMARY KEY, finished_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS ends (
    source TEXT PRIMARY KEY, outcome TEXT NOT NULL, ended_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS lake (one INTEGER PRIMARY KEY CHECK (one = 1), snapshot INTEGER NOT NULL);
"""


def to_write(path: Path) -> sqlite3.Connection:
    """Open for reading and writing; made if missing."""
    (path.parent / "files").mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, timeout=0, check_same_thread=False, isolation_level=None)
    try:
        # One with a log, of a version before, is turned by the first who has it alone; nobody waits for that.
        with suppress(sqlite3.OperationalError):
            db.execute("PRAGMA journal_mode = DELETE")
        db.execute(f"PRAGMA busy_timeout = {_PATIENCE}")
        db.executescript(_SCHEMA)
    except BaseException:
        db.close()
        raise
    return db


def busy(path: Path, error: Exception) -> BusyError | None:
    """What to tell where a file was not to be had within `_PATIENCE`, since another writes: nothing is damaged then; None of any other error."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):  # fmt: skip
        return None
    return BusyError(
        {
            "ko": f"{path}: 다른 실행이 {_PATIENCE // 1000}초 넘게 쓰고 있습니다.",
            "en": f"{path}: another run has been writing for more than {_PATIENCE // 1000} seconds.",
        },
        {
            "ko": "그 실행이 끝나면 다시 실행하세요. 받은 답은 그대로입니다.",
            "en": "Run it again when that one has ended. What was fetched is kept.",
        },
    )


def to_read(path: Path) -> sqlite3.Connection | None:
    """The file for reading; None where it has to be written first: by a version before, or by a writer that was killed."""
    db = None
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_PATIENCE / 1000, check_same_thread=False, isolation_level=None)  # fmt: skip
        db.execute("SELECT 1 FROM ends, lake LIMIT 1").fetchone()
    except sqlite3.Error as error:
        if db is not None:
            db.close()
        if isinstance(error, sqlite3.OperationalError):
            return None
        raise
    return db
