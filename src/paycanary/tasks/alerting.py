"""One round of alerts: judge followed companies on the newest data, send what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paycanary.alerts.addresses import forget_unconfirmed
from paycanary.alerts.sending import send_due
from paycanary.service.housekeeping import judge_on
from paycanary.state.database import now

if TYPE_CHECKING:
    from paycanary.alerts.judging import JudgeSummary
    from paycanary.alerts.sending import SendSummary
    from paycanary.service.market import Edition
    from paycanary.service.settings import Settings
    from paycanary.state.database import Database


def alert(
    database: Database, settings: Settings, edition: Edition
) -> tuple[JudgeSummary, SendSummary]:
    """Judge and send; who was judged on this snapshot is passed over, what was sent is not sent again.

    Raises:
        StateError: the database cannot be used.
    """
    forget_unconfirmed(database)
    judged = judge_on(database, edition)
    return judged, send_due(database, settings, now())
