"""``report``: a verdict, a comparison or a company's story as a file that travels alone."""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer

from paycanary.cli.asking import judged, open_session, opening, own_criteria, resolve
from paycanary.cli.context import (
    SETTINGS,
    AsOfOption,
    CriteriaOption,
    JsonOption,
    LangOption,
    extra,
    print_json,
    progress,
)
from paycanary.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from paycanary.errors import Lang
    from paycanary.models import Model, Verdict
    from paycanary.report.files.blocks import Content, Picture
    from paycanary.report.files.encode import Form
    from paycanary.report.series import Chart
    from paycanary.signals.custom import Criteria
    from paycanary.verdict import Session

_POST: Final = re.compile(r"\d{4}-\d\d-\d\d-.+\.(md|markdown)")
_STDOUT: Final = "-"
_POSTS: Final = ("_posts", "_drafts")


class FileFormat(StrEnum):
    """What is written."""

    md = "md"
    html = "html"
    pdf = "pdf"
    png = "png"
    jekyll = "jekyll"
    tistory = "tistory"
    json = "json"


def report(
    names: Annotated[
        list[str],
        typer.Argument(metavar="NAME...", help="One company; or several, which are compared."),
    ],
    as_of: AsOfOption = None,
    format: Annotated[  # noqa: A002 - the option's name
        FileFormat,
        typer.Option(
            "--format",
            help="md: Markdown, charts beside it; html: one file; pdf; png: one picture; jekyll: a post for GitHub Pages; "
            "tistory: HTML to paste, charts beside it; json: the document underneath.",
        ),
    ] = FileFormat.md,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="File, folder, or - for standard output; default: a file named after company and day, here.", show_default=False),
    ] = None,
    criteria: CriteriaOption = None,
    with_forecast: Annotated[
        bool,
        typer.Option("--with-forecast", help="Also write the probability of failing, with base rate, definition and measured quality; left out otherwise."),
    ] = False,
    retrospective: Annotated[
        bool,
        typer.Option("--retrospective", help="Tell what became public when, and which answers it changed, up to --as-of."),
    ] = False,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Write a verdict to a file that travels alone: facts with sources, filing numbers, links and dates, charts, what is unknown."""  # fmt: skip
    language, day, own = opening(lang, as_of, criteria, json=json)
    _check(names, output, with_forecast=with_forecast, retrospective=retrospective, json=json)
    session = open_session(with_forecast=with_forecast)
    companies = list(dict.fromkeys(resolve(session, name).company_id for name in names))
    is_alone = output == _STDOUT
    if retrospective:
        document, content = _story(session, companies[0], day, language, own)
    else:
        document, content = _verdicts(
            session, companies, day, own, format, language, with_forecast=with_forecast, is_alone=is_alone
        )  # fmt: skip
    stem = f"{day}-{content.slug}" if format is FileFormat.jekyll else f"{content.slug}-{day}"
    main, assets = (None, None) if is_alone else _places(output, stem, format)
    if format is FileFormat.json:
        whole, charts = (document.model_dump_json(indent=2) + "\n").encode(), {}
    else:
        from paycanary.report.files.encode import encode  # noqa: PLC0415

        with extra("report"):
            made = encode(
                content, cast("Form", format.value), main.stem if main else stem, alone=is_alone
            )
        whole, charts = made.main, made.charts
    if main is None or assets is None:
        sys.stdout.buffer.write(whole)
        return
    files = _write(main, whole, assets, charts)
    _tell(files, format, day, json=json)


def _check(names: list[str], output: str | None, *, with_forecast: bool, retrospective: bool, json: bool) -> None:  # fmt: skip
    if retrospective and len(names) > 1:
        raise UsageError(
            {"ko": "--retrospective 는 한 회사의 이야기입니다.", "en": "--retrospective tells the story of one company."},
            {"ko": "회사를 하나만 주세요.", "en": "Give one company."},
        )  # fmt: skip
    if retrospective and with_forecast:
        raise UsageError(
            {"ko": "--retrospective 에는 예측이 없습니다. 모형이 그 뒤의 일을 배웠을 수 있기 때문입니다.", "en": "--retrospective holds no forecast: the model may have been taught with what came later."},
            {"ko": "--with-forecast 를 빼세요.", "en": "Leave out --with-forecast."},
        )  # fmt: skip
    if json and output == _STDOUT:
        raise UsageError(
            {"ko": "--json 과 파일을 함께 표준 출력에 쓸 수 없습니다.", "en": "--json and the file cannot both go to standard output."},
            {"ko": "-o 파일이름 을 주세요.", "en": "Give -o FILE."},
        )  # fmt: skip


def _story(session: Session, company: str, day: date, lang: Lang, own: Criteria) -> tuple[Model, Content]:  # fmt: skip
    from paycanary.history.retrospective import retrospective  # noqa: PLC0415
    from paycanary.report.files import past  # noqa: PLC0415

    with progress() as steps:
        told = retrospective(session, company, day, lang, own, progress=steps)
    (last,) = judged(session, [company], day, lang, own)
    told = told.model_copy(update={"corrections": last.corrections})
    return told, past.content(told, own=own != own_criteria(None))


def _verdicts(
    session: Session,
    companies: list[str],
    day: date,
    own: Criteria,
    form: FileFormat,
    lang: Lang,
    *,
    with_forecast: bool,
    is_alone: bool,
) -> tuple[Model, Content]:
    from paycanary.documents import Comparison  # noqa: PLC0415
    from paycanary.report.files import company as single  # noqa: PLC0415
    from paycanary.report.files import comparison  # noqa: PLC0415

    found = judged(session, companies, day, lang, own)
    verdicts = [single.shown(v, with_forecast=with_forecast) for v in found]
    is_drawn = not (is_alone and form in {FileFormat.md, FileFormat.jekyll, FileFormat.tistory})
    drawn = [
        _charts(session, v, form, f"{i}-" if len(verdicts) > 1 else "", is_drawn=is_drawn)
        for i, v in enumerate(verdicts, 1)
    ]
    changed = own != own_criteria(None)
    if len(verdicts) == 1:
        content = single.content(verdicts[0], drawn[0], with_forecast=with_forecast, own=changed)
        return verdicts[0], content
    content = comparison.content(verdicts, drawn, with_forecast=with_forecast, own=changed)
    return Comparison(as_of=day, verdicts=verdicts), content


def _charts(session: Session, verdict: Verdict, form: FileFormat, prefix: str, *, is_drawn: bool) -> list[tuple[Chart, Picture | None]]:  # fmt: skip
    """The charts of a company, drawn where the format wants them; Markdown without the libraries has their tables."""
    from paycanary import history  # noqa: PLC0415
    from paycanary.report import series  # noqa: PLC0415

    company, day = verdict.company.id, verdict.as_of
    facts, people = history.facts(session, company, day), history.headcount(session, company, day)
    charts = series.charts(verdict, facts, people)
    if form is FileFormat.json or not is_drawn:
        return [(chart, None) for chart in charts]
    try:
        with extra("report"):
            from paycanary.report.files.drawings import picture  # noqa: PLC0415
    except UsageError as error:
        if form not in {FileFormat.md, FileFormat.jekyll}:
            raise
        said = {"ko": "차트 대신 표를 썼습니다.", "en": "Tables were written in place of charts."}
        sys.stderr.write(f"paycanary: {said[SETTINGS.lang]} {error.line(SETTINGS.lang)}\n")
        return [(chart, None) for chart in charts]
    return [(chart, picture(chart, verdict.lang, f"{prefix}{chart.name}")) for chart in charts]


def _places(output: str | None, stem: str, form: FileFormat) -> tuple[Path, Path]:
    """The file to write, and the folder of its charts."""
    from paycanary.report.files.encode import SUFFIXES  # noqa: PLC0415

    named = Path(output) if output is not None else Path()
    if form is not FileFormat.jekyll:
        is_folder = named.is_dir() or (output or "").endswith("/")
        main = named / f"{stem}.{SUFFIXES[form.value]}" if is_folder else named
        return main, main.parent
    if named.suffix not in {".md", ".markdown"}:
        return named / "_posts" / f"{stem}.md", named / "assets" / stem
    if not _POST.fullmatch(named.name):
        raise UsageError(
            {"ko": f"{named.name}: Jekyll 은 이런 이름의 글을 읽지 않습니다.", "en": f"{named.name}: Jekyll does not read a post of that name."},
            {"ko": f"{stem}.md 처럼 날짜로 시작하는 이름이나 사이트 폴더를 주세요.", "en": f"Give a name that begins with a day, like {stem}.md, or the folder of the site."},
        )  # fmt: skip
    site = named.parent.parent if named.parent.name in _POSTS else named.parent
    return named, site / "assets" / named.stem


def _write(main: Path, whole: bytes, assets: Path, charts: dict[str, bytes]) -> list[Path]:
    """Charts first, so that the file never speaks of one that is not there; each whole or not at all."""
    from paycanary.tasks.writing import folder, write  # noqa: PLC0415

    if assets != main.parent:
        folder(main.parent)
        if charts:
            folder(assets)
    for name, drawn in charts.items():
        write(assets / name, drawn)
    write(main, whole)
    return [main, *(assets / name for name in charts)]


def _tell(files: list[Path], form: FileFormat, day: date, *, json: bool) -> None:
    if json:
        from paycanary.documents.past import Written  # noqa: PLC0415

        told: Any = Written(format=form.value, as_of=day, files=[str(f) for f in files])
        print_json(told)
        return
    for file in files:
        typer.echo(str(file))
