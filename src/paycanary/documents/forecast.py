"""Documents about the forecast: the data set it is learned from, and how well it told."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from paycanary.models import SCHEMA_VERSION, Estimated, Model


class OutcomeCount(Model):
    """What became of the rows within so many months."""

    months: int
    failed_rows: int
    failed_companies: int
    unknown_rows: int = Field(
        description="rows of days whose months were not over when the data ends"
    )


class DatasetReport(Model):
    """A data set of companies on days, as it was written."""

    schema_version: str = SCHEMA_VERSION
    path: str
    rows: int
    companies: int
    days: list[date]
    known_until: date = Field(description="the last day on which an outcome could be known")
    features: int
    outcomes: list[OutcomeCount]


class ReliabilityPoint(Model):
    """One of ten groups of rows by prediction: what was predicted, and what happened."""

    predicted: float
    observed: float
    rows: int


class Evaluated(Model):
    """How well one model or rule told on one question."""

    question: str = Field(
        description="years: later years, companies may recur; companies: none that it was taught on; later and later_companies: see Benchmark"
    )
    model: str
    rows: int
    failed_rows: int
    failed_companies: int
    base_rate: float
    measures: dict[str, Estimated]
    reliability: list[ReliabilityPoint]


class Evaluation(Model):
    """Every model and rule on every question of the protocol."""

    schema_version: str = SCHEMA_VERSION
    path: str
    months: int
    draws: int = Field(description="times that companies were drawn for the intervals")
    features: list[str]
    left_out: list[str] = Field(description="features that too few rows know")
    results: list[Evaluated]


class FeatureDrift(Model):
    """How far a feature's spread has moved since the reference day."""

    feature: str
    index: float = Field(
        ge=0, description="population stability index: from 0.1 a look, from 0.25 shifted"
    )
    level: Literal["steady", "watch", "shifted"]
    unknown_then: float
    unknown_now: float


class DriftReport(Model):
    """Companies of a day beside those that the forecast was made on; the most moved feature first."""

    schema_version: str = SCHEMA_VERSION
    model_version: str
    as_of: date
    reference_day: date
    companies: int
    reference_companies: int
    mean_probability: float | None
    reference_mean_probability: float
    features: list[FeatureDrift]


class TrainedReport(Model):
    """A forecast that was trained."""

    schema_version: str = SCHEMA_VERSION
    path: str
    version: str
    base_rate: float = Field(description="share of listed companies that fail within a year")
    rows: int
    companies: int
    failed_rows: int
    failed_companies: int
    data_sha256: str
    measures: dict[str, dict[str, Estimated]] = Field(description="by question of the protocol")
    is_shipped: bool = Field(description="whether the program carries exactly this one")
    registered: str | None = Field(None, description="version in the registry")


class RetrainedReport(Model):
    """A forecast that was trained anew, and what the gate decided."""

    schema_version: str = SCHEMA_VERSION
    outcome: Literal["promoted", "kept", "unchanged"] = Field(
        description="promoted: it is live; kept: it is worse, the one before stays live; unchanged: these bytes were live already"
    )
    version: str
    registered: str = Field(description="version in the registry")
    live: str = Field(description="the forecast in use afterwards")
    reasons: list[str] = Field(description="why it is worse, a line each")
