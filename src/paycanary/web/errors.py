"""Errors of pages: what happened and what to do next, with a search box where nothing was found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from paycanary.api.problems import told
from paycanary.web.pages import lang_of, page

if TYPE_CHECKING:
    from fastapi import FastAPI, Request
    from fastapi.responses import Response

    from paycanary.errors import PaycanaryError

#: What programs and browsers fetch beside pages: there a problem stays a problem.
_NO_PAGES: Final = ("/static/", "/suggest", "/en/suggest")
_NO_SUFFIXES: Final = (".png", ".csv", ".txt", ".xml", ".svg", ".json", ".atom", ".ico")


def install(app: FastAPI) -> None:
    """Let an application show the errors of its pages as pages."""
    app.state.show_problem = show


def show(request: Request, error: PaycanaryError, response: Response) -> Response:
    """The page of an error, with the status and the headers that its problem has."""
    path = request.url.path
    if path.startswith(_NO_PAGES) or path.endswith(_NO_SUFFIXES):
        return response
    lang = lang_of(request)
    status, headers, body = told(error, lang, path)
    kept = {"cache-control": "no-store", "content-language": lang}
    problem = json.loads(body)
    number = str(problem.get("instance", ""))
    return page(
        request,
        "error.html",
        status,
        headers=headers | kept,
        problem=problem,
        number=number.rsplit(":", 1)[-1] if number.startswith("urn:") else "",
    )
