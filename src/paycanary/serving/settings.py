"""What an operator sets for `paycanary models serve`, all of it from the environment; see docs/how-to/serve-models.md."""

from __future__ import annotations

import os
from pathlib import Path  # noqa: TC003 - pydantic reads it at run time

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ModelsSettings(BaseSettings):
    """Settings of one model server."""

    model_config = SettingsConfigDict(
        env_prefix="PAYCANARY_MODELS_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    dir: Path | None = Field(
        None,
        description="folder of versions, `text/VERSION/` and `forecast/VERSION.json`, where `current` names the one in use; default: what ships",
    )
    threads: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        description="texts or batches read side by side, one thread each; default: one a processor",
    )
    batch_texts: int = Field(
        8, ge=1, description="most texts in one call of the text model; 1: no batching"
    )
    batch_tokens: int = Field(
        512,
        ge=1,
        description="most tokens in one such call: longer texts gain nothing from company",
    )
    batch_wait_ms: float = Field(
        0,
        ge=0,
        description="how long a text waits for company while a thread idles; while none does, company comes by itself",
    )
    queue_texts: int = Field(
        2048,
        ge=1,
        description="texts that may wait or be read; requests beyond are refused with 503",
    )
    request_bytes: int = Field(
        8 * 1024 * 1024, ge=1024, description="largest request; larger ones are refused with 413"
    )
    request_texts: int = Field(256, ge=1, description="most texts of one request")
    request_rows: int = Field(5000, ge=1, description="most companies of one request")
    text_chars: int = Field(
        20_000, ge=1, description="longest text, in characters; longer ones are refused, never cut"
    )
    reload_seconds: float = Field(2, gt=0, description="how often to look for a new version")
    drain_seconds: float = Field(
        2,
        ge=0,
        description="how long requests are still taken after SIGTERM, while readiness already says no",
    )
    grace_seconds: int = Field(
        30, ge=1, description="how long requests that were taken are then given to end"
    )
