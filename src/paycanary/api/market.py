"""Several companies at once: side by side, or the whole market against criteria."""

from __future__ import annotations

from bisect import bisect_right
from typing import Annotated, Final, Literal, cast

from fastapi import APIRouter, Query, Request, Response
from pydantic import StringConstraints

from paycanary.api import cursors
from paycanary.api.answers import answer, next_link, unkept
from paycanary.api.parameters import (
    EVERYWHERE,
    AnswerLang,
    AsOf,
    BodyCriteria,
    OwnCriteria,
    TheService,
    signal_levels,
)
from paycanary.api.screens import Ranked, Screens, Wanted
from paycanary.documents import Comparison, Screen
from paycanary.signals import catalog

router = APIRouter(prefix="/v1", tags=["market"], dependencies=EVERYWHERE)
_LIST: Final = "screen"
_SIGNALS: Final = {
    "parameters": [
        {
            "name": f"signal.{name}", "in": "query", "required": False,
            "description": "Only companies whose answer to this question has this level; given twice: either.",
            "schema": {"enum": ["danger", "watch", "good", "unknown"], "type": "string"},
        }
        for name in catalog.signals()
    ]
}  # fmt: skip

AnyId = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Market = Annotated[str | None, Query(max_length=20, description="Listed there now, such as KOSPI.")]
Industry = Annotated[str | None, Query(max_length=100, description="Its industry's name holds this.")]  # fmt: skip
LevelWanted = Annotated[
    list[Literal["danger", "watch", "good", "unknown"]],
    Query(max_length=4, description="Only verdicts of this level; may be given several times."),
]
Limit = Annotated[int, Query(ge=1, le=1000, description="Rows a page.")]
Cursor = Annotated[
    str | None,
    Query(max_length=cursors.LONGEST, description='From the `Link` with rel="next" of the page before.'),
]  # fmt: skip


def screens_of(request: Request) -> Screens:
    """The ranked screens that this process keeps."""
    return cast("Screens", request.app.state.screens)


@router.get("/compare", summary="Put companies side by side", response_model=Comparison)
def compare(
    request: Request,
    *,
    service: TheService,
    lang: AnswerLang,
    id: Annotated[list[AnyId], Query(min_length=2, max_length=8, description="Company ids, two to eight.")],  # noqa: A002 - the parameter's name
    as_of: AsOf,
    criteria: OwnCriteria,
) -> Response:  # fmt: skip
    """Their verdicts, in the order asked; an id of another register stands for its company."""

    def make() -> Comparison:
        edition = service.market.edition()
        found = [edition.canonical(company) for company in id]
        verdicts = [service.verdict(company, as_of, lang, criteria) for company in found]
        return Comparison(as_of=as_of or edition.day, verdicts=verdicts)

    return answer(request, lang, make)


@router.get("/screen", summary="Hold the market against criteria", response_model=Screen, openapi_extra=_SIGNALS)  # fmt: skip
def screen(
    request: Request,
    *,
    service: TheService,
    lang: AnswerLang,
    as_of: AsOf,
    criteria: OwnCriteria,
    market: Market = None,
    industry: Industry = None,
    level: LevelWanted = [],  # noqa: B006 - FastAPI copies it
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """A row a company, worst first; `X-Total-Count` counts the rows of all pages.

    A page's place is by rank, so a cursor ends with its data: after a refresh, and at midnight in Korea, it is answered with
    410, and the list begins anew.
    """
    wanted = Wanted(market, industry, level, signal_levels(request))

    def make() -> tuple[Screen, dict[str, str]]:
        ranked = screens_of(request).ranked(service.market.edition(), as_of, criteria)
        return _page(request, ranked, wanted, limit, cursor)

    return answer(request, lang, make)


@router.post("/screen", summary="Hold the market against long criteria", response_model=Screen, openapi_extra=_SIGNALS)  # fmt: skip
def screen_by(
    request: Request,
    *,
    service: TheService,
    lang: AnswerLang,
    as_of: AsOf,
    criteria: BodyCriteria,
    market: Market = None,
    industry: Industry = None,
    level: LevelWanted = [],  # noqa: B006 - FastAPI copies it
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """As the GET, with criteria in the body: YAML or JSON. The next page is the same POST to the address in `Link`."""
    wanted = Wanted(market, industry, level, signal_levels(request))
    ranked = screens_of(request).ranked(service.market.edition(), as_of, criteria)
    return unkept(lang, *_page(request, ranked, wanted, limit, cursor))


def _page(
    request: Request, ranked: Ranked, wanted: Wanted, limit: int, cursor: str | None
) -> tuple[Screen, dict[str, str]]:
    """Rows that follow the cursor, and headers that tell of the others."""
    last = int(cursors.decode(cursor, _LIST, ranked.state, int)) if cursor is not None else -1
    places = ranked.places(wanted)
    begin = bisect_right(places, last)
    page = places[begin : begin + limit]
    headers = {"X-Total-Count": str(len(places))}
    if begin + limit < len(places):
        headers["Link"] = next_link(request, cursors.encode(_LIST, ranked.state, page[-1]))
    return ranked.screen(page), headers
