"""Reporting a wrong figure on the page, in both languages, without JavaScript; looking up what became of it."""

from __future__ import annotations

import html
import re
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from sqlalchemy import func, select

from paycanary.corrections import moderation, reports
from paycanary.state.tables import Correction
from paycanary.web.forms import COOKIE, HONEYPOT
from paycanary.wording import today
from tests.visiting import COMPANY, NAME, options, token, visiting, words

if TYPE_CHECKING:
    import httpx

    from tests.visiting import Visitor

REPORT = f"/companies/{COMPANY}/report"
CLAIM = "이 수치는 다른 회사의 것입니다."
HOSTILE = "<script>alert(1)</script>{{7*7}}{% raw %}\"'><img src=x onerror=alert(1)>${7*7}"
LANGS = pytest.mark.parametrize("prefix", ["", "/en"])


def sent(visitor: Visitor, prefix: str = "", **fields: str) -> httpx.Response:
    given = {"claim": CLAIM, "reporter": "other", **fields}
    return visitor.fill(prefix + REPORT, given)


def number_of(answer: httpx.Response) -> str:
    assert answer.status_code == 303, words(answer)
    found = re.search(r"/corrections/([0-9A-Z-]+)\?sent=(?:new|known)$", answer.headers["location"])
    assert found
    return found[1]


def count(visitor: Visitor) -> int:
    with visitor.service.database.session() as session:
        return session.scalar(select(func.count()).select_from(Correction)) or 0


@LANGS
def test_a_report_goes_all_the_way(prefix: str, visitor: Visitor) -> None:
    form = visitor.get(prefix + REPORT)
    assert form.status_code == 200
    assert form.headers["cache-control"] == "no-store"
    figure = options(form)[1]
    claim = f"{CLAIM} {prefix}"
    answer = sent(visitor, prefix, claim=claim, figure=figure, contact="a@example.org", evidence="https://example.org/a")  # fmt: skip
    assert answer.headers["location"].startswith(f"{prefix}/corrections/")
    number = number_of(answer)
    thanks = words(visitor.get(answer.headers["location"]))
    assert number in thanks
    assert {"": "고맙습니다", "/en": "Thank you"}[prefix] in thanks
    row = moderation.find(visitor.service.database, number)
    source, filing, concept, period = figure.split("/")
    assert (row.source, row.filing_id, row.concept, str(row.period_end)) == (source, filing, concept, period)  # fmt: skip
    assert row.shown
    assert row.shown in html.unescape(form.text)
    assert filing in row.shown
    assert row.lang == ("en" if prefix else "ko")

    waiting = words(visitor.get(f"{prefix}/corrections/{number}"))
    assert row.shown in waiting
    for private in (claim, "a@example.org", "example.org/a"):
        assert private not in waiting
    assert number not in words(visitor.get(f"{prefix}/companies/{COMPANY}/corrections"))

    moderation.accept(visitor.service.database, number, "3쪽에서 다시 작성됨", "담당자")
    listed = words(visitor.get(f"{prefix}/companies/{COMPANY}/corrections"))
    for page in (words(visitor.get(f"{prefix}/corrections/{number}")), listed):
        assert "3쪽에서 다시 작성됨" in page
        assert str(today()) in page
        assert {"": "받아들임", "/en": "Accepted"}[prefix] in page
        for private in (claim, "a@example.org", "담당자"):
            assert private not in page


@LANGS
def test_a_rejected_report_stands_in_the_list_with_its_reason(
    prefix: str, visitor: Visitor
) -> None:
    number = number_of(sent(visitor, prefix, claim=f"Wrong {prefix} and nothing more"))
    moderation.reject(visitor.service.database, number, "공시에 그렇게 적혀 있음", "tester")
    for page in (f"{prefix}/corrections/{number}", f"{prefix}/companies/{COMPANY}/corrections"):
        said = words(visitor.get(page))
        assert "공시에 그렇게 적혀 있음" in said
        assert {"": "받아들이지 않음", "/en": "Not accepted"}[prefix] in said


