"""Whether the process lives, and whether it can answer; for whoever starts, stops and balances copies."""

from __future__ import annotations

import threading
from typing import Final, Literal

from cachetools import TTLCache
from fastapi import APIRouter, Request, Response

from paycanary.api.parameters import AnswerLang, TheService
from paycanary.documents.http import Live, Ready, ReadyPart, Started
from paycanary.errors import Lang
from paycanary.service import redis_address
from paycanary.service.condition import Patient, redis_state
from paycanary.service.core import Service
from paycanary.service.settings import Settings

router = APIRouter(prefix="/health", tags=["health"])
Part = Literal["store", "database", "redis"]
State = Literal["ok", "full", "down", "not_used"]
#: Parts that do not work as they should.
_AILING: Final[tuple[State, ...]] = ("down", "full")
#: Seconds for which what was seen stands.
_LOOKED: Final = 1.0
_LOST: Final[dict[Lang, dict[Part, str]]] = {
    "ko": {
        "store": "회사에 관한 모든 답",
        "database": "관심 목록, 정정 신고, 새로 받기, 키. 회사에 관한 답은 그대로 됩니다.",
        "redis": "복제본끼리 나누는 캐시와 횟수 제한. 프로세스마다 따로 합니다.",
    },
    "en": {
        "store": "all answers about companies",
        "database": "watchlists, corrections, refreshes and keys; answers about companies go on",
        "redis": "the cache and limits that copies share; each process has its own meanwhile",
    },
}


@router.get("/live", summary="The process lives", response_model=Live)
async def live() -> Live:
    """Answers as long as the process does; asks nothing and nobody."""
    return Live()


@router.get(
    "/started",
    summary="The process has begun to answer",
    response_model=Started,
    responses={503: {"model": Started, "description": "Data is still being made ready."}},
)
async def started(request: Request) -> Response:
    """Says yes once the data is warm, and from then on: whoever starts a copy waits for it."""
    is_warm = getattr(request.app.state, "service", None) is not None
    told = Started(status="started" if is_warm else "starting")
    headers = {"Cache-Control": "no-store"}
    return Response(told.model_dump_json(), 200 if is_warm else 503, headers, "application/json")


@router.get(
    "/ready",
    summary="Questions can be answered",
    response_model=Ready,
    responses={
        503: {
            "model": Ready,
            "description": "Nothing can be answered, or the process is about to end.",
        }
    },
)
def ready(request: Request, service: TheService, lang: AnswerLang) -> Response:
    """Per part: whether it works, and what is lost while it does not. Ready unless a part is down that the operator calls needed (`PAYCANARY_READY_NEEDS`: the data, if nothing else is said), or the process is told to end."""
    readiness: Readiness = request.app.state.readiness
    settings: Settings = request.app.state.settings
    version, states = readiness.look(service, settings)
    told = Ready(
        ready=all(states[needed] != "down" for needed in settings.ready_needs)
        and not request.app.state.ending.has_begun,
        is_degraded=any(state in _AILING for state in states.values()),
        version=version,
        parts=[
            ReadyPart(name=name, state=state, lost=_LOST[lang][name] if state in _AILING else None)
            for name, state in states.items()
        ],
    )
    headers = {"Cache-Control": "no-store", "Content-Language": lang, "Vary": "Accept-Language"}
    return Response(told.model_dump_json(), 200 if told.ready else 503, headers, "application/json")


class Readiness:
    """How the parts were when last looked at; anyone may ask as often as they like, so that is not at every request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._database: Patient[bool] | None = None
        self._seen: TTLCache[str, tuple[str | None, dict[Part, State]]] = TTLCache(1, _LOOKED)

    def look(self, service: Service, settings: Settings) -> tuple[str | None, dict[Part, State]]:
        """The version of the data that answers (None: none does), and the parts."""
        with self._lock:
            found = self._seen.get("")
            if found is None:
                version = _version(service)
                if self._database is None:
                    self._database = Patient(service.database.is_reachable, instead=False)
                states: dict[Part, State] = {
                    "store": "down" if version is None else "ok",
                    "database": "ok" if self._database.ask() else "down",
                    "redis": _redis(settings),
                }
                found = self._seen[""] = (version, states)
            return found


def _version(service: Service) -> str | None:
    """The version of the data that answers; None where its files cannot be read."""
    try:
        edition = service.market.edition()
        edition.reader.connect("companies").close()
        return service.version()
    except OSError:
        return None


def _redis(settings: Settings) -> State:
    """The worse of the two, where cache and queue have a Redis each."""
    places = {place for place in (redis_address.cache(settings), redis_address.queue(settings)) if place}  # fmt: skip
    states: list[State] = [redis_state(place) for place in places]
    return next((state for state in _AILING if state in states), "ok" if states else "not_used")
