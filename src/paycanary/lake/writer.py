"""Writing the lake: one writer at a time, everything or nothing.

The order of a commit: data files, then each table's Delta commit, then the snapshot file. Only the last makes
anything visible. Whatever a killed writer left behind (data files, Delta versions beyond the snapshot) is taken
back by the next writer before it starts.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from paycanary.errors import BusyError, DiskFullError, LakeError, PaycanaryError, ReadOnlyError
from paycanary.lake import snapshots
from paycanary.lake.reader import is_damaged, unreadable
from paycanary.lake.snapshots import EMPTY, Snapshot, TableState
from paycanary.lake.tables import TABLES, Table
from paycanary.sources.patterns import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import duckdb
    from deltalake import Schema
    from deltalake.transaction import AddAction

#: Rows in a Parquet row group: small, so that one company's rows are found without reading the rest.
ROW_GROUP = 20_480
#: A table of more files than this is rewritten as one by the refresh that would add another.
MAX_FILES = 24
_DELTA_TYPES = {
    "VARCHAR": "string", "DATE": "date", "TIMESTAMPTZ": "timestamp", "BIGINT": "long", "INTEGER": "integer",
    "DOUBLE": "double", "BOOLEAN": "boolean",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _File:
    """A data file that a commit adds: its path within the lake, and its rows."""

    path: str
    rows: int


@dataclass(slots=True)
class _Change:
    """What a commit does to a table: the files that it adds, beside the base's or in their place."""

    added: list[_File] = field(default_factory=list)
    is_whole: bool = False


class Writer:
    """A commit in the making; get one from `writing`."""

    def __init__(self, root: Path, base: Snapshot) -> None:
        self.root = root
        self.base = base
        self.is_committed = False
        self._changes: dict[str, _Change] = {}

    def write(
        self, con: duckdb.DuckDBPyConnection, name: str, select: str, *, replace: bool = False
    ) -> int:
        """Write the rows of ``select`` to a new data file of table ``name``; nothing is visible before `commit`.

        Returns:
            Number of rows of ``select``.
        """
        table = TABLES[name]
        state = self.base.tables.get(name)
        before = 0
        if not replace and state and len(state.files) >= MAX_FILES:
            columns = ", ".join(table.column_names)
            select = f"SELECT {columns} FROM {snapshots.parquet(self.root, state)} UNION ALL SELECT {columns} FROM ({select})"
            replace, before = True, state.rows
        file = self._copy(con, table, select, f"tables/{name}/part-{uuid4().hex}.parquet")
        if file.rows == 0 and not replace:
            (self.root / file.path).unlink()
            return 0
        self._changes[name] = _Change([file], replace)
        return file.rows - before

    def add(
        self,
        con: duckdb.DuckDBPyConnection,
        name: str,
        value: str,
        select: str,
        *,
        row_group: int = ROW_GROUP,
        constant: Mapping[str, str] | None = None,
    ) -> tuple[str, int]:
        """Write the rows of ``select`` to a new data file in the folder of partition ``value``, beside all that is there.

        ``constant``: SQL of columns that are the same in all rows, which so need not be put in order with them.

        Returns:
            The file within the lake, and its rows.
        """  # fmt: skip
        table = TABLES[name]
        path = f"tables/{name}/{table.partition}={value}/part-{uuid4().hex}.parquet"
        file = self._copy(con, table, select, path, row_group=row_group, constant=constant)
        self._changes.setdefault(name, _Change()).added.append(file)
        return file.path, file.rows

    def replace_all(self, name: str) -> None:
        """Let this commit's files of a table stand in place of those that are there."""
        self._changes.setdefault(name, _Change()).is_whole = True

    def forget(self, name: str) -> None:
        """Take back what was written to a table in this commit."""
        change = self._changes.pop(name, _Change())
        for file in change.added:
            (self.root / file.path).unlink(missing_ok=True)

    def files(self, name: str) -> tuple[str, ...]:
        """The data files of a table as they will be after this commit."""
        change = self._changes.get(name, _Change())
        state = self.base.tables.get(name)
        return (*_kept(state, change), *(file.path for file in change.added))

    def select(self, name: str) -> str:
        """A query of a table as it will be after this commit."""
        table, files = TABLES[name], self.files(name)
        if not files:
            return table.nothing
        stored = snapshots.parquet(self.root, TableState(0, files, 0))
        return f"SELECT {', '.join(table.column_names)} FROM {stored}"

    def _copy(
        self, con: duckdb.DuckDBPyConnection, table: Table, select: str, path: str, *, row_group: int = ROW_GROUP,
        constant: Mapping[str, str] | None = None,
    ) -> _File:  # fmt: skip
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        values = constant or {}
        stored = [c for c in table.columns if c.name != table.partition]
        columns = ", ".join(f"CAST({values.get(c.name, c.name)} AS {c.type}) AS {c.name}" for c in stored)  # fmt: skip
        sorted_ = ", ".join(f"CAST({c.name} AS {c.type}) AS {c.name}" for c in stored if c.name not in values)  # fmt: skip
        rows = int(
            con.execute(
                f"COPY (SELECT {columns} FROM (SELECT {sorted_} FROM ({select}) ORDER BY {', '.join(table.sort)})) TO {literal(str(target))} "
                f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {row_group})"
            ).fetchall()[0][0]
        )
        with target.open("rb") as stream:
            os.fsync(stream.fileno())
        return _File(path, rows)

    def commit(self, summary: dict[str, Any]) -> Snapshot:
        """Publish everything written as the next snapshot."""
        tables = dict(self.base.tables)
        for name, change in self._changes.items():
            tables[name] = self._commit_table(name, change)
        snapshot = Snapshot(self.base.id + 1, "refresh", snapshots.now(), tables, summary)
        snapshots.save(snapshot, self.root / "snapshots")
        self.is_committed = True
        return snapshot

    def _commit_table(self, name: str, change: _Change) -> TableState:
        from deltalake import DeltaTable  # noqa: PLC0415 - heavy; only a commit needs it
        from deltalake.transaction import create_table_with_add_actions  # noqa: PLC0415

        table = TABLES[name]
        folder = self.root / "tables" / name
        adds: list[Any] = [self._action(name, file) for file in change.added]
        schema = _schema(table)
        by = [table.partition] if table.partition else []
        if DeltaTable.is_deltatable(str(folder)):
            delta = DeltaTable(folder)
            # A table that the base lacks may still hold what was rolled back.
            is_whole = change.is_whole or name not in self.base.tables
            delta.create_write_transaction(
                adds, mode="overwrite" if is_whole else "append", schema=schema, partition_by=by
            )
            version = DeltaTable(folder).version()
        else:
            create_table_with_add_actions(
                str(folder), schema, adds, mode="error", partition_by=by, name=name
            )
            version = 0
        before = self.base.tables.get(name)
        kept = _kept(before, change)
        rows = before.rows if before and kept else 0
        files = (*kept, *(file.path for file in change.added))
        return TableState(version, files, rows + sum(file.rows for file in change.added))

    def _action(self, name: str, file: _File) -> AddAction:
        from deltalake.transaction import AddAction  # noqa: PLC0415

        info = (self.root / file.path).stat()
        column, value = snapshots.partition_of(file.path)
        return AddAction(
            path=file.path.removeprefix(f"tables/{name}/"),
            size=info.st_size,
            partition_values={column: value} if column else {},
            modification_time=int(info.st_mtime * 1000),
            data_change=True,
            stats=json.dumps({"numRecords": file.rows}),
        )


