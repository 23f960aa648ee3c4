"""``read``: what a single document or text says."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from paycanary.cli.context import JsonOption, LangOption, console, print_json, settle
from paycanary.errors import InputFileError, Lang

_HEAD = 65_536


def read(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            readable=False,
            help="DART document (XML or zip), XBRL, inline XBRL, companyfacts JSON, OpenDART statement JSON; "
            "or words: a notice, an e-mail, a news text, - for standard input.",
        ),
    ],
    every: Annotated[
        bool,
        typer.Option(
            "--all", help="Show every fact or sentence, not only those of our concepts and kinds."
        ),
    ] = False,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:
    """Read a filing (its figures and the auditor's opinion, each with its place), or words (which kinds of statement they make, sentence by sentence)."""  # fmt: skip
    language = settle(lang, json=json)
    words = _words(file)
    if words is not None:
        _read_words(words, "-" if str(file) == "-" else file.name, language, every=every, json=json)
        return
    from paycanary.filings.documents import read_document  # noqa: PLC0415
    from paycanary.report import reading as report  # noqa: PLC0415

    readings = read_document(file)
    if json:
        for piece in report.encode(readings, every=every):
            sys.stdout.write(piece)
        return
    screen = console()
    for reading in readings:
        report.show(screen, reading, language, every=every)


def _words(file: Path) -> bytes | None:
    """The bytes of a text for people; None: a filing, or nothing, which is told by who reads filings."""
    from paycanary.text.files import MOST_BYTES, is_words  # noqa: PLC0415

    if str(file) == "-":
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD)
            if not head.strip() or not is_words(file.name, head):
                return None
            if (size := file.stat().st_size) > MOST_BYTES and is_words(file.name, head):
                raise InputFileError(
                    {"ko": f"{file}: {size / 2**20:.1f} MB 입니다. 글은 {MOST_BYTES // 2**20} MB 까지 읽습니다.", "en": f"{file}: {size / 2**20:.1f} MB; words are read up to {MOST_BYTES // 2**20} MB."},
                    {"ko": "필요한 부분만 잘라 주세요.", "en": "Cut out the part that matters."},
                )  # fmt: skip
            return head + stream.read()
    except OSError:
        return None


def _read_words(raw: bytes, source: str, lang: Lang, *, every: bool, json: bool) -> None:
    from paycanary.report import words as report  # noqa: PLC0415
    from paycanary.text.files import to_text  # noqa: PLC0415
    from paycanary.text.reading import read as read_words  # noqa: PLC0415
    from paycanary.text.remote import reader  # noqa: PLC0415

    words = read_words(to_text(raw, source), reader())
    if json:
        print_json(report.document(words, source))
    else:
        report.show(console(), words, source, lang, every=every)
