"""What answers rest on: the questions, their thresholds, the sources and how new they are, the documents' schema."""

from __future__ import annotations

import json
import threading
from functools import cache
from typing import TYPE_CHECKING, Annotated, Final

from cachetools import TTLCache
from fastapi import APIRouter, Path, Request, Response

from paycanary import documents
from paycanary.api.answers import answer, answer_by_content, answer_text
from paycanary.api.parameters import EVERYWHERE, AnswerLang, AsOf, TheService
from paycanary.api.problems import HttpError
from paycanary.documents import CriteriaList, Status
from paycanary.documents.http import (
    Freshness,
    RegisterFreshness,
    SignalDetail,
    SignalEntry,
    SignalList,
    SignalThreshold,
    SourceFreshness,
)
from paycanary.lake.status import read_status
from paycanary.report.tables import criteria_list
from paycanary.signals import catalog
from paycanary.sources.registers import REGISTERS
from paycanary.wording import today

if TYPE_CHECKING:
    from datetime import date

    from paycanary.errors import Lang
    from paycanary.service.market import Edition


class _SchemaResponse(Response):
    """Says in the description what the answer is."""

    media_type = "application/schema+json"


router = APIRouter(prefix="/v1", tags=["reference"], dependencies=EVERYWHERE)
#: Words of a signal that are no sentence of a level.
_ABOUT: Final = ("title", "question")
#: Seconds for which the state of the store is not looked at again.
_LOOKED: Final = 30
_known: TTLCache[str, Status] = TTLCache(4, _LOOKED)
_lock = threading.Lock()


@router.get("/signals", summary="List the questions", response_model=SignalList)
def signals(request: Request, lang: AnswerLang) -> Response:
    """Every question that a verdict asks, with what it needs and how much it counts."""
    return answer(
        request,
        lang,
        lambda: SignalList(
            lang=lang, signals=[_entry(s, lang) for s in catalog.signals().values()]
        ),
    )


@router.get("/signals/{name}", summary="Explain a question", response_model=SignalDetail)
def signal(
    request: Request,
    lang: AnswerLang,
    name: Annotated[str, Path(description="Such as interest_cover.", max_length=80)],
) -> Response:
    """A question with the thresholds of all days, who says so, and the sentences that answer it."""
    found = catalog.signals().get(name)
    if found is None:
        raise HttpError("no_signal")

    def make() -> SignalDetail:
        words = catalog.wording(lang)[found.name]
        return SignalDetail(
            **_entry(found, lang).model_dump(),
            lang=lang,
            thresholds=_thresholds(found, today()),
            wording={key: text for key, text in words.items() if key not in _ABOUT},
        )

    return answer(request, lang, make)


@router.get("/criteria", summary="List the thresholds", response_model=CriteriaList)
def criteria(request: Request, service: TheService, lang: AnswerLang, as_of: AsOf) -> Response:
    """Every threshold in force on a day: value, since when, who says so, and where."""
    return answer(request, lang, lambda: criteria_list(as_of or service.market.edition().day, lang))


@router.get("/sources", summary="How new the data is", response_model=Freshness)
def sources(request: Request, service: TheService, lang: AnswerLang) -> Response:
    """Per source: the newest thing published and the last refresh. Per register: the last whole fetch, and whether one is due."""
    edition = service.market.edition()
    return answer_by_content(request, lang, _freshness(_status(edition), edition, lang))


@router.get(
    "/schema",
    summary="JSON schema of all documents",
    response_class=_SchemaResponse,
    responses={200: {"content": {_SchemaResponse.media_type: {"schema": {"type": "object"}}}}},
)
def schema(request: Request, lang: AnswerLang) -> Response:
    """One JSON schema (2020-12) for everything that the API and the command line's `--json` answer."""
    return answer_text(request, lang, _schema(), _SchemaResponse.media_type)


@cache
def _schema() -> str:
    return json.dumps(documents.schema(), ensure_ascii=False)


def _entry(signal: catalog.Signal, lang: Lang) -> SignalEntry:
    words = catalog.wording(lang)[signal.name]
    return SignalEntry(
        name=signal.name,
        group=signal.group,
        title=words["title"],
        question=words["question"],
        weight=signal.weight,
        veto=signal.veto,
        unit=signal.unit,
        needs=signal.needs,
        registers=list(signal.registers),
        unknown_because=catalog.reasons(lang)[signal.reason] if signal.reason else None,
    )


def _thresholds(signal: catalog.Signal, day: date) -> list[SignalThreshold]:
    held = signal.criteria(day)
    return [
        SignalThreshold(
            name=name,
            value=c.value,
            since=c.since,
            is_in_force=c == held[name],
            who=c.who,
            url=c.url,
            note=c.note,
        )
        for name, dated in signal.thresholds.items()
        for c in sorted(dated, key=lambda c: c.since)
    ]


def _status(edition: Edition) -> Status:
    """The state of an edition's store, as it was some seconds ago at most."""
    with _lock:
        # Two stores may have an edition of the same name only in tests.
        key = f"{edition.reader.root} {edition.key}"
        if key not in _known:
            _known[key] = read_status(edition.reader)
        return _known[key]


def _freshness(status: Status, edition: Edition, lang: Lang) -> Freshness:
    services = {service.source: service for service in status.services}
    registers = []
    for register in REGISTERS.values():
        known = services.get(register.name)
        registers.append(
            RegisterFreshness(
                register_name=register.name,
                title=register.ko if lang == "ko" else register.en,
                gives=register.gives,
                url=register.url,
                last_round=known.last_round if known else None,
                is_due=known.is_due if known else None,
            )
        )
    return Freshness(
        sample=status.sample,
        snapshot=status.snapshot,
        committed_at=edition.reader.snapshot.committed_at or None,
        sources=[
            SourceFreshness(
                source=s.source,
                rows=s.rows,
                newest_published_on=s.newest_published_on,
                last_refresh=s.last_refresh,
            )
            for s in status.sources
        ],
        registers=registers,
    )