def _kept(state: TableState | None, change: _Change) -> tuple[str, ...]:
    """The files of the base that stay."""
    return state.files if state is not None and not change.is_whole else ()


@contextmanager
def writing(root: Path) -> Iterator[Writer]:
    """Hold the lake for writing.

    Raises:
        BusyError: another refresh holds it.
        ReadOnlyError: the folder cannot be written.
        DiskFullError: the disk filled; nothing of this refresh was kept.
    """
    with _translated(root), _locked(root):
        found = snapshots.history(root / "snapshots")
        base = _take_back(root, snapshots.load(found[-1]) if found else EMPTY)
        writer = Writer(root, base)
        try:
            yield writer
        except BaseException:
            _drop_unreferenced(root)
            raise
        else:
            if not writer.is_committed:
                _drop_unreferenced(root)
        finally:
            shutil.rmtree(root / ".spill", ignore_errors=True)


@contextmanager
def held(root: Path) -> Iterator[None]:
    """Hold the lake so that nobody writes to it, without a commit of one's own.

    Raises:
        BusyError: a refresh holds it.
        LakeError: the folder cannot be used.
    """
    with _translated(root), _locked(root):
        yield


def rollback(root: Path, to: int | None = None) -> Snapshot:
    """Go back to snapshot ``to`` (default: the one before the newest) by a new snapshot equal to it.

    Raises:
        LakeError: there is no such snapshot.
    """
    with _translated(root), _locked(root):
        found = snapshots.history(root / "snapshots")
        known = {int(path.stem): path for path in found}
        newest = max(known, default=0)
        target = newest - 1 if to is None else to
        if newest == 0:
            raise LakeError(
                {
                    "ko": f"{root}: 되돌릴 기록이 없습니다.",
                    "en": f"{root}: there is nothing to go back to.",
                },
                {
                    "ko": "먼저 `paycanary refresh` 를 하세요.",
                    "en": "Run `paycanary refresh` first.",
                },
            )
        if target not in known and target != 0:
            raise LakeError(
                {"ko": f"{target}번 기록이 없습니다.", "en": f"There is no snapshot {target}."},
                {
                    "ko": "`paycanary status` 가 보여 주는 번호를 고르세요.",
                    "en": "Choose one of those that `paycanary status` lists.",
                },
            )
        goal = snapshots.load(known[target]) if target else EMPTY
        tables = {name: _restored(root, name, state) for name, state in goal.tables.items()}
        snapshot = Snapshot(newest + 1, "rollback", snapshots.now(), tables, {"to": target})
        snapshots.save(snapshot, root / "snapshots")
        return snapshot


