"""Companies: found, listed, judged, and what is known of each."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from paycanary.api import cursors
from paycanary.api.answers import answer, next_link, unkept
from paycanary.api.parameters import (
    EVERYWHERE,
    AnswerLang,
    AsOf,
    BodyCriteria,
    CompanyId,
    OwnCriteria,
    TheService,
    canonical,
)
from paycanary.documents import Facts, Headcount
from paycanary.documents.http import (
    CompanyDetail,
    CompanyLinks,
    CompanyPage,
    Resolution,
    Search,
)
from paycanary.models import Verdict
from paycanary.report.candidates import candidate

router = APIRouter(prefix="/v1", tags=["companies"], dependencies=EVERYWHERE)
_LIST: Final = "companies"

Query_ = Annotated[
    str,
    Query(min_length=1, max_length=100, description="Name, initial consonants (ㅅㅂㅌㄱ), stock code, corp code or business number."),
]  # fmt: skip


@router.get("/search", summary="Search companies", response_model=Search)
def search(
    request: Request,
    service: TheService,
    lang: AnswerLang,
    q: Query_,
    limit: Annotated[int, Query(ge=1, le=50, description="At most so many.")] = 10,
) -> Response:
    """Companies that a name, its beginning, its initial consonants, a slip of it or a number may mean, best first."""

    def make() -> Search:
        hits = service.market.edition().search(q, limit)
        return Search(query=q, candidates=[candidate(hit) for hit in hits])

    return answer(request, lang, make)


@router.get("/resolve", summary="Find the one company meant", response_model=Resolution)
def resolve(request: Request, service: TheService, lang: AnswerLang, q: Query_) -> Response:
    """The one company that is meant, as the command line finds it: 404 with the nearest names, 409 with candidates."""

    def make() -> Resolution:
        hit = service.market.edition().resolve(q)
        return Resolution(query=q, matched_by=hit.kind, company=candidate(hit))

    return answer(request, lang, make)


@router.get("/companies", summary="List companies", response_model=CompanyPage)
def companies(
    request: Request,
    *,
    service: TheService,
    lang: AnswerLang,
    market: Annotated[str | None, Query(max_length=20, description="Listed there now, such as KOSPI.")] = None,
    industry: Annotated[str | None, Query(max_length=100, description="Its industry's name holds this.")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="Rows a page.")] = 100,
    cursor: Annotated[str | None, Query(max_length=cursors.LONGEST, description="`next` of the page before.")] = None,
) -> Response:  # fmt: skip
    """Every company stored, by id. A refresh in between only adds companies: the list goes on after the last id given."""
    after = str(cursors.decode(cursor, _LIST, "", str)) if cursor is not None else ""

    def make() -> tuple[CompanyPage, dict[str, str]]:
        found = service.market.edition().index.page(after, limit + 1, market, industry)
        page = found[:limit]
        if len(found) <= limit:
            return CompanyPage(companies=page, next=None), {}
        further = cursors.encode(_LIST, "", page[-1].id)
        return CompanyPage(companies=page, next=further), {"Link": next_link(request, further)}

    return answer(request, lang, make)


@router.get("/companies/{company}", summary="Who a company is", response_model=CompanyDetail)
def company(
    request: Request, service: TheService, lang: AnswerLang, company: CompanyId
) -> Response:
    """Identity, the registers matched and how surely, how much is public, and where to read on."""
    found = canonical(request, company)

    def make() -> CompanyDetail:
        verdict = service.verdict(found, None, lang)
        path = f"/v1/companies/{quote(found, safe=':')}"
        return CompanyDetail(
            company=verdict.company,
            coverage=verdict.coverage,
            coverage_sentence=verdict.coverage_sentence,
            data_until=verdict.data_until,
            links=CompanyLinks(
                verdict=f"{path}/verdict",
                facts=f"{path}/facts",
                headcount=f"{path}/headcount",
                page=path.removeprefix("/v1"),
            ),
        )

    return answer(request, lang, make)


@router.get("/companies/{company}/verdict", summary="Judge a company", response_model=Verdict)
def verdict(
    request: Request,
    *,
    service: TheService,
    lang: AnswerLang,
    company: CompanyId,
    as_of: AsOf,
    criteria: OwnCriteria,
) -> Response:
    """One sentence, then findings with figures, thresholds and sources, what is unknown and why, what to ask."""
    found = canonical(request, company)
    return answer(request, lang, lambda: service.verdict(found, as_of, lang, criteria))


@router.post("/companies/{company}/verdict", summary="Judge a company by long criteria", response_model=Verdict)  # fmt: skip
def verdict_by(
    request: Request,
    *,
    service: TheService,
    lang: AnswerLang,
    company: CompanyId,
    as_of: AsOf,
    criteria: BodyCriteria,
) -> Response:
    """As the GET, with criteria in the body: YAML or JSON."""
    found = canonical(request, company)
    return unkept(lang, service.verdict(found, as_of, lang, criteria))


@router.get("/companies/{company}/facts", summary="Accounts of a company", response_model=Facts)
def facts(
    request: Request,
    *,
    service: TheService,
    lang: AnswerLang,
    company: CompanyId,
    as_of: AsOf,
    concept: Annotated[
        list[str],
        Query(max_length=50, description="Only these concepts (docs/reference/concepts.md); may be given several times."),
    ] = [],  # noqa: B006 - FastAPI copies it
) -> Response:  # fmt: skip
    """Every figure that was public, each with filing, date and link, and shares issued or taken back."""
    found = canonical(request, company)

    def make() -> Facts:
        told = service.market.edition().facts(found, as_of)
        if not concept:
            return told
        return told.model_copy(update={"facts": [f for f in told.facts if f.concept in concept]})

    return answer(request, lang, make)


@router.get("/companies/{company}/headcount", summary="People of a company", response_model=Headcount)  # fmt: skip
def headcount(
    request: Request, service: TheService, lang: AnswerLang, company: CompanyId, as_of: AsOf
) -> Response:
    """Insured people, joiners and leavers by month, and the counts of periodic reports."""
    found = canonical(request, company)
    return answer(request, lang, lambda: service.market.edition().headcount(found, as_of))
