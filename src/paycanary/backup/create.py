"""Making a backup, listing and verifying what there is."""

from __future__ import annotations

import gzip
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alembic.migration import MigrationContext

from paycanary import __version__
from paycanary.backup import rows
from paycanary.backup.lake_files import of_snapshots
from paycanary.backup.manifest import NAME, LakePart, Manifest, StatePart
from paycanary.backup.place import Place
from paycanary.errors import BackupError, UsageError
from paycanary.lake.home import lake_path
from paycanary.progress import SILENT
from paycanary.state.database import Database, database_url

if TYPE_CHECKING:
    from paycanary.backup.manifest import File, Part
    from paycanary.progress import Progress

#: Files that are copied side by side.
_AT_ONCE: Final = 8
#: What was begun so long ago and never ended is taken away: whoever made it is dead.
_ABANDONED: Final = timedelta(days=1)


def create(
    target: str, *, keep: int | None = None, only: Part | None = None, progress: Progress = SILENT
) -> Manifest:
    """Back up the state and the lake of this environment; then remove all but the ``keep`` newest backups of each of the two.

    The state comes first and the lake after it, so that nothing in the state speaks of a snapshot that the lake of the backup lacks.

    Raises:
        UsageError: there is nothing to back up, or ``keep`` is below 1.
        BackupError: the place or the lake cannot be used, or a part is gone that the backup before had and that was not left out by ``only``.
        StateError: the database cannot be read.
    """
    if keep is not None and keep < 1:
        raise UsageError(
            {
                "ko": f"{keep}개만 남기면 백업이 없습니다.",
                "en": f"Keeping {keep} leaves no backup.",
            },
            {"ko": "--keep 에는 1 이상을 주세요.", "en": "Give --keep at least 1."},
        )
    place = Place(target, make=True)
    now = datetime.now(UTC)
    # The second, and its fraction in steps of 16 microseconds: in the order in which they were made, also within one second.
    backup = f"{now:%Y%m%dT%H%M%SZ}-{now.microsecond // 16:04x}"
    before = place.ids()[-1:]
    files: dict[str, File] = {}
    state = _state(place, backup, files) if only != "lake" else None
    lake = _lake(place, backup, files, progress) if only != "state" else None
    if state is None and lake is None:
        raise UsageError(
            {"ko": "백업할 것이 없습니다. 저장소도 데이터베이스도 비어 있습니다.", "en": "There is nothing to back up: neither a lake nor tables of the service."},
            {"ko": "PAYCANARY_HOME 과 DATABASE_URL 을 확인하세요.", "en": "See that PAYCANARY_HOME and DATABASE_URL are right."},
        )  # fmt: skip
    made = Manifest(id=backup, created_at=now, paycanary=__version__, state=state, lake=lake, files=files)  # fmt: skip
    if only is None:
        for last in before:
            _refuse_less(place, made, place.manifest(last))
    place.put(backup, NAME, made.model_dump_json(indent=1).encode())
    if keep is not None:
        for old in [*_outlived(place, keep), *place.unfinished(now - _ABANDONED)]:
            place.delete(old)
    return made


def _outlived(place: Place, keep: int) -> list[str]:
    """Backups that are among the newest ``keep`` neither of those with a state nor of those with a lake."""
    ids = place.ids()
    if len(ids) <= keep:
        return []
    known = [place.manifest(each) for each in ids]
    newest = {each.id for each in [m for m in known if m.state][-keep:] + [m for m in known if m.lake][-keep:]}  # fmt: skip
    return [each for each in ids if each not in newest]


def _refuse_less(place: Place, made: Manifest, last: Manifest) -> None:
    """Refuse a backup without a part that the last one had: a setting that got lost, rather than what anybody wants."""
    parts: tuple[Part, Part] = ("state", "lake")
    for part in parts:
        if getattr(last, part) is not None and getattr(made, part) is None:
            place.delete(made.id)
            setting = {"state": "DATABASE_URL", "lake": "PAYCANARY_HOME"}[part]
            rest = "lake" if part == "state" else "state"
            raise BackupError(
                {"ko": f"{place.shown}: 앞선 백업 {last.id} 에는 {'상태' if part == 'state' else '저장소'} 이(가) 있는데 여기에는 없어서 백업하지 않았습니다.", "en": f"{place.shown}: the backup before, {last.id}, has the {part} and this environment has none, so nothing was backed up."},
                {"ko": f"{setting} 을(를) 확인하거나, 뜻한 것이라면 `--only {rest}` 를 주세요.", "en": f"See that {setting} is right or, if that is meant, give `--only {rest}`."},
            )  # fmt: skip


def listed(target: str) -> list[Manifest]:
    """Whole backups in a place, oldest first.

    Raises:
        BackupError: it cannot be used, or a manifest cannot be read.
    """
    place = Place(target)
    return [place.manifest(backup) for backup in place.ids()]


def verify(target: str, backup: str | None = None, progress: Progress = SILENT) -> Manifest:
    """Read every file of a backup, the newest unless one is named, and compare its checksum.

    Raises:
        BackupError: a file is missing or damaged, or there is no such backup.
    """
    place = Place(target)
    manifest = place.manifest(backup or place.newest())
    progress.step("verify", len(manifest.files))

    def whole(name: str) -> None:
        for _ in place.read(manifest.id, name, manifest.files[name]):
            pass
        progress.advance()

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(whole, manifest.files))
    return manifest


def _state(place: Place, backup: str, files: dict[str, File]) -> StatePart | None:
    database = Database(database_url())
    path = database.engine.url.database
    try:
        if not database.is_shared and not (path and Path(path).exists()):
            return None  # reading it would make an empty file
        counts = {}
        with database.moment() as con, tempfile.TemporaryDirectory() as scratch:
            # In the same moment as the rows: a migration may come between.
            revision = MigrationContext.configure(con).get_current_revision()
            if revision is None:
                return None
            for table in rows.tables(con):
                written, counts[table.name] = Path(scratch) / table.name, 0
                with gzip.GzipFile(written, "wb", mtime=0) as stream:
                    for line in rows.dump(con, table):
                        stream.write(line)
                        counts[table.name] += 1
                name = f"state/{table.name}.jsonl.gz"
                files[name] = place.put(backup, name, written)
        return StatePart(revision=revision, rows=counts)
    finally:
        database.close()


def _lake(place: Place, backup: str, files: dict[str, File], progress: Progress) -> LakePart | None:
    lake = lake_path()
    newest, names = of_snapshots(lake)
    if newest is None:
        return None
    progress.step("copy", len(names))

    def copy(name: str) -> tuple[str, File]:
        told = place.put(backup, f"lake/{name}", lake / name)
        progress.advance()
        return f"lake/{name}", told

    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            files.update(pool.map(copy, names))
    except OSError as error:
        raise BackupError(
            {"ko": f"{lake}: 복사하는 동안 파일을 읽을 수 없었습니다({os.strerror(error.errno or 0)}).", "en": f"{lake}: a file could not be read while it was copied ({os.strerror(error.errno or 0)})."},
            {"ko": "저장소를 다른 프로그램이 정리하는 중이면 다시 실행하세요.", "en": "If another program is tidying the lake, run this again."},
        ) from error  # fmt: skip
    return LakePart(snapshot=newest.id, rows={name: state.rows for name, state in newest.tables.items()})  # fmt: skip
