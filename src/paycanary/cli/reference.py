"""``criteria``, ``schema`` and ``sample``: what the answers rest on."""

from __future__ import annotations

import json as jsonlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from paycanary.cli.context import (
    AsOfOption,
    JsonOption,
    LangOption,
    console,
    parse_as_of,
    print_json,
    progress,
    settle,
)

sample_app = typer.Typer(help="The built-in sample of real data.", no_args_is_help=True)


def criteria(
    as_of: AsOfOption = None,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:
    """List every threshold: value, since when, who says so, and where."""
    from paycanary.report.tables import criteria_list, criteria_table  # noqa: PLC0415

    language = settle(lang, json=json)
    listed = criteria_list(parse_as_of(as_of), language)
    if json:
        print_json(listed)
    else:
        console().print(criteria_table(listed, language))


def schema(
    lang: LangOption = None,
    json: JsonOption = False,  # noqa: ARG001 - a schema is JSON anyway
) -> None:
    """Print the JSON schema of everything that --json prints."""
    from paycanary.documents import schema as published  # noqa: PLC0415

    settle(lang, json=True)
    sys.stdout.write(jsonlib.dumps(published(), ensure_ascii=False, indent=2) + "\n")


@sample_app.command("build")
def sample_build(
    source: Annotated[
        Path, typer.Option("--from", metavar="DIR", help="Folder with opendart/, nps/ and krx/.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder to write the sample to.")
    ],
    lang: LangOption = None,
) -> None:
    """Derive the built-in sample from public data: a few companies, every figure with its filing number."""
    from paycanary.sample.build import build  # noqa: PLC0415

    language = settle(lang)
    with progress() as shown:
        rows = build(source, output, shown)
    total = sum(rows.values())
    console().print(
        {"ko": f"{output}: {total:,}행을 썼습니다.", "en": f"{output}: wrote {total:,} rows."}[
            language
        ]
    )
