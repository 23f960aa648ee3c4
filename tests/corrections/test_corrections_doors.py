"""Where accepted corrections stand, also once the figure that they are about has made way for a newer one."""

from __future__ import annotations

from datetime import date
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from paycanary.corrections import moderation, reports
from paycanary.corrections.reports import Report, Shown
from paycanary.documents.fetched import Fetch
from paycanary.forecast import telling
from paycanary.report.forecast import FIRST
from paycanary.report.terminal import show_verdict
from tests.jobs.asking import until
from tests.visiting import COMPANY, NAME, words

if TYPE_CHECKING:
    from paycanary.models import Figure, Verdict
    from tests.visiting import Visitor

#: Of a filing that no verdict rests on any more.
BYGONE = Shown("opendart", "20200330000001", "revenue", date(2019, 12, 31), "매출 2019.12 10억 원")
#: In the built-in sample, with a forecast.
FORECAST = "dart:00258801"
LANGS = pytest.mark.parametrize("prefix", ["", "/en"])


def accepted(visitor: Visitor, shown: Shown, statement: str, company: str = COMPANY) -> str:
    """A report that was accepted, once the service knows."""
    report = Report(f"It is wrong: {statement}", reporter="company")
    number = reports.file_report(
        visitor.service.database, report, company_id=company, company_name=NAME, shown=shown, lang="ko"
    ).number  # fmt: skip
    moderation.accept(visitor.service.database, number, statement, "tester")
    until(lambda: visitor.service.published.version() in visitor.service.version() and stands(visitor, number, company))  # fmt: skip
    return number


def stands(visitor: Visitor, number: str, company: str) -> bool:
    return number in {c.id for c in visitor.service.verdict(company).corrections}


def as_shown(figure: Figure) -> Shown:
    return Shown(figure.source, figure.filing_id, figure.concept, figure.period_end, "as it was shown")  # fmt: skip


@LANGS
def test_a_correction_stays_on_the_page_when_its_figure_has_gone(
    prefix: str, visitor: Visitor
) -> None:
    statement = f"정정 공시로 바뀌었음 {prefix}"
    accepted(visitor, BYGONE, statement)
    page = words(visitor.get(f"{prefix}/companies/{COMPANY}"))
    assert page.count(statement) == 1
    assert BYGONE.text in page


def test_a_correction_stands_beside_its_own_figure_and_no_other(visitor: Visitor) -> None:
    figures = [f for finding in visitor.service.verdict(COMPANY).findings for f in finding.figures]
    figure = next(f for f in figures if f.period_end is not None)
    other = Shown(figure.source, figure.filing_id, figure.concept, None, "about no period")
    accepted(visitor, as_shown(figure), "Beside its own figure.")
    accepted(visitor, other, "Beside none of them.")
    page = visitor.get(f"/companies/{COMPANY}").text
    times = sum(
        (f.source, f.filing_id, f.concept, f.period_end)
        == (figure.source, figure.filing_id, figure.concept, figure.period_end)
        for f in figures
    )
    rows = [row for row in page.split("<tr")[1:] if row.startswith(' class="correction"')]
    assert sum("Beside its own figure." in row for row in rows) == times
    assert not any("Beside none of them." in row for row in rows)
    assert page.count("Beside none of them.") == 1


def only_in_the_forecast(verdict: Verdict) -> list[tuple[int, Figure]]:
    """Figures that no finding rests on, with the place of their reason."""
    assert verdict.forecast is not None
    found = [figure for finding in verdict.findings for figure in finding.figures]
    return [
        (place, figure)
        for place, reason in enumerate(verdict.forecast.reasons)
        for figure in reason.figures
        if not any((f.source, f.filing_id, f.concept, f.period_end) == (figure.source, figure.filing_id, figure.concept, figure.period_end) for f in found)
    ]  # fmt: skip


@LANGS
def test_a_correction_stands_beside_a_figure_that_only_the_forecast_rests_on(
    prefix: str, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the sample's reports were stored up to today.
    monkeypatch.setattr(telling.Stored, "is_current", lambda *_: True)
    verdict = visitor.service.verdict(FORECAST)
    place, figure = only_in_the_forecast(verdict)[-1]
    form = visitor.get(f"{prefix}/companies/{FORECAST}/report").text
    key = f"{figure.source}/{figure.filing_id}/{figure.concept}/{figure.period_end}"
    assert f'<option value="{key}"' in form
    statement = f"Only the forecast rests on it {prefix}."
    accepted(visitor, as_shown(figure), statement, FORECAST)
    page = visitor.get(f"{prefix}/companies/{FORECAST}").text
    rows = [row for row in page.split("<tr")[1:] if row.startswith(' class="correction"')]
    assert sum(statement in row for row in rows) == page.count(statement) == 1
    verdict = visitor.service.verdict(FORECAST)
    for full in (True, False):
        out = StringIO()
        show_verdict(Console(file=out, width=10_000), verdict, full=full)
        text = out.getvalue()
        assert text.count(statement) == 1
        apart = "받아들인 오류 신고"
        is_beside = full or place < FIRST
        assert is_beside == (statement not in text.partition(apart)[2])


def test_a_correction_stands_beside_what_shows_that_it_has_failed_already(visitor: Visitor) -> None:
    unknown = visitor.service.verdict(COMPANY).forecast_unknown
    assert unknown is not None
    (figure,) = unknown.figures
    accepted(visitor, as_shown(figure), "The opinion was given again.")
    section = visitor.get(f"/companies/{COMPANY}").text.partition('<section id="forecast"')[2].partition("</section>")[0]  # fmt: skip
    assert "The opinion was given again." in section


@LANGS
def test_a_comparison_shows_each_companys_corrections(prefix: str, visitor: Visitor) -> None:
    statement = f"Seen when compared {prefix}."
    accepted(visitor, BYGONE, statement)
    page = words(visitor.get(f"{prefix}/compare?c={COMPANY}&c=dart:00258801"))
    assert page.count(statement) == 1
    assert BYGONE.text in page


def test_a_refreshs_verdict_carries_them_too(visitor: Visitor) -> None:
    table = visitor.service.refreshing.table
    claim = table.claim(table.ask("k", COMPANY, "ko").id)
    assert claim is not None
    verdict = visitor.service.market.edition().verdict(COMPANY, None, "ko")
    assert verdict.corrections == []
    fetch = Fetch(company=COMPANY, sources=[], refresh=None, verdict=verdict)
    table.end(claim, {"ko": fetch.model_dump(mode="json")})
    number = accepted(visitor, BYGONE, "Accepted after the refresh had ended.")
    told = visitor.get(f"/v1/jobs/{claim.id}?lang=ko").json()["result"]["verdict"]
    assert number in [c["id"] for c in told["corrections"]]
    assert told["corrections"] == visitor.service.verdict(COMPANY).model_dump(mode="json")["corrections"]  # fmt: skip
