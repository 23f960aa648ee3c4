"""Taking in what the public services have, by register and by day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from paycanary.lake import live
from paycanary.lake.home import inbox_path, lake_path
from paycanary.progress import SILENT, Progress
from paycanary.sources.registers import REGISTERS
from paycanary.sources.web.inbox import Inbox

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from paycanary.lake.live import Fetched


@dataclass(frozen=True, slots=True)
class Due:
    """Whether a register has something new. ``missing`` names the months that are out and not taken in, where it publishes months."""

    source: str
    is_due: bool
    missing: list[str] = field(default_factory=list)


def fetch(
    names: Sequence[str],
    *,
    company: str | None = None,
    since: date | None = None,
    wait: float = 0.0,
    progress: Progress = SILENT,
) -> Fetched:
    """Ask registers (none named: those that are due by their calendars) and take what they answer into the lake.

    Args:
        names: of registers.
        company: ask about this company only.
        since: look again for what was published from this day on, whatever the lake holds already.
        wait: seconds to wait for another refresh to leave the store. What was answered is not asked for twice.
        progress: told how far it is.

    Raises:
        AmbiguousError: several companies bear the name.
        NotFoundError: nobody knows it.
        BusyError: another refresh held the store for longer than ``wait``.
        LakeError: the store cannot be written; what was fetched waits in the inbox.
    """
    inbox = Inbox(inbox_path())

    def once() -> Fetched:
        if company is not None:
            return live.fetch_company(lake_path(), inbox, company, list(names) or list(REGISTERS), progress)  # fmt: skip
        return live.fetch_whole(lake_path(), inbox, list(names) or live.stale(inbox), progress, since)  # fmt: skip

    try:
        return live.patiently(once, wait)
    finally:
        inbox.close()


def due(names: Sequence[str]) -> list[Due]:
    """Which registers (none named: all) have something new: by their calendars, and the pension's by the months that are out.

    Raises:
        SourceError: the list of pension months could not be asked for.
    """
    inbox = Inbox(inbox_path())
    try:
        by_calendar = live.stale(inbox)
        found = []
        for name in names or REGISTERS:
            missing = live.missing(lake_path(), inbox, name)
            is_due = name in by_calendar if missing is None else bool(missing)
            found.append(Due(name, is_due, missing or []))
        return found
    finally:
        inbox.close()
