"""The whole market against criteria, one's own if one likes; everything stands in the address, so that it can be shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from paycanary.api.app import service_of
from paycanary.api.market import screens_of
from paycanary.api.screens import Wanted
from paycanary.errors import CriteriaError
from paycanary.forecast.scorecard import scorecard
from paycanary.report import tables
from paycanary.report.forecast import beneath
from paycanary.signals import catalog
from paycanary.web import own_criteria
from paycanary.web.pages import lang_of, link, page

if TYPE_CHECKING:
    from paycanary.api.screens import Ranked

router = APIRouter()

ROWS: Final = 50
_LEVELS: Final = ("danger", "watch", "good", "unknown")
_LONGEST: Final = 100
#: What a spreadsheet would take for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class _Asked:
    """The filters of an address."""

    def __init__(self, request: Request) -> None:
        query = request.query_params
        self.name, self.market, self.industry = (
            query.get(key, "").strip()[:_LONGEST] for key in ("q", "market", "industry")
        )
        self.level = query.get("level", "") if query.get("level") in _LEVELS else ""
        self.signal = query.get("signal", "") if query.get("signal") in catalog.signals() else ""
        self.signal_level = query.get("is", "") if query.get("is") in _LEVELS else "danger"
        self.criteria = query.get("criteria", "").replace("\r\n", "\n").strip()
        self.edit = query.get("edit", "") if query.get("edit") in catalog.signals() else ""
        number = query.get("page", "")
        self.page = int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 1  # noqa: PLR2004 - a million pages are enough

    def places(self, ranked: Ranked) -> list[int]:
        """Ranks of the rows that fit."""
        wanted = Wanted(
            self.market or None,
            self.industry or None,
            [self.level] if self.level else (),
            {self.signal: (self.signal_level,)} if self.signal else None,
        )
        places = ranked.places(wanted)
        if not self.name:
            return places
        at = ranked.columns.index("name") if ranked.columns else 0
        part = self.name.casefold()
        return [place for place in places if part in (ranked.rows[place][at] or "").casefold()]

    def query(self, **other: Any) -> str:
        """The address's query with some of it changed; empty values are left out."""
        known = {
            "q": self.name, "market": self.market, "industry": self.industry, "level": self.level, "signal": self.signal,
            "is": self.signal_level if self.signal else "", "criteria": self.criteria,
        } | other  # fmt: skip
        found = urlencode({key: value for key, value in known.items() if value})
        return f"?{found}" if found else ""

    def api(self, lang: str) -> str:
        """The same question to the API."""
        asked = {"lang": lang, "market": self.market, "industry": self.industry, "level": self.level, "criteria": self.criteria}  # fmt: skip
        if self.signal:
            asked[f"signal.{self.signal}"] = self.signal_level
        return "/v1/screen?" + urlencode({key: value for key, value in asked.items() if value})


@router.get("/screen", response_model=None)
def screen(request: Request) -> Response:
    """Show a page of the companies that fit, worst first."""
    service, lang = service_of(request), lang_of(request)
    asked, edition = _Asked(request), service.market.edition()
    own = own_criteria.read(asked.criteria, lang)
    if asked.edit and "set" in request.query_params and not own.error:
        try:
            text = own_criteria.changed(own, asked.edit, request.query_params, edition.day)
        except CriteriaError as error:
            own = own_criteria.Own(own.text, own.criteria, error.line(lang))
        else:
            return RedirectResponse(link("/screen", lang) + asked.query(criteria=text), 303)
    places: list[int] = []
    rows: list[Any] = []
    markets: list[str] = []
    if not own.error:
        ranked = screens_of(request).ranked(edition, None, own.criteria)
        places = asked.places(ranked)
        begin = (asked.page - 1) * ROWS
        rows = ranked.screen(places[begin : begin + ROWS]).rows
        markets = _markets(ranked)
    request.state.keep = True
    return page(
        request,
        "screen.html",
        asked=asked,
        own=own,
        rows=rows,
        forecast_months=scorecard().months,
        forecast_beneath=beneath(lang) if any(row.probability is not None for row in rows) else "",
        total=len(places),
        pages=-(-len(places) // ROWS),
        first=(asked.page - 1) * ROWS + 1,
        markets=markets,
        signals=catalog.signals(),
        editing=own_criteria.fields(asked.edit, own.criteria, edition.day) if asked.edit else None,
        all_levels=_LEVELS,
        is_sample=edition.is_sample,
        day=edition.day,
    )


@router.get("/screen.csv", response_model=None)
def screen_csv(request: Request) -> Response:
    """Give all companies that fit as CSV."""
    service, lang = service_of(request), lang_of(request)
    asked, edition = _Asked(request), service.market.edition()
    own = own_criteria.read(asked.criteria, lang)
    if own.error:
        return RedirectResponse(link("/screen", lang) + asked.query(), 303)
    ranked = screens_of(request).ranked(edition, None, own.criteria)
    rows = [
        {key: _harmless(value) for key, value in zip(ranked.columns, ranked.rows[place], strict=True)}
        for place in asked.places(ranked)
    ]  # fmt: skip
    content = tables.encode(rows, "csv", as_of=edition.day, is_sample=edition.is_sample)
    named = f'attachment; filename="paycanary-screen-{edition.day}.csv"'
    return Response(b"\xef\xbb\xbf" + content, media_type="text/csv", headers={"Content-Disposition": named})  # fmt: skip


def _harmless(value: Any) -> Any:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _markets(ranked: Ranked) -> list[str]:
    if not ranked.columns:
        return []
    at = ranked.columns.index("market")
    return sorted({row[at] for row in ranked.rows if row[at]})
