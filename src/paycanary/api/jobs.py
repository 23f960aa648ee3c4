"""Refreshing one company: asked for, looked at, and followed by server-sent events.

Events bear the numbers of the job's own; who comes back with ``Last-Event-ID`` goes on after it, on any copy of the service.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final, cast
from urllib.parse import quote

import anyio
from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Header, Path, Request, Response
from pydantic import ValidationError
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Message, Receive, Scope, Send

from paycanary.api.answers import unkept
from paycanary.api.parameters import (
    EVERYWHERE,
    AnswerLang,
    CompanyId,
    TheService,
    canonical,
)
from paycanary.api.problems import HttpError
from paycanary.documents.fetched import Fetch
from paycanary.documents.jobs import Job, JobFault, JobLinks, JobPart
from paycanary.errors import Lang, StateError
from paycanary.jobs.reading import ENDS, Seen
from paycanary.jobs.table import Ticket
from paycanary.service.core import Service

router = APIRouter(prefix="/v1", tags=["jobs"], dependencies=EVERYWHERE)
#: Seconds between two looks for news, while there is some and after a while without.
_LOOK: Final = 0.3
_SLOW_LOOK: Final = 2.0
#: Looks without news after which it is looked for more seldom.
_QUICK_LOOKS: Final = 20
#: Milliseconds after which a browser whose stream ended comes back.
_COME_BACK: Final = 2000
#: Seconds between two comments that show proxies that the stream lives.
_HEARTBEAT: Final = 10
#: Streams that one address may hold, so that nobody takes them all; who gets none reads the page again now and then.
_EACH: Final = 16
#: Threads that look for all streams, so that they leave the others to the pages.
_LOOKERS: Final = 2

JobId = Annotated[str, Path(description="Number of a job.", min_length=1, max_length=36)]
LastEvent = Annotated[
    str | None, Header(alias="Last-Event-ID", max_length=20, description="Number of the last event seen.")
]  # fmt: skip
#: Puts an event into words for whoever reads the stream: its name and its data.
Say = Callable[[dict[str, Any]], dict[str, Any]]


class Streams:
    """The streams that a process holds open: how many, whose, and who looks for news for them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: Counter[str] = Counter()
        self.lookers = CapacityLimiter(_LOOKERS)

    @property
    def open(self) -> int:
        """How many there are."""
        return self._held.total()

    @contextmanager
    def held_by(self, who: str) -> Iterator[None]:
        """Count a stream while it goes on.

        Raises:
            HttpError: there are as many as may be, in all or to one address.
        """
        if self.open >= self._most or self._held[who] >= _EACH:
            raise HttpError("overloaded")
        self._held[who] += 1
        try:
            yield
        finally:
            self._held[who] -= 1
            if not self._held[who]:
                del self._held[who]


class _Stream(EventSourceResponse):
    """Counted from its first byte to its last, however it ends: a browser that goes away cancels it wherever it waits."""

    def __init__(self, streams: Streams, who: str, events: AsyncIterator[ServerSentEvent]) -> None:
        super().__init__(events, ping=_HEARTBEAT, sep="\n", send_timeout=_HEARTBEAT)
        self._streams = streams
        self._who = who

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_open = False

        async def send_noted(message: Message) -> None:
            nonlocal is_open
            is_open = message["type"] == "http.response.start" or message.get("more_body", False)
            await send(message)

        with self._streams.held_by(self._who):
            await super().__call__(scope, receive, send_noted)
            if is_open:
                # Broken off, since the service stops: whoever listens is told that this was all, and comes back.
                await send({"type": "http.response.body", "body": b"", "more_body": False})


@router.post("/companies/{company}/refresh", summary="Ask the registers about a company", response_model=Job, status_code=202)  # fmt: skip
def refresh(
    request: Request, service: TheService, lang: AnswerLang, company: CompanyId
) -> Response:
    """Every register is asked about the company now, in a job. A company that is being asked about already has one job only, and one that was asked about a moment ago is answered with the last one (status 200)."""
    ticket = service.refreshing.ask(service.market.edition(), canonical(request, company), lang)
    told = document(service, service.refreshing.look(ticket.id), lang, ticket)
    made = unkept(lang, told, {"Location": told.links.self})
    made.status_code = 200 if ticket.how == "recent" else 202
    return made


