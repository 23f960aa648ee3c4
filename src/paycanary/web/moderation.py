"""The protected page on which moderators decide about reported errors."""

from __future__ import annotations

import logging
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from paycanary.api.app import service_of
from paycanary.corrections import moderation
from paycanary.errors import PaycanaryError
from paycanary.state.keys import Holder
from paycanary.web import sessions
from paycanary.web.forms import FormError, check_form, form_fields, read_form
from paycanary.web.pages import lang_of, link, page

router = APIRouter()
_Form = Annotated[dict[str, str], Depends(read_form)]
_LOG: Final = logging.getLogger(__name__)
_RECENT: Final = 20
_LIST: Final = "/moderation"
_DECISIONS: Final = {"accept": moderation.accept, "reject": moderation.reject}


@router.get("/moderation")
def overview(request: Request) -> HTMLResponse:
    """List what waits, to moderators; to others, the way to log in."""
    who = sessions.moderator(request)
    return _login(request) if who is None else _overview(request, who)


@router.post("/moderation")
def log_in(request: Request, form: _Form) -> Response:
    """Begin a session for who holds a moderator's key."""
    try:
        check_form(request, form)
        holder = _logins(request).log_in(request, form.get("key", ""))
    except FormError as error:
        return _login(request, 400, error.line(lang_of(request)))
    except sessions.TooManyLoginsError:
        _LOG.warning("a login for moderators was refused: too many wrong keys")
        return _login(request, 429, is_too_often=True)
    if holder is None:
        _LOG.warning(
            "a login for moderators was refused: no such key, revoked, or without the scope"
        )
        return _login(request, 403, is_refused=True)
    _LOG.info("moderator %s logged in", holder.id)
    answer = _to(request, _LIST)
    sessions.begin(request, answer, holder)
    return answer


@router.post("/moderation/logout")
def log_out(request: Request, form: _Form) -> Response:
    """End the session."""
    try:
        check_form(request, form)
    except FormError as error:
        return _login(request, 400, error.line(lang_of(request)))
    answer = _to(request, _LIST)
    sessions.end(request, answer)
    return answer


@router.get("/moderation/{number}")
def show(request: Request, number: str) -> Response:
    """Show a report whole, with what a moderator can do about it."""
    who = sessions.moderator(request)
    return _to(request, _LIST) if who is None else _report(request, who, number)


@router.post("/moderation/{number}")
def decide(request: Request, number: str, form: _Form) -> Response:
    """Accept or reject a report."""
    who = sessions.moderator(request)
    if who is None:
        _LOG.warning("a decision without a moderator's session was refused")
        return _login(request, 403, is_refused=True)
    by = f"{who.name} ({who.id})"
    database, words = service_of(request).database, form.get("words", "")
    try:
        check_form(request, form)
        # It stands for good: only what was plainly asked for is done.
        decision = _DECISIONS.get(form.get("decision", ""))
        if decision is None:
            raise HTTPException(400)
        decision(database, number, words, by)
    except FormError as error:
        return _report(request, who, number, status=400, error=error, form=form)
    except moderation.WordsError as error:
        return _report(request, who, number, status=422, error=error, form=form)
    except moderation.DecidedError as error:
        return _report(request, who, number, status=409, error=error, form=form)
    return _to(request, f"{_LIST}/{number}")


def _login(
    request: Request, status: int = 200, error: str | None = None, *,
    is_refused: bool = False, is_too_often: bool = False,
) -> HTMLResponse:  # fmt: skip
    return _private(
        request, "login.html", status,
        error=error, is_refused=is_refused, is_too_often=is_too_often, minutes=sessions.WAIT_MINUTES,
    )  # fmt: skip


def _overview(request: Request, who: Holder) -> HTMLResponse:
    database = service_of(request).database
    waiting = moderation.reports(database, "open")
    decided = [
        *moderation.reports(database, "accepted", _RECENT),
        *moderation.reports(database, "rejected", _RECENT),
    ]
    decided.sort(key=lambda row: (row.decided_at is not None, row.decided_at), reverse=True)
    return _private(
        request, "overview.html", who=who, waiting=waiting,
        count=moderation.waiting(database), decided=decided[:_RECENT],
    )  # fmt: skip


def _report(
    request: Request, who: Holder, number: str, *,
    status: int = 200, error: PaycanaryError | None = None, form: dict[str, str] | None = None,
) -> HTMLResponse:  # fmt: skip
    given = form or {}
    told = error.line(lang_of(request)) if error else None
    return _private(
        request, "report.html", status, who=who, error=told,
        row=moderation.find(service_of(request).database, number), limit=moderation.LONGEST_WORDS,
        words={given.get("decision", ""): given.get("words", "")},
    )  # fmt: skip


def _private(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A page that no cache keeps, with a form."""
    form = form_fields(request)
    headers = {"Cache-Control": "no-store"}
    answer = page(request, f"moderation/{template}", status, headers, form=form, **context)
    form.set_cookie(request, answer)
    return answer


def _to(request: Request, path: str) -> RedirectResponse:
    return RedirectResponse(link(path, lang_of(request)), 303, {"Cache-Control": "no-store"})


def _logins(request: Request) -> sessions.Logins:
    state = request.app.state
    if not hasattr(state, "logins"):
        state.logins = sessions.Logins()
    found: sessions.Logins = state.logins
    return found
