"""Putting a backup back: into an empty home and an empty database, all of it or nothing."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import text

from paycanary.backup import rows
from paycanary.backup.place import Place
from paycanary.errors import BackupError
from paycanary.lake import snapshots
from paycanary.lake.home import lake_path
from paycanary.lake.snapshots import sync_folder
from paycanary.lake.writer import held
from paycanary.progress import SILENT
from paycanary.state.database import Database, database_url, migrations

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from paycanary.backup.manifest import Manifest, Part
    from paycanary.progress import Progress

_AT_ONCE: Final = 8
#: Where the lake is put together before it is there.
_ASIDE: Final = "lake.restoring"


def restore(
    target: str, backup: str | None = None, *, only: Part | None = None, progress: Progress = SILENT
) -> Manifest:
    """Put a backup, the newest unless one is named, into this environment's lake and database, and bring the tables to this version's revision.

    The lake is held meanwhile, written aside and checked; whether the database is empty is looked up and its rows are inserted in one
    transaction; the lake becomes visible just before the commit. Killed before, nothing is there; killed between the two, the same
    command goes on.

    Args:
        target: where backups lie.
        backup: id of one.
        only: the one part that is put back; the other is neither looked at nor changed.
        progress: told of each file.

    Raises:
        BackupError: there is none, it is damaged, of a newer version, without the part that is wanted, or the place is not empty.
        BusyError: a refresh holds the lake.
        StateError: the database cannot be used.
    """
    place = Place(target)
    manifest = place.manifest(backup or place.newest()).of(only, place.shown)
    _refuse_newer(manifest)
    if manifest.lake is None:
        _put_back_rows(place, manifest, lambda: None)
        return manifest
    lake = lake_path()
    lake.parent.mkdir(parents=True, exist_ok=True)
    aside = lake.with_name(_ASIDE)
    with held(lake):
        is_there = _is_restored(lake, manifest)
        if not is_there:
            _refuse_other_lake(lake)
        if manifest.state is not None:
            _refuse_rows()
        try:
            if not is_there:
                _fetch_lake(place, manifest, aside, progress)
            _put_back_rows(place, manifest, lambda: None if is_there else _publish(aside, lake))
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return manifest


def _refuse_rows() -> None:
    """Look before a long way; what counts is looked up again where rows are inserted."""
    database = Database(database_url())
    try:
        if database.revision() is not None:
            with database.moment() as con:
                _refuse_other_rows(con, database.shown)
    finally:
        database.close()


def _put_back_rows(place: Place, manifest: Manifest, publish: Callable[[], None]) -> None:
    """Insert all rows; ``publish`` is called just before they are committed."""
    if manifest.state is None:
        publish()
        return
    database = Database(database_url())
    try:
        with database.rebuilding() as (con, config):
            if database.is_shared:
                # Whoever is about to write a row waits, and then finds other tables.
                for table in rows.tables(con):
                    con.execute(text(f"LOCK TABLE {con.dialect.identifier_preparer.format_table(table)} IN ACCESS EXCLUSIVE MODE"))  # fmt: skip
            _refuse_other_rows(con, database.shown)
            command.downgrade(config, "base")
            command.upgrade(config, manifest.state.revision)
            _insert(con, place, manifest)
            publish()
        database.upgrade()
    finally:
        database.close()


def _insert(con: Connection, place: Place, manifest: Manifest) -> None:
    assert manifest.state is not None  # noqa: S101 - for the type checker: the caller asked
    found = {table.name: table for table in rows.tables(con)}
    if found.keys() != manifest.state.rows.keys():
        other = ", ".join(sorted(found.keys() ^ manifest.state.rows.keys()))
        raise _damaged(place, manifest, f"tables that revision {manifest.state.revision} does not have, or lacks: {other}")  # fmt: skip
    for name, table in found.items():
        file = f"state/{name}.jsonl.gz"
        if file not in manifest.files:
            raise _damaged(place, manifest, file)
        packed = b"".join(place.read(manifest.id, file, manifest.files[file]))
        try:
            count = rows.load(con, table, gzip.GzipFile(fileobj=io.BytesIO(packed)))
        except (ValueError, TypeError, AttributeError, EOFError, OSError, zlib.error) as error:
            raise _damaged(place, manifest, f"{file}: {str(error).splitlines()[0]}") from error
        if count != manifest.state.rows[name]:
            raise _damaged(place, manifest, f"{file}: {count} rows, {manifest.state.rows[name]} expected")  # fmt: skip


def _fetch_lake(place: Place, manifest: Manifest, aside: Path, progress: Progress) -> None:
    shutil.rmtree(aside, ignore_errors=True)
    names = [name for name in manifest.files if name.startswith("lake/")]
    progress.step("copy", len(names))

    def fetch(name: str) -> None:
        relative = Path(name).relative_to("lake")
        if relative.parts[:1] not in (("tables",), ("snapshots",)) or ".." in relative.parts:
            raise _damaged(place, manifest, name)
        path = aside / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            for chunk in place.read(manifest.id, name, manifest.files[name]):
                stream.write(chunk)
            stream.flush()
            os.fsync(stream.fileno())
        progress.advance()

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(fetch, names))


def _publish(aside: Path, lake: Path) -> None:
    """Move the lake to its place: the tables, and then in one step the snapshots that make them visible."""
    try:
        for name in ("tables", "snapshots"):
            # Without a snapshot, as was looked for while the lake was held, what lies there is a dead writer's.
            shutil.rmtree(lake / name, ignore_errors=True)
            if (aside / name).exists():
                (aside / name).rename(lake / name)
        sync_folder(lake)
    except OSError as error:
        raise BackupError(
            {"ko": f"{lake}: 되돌린 저장소를 제자리에 옮길 수 없습니다({os.strerror(error.errno or 0)}).", "en": f"{lake}: the restored lake cannot be moved to its place ({os.strerror(error.errno or 0)})."},
            {"ko": "폴더의 권한을 확인하고 같은 명령을 다시 실행하세요.", "en": "See the folder's permissions and run the same command again."},
        ) from error  # fmt: skip


def _is_restored(lake: Path, manifest: Manifest) -> bool:
    """Whether all files of the backup's lake lie there and its snapshot is the newest: an earlier restore was killed before its end."""
    known = snapshots.history(lake / "snapshots")
    if manifest.lake is None or not known or known[-1].stem != f"{manifest.lake.snapshot:08}":
        return False
    sizes = {name: file.bytes for name, file in manifest.files.items() if name.startswith("lake/")}
    paths = {name: lake / Path(name).relative_to("lake") for name in sizes}
    return all(paths[name].is_file() and paths[name].stat().st_size == size for name, size in sizes.items())  # fmt: skip


