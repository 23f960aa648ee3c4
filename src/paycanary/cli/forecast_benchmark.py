"""``forecast benchmark``: the same modelling on anybody's table of labels, with what is wrong with the table said first."""

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
from paycanary.cli.forecast import MEASURES, shown

if TYPE_CHECKING:
    from paycanary.documents.benchmark import Benchmark, Trap
    from paycanary.errors import Lang

_QUESTIONS: Final[dict[str, dict[Lang, str]]] = {
    "later_companies": {"ko": "뒤의 시기, 배운 적 없는 회사", "en": "later times, companies never taught"},
    "later": {"ko": "뒤의 시기(같은 회사가 다시 나올 수 있음)", "en": "later times (companies may recur)"},
    "companies": {"ko": "배운 적 없는 회사", "en": "companies never taught"},
}  # fmt: skip
#: What is said of each kind of trap.
TRAPS: Final[dict[str, dict[Lang, str]]] = {
    "few_failures": {
        "ko": "실패한 회사가 {rows:,}곳뿐입니다. 구간이 넓고, 두 모형의 차이를 말할 수 없습니다.",
        "en": "only {rows:,} companies failed: intervals are wide, and no two models can be told apart.",
    },
    "unlabelled": {
        "ko": "결과가 비어 있는 {rows:,}행을 뺐습니다.",
        "en": "{rows:,} rows without a label were left out.",
    },
    "duplicates": {
        "ko": "{rows:,}행은 앞의 어느 행과 모든 항목이 같습니다. 배우는 쪽과 시험하는 쪽에 나뉘지 않게 했습니다.",
        "en": "{rows:,} rows equal an earlier one in every feature; they were kept on one side.",
    },
    "contradictions": {
        "ko": "그 가운데 {rows:,}행은 결과가 서로 다릅니다. 어느 쪽이 맞는지 확인하세요.",
        "en": "of these, {rows:,} rows bear another label: find out which is right.",
    },
    "look_alikes": {
        "ko": "{rows:,}행은 앞의 어느 행과 수치를 여럿 함께 가져 같은 회사로 보입니다. 한쪽에만 두었습니다. 회사를 알면 --group 으로 알려 주세요.",
        "en": "{rows:,} rows share so many figures with an earlier one that they look like the same company; they were kept on one side. Name the company by --group if a column tells it.",
    },
    "strong_column": {
        "ko": "'{columns}' 열 하나로 AUC {auc:.3f} 이(가) 나옵니다. 결과가 나온 뒤에 적힌 것인지 확인하세요.",
        "en": "column '{columns}' alone reaches AUC {auc:.3f}: make sure that it was known before the outcome.",
    },
    "equal_columns": {
        "ko": "두 열 {columns} 의 값이 같은 비율이 실패한 행 {failed:.0%}, 나머지 {others:.0%} 입니다. 두 가지 출처를 합친 표라면 모형은 출처를 맞히는 것입니다.",
        "en": "columns {columns} hold the same value in {failed:.0%} of failing rows and {others:.0%} of the others: if the table was put together from two sources, models tell the source.",
    },
    "lost_times": {
        "ko": "{rows:,}행은 앞선 실패가 너무 적어 시험하지 못했습니다.",
        "en": "{rows:,} rows could not be tested, since too few had failed before.",
    },
}  # fmt: skip


def benchmark(
    table: Annotated[Path, typer.Argument(metavar="TABLE", exists=True, dir_okay=False, help="Parquet, or CSV in UTF-8 whose first line names the columns.")],
    label: Annotated[str, typer.Option("--label", metavar="COL", help="Column of 1 (failed) and 0.")],
    group: Annotated[str | None, typer.Option("--group", metavar="COL", help="Column that names the company: its rows are kept on one side.", show_default=False)] = None,
    time: Annotated[str | None, typer.Option("--time", metavar="COL", help="Column of years or days: later rows are told from earlier ones.", show_default=False)] = None,
    drop: Annotated[list[str] | None, typer.Option("--drop", metavar="COL", help="Do not use this column; may be given again.", show_default=False)] = None,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="MODEL", help="Choose among these models alone; may be given again. Default: all.", show_default=False)] = None,
    draws: Annotated[int, typer.Option("--draws", min=10, help="Draws of companies for the intervals.")] = 1000,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Tell the label of any table by the forecast's own modelling, and measure it so that the table cannot flatter it."""
    language = settle(lang, json=json)
    with extra("forecast"):
        from paycanary.forecast import benchmark as judging  # noqa: PLC0415
        from paycanary.forecast import labelled  # noqa: PLC0415
    read = labelled.read(table, label, group, time, drop or ())
    with progress() as bar:
        report = judging.benchmark(read, (label, group, time), bar, draws, only or ())
    if json:
        print_json(report)
        return
    _tell(report, language)


def _tell(report: Benchmark, lang: Lang) -> None:
    from rich.table import Table  # noqa: PLC0415

    ko = lang == "ko"
    out = console()
    out.print(
        f"{report.path}: {report.rows:,}행, 실패 {report.failed_rows:,}행, 회사 {report.companies:,}곳(실패 {report.failed_companies:,}곳), 항목 {len(report.features)}개"
        if ko
        else f"{report.path}: {report.rows:,} rows, {report.failed_rows:,} failed, {report.companies:,} companies ({report.failed_companies:,} failed), {len(report.features)} features",
        markup=False,
    )
    if report.left_out:
        out.print(f"{'쓰지 않은 열' if ko else 'columns left out'}: {', '.join(report.left_out)}", markup=False)  # fmt: skip
    for trap in report.traps:
        out.print(f"! {said(trap, lang)}", markup=False)
    for found in report.results:
        title = (
            f"{_QUESTIONS[found.question]['ko']}: {found.rows:,}행, 실패 {found.failed_rows:,}행(회사 {found.failed_companies:,}곳), 기저율 {found.base_rate:.2%}"
            if ko
            else f"{_QUESTIONS[found.question]['en']}: {found.rows:,} rows, {found.failed_rows:,} failed ({found.failed_companies:,} companies), base rate {found.base_rate:.2%}"
        )
        drawn = Table("", *(words[lang] for words in MEASURES.values()), title=title)
        names = ", ".join(f"{c.model} ×{c.times}" for c in report.choices if c.question == found.question)  # fmt: skip
        drawn.add_row(names, *(shown(found.measures.get(name)) for name in MEASURES))
        out.print(drawn)
    out.print(
        "확률은 이 표의 실패 비율에 맞춘 것입니다. 실패한 행을 골라 모은 표라면 다른 곳에 그 확률을 쓰지 마세요."
        if ko
        else "Probabilities are calibrated to this table's share of failures: if failing rows were picked for it, do not use them elsewhere."
    )


def said(trap: Trap, lang: Lang) -> str:
    """One sentence about what is wrong with the table."""
    known = trap.model_dump() | {"columns": ", ".join(trap.columns)}
    return TRAPS[trap.kind][lang].format(**known)
