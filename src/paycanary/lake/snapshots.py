"""Snapshots: which version of every table belongs together.

Delta Lake commits one table atomically; a refresh touches several. So a commit here is one small file,
``snapshots/00000007.json``, that names each table's Delta version and data files. It is created in one step that fails if
it exists already, hence a refresh appears whole or not at all, and a reader that opened snapshot 6 goes on
reading snapshot 6. Readers need this file and Parquet only: they never open a Delta log.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from paycanary.errors import LakeError
from paycanary.sources.patterns import quoted

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class TableState:
    """A table in a snapshot: its Delta version, its Parquet files (relative to the lake), its rows."""

    version: int
    files: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the lake held after one commit.

    ``kind`` is ``refresh`` or ``rollback``; ``summary`` is the refresh's own account of itself.
    """

    id: int
    kind: str
    committed_at: str
    tables: dict[str, TableState] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)


EMPTY = Snapshot(0, "empty", "")


def load(path: Path) -> Snapshot:
    """Read a snapshot file.

    Raises:
        LakeError: the file cannot be read or is not a snapshot.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return Snapshot(
            id=raw["id"],
            kind=raw["kind"],
            committed_at=raw["committed_at"],
            tables={
                name: TableState(t["version"], tuple(t["files"]), t["rows"])
                for name, t in raw["tables"].items()
            },
            summary=raw["summary"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LakeError(
            {
                "ko": f"{path}: 저장소 기록을 읽을 수 없습니다({error}).",
                "en": f"{path}: the store's record cannot be read ({error}).",
            },
            {
                "ko": "파일 권한을 확인하거나 `paycanary rollback` 으로 앞선 기록으로 돌아가세요.",
                "en": "Check the file's permissions, or go back with `paycanary rollback`.",
            },
        ) from error


def history(folder: Path) -> list[Path]:
    """Snapshot files, oldest first."""
    return sorted(folder.glob("[0-9]*.json")) if folder.is_dir() else []


def readable(folder: Path) -> tuple[list[Snapshot], bool]:
    """Snapshots that can be read, oldest first, and whether those are all."""
    found = []
    paths = history(folder)
    for path in paths:
        try:
            found.append(load(path))
        except LakeError:
            continue
    return found, len(found) == len(paths)


def parquet(root: Path, state: TableState) -> str:
    """A table's files as DuckDB reads them: ``read_parquet([...])``, whatever characters the folder's name has."""
    files = ", ".join(quoted(root / file) for file in state.files)
    column = partition_of(state.files[0])[0]
    # Only that column: a folder above the lake may be called 'a=b' too.
    hive = f", hive_partitioning = true, hive_types = {{'{column}': VARCHAR}}" if column else ""
    return f"read_parquet([{files}]{hive})"


def partition_of(file: str) -> tuple[str, str]:
    """Column and value of the folder that a data file lies in: ``tables/x/month=2026-06/part.parquet``; both empty where there is none."""
    steps = file.split("/")
    column, _, value = steps[2].partition("=") if len(steps) > 3 else ("", "", "")  # noqa: PLR2004 - tables, table, folder, file
    return column, value


def save(snapshot: Snapshot, folder: Path) -> None:
    """Publish a snapshot: written aside, flushed to the disk, then linked to its name in one step.

    Raises:
        FileExistsError: another writer published this number first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{snapshot.id}.{os.getpid()}.tmp"
    try:
        write(snapshot, aside)
        os.link(aside, folder / f"{snapshot.id:08}.json")
    finally:
        aside.unlink(missing_ok=True)
    sync_folder(folder)


def write(snapshot: Snapshot, path: Path) -> None:
    """Write a snapshot to a file and flush it to the disk."""
    with path.open("w", encoding="utf-8") as stream:
        json.dump(asdict(snapshot), stream, ensure_ascii=False, separators=(",", ":"))
        stream.flush()
        os.fsync(stream.fileno())


def now() -> str:
    """This moment in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def sync_folder(folder: Path) -> None:
    """Flush to the disk which names a folder holds."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