def _refuse_newer(manifest: Manifest) -> None:
    if manifest.state is None:
        return
    try:
        ScriptDirectory.from_config(migrations()).get_revision(manifest.state.revision)
    except CommandError as error:
        raise BackupError(
            {"ko": f"{manifest.id}: 이 판의 paycanary 가 모르는 표({manifest.state.revision})의 백업입니다.", "en": f"{manifest.id}: a backup of tables ({manifest.state.revision}) that this version of paycanary does not know."},
            {"ko": f"paycanary {manifest.paycanary} 이상을 쓰세요.", "en": f"Use paycanary {manifest.paycanary} or newer."},
        ) from error  # fmt: skip


def _refuse_other_lake(lake: Path) -> None:
    if snapshots.history(lake / "snapshots"):
        raise BackupError(
            {"ko": f"{lake}: 비어 있지 않은 저장소에는 되돌리지 않습니다.", "en": f"{lake}: nothing is restored over a lake that is not empty."},
            {"ko": "상태만 되돌리려면 `--only state` 를 주세요. 아니면 폴더의 이름을 바꾸거나 PAYCANARY_HOME 에 다른 곳을 주세요.", "en": "Give `--only state` to put only the state back; else rename the folder, or set PAYCANARY_HOME to another place."},
        )  # fmt: skip


def _refuse_other_rows(con: Connection, shown: str) -> None:
    if not rows.is_empty(con):
        raise BackupError(
            {"ko": f"{shown}: 비어 있지 않은 데이터베이스에는 되돌리지 않습니다.", "en": f"{shown}: nothing is restored over a database that is not empty."},
            {"ko": "저장소만 되돌리려면 `--only lake` 를, 아니면 DATABASE_URL 에 새 데이터베이스를 주세요.", "en": "Give `--only lake` to put only the lake back; else set DATABASE_URL to a new database."},
        )  # fmt: skip


def _damaged(place: Place, manifest: Manifest, what: str) -> BackupError:
    return BackupError(
        {"ko": f"{place.shown}/{manifest.id}: {what}: 백업이 손상되었습니다.", "en": f"{place.shown}/{manifest.id}: {what}: the backup is damaged."},
        {"ko": "다른 백업을 쓰세요(`paycanary backup list`).", "en": "Take another backup (`paycanary backup list`)."},
    )  # fmt: skip
