"""The document about anybody's labelled table: what is wrong with it, and how well its label was told."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from paycanary.documents.forecast import Evaluated
from paycanary.models import SCHEMA_VERSION, Model


class Trap(Model):
    """Something in the table that makes measures look better, or less certain, than they are."""

    kind: Literal[
        "few_failures", "unlabelled", "duplicates", "contradictions", "look_alikes", "strong_column", "equal_columns", "lost_times",
    ] = Field(
        description="few_failures: too few to tell models apart; unlabelled: rows left out; duplicates: rows equal to an earlier one, kept on "
        "one side; contradictions: such rows with another label; look_alikes: rows that share figures with an earlier one as the same "
        "company's do, kept on one side; strong_column: tells nearly everything alone; equal_columns: two columns are the same in one kind of "
        "rows more often than in the other; lost_times: tested on no time, since too few had failed before"
    )  # fmt: skip
    rows: int | None = Field(None, description="how many; few_failures: failing companies")
    columns: list[str] = Field(default_factory=list)
    auc: float | None = Field(None, description="strong_column: of that column alone")
    failed: float | None = Field(None, description="equal_columns: share of failing rows that have it")  # fmt: skip
    others: float | None = Field(None, description="equal_columns: share of the other rows")


class Choice(Model):
    """A model that was chosen within the rows that taught, and how often."""

    question: str
    model: str
    times: int


class Benchmark(Model):
    """A labelled table told by the forecast's own modelling: preprocessing, choice of model, calibration."""

    schema_version: str = SCHEMA_VERSION
    path: str
    label: str
    group: str | None
    time: str | None
    rows: int
    failed_rows: int
    companies: int = Field(description="groups of rows that were kept on one side")
    failed_companies: int
    draws: int = Field(description="times that companies were drawn for the intervals")
    features: list[str]
    left_out: list[str] = Field(
        description="columns that are no numbers, known too rarely, or dropped"
    )
    traps: list[Trap]
    choices: list[Choice]
    results: list[Evaluated] = Field(
        description="by question; later_companies: later times, companies never taught; later: later times, companies may recur; "
        "companies: five groups of companies"
    )
