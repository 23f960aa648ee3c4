"""What ``paycanary notion`` says of a table of companies."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from paycanary.documents.candidates import Candidate
from paycanary.models import SCHEMA_VERSION, Correction, Figure, Level, Model

RowState = Literal["judged", "ambiguous", "unsure", "several", "not_found", "no_name"]


class HeadcountYear(Model):
    """Headcount against that of 11 to 13 months before."""

    kind: Literal["listed", "workplace"] = Field(
        description="listed: employees in periodic reports; workplace: insured in the national pension"
    )
    percent: float
    before: Figure
    after: Figure


class CitedFiling(Model):
    """A filing or publication that a verdict rests on."""

    source: str
    filing_id: str
    published_on: date
    url: str | None = None


class RowVerdict(Model):
    """A company's verdict as a row of a table has room for it; ``paycanary check`` says all of it."""

    company_id: str = Field(description="canonical company id")
    company: str
    stock_code: str | None
    corp_code: str | None
    level: Level
    sentence: str
    runway_months: float | None = Field(description="cash runway; null: `runway_sentence` says why")
    runway_sentence: str
    headcount_change: HeadcountYear | None
    headcount_sentence: str
    probability: float | None = Field(
        None, description="of failing within 12 months; only where it was asked for"
    )
    base_rate: float | None = None
    forecast_sentence: str | None = Field(
        None, description="what is predicted, or why there is no probability; only where asked for"
    )
    filings: list[CitedFiling] = Field(description="of all findings, the gravest first")
    corrections: list[Correction] = Field(default_factory=list)
    as_of: date
    data_until: date | None


class NotionRow(Model):
    """A row of a table in Notion: which company was meant, and its verdict."""

    number: int = Field(description="from 1, in the table's order")
    title: str
    page_id: str | None = Field(description="32 hex digits; null: `page_unknown` says why")
    page_unknown: Literal["no_page", "several_pages"] | None = None
    asked: str = Field(description="the name that was looked for")
    state: RowState
    reason: str | None = Field(None, description="why the row was not judged")
    candidates: list[Candidate] = Field(default_factory=list)
    verdict: RowVerdict | None = None


class RefusedFile(Model):
    """A file of an export, or a page beneath another, that was not read."""

    path: str = Field(description="in the export; of a page read through Notion's API its number")
    reason: str = Field(description="a fixed word, such as `too_large`")
    says: str = Field(description="the same for people")


class NotionCheck(Model):
    """A table of an export held against what is public about the companies in it."""

    schema_version: str = SCHEMA_VERSION
    export: str
    table: str
    is_view: bool = Field(description="only what one view shows was exported")
    column: str = Field(description="the column that names the company")
    as_of: date
    sample: bool
    levels: dict[str, int] = Field(description="rows at each level; those not judged are unknown")
    states: dict[str, int] = Field(description="rows by what became of them")
    uneven_rows: int = Field(description="rows with more or fewer cells than columns")
    refused: list[RefusedFile]
    rows: list[NotionRow]


class SyncedRow(NotionRow):
    """A row of a database, and whether it was written."""

    outcome: Literal["written", "would_write", "unchanged", "failed"]
    fault: str | None = None


class NotionSync(Model):
    """What was written into a database of Notion."""

    schema_version: str = SCHEMA_VERSION
    database: str
    table: str
    column: str
    as_of: date
    sample: bool
    is_dry_run: bool
    created: list[str] = Field(description="properties that were added, or would be")
    occupied: list[str] = Field(
        description="properties of ours that exist with another type, and were left alone"
    )
    levels: dict[str, int]
    states: dict[str, int]
    outcomes: dict[str, int]
    rows: list[SyncedRow]
