"""Documents of the HTTP API about jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from paycanary.documents.fetched import Fetch
from paycanary.models import SCHEMA_VERSION, Model


class JobPart(Model):
    """How far one part of a job is."""

    part: str = Field(description="register, such as dart; empty: the job as a whole")
    step: str = Field(description="`store`, `store_busy` (another refresh holds the store), `judge`, else a register's own")  # fmt: skip
    done: int
    total: int | None = Field(description="null: not known")


class JobFault(Model):
    """Why a job failed."""

    code: str
    what: str
    todo: str


class JobLinks(Model):
    """Where to look on."""

    self: str
    events: str = Field(description="server-sent events until it ends")
    company: str


class Job(Model):
    """A company being asked about, or what came of it."""

    schema_version: str = SCHEMA_VERSION
    id: str
    company: str = Field(description="canonical company id")
    state: Literal["queued", "running", "done", "failed"]
    answered_by: Literal["new", "joined", "recent"] | None = Field(
        None, description="of a request to refresh. joined: the company was being asked about anyway; recent: it was asked about a moment ago and is not asked about again so soon"
    )  # fmt: skip
    attempts: int = Field(description="workers that have taken it up")
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    progress: list[JobPart] = Field(description="empty before the start and after the end")
    result: Fetch | None = Field(description="what `paycanary refresh --company` prints; null before the end, and where another version of paycanary wrote it in its own way")  # fmt: skip
    error: JobFault | None
    links: JobLinks
