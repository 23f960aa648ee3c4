"""What an error means to whoever runs unattended: try again and when, or do not and call somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final, Literal

from paycanary.errors import (
    BackupError,
    BusyError,
    DiskFullError,
    PaycanaryError,
    QuotaError,
    ReadOnlyError,
    StateError,
    UnreachableError,
)
from paycanary.sources.web.inbox import KOREA

if TYPE_CHECKING:
    from collections.abc import Callable

#: What passes by itself. Everything else stays until somebody mends it: a key, a setting, a file, a full disk, an answer that changed.
TRANSIENT: Final = (UnreachableError, QuotaError, BusyError, StateError, BackupError)
_LASTING: Final = (DiskFullError, ReadOnlyError)


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as a schedule needs it.

    ``kind``: ``transient``, worth another try, or ``terminal``. ``retry_after``: seconds before which a try is in vain; 0 where
    nobody said so. ``message``: one line, what happened and what to do.
    """

    kind: Literal["transient", "terminal"]
    code: str
    exit_code: int
    message: str
    retry_after: float = 0.0


def fault(error: PaycanaryError, now: Callable[[], datetime] = lambda: datetime.now(KOREA)) -> Fault:  # fmt: skip
    """What kind of fault an error is."""
    is_unset = getattr(error, "is_unset", False)
    is_transient = isinstance(error, TRANSIENT) and not isinstance(error, _LASTING) and not is_unset
    retry_after = 0.0
    if isinstance(error, UnreachableError):
        retry_after = error.retry_after
    elif isinstance(error, QuotaError):
        # Quotas are counted by days of Korea.
        opens = datetime.combine(error.resumes_on, time(0, 1), KOREA)
        retry_after = max(opens - now(), timedelta(0)).total_seconds()
    return Fault(
        kind="transient" if is_transient else "terminal",
        code=error.code,
        exit_code=error.exit_code,
        message=" ".join(error.line("en").split()),
        retry_after=retry_after,
    )
