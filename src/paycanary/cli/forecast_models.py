"""``forecast models``: trained models that are kept, on this machine or on an MLflow server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paycanary.cli.context import JsonOption, LangOption, console, extra, print_json, settle

if TYPE_CHECKING:
    from paycanary.documents.registry import ModelVersion
    from paycanary.errors import Lang

models_app = typer.Typer(
    help="Trained models that are kept: list them, look at one, fetch one, say which is in use.",
    no_args_is_help=True,
)
VersionArgument = Annotated[str, typer.Argument(metavar="VERSION", help="A version's number, or an alias such as live.")]  # fmt: skip
NameOption = Annotated[str | None, typer.Option("--name", metavar="MODEL", help="Which model; default: paycanary-listed-12m.", show_default=False)]  # fmt: skip
StoreOption = Annotated[str | None, typer.Option("--store", metavar="URI", help="Store to ask: http(s)://..., sqlite:///FILE; default: PAYCANARY_MODELS_STORE, else paycanary's home.", show_default=False)]  # fmt: skip


@models_app.command("list")
def listed(name: NameOption = None, store: StoreOption = None, lang: LangOption = None, json: JsonOption = False) -> None:  # fmt: skip
    """List all versions, newest first."""
    language = settle(lang, json=json)
    registry = _registry()
    from paycanary.documents.registry import ModelVersions  # noqa: PLC0415

    model = name or registry.NAME
    found = ModelVersions(name=model, versions=registry.versions(model, store))
    if json:
        print_json(found)
        return
    if not found.versions:
        console().print({"ko": f"{model}: 저장된 판이 없습니다.", "en": f"{model}: no version is stored."}[language])  # fmt: skip
        return
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    head = {
        "ko": ("판", "별칭", "저장한 때", "model.json", "지표"),
        "en": ("Version", "Aliases", "Stored", "model.json", "Metrics"),
    }[language]
    table = Table(*head, box=box.SIMPLE_HEAD, title=model)
    for one in found.versions:
        figures = "\n".join(f"{key} {value:.4g}" for key, value in one.metrics.items())
        table.add_row(one.version, ", ".join(one.aliases), f"{one.registered_at:%Y-%m-%d %H:%M}Z", one.sha256[:12], figures)  # fmt: skip
    console().print(table)


@models_app.command()
def show(version: VersionArgument, name: NameOption = None, store: StoreOption = None, lang: LangOption = None, json: JsonOption = False) -> None:  # fmt: skip
    """Show what one version was made of, and how well it told."""
    language = settle(lang, json=json)
    registry = _registry()
    found = registry.version(name or registry.NAME, version, store)
    if json:
        print_json(found)
        return
    _tell(found, language)


@models_app.command()
def fetch(
    version: VersionArgument,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", file_okay=False, help="Folder to write to.")],
    name: NameOption = None,
    store: StoreOption = None,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Write one version's files into a folder, once each was found to be as it was stored."""
    language = settle(lang, json=json)
    registry = _registry()
    from paycanary.documents.registry import FetchedModel  # noqa: PLC0415

    found = registry.fetch(name or registry.NAME, version, out, store)
    if json:
        print_json(FetchedModel(path=str(out), model=found))
        return
    said = {
        "ko": f"{found.name} 의 {found.version} 판: 파일 {len(found.files)}개를 확인해 {out} 에 썼습니다.",
        "en": f"Version {found.version} of {found.name}: {len(found.files)} files checked and written to {out}.",
    }
    console().print(said[language])


@models_app.command()
def promote(
    version: VersionArgument,
    alias: Annotated[str, typer.Option("--alias", metavar="ALIAS", help="Which alias shall lead to it.")] = "live",
    name: NameOption = None,
    store: StoreOption = None,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Say that a version is the one in use from now on."""
    language = settle(lang, json=json)
    registry = _registry()
    found = registry.promote(name or registry.NAME, version, alias, store)
    if json:
        print_json(found)
        return
    said = {
        "ko": f"이제 {alias} 는 {found.name} 의 {found.version} 판입니다.",
        "en": f"{alias} is now version {found.version} of {found.name}.",
    }
    console().print(said[language])


def _registry() -> Any:
    with extra("registry"):
        from paycanary.forecast import registry  # noqa: PLC0415
    return registry


def _tell(found: ModelVersion, lang: Lang) -> None:
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    named = f" ({', '.join(found.aliases)})" if found.aliases else ""
    table = Table(show_header=False, box=box.SIMPLE_HEAD, title=f"{found.name} {found.version}{named}")  # fmt: skip
    table.add_row({"ko": "저장한 때", "en": "stored"}[lang], f"{found.registered_at:%Y-%m-%d %H:%M}Z")  # fmt: skip
    for key, text in found.facts.items():
        table.add_row(key, text)
    for key, value in found.metrics.items():
        table.add_row(key, f"{value:.4g}")
    for key, digest in found.files.items():
        table.add_row(key, digest)
    console().print(table)
