"""Everything that ``--json`` prints and the HTTP API answers, in one published and versioned JSON schema (``paycanary schema``)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field
from pydantic.json_schema import models_json_schema

from paycanary.documents.backups import BackupEntry, Backups
from paycanary.documents.benchmark import Benchmark
from paycanary.documents.candidates import Candidate
from paycanary.documents.fetched import Due, Expired, Fetch, RefreshReport, ShortMonthReport
from paycanary.documents.forecast import (
    DatasetReport,
    DriftReport,
    Evaluation,
    RetrainedReport,
    TrainedReport,
)
from paycanary.documents.http import HTTP_DOCUMENTS, ApiKeyEntry, ApiKeys, NewApiKey
from paycanary.documents.jobs import Job
from paycanary.documents.notion import NotionCheck, NotionSync
from paycanary.documents.past import Past, Written
from paycanary.documents.posts import PostsReport
from paycanary.documents.registry import FetchedModel, ModelVersion, ModelVersions
from paycanary.documents.words import WordsReading
from paycanary.models import SCHEMA_VERSION, Level, Model, Verdict


class Comparison(Model):
    """Several verdicts side by side, in the order asked."""

    schema_version: str = SCHEMA_VERSION
    as_of: date
    verdicts: list[Verdict]


class ScreenRow(Model):
    """A company in a screen. ``signals`` holds a level for each signal asked."""

    id: str = Field(description="canonical company id")
    corp_code: str | None
    stock_code: str | None
    name: str
    market: str | None
    industry: str | None
    level: Level
    probability: float | None = Field(
        None,
        description="of failing within 12 months, as the verdict's `forecast` defines it; null: there is none, `forecast_unknown` says why",
    )
    base_rate: float | None = Field(
        None, description="of all listed companies, where there is a probability"
    )
    signals: dict[str, Level]


class Screen(Model):
    """The market against criteria, worst first."""

    schema_version: str = SCHEMA_VERSION
    as_of: date
    sample: bool
    rows: list[ScreenRow]


class Problem(Model):
    """Why a command failed: printed to standard error with ``--json``."""

    schema_version: str = SCHEMA_VERSION
    error: str = Field(description="error code, such as not_found, ambiguous, input_file")
    exit_code: int
    message: str
    candidates: list[Candidate] = Field(default_factory=list)


class KeyStatus(Model):
    """Whether a key is set, and where it was found. Never the key."""

    name: str
    is_set: bool
    where: str | None
    variables: list[str]
    url: str


class Keys(Model):
    """Every key that a register asks for."""

    schema_version: str = SCHEMA_VERSION
    keys: list[KeyStatus]


class FetchStatus(Model):
    """How a register stands with its public service."""

    source: str
    last_round: datetime | None = Field(description="when the whole register was last fetched")
    is_due: bool = Field(description="something came out since, by its calendar")
    calls_today: int
    waiting: int = Field(description="answers that no refresh has taken in yet")


class SourceStatus(Model):
    """How fresh a register's data is."""

    source: str
    rows: int
    newest_published_on: date | None
    last_refresh: str | None


class SnapshotStatus(Model):
    """A commit of the lake."""

    id: int
    kind: str
    committed_at: str
    source: str | None
    added: int


class Rollback(SnapshotStatus):
    """The commit by which an earlier state came back."""

    schema_version: str = SCHEMA_VERSION


class DatabaseStatus(Model):
    """How the database of the service's own state stands."""

    schema_version: str = SCHEMA_VERSION
    database: str = Field(description="its address, without the password")
    revision: str | None = Field(description="of its tables; null: there are none yet")
    newest: str | None = Field(description="revision that this version of paycanary needs")
    is_current: bool


class RejectedStatus(Model):
    """Rows that could not be used, by file and reason."""

    file: str
    reason: str
    explanation: str
    rows: int


class Status(Model):
    """What is stored, how fresh it is, what was rejected and why."""

    schema_version: str = SCHEMA_VERSION
    home: str
    sample: bool
    snapshot: int
    tables: dict[str, int]
    sources: list[SourceStatus]
    rejected: list[RejectedStatus]
    short_months: list[ShortMonthReport] = Field(
        [], description="pension months whose file was perhaps cut short"
    )
    snapshots: list[SnapshotStatus]
    services: list[FetchStatus] = Field(default_factory=list)


class CriterionEntry(Model):
    """A threshold in force on a day."""

    signal: str
    group: str
    title: str
    threshold: str
    value: float
    since: date
    who: str
    url: str | None
    note: str | None


class CriteriaList(Model):
    """Every threshold with its source."""

    schema_version: str = SCHEMA_VERSION
    as_of: date
    criteria: list[CriterionEntry]


class FactRow(Model):
    """A figure of one concept and period, in its newest version known by the day."""

    concept: str
    basis: Literal["CFS", "OFS"] | None = Field(description="CFS consolidated, OFS separate")
    period_end: date
    months: int = Field(description="length of the period that ends then; 0: a balance on that day")
    value: float
    unit: str
    source: str
    filing_id: str
    published_on: date
    url: str | None


class CapitalChange(Model):
    """Shares issued or taken back."""

    changed_on: date
    category: str
    form: str | None
    shares: float | None
    price: float | None
    proceeds: float | None = Field(description="shares x price where money came in, won")
    source: str
    filing_id: str
    published_on: date
    url: str | None


class Facts(Model):
    """What was public of a company's accounts on a day, oldest period first."""

    schema_version: str = SCHEMA_VERSION
    company: str
    as_of: date
    facts: list[FactRow]
    capital_changes: list[CapitalChange]


