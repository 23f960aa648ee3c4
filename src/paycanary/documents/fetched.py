"""Documents about taking data in: from files, and from the public services."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from paycanary.models import SCHEMA_VERSION, Model, Verdict


class FileReport(Model):
    """What became of one file's rows: read = accepted + skipped + rejected."""

    file: str
    kind: str
    read: int
    accepted: int
    skipped: int
    rejected: int
    reasons: dict[str, int]


class MonthReport(Model):
    """What became of a whole pension month that a file held."""

    file: str
    month: str = Field(description="YYYY-MM, as the rows say it; the file's name does not count")
    state: Literal["new", "same", "corrected", "earlier"] = Field(
        description="same: the lake held just these rows; corrected: it held the month with other rows, which stay for answers about earlier days; "
        "earlier: it held just these rows and a later reading (counts) in their place, which goes on standing"
    )
    filing_id: str
    published_on: date = Field(description="day from which the reading counts")
    workplaces: int = Field(description="rows kept")
    changed: int = Field(
        description="rows that the reading before did not have; 0 unless corrected"
    )
    gone: int = Field(description="rows that only the reading before had; 0 unless corrected")
    counts: str | None = Field(
        None, description="filing id of the later reading that still counts; null unless earlier"
    )


class ExtractReport(Model):
    """A pension file whose rows, or some of them, are no whole month: they were taken as those of single companies."""

    file: str
    workplaces: int = Field(description="rows kept of the month of which it has most")
    least: int = Field(description="so many would make a whole month")
    read: int = Field(description="all rows of the file; 0: it has a header only")


class ShortMonthReport(Model):
    """A stored pension month with so few workplaces that its file was perhaps cut short."""

    month: str = Field(description="YYYY-MM")
    workplaces: int
    beside: str = Field(description="YYYY-MM: within a year, the month with most workplaces")
    beside_workplaces: int


class RefusedReport(Model):
    """A file of several that was not taken in; the others were."""

    file: str = Field(description="below the folder that was given, and within its zip")
    message: str = Field(description="why, and what to do")


class RefreshReport(Model):
    """A refresh's account of itself."""

    schema_version: str = SCHEMA_VERSION
    refresh_id: str
    source: str
    path: str
    started_at: str
    seconds: float
    snapshot: int
    files: list[FileReport]
    months: list[MonthReport] = Field([], description="whole pension months")
    extracts: list[ExtractReport] = Field([], description="pension files taken as extracts")
    short_months: list[ShortMonthReport] = Field(
        [],
        description="pension months, of this refresh or before, whose file was perhaps cut short",
    )
    refused: list[RefusedReport] = Field(
        [], description="those of several pension files that were not taken in"
    )
    added: dict[str, int]


class Asked(Model):
    """What came of asking one register over the network."""

    source: str
    state: Literal["done", "failed", "quota", "not_set"] = Field(
        description="quota: the day's calls are used up, run it again on resumes_on; not_set: a key or an address has to be set first, nothing was asked"
    )
    asked: int = Field(description="calls made")
    reused: int = Field(description="answers that were still good and were not asked for again")
    empty: int = Field(description="calls that were answered: nothing on record")
    failed: int = Field(description="calls whose answer could not be read; the rest went on")
    seconds: float
    resumes_on: date | None = None
    error: str | None = Field(None, description="error code")
    message: str | None = Field(None, description="why, and what to do")


class Fetch(Model):
    """A refresh from the public services. ``refresh`` is null where nothing new came."""

    schema_version: str = SCHEMA_VERSION
    company: str | None = None
    sources: list[Asked]
    refresh: RefreshReport | None
    verdict: Verdict | None = Field(None, description="with --company")


class DueRegister(Model):
    """Whether a register has something new."""

    source: str
    is_due: bool
    missing: list[str] = Field(
        description="titles of the months that are out and not stored, the newest first; pension workplaces only"
    )


class Due(Model):
    """What a refresh would ask."""

    schema_version: str = SCHEMA_VERSION
    registers: list[DueRegister]


class Expired(Model):
    """Entries of public lists that were removed since their publication has ended."""

    schema_version: str = SCHEMA_VERSION
    day: date
    removed: int
    snapshot: int = Field(description="the newest of the store; 0 where nothing is stored")