@router.get("/jobs/{job}", summary="How far a refresh is", response_model=Job)
def look(service: TheService, lang: AnswerLang, job: JobId) -> Response:
    """State, progress by register, and at the end the same document that `paycanary refresh --company` prints, verdict included."""
    return unkept(lang, document(service, service.refreshing.look(job), lang))


@router.get(
    "/jobs/{job}/events",
    summary="A refresh as it goes",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {}}}, 204: {"description": "It has ended, and every event was seen."}},
)  # fmt: skip
def events(
    request: Request, service: TheService, lang: AnswerLang, job: JobId, last: LastEvent = None
) -> Response:
    """Server-sent events `queued`, `running`, `progress`, and at the end `done` or `failed`. Numbers rise; send the last one as `Last-Event-ID` to go on after it. The stream also ends after some minutes: come back."""
    return stream(request, service, job, last, lambda event: _said(event, lang))


def document(service: Service, seen: Seen, lang: Lang, ticket: Ticket | None = None) -> Job:
    """A job as every network door gives it."""
    address = f"/v1/jobs/{seen.id}"
    return Job(
        id=seen.id,
        company=seen.subject,
        state=cast("Any", seen.state),
        answered_by=ticket.how if ticket else None,
        attempts=seen.attempts,
        created_at=seen.created_at,
        started_at=seen.started_at,
        ended_at=seen.ended_at,
        progress=[JobPart(**part) for part in (seen.progress or {}).get("parts", [])],
        result=_fetch(service, seen.result[lang]) if seen.result else None,
        error=_fault(seen.error, lang) if seen.error else None,
        links=JobLinks(
            self=address,
            events=f"{address}/events",
            company=f"/v1/companies/{quote(seen.subject, safe=':')}",
        ),
    )


def stream(request: Request, service: Service, job: str, last: str | None, say: Say) -> Response:
    """The events of a job after ``last``, for as long as a stream may take; too many streams are refused.

    Raises:
        NoJobError: there is no such job.
    """
    seen = service.refreshing.look(job)
    # A number beyond the last is nobody's: the next event is what was missed, and no database is asked for what it cannot hold.
    after = min(int(last) if last is not None and last.isascii() and last.isdigit() else 0, seen.last_event)  # fmt: skip
    if seen.is_ended and seen.last_event <= after:
        return Response(status_code=204)  # tells a browser not to come back
    streams: Streams = request.app.state.streams
    return _Stream(streams, request.state.subscriber, _events(service, streams, job, after, say))


async def _events(
    service: Service, streams: Streams, job: str, after: int, say: Say
) -> AsyncIterator[ServerSentEvent]:
    until = time.monotonic() + service.settings.job_stream_seconds
    looks = 0
    yield ServerSentEvent(comment="", retry=_COME_BACK, sep="\n")
    while time.monotonic() < until:
        try:
            found = await to_thread.run_sync(
                service.refreshing.events, job, after, limiter=streams.lookers
            )
        except StateError:
            found = []  # the database may be back at the next look
        for number, event in found:
            after = number  # the next look goes on behind it
            name = event.get("state", "progress")
            data = json.dumps(say(event), ensure_ascii=False)
            yield ServerSentEvent(data=data, event=name, id=str(number), sep="\n")
            if name in ENDS:
                return
        looks = 0 if found else looks + 1
        await anyio.sleep(_LOOK if looks < _QUICK_LOOKS else _SLOW_LOOK)


def _fetch(service: Service, result: dict[str, Any]) -> Fetch | None:
    """What came of a job, with the corrections that stand beside its verdict; None where another version of paycanary wrote it in its own way."""
    try:
        fetch = Fetch.model_validate(result)
    except ValidationError:
        return None
    if fetch.verdict is None:
        return fetch
    return fetch.model_copy(update={"verdict": service.published.attach(fetch.verdict)})


def _said(event: dict[str, Any], lang: Lang) -> dict[str, Any]:
    """An event with its words in one language."""
    if "error" not in event:
        return event
    return {**event, "error": _fault(event["error"], lang).model_dump()}


def _fault(error: dict[str, Any], lang: Lang) -> JobFault:
    return JobFault(code=error["code"], what=error["what"][lang], todo=error["todo"][lang])
