"""What an operator sets, all of it from the environment; see docs/how-to/serve.md."""

from __future__ import annotations

import secrets
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, FilePath, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from paycanary.jobs.policy import Policy
from paycanary.service import redis_address
from paycanary.service.limiter import networks, rates

_SENDER: Final = "paycanary <noreply@localhost>"

#: Of a country's pension months there are half a million rows each; the market without them has some 300,000.
WARM_ROWS: Final = 1_000_000


class Settings(BaseSettings):
    """Settings of one copy of the service. Secrets come from the environment and from nowhere else."""

    model_config = SettingsConfigDict(
        env_prefix="PAYCANARY_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    base_url: str = Field(
        "http://127.0.0.1:8000", description="public address, without a slash at its end"
    )
    database_url: SecretStr | None = Field(
        None,
        validation_alias="DATABASE_URL",
        description="PostgreSQL; default: SQLite in paycanary's home",
    )
    redis_url: SecretStr | None = Field(
        None,
        validation_alias="REDIS_URL",
        description="shares cache, rate limits and jobs between copies; rediss:// for TLS",
    )
    cache_redis_url: SecretStr | None = Field(
        None, description="another Redis for cache and rate limits; default: REDIS_URL"
    )
    queue_redis_url: SecretStr | None = Field(
        None, description="another Redis for jobs; default: REDIS_URL"
    )
    redis_ca_file: FilePath | None = Field(
        None,
        description="certificates (PEM) that a rediss:// server's is signed by; default: the system's",
    )
    redis_prefix: str = Field(
        "paycanary:",
        pattern=r"^[A-Za-z0-9_.:-]{1,64}$",
        description="begins every key in Redis, so that several services can share one",
    )
    secret: SecretStr = Field(
        default_factory=lambda: SecretStr(secrets.token_urlsafe(32)),
        description="signs forms and sessions; copies must share it. Default: a new one at every start",
    )
    accepted_secrets: SecretStr | None = Field(
        None,
        description="more secrets whose signatures are still, or already, accepted, separated by commas; nothing is signed with them",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="addresses of proxies whose X-Forwarded-For is believed, separated by commas",
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        ("*",), description="origins that may read the API from a browser; the API takes no cookies"
    )
    rate_limit: str = Field(
        "120/minute",
        description="requests an address may make, as the limits library writes it; empty: any number",
    )
    heavy_rate_limit: str = Field(
        "20/minute", description="the same for screens, comparisons and custom criteria"
    )
    form_rate_limit: str = Field(
        "10/hour", description="the same for forms that store or send something, and for refreshes"
    )
    key_rate_limit: str = Field("1200/minute", description="requests that an API key may make")
    request_seconds: float = Field(30, gt=0, description="a request that takes longer is given up")
    drain_seconds: float = Field(
        0,
        ge=0,
        description="how long `serve` still takes requests after SIGTERM, while readiness already says no",
    )
    request_bytes: int = Field(65_536, gt=0, description="largest body of a request")
    cache_bytes: int = Field(
        64 * 1024 * 1024, ge=0, description="memory for answers kept, a process"
    )
    warm_rows: int = Field(
        WARM_ROWS,
        ge=0,
        description="with more rows of headcounts in the lake (a country's pension months) companies are judged when somebody asks, not all beforehand",
    )
    smtp_url: SecretStr | None = Field(
        None,
        description="smtp://USER:PASSWORD@HOST:PORT (STARTTLS where offered) or smtps://; without it no e-mail is sent",
    )
    mail_from: str = Field(_SENDER, description="sender of e-mails")
    webhooks_to_loopback: bool = Field(
        default=False,
        description="for development: webhooks may go to this machine itself, also by http",
    )
    jobs_at_once: int = Field(2, ge=1, description="refreshes that one process runs side by side")
    jobs_waiting: int = Field(100, ge=1, description="refreshes that may wait; more are refused")
    job_attempts: int = Field(
        3, ge=1, description="workers that may die over a refresh before it is given up"
    )
    job_lease_seconds: float = Field(
        30, gt=0, description="a worker not heard of for so long is taken to be dead"
    )
    job_resend_seconds: float = Field(
        30, gt=0, description="a refresh that waits for so long is sent to the queue again"
    )
    job_fresh_minutes: float = Field(
        10, ge=0, description="a company refreshed so recently is not asked about again"
    )
    job_streams: int = Field(
        64, ge=1, description="browsers that one process tells at once how far a refresh is"
    )
    job_stream_seconds: float = Field(
        300, gt=0, description="after so long a browser has to ask anew how far it is"
    )
    ready_needs: Annotated[tuple[Literal["store", "database"], ...], NoDecode] = Field(
        ("store",),
        description="parts without which /health/ready says no, separated by commas: store, database",
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="lines of the log for people, or an object a line for machines"
    )
    metrics_port: int | None = Field(
        None,
        gt=0,
        lt=65_536,
        description="port of /metrics and /health/* for those who watch; needs the extra telemetry. Default: none",
    )
    metrics_host: str = Field("0.0.0.0", description="address that port listens on")  # noqa: S104 - who watches is on another machine
    housekeeping: bool = Field(
        default=True,
        description="take up jobs that were left, judge followed companies, send alerts, delete what is old",
    )
    housekeeping_seconds: float = Field(
        5, gt=0, description="how often to look for jobs that were left and for alerts to send"
    )

    @field_validator("trusted_proxies", "cors_origins", "ready_needs", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value  # fmt: skip

    @property
    def jobs(self) -> Policy:
        """Bounds of jobs."""
        return Policy(
            lease_seconds=self.job_lease_seconds,
            attempts=self.job_attempts,
            fresh_seconds=self.job_fresh_minutes * 60,
            resend_seconds=self.job_resend_seconds,
            waiting=self.jobs_waiting,
        )

    @field_validator("redis_url", "cache_redis_url", "queue_redis_url")
    @classmethod
    def _check_redis(cls, value: SecretStr | None) -> SecretStr | None:
        return redis_address.check(value)

    @field_validator("trusted_proxies")
    @classmethod
    def _check_proxies(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        networks(value)
        return value

    @field_validator("rate_limit", "heavy_rate_limit", "form_rate_limit", "key_rate_limit")
    @classmethod
    def _check_rate(cls, value: str) -> str:
        rates(value)
        return value

    @field_validator("smtp_url")
    @classmethod
    def _check_smtp(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        try:
            parsed = urlsplit(value.get_secret_value())
            is_fit = parsed.scheme in ("smtp", "smtps") and parsed.hostname and parsed.port != 0
        except ValueError:
            # What stands where a port should be may be half of a password.
            is_fit = False
        if not is_fit:
            msg = "neither smtp://HOST:PORT nor smtps://HOST:PORT"
            raise ValueError(msg)
        return value

    @field_validator("mail_from")
    @classmethod
    def _check_sender(cls, value: str) -> str:
        name, address = parseaddr(value or _SENDER)
        try:
            Address(name, addr_spec=address)
        except (HeaderParseError, ValueError, IndexError):
            address = ""
        if "@" not in address:
            msg = "no e-mail address such as paycanary <alerts@example.com>"
            raise ValueError(msg)
        return value or _SENDER

    @property
    def signing_keys(self) -> list[str]:
        """Keys whose signatures are accepted; the last one signs."""
        named = self.accepted_secrets
        accepted = named.get_secret_value().split(",") if named else []
        return [*(key.strip() for key in accepted if key.strip()), self.secret.get_secret_value()]

    @property
    def is_https(self) -> bool:
        """Whether people reach the service over TLS."""
        return self.base_url.startswith("https://")
