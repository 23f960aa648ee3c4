"""Answers as they came in, kept in one SQLite file until the lake has taken them in.

An answer is stored the moment it arrives, so a batch that is cut off, killed or out of quota goes on where it stopped and
asks nothing twice. The same file counts the day's calls. Times are UTC; a quota's day is Korea's.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from paycanary.errors import LakeError
from paycanary.sources.web import inbox_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from paycanary.sources.web.calls import Answer, Call, Row

KOREA: Final = ZoneInfo("Asia/Seoul")
#: Files that the lake has taken in are kept this long; rows stay, since an answer given for good is not asked for again.
_KEPT: Final = timedelta(days=40)
#: Answers read at once.
_BATCH: Final = 500


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer in the inbox. ``file`` is where its bytes lie, if it was a file."""

    endpoint: str
    params: dict[str, str]
    fetched_at: datetime
    rows: list[Row]
    file: Path | None


class Inbox:
    """The answers of all registers. Safe for several threads and several processes.

    Args:
        folder: made if missing; holds ``answers.sqlite`` and ``files/``.
        now: the clock (UTC).
        only_read: for who looks in while others write. What a killed writer left half done is taken back all the same.

    Raises:
        LakeError: the folder cannot be written, or the file is damaged.
        BusyError: another writes, for longer than one waits.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime] = _now, *, only_read: bool = False) -> None:  # fmt: skip
        self.folder = folder
        self.now = now
        self._lock = threading.RLock()
        path = folder / "answers.sqlite"
        try:
            read = inbox_file.to_read(path) if only_read else None
            self._db = read or inbox_file.to_write(path)
        except (OSError, sqlite3.Error) as error:
            raise inbox_file.busy(path, error) or LakeError(
                {
                    "ko": f"{path}: 받은 답을 둘 곳을 열 수 없습니다({error}).",
                    "en": f"{path}: the store of answers cannot be opened ({error}).",
                },
                {
                    "ko": "권한과 디스크를 확인하거나, 파일을 지우고 다시 받으세요(저장된 자료는 그대로입니다).",
                    "en": "Check permissions and disk, or delete the file and fetch again (what the lake holds stays).",
                },
            ) from error

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    # --- answers ---------------------------------------------------------------------------------

    def find(self, source: str, call: Call) -> Stored | None:
        """The answer that is still good for ``call``: younger than its ``max_age``, not from a clock that ran ahead."""
        row = self._one(
            "SELECT endpoint, request, fetched_at, rows, file FROM answers WHERE source = ? AND endpoint = ? AND request = ?",
            (source, call.endpoint, call.request),
        )
        if row is None or row[3] is None:
            return None
        stored = self._stored(row)
        age = self.now() - stored.fetched_at
        if call.max_age is not None and not timedelta(0) <= age < call.max_age:
            return None
        if stored.file is not None and not stored.file.exists():
            return None
        return stored

    def save(self, source: str, call: Call, answer: Answer) -> Stored:
        """Keep an answer; an older one to the same question gives way. Atomic.

        Raises:
            LakeError: the disk is full or cannot be written.
        """
        stamp = self.now()
        name = None
        try:
            if answer.file is not None:
                name = self._write_file(source, call, answer)
            # Half a surrogate pair is no text that could be stored; it becomes a question mark.
            packed = zlib.compress(json.dumps(answer.rows, ensure_ascii=False).encode(errors="replace"))  # fmt: skip
            with self._lock:
                self._db.execute(
                    "INSERT INTO answers (source, endpoint, request, fetched_at, rows, row_count, file) VALUES (?, ?, ?, ?, ?, ?, ?) "
                    "ON CONFLICT (source, endpoint, request) DO UPDATE SET fetched_at = excluded.fetched_at, rows = excluded.rows, "
                    "row_count = excluded.row_count, file = excluded.file, taken_in = 0",
                    (source, call.endpoint, call.request, stamp.isoformat(), packed, len(answer.rows), name),
                )  # fmt: skip
        except (OSError, sqlite3.Error) as error:
            raise inbox_file.busy(self.folder, error) or LakeError(
                {
                    "ko": f"{self.folder}: 받은 답을 저장하지 못했습니다({error}).",
                    "en": f"{self.folder}: an answer could not be stored ({error}).",
                },
                {
                    "ko": "공간을 비우고 다시 실행하면 이어서 받습니다.",
                    "en": "Free some space and run it again: it goes on where it stopped.",
                },
            ) from error
        file = self.folder / "files" / name if name else None
        return Stored(call.endpoint, dict(call.params), stamp, answer.rows, file)

    def answers(self, source: str, endpoint: str | None = None) -> Iterator[Stored]:
        """All answers of a register that still have their rows, oldest first."""
        yield from self._each(
            "SELECT id, endpoint, request, fetched_at, rows, file FROM answers "
            "WHERE source = ? AND rows IS NOT NULL AND (? IS NULL OR endpoint = ?) AND id > ? ORDER BY id LIMIT ?",
            (source, endpoint, endpoint),
        )

    def requests(self, source: str, endpoint: str) -> list[tuple[dict[str, str], datetime]]:
        """Every question ever answered, with when: what to ask again when it has grown old."""
        with self._lock, self._told():
            rows = self._db.execute(
                "SELECT request, fetched_at FROM answers WHERE source = ? AND endpoint = ? ORDER BY id",
                (source, endpoint),
            ).fetchall()
        return [(json.loads(request), datetime.fromisoformat(at)) for request, at in rows]

    def export(self, source: str, folder: Path) -> list[tuple[int, str]]:
        """Write what the lake has not taken in: ``<endpoint>.jsonl`` and ``<endpoint>/<file name>`` below ``folder``.

        A line is ``{"request": {...}, "fetched_at": "...", "row": {...} or null, "file": "..." or null}``; an answer of no rows
        and no file gives one line with neither, so that a loader knows that it was asked.

        Returns:
            What to hand to `taken`: (id, fetched_at) of every exported answer.
        """
        done: list[tuple[int, str]] = []
        streams: dict[str, Any] = {}
        folder.mkdir(parents=True, exist_ok=True)
        try:
            for number, endpoint, request, at, packed, file in self._rows(
                "SELECT id, endpoint, request, fetched_at, rows, file FROM answers "
                "WHERE source = ? AND taken_in = 0 AND rows IS NOT NULL AND id > ? ORDER BY id LIMIT ?",
                (source,),
            ):
                if file and not (self.folder / "files" / file).exists():
                    self._forget(number)
                    continue
                if endpoint not in streams:
                    streams[endpoint] = (folder / f"{endpoint}.jsonl").open("w", encoding="utf-8")
                linked = self._link(folder / endpoint, file) if file else None
                head = {"request": json.loads(request), "fetched_at": at}
                with self._told():
                    rows = json.loads(zlib.decompress(packed)) or [None]
                for row in rows:
                    line = json.dumps({**head, "row": row, "file": linked}, ensure_ascii=False)
                    streams[endpoint].write(line + "\n")
                done.append((number, at))
        finally:
            for stream in streams.values():
                stream.close()
        return done

    def taken(self, done: list[tuple[int, str]]) -> None:
        """Note that the lake holds these answers, unless a newer one has come since; forget bodies that are old."""
        with self._lock, self._told():
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("UPDATE answers SET taken_in = 1 WHERE id = ? AND fetched_at = ?", done)  # fmt: skip
            old = (self.now() - _KEPT).isoformat()
            files = self._db.execute(
                "SELECT file FROM answers WHERE taken_in = 1 AND fetched_at < ? AND file IS NOT NULL", (old,)
            ).fetchall()  # fmt: skip
            self._db.execute(
                "UPDATE answers SET rows = NULL, file = NULL WHERE taken_in = 1 AND fetched_at < ? AND file IS NOT NULL", (old,)
            )  # fmt: skip
            self._db.execute("COMMIT")
        for (name,) in files:
            (self.folder / "files" / name).unlink(missing_ok=True)

    # --- what the lake holds ---------------------------------------------------------------------

    def snapshot(self) -> int:
        """The newest snapshot of the lake that answers went into; 0 where none ever did."""
        row = self._one("SELECT snapshot FROM lake", ())
        return int(row[0]) if row else 0

    def note_snapshot(self, number: int) -> None:
        """Note the lake's newest snapshot."""
        with self._lock, self._told():
            self._db.execute("INSERT INTO lake VALUES (1, ?) ON CONFLICT DO UPDATE SET snapshot = excluded.snapshot", (number,))  # fmt: skip

    def offer_again(self) -> None:
        """The lake went back or was lost: every answer waits for it anew, and what has no rows any more is asked again."""
        with self._lock, self._told():
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("DELETE FROM answers WHERE rows IS NULL")
            self._db.execute("UPDATE answers SET taken_in = 0")
            self._db.execute("DELETE FROM rounds")
            self._db.execute("COMMIT")

    def waiting(self, source: str) -> int:
        """Answers that the lake has not taken in."""
        row = self._one("SELECT count(*) FROM answers WHERE source = ? AND taken_in = 0 AND rows IS NOT NULL", (source,))  # fmt: skip
        return int(row[0])

    # --- a day's quota ---------------------------------------------------------------------------

    def today(self) -> date:
        """The quota's day."""
        return self.now().astimezone(KOREA).date()

    def count_call(self, source: str, bucket: str, limit: int | None) -> bool:
        """Count one call against today's quota; False where it is used up (and nothing is counted)."""
        day = self.today().isoformat()
        with self._lock, self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                row = self._one("SELECT count, exhausted FROM calls WHERE source = ? AND bucket = ? AND day = ?", (source, bucket, day))  # fmt: skip
                count, exhausted = row or (0, 0)
                if exhausted or (limit is not None and count >= limit):
                    return False
                self._db.execute(
                    "INSERT INTO calls (source, bucket, day, count) VALUES (?, ?, ?, 1) "
                    "ON CONFLICT DO UPDATE SET count = count + 1",
                    (source, bucket, day),
                )
                return True
            finally:
                self._db.execute("COMMIT")

    def exhaust(self, source: str, bucket: str) -> None:
        """The service itself said that today's quota is used up."""
        with self._lock, self._told():
            self._db.execute(
                "INSERT INTO calls (source, bucket, day, exhausted) VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET exhausted = 1",
                (source, bucket, self.today().isoformat()),
            )

    def calls_today(self, source: str) -> int:
        """Calls made today to a register."""
        row = self._one("SELECT coalesce(sum(count), 0) FROM calls WHERE source = ? AND day = ?", (source, self.today().isoformat()))  # fmt: skip
        return int(row[0]) if row else 0

    def first_answer(self, source: str) -> datetime | None:
        """When a register first answered anything; None where it never did."""
        row = self._one("SELECT min(fetched_at) FROM answers WHERE source = ?", (source,))
        return datetime.fromisoformat(row[0]) if row and row[0] else None

    # --- whole rounds ----------------------------------------------------------------------------

    def finish_round(self, source: str) -> None:
        """A refresh of the whole register came to its end."""
        with self._lock, self._told():
            self._db.execute(
                "INSERT INTO rounds VALUES (?, ?) ON CONFLICT DO UPDATE SET finished_at = excluded.finished_at",
                (source, self.now().isoformat()),
            )

    def last_round(self, source: str) -> datetime | None:
        """When a refresh of the whole register last came to its end; None where never, or by a clock that ran ahead."""
        row = self._one("SELECT finished_at FROM rounds WHERE source = ?", (source,))
        at = datetime.fromisoformat(row[0]) if row else None
        return at if at is None or at <= self.now() else None

    def note_end(self, source: str, outcome: str) -> None:
        """Note how asking the whole register ended: ``ok``, or the error's code."""
        with self._lock, self._told():
            self._db.execute(
                "INSERT INTO ends VALUES (?, ?, ?) "
                "ON CONFLICT DO UPDATE SET outcome = excluded.outcome, ended_at = excluded.ended_at",
                (source, outcome, self.now().isoformat()),
            )

    def last_end(self, source: str) -> str | None:
        """How asking the whole register last ended: ``ok``, or the error's code; None where it never was."""
        row = self._one("SELECT outcome FROM ends WHERE source = ?", (source,))
        return str(row[0]) if row else None

    # --- within ----------------------------------------------------------------------------------

    def _one(self, sql: str, values: tuple[Any, ...]) -> Any:
        with self._lock, self._told():
            return self._db.execute(sql, values).fetchone()

    def _rows(self, sql: str, values: tuple[Any, ...]) -> Iterator[Any]:
        """Rows in small batches by their ids, so that nobody who writes waits for what the caller does with them."""
        last = 0
        while True:
            with self._lock, self._told():
                batch = self._db.execute(sql, (*values, last, _BATCH)).fetchall()
            if not batch:
                return
            yield from batch
            last = batch[-1][0]

    def _each(self, sql: str, values: tuple[Any, ...]) -> Iterator[Stored]:
        return (self._stored(row[1:]) for row in self._rows(sql, values))

    def _stored(self, row: Any) -> Stored:
        endpoint, request, at, packed, file = row
        with self._told():
            rows = zlib.decompress(packed)
        return Stored(
            endpoint,
            json.loads(request),
            datetime.fromisoformat(at),
            json.loads(rows),
            self.folder / "files" / file if file else None,
        )

    def _write_file(self, source: str, call: Call, answer: Answer) -> str:
        """The file's bytes under a name of their own, whole or not at all."""
        digest = hashlib.sha256(f"{call.endpoint} {call.request}".encode()).hexdigest()[:16]
        safe = "".join(c if c.isalnum() or c in "._-" else "_" for c in answer.file_name or "file")
        name = f"{source}-{digest}-{safe[-80:]}"
        goal = self.folder / "files" / name
        unfinished = goal.with_name(f".{name}.{os.getpid()}.{threading.get_ident()}.tmp")
        try:
            if isinstance(answer.file, Path):
                answer.file.replace(goal)
                return name
            unfinished.write_bytes(answer.file or b"")
            unfinished.replace(goal)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        return name

    def _forget(self, number: int) -> None:
        """Drop an answer whose file is gone, so that it is asked for again."""
        with self._lock, self._told():
            self._db.execute("DELETE FROM answers WHERE id = ?", (number,))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn a damaged or full file into our error, with what to do."""
        try:
            yield
        except (sqlite3.Error, zlib.error) as error:
            raise inbox_file.busy(self.folder, error) or LakeError(
                {
                    "ko": f"{self.folder}: 받은 답을 둔 파일을 쓸 수 없습니다({error}).",
                    "en": f"{self.folder}: the store of answers cannot be used ({error}).",
                },
                {
                    "ko": "디스크를 확인하고, 상했으면 answers.sqlite 를 지우고 다시 받으세요(저장된 자료는 그대로입니다).",
                    "en": "Check the disk; if the file is damaged, delete answers.sqlite and fetch again (what the lake holds stays).",
                },
            ) from error

    def _link(self, folder: Path, name: str) -> str:
        """Put a kept file beside the exported rows, under the name that the service gave it."""
        folder.mkdir(parents=True, exist_ok=True)
        _, digest, plain = name.split("-", 2)
        goal = folder / plain
        if goal.exists():
            goal = folder / f"{digest}-{plain}"
        try:
            os.link(self.folder / "files" / name, goal)
        except OSError:
            import shutil  # noqa: PLC0415 - only where links are not to be had

            shutil.copyfile(self.folder / "files" / name, goal)
        return str(Path(folder.name) / goal.name)
