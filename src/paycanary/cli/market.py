"""``check``, ``compare`` and ``screen``: asking about one company, a few, or all."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from paycanary.cli.context import (
    SETTINGS,
    AsOfOption,
    CriteriaOption,
    JsonOption,
    LangOption,
    console,
    parse_as_of,
    print_json,
    settle,
)
from paycanary.errors import AmbiguousError, StateError, UsageError

if TYPE_CHECKING:
    from paycanary.lake.search import Hit
    from paycanary.models import Verdict
    from paycanary.signals.custom import Criteria
    from paycanary.verdict import Session

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Name, initial consonants (ㅅㅂㅌㄱ), stock code, corp code or business number.")
]  # fmt: skip


class Format(StrEnum):
    """How a screen is printed."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"


def check(
    name: NameArgument,
    as_of: AsOfOption = None,
    criteria: CriteriaOption = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="Spell out everything unknown: why, and where to look; and all that the forecast rests on.",
        ),
    ] = False,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:
    """Say in one sentence how a company stands, then what that rests on: figures, sources, dates."""
    language = settle(lang, json=json)
    day = parse_as_of(as_of)
    own = _criteria(criteria)
    session = _session()
    company = _resolve(session, name).company_id
    (verdict,) = with_corrections([session.verdict(company, day, language, own)])
    if json:
        print_json(verdict)
        return
    from paycanary.report.terminal import show_verdict  # noqa: PLC0415

    show_verdict(console(), verdict, full=full)


def compare(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Two or more companies.")],
    as_of: AsOfOption = None,
    criteria: CriteriaOption = None,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:
    """Put companies side by side, signal by signal."""
    from paycanary.documents import Comparison  # noqa: PLC0415
    from paycanary.report.tables import comparison  # noqa: PLC0415

    language = settle(lang, json=json)
    day = parse_as_of(as_of)
    own = _criteria(criteria)
    if len(names) < 2:  # noqa: PLR2004 - a comparison needs two
        raise UsageError(
            {"ko": "회사가 하나뿐입니다.", "en": "There is only one company."},
            {"ko": "둘 이상을 주세요. 예: paycanary compare 카카오 HMM", "en": "Give two or more, such as: paycanary compare 카카오 HMM"},
        )  # fmt: skip
    session = _session()
    found = [_resolve(session, name).company_id for name in names]
    verdicts = with_corrections([session.verdict(c, day, language, own) for c in found])
    if json:
        print_json(Comparison(as_of=day, verdicts=verdicts))
        return
    from paycanary.report.terminal import show_corrections  # noqa: PLC0415

    console().print(comparison(verdicts, language))
    for verdict in verdicts:
        show_corrections(console(), verdict, verdict.corrections)


def screen(
    industry: Annotated[
        str | None,
        typer.Option(
            "--industry",
            metavar="WORDS",
            help="Only industries whose name holds these words.",
            show_default=False,
        ),
    ] = None,
    criteria: CriteriaOption = None,
    as_of: AsOfOption = None,
    format: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.table,  # noqa: A002 - the option's name
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write there instead of standard output.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            min=1,
            help="At most so many rows; default: 40 in a table, else all.",
            show_default=False,
        ),
    ] = None,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:
    """Hold the whole market against criteria: a row a company, worst first."""
    language = settle(lang, json=json)
    day = parse_as_of(as_of)
    own = _criteria(criteria)
    chosen = Format.json if json else format
    if chosen is Format.parquet and output is None and sys.stdout.isatty():
        raise UsageError(
            {
                "ko": "Parquet 은 화면에 쓸 수 없습니다.",
                "en": "Parquet cannot be shown on a terminal.",
            },
            {
                "ko": "--output 파일이름 을 주거나 파이프로 넘기세요.",
                "en": "Give --output FILE, or pipe it.",
            },
        )
    if chosen is Format.table and output is not None:
        raise UsageError(
            {
                "ko": f"{output}: 표는 파일로 쓰지 않습니다.",
                "en": f"{output}: a table is not written to a file.",
            },
            {
                "ko": "--format csv, json, parquet 가운데 하나를 함께 주세요.",
                "en": "Add --format csv, json or parquet.",
            },
        )
    from paycanary.report import tables  # noqa: PLC0415

    session = _session()
    rows = session.screen(day, own, industry)
    if not rows and industry:
        known = session.industries(industry)
        raise UsageError(
            {
                "ko": f"--industry {industry}: 해당하는 회사가 없습니다.",
                "en": f"--industry {industry}: no company fits.",
            },
            {
                "ko": f"있는 업종의 예: {', '.join(known)}.",
                "en": f"Industries there are, for example: {', '.join(known)}.",
            },
        )
    if limit or chosen is Format.table:
        rows = rows[: limit or tables.TABLE_ROWS]
    if chosen is Format.table:
        console().print(
            tables.screen(rows, language, is_sample=session.reader.is_sample, as_of=day)
        )
        return
    content = tables.encode(rows, chosen.value, as_of=day, is_sample=session.reader.is_sample)
    if output:
        _write(output, content)
    else:
        sys.stdout.buffer.write(content)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(
            {
                "ko": f"{path}: 쓸 수 없습니다({error.strerror}).",
                "en": f"{path}: cannot be written ({error.strerror}).",
            },
            {"ko": "다른 경로를 주세요.", "en": "Give another path."},
        ) from error


def _criteria(path: Path | None) -> Criteria:
    from paycanary.signals import custom  # noqa: PLC0415

    return custom.read(path) if path else custom.BUILT_IN


def _session() -> Session:
    from paycanary.lake.reader import open_reader  # noqa: PLC0415
    from paycanary.verdict import Session  # noqa: PLC0415

    return Session(open_reader())


def with_corrections(verdicts: list[Verdict]) -> list[Verdict]:
    """Verdicts with accepted corrections beside them; where the state cannot be asked, as they are, and said so."""
    from paycanary.corrections.beside import from_state  # noqa: PLC0415

    try:
        return from_state(verdicts)
    except StateError as error:
        said = {
            "ko": "받아들인 정정 없이 답했습니다.",
            "en": "Answered without accepted corrections.",
        }
        sys.stderr.write(f"paycanary: {said[SETTINGS.lang]} {error.line(SETTINGS.lang)}\n")
        return verdicts


def _resolve(session: Session, name: str) -> Hit:
    """The company meant; in a terminal a person chooses among several."""
    try:
        return session.resolve(name)
    except AmbiguousError as error:
        if SETTINGS.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise
        from paycanary.report.candidates import table  # noqa: PLC0415

        hits = cast("list[Hit]", error.candidates)
        console().print(error.what[SETTINGS.lang])
        console().print(table(hits, SETTINGS.lang))
        prompt = {"ko": "번호를 고르세요", "en": "Choose a number"}[SETTINGS.lang]
        number = 0
        while not 1 <= number <= len(hits):
            number = int(typer.prompt(prompt, type=int))
        return hits[number - 1]
