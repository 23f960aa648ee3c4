"""Two to four companies side by side, signal by signal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from paycanary.api.app import service_of
from paycanary.errors import AmbiguousError, NotFoundError, PaycanaryError
from paycanary.forecast.scorecard import scorecard
from paycanary.report.forecast import beneath
from paycanary.signals import catalog
from paycanary.web.pages import lang_of, link, page
from paycanary.wording import parse_day, quantity

if TYPE_CHECKING:
    from datetime import date

    from paycanary.errors import Lang
    from paycanary.models import Finding, Verdict
    from paycanary.service.market import Edition

router = APIRouter()
MOST: Final = 4
_LEAST: Final = 2


@router.get("/compare", response_model=None)
def compare(
    request: Request,
    c: Annotated[list[str] | None, Query()] = None,
    add: Annotated[str, Query()] = "",
    as_of: Annotated[str | None, Query()] = None,
) -> Response:
    """Put companies side by side; ``c`` are ids, ``add`` is a name to find one more by."""
    service, lang = service_of(request), lang_of(request)
    edition = service.market.edition()
    day = parse_day(as_of, "as_of") if as_of else None
    past = day if day != edition.day else None
    wanted, said = _known(edition, c or [], lang)
    candidates: list[Any] = []
    if add.strip():
        try:
            found = edition.resolve(add).company_id
        except AmbiguousError as error:
            candidates = error.candidates
        except PaycanaryError as error:
            said = [*said, error.line(lang)]
        else:
            chosen = list(dict.fromkeys([*wanted, found]))[:MOST]
            return RedirectResponse(link("/compare", lang) + _query(chosen, past), 303)
    verdicts = [service.verdict(company, day, lang) for company in wanted]
    request.state.keep = True
    return page(
        request,
        "compare.html",
        verdicts=verdicts,
        sections=_sections(verdicts, lang) if len(verdicts) >= _LEAST else [],
        is_full=len(wanted) >= MOST,
        said=said,
        candidates=[(hit, _query([*wanted, hit.company_id], past)) for hit in candidates],
        without={v.company.id: _query([w for w in wanted if w != v.company.id], past) for v in verdicts},
        forecast_months=scorecard().months,
        forecast_beneath=beneath(lang),
        typed=add,
        past=past,
    )  # fmt: skip


def _known(edition: Edition, asked: list[str], lang: Lang) -> tuple[list[str], list[str]]:
    """Canonical ids of what was asked for, each once; and what to say of the rest."""
    found: dict[str, None] = {}
    said = []
    for company in asked[:MOST]:
        try:
            found[edition.canonical(company)] = None
        except NotFoundError as error:
            said.append(error.line(lang))
    return list(found), said


def _sections(verdicts: list[Verdict], lang: Lang) -> list[tuple[str, list[dict[str, Any]]]]:
    """Rows a group: the signals that any of the companies has an answer to."""
    answers = [{f.signal: f for f in v.findings} for v in verdicts]
    words = catalog.wording(lang)
    sections = []
    for group in catalog.GROUPS:
        rows = [
            {"signal": name, "title": words[name]["title"], "cells": [_cell(a.get(name), lang) for a in answers]}
            for name, signal in catalog.signals().items()
            if signal.group == group and any(name in a for a in answers)
        ]  # fmt: skip
        if rows:
            sections.append((group, rows))
    return sections


def _cell(finding: Finding | None, lang: Lang) -> dict[str, str]:
    if finding is None:
        return {"level": "unknown", "measure": ""}
    unit = catalog.signals()[finding.signal].unit
    shown = finding.measure is not None and unit != "none"
    return {
        "level": finding.level,
        "measure": quantity(finding.measure or 0, unit, lang) if shown else "",
    }


def _query(companies: list[str], past: date | None) -> str:
    parts = [("c", company) for company in companies] + ([("as_of", str(past))] if past else [])
    return f"?{urlencode(parts, safe=':')}" if parts else ""
