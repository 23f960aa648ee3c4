"""Documents of ``paycanary backup``."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from paycanary.models import SCHEMA_VERSION, Model


class BackupEntry(Model):
    """A whole backup of a service's state and lake."""

    schema_version: str = SCHEMA_VERSION
    id: str
    created_at: datetime
    paycanary: str = Field(description="version that made it")
    revision: str | None = Field(
        description="of the tables of the service's state; null: there were none"
    )
    state_rows: dict[str, int] | None = Field(description="rows by table")
    snapshot: int | None = Field(description="newest of the lake; null: there was none")
    lake_rows: dict[str, int] | None = Field(description="rows by table")
    files: int
    bytes: int


class Backups(Model):
    """Whole backups in one place, oldest first."""

    schema_version: str = SCHEMA_VERSION
    place: str
    backups: list[BackupEntry]
