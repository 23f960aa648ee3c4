"""Pages that explain: what is asked and how, thresholds and their sources, the forecast, the data, the service itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from paycanary.api.app import service_of
from paycanary.api.problems import HttpError
from paycanary.forecast import telling
from paycanary.forecast.features import features
from paycanary.forecast.scorecard import scorecard
from paycanary.report import quality
from paycanary.report.forecast import definition
from paycanary.report.tables import criteria_list
from paycanary.signals import catalog
from paycanary.sources.registers import REGISTERS
from paycanary.web.home import status_of
from paycanary.web.pages import lang_of, page

if TYPE_CHECKING:
    from paycanary.errors import Lang

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
    """Say what is predicted, where its level comes from, and how well it told; all from the scorecard's own facts."""
    request.state.keep = True
    card, lang = scorecard(), lang_of(request)
    said = telling.words(lang)
    return page(
        request,
        "forecast.html",
        card=card,
        facts=card.facts,
        stale=said["unknown"]["stale"] if telling.is_stale(card) else "",
        definition=definition(card, lang),
        anchor=telling.anchored(card, lang),
        limits=[said["limits"], said["card"]["survivors"]],
        licence=said["card"]["licence"],
        kind=quality.model_name(card.facts["trained"]["model"], lang),
        questions=quality.questions(card, lang),
        features=_by_reason(list(card.terms_by_name), lang),
        left_out=_by_reason(card.facts["trained"]["left_out"], lang),
    )


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


def _by_reason(names: list[str], lang: Lang) -> list[tuple[str, list[str]]]:
    """Features by the reason that they are told with; one that this program no longer knows stands under its own name."""
    found: dict[str, list[str]] = {}
    for name in names:
        known = features().get(name)
        found.setdefault(
            telling.words(lang)["reasons"][known.reason]["title"] if known else name, []
        ).append(name)
    return list(found.items())
