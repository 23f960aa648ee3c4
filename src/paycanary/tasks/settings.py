"""What unattended work takes from the environment; see docs/how-to/airflow.md."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class TaskSettings(BaseSettings):
    """Settings of unattended work, beside those of the service."""

    model_config = SettingsConfigDict(
        env_prefix="PAYCANARY_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    operator_webhook: SecretStr | None = Field(
        None,
        description="address that whoever runs paycanary is told at when unattended work fails or a new forecast is not taken; a message as Slack takes it",
    )
    operator_email: str = Field(
        "", description="the same by e-mail, through `PAYCANARY_SMTP_URL`; one address"
    )
    backup_place: str = Field(
        "", description="where scheduled backups go: a folder, or s3://BUCKET/PREFIX; empty: none"
    )
    backup_keep: int = Field(14, ge=1, description="scheduled backups that are kept")
    store_seconds: float = Field(
        600,
        ge=0,
        description="how long a scheduled refresh waits for another one to leave the store",
    )
    retrain_draws: int = Field(
        1000, ge=10, description="draws of companies for the intervals of a scheduled training"
    )
