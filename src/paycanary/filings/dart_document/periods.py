"""Fiscal terms and days as captions and column heads name them: ``제 10(당)기 2025년 1월 1일부터 2025년 12월 31일까지``."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

_TOKEN: Final = re.compile(
    r"(?P<year>(?:19|20)\d\d)\s*(?:년|[.\-/])\s*(?P<month>\d{1,2})\s*(?:월|[.\-/])\s*(?P<day>\d{1,2})\s*일?"
    r"|제\s*(?P<number>\d{1,3})(?!\d)"
    r"|(?<![가-힣])(?P<word>전전|당|전)(?=[\s)]*(?:\d\s*/?\s*4?\s*)?(?:[분반]\s*)?기|\s*\))"
    r"|(?P<part>[분반])\s*기"
)
_YEAR: Final = re.compile(
    r"(?<!\d)(?:FY\s*)?((?:19|20)\d\d)\s*(?:년도?|회계연도|\.\s*\d{1,2}\s*\.?)?(?![\d,])"
)
_BACK: Final = {"당": 0, "전": 1, "전전": 2}
_QUARTER_MONTHS: Final = 3


@dataclass(frozen=True, slots=True)
class Term:
    """A fiscal term: ``number`` (제 10 기), ``back`` (0 당기, 1 전기, 2 전전기), its part of a year (반, 분) and its days."""

    number: int | None = None
    back: int | None = None
    part: str = ""
    start: date | None = None
    end: date | None = None

    @property
    def has_days(self) -> bool:
        """Whether it says when it ended."""
        return self.end is not None


def read_terms(text: str) -> list[Term]:
    """The terms that a caption or head names, in order; days without a term are a term of their own."""
    terms: list[Term] = []
    current = _Open()
    for match in _TOKEN.finditer(text):
        if not current.takes(match):
            terms += current.close()
            current = _Open()
        current.take(match)
    return terms + current.close()


@dataclass(slots=True)
class _Open:
    """A term while it is read."""

    number: int | None = None
    back: int | None = None
    part: str = ""
    days: list[date] = field(default_factory=list)

    def takes(self, match: re.Match[str]) -> bool:
        """Whether the token may belong to this term, or begins the next one."""
        if match["year"]:
            return len(self.days) < 2  # noqa: PLR2004 - from, to
        if match["number"]:
            return self.number is None and self.back is None and not self.days
        if match["word"]:
            return not self.days and self.back in (None, _BACK[match["word"]])
        return True

    def take(self, match: re.Match[str]) -> None:
        if match["year"]:
            if (day := _day(match)) is not None:
                self.days.append(day)
        elif match["number"]:
            self.number = int(match["number"])
        elif match["word"]:
            self.back = _BACK[match["word"]]
        elif not self.days:
            self.part = match["part"]

    def close(self) -> list[Term]:
        """The term, none if nothing was said."""
        if self.number is None and self.back is None and not self.days:
            return []
        start, end = self.days if len(self.days) > 1 else (None, *self.days, None)[:2]
        if start is not None and end is not None and start >= end:
            start = end = None
        return [Term(self.number, self.back, self.part, start, end)]


def read_year(text: str) -> int | None:
    """The one year that a head names (``2025년``, ``2025.12``), else None."""
    years = {int(match[1]) for match in _YEAR.finditer(text)}
    return years.pop() if len(years) == 1 else None


def find_term(head: Term, caption: list[Term]) -> Term | None:
    """The caption's term that a column head means: by number, else by 당기 and 전기; days of its own come first."""
    if head.end is not None and head.start is not None:
        return head
    for same in (
        [t for t in caption if head.number is not None and t.number == head.number],
        [t for t in caption if head.back is not None and t.back == head.back],
        [t for t in caption if head.end is not None and t.end == head.end],
    ):
        dated = [t for t in same if t.has_days]
        parts = [t for t in dated if t.part == head.part] or dated
        if parts and len({(t.start, t.end) for t in parts}) == 1:
            return parts[0]
    return head if head.has_days else None


def last_quarter(end: date) -> date:
    """First day of the three months that end on ``end``."""
    months = end.year * 12 + end.month - _QUARTER_MONTHS
    return date(months // 12, months % 12 + 1, 1)


def day_before(day: date) -> date:
    """The day before; a fiscal term begins on the day after the last one ended."""
    return day - timedelta(days=1)


def months_between(start: date, end: date) -> int:
    """Whole months of a period, both days within: 2025-01-01 to 2025-12-31 are 12."""
    days = (end - start).days + 1
    return max(1, round(days / 30.4375))


def month_end(day: date) -> date:
    """The last day of its month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def _day(match: re.Match[str]) -> date | None:
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None
