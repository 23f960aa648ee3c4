"""How the outbox stands, for those who watch: what waits on us, and what was given up though its receiver never refused it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, or_, select

from paycanary.state.tables import Change, Delivery

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

#: Before the reason of an e-mail that the mail server would have taken from nobody now.
SERVERS: Final = "server_"
#: A fault of ours; whoever sent it was killed every time; nobody sent it for a week.
_OURS: Final = ("error", "attempts", "stale")
#: How long something that was given up is told of.
_TOLD: Final = timedelta(days=1)


def _is_ours() -> ColumnElement[bool]:
    """Whether what went wrong last is for whoever runs the service to mend, and not for a receiver."""
    return or_(Delivery.error.in_(_OURS), Delivery.error.startswith(SERVERS, autoescape=True))


def oldest(session: Session) -> datetime | None:
    """When the change was noted that has waited longest and that its receiver has not put off.

    Not when it is due: each attempt that fails makes a delivery due later, so that one that is never sent is never overdue.
    """
    return session.scalar(
        select(func.min(Change.noted_at))
        .join(Delivery, Delivery.change_id == Change.id)
        .where(Delivery.state == "pending", or_(Delivery.error.is_(None), _is_ours()))
    )


def lost(session: Session, at: datetime) -> int:
    """How many were given up within the last day for no reason of the receiver's."""
    # Of what was given up, `next_at` is when that was.
    found = select(func.count()).where(
        Delivery.state == "failed", Delivery.next_at >= at - _TOLD, _is_ours()
    )
    return session.scalar(found) or 0