def test_the_verdict_of_the_service_carries_what_was_accepted(visitor: Visitor) -> None:
    figure = options(visitor.get(REPORT))[2]
    number = number_of(sent(visitor, claim="Something else is wrong.", figure=figure))
    before = visitor.service.verdict(COMPANY)
    assert number not in [c.id for c in before.corrections]
    moderation.accept(visitor.service.database, number, "So it is.", "tester")
    visitor.service.published._looked = -10.0
    after = visitor.service.verdict(COMPANY)
    (own,) = (c for c in after.corrections if c.id == number)
    assert any(own.is_about(f) for finding in after.findings for f in finding.figures)
    assert after.model_copy(update={"corrections": before.corrections}) == before


@LANGS
def test_what_has_to_be_mended_stands_at_its_field_and_nothing_typed_is_lost(
    prefix: str, visitor: Visitor
) -> None:
    before = count(visitor)
    answer = visitor.fill(
        prefix + REPORT,
        {"claim": "짧다", "evidence": "javascript:alert(1)", "contact": "keep@example.org", "proposed": "42"},
    )  # fmt: skip
    assert answer.status_code == 422
    for field in ("claim", "evidence", "reporter"):
        assert f'id="{field}-error"' in answer.text
        assert re.search(rf'aria-describedby="{field}-hint {field}-error" aria-invalid="true"', answer.text)  # fmt: skip
    assert 'href="#claim"' in answer.text
    assert 'href="#reporter-company"' in answer.text
    for kept in ("짧다", "keep@example.org", 'value="42"'):
        assert kept in answer.text
    assert "3" in words(answer)
    assert count(visitor) == before


def test_a_figure_that_is_not_shown_cannot_be_reported(visitor: Visitor) -> None:
    before = count(visitor)
    answer = sent(visitor, figure="opendart/20990101000001/revenue/2099-12-31")
    assert answer.status_code == 422
    assert 'id="figure-error"' in answer.text
    assert count(visitor) == before


def test_a_link_preselects_the_figure(visitor: Visitor) -> None:
    for key in options(visitor.get(REPORT))[1:]:
        _, filing, concept, period = key.split("/")
        query = f"?concept={concept}&period={period}&filing={quote(filing)}"
        for signal in ("", "&signal=no_such_signal"):
            page = visitor.get(REPORT + query + signal)
            (chosen,) = re.findall(r'<option value="([^"]*)" selected>', page.text)
            assert html.unescape(chosen) == key
    for signal in ("net_loss_streak", "audit_opinion"):
        verdict = visitor.service.verdict(COMPANY)
        has = [f for f in verdict.findings if f.signal == signal]
        page = visitor.get(f"{REPORT}?signal={signal}")
        assert len(re.findall(r" selected>", page.text)) == bool(has)
    assert " selected>" not in visitor.get(f"{REPORT}?filing=nothing&concept=revenue").text
    assert " selected>" not in visitor.get(REPORT).text


def test_the_same_report_leads_to_the_same_number(visitor: Visitor) -> None:
    first = number_of(sent(visitor, claim="Sent once, and once again."))
    answer = sent(visitor, claim="Sent once, and once again.")
    assert number_of(answer) == first
    assert answer.headers["location"].endswith("sent=known")
    assert "하나로 묶었습니다" in words(visitor.get(answer.headers["location"]))


def test_hostile_words_stay_words(visitor: Visitor) -> None:
    database = visitor.service.database
    number = number_of(sent(visitor, claim=HOSTILE, proposed=HOSTILE[:150], contact=HOSTILE[:150]))
    moderation.accept(database, number, HOSTILE, HOSTILE)
    visitor.service.published._looked = -10.0
    pages = [visitor.get(path) for path in (f"/corrections/{number}", f"/companies/{COMPANY}/corrections")]  # fmt: skip
    pages.append(visitor.fill(REPORT, {"claim": HOSTILE, "proposed": HOSTILE, "reporter": HOSTILE}))
    for page in pages:
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
        # As it was typed: neither markup nor a template's sum.
        assert HOSTILE in html.unescape(page.text)
        assert "&lt;script&gt;" in page.text


