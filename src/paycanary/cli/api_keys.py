"""``api-keys``: keys of this service's own HTTP API. For whoever runs it."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from paycanary.cli.context import JsonOption, LangOption, console, extra, print_json, settle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paycanary.documents.http import ApiKeyEntry
    from paycanary.state.database import Database
    from paycanary.state.tables import ApiKey

api_keys_app = typer.Typer(
    help="Keys of this service's HTTP API: make one, list them, revoke one.", no_args_is_help=True
)


@api_keys_app.command("create")
def create(
    name: Annotated[
        str, typer.Option("--name", metavar="TEXT", help="Who holds it.", show_default=False)
    ],
    scope: Annotated[
        str,
        typer.Option("--scope", metavar="SCOPE,...", help="What it allows: read, moderate."),
    ] = "read",
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:
    """Make a key and show it, once: only its hash is kept."""
    from paycanary.documents.http import NewApiKey  # noqa: PLC0415

    language = settle(lang, json=json)
    scopes = [part.strip() for part in scope.split(",") if part.strip()]
    with _opened() as database:
        from paycanary.state import keys  # noqa: PLC0415

        key, row = keys.create(database, name, scopes)
    if json:
        print_json(NewApiKey(key=key, entry=_entry(row)))
        return
    said = {
        "ko": f"{row.name}({row.id}, {row.scopes})의 키입니다. 다시 볼 수 없으니 지금 옮겨 적으세요.",
        "en": f"Key of {row.name} ({row.id}, {row.scopes}). It cannot be shown again: copy it now.",
    }
    console(stderr=True).print(said[language])
    # The key alone on standard output, so that it can be piped into a place for secrets.
    typer.echo(key)


@api_keys_app.command("list")
def listed(lang: LangOption = None, json: JsonOption = False) -> None:
    """List all keys, also revoked ones: who holds them, what they allow, when they were last used."""
    from paycanary.documents.http import ApiKeys  # noqa: PLC0415

    language = settle(lang, json=json)
    with _opened() as database:
        from paycanary.state import keys  # noqa: PLC0415

        found = ApiKeys(keys=[_entry(row) for row in keys.every(database)])
    if json:
        print_json(found)
        return
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    head = {
        "ko": ("번호", "이름", "권한", "만든 날", "마지막 쓴 날", "취소한 날"),
        "en": ("Id", "Name", "Scopes", "Made", "Last used", "Revoked"),
    }[language]
    drawn = Table(*head, box=box.SIMPLE_HEAD)
    for key in found.keys:
        drawn.add_row(
            key.id,
            key.name,
            ", ".join(key.scopes),
            f"{key.created_at:%Y-%m-%d}",
            str(key.used_on or ""),
            f"{key.revoked_at:%Y-%m-%d}" if key.revoked_at else "",
        )
    console().print(drawn)


@api_keys_app.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `api-keys list` shows it.")],
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:
    """Take a key's rights away for good; running services know it within ten seconds."""
    language = settle(lang, json=json)
    with _opened() as database:
        from paycanary.state import keys  # noqa: PLC0415

        row = keys.revoke(database, key_id)
    if json:
        print_json(_entry(row))
        return
    said = {
        "ko": f"{row.name}({row.id})의 키를 취소했습니다.",
        "en": f"Revoked the key of {row.name} ({row.id}).",
    }
    console().print(said[language])


@contextmanager
def _opened() -> Iterator[Database]:
    with extra("serve"):
        from paycanary.state.database import open_database  # noqa: PLC0415
    with closing(open_database()) as database:
        yield database


def _entry(row: ApiKey) -> ApiKeyEntry:
    from paycanary.documents.http import ApiKeyEntry  # noqa: PLC0415

    return ApiKeyEntry(
        id=row.id,
        name=row.name,
        scopes=row.scopes.split(),
        created_at=row.created_at,
        revoked_at=row.revoked_at,
        used_on=row.used_on,
    )
