"""The whole market held against criteria, as a file that other programs read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paycanary.errors import UsageError
from paycanary.lake.reader import open_reader
from paycanary.signals.custom import BUILT_IN
from paycanary.verdict import Session

if TYPE_CHECKING:
    from datetime import date

    from paycanary.signals.custom import Criteria


@dataclass(frozen=True, slots=True)
class Screened:
    """Rows of a screen, worst first, and what they were read from. ``snapshot``: 0 where the built-in sample answered."""

    rows: list[dict[str, Any]]
    day: date
    snapshot: int
    is_sample: bool

    @property
    def levels(self) -> dict[str, int]:
        """How many companies stand at each level."""
        return dict(Counter(str(row["level"]) for row in self.rows))


def screen(day: date, criteria: Criteria = BUILT_IN, industry: str | None = None) -> Screened:
    """Hold the whole market against criteria on a day.

    Raises:
        UsageError: no company fits the industry.
    """
    session = Session(open_reader())
    rows = session.screen(day, criteria, industry)
    if not rows and industry:
        known = session.industries(industry)
        raise UsageError(
            {
                "ko": f"--industry {industry}: 해당하는 회사가 없습니다.",
                "en": f"--industry {industry}: no company fits.",
            },
            {
                "ko": f"있는 업종의 예: {', '.join(known)}.",
                "en": f"Industries there are, for example: {', '.join(known)}.",
            },
        )
    reader = session.reader
    return Screened(rows, day, 0 if reader.is_sample else reader.snapshot.id, reader.is_sample)


def encode(screened: Screened, form: str, limit: int | None = None) -> bytes:
    """The rows as ``csv``, ``json`` or ``parquet``."""
    from paycanary.report import tables  # noqa: PLC0415 - draws tables; only who prints pays for it

    rows = screened.rows[:limit] if limit else screened.rows
    return tables.encode(rows, form, as_of=screened.day, is_sample=screened.is_sample)
