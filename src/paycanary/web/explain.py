"""Pages that explain: what is asked and how, thresholds and their sources, the forecast, the data, the service itself."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from paycanary.api.app import service_of
from paycanary.api.problems import HttpError
from paycanary.report.tables import criteria_list
from paycanary.signals import catalog
from paycanary.sources.registers import REGISTERS
from paycanary.web.home import status_of
from paycanary.web.pages import lang_of, page

router = APIRouter()

_PLAIN: Final = ("danger_weight", "watch_weight", "known_weight")


@router.get("/signals")
def signals(request: Request) -> HTMLResponse:
    """List every question, a group at a time."""
    request.state.keep = True
    found = catalog.signals().values()
    groups = [(group, [s for s in found if s.group == group]) for group in catalog.GROUPS]
    return page(request, "signals.html", sections=groups)


@router.get("/signals/{name}")
def signal(request: Request, name: str) -> HTMLResponse:
    """Explain one question: its computation, its thresholds of all days, what unknown means."""
    found = catalog.signals().get(name)
    if found is None:
        raise HttpError("no_signal")
    request.state.keep = True
    held = found.criteria(service_of(request).market.edition().day)
    words = catalog.wording(lang_of(request))[name]
    return page(
        request,
        "signal.html",
        signal=found,
        words=words,
        unknown=[text for key, text in words.items() if key.startswith("unknown") and "{" not in text],
        thresholds=[
            (threshold, criterion, criterion == held[threshold])
            for threshold, dated in found.thresholds.items()
            for criterion in sorted(dated, key=lambda c: c.since)
        ],
    )  # fmt: skip


@router.get("/criteria")
def criteria(request: Request) -> HTMLResponse:
    """List every threshold in force, and how findings add up."""
    request.state.keep = True
    day = service_of(request).market.edition().day
    listed = criteria_list(day, lang_of(request))
    whole = {name: catalog.in_force(catalog.whole()[name], day).value for name in _PLAIN}
    return page(request, "criteria.html", listed=listed, whole=whole, day=day)


@router.get("/forecast")
def forecast(request: Request) -> HTMLResponse:
    """Say that there is no probability yet, why, and what will be published with it."""
    request.state.keep = True
    return page(request, "forecast.html")


@router.get("/sources")
def sources(request: Request) -> HTMLResponse:
    """Show what is stored and how new it is."""
    edition = service_of(request).market.edition()
    status = status_of(edition)
    services = {service.source: service for service in status.services}
    registers = [(register, services.get(register.name)) for register in REGISTERS.values()]
    return page(
        request, "sources.html", stored=status, registers=registers, is_sample=edition.is_sample
    )


@router.get("/about")
def about(request: Request) -> HTMLResponse:
    """Say what this is, what it is not, and what it keeps of its readers."""
    request.state.keep = True
    return page(request, "about.html")