def test_machines_are_refused(visitor: Visitor) -> None:
    before = count(visitor)
    assert sent(visitor, **{HONEYPOT: "https://spam.example"}).status_code == 400
    good = {"claim": CLAIM, "reporter": "other"}
    assert visitor.post(REPORT, good).status_code == 400
    assert visitor.post(REPORT, {**good, "form_token": "x.y.z"}).status_code == 400
    mine = token(visitor.get(REPORT))
    visitor.client.cookies.clear()  # else a client may send both
    visitor.client.cookies.set(COOKIE, "someone-else")
    answer = visitor.post(REPORT, {**good, "form_token": mine})
    assert answer.status_code == 400
    assert CLAIM in answer.text
    assert count(visitor) == before


def test_haste_is_refused(home: object) -> None:  # noqa: ARG001
    with visiting(is_patient=True) as visitor:
        assert sent(visitor).status_code == 400
        assert count(visitor) == 0
        form = {"claim": CLAIM, "reporter": "other", "form_token": token(visitor.get(REPORT))}
        time.sleep(1.05)
        assert visitor.post(REPORT, form).status_code == 303


def test_files_are_refused(visitor: Visitor) -> None:
    visitor.get(REPORT)
    answer = visitor.client.post(REPORT, files={"claim": ("a.txt", b"x" * 100)})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "charset", ["unicode_escape", "punycode", "undefined", "utf-16", "no-such"]
)
@pytest.mark.parametrize("path", [REPORT, "/moderation"])
def test_a_form_in_a_strange_character_set_is_refused(
    path: str, charset: str, visitor: Visitor
) -> None:
    before = count(visitor)
    fields = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n\\ud800 é \\x00\r\n'
        for name in ("form_token", "claim", "figure", "key")
    )
    kind = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
    answer = visitor.client.post(path, content=f"{fields}--b--\r\n".encode(), headers=kind)
    assert answer.status_code == 400
    assert count(visitor) == before


def test_a_flood_is_told(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "OPEN_AT_ONCE", 0)
    answer = sent(visitor, claim="One report too many.")
    assert answer.status_code == 429
    assert "One report too many." in answer.text


@LANGS
def test_a_number_is_looked_up(prefix: str, visitor: Visitor) -> None:
    number = number_of(sent(visitor, claim=f"Looked up {prefix} afterwards."))
    assert visitor.get(f"{prefix}/corrections").status_code == 200
    found = visitor.get(f"{prefix}/corrections?number={number.lower().replace('-', '')}")
    assert (found.status_code, found.headers["location"]) == (303, f"{prefix}/corrections/{number}")
    for stranger in ("0000-0000-0000", "//evil.example", "%0d%0aSet-Cookie:a=b", "<b>"):
        answer = visitor.get(f"{prefix}/corrections?number={quote(stranger, safe='%')}")
        assert answer.status_code == 404
        assert "<b>" not in answer.text
        assert visitor.get(f"{prefix}/corrections/{quote(stranger, safe='%')}").status_code == 404


def test_an_unknown_company_has_no_form(visitor: Visitor) -> None:
    for path in ("/companies/dart:99999999/report", "/companies/..%2f..%2fetc/report", "/companies/x/corrections"):  # fmt: skip
        assert visitor.get(path).status_code == 404


@pytest.mark.usefixtures("home")
def test_a_report_goes_all_the_way_on_postgresql(postgres_url: str) -> None:
    with visiting(postgres_url) as visitor:
        number = number_of(sent(visitor, figure=options(visitor.get(REPORT))[1]))
        moderation.accept(visitor.service.database, number, "So it is.", "tester")
        assert "So it is." in words(visitor.get(f"/companies/{COMPANY}/corrections"))
        visitor.service.published._looked = -10.0
        assert [c.id for c in visitor.service.verdict(COMPANY).corrections] == [number]
        assert NAME in words(visitor.get(f"/corrections/{number}"))
