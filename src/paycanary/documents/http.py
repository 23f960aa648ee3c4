"""Documents that only the HTTP API gives: pages of lists, searches, problems, freshness."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from paycanary.documents.candidates import Candidate
from paycanary.models import Model


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
