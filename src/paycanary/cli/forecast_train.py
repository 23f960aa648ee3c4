"""``forecast train``, ``card`` and ``drift``: the forecast that ships, how it was made, and whether it still fits."""

from __future__ import annotations

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
from paycanary.wording import number, parse_day

if TYPE_CHECKING:
    from paycanary.documents.forecast import DriftReport, TrainedReport
    from paycanary.errors import Lang
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
        from paycanary.forecast import train as _training  # noqa: F401, PLC0415 - told before anything starts
    from paycanary.documents.forecast import TrainedReport  # noqa: PLC0415
    from paycanary.forecast.scorecard import Scorecard, shipped  # noqa: PLC0415
    from paycanary.tasks import retraining  # noqa: PLC0415

    with progress() as bar:
        text = retraining.train(table, draws, progress=bar)
    out.write_text(text, encoding="utf-8")
    card = Scorecard.parse(text)
    taught = card.facts["trained"]
    report = TrainedReport(
        path=str(out),
        version=card.version,
        base_rate=card.base_rate,
        measures={r["question"]: r["measures"] for r in card.facts["quality"]["results"] if r["model"] == taught["model"]},
        is_shipped=text == shipped(),
        registered=_registered(text) if register else None,
        **{name: taught[name] for name in ("rows", "companies", "failed_rows", "failed_companies", "data_sha256")},
    )  # fmt: skip
    if json:
        print_json(report)
        return
    _tell_trained(report, language)


def retrain(
    table: Annotated[Path | None, typer.Option("--dataset", metavar="FILE", exists=True, dir_okay=False, help="What `forecast dataset` wrote; default: made anew from what is stored.", show_default=False)] = None,
    draws: Annotated[int, typer.Option("--draws", min=10, help="Draws of companies for the intervals.")] = 1000,
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Train the forecast anew, keep it in the registry, and let it go live only where the protocol says that it is not worse."""
    language = settle(lang, json=json)
    with extra("forecast"):
        from paycanary.forecast import train as _training  # noqa: F401, PLC0415
    with extra("registry"):
        from paycanary.forecast import registry as _registry  # noqa: F401, PLC0415
    from paycanary.documents.forecast import RetrainedReport  # noqa: PLC0415
    from paycanary.tasks import retraining  # noqa: PLC0415

    with progress() as bar:
        done = retraining.retrain(table, draws, progress=bar)
    report = RetrainedReport(outcome=done.outcome, version=done.version, registered=done.registered, live=done.live, reasons=list(done.reasons))  # fmt: skip
    if json:
        print_json(report)
        return
    said = {
        "promoted": {"ko": f"{report.version} 를 쓰기 시작했습니다(등록된 판 {report.registered}).", "en": f"{report.version} is live (version {report.registered} in the registry)."},
        "kept": {"ko": f"{report.version} 는 더 나빠서 쓰지 않습니다. 계속 {report.live} 를 씁니다.", "en": f"{report.version} is worse and was not taken; {report.live} stays live."},
        "unchanged": {"ko": f"{report.version} 를 이미 쓰고 있습니다.", "en": f"{report.version} is live already."},
    }  # fmt: skip
    console().print(said[report.outcome][language])
    for reason in report.reasons:
        console().print(f"  {reason}")


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


def _registered(text: str) -> str:
    with extra("registry"):
        from paycanary.forecast import registry as _registry  # noqa: F401, PLC0415
    from paycanary.tasks import retraining  # noqa: PLC0415

    return retraining.register(text)


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
