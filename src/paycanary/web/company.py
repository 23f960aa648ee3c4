"""The page of one company, and its share card."""

from __future__ import annotations

import math
import threading
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final

from cachetools import LRUCache
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from paycanary.api.app import service_of
from paycanary.report import charts
from paycanary.report import forecast as forecasts
from paycanary.report.card import card_png
from paycanary.report.series import Chart
from paycanary.report.series import charts as series_of
from paycanary.signals import catalog
from paycanary.web.pages import lang_of, link, page
from paycanary.wording import parse_day

if TYPE_CHECKING:
    from collections.abc import Callable

    from paycanary.errors import Lang
    from paycanary.models import Finding, Unknown, Verdict
    from paycanary.service.core import Service

router = APIRouter()

COVERAGES: Final = ("listed", "externally_audited", "venture_disclosure", "pension_only", "name_only")  # fmt: skip
LEVELS: Final = ("danger", "watch", "good", "unknown")
#: Days that the slider stops at; the newest of a company that has more.
DAYS: Final = 60
_KEPT: Final = 512
#: Odds twice as high, or half: a bar of nothing stronger is no full one.
_LEAST_BAR: Final = math.log(2)
_drawings: LRUCache[tuple[Any, ...], Any] = LRUCache(_KEPT)
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart for the page: its SVG is empty where there was too little to draw."""

    chart: Chart
    svg: str
    legend: list[tuple[str, str]]


@router.get("/companies/{company}")
def company_page(
    request: Request, company: str, as_of: Annotated[str | None, Query()] = None
) -> Response:
    """Lead with the one sentence, then all that it rests on."""
    service, lang = service_of(request), lang_of(request)
    found = service.market.edition().canonical(company)
    if found != company:
        return _moved(request, f"/companies/{found}")
    day = parse_day(as_of, "as_of") if as_of else None
    # Read before the verdict: what a refresh makes new in between is then kept under a version that nobody asks for again.
    version = service.version()
    verdict = service.verdict(found, day, lang)
    named = [u for u in verdict.unknown if u.figures and u.reason == "not_matched"]
    shown = [figure for f in verdict.findings for figure in f.figures]
    shown += [figure for u in named for figure in u.figures]
    shown += forecasts.figures(verdict)
    request.state.keep = True
    return page(
        request,
        "company.html",
        verdict=verdict,
        is_past=day is not None and day != service.market.edition().day,
        forecast_band=forecasts.band(verdict.forecast.band, lang) if verdict.forecast else "",
        forecast_first=forecasts.FIRST,
        bar_length=_bars(verdict),
        counts=Counter(f.level for f in verdict.findings) | Counter(unknown=len(verdict.unknown)),
        sections=_sections(verdict),
        signals=catalog.signals(),
        drawn=_charts(service, version, verdict, day),
        days=_days(service, version, found, day),
        today=service.market.edition().day,
        named=named,
        reasons=_by_reason(verdict.unknown, lang),
        corrections_of=lambda figure: [c for c in verdict.corrections if c.is_about(figure)],
        # A newer filing may have taken the place of the figure that was corrected.
        apart=[c for c in verdict.corrections if not any(map(c.is_about, shown))],
        doubtful=[x for x in verdict.company.links if x.confidence < 1],
        coverages=COVERAGES,
        all_levels=LEVELS,
    )


@router.get("/companies/{company}/card.png")
def card(request: Request, company: str, as_of: Annotated[str | None, Query()] = None) -> Response:
    """Draw the picture that messengers show beside a link."""
    service, lang = service_of(request), lang_of(request)
    found = service.market.edition().canonical(company)
    if found != company:
        return _moved(request, f"/companies/{found}/card.png")
    day = parse_day(as_of, "as_of") if as_of else None
    version = service.version()
    verdict = service.verdict(found, day, lang)
    key = ("card", version, found, day, lang)
    png = _remembered(key, lambda: card_png(verdict))
    request.state.keep = True
    return Response(png, media_type="image/png", headers={"Cache-Control": "public, max-age=3600"})


def _sections(verdict: Verdict) -> list[tuple[str, list[Finding]]]:
    """Findings by group; the group with the gravest one first, as the sentence above them begins with it."""
    found = [(group, [f for f in verdict.findings if f.group == group]) for group in catalog.GROUPS]
    return sorted(
        ((group, findings) for group, findings in found if findings),
        key=lambda section: min(LEVELS.index(f.level) for f in section[1]),
    )


def _bars(verdict: Verdict) -> Callable[[float], float]:
    """How long the bar of a reason's odds is, 0 to 100: by their logarithm, so that half and double are as long."""
    reasons = verdict.forecast.reasons if verdict.forecast else []
    longest = max([_LEAST_BAR, *(abs(math.log(reason.odds)) for reason in reasons)])
    return lambda odds: round(100 * abs(math.log(odds)) / longest, 1)


def _charts(service: Service, version: str, verdict: Verdict, day: date | None) -> list[Drawn]:
    company, lang = verdict.company.id, verdict.lang

    def draw() -> list[Drawn]:
        edition = service.market.edition()
        made = series_of(verdict, edition.facts(company, day), edition.headcount(company, day))
        return [Drawn(c, charts.draw(c, lang), charts.legend(c)) for c in made]

    found: list[Drawn] = _remembered(("charts", version, company, day, lang), draw)
    return found


def _days(service: Service, version: str, company: str, asked: date | None) -> list[date]:
    """Newest first: the days on which something came out, and the day that was asked for."""
    key = ("days", version, company)
    days: list[date] = _remembered(key, lambda: service.market.edition().days(company))
    newest = days[: -DAYS - 1 : -1]
    return newest if asked is None else sorted({*newest, asked}, reverse=True)


def _by_reason(unknown: list[Unknown], lang: Lang) -> list[tuple[str, list[Unknown]]]:
    """What is unknown, by why: the reason in words, then everything it is the reason for."""
    found: dict[str, list[Unknown]] = {}
    for item in unknown:
        found.setdefault(item.reason, []).append(item)
    return [(catalog.reasons(lang)[reason], items) for reason, items in found.items()]


def _moved(request: Request, path: str) -> RedirectResponse:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(link(path, lang_of(request)) + query, 308)


def _remembered(key: tuple[Any, ...], make: Any) -> Any:
    """What was made for this key before, else made now; two at once may both make it."""
    with _lock:
        if key in _drawings:
            return _drawings[key]
    made = make()
    with _lock:
        _drawings[key] = made
    return made
