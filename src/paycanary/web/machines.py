"""What search engines and browsers ask for: robots.txt, the sitemap; and one address that is an alias."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from cachetools import LRUCache, cached
from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from paycanary.api.app import service_of
from paycanary.api.market import screens_of
from paycanary.api.screens import Ranked
from paycanary.signals import catalog
from paycanary.signals.custom import BUILT_IN
from paycanary.web.pages import link

router = APIRouter()

#: Addresses in a sitemap; its standard allows 50,000.
MOST: Final = 20_000
_PAGES: Final = ("/", "/compare", "/screen", "/signals", "/criteria", "/forecast", "/sources", "/about")  # fmt: skip
#: What nobody should find by searching: answers to forms, what belongs to one person, the same in another form.
_CLOSED: Final = ("/v1/", "/search", "/suggest", "/screen.csv", "/watch", "/moderation", "/jobs")


@router.get("/robots.txt", response_model=None)
def robots(request: Request) -> Response:
    """Say what may be searched, and where the list of pages is."""
    closed = [line for path in _CLOSED for line in (f"Disallow: {path}", f"Disallow: /en{path}")]
    lines = ["User-agent: *", *closed, f"Sitemap: {_base(request)}/sitemap.xml", ""]
    return PlainTextResponse("\n".join(lines))


@router.get("/sitemap.xml", response_model=None)
def sitemap(request: Request) -> Response:
    """List pages, explanations and companies that publish accounts, in both languages, up to a bound."""
    edition = service_of(request).market.edition()
    companies = _companies(screens_of(request).ranked(edition, None, BUILT_IN))
    paths = [*_PAGES, *(f"/signals/{name}" for name in catalog.signals()), *companies]
    addresses = [link(path, lang) for path in paths for lang in ("ko", "en")][:MOST]
    base = _base(request)
    entries = "".join(f"<url><loc>{escape(base + address)}</loc></url>\n" for address in addresses)
    xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'
    request.state.keep = True
    return Response(xml, media_type="application/xml")


@router.get("/en", response_model=None)
def english() -> Response:
    """Lead to the first page in English, whose address ends with a slash."""
    return RedirectResponse("/en/", 308)


@cached(LRUCache(2), key=lambda ranked: ranked.state)
def _companies(ranked: Ranked) -> list[str]:
    """Pages of companies with a DART number, by id."""
    if not ranked.columns:
        return []
    id_at, dart_at = (ranked.columns.index(name) for name in ("id", "corp_code"))
    return sorted(f"/companies/{row[id_at]}" for row in ranked.rows if row[dart_at])


def _base(request: Request) -> str:
    base: str = request.app.state.settings.base_url
    return base.rstrip("/")