def _take_back(root: Path, base: Snapshot) -> Snapshot:
    """Undo what a killed writer did after the snapshot; returns the snapshot with the Delta versions as they now are."""
    tables = {name: _restored(root, name, state) for name, state in base.tables.items()}
    _drop_unreferenced(root)
    shutil.rmtree(root / ".spill", ignore_errors=True)
    return Snapshot(base.id, base.kind, base.committed_at, tables, base.summary)


def _restored(root: Path, name: str, state: TableState) -> TableState:
    """The state with the Delta table's newest version made equal to it."""
    from deltalake import DeltaTable  # noqa: PLC0415

    delta = DeltaTable(root / "tables" / name)
    if delta.version() != state.version:
        delta.restore(state.version)
    return TableState(delta.version(), state.files, state.rows)


def _drop_unreferenced(root: Path) -> None:
    """Delete what no snapshot names, also none that was rolled back: it never was visible."""
    known, is_all = snapshots.readable(root / "snapshots")
    if not is_all:
        return  # a damaged record may name files that a person can still rescue
    named = {name for snapshot in known for name in snapshot.tables}
    kept = {f for snapshot in known for state in snapshot.tables.values() for f in state.files}
    for folder in (root / "tables").glob("*"):
        if folder.name not in named:
            shutil.rmtree(folder)
    for path in (root / "tables").rglob("*.parquet"):
        if path.relative_to(root).as_posix() not in kept:
            path.unlink(missing_ok=True)
    # Half-written records of a commit: Delta's, then ours.
    for path in (*(root / "tables").glob("*/_delta_log/*"), *(root / "snapshots").glob(".*.tmp")):
        if path.suffix == ".tmp" or "#" in path.name:
            path.unlink(missing_ok=True)


def _schema(table: Table) -> Schema:
    from deltalake import Field, Schema  # noqa: PLC0415
    from deltalake.schema import PrimitiveType  # noqa: PLC0415

    return Schema([Field(c.name, PrimitiveType(_DELTA_TYPES[c.type])) for c in table.columns])


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout  # noqa: PLC0415

    root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(root / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise BusyError(
            {
                "ko": f"{root}: 다른 refresh 가 저장소를 쓰고 있습니다.",
                "en": f"{root}: another refresh is writing to the store.",
            },
            {
                "ko": "끝난 뒤에 다시 실행하세요. 조회는 지금도 됩니다.",
                "en": "Run this again when it has finished; reading works meanwhile.",
            },
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _translated(root: Path) -> Iterator[None]:
    """Turn the system's errors into ours, with what to do next."""
    try:
        yield
    except PaycanaryError:
        raise
    except Exception as error:
        number = getattr(error, "errno", None)
        text = str(error)
        # Room for the moment is taken elsewhere too: name the place that failed.
        named = getattr(error, "filename", None)
        where = named if isinstance(named, str) and not Path(named).is_relative_to(root) else root
        if number == errno.ENOSPC or "No space left" in text or number == errno.EDQUOT:
            raise DiskFullError(
                {
                    "ko": f"{where}: 디스크가 가득 찼습니다. 쓰던 것은 하나도 남기지 않았습니다.",
                    "en": f"{where}: the disk is full. Nothing of what was being written was kept.",
                },
                {
                    "ko": "공간을 비우거나 PAYCANARY_HOME 을 다른 디스크로 옮긴 뒤 다시 실행하세요.",
                    "en": "Free some space, or move PAYCANARY_HOME to another disk, and run it again.",
                },
            ) from error
        if isinstance(error, PermissionError) or number in (errno.EROFS, errno.EACCES) or "Read-only file system" in text or "Permission denied" in text:  # fmt: skip
            raise ReadOnlyError(
                {
                    "ko": f"{where}: 이 폴더에 쓸 수 없습니다.",
                    "en": f"{where}: this folder cannot be written.",
                },
                {
                    "ko": "권한을 주거나 PAYCANARY_HOME 을 쓸 수 있는 폴더로 정하세요.",
                    "en": "Grant permission, or set PAYCANARY_HOME to a folder that can be written.",
                },
            ) from error
        if _is_stored_data(error) and is_damaged(root):
            raise unreadable(root, error) from error
        if isinstance(error, OSError) or _is_stored_data(error):
            text = text.splitlines()[0].rstrip(".")
            raise LakeError(
                {"ko": f"{root}: {text}.", "en": f"{root}: {text}."},
                {
                    "ko": "폴더와 디스크를 확인한 뒤 다시 실행하세요.",
                    "en": "Check the folder and the disk, and run it again.",
                },
            ) from error
        raise


def _is_stored_data(error: Exception) -> bool:
    """Whether DuckDB or Delta Lake met a file that it could not read or write."""
    import duckdb  # noqa: PLC0415
    from deltalake.exceptions import DeltaError  # noqa: PLC0415

    kinds = (
        duckdb.OperationalError,
        duckdb.InternalError,
        duckdb.InvalidInputException,
        DeltaError,
    )
    return isinstance(error, kinds)
