"""``backup``: copies of the service's state and the lake, in a folder or on S3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from paycanary.cli.context import (
    JsonOption,
    LangOption,
    console,
    extra,
    print_json,
    progress,
    settle,
)

if TYPE_CHECKING:
    from paycanary.backup.manifest import Manifest
    from paycanary.documents.backups import BackupEntry
    from paycanary.errors import Lang

backup_app = typer.Typer(
    help="Copies of the service's state and the lake: make, list, verify, put back.",
    no_args_is_help=True,
)
PlaceArgument = Annotated[
    str, typer.Argument(metavar="PLACE", help="A folder, or s3://BUCKET/PREFIX.", show_default=False)
]  # fmt: skip
IdOption = Annotated[
    str | None, typer.Option("--id", metavar="ID", help="Which; default: the newest.", show_default=False)
]  # fmt: skip
OnlyOption = Annotated[
    Literal["state", "lake"] | None, typer.Option("--only", help="One part alone; default: both.", show_default=False)
]  # fmt: skip


@backup_app.command()
def create(
    place: PlaceArgument,
    keep: Annotated[int | None, typer.Option("--keep", metavar="N", help="Then remove all but the N newest of each part.", show_default=False)] = None,
    only: OnlyOption = None,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Back up the state (DATABASE_URL, else the file in paycanary's home) and the lake, while both are in use."""
    language = settle(lang, json=json)
    with extra("serve"):
        from paycanary.backup.create import create as make  # noqa: PLC0415
    with progress() as shown:
        made = make(place, keep=keep, only=only, progress=shown)
    _tell(made, {"ko": "백업했습니다", "en": "backed up"}, language, json=json)


@backup_app.command("list")
def listed(place: PlaceArgument, lang: LangOption = None, json: JsonOption = False) -> None:
    """List whole backups, oldest first; one that was cut off is none."""
    language = settle(lang, json=json)
    with extra("serve"):
        from paycanary.backup.create import listed as found  # noqa: PLC0415
    from paycanary.documents.backups import Backups  # noqa: PLC0415

    told = Backups(place=place, backups=[_entry(each) for each in found(place)])
    if json:
        print_json(told)
        return
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    head = {"ko": ("번호", "만든 때", "판", "표의 판", "기록", "크기"), "en": ("Id", "Made", "Version", "Tables", "Snapshot", "Size")}[language]  # fmt: skip
    drawn = Table(*head, box=box.SIMPLE_HEAD)
    for each in told.backups:
        drawn.add_row(each.id, f"{each.created_at:%Y-%m-%d %H:%M:%S}Z", each.paycanary, each.revision or "-", str(each.snapshot or "-"), _size(each.bytes))  # fmt: skip
    console().print(drawn)


@backup_app.command()
def verify(place: PlaceArgument, backup: IdOption = None, lang: LangOption = None, json: JsonOption = False) -> None:  # fmt: skip
    """Read every file of a backup and compare its checksum."""
    language = settle(lang, json=json)
    with extra("serve"):
        from paycanary.backup.create import verify as check  # noqa: PLC0415
    with progress() as shown:
        found = check(place, backup, shown)
    _tell(found, {"ko": "온전합니다", "en": "is whole"}, language, json=json)


@backup_app.command()
def restore(
    place: PlaceArgument, backup: IdOption = None, only: OnlyOption = None, lang: LangOption = None, json: JsonOption = False
) -> None:  # fmt: skip
    """Put a backup into an empty home and an empty database; nothing is ever restored over something else."""
    language = settle(lang, json=json)
    with extra("serve"):
        from paycanary.backup.restore import restore as put_back  # noqa: PLC0415
    with progress() as shown:
        done = put_back(place, backup, only=only, progress=shown)
    _tell(done, {"ko": "되돌렸습니다", "en": "restored"}, language, json=json)


def _entry(manifest: Manifest) -> BackupEntry:
    from paycanary.documents.backups import BackupEntry  # noqa: PLC0415

    state, lake = manifest.state, manifest.lake
    return BackupEntry(
        id=manifest.id, created_at=manifest.created_at, paycanary=manifest.paycanary, revision=state and state.revision,
        state_rows=state and state.rows, snapshot=lake and lake.snapshot, lake_rows=lake and lake.rows, files=len(manifest.files), bytes=manifest.size,
    )  # fmt: skip


def _tell(manifest: Manifest, done: dict[Lang, str], lang: Lang, *, json: bool) -> None:
    entry = _entry(manifest)
    if json:
        print_json(entry)
        return
    none: dict[Lang, str] = {"ko": "없음", "en": "none"}
    state, lake = entry.state_rows, entry.lake_rows
    rows = "-" if state is None else f"{sum(state.values()):,}"
    figures = "-" if lake is None else f"{sum(lake.values()):,}"
    console().print({
        "ko": f"{entry.id}: {done['ko']}. 상태 {rows}행(표의 판 {entry.revision or none['ko']}), 저장소 {figures}행(기록 {entry.snapshot or none['ko']}), 파일 {entry.files}개 {_size(entry.bytes)}.",
        "en": f"{entry.id}: {done['en']}. State: {rows} rows (tables {entry.revision or none['en']}); lake: {figures} rows (snapshot {entry.snapshot or none['en']}); {entry.files} files, {_size(entry.bytes)}.",
    }[lang])  # fmt: skip


def _size(count: int) -> str:
    return f"{count / 2**20:,.1f} MiB"
