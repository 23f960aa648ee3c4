"""Which files of the lake belong to its snapshots. All of them are written once and never changed, so they are copied while writers write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paycanary.errors import BackupError
from paycanary.lake import snapshots

if TYPE_CHECKING:
    from pathlib import Path

    from paycanary.lake.snapshots import Snapshot


def of_snapshots(lake: Path) -> tuple[Snapshot | None, list[str]]:
    """The newest snapshot, and every file that it or an older one needs, relative to the lake; None where there is no snapshot.

    Delta's log of a table belongs to it up to the highest version that a snapshot names: a writer may be further on.

    Raises:
        BackupError: a snapshot cannot be read; a copy without it would lose what it names.
    """
    known, is_all = snapshots.readable(lake / "snapshots")
    if not is_all:
        raise BackupError(
            {"ko": f"{lake}: 읽을 수 없는 기록(snapshots/)이 있어 백업하지 않았습니다.", "en": f"{lake}: a snapshot in snapshots/ cannot be read, so nothing was backed up."},
            {"ko": "파일 권한을 확인하거나 `paycanary rollback` 으로 앞선 기록으로 돌아가세요.", "en": "Check the files' permissions, or go back with `paycanary rollback`."},
        )  # fmt: skip
    if not known:
        return None, []
    newest = known[-1]
    files = {f"snapshots/{snapshot.id:08}.json" for snapshot in known}
    files |= {file for snapshot in known for state in snapshot.tables.values() for file in state.files}  # fmt: skip
    # Also of tables that the newest lacks: a rollback may have gone back to before them, and can be gone back on.
    highest: dict[str, int] = {}
    for snapshot in known:
        for name, state in snapshot.tables.items():
            highest[name] = max(state.version, highest.get(name, 0))
    for name, last in highest.items():
        for path in (lake / "tables" / name / "_delta_log").iterdir():
            version = path.name.split(".")[0]
            if version.isdigit() and int(version) <= last and ".tmp" not in path.name and "#" not in path.name:  # fmt: skip
                files.add(str(path.relative_to(lake)))
    return newest, sorted(files)
