"""The verdict as every door gives it: pydantic models, one published and versioned JSON schema."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = "1.3"

Level = Literal["danger", "watch", "good", "unknown"]
Group = Literal["money", "funding", "people", "audit", "arrears", "events", "support"]
Coverage = Literal[
    "listed", "externally_audited", "venture_disclosure", "pension_only", "name_only"
]
Reason = Literal["not_filed", "not_reachable", "not_matched", "not_listed", "too_old", "not_taken_in", "not_applicable", "not_computable"]  # fmt: skip


class Model(BaseModel):
    """Base: immutable, and nothing undeclared slips in."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Company(Model):
    """Who the verdict is about. Identity is today's; everything else in a verdict is as of its date."""

    id: str = Field(description="canonical company id, such as dart:00125974")
    name: str
    name_en: str | None = None
    corp_code: str | None = Field(None, description="DART corp code, 8 digits")
    stock_code: str | None = Field(None, description="stock code, 6 characters")
    corporation_number: str | None = Field(
        None, description="corporation register number, 13 digits"
    )
    business_number: str | None = Field(
        None, description="10 digits, or the first 6 in pension data"
    )
    market: str | None = None
    industry: str | None = None
    region: str | None = None
    names: list[str] = Field(default_factory=list, description="other names it is found by")
    links: list[Link] = Field(default_factory=list, description="registers matched, and how surely")


class Link(Model):
    """A register's entry taken for this company."""

    source: str
    id: str
    name: str
    confidence: float = Field(ge=0, le=1)
    rule: str


class Figure(Model):
    """A number or a word that a finding rests on, with where it stands."""

    concept: str
    value: float | int | str | None
    unit: str | None
    period_end: date | None
    source: str
    filing_id: str
    published_on: date
    url: str | None = None


class Correction(Model):
    """A reported error that was accepted: stands beside the figure, which stays as it was filed."""

    id: str
    source: str | None = Field(
        None, description="register of the figure; null: about the company as a whole"
    )
    filing_id: str | None = None
    concept: str | None = None
    period_end: date | None = None
    shown: str | None = Field(
        None, description="the figure as it was shown when the error was reported"
    )
    statement: str = Field(description="what is said beside it")
    reporter: Literal["company", "other"]
    accepted_on: date

    def is_about(self, figure: Figure) -> bool:
        """Whether it was reported about this figure: the same concept and period of the same filing."""
        mine = (self.source, self.filing_id, self.concept, self.period_end)
        return mine == (figure.source, figure.filing_id, figure.concept, figure.period_end)


class Threshold(Model):
    """A criterion as it held on the verdict's date."""

    name: str
    value: float | None
    since: date | None
    who: str
    url: str | None = None


class Finding(Model):
    """A signal's answer for one company on one date."""

    signal: str
    group: Group
    level: Level
    title: str
    sentence: str
    measure: float | None = None
    weight: float
    veto: bool = False
    thresholds: list[Threshold] = Field(default_factory=list)
    figures: list[Figure]


class Unknown(Model):
    """Something asked that could not be answered, and why."""

    what: str = Field(description="signal name")
    title: str
    reason: Reason
    explanation: str
    figures: list[Figure] = Field(
        default_factory=list,
        description="what is on record all the same: an entry that may be another company's, or which list was read on which day",
    )


class Estimated(Model):
    """A number, with the interval that 95 of 100 draws of companies fall into; null where it cannot be told."""

    value: float | None
    low: float | None
    high: float | None


class ForecastReason(Model):
    """What figures of one kind do to a probability: they multiply the odds, against those of the average listed company."""

    reason: str
    title: str
    sentence: str
    odds: float = Field(gt=0, description="above 1 speaks for failing, below 1 against")
    figures: list[Figure]


class ForecastChange(Model):
    """What the probability would be if figures of one kind were those of the average listed company."""

    reason: str
    sentence: str
    probability: float = Field(ge=0, le=1)


class ForecastQuality(Model):
    """How well the model told what it had not seen."""

    question: str = Field(
        description="years: a later year, companies may recur; companies: none that it was taught on"
    )
    sentence: str
    rows: int
    failed_rows: int
    failed_companies: int
    measures: dict[str, Estimated]


class Forecast(Model):
    """Probability of failing within so many months, anchored to an outside base rate, and what it rests on."""

    probability: float = Field(ge=0, le=1)
    base_rate: float = Field(ge=0, le=1, description="of all listed companies")
    months: int
    rank: float = Field(
        ge=0, le=1, description="share of listed companies with a lower probability"
    )
    band: Literal["top_5", "top_20", "upper_half", "lower_half"]
    sentence: str
    definition: str = Field(description="what counts as failing")
    anchor: str = Field(description="where the level of the probability comes from")
    limits: str = Field(description="what it cannot say")
    reasons: list[ForecastReason] = Field(description="the strongest first")
    changes: list[ForecastChange] = Field(description="of the reasons that raise it most")
    known_features: int = Field(
        description="how many of its figures are known; what is not is weighed as such"
    )
    asked_features: int
    model_version: str
    quality: list[ForecastQuality]


class Verdict(Model):
    """Company + coverage + findings + forecast on a date, led by one sentence."""

    schema_version: str = SCHEMA_VERSION
    company: Company
    as_of: date
    lang: Literal["ko", "en"]
    coverage: Coverage
    coverage_sentence: str
    level: Level
    sentence: str
    findings: list[Finding]
    unknown: list[Unknown]
    questions: list[str] = Field(description="what to ask in the interview")
    forecast: Forecast | None = None
    forecast_unknown: Unknown | None = Field(
        None, description="why there is no probability, where there is none"
    )
    data_until: date | None = Field(None, description="newest published_on among the rows read")
    sample: bool = Field(description="true when the built-in sample answered")
    corrections: list[Correction] = Field(
        default_factory=list, description="reported errors that had been accepted by the date"
    )
    report_error: str | None = Field(
        None,
        description="where the company or anyone can report an error; the operator sets PAYCANARY_BASE_URL or PAYCANARY_REPORT_URL",
    )


Company.model_rebuild()
