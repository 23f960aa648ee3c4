"""``check``, ``compare`` and ``screen``: asking about one company, a few, or all."""

from __future__ import annotations

import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paycanary.cli.asking import judged, open_session, opening, resolve
from paycanary.cli.context import (
    AsOfOption,
    CriteriaOption,
    JsonOption,
    LangOption,
    console,
    contradiction,
    print_json,
)
from paycanary.errors import UsageError

if TYPE_CHECKING:
    from paycanary.errors import Lang
    from paycanary.tasks.screening import Screened

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Name, initial consonants (ㅅㅂㅌㄱ), stock code, corp code or business number.")
]  # fmt: skip


class EngineName(StrEnum):
    """What judges everyone."""

    duckdb = "duckdb"
    spark = "spark"


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
    language, day, own = opening(lang, as_of, criteria, json=json)
    session = open_session()
    company = resolve(session, name).company_id
    (verdict,) = judged(session, [company], day, language, own)
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

    language, day, own = opening(lang, as_of, criteria, json=json)
    if len(names) < 2:  # noqa: PLR2004 - a comparison needs two
        raise UsageError(
            {"ko": "회사가 하나뿐입니다.", "en": "There is only one company."},
            {"ko": "둘 이상을 주세요. 예: paycanary compare 카카오 HMM", "en": "Give two or more, such as: paycanary compare 카카오 HMM"},
        )  # fmt: skip
    session = open_session()
    found = [resolve(session, name).company_id for name in names]
    verdicts = judged(session, found, day, language, own)
    if json:
        print_json(Comparison(as_of=day, verdicts=verdicts))
        return
    from paycanary.report.terminal import show_corrections  # noqa: PLC0415

    console().print(comparison(verdicts, language))
    for verdict in verdicts:
        show_corrections(console(), verdict, verdict.corrections)


def screen(
    context: typer.Context,
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
            help="At most so many companies; default: 40 in a table, else all.",
            show_default=False,
        ),
    ] = None,
    findings: Annotated[
        bool,
        typer.Option(
            "--findings",
            help="A row a company and signal (level, measure, why it is unknown) instead of a row a company; CSV or Parquet.",
        ),
    ] = False,
    engine: Annotated[
        EngineName,
        typer.Option(
            "--engine", help="What judges: DuckDB here, or Apache Spark; both give the same rows."
        ),
    ] = EngineName.duckdb,
    master: Annotated[
        str,
        typer.Option(
            "--master",
            metavar="URL",
            envvar="PAYCANARY_SPARK_MASTER",
            help="Spark's master: local[*], spark://HOST:7077, yarn or k8s://URL.",
        ),
    ] = "local[*]",
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:
    """Hold the whole market against criteria: a row a company, worst first."""
    language, day, own = opening(lang, as_of, criteria, json=json)
    chosen = Format.json if json else format
    _refuse_contradictions(context, format, engine, json=json)
    if findings and chosen not in (Format.csv, Format.parquet):
        raise UsageError(
            {
                "ko": f"--findings 는 {chosen.value} 로 쓰지 않습니다.",
                "en": f"--findings is not written as {chosen.value}.",
            },
            {
                "ko": "--format csv 나 --format parquet 를 함께 주세요.",
                "en": "Add --format csv or --format parquet.",
            },
        )
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
    from paycanary.tasks import screening, writing  # noqa: PLC0415

    spark = None
    if engine is EngineName.spark:
        from paycanary.signals.spark import Spark  # noqa: PLC0415

        spark = Spark(master)
    try:
        screened = screening.screen(day, own, industry, spark, is_full=findings)
    finally:
        if spark is not None:
            spark.close()
    _tell_begin(screened, language)
    if findings:
        with screening.opened_findings(screened, chosen.value, limit) as stream:
            if output:
                writing.copy(output, stream)
            else:
                shutil.copyfileobj(stream, sys.stdout.buffer)
        return
    if chosen is Format.table:
        rows = screened.rows(limit or tables.TABLE_ROWS)
        console().print(tables.screen(rows, language, is_sample=screened.is_sample, as_of=day))
        return
    content = screening.encode(screened, chosen.value, limit)
    if output:
        writing.write(output, content)
    else:
        sys.stdout.buffer.write(content)


def _refuse_contradictions(context: typer.Context, form: Format, engine: EngineName, *, json: bool) -> None:  # fmt: skip
    """Refuse options of which one would be passed over."""
    if json and form is not Format.json and _is_typed(context, "format"):
        raise contradiction(
            "--json",
            f"--format {form.value}",
            {"ko": "둘 가운데 하나를 빼세요.", "en": "Leave one of the two out."},
        )
    # A master from the environment stands for all runs that ask Spark, and is no word about this one.
    if engine is not EngineName.spark and _is_typed(context, "master"):
        raise UsageError(
            {
                "ko": f"--master 는 --engine spark 에만 뜻이 있는데 --engine 이 {engine.value} 입니다.",
                "en": f"--master means something to --engine spark only, and --engine is {engine.value}.",
            },
            {
                "ko": "--engine spark 를 함께 주거나 --master 를 빼세요.",
                "en": "Add --engine spark, or leave --master out.",
            },
        )


def _is_typed(context: typer.Context, name: str) -> bool:
    """Whether an option stands on the command line, rather than in the environment or nowhere."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _tell_begin(screened: Screened, lang: Lang) -> None:
    """Say on standard error that the day lies before everything stored: no answer is then no word about any company."""
    if screened.begins is None:
        return
    said = {
        "ko": f"{screened.day} 에는 판단할 자료가 아직 아무것도 공개되지 않았습니다. 저장된 자료는 {screened.begins} 부터 공개된 것입니다. --as-of 에 그날 이후를 주세요.",
        "en": f"On {screened.day} nothing was public yet that anybody could be judged by: what is stored was published from {screened.begins} on. Give --as-of a day from then on.",
    }[lang]
    sys.stderr.write(f"paycanary: {said}\n")
