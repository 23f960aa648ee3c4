"""Reporting an error: what may be said, how much of it, and how often.

A report changes nothing that anyone is shown. It waits for a moderator, see `moderation`.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from paycanary.errors import UsageError
from paycanary.state.database import now
from paycanary.state.tables import Correction

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    from paycanary.errors import Lang
    from paycanary.state.database import Database

#: Characters that each field may hold.
LIMITS: Final = {"claim": 2000, "proposed": 200, "evidence": 500, "contact": 200}
#: Fewer say nothing that a moderator could look into.
_SHORTEST_CLAIM: Final = 10
#: Undecided reports of one company; more are refused until some are decided.
OPEN_AT_ONCE: Final = 50
#: Crockford's digits: none looks like another.
_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS: Final = 3
_GROUP: Final = 4

Fault = Literal["missing", "short", "long", "link", "choice"]


class TooManyReportsError(UsageError):
    """So many reports of a company wait that no more are taken."""

    code = "too_many_reports"


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as a page showed it."""

    source: str
    filing_id: str
    concept: str
    period_end: date | None
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """What someone says is wrong, in cleaned words."""

    claim: str = ""
    proposed: str = ""
    evidence: str = ""
    reporter: str = ""
    contact: str = ""

    @classmethod
    def of(cls, form: Mapping[str, object]) -> Report:
        """Take what a form holds; other fields are passed over."""
        given = {f.name: form.get(f.name, "") for f in fields(cls)}
        return cls(**{
            name: clean(value, is_long=name == "claim") if isinstance(value, str) else ""
            for name, value in given.items()
        })  # fmt: skip

    def faults(self) -> dict[str, Fault]:
        """What has to be mended before it can be filed, by field."""
        found: dict[str, Fault] = {}
        if len(self.claim) < _SHORTEST_CLAIM:
            found["claim"] = "short" if self.claim else "missing"
        if self.evidence and not _is_link(self.evidence):
            found["evidence"] = "link"
        if self.reporter not in ("company", "other"):
            found["reporter"] = "choice"
        return found | {
            name: "long" for name, most in LIMITS.items() if len(getattr(self, name)) > most
        }


@dataclass(frozen=True, slots=True)
class Filed:
    """The number by which a report is looked up; ``is_new`` is false where the same had been reported before."""

    number: str
    is_new: bool


def clean(text: str, *, is_long: bool = False) -> str:
    """Text without what cannot be seen: controls, format and direction marks, half characters; line ends where ``is_long``."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(
        c if unicodedata.category(c)[0] != "C" else "\n" if c == "\n" else " " if c == "\t" else ""
        for c in composed
    )
    if not is_long:
        return " ".join(kept.split())
    lines = [" ".join(line.split()) for line in kept.split("\n")]
    return "\n".join(line for i, line in enumerate(lines) if line or (i and lines[i - 1])).strip()


def file_report(
    database: Database, report: Report, *, company_id: str, company_name: str, shown: Shown | None, lang: Lang
) -> Filed:  # fmt: skip
    """Keep a report without faults; the same report of the same figure is kept once while it is open.

    Raises:
        TooManyReportsError: too many of that company wait.
        StateError: the database cannot be asked.
    """
    row = Correction(
        id=_number(),
        fingerprint=_fingerprint(company_id, report, shown),
        company_id=company_id,
        company_name=company_name,
        source=shown.source if shown else None,
        filing_id=shown.filing_id if shown else None,
        concept=shown.concept if shown else None,
        period_end=shown.period_end if shown else None,
        shown=shown.text if shown else None,
        claim=report.claim,
        proposed=report.proposed or None,
        evidence_url=report.evidence or None,
        reporter=report.reporter,
        contact=report.contact or None,
        lang=lang,
        state="open",
        created_at=now(),
    )
    try:
        with database.session() as session:
            known = _same(session, row.fingerprint)
            if known is not None:
                return Filed(known, is_new=False)
            _refuse_a_flood(session, company_id)
            session.add(row)
    except IntegrityError:
        # Sent twice at the same moment: the other one was quicker.
        with database.session() as session:
            known = _same(session, row.fingerprint)
        if known is None:
            raise
        return Filed(known, is_new=False)
    return Filed(row.id, is_new=True)


def read_number(text: str) -> str:
    """A number as it is kept, from how a person writes it: small letters, blanks, O for 0."""
    plain = "".join(c for c in text.upper() if c.isalnum()).translate(str.maketrans("OIL", "011"))
    return "-".join(plain[i : i + _GROUP] for i in range(0, len(plain), _GROUP))


def _number() -> str:
    """60 random bits: short enough to read out, too many to try."""
    groups = ("".join(secrets.choice(_DIGITS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def _fingerprint(company_id: str, report: Report, shown: Shown | None) -> str:
    about = (shown.source, shown.filing_id, shown.concept, str(shown.period_end)) if shown else ()
    said = (" ".join(report.claim.casefold().split()), report.proposed.casefold())
    return hashlib.sha256("\x1f".join((company_id, *about, "\x1e", *said)).encode()).hexdigest()


def _same(session: Session, fingerprint: str | None) -> str | None:
    return session.scalar(
        select(Correction.id).where(
            Correction.fingerprint == fingerprint, Correction.state == "open"
        )
    )


def _refuse_a_flood(session: Session, company_id: str) -> None:
    waiting = session.scalar(
        select(func.count()).where(Correction.company_id == company_id, Correction.state == "open")
    )
    if (waiting or 0) >= OPEN_AT_ONCE:
        raise TooManyReportsError(
            {"ko": f"이 회사에 관한 신고 {waiting}건이 아직 검토를 기다리고 있어 더 받지 않습니다.", "en": f"{waiting} reports about this company wait to be looked into, so no more are taken."},
            {"ko": "며칠 뒤에 다시 보내 주세요.", "en": "Please send it again in a few days."},
        )  # fmt: skip


def _is_link(text: str) -> bool:
    """An address of the web, without a user's name in it. It is shown as text and never fetched."""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and "@" not in parts.netloc and " " not in text  # fmt: skip
