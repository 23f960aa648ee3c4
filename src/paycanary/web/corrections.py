"""Reporting a wrong figure, looking up what became of it, and what was decided about a company."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from paycanary.api.app import service_of
from paycanary.corrections import moderation
from paycanary.corrections.reports import (
    LIMITS,
    Report,
    Shown,
    TooManyReportsError,
    file_report,
    read_number,
)
from paycanary.errors import NotFoundError, PaycanaryError
from paycanary.models import Figure, ForecastReason, Verdict
from paycanary.report.names import figure_value, source_name
from paycanary.verdict import concept_name
from paycanary.web.forms import FormError, check_form, form_fields, read_form
from paycanary.web.pages import lang_of, link, page, words
from paycanary.wording import korean_day, month

router = APIRouter()
#: Fields of the report form in their order, for its summary of what has to be mended.
_FIELDS: Final = ("figure", "claim", "proposed", "evidence", "reporter", "contact")
#: Stands where a signal's name does, of what only the forecast rests on.
_FORECAST: Final = "forecast"
_Form = Annotated[dict[str, str], Depends(read_form)]


@dataclass(frozen=True, slots=True)
class Choice:
    """A figure to choose in the form: ``key`` names it among those of the verdict."""

    key: str
    title: str
    text: str
    signal: str
    figure: Figure


@router.get("/companies/{company}/report")
def ask(
    request: Request, company: str, *, signal: str = "", concept: str = "", period: str = "", filing: str = ""
) -> HTMLResponse:  # fmt: skip
    """Show the form; the query says which figure is meant."""
    verdict = _verdict(request, company)
    chosen = _preselected(_choices(verdict), signal, concept, period, filing)
    return _ask(request, verdict, Report(), chosen)


@router.post("/companies/{company}/report")
def send(request: Request, company: str, form: _Form) -> Response:
    """Keep a report, or say what has to be mended first."""
    verdict = _verdict(request, company)
    report = Report.of(form)
    key = form.get("figure", "")
    by_key = {choice.key: choice for choice in _choices(verdict)}
    try:
        check_form(request, form)
    except FormError as error:
        return _ask(request, verdict, report, key, status=400, error=error)
    faults: dict[str, str] = dict(report.faults())
    if key and key not in by_key:
        faults["figure"] = "figure"
    if faults:
        return _ask(request, verdict, report, key, status=422, faults=faults)
    try:
        filed = file_report(
            service_of(request).database,
            report,
            company_id=verdict.company.id,
            company_name=verdict.company.name,
            shown=_shown(by_key[key]) if key else None,
            lang=lang_of(request),
        )
    except TooManyReportsError as error:
        return _ask(request, verdict, report, key, status=429, error=error)
    told = "new" if filed.is_new else "known"
    address = link(f"/corrections/{filed.number}?sent={told}", lang_of(request))
    return RedirectResponse(address, status_code=303)


@router.get("/corrections")
def look_up(request: Request, number: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Ask for a report's number, and lead to its page."""
    if not number.strip():
        return page(request, "corrections/look_up.html", number="", is_unknown=False)
    try:
        found = moderation.find(service_of(request).database, number)
    except NotFoundError:
        return page(request, "corrections/look_up.html", 404, number=number, is_unknown=True)
    return RedirectResponse(link(f"/corrections/{found.id}", lang_of(request)), status_code=303)


@router.get("/corrections/{number}")
def state(request: Request, number: str, sent: str = "") -> HTMLResponse:
    """Tell what became of a report; its words and contact are for moderators only."""
    try:
        row = moderation.find(service_of(request).database, number)
    except NotFoundError:
        asked = read_number(number[:100])
        return page(request, "corrections/look_up.html", 404, number=asked, is_unknown=True)
    return page(request, "corrections/state.html", row=row, sent=sent, day=korean_day)


@router.get("/companies/{company}/corrections")
def decided(request: Request, company: str) -> HTMLResponse:
    """List what was decided about a company."""
    verdict = _verdict(request, company)
    ids = dict.fromkeys((verdict.company.id, *(known.id for known in verdict.company.links)))
    rows = moderation.decided(service_of(request).database, list(ids))
    return page(
        request, "corrections/decided.html", company=verdict.company, rows=rows, day=korean_day
    )


def _verdict(request: Request, company: str) -> Verdict:
    service = service_of(request)
    return service.verdict(service.market.edition().canonical(company), lang=lang_of(request))


def _ask(
    request: Request, verdict: Verdict, report: Report, chosen: str, *,
    status: int = 200, faults: dict[str, str] | None = None, error: PaycanaryError | None = None,
) -> HTMLResponse:  # fmt: skip
    form = form_fields(request)
    groups: dict[str, list[Choice]] = {}
    for choice in _choices(verdict):
        groups.setdefault(choice.title, []).append(choice)
    context: dict[str, Any] = {
        "company": verdict.company,
        "groups": groups,
        "chosen": chosen,
        "report": report,
        "fields": _FIELDS,
        "limits": LIMITS,
        "faults": dict.fromkeys(_FIELDS, "") | (faults or {}),
        "error": error.line(lang_of(request)) if error else None,
        "form": form,
    }
    answer = page(request, "corrections/report.html", status, {"Cache-Control": "no-store"}, **context)  # fmt: skip
    form.set_cookie(request, answer)
    return answer


def _choices(verdict: Verdict) -> list[Choice]:
    """Every figure of the verdict once, under the first question that it answers."""
    asked = [
        *((f.signal, f.title, f.figures) for f in verdict.findings),
        *((u.what, u.title, u.figures) for u in verdict.unknown),
        *((_FORECAST, f"{words(verdict.lang)['forecast.title_none']}: {r.title}", r.figures) for r in _reasons(verdict)),
    ]  # fmt: skip
    if verdict.forecast_unknown:
        asked.append((_FORECAST, verdict.forecast_unknown.title, verdict.forecast_unknown.figures))
    found: dict[str, Choice] = {}
    for signal, title, figures in asked:
        for figure in figures:
            key = f"{figure.source}/{figure.filing_id}/{figure.concept}/{figure.period_end or ''}"
            found.setdefault(key, Choice(key, title, _told(figure, verdict), signal, figure))
    return list(found.values())


def _reasons(verdict: Verdict) -> list[ForecastReason]:
    return verdict.forecast.reasons if verdict.forecast else []


def _preselected(choices: list[Choice], signal: str, concept: str, period: str, filing: str) -> str:
    """The figure that a link means: all that the link says must fit."""
    for choice in choices:
        its = choice.figure
        wanted = ((signal, choice.signal), (concept, its.concept), (period, str(its.period_end or "")), (filing, its.filing_id))  # fmt: skip
        if (concept or signal) and all(not asked or asked == held for asked, held in wanted):
            return choice.key
    # A figure that several questions share stands under the first of them.
    return _preselected(choices, "", concept, period, filing) if signal and concept else ""


def _told(figure: Figure, verdict: Verdict) -> str:
    lang = verdict.lang
    period = f" {month(figure.period_end, lang)}" if figure.period_end else ""
    value = figure_value(figure.value, figure.unit, lang)
    where = f"{source_name(figure.source, lang)} {figure.filing_id}, {figure.published_on}"
    return f"{concept_name(figure.concept, lang)}{period} {value} [{where}]"


def _shown(choice: Choice) -> Shown:
    figure = choice.figure
    return Shown(figure.source, figure.filing_id, figure.concept, figure.period_end, choice.text)
