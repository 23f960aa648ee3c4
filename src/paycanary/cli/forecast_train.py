"""``forecast train``, ``card`` and ``drift``: the forecast that ships, how it was made, and whether it still fits."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paycanary.cli.context import (  # fmt: skip
    JsonOption,
    LangOption,
    console,
    extra,
    print_json,
    progress,
    settle,
)
from paycanary.cli.forecast import FIRST
from paycanary.wording import number, parse_day

if TYPE_CHECKING:
    from paycanary.documents.forecast import DriftReport, TrainedReport
    from paycanary.errors import Lang
    from paycanary.forecast.scorecard import Scorecard
    from paycanary.models import Estimated


def train(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", dir_okay=False, help="File to write the forecast to: JSON, all of it.")],
    table: Annotated[Path | None, typer.Option("--dataset", metavar="FILE", exists=True, dir_okay=False, help="What `forecast dataset` wrote; default: made anew from what is stored.", show_default=False)] = None,
    draws: Annotated[int, typer.Option("--draws", min=10, help="Draws of companies for the intervals.")] = 1000,
    register: Annotated[bool, typer.Option("--register", help="Also keep it as a version in the registry: see `forecast models`.")] = False,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Train the forecast, measure it by the protocol, and write it down. The same data gives the same bytes."""
    language = settle(lang, json=json)
    with extra("forecast"):
        from paycanary.forecast import train as training  # noqa: PLC0415
    from paycanary.documents.forecast import TrainedReport  # noqa: PLC0415
    from paycanary.forecast import dataset as data  # noqa: PLC0415
    from paycanary.forecast.scorecard import Scorecard, shipped  # noqa: PLC0415
    from paycanary.lake.reader import open_reader  # noqa: PLC0415

    con = open_reader().connect()
    with tempfile.TemporaryDirectory() as folder, progress() as bar:
        if table is None:
            table = Path(folder) / "dataset.parquet"
            data.build(con, data.month_ends(FIRST, data.known_until(con), 6), table, bar)
        text = training.train(con, table, bar, draws)
    out.write_text(text, encoding="utf-8")
    card = Scorecard.parse(text)
    taught = card.facts["trained"]
    report = TrainedReport(
        path=str(out),
        version=card.version,
        base_rate=card.base_rate,
        measures={r["question"]: r["measures"] for r in card.facts["quality"]["results"] if r["model"] == taught["model"]},
        is_shipped=text == shipped(),
        registered=_registered(card, text) if register else None,
        **{name: taught[name] for name in ("rows", "companies", "failed_rows", "failed_companies", "data_sha256")},
    )  # fmt: skip
    if json:
        print_json(report)
        return
    _tell_trained(report, language)


def drift(
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="YYYY-MM-DD", help="Day to compare; default: the newest with reports.", show_default=False)] = None,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Compare the companies of a day with those that the forecast was made on, feature by feature."""
    language = settle(lang, json=json)
    with extra("forecast"):
        from paycanary.forecast import drift as drifting  # noqa: PLC0415
    from paycanary.forecast.dataset import known_until  # noqa: PLC0415
    from paycanary.forecast.scorecard import scorecard  # noqa: PLC0415
    from paycanary.lake.reader import open_reader  # noqa: PLC0415

    con = open_reader().connect()
    day = parse_day(as_of, "--as-of") if as_of else known_until(con)
    report = drifting.drift(con, day, scorecard())
    if json:
        print_json(report)
        return
    _tell_drift(report, language)


def card(lang: LangOption = None) -> None:
    """Print the model card of the forecast that ships: what it forecasts, from what, how well, and what it cannot say."""
    language = settle(lang, json=False)
    from paycanary.forecast.card import markdown  # noqa: PLC0415

    console().print(markdown(language), markup=False, highlight=False, soft_wrap=True)


def _registered(card: Scorecard, text: str) -> str:
    """Keep the model, its card and its evaluation; the version that the registry gives it."""
    with extra("registry"):
        from paycanary.forecast import registry  # noqa: PLC0415
    from paycanary.forecast.card import markdown  # noqa: PLC0415

    metrics = {
        f"{result['question']}/{name}": measure["value"]
        for result in card.facts["quality"]["results"]
        if result["model"] == card.facts["trained"]["model"]
        for name, measure in result["measures"].items()
        if measure["value"] is not None
    }
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / registry.MODEL_FILE).write_text(text, encoding="utf-8")
        for lang in ("en", "ko"):
            (root / f"card.{lang}.md").write_text(markdown(lang, card), encoding="utf-8")
        return registry.register(root, {"version": card.version, **card.facts["trained"], "base_rate": card.facts["base_rate"]}, metrics)  # fmt: skip


def _tell_trained(report: TrainedReport, lang: Lang) -> None:
    ko = lang == "ko"
    print_to = console()
    print_to.print(
        f"{report.path}: {report.version}, {report.rows:,}행(회사 {report.companies:,}곳, 실패 {report.failed_companies}곳), 기저율 {report.base_rate:.2%}"
        if ko
        else f"{report.path}: {report.version}, {report.rows:,} rows of {report.companies:,} companies ({report.failed_companies} failed), base rate {report.base_rate:.2%}"
    )
    for question, measures in report.measures.items():
        told = ", ".join(f"{name} {_shown(measure)}" for name, measure in measures.items())
        print_to.print(f"  {question}: {told}", highlight=False)
    if report.registered:
        print_to.print(f"등록된 판: {report.registered}" if ko else f"Registered as version {report.registered}.")  # fmt: skip
    shipped = {True: ("들어 있는 것과 같습니다.", "The program carries exactly this one."), False: ("들어 있는 것과 다릅니다.", "The program carries another one.")}  # fmt: skip
    print_to.print(shipped[report.is_shipped][0 if ko else 1])


def _tell_drift(report: DriftReport, lang: Lang) -> None:
    from rich.table import Table  # noqa: PLC0415

    ko = lang == "ko"
    mean = "-" if report.mean_probability is None else f"{report.mean_probability:.2%}"
    title = (
        f"{report.as_of} 회사 {report.companies:,}곳과 {report.reference_day} {report.reference_companies:,}곳, 평균 확률 {mean} (그때 {report.reference_mean_probability:.2%}), 모형 {report.model_version}"
        if ko
        else f"{report.companies:,} companies on {report.as_of} beside {report.reference_companies:,} on {report.reference_day}, mean probability {mean} (then {report.reference_mean_probability:.2%}), model {report.model_version}"
    )
    levels = {"steady": ("그대로", "steady"), "watch": ("살펴볼 것", "watch"), "shifted": ("달라짐", "shifted")}  # fmt: skip
    heads = ("항목", "PSI", "", "모름(그때)", "모름(지금)") if ko else ("feature", "PSI", "", "unknown then", "unknown now")  # fmt: skip
    table = Table(*heads, title=title)
    for one in report.features:
        table.add_row(one.feature, number(one.index, 3), levels[one.level][0 if ko else 1], f"{one.unknown_then:.0%}", f"{one.unknown_now:.0%}")  # fmt: skip
    console().print(table)


def _shown(measure: Estimated) -> str:
    return "-" if measure.value is None else f"{measure.value:.3f} [{measure.low:.3f}, {measure.high:.3f}]"  # fmt: skip
