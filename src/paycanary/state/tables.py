"""The service's own state as SQLAlchemy tables.

Nothing here is a fact about a company: those lie in the lake. Moments are UTC. Secrets are stored as SHA-256 of 256 random
bits, which needs no salt; e-mail addresses stand in plain, since mail has to reach them, and leave with their watchlist,
or two days after they were asked and did not answer.
Change a table and you write a migration beside it: a test compares both.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, with its zone on the way out also where the database keeps none (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a moment without a zone; store UTC."""
        if value is not None and value.tzinfo is None:
            msg = "a moment without a zone"
            raise ValueError(msg)
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Say that it is UTC; PostgreSQL gives it in the zone of its session."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Base of all tables; constraints have names, so that migrations can drop them on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Moment,
        date: Date,
        str: Text,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


class ApiKey(Base):
    """A key for the HTTP API: kept as a hash, limited to scopes, revocable."""

    __tablename__ = "api_keys"
    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    """Public half: stands before the dot in the key, and in lists."""
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    """Who holds it; the one who moderates is known by it."""
    scopes: Mapped[str]
    """Separated by blanks."""
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    used_on: Mapped[date | None]


class Watchlist(Base):
    """Companies that someone follows, known by a secret link and nothing else."""

    __tablename__ = "watchlists"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the link by which it is changed; a new link replaces it."""
    feed_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the address of its Atom feed, which can read and nothing else."""
    lang: Mapped[str] = mapped_column(String(2))
    email: Mapped[str | None]
    confirm_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Of the link that confirms the address; nothing is sent to an address before."""
    confirm_until: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    unsubscribe_key: Mapped[str | None] = mapped_column(String(43), index=True, unique=True)
    """Stands in every e-mail, so it cannot be a hash; all it can do is end the e-mails."""
    created_at: Mapped[datetime]
    rotated_at: Mapped[datetime | None]


class Confirmation(Base):
    """A request to confirm an e-mail address: counted while it is open, so that nobody is flooded with them."""

    __tablename__ = "confirmations"
    confirm_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    address_hash: Mapped[str] = mapped_column(String(64), index=True)
    asked_at: Mapped[datetime]


class Follow(Base):
    """A company on a watchlist."""

    __tablename__ = "follows"
    watchlist_id: Mapped[str] = mapped_column(
        ForeignKey("watchlists.id", ondelete="CASCADE"), primary_key=True
    )
    company_id: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)
    company_name: Mapped[str]
    created_at: Mapped[datetime]


class Webhook(Base):
    """An address that a watchlist's alerts are posted to."""

    __tablename__ = "webhooks"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    watchlist_id: Mapped[str] = mapped_column(
        ForeignKey("watchlists.id", ondelete="CASCADE"), index=True
    )
    url: Mapped[str]
    kind: Mapped[str] = mapped_column(String(8))
    """``json`` or ``slack``."""
    secret: Mapped[str]
    """Signs what is posted (HMAC-SHA-256), so that the receiver knows who sent it."""
    created_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    """In a row."""
    disabled_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(20))
    """What the last failure was: a status such as ``410``, or a word of `alerts.outbound`."""


class Judged(Base):
    """The levels of a followed company as last judged: what the next judgement is compared with."""

    __tablename__ = "judged"
    company_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    levels: Mapped[dict[str, Any]]
    """Signal -> level, title, sentence and figures; the verdict itself under ``verdict``."""
    snapshot: Mapped[str] = mapped_column(String(64))
    as_of: Mapped[date]
    judged_at: Mapped[datetime]
    round: Mapped[int] = mapped_column(default=0)
    """Counts judgements that changed something; part of a change's identity."""


class Change(Base):
    """A finding of a followed company whose level changed: before, after, and the source."""

    __tablename__ = "changes"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of company, signal, round and snapshot: the same change found twice is one row."""
    company_id: Mapped[str] = mapped_column(String(80), index=True)
    company_name: Mapped[str]
    signal: Mapped[str] = mapped_column(String(80))
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    """Level, title, sentence and figures with their sources, in both languages."""
    as_of: Mapped[date]
    noted_at: Mapped[datetime]


class Delivery(Base):
    """A change on its way to one place; one row a change and place, so that it is sent once."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("change_id", "watchlist_id", "channel"),
        Index("ix_deliveries_due", "state", "next_at"),
    )
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """Also the idempotency key that the receiver is given."""
    change_id: Mapped[str] = mapped_column(ForeignKey("changes.id", ondelete="CASCADE"))
    watchlist_id: Mapped[str] = mapped_column(
        ForeignKey("watchlists.id", ondelete="CASCADE"), index=True
    )
    channel: Mapped[str] = mapped_column(String(64))
    """``feed``, ``email``, or ``webhook:`` and its id."""
    state: Mapped[str] = mapped_column(String(8))
    """``pending``, ``sent`` or ``failed``."""
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    """When it is tried next; of one that has failed, when it was given up."""
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None]


class Correction(Base):
    """A reported error in a figure, and what became of it. Rows are decided once and never deleted."""

    __tablename__ = "corrections"
    __table_args__ = (
        Index(
            "uq_corrections_open",
            "fingerprint",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of company, figure and claim: the same report sent twice is one row while it is open."""
    company_id: Mapped[str] = mapped_column(String(80), index=True)
    company_name: Mapped[str]
    source: Mapped[str | None] = mapped_column(String(20))
    filing_id: Mapped[str | None]
    concept: Mapped[str | None]
    period_end: Mapped[date | None]
    shown: Mapped[str | None]
    """The figure as the page showed it."""
    claim: Mapped[str]
    """What is wrong, in the reporter's words; shown to moderators only."""
    proposed: Mapped[str | None]
    evidence_url: Mapped[str | None]
    reporter: Mapped[str] = mapped_column(String(10))
    """``company`` or ``other``."""
    contact: Mapped[str | None]
    """Address for questions; shown to moderators only, deleted with the decision."""
    lang: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(8), index=True)
    """``open``, ``accepted`` or ``rejected``."""
    statement: Mapped[str | None]
    """What stands beside the figure once accepted: written by the moderator."""
    reason: Mapped[str | None]
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]


class Job(Base):
    """Work asked for on a page. The table decides; the queue only carries its number."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index(
            "uq_jobs_active",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200))
    lang: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(8), index=True)
    """``queued``, ``running``, ``done`` or ``failed``."""
    attempts: Mapped[int] = mapped_column(default=0)
    owner: Mapped[str | None] = mapped_column(String(80))
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]


class JobEvent(Base):
    """How far a job was at a moment; the page reads them in order."""

    __tablename__ = "job_events"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    event: Mapped[dict[str, Any]]


class Lease(Base):
    """Who does a piece of housekeeping now, so that of many copies one does it."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    owner: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime]
