"""The first page: one search box; and what a search finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import quote

from cachetools import LRUCache, cached
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from paycanary.api.app import service_of
from paycanary.errors import AmbiguousError, NotFoundError, UsageError
from paycanary.lake.status import read_status
from paycanary.web.pages import lang_of, link, page, readable
from paycanary.wording import quantity

if TYPE_CHECKING:
    from paycanary.documents import Status
    from paycanary.errors import Lang
    from paycanary.lake.search import Hit
    from paycanary.service.market import Edition

router = APIRouter()

#: Stock codes of large companies; those that are stored stand under the search box as examples.
_EXAMPLES: Final = ("005930", "035720", "011200", "004370", "009240", "352820")
_SUGGESTED: Final = 8
_LISTED: Final = 20


@router.get("/")
def home(request: Request) -> HTMLResponse:
    """Show the search box."""
    service = service_of(request)
    edition = service.market.edition()
    request.state.keep = True
    return page(
        request,
        "home.html",
        examples=[hit for code in _EXAMPLES for hit in edition.search(code, 1)],
        stored=status_of(edition),
        is_sample=edition.is_sample,
    )


@router.get("/search", response_model=None)
def search(request: Request, q: Annotated[str, Query()] = "") -> Response:
    """Go to the one company meant, else show who may be."""
    edition, lang = service_of(request).market.edition(), lang_of(request)
    if not q.strip():
        return RedirectResponse(link("/", lang), 303)
    shown: dict[str, Any] = {"query": q, "hits": [], "nearest": [], "said": ""}
    try:
        return RedirectResponse(link(f"/companies/{edition.resolve(q).company_id}", lang), 303)
    except AmbiguousError as error:
        return page(request, "search.html", **shown | {"hits": error.candidates})
    except NotFoundError:
        near = edition.index.nearest(q)
        hits = edition.search(q, _LISTED)
        return page(request, "search.html", 404, **shown | {"hits": hits, "nearest": near})
    except UsageError as error:
        return page(request, "search.html", 400, **shown | {"said": error.line(lang)})


@router.get("/suggest", response_model=None)
def suggest(request: Request, q: Annotated[str, Query()] = "") -> Response:
    """Companies that fit what was typed so far, for the search box."""
    edition, lang = service_of(request).market.edition(), lang_of(request)
    try:
        hits = edition.search(q, _SUGGESTED)
    except UsageError:
        hits = []
    request.state.keep = True
    return JSONResponse([_suggestion(hit, lang) for hit in hits])


def _suggestion(hit: Hit, lang: Lang) -> dict[str, str]:
    staff = quantity(hit.headcount, "persons", lang) if hit.headcount is not None else None
    told = (hit.stock_code, hit.market, hit.industry, hit.region, staff)
    return {
        "id": hit.company_id,
        "name": readable(hit.name),
        "more": readable(" · ".join(filter(None, told))),
        "href": link(f"/companies/{quote(hit.company_id, safe=':')}", lang),
    }


@cached(LRUCache(4), key=lambda edition: edition.key)
def status_of(edition: Edition) -> Status:
    """What is stored and how fresh it is."""
    return read_status(edition.reader)
