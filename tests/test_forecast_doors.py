"""One forecast through every door: never without its base rate and what is predicted, and where there is none with the reason."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import TYPE_CHECKING, Final

import pytest
from rich.console import Console

from paycanary.forecast.scorecard import scorecard
from paycanary.lake.reader import open_sample
from paycanary.report import forecast as forecasts
from paycanary.report import tables
from paycanary.report.card import card_svg
from paycanary.report.terminal import show_verdict
from paycanary.verdict import Session
from paycanary.wording import percent
from tests.visiting import Visitor, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paycanary.errors import Lang
    from paycanary.models import Verdict
    from tests.command import Run

DAY: Final = date(2026, 6, 30)
#: In the built-in sample: with a forecast, and one that has failed already; of another only pension data is known.
COMPANY, FAILED, PENSION = "dart:00258801", "dart:00125974", "nps:00343e750e6b"
LANGS = pytest.mark.parametrize("lang", ["ko", "en"])


@pytest.fixture(scope="module")
def session() -> Session:
    return Session(open_sample())


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAYCANARY_HOME", str(tmp_path_factory.mktemp("doors")))
        with visiting(rate_limit="1000000/minute", heavy_rate_limit="1000000/minute") as opened:
            yield opened


def printed(verdict: Verdict, *, full: bool = False) -> str:
    """What a pipe is given: a line a thing."""
    out = io.StringIO()
    show_verdict(Console(file=out, width=10_000), verdict, full=full)
    return out.getvalue()


def drawn(table: object) -> str:
    out = io.StringIO()
    Console(file=out, width=1_000).print(table)
    return out.getvalue()


# --- the same everywhere -----------------------------------------------------------------------------


@LANGS
@pytest.mark.parametrize("company", [COMPANY, FAILED, PENSION])
def test_every_door_gives_the_same(session: Session, sample: Run, visitor: Visitor, company: str, lang: Lang) -> None:  # fmt: skip
    verdict = session.verdict(company, DAY, lang).model_dump(mode="json")
    told = {"forecast": verdict["forecast"], "forecast_unknown": verdict["forecast_unknown"]}
    assert sum(one is None for one in told.values()) == 1
    asked = f"as_of={DAY}&lang={lang}"
    names = [verdict["company"]["name"], "HMM"]
    given = {
        "check": sample.json("check", names[0], "--as-of", DAY, "--lang", lang),
        "compare": sample.json("compare", *names, "--as-of", DAY, "--lang", lang)["verdicts"][0],
        "/verdict": visitor.get(f"/v1/companies/{company}/verdict?{asked}").json(),
        "/compare": visitor.get(f"/v1/compare?id={company}&id=dart:00164645&{asked}").json()["verdicts"][0],
    }  # fmt: skip
    for door, answer in given.items():
        assert {key: answer[key] for key in told} == told, door


def test_a_screen_has_the_probability_of_each_verdict(session: Session, visitor: Visitor) -> None:
    rows = session.screen(DAY)
    listed = [row for row in rows if row["probability"] is not None]
    assert len(listed) > 10
    for row in rows[:20] + listed:
        told = session.verdict(row["id"], DAY).forecast
        assert row["probability"] == (told.probability if told else None), row["name"]
        assert row["base_rate"] == (told.base_rate if told else None), row["name"]
    answer = visitor.get(f"/v1/screen?as_of={DAY}&limit=1000").json()["rows"]
    assert {r["id"]: r["probability"] for r in answer} == {r["id"]: r["probability"] for r in rows}
    assert {r["id"]: r["base_rate"] for r in answer} == {r["id"]: r["base_rate"] for r in rows}


def test_files_hold_raw_numbers_and_nothing_where_there_is_none(session: Session) -> None:
    rows = session.screen(DAY)
    text = tables.encode(rows, "csv", as_of=DAY, is_sample=True).decode()
    for row, read in zip(rows, csv.DictReader(io.StringIO(text)), strict=True):
        for column in ("probability", "base_rate"):
            assert read[column] == ("" if row[column] is None else str(row[column]))


# --- what stands beside a probability ------------------------------------------------------------------


@LANGS
def test_the_terminal_tells_rank_base_rate_definition_and_reasons(session: Session, lang: Lang) -> None:  # fmt: skip
    verdict = session.verdict(COMPANY, DAY, lang)
    told = verdict.forecast
    assert told is not None
    short, full = printed(verdict), printed(verdict, full=True)
    for text in (short, full):
        lead = f"{forecasts.band(told.band, lang)} {told.sentence}"
        assert lead in text
        assert text.index(lead) < text.index(told.definition)
        assert percent(told.base_rate, lang) in told.sentence
        assert told.model_version in text
        assert all(change.sentence in text for change in told.changes)
    for place, reason in enumerate(told.reasons):
        line = f"{forecasts.factor(reason.odds, lang)}  {forecasts.heading(reason.title)}  {reason.sentence}"
        assert line in full
        assert (line in short) == (place < forecasts.FIRST)
        for figure in reason.figures:
            cited = f"{figure.filing_id}, {figure.published_on}"
            assert cited in full
    rest = [told.anchor, told.limits, *(one.sentence for one in told.quality)]
    assert all(text in full for text in rest)
    assert not any(text in short for text in rest)


@LANGS
@pytest.mark.parametrize("company", [FAILED, PENSION])
def test_the_terminal_tells_why_there_is_none(session: Session, company: str, lang: Lang) -> None:
    verdict = session.verdict(company, DAY, lang)
    assert verdict.forecast_unknown is not None
    text = printed(verdict)
    assert verdict.forecast_unknown.explanation in text
    assert all(figure.filing_id in text for figure in verdict.forecast_unknown.figures)


@LANGS
def test_tables_name_base_rate_and_definition(session: Session, lang: Lang) -> None:
    known, failed = (session.verdict(company, DAY, lang) for company in (COMPANY, FAILED))
    compared = drawn(tables.comparison([known, failed], lang))
    screened = drawn(tables.screen(session.screen(DAY), lang, is_sample=True, as_of=DAY))
    assert known.forecast is not None
    assert failed.forecast_unknown is not None
    assert forecasts.cell(known.forecast, lang) in compared
    assert failed.forecast_unknown.explanation in compared
    for text in (compared, screened):
        assert percent(known.forecast.probability, lang) in text
        assert percent(known.forecast.base_rate, lang) in text
        assert known.forecast.definition in text
    nothing = drawn(tables.comparison([failed, failed], lang))
    assert known.forecast.definition not in nothing


@LANGS
def test_a_shared_card_bears_no_probability(session: Session, lang: Lang) -> None:
    verdict = session.verdict(COMPANY, DAY, lang)
    bare = verdict.model_copy(update={"forecast": None, "forecast_unknown": None})
    assert card_svg(verdict) == card_svg(bare)


# --- factors and percentages in words ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("odds", "korean", "english"),
    [
        (3.21, "3.2배 높임", "3.2 times higher"), (0.417, "2.4배 낮춤", "2.4 times lower"), (1.05, "1.05배 높임", "1.05 times higher"),
        (0.952, "1.05배 낮춤", "1.05 times lower"), (1, "1배 높임", "1 times higher"), (25.4, "25배 높임", "25 times higher"),
    ],
)  # fmt: skip
def test_factors_are_read_in_both_directions(odds: float, korean: str, english: str) -> None:
    assert (forecasts.factor(odds, "ko"), forecasts.factor(odds, "en")) == (korean, english)


@pytest.mark.parametrize(
    ("share", "korean", "english"),
    [(0.0142, "1.4%", "1.4 %"), (0.514, "51%", "51 %"), (0, "0%", "0 %"), (0.0004, "0.1% 미만", "under 0.1 %"), (0.0006, "0.1%", "0.1 %"), (-0.02, "−2%", "−2 %")],
)  # fmt: skip
def test_a_chance_never_reads_as_none(share: float, korean: str, english: str) -> None:
    assert (percent(share, "ko"), percent(share, "en")) == (korean, english)


@LANGS
def test_every_band_and_reason_has_words(lang: Lang) -> None:
    assert all(
        forecasts.band(name, lang) for name in ("top_5", "top_20", "upper_half", "lower_half")
    )
    assert percent(scorecard().base_rate, lang) in forecasts.beneath(lang)
