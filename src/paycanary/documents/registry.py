"""Documents about trained models that are kept."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from paycanary.models import SCHEMA_VERSION, Model


class ModelVersion(Model):
    """A trained model as it was stored, and what it was made of."""

    schema_version: str = SCHEMA_VERSION
    name: str
    version: str
    aliases: list[str] = Field(description="live: the version in use")
    registered_at: datetime
    sha256: str = Field(description="of model.json")
    facts: dict[str, str] = Field(description="what it was trained on and by; text, or JSON")
    metrics: dict[str, float]
    files: dict[str, str] = Field(description="SHA-256 of each file by its name")


class ModelVersions(Model):
    """All versions of a model in a store, newest first."""

    schema_version: str = SCHEMA_VERSION
    name: str
    versions: list[ModelVersion]


class FetchedModel(Model):
    """A version whose files were checked and written."""

    schema_version: str = SCHEMA_VERSION
    path: str
    model: ModelVersion
