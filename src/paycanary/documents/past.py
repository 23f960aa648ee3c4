"""Documents of `paycanary report`: what was written, and a company's story along the days on which things became public."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from paycanary.models import SCHEMA_VERSION, Company, Correction, Finding, Level, Model, Unknown


class Written(Model):
    """The files that a report consists of, the one to open first."""

    schema_version: str = SCHEMA_VERSION
    format: str
    as_of: date
    files: list[str]


class PastEvent(Model):
    """Something that became public on a day: a filing, an opinion, an entry of a list, a change of capital, figures."""

    kind: str = Field(description="filing, opinion, capital, notice, headcount, facts or words")
    name: str = Field(
        description="form, opinion, category or kind, as the data dictionary lists them"
    )
    period_end: date | None = Field(None, description="last day of the period, or the day of the event")  # fmt: skip
    value: float | None = None
    unit: str | None = None
    amount: float | None = Field(None, description="won")
    category: str | None = Field(
        None, description="of a notice: what it says, such as listed, not_listed, distress"
    )
    detail: str | None = None
    is_annual: bool | None = None
    is_going_concern: bool | None = None
    source: str
    filing_id: str
    url: str | None = None


class PastChange(Model):
    """A question whose answer was at another level on the day before that was judged."""

    signal: str
    title: str
    before: Level
    after: Level
    finding: Finding | None = Field(
        None, description="the answer of the day; null where it became unknown"
    )
    unknown: Unknown | None = None
    cites_day: bool = Field(description="whether a figure published on the day stands in the answer")  # fmt: skip


class PastDay(Model):
    """A day: what became public on it, and what it changed. Answered from nothing published later."""

    day: date
    before: Level
    after: Level
    sentence: str
    events: list[PastEvent]
    changes: list[PastChange]


class Past(Model):
    """What could have been known of a company, and when."""

    schema_version: str = SCHEMA_VERSION
    company: Company
    as_of: date
    lang: Literal["ko", "en"]
    judged: int = Field(description="days on which something became public, all of them judged")
    days: list[PastDay]
    level: Level = Field(description="as of the last day asked about")
    sentence: str
    data_until: date | None
    sample: bool
    corrections: list[Correction] = Field(
        default_factory=list, description="reported errors that had been accepted by the last day"
    )
    report_error: str | None = None
