"""Documents that only the HTTP API gives: pages of lists, searches, problems, freshness."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from paycanary.documents.candidates import Candidate
from paycanary.models import SCHEMA_VERSION, Company, Coverage, Group, Model


class FaultyInput(Model):
    """A part of a request that cannot be used."""

    where: str = Field(description="such as query.limit")
    message: str


class HttpProblem(Model):
    """Why a request failed, as RFC 9457 has it (``application/problem+json``)."""

    type: str = Field(
        description="page that explains this kind of problem; relative to the service's address"
    )
    title: str = Field(description="the kind of problem, in words")
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="what happened")
    instance: str | None = Field(
        None, description="path asked for; of a problem of our own, the number to report"
    )
    code: str = Field(
        description="the kind of problem, for programs: the same as `error` of the command line"
    )
    todo: str = Field(description="what to do next")
    lang: Literal["ko", "en"]
    candidates: list[Candidate] | None = Field(
        None, description="with `ambiguous`: companies to choose from"
    )
    nearest: list[str] | None = Field(
        None, description="with `not_found`: names that look most like the one asked for"
    )
    line: int | None = Field(None, description="with `criteria`: line of the criteria at fault")
    errors: list[FaultyInput] | None = Field(None, description="with `invalid`: what is at fault")


class Search(Model):
    """Companies that a query may mean, best first."""

    schema_version: str = SCHEMA_VERSION
    query: str
    candidates: list[Candidate]


class Resolution(Model):
    """The one company that a query means."""

    schema_version: str = SCHEMA_VERSION
    query: str
    matched_by: str = Field(
        description="what of the company matched: exact, stock_code, initials, typo ..."
    )
    company: Candidate


class CompanyEntry(Model):
    """A company in a list, with what tells it apart."""

    id: str
    name: str
    stock_code: str | None
    corp_code: str | None
    business_number: str | None
    market: str | None = Field(description="empty unless it is listed now")
    industry: str | None
    region: str | None
    headcount: int | None = Field(description="newest known: insured people, or employees")


class CompanyPage(Model):
    """A page of the companies there are, by id."""

    schema_version: str = SCHEMA_VERSION
    companies: list[CompanyEntry]
    next: str | None = Field(description="cursor of the next page; empty on the last one")


class CompanyLinks(Model):
    """Where to read on about a company; paths of this service."""

    verdict: str
    facts: str
    headcount: str
    page: str = Field(description="for people")


class CompanyDetail(Model):
    """Who a company is, and how much of it is public today."""

    schema_version: str = SCHEMA_VERSION
    company: Company
    coverage: Coverage
    coverage_sentence: str
    data_until: date | None = Field(description="newest published_on among its rows")
    links: CompanyLinks


class SignalThreshold(Model):
    """A threshold as it holds from ``since`` on."""

    name: str
    value: float
    since: date
    is_in_force: bool = Field(description="holds today")
    who: str
    url: str | None
    note: str | None


class SignalEntry(Model):
    """A question asked of the facts."""

    name: str
    group: Group
    title: str
    question: str
    weight: float = Field(description="how much it counts")
    veto: bool = Field(description="danger here decides alone")
    unit: str
    needs: str = Field(description="input without whose rows it is unknown")
    registers: list[str] = Field(description="who fills that input; see /v1/sources")
    unknown_because: str | None = Field(
        description="why it is always unknown for now; empty where it is asked"
    )


class SignalList(Model):
    """Every question there is."""

    schema_version: str = SCHEMA_VERSION
    lang: Literal["ko", "en"]
    signals: list[SignalEntry]


class SignalDetail(SignalEntry):
    """A question with its thresholds of all days, and the sentences that answer it."""

    schema_version: str = SCHEMA_VERSION
    lang: Literal["ko", "en"]
    thresholds: list[SignalThreshold]
    wording: dict[str, str] = Field(
        description="by level; words in braces stand for figures, thresholds and their periods"
    )


class SourceFreshness(Model):
    """How new the stored rows of a source are."""

    source: str
    rows: int
    newest_published_on: date | None
    last_refresh: str | None


class RegisterFreshness(Model):
    """How a register stands with its public service."""

    register_name: str
    title: str
    gives: str
    url: str
    last_round: datetime | None = Field(description="when the whole register was last fetched")
    is_due: bool | None = Field(
        description="something came out since, by its calendar; empty where nothing was ever fetched"
    )


class Freshness(Model):
    """What the answers rest on, and how new it is."""

    schema_version: str = SCHEMA_VERSION
    sample: bool = Field(description="true when the built-in sample answers")
    snapshot: int
    committed_at: str | None
    sources: list[SourceFreshness]
    registers: list[RegisterFreshness]


class Live(Model):
    """The process answers."""

    status: Literal["live"] = "live"


class Started(Model):
    """Whether the data that answers is warm."""

    status: Literal["starting", "started"]


class ReadyPart(Model):
    """A part of the service."""

    name: Literal["store", "database", "redis"]
    state: Literal["ok", "full", "down", "not_used"] = Field(
        description="full: it answers, and keeps nothing new"
    )
    lost: str | None = Field(description="what does not work while it is down")


class Ready(Model):
    """Whether questions can be answered, and which parts are down."""

    ready: bool
    is_degraded: bool
    version: str | None = Field(description="of the data that answers; changes with every refresh")
    parts: list[ReadyPart]


class ApiKeyEntry(Model):
    """A key of the HTTP API; never its secret."""

    id: str
    name: str
    scopes: list[str]
    created_at: datetime
    revoked_at: datetime | None
    used_on: date | None = Field(description="last day on which it was used")


class ApiKeys(Model):
    """Keys of the HTTP API, oldest first."""

    schema_version: str = SCHEMA_VERSION
    keys: list[ApiKeyEntry]


class NewApiKey(Model):
    """A key just made. ``key`` is told once and cannot be told again."""

    schema_version: str = SCHEMA_VERSION
    key: str
    entry: ApiKeyEntry


#: By the address that gives them.
HTTP_DOCUMENTS: dict[str, type[Model]] = {
    "/v1/search": Search, "/v1/resolve": Resolution, "/v1/companies": CompanyPage, "/v1/companies/{company}": CompanyDetail,
    "/v1/signals": SignalList, "/v1/signals/{name}": SignalDetail, "/v1/sources": Freshness, "/health/live": Live,
    "/health/ready": Ready, "problem": HttpProblem,
}  # fmt: skip