class HeadcountRow(Model):
    """People on a day: insured at a company's workplaces, or counted in a listed company's report."""

    kind: Literal["workplace", "listed"]
    period_end: date
    headcount: int | None
    joiners: int | None = Field(description="newly insured in the month; null: not published")
    leavers: int | None
    billed: float | None = Field(description="pension contributions billed for the month, won")
    income_per_head: float | None = Field(description="monthly income estimated from the bill, won")
    is_income_capped: bool | None = Field(description="the estimate is a floor")
    payroll: float | None = Field(description="pay of the fiscal year to date, won")
    source: str
    filing_id: str
    published_on: date
    url: str | None


class Headcount(Model):
    """What was public of a company's people on a day, oldest first."""

    schema_version: str = SCHEMA_VERSION
    company: str
    as_of: date
    rows: list[HeadcountRow]


class DocumentPlace(Model):
    """Where in a file something stands."""

    file: str = Field(description="name of the file; members of archives joined with !")
    line: int | None = None
    path: str | None = Field(None, description="caption and row, a fact's id, a JSON key")


class DocumentFigure(Model):
    """One fact of a document. ``value`` is an exact decimal in base units, written as a string."""

    tag: str = Field(description="what the document calls it")
    concept: str | None = Field(description="our concept, see docs/reference/concepts.md")
    value: Decimal | None
    text: str | None
    unit: str | None
    start: date | None = Field(description="first day of a period; empty for a balance")
    end: date | None
    basis: str | None = Field(description="CFS consolidated, OFS separate")
    entity: str | None
    dimensions: list[tuple[str, str]]
    decimals: str | None
    is_nil: bool
    is_hidden: bool
    place: DocumentPlace


class DocumentWords(Model):
    """Words that decide something, with their place."""

    text: str
    place: DocumentPlace


class DocumentAudit(Model):
    """What the auditor says; what the document does not tell is empty."""

    opinion: str | None
    opinion_words: DocumentWords | None
    is_going_concern: bool | None
    going_concern_words: DocumentWords | None
    auditor: str | None
    signed_on: date | None
    period_end: date | None
    standard: str | None
    is_review: bool
    basis: str | None


class DocumentFault(Model):
    """Something of a document that could not be used."""

    reason: str
    detail: str
    place: DocumentPlace


class DocumentReading(Model):
    """One document: the facts of our concepts (every fact with ``--all``), the auditor's words, what could not be used."""

    file: str
    format: str
    title: str | None
    company_name: str | None
    company_number: str | None
    receipt_number: str | None
    period_end: date | None
    audit: DocumentAudit | None
    facts: list[DocumentFigure]
    other_facts: int = Field(description="facts that are no concept of ours and not listed")
    faults: list[DocumentFault]


class DocumentReadings(Model):
    """All documents of a file, in its order."""

    schema_version: str = SCHEMA_VERSION
    documents: list[DocumentReading]


DOCUMENTS: dict[str, type[Model]] = {
    "check": Verdict, "compare": Comparison, "report": Written, "report --retrospective --format json": Past, "screen": Screen, "refresh": RefreshReport, "rollback": Rollback,
    "fetch": Fetch, "fetch (due)": Due, "expire": Expired, "keys": Keys, "status": Status, "database": DatabaseStatus, "criteria": CriteriaList, "read": DocumentReadings, "read (words)": WordsReading, "error": Problem,
    "api-keys list": ApiKeys, "api-keys create": NewApiKey, "api-keys revoke": ApiKeyEntry,
    "backup create": BackupEntry, "backup list": Backups, "backup verify": BackupEntry, "backup restore": BackupEntry,
    "forecast dataset": DatasetReport, "forecast evaluate": Evaluation, "forecast benchmark": Benchmark, "forecast train": TrainedReport, "forecast retrain": RetrainedReport, "forecast drift": DriftReport,
    "notion check": NotionCheck, "notion sync": NotionSync,
    "notion post": PostsReport,
    "forecast models list": ModelVersions, "forecast models show": ModelVersion, "forecast models fetch": FetchedModel, "forecast models promote": ModelVersion,
}  # fmt: skip
#: By the address of the HTTP API that gives them.
ADDRESSES: dict[str, type[Model]] = {
    **HTTP_DOCUMENTS, "/v1/jobs/{job}": Job, "/v1/companies/{company}/verdict": Verdict, "/v1/companies/{company}/facts": Facts,
    "/v1/companies/{company}/headcount": Headcount, "/v1/compare": Comparison, "/v1/screen": Screen, "/v1/criteria": CriteriaList,
}  # fmt: skip


def schema() -> dict[str, Any]:
    """One JSON schema (2020-12) for all documents; ``x-commands`` and ``x-addresses`` say what gives which."""
    models = dict.fromkeys([*DOCUMENTS.values(), *ADDRESSES.values()])
    mapping, definitions = models_json_schema(
        [(model, "serialization") for model in models], title="paycanary"
    )
    refs = {model: mapping[(model, "serialization")]["$ref"] for model in models}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "paycanary",
        "description": f"Documents printed with --json and given by the HTTP API, schema version {SCHEMA_VERSION}. "
        "Fields may be added within a major version; none is removed or changes its meaning.",
        "version": SCHEMA_VERSION,
        "oneOf": [{"$ref": ref} for ref in refs.values()],
        "x-commands": {name: refs[model] for name, model in DOCUMENTS.items()},
        "x-addresses": {name: refs[model] for name, model in ADDRESSES.items()},
        "$defs": definitions["$defs"],
    }
