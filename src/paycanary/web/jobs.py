"""Asking the registers about a company again, and watching how far that is.

Company pages are kept and shown to everybody, so they cannot hold a form with one browser's token: their button is a link
to a page of its own that asks once more and holds the form.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from paycanary.api.app import service_of
from paycanary.api.jobs import document, stream
from paycanary.errors import Lang, NotFoundError, PaycanaryError, StateError
from paycanary.jobs.policy import FullError, NoJobError, QueueError, SampleError
from paycanary.models import Company
from paycanary.sources.registers import REGISTERS
from paycanary.web.forms import FormError, check_form, form_fields, read_form
from paycanary.web.pages import lang_of, link, page, words

router = APIRouter()
_SEOUL: Final = ZoneInfo("Asia/Seoul")
_UNKEPT: Final = {"Cache-Control": "no-store"}
#: Steps of a job as a whole that its status tells; of any other it tells that the registers are asked.
_TOLD_STEPS: Final = ("store", "store_busy", "judge")
_STATUS: Final[dict[type[PaycanaryError], int]] = {FormError: 400, SampleError: 409}


@router.get("/companies/{company}/refresh")
def ask(request: Request, company: str) -> HTMLResponse:
    """Say what will be done, and ask whether to do it."""
    return _ask(request, _company(request, company))


@router.post("/companies/{company}/refresh")
def send(
    request: Request, company: str, form: Annotated[dict[str, str], Depends(read_form)]
) -> Response:
    """Begin, and lead to the page that shows how far it is."""
    service, lang = service_of(request), lang_of(request)
    known = _company(request, company)
    try:
        check_form(request, form)
        ticket = service.refreshing.ask(service.market.edition(), known.id, lang)
    except (FormError, SampleError, QueueError, FullError, StateError) as error:
        return _ask(request, known, error)
    asked = "" if ticket.how == "new" else f"?asked={ticket.how}"
    return RedirectResponse(link(f"/jobs/{ticket.id}{asked}", lang), status_code=303)


@router.get("/jobs/{job}")
def look(
    request: Request, job: str, asked: Annotated[str, Query(max_length=10)] = ""
) -> HTMLResponse:
    """Show how far a job is, and at the end what came of it."""
    service, lang = service_of(request), lang_of(request)
    try:
        seen = service.refreshing.look(job)
    except NoJobError:
        return _away(request, 404, "jobs.gone_title", words(lang)["jobs.gone"])
    except StateError as error:
        return _away(request, 503, "jobs.away_title", _line(error, lang))
    told = document(service, seen, lang)
    fetch = told.result
    said = _say(seen.progress or {"state": seen.state}, lang)
    return page(
        request,
        "jobs/job.html",
        headers=_UNKEPT,
        job=told,
        name=_name(request, seen.subject),
        asked=asked,
        text=said["text"],
        parts=said.get("parts", []),
        registers=REGISTERS,
        missing=[s for s in fetch.sources if s.state != "done"] if fetch else [],
        added=sum(fetch.refresh.added.values()) if fetch and fetch.refresh else 0,
        when=_when,
    )


@router.get("/jobs/{job}/events")
def events(
    request: Request,
    job: str,
    last: Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)] = None,
) -> Response:
    """The same as it goes, for the page's script."""
    lang = lang_of(request)
    return stream(request, service_of(request), job, last, lambda event: _say(event, lang))


def _ask(request: Request, company: Company, error: PaycanaryError | None = None) -> HTMLResponse:
    settings = request.app.state.settings
    form = form_fields(request)
    status = 200 if error is None else _STATUS.get(type(error), 503)
    answer = page(
        request,
        "jobs/ask.html",
        status,
        _UNKEPT if status < 500 else _UNKEPT | {"Retry-After": "60"},  # noqa: PLR2004 - the server's own
        company=company,
        form=form,
        error=_line(error, lang_of(request)) if error else None,
        is_sample=service_of(request).market.edition().is_sample,
        minutes=round(settings.job_fresh_minutes),
        registers=list(REGISTERS.values()),
    )
    form.set_cookie(request, answer)
    return answer


def _away(request: Request, status: int, title: str, said: str) -> HTMLResponse:
    return page(request, "jobs/away.html", status, _UNKEPT, title=words(lang_of(request))[title], said=said)  # fmt: skip


def _line(error: PaycanaryError, lang: Lang) -> str:
    """What a visitor is told: where the database lies is for the operator's log."""
    if isinstance(error, StateError):
        error = QueueError()
    return error.line(lang)


def _company(request: Request, company: str) -> Company:
    # Not the service's verdict: this answers also while the database is away.
    edition = service_of(request).market.edition()
    return edition.verdict(edition.canonical(company), None, lang_of(request)).company


def _name(request: Request, company: str) -> str:
    """The company's name; its number where it is not stored any more."""
    try:
        return _company(request, company).name
    except NotFoundError:
        return company


def _say(event: dict[str, Any], lang: Lang) -> dict[str, Any]:
    """An event of a job in words."""
    known = words(lang)
    state = event.get("state")
    if state is not None:
        return {"text": known[f"jobs.status_{state}"]}
    parts = {part["part"]: part for part in event["parts"]}
    step = parts.pop("", {}).get("step")
    text = known[f"jobs.status_{step}" if step in _TOLD_STEPS else "jobs.status_running"]
    shown = [_part(part, lang, known.__getitem__) for part in parts.values()]
    return {"text": text, "parts": shown}


def _part(part: dict[str, Any], lang: Lang, known: Callable[[str], str]) -> str:
    register = REGISTERS.get(part["part"])
    name = getattr(register, lang) if register else part["part"]
    if not part["done"] and not part["total"]:
        return str(name)
    how = known("jobs.progress_of" if part["total"] else "jobs.progress_part")
    return f"{name}: {how.format(done=part['done'], total=part['total'])}"


def _when(at: datetime) -> str:
    return f"{at.astimezone(UTC).astimezone(_SEOUL):%Y-%m-%d %H:%M} (KST)"
