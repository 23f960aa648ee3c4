"""Every format shows the verdict's own figures: value, source, filing number, day and link."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pytest

from paycanary.report.files import typeset
from paycanary.report.tables import criteria_list
from tests.report import shown

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command import Run
    from tests.report.conftest import Reports

#: Of the built-in sample: failed and listed, sound and listed, pension data alone; with the days asked about.
COMPANIES: Final = {"삼부토건": "2025-06-30", "HMM": "2026-06-30", "(주)대한특장": "2026-10-31"}
#: A day before its pension data came out: nothing but a name.
NAMED: Final = ("(주)대한특장", "2026-06-30")
FAILED: Final = "삼부토건"
FAILED_DAY: Final = COMPANIES[FAILED]


@pytest.mark.parametrize("form", shown.TEXTS)
@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(("name", "day"), [*COMPANIES.items(), NAMED])
def test_every_figure_is_shown_with_its_source(reports: Reports, name: str, day: str, lang: str, form: str) -> None:  # fmt: skip
    verdict = reports.verdict(name, day, lang)
    seen = shown.read(form, reports.write(form, (name,), day, lang).main)
    figures = shown.figures_of(verdict)
    assert bool(figures) == ((name, day) != NAMED)
    rows = [shown.expected_row(figure, lang) for figure in figures]
    if form == "pdf":
        assert shown.missing(seen, ("".join(row) for row in rows)) == []
    else:
        assert shown.rows_of(seen, rows) == []
    assert {f.url for f in figures if f.url} <= set(seen.links)
    said = [verdict.sentence, verdict.coverage_sentence, day, verdict.company.name]
    said += [f.sentence for f in verdict.findings] + [u.title for u in verdict.unknown]
    said += [u.explanation for u in verdict.unknown] + verdict.questions
    if verdict.data_until:
        said.append(str(verdict.data_until))
    assert shown.missing(seen, said) == []


@pytest.mark.parametrize("form", shown.TEXTS)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_probability_only_where_it_was_asked_for(reports: Reports, form: str, lang: str) -> None:
    forecast = reports.verdict(FAILED, FAILED_DAY, lang).forecast
    assert forecast is not None
    assert forecast.probability > 0.5
    told = [forecast.sentence, forecast.definition, forecast.anchor, *(q.sentence for q in forecast.quality)]  # fmt: skip
    says_none = {"ko": "이 파일에는 실패할 확률이 없습니다.", "en": "This file holds no probability of failing"}[lang]  # fmt: skip
    asked_for = {"ko": "작성자가 요청해서 이 파일에는 확률이 있습니다.", "en": "This file holds a probability because its writer asked for one."}[lang]  # fmt: skip

    without = shown.read(form, reports.write(form, (FAILED,), FAILED_DAY, lang).main)
    assert len(shown.missing(without, told)) == len(told)
    assert {"ko": "60%", "en": "60 %"}[lang] not in without.text
    assert shown.missing(without, [says_none]) == []

    held = shown.read(form, reports.write(form, (FAILED,), FAILED_DAY, lang, with_forecast=True).main)  # fmt: skip
    reasons = [f.filing_id for r in forecast.reasons for f in r.figures]
    wanted = [*told, asked_for, forecast.limits, forecast.model_version, *(r.sentence for r in forecast.reasons)]  # fmt: skip
    assert shown.missing(held, [*wanted, *reasons]) == []
    assert shown.missing(held, [says_none]) == [says_none]


@pytest.mark.parametrize("form", shown.TEXTS)
def test_a_comparison_holds_every_company_whole(reports: Reports, form: str) -> None:
    names = ("HMM", FAILED)
    seen = shown.read(form, reports.write(form, names, FAILED_DAY, "en").main)
    for name in names:
        verdict = reports.verdict(name, FAILED_DAY, "en")
        wanted = [shown.expected_row(f, "en") for f in shown.figures_of(verdict)]
        assert shown.missing(seen, [verdict.sentence, *("".join(row) for row in wanted)]) == []
    if form != "pdf":
        overall = next(row for row in seen.rows if row[0] == "Overall")
        assert overall == ("Overall", "○ good", "● danger")


@pytest.mark.parametrize("form", shown.TEXTS)
def test_a_file_says_what_it_is_and_where_to_answer(reports: Reports, form: str) -> None:
    seen = shown.read(form, reports.write(form, ("HMM",), COMPANIES["HMM"], "en").main)
    wanted = (
        "Reply of the company:",
        "can report an error in a figure to whoever gave this file to you",
        "Whoever publishes a statement about a named company answers for it",
        "are no opinion about a company",
        "from public data as of 2026-06-30",
        "Answered from paycanary's built-in sample",
    )
    assert shown.missing(seen, wanted) == []


def test_where_errors_are_reported_is_a_link(reports: Reports, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("PAYCANARY_BASE_URL", "https://canary.example")
    for form in shown.TEXTS:
        seen = shown.read(form, reports.write(form, ("HMM",), "2026-05-31", "ko").main)
        assert "https://canary.example/companies/dart:00164645/report" in seen.links, form


def test_the_document_underneath_is_the_one_that_check_prints(sample: Run, reports: Reports) -> None:  # fmt: skip
    arguments = (FAILED, "--as-of", FAILED_DAY, "--lang", "ko")
    verdict = sample.json("check", *arguments)
    assert reports.verdict(FAILED, FAILED_DAY, "ko").model_dump(mode="json") == verdict
    written = ("report", *arguments, "--format", "json", "-o", "-")
    assert json.loads(sample.ok(*written, "--with-forecast")) == verdict
    without = verdict | {"forecast": None, "forecast_unknown": None}
    assert json.loads(sample.ok(*written)) == without


def test_an_own_criteria_file_is_told_of(sample: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "signals: {net_loss_streak: {thresholds: {danger_years: 20}}}\n", encoding="utf-8"
    )
    arguments = ("report", "HMM", "--lang", "en", "-o", "-", "--criteria")
    told = shown.read("md", sample.ok(*arguments, mine).encode())
    wanted = ("20 (set by the writer)", "The writer's own criteria were applied")
    assert shown.missing(told, wanted) == []


def test_a_threshold_that_is_a_year_is_written_as_one(reports: Reports) -> None:
    """Signals name it ``…_year``; all other thresholds are amounts."""
    for form in ("md", "html"):
        seen = shown.read(form, reports.write(form, ("HMM",), COMPANIES["HMM"], "en").main)
        assert "year from which texts of reports were not read: 2024 (paycanary" in seen.text
    years = {entry.threshold: entry.value for entry in criteria_list(date(2026, 6, 30), "en").criteria if 1900 < entry.value < 2100}  # fmt: skip
    assert list(years) == [name for name in years if name.endswith("_year")] != []


def test_the_picture_is_the_same_content(reports: Reports) -> None:
    """Pixels hold no text: what is set as a picture is set as a page too, and read from there."""
    name, day = "HMM", COMPANIES["HMM"]
    drawn = shown.picture(reports.write("png", (name,), day, "ko").main)
    assert drawn.width == 1080
    assert drawn.height > 5000
    assert shown.margins_are_white(drawn, 0.04)
    inputs = typeset._inputs(reports.content((name,), day, "ko"), "picture")
    made: Any = typeset._compiler().compile(format="pdf", sys_inputs=inputs)
    rows = ["".join(shown.expected_row(f, "ko")) for f in shown.figures_of(reports.verdict(name, day, "ko"))]  # fmt: skip
    assert shown.missing(shown.read("pdf", made), rows) == []
