"""Documents about the forecast: the data set it is learned from, and how well it told."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from paycanary.models import SCHEMA_VERSION, Model


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


class Estimated(Model):
    """A number, with the interval that 95 of 100 draws of companies fall into; null where it cannot be told."""

    value: float | None
    low: float | None
    high: float | None


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
