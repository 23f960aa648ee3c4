"""Where accepted corrections stand, also once the figure that they are about has made way for a newer one."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from paycanary.corrections import moderation, reports
from paycanary.corrections.reports import Report, Shown
from paycanary.documents.fetched import Fetch
from tests.jobs.asking import until
from tests.visiting import COMPANY, NAME, words

if TYPE_CHECKING:
    from paycanary.models import Figure
    from tests.visiting import Visitor

#: Of a filing that no verdict rests on any more.
BYGONE = Shown("opendart", "20200330000001", "revenue", date(2019, 12, 31), "매출 2019.12 10억 원")
LANGS = pytest.mark.parametrize("prefix", ["", "/en"])


def accepted(visitor: Visitor, shown: Shown, statement: str) -> str:
    """A report that was accepted, once the service knows."""
    report = Report(f"It is wrong: {statement}", reporter="company")
    number = reports.file_report(
        visitor.service.database, report, company_id=COMPANY, company_name=NAME, shown=shown, lang="ko"
    ).number  # fmt: skip
    moderation.accept(visitor.service.database, number, statement, "tester")
    until(lambda: visitor.service.published.version() in visitor.service.version() and stands(visitor, number))  # fmt: skip
    return number


def stands(visitor: Visitor, number: str) -> bool:
    return number in {c.id for c in visitor.service.verdict(COMPANY).corrections}


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
