"""Every error on its way out: turned into a problem; one of our own is logged with the number that the problem carries."""

from __future__ import annotations

import json
import logging
import secrets
from typing import TYPE_CHECKING, Any, Final

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Mount

from paycanary.api.problems import MEDIA_TYPE, HttpError, language, told
from paycanary.documents.http import FaultyInput
from paycanary.errors import LakeError, PaycanaryError, StateError
from paycanary.lake.reader import blamed_on_store
from paycanary.resources import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from paycanary.errors import Lang

log = logging.getLogger("paycanary")
#: Who asked had no right to; worth a line.
_REFUSED: Final = (401, 403)

#: Where programs ask; elsewhere an error is shown as a page, if there are pages.
_FOR_PROGRAMS: Final = ("/v1", "/health")
_BY_STATUS: Final = {400: "malformed", 404: "no_route", 405: "method", 408: "slow_request", 413: "too_large", 414: "long_address", 415: "media_type", 429: "rate_limit", 503: "overloaded", 504: "timeout"}  # fmt: skip
#: Characters of a value that are said back.
_SHOWN: Final = 80
_ERROR: Final = 400
_METHODS: Final = ("DELETE", "GET", "PATCH", "POST", "PUT")


def install(app: FastAPI) -> None:
    """Let an application tell its errors as problems.

    ``app.state.show_problem`` may be set to ``(request, error, response) -> response``: it then draws errors of pages, from the
    problem's response.
    """
    app.state.show_problem = None
    app.add_exception_handler(PaycanaryError, _own)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)


class Faults:
    """Catches what nobody foresaw, inside of all other layers, so that its answer passes them as any other does."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and answer for what goes wrong."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_begun = False

        async def note(message: Message) -> None:
            nonlocal has_begun
            has_begun = has_begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, note)
        except Exception as error:
            request = Request(scope)
            blamed = _blame(error)
            if has_begun or blamed is None:
                number = secrets.token_hex(8)
                log.exception("fault %s at %s %s", number, scope["method"], template(scope))
                blamed = HttpError("internal", instance=f"urn:paycanary:fault:{number}")
            if has_begun:
                raise
            await respond(request, blamed)(scope, receive, send)


def _blame(error: Exception) -> PaycanaryError | None:
    """The store's error where a damaged file of it made a query fail."""
    return blamed_on_store(error)


async def _own(request: Request, error: Exception) -> Response:
    assert isinstance(error, PaycanaryError)  # noqa: S101 - what it is registered for
    return respond(request, error)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    if error.status_code < _ERROR:
        return Response(status_code=error.status_code, headers=error.headers)
    code = _BY_STATUS.get(error.status_code, "malformed" if error.status_code < 500 else "internal")  # noqa: PLR2004 - server's side
    headers = {"Allow": _allowed(request)} if code == "method" else error.headers
    return respond(request, HttpError(code, headers=headers))


def _allowed(request: Request) -> str:
    """The methods that an address takes: of all its routes, of which the router names the first one's alone."""
    routes = [route for route in request.app.router.routes if not isinstance(route, Mount)]
    found = {
        method
        for method in _METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes
        )
    }
    # Every GET is a HEAD too; what a mounted folder gives is never changed.
    return ", ".join(sorted(found | {"HEAD"} if "GET" in found else found or {"GET", "HEAD"}))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what it is registered for
    lang = _lang(request)
    words = read_yaml("api", "invalid.yaml")
    faulty = [
        FaultyInput(where=".".join(str(part) for part in fault["loc"]), message=_say(fault, words, lang))
        for fault in error.errors()
    ]  # fmt: skip
    both: dict[Lang, str] = {
        "ko": "쓸 수 없는 값이 있습니다: ",
        "en": "A value cannot be used: ",
    }
    listed = "; ".join(f"{fault.where.removeprefix('query.')}: {fault.message}" for fault in faulty)
    what: dict[Lang, str] = {"ko": both["ko"] + listed, "en": both["en"] + listed}
    return respond(request, HttpError("invalid", what, errors=faulty))


def _say(fault: Any, words: dict[str, dict[Lang, str]], lang: Lang) -> str:
    """What is wrong with a value, in our words; in pydantic's where ours do not know the case."""
    word = words.get(fault["type"])
    context = {key: str(value) for key, value in (fault.get("ctx") or {}).items()}
    return word[lang].format_map(context) if word else str(fault["msg"])[:_SHOWN]


def respond(request: Request, error: PaycanaryError) -> Response:
    """An error as an answer: a problem for programs, a page for people."""
    lang = _lang(request)
    path = request.url.path
    status, headers, body = told(error, lang, path)
    if isinstance(error, LakeError | StateError):
        log.error("%s: %s", template(request.scope), error)
    elif status in _REFUSED:
        log.warning("refused with %d: %s %s", status, request.method, template(request.scope))
    headers |= {"Cache-Control": "no-store", "Content-Language": lang, "Vary": "Accept-Language"}
    response = Response(body, status, headers, MEDIA_TYPE)
    show: Callable[[Request, PaycanaryError, Response], Response] | None
    show = getattr(request.app.state, "show_problem", None)
    return response if show is None or path.startswith(_FOR_PROGRAMS) else show(request, error, response)  # fmt: skip


def template(scope: Scope) -> str:
    """A request's address as a log may hold it: its route, in which names, numbers and secrets have no place."""
    route = scope.get("route")
    if route is None:
        found = (r for r in scope["app"].router.routes if r.matches(scope)[0] is not Match.NONE)
        route = next(found, None)
    return str(getattr(route, "path", None) or "(no such address)")


def _lang(request: Request) -> Lang:
    return language(request.url.query, request.headers.get("accept-language"))


def problem_in(response: Response) -> dict[str, Any]:
    """The problem that a response carries, for who draws it as a page."""
    parsed: dict[str, Any] = json.loads(bytes(response.body))
    return parsed
