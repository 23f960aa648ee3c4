"""``read``: what a single document says."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from paycanary.cli.context import JsonOption, LangOption, console, settle


def read(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            readable=False,
            help="DART document (XML or zip), XBRL, inline XBRL, companyfacts JSON, OpenDART statement JSON.",
        ),
    ],
    every: Annotated[
        bool, typer.Option("--all", help="Show every fact, not only those of our concepts.")
    ] = False,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:
    """Read a filing: its figures and the auditor's opinion, each with its place in the document."""  # fmt: skip
    from paycanary.filings.documents import read_document  # noqa: PLC0415
    from paycanary.report import reading as report  # noqa: PLC0415

    language = settle(lang, json=json)
    readings = read_document(file)
    if json:
        for piece in report.encode(readings, every=every):
            sys.stdout.write(piece)
        return
    screen = console()
    for reading in readings:
        report.show(screen, reading, language, every=every)
