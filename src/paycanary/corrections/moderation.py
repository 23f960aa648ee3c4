"""Deciding about reports: once, by someone named, with words that the public reads."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import func, select, update

from paycanary.corrections.reports import clean, read_number
from paycanary.errors import NotFoundError, UsageError
from paycanary.state.database import now
from paycanary.state.tables import Correction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paycanary.state.database import Database

State = Literal["open", "accepted", "rejected"]
STATES: Final[tuple[State, ...]] = ("open", "accepted", "rejected")
#: Characters of a statement or a reason.
LONGEST_WORDS: Final = 1000
_LOG: Final = logging.getLogger(__name__)


class DecidedError(UsageError):
    """Somebody decided before; the row says who and when."""

    code = "decided"


class WordsError(UsageError):
    """A decision without words, or with too many."""

    code = "words"


def reports(database: Database, state: State | None = None, limit: int = 100) -> Sequence[Correction]:  # fmt: skip
    """Reports in a state: open ones that wait longest first, decided ones newest first."""
    order = (
        (Correction.created_at, Correction.id) if state == "open"
        else (Correction.decided_at.desc().nulls_first(), Correction.created_at, Correction.id)
    )  # fmt: skip
    asked = select(Correction).order_by(*order).limit(limit)
    with database.session() as session:
        return session.scalars(asked.where(Correction.state == state) if state else asked).all()


def waiting(database: Database) -> int:
    """How many reports are open."""
    with database.session() as session:
        asked = select(func.count()).where(Correction.state == "open")
        return session.scalar(asked) or 0


def decided(database: Database, company_ids: Sequence[str]) -> Sequence[Correction]:
    """What was decided about a company, newest first."""
    asked = (
        select(Correction)
        .where(Correction.company_id.in_(company_ids), Correction.state != "open")
        .order_by(Correction.decided_at.desc(), Correction.id)
    )
    with database.session() as session:
        return session.scalars(asked).all()


def find(database: Database, number: str) -> Correction:
    """The report of a number, however a person writes it.

    Raises:
        NotFoundError: there is none.
    """
    with database.session() as session:
        row = session.get(Correction, read_number(number))
    if row is None:
        raise NotFoundError(
            {"ko": "그런 번호의 신고가 없습니다.", "en": "No report has that number."},
            {"ko": "신고할 때 받은 번호를 다시 확인하세요.", "en": "Check the number that you were given when you reported."},
        )  # fmt: skip
    return row


def accept(database: Database, number: str, statement: str, by: str) -> Correction:
    """Let ``statement`` stand beside the figure from today. Raises as `reject`."""
    return _decide(database, number, "accepted", by, statement=_words(statement))


def reject(database: Database, number: str, reason: str, by: str) -> Correction:
    """Leave the figure as it is, and say why.

    Raises:
        NotFoundError: no such report.
        DecidedError: it was decided before, perhaps a moment ago.
        WordsError: no words, or too many.
    """
    return _decide(database, number, "rejected", by, reason=_words(reason))


def redact(database: Database, number: str) -> Correction:
    """Delete what a report says, such as where it names a private person; figure, state and public words stay.

    Raises:
        NotFoundError: no such report.
    """
    row = find(database, number)
    said = {"claim": "", "proposed": None, "evidence_url": None, "contact": None}
    with database.session() as session:
        session.execute(update(Correction).where(Correction.id == row.id).values(said))
    _LOG.info("correction %s: what it said was deleted", row.id)
    return find(database, row.id)


def _decide(database: Database, number: str, state: State, by: str, **words: str) -> Correction:
    row = find(database, number)
    # Only an open report can be decided: of two moderators at once one changes the row and the other none.
    step = (
        update(Correction)
        .where(Correction.id == row.id, Correction.state == "open")
        .values(state=state, decided_at=now(), decided_by=clean(by), contact=None, **words)
        .returning(Correction.id)
    )
    with database.session() as session:
        is_ours = session.scalar(step) is not None
    after = find(database, number)
    if not is_ours:
        day = after.decided_at
        raise DecidedError(
            {"ko": f"{after.id}: {after.decided_by} 님이 {day:%Y-%m-%d %H:%M} UTC 에 이미 정했습니다({after.state}).", "en": f"{after.id}: decided by {after.decided_by} on {day:%Y-%m-%d %H:%M} UTC ({after.state})."},
            {"ko": "한 번 정한 것은 바꾸지 않습니다. 틀렸다면 새로 신고하세요.", "en": "A decision is not changed. If it is wrong, file a new report."},
        )  # fmt: skip
    _LOG.info("correction %s %s by %s", after.id, state, after.decided_by)
    return after


def _words(text: str) -> str:
    words = clean(text, is_long=True)
    if not words or len(words) > LONGEST_WORDS:
        raise WordsError(
            {"ko": f"모두에게 보일 글이 없거나 {LONGEST_WORDS}자를 넘습니다.", "en": f"The words that everyone will read are missing, or longer than {LONGEST_WORDS} characters."},
            {"ko": "받아들일 때는 수치 곁에 실을 글을, 받아들이지 않을 때는 까닭을 쓰세요.", "en": "To accept, write what stands beside the figure; to reject, write why."},
        )  # fmt: skip
    return words
