"""When a register has something new: what is stale is what was last fetched before its newest release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from paycanary.sources.web.inbox import KOREA


@dataclass(frozen=True, slots=True)
class Calendar:
    """A register's rhythm, in Korean time.

    ``every``: ``day`` (at ``hour``), ``month`` (on ``day``), ``year`` (on ``month``/``day``), or ``company``: there is no whole
    to fetch, only what is asked about a company. Days that a month lacks count as its last.
    """

    every: Literal["day", "month", "year", "company"]
    month: int = 1
    day: int = 1
    hour: int = 6

    def newest_release(self, now: datetime) -> datetime | None:
        """The last moment by ``now`` at which something new came out; None where there is no whole to fetch."""
        if self.every == "company":
            return None
        local = now.astimezone(KOREA)
        moment = self._release(local.year, local.month, local.day)
        while moment > local:
            before = (moment.replace(day=1) if self.every != "day" else moment) - timedelta(days=1)
            year = before.year - 1 if self.every == "year" and before.year == moment.year else before.year  # fmt: skip
            moment = self._release(year, before.month, before.day)
        return moment

    def is_due(self, last: datetime | None, now: datetime) -> bool:
        """Whether something came out since ``last`` (None: never fetched)."""
        release = self.newest_release(now)
        return release is not None and (last is None or last < release)

    def _release(self, year: int, month: int, day: int) -> datetime:
        if self.every == "year":
            month = self.month
        if self.every != "day":
            day = min(self.day, _days_in(year, month))
        return datetime(year, month, day, self.hour, tzinfo=KOREA)


def _days_in(year: int, month: int) -> int:
    following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=KOREA)
    return (following - timedelta(days=1)).day
