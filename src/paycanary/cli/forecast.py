"""``forecast``: the data set that a forecast is learned from, and how well models would have told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

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
from paycanary.cli.forecast_models import models_app
from paycanary.wording import parse_day

if TYPE_CHECKING:
    from paycanary.documents.forecast import DatasetReport, Evaluation
    from paycanary.errors import Lang
    from paycanary.models import Estimated

forecast_app = typer.Typer(
    help="What a forecast is learned from, and how well it would have told.", no_args_is_help=True
)
forecast_app.add_typer(models_app, name="models")
#: Columns of a table of measures.
MEASURES: Final[dict[str, dict[Lang, str]]] = {
    "auc": {"ko": "AUC", "en": "AUC"},
    "average_precision": {"ko": "평균 정밀도", "en": "average precision"},
    "recall_at_5_percent": {"ko": "5 % 표시 재현율", "en": "recall, 5 % flagged"},
    "lead_time_months": {"ko": "첫 표시부터 실패까지(개월)", "en": "months ahead"},
    "brier_skill": {"ko": "브라이어 기술점수", "en": "Brier skill"},
    "calibration_error": {"ko": "보정 오차", "en": "calibration error"},
}
_QUESTIONS: Final[dict[str, dict[Lang, str]]] = {
    "years": {"ko": "뒤의 해(2024)", "en": "a later year (2024)"},
    "companies": {"ko": "배운 적 없는 회사", "en": "companies never taught"},
}


@forecast_app.command()
def dataset(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", dir_okay=False, help="Parquet file to write.")],
    first: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="Month whose end is the first as-of day; default: 2017-06-30.", show_default=False)] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="No as-of day after this one; default: today.", show_default=False)] = None,
    months: Annotated[int, typer.Option("--every", min=1, max=12, help="Months between two as-of days.")] = 6,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Write companies on as-of days: what was known of each by then, and whether it failed within 12 and 24 months."""
    language = settle(lang, json=json)
    from paycanary.forecast import dataset as data  # noqa: PLC0415
    from paycanary.lake.reader import open_reader  # noqa: PLC0415
    from paycanary.tasks.retraining import FIRST  # noqa: PLC0415

    days = data.month_ends(parse_day(first, "--from") if first else FIRST, parse_day(last, "--to"), months)  # fmt: skip
    con = open_reader().connect()
    with progress() as bar:
        report = data.build(con, days, out, bar)
    if json:
        print_json(report)
        return
    _tell_dataset(report, language)


@forecast_app.command()
def evaluate(
    table: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="What `paycanary forecast dataset` wrote.")],
    months: Annotated[int, typer.Option("--months", help="Months within which a failure counts: 12 or 24.")] = 12,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="MODEL", help="Judge this model; may be given again. Default: all.", show_default=False)] = None,
    draws: Annotated[int, typer.Option("--draws", min=10, help="Draws of companies for the intervals.")] = 1000,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Judge every model and simple rule by the fixed protocol: later years, and companies that it was not taught on."""
    language = settle(lang, json=json)
    with extra("forecast"):
        from paycanary.forecast import evaluate as judging  # noqa: PLC0415
    loaded = judging.load(table, months)
    with progress() as bar:
        report = judging.evaluate(loaded, months, bar, draws, only or ())
    if json:
        print_json(report)
        return
    _tell_evaluation(report, language)


def _tell_dataset(report: DatasetReport, lang: Lang) -> None:
    ko = lang == "ko"
    print_to = console()
    print_to.print(
        f"{report.path}: {len(report.days)}개 기준일 × 회사 = {report.rows:,}행, 회사 {report.companies:,}곳, 항목 {report.features}개, 결과는 {report.known_until} 까지 알려짐"
        if ko
        else f"{report.path}: {report.rows:,} rows of {report.companies:,} companies on {len(report.days)} days, {report.features} features, outcomes known until {report.known_until}"
    )
    for found in report.outcomes:
        print_to.print(
            f"  {found.months}개월 안에 실패: {found.failed_rows:,}행(회사 {found.failed_companies:,}곳), 아직 모름: {found.unknown_rows:,}행"
            if ko
            else f"  failed within {found.months} months: {found.failed_rows:,} rows ({found.failed_companies:,} companies), not known yet: {found.unknown_rows:,} rows"
        )


def _tell_evaluation(report: Evaluation, lang: Lang) -> None:
    from rich.table import Table  # noqa: PLC0415

    for question in dict.fromkeys(found.question for found in report.results):
        asked = [found for found in report.results if found.question == question]
        one = asked[0]
        title = (
            f"{_QUESTIONS[question]['ko']}: {one.rows:,}행, 실패 {one.failed_rows:,}행(회사 {one.failed_companies:,}곳), 기저율 {one.base_rate:.2%}, {report.months}개월"
            if lang == "ko"
            else f"{_QUESTIONS[question]['en']}: {one.rows:,} rows, {one.failed_rows:,} failed ({one.failed_companies:,} companies), base rate {one.base_rate:.2%}, {report.months} months"
        )
        table = Table("", *(words[lang] for words in MEASURES.values()), title=title)
        for found in asked:
            table.add_row(found.model, *(shown(found.measures.get(name)) for name in MEASURES))
        console().print(table)


def shown(estimate: Estimated | None) -> str:
    """A number with its interval."""
    if estimate is None or estimate.value is None:
        return "-"
    value = f"{estimate.value:.3f}"
    return value if estimate.low is None else f"{value} [{estimate.low:.3f}, {estimate.high:.3f}]"
