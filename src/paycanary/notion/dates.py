"""Dates as Notion writes them in a workspace's language, turned into ISO days.

Read are ``2024년 4월 13일 오후 3:00 (GMT+9)``, ``April 13, 2024``, ``13 de abril de 2024``, ``2024/04/13``, ranges with ``→``, and
where a whole column tells which number is the month, ``04/13/2024``.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Final

from paycanary.resources import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

_ARROW: Final = re.compile(r"\s*(?:→|⟶|->)\s*")
_TIME: Final = (
    r"(?P<time>(?P<before>오전|오후|午前|午後|上午|下午)?\s*(?P<hour>\d{1,2})[:시時]\s*(?P<minute>\d{2})?(?:분|分)?(?::\d{2})?"
    r"\s*(?P<after>[AaPp]\.?\s?[Mm]\.?)?)?\s*(?P<zone>\((?:GMT|UTC|KST|JST)(?:[+-]\d{1,2}(?::?\d{2})?)?\)|Z|[+-]\d{2}:\d{2})?"
)
_YEAR_FIRST: Final = re.compile(
    r"@?(?P<y>\d{4})\s*[-./년年]\s*(?P<m>\d{1,2})\s*[-./월月]\s*(?P<d>\d{1,2})\s*[.일日]?(?:T|[,\s]+|$)" + _TIME
)  # fmt: skip
_WORD: Final = r"(?P<word>[^\W\d_]{3,12})\.?"
_DAY: Final = r"(?P<d>\d{1,2})"
_YEAR: Final = r"(?P<y>\d{4})"
_WORDS: Final = (
    re.compile(rf"@?{_WORD}\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_YEAR}(?:,?\s+|$)(?:at\s+)?" + _TIME),
    re.compile(rf"@?{_DAY}\.?(?:er|º)?\s+(?:de\s+|d['’])?{_WORD},?\s+(?:de\s+)?{_YEAR}(?:,?\s+|$)(?:a las\s+|à\s+|um\s+)?" + _TIME),
)  # fmt: skip
_SLASHED: Final = re.compile(r"@?(?P<a>\d{1,2})[/.](?P<b>\d{1,2})[/.](?P<y>\d{4})(?:,?\s+|$)" + _TIME)  # fmt: skip
_ALONE: Final = re.compile(_TIME)
_NOON: Final = 12
_MONTHS: Final = 12
#: Where months of two languages begin alike and are others, the first of these is meant.
_FIRST: Final = ("en", "es", "pt", "fr", "de", "it", "nl", "da", "no", "pl", "tr", "fi", "sv", "id")  # fmt: skip


def iso(text: str, *, is_day_first: bool | None = None) -> str | None:
    """A cell as ISO: ``2024-04-13``, ``2024-04-13T15:00+09:00``, ``2024-04-13 → 2024-04-20``; None where it is no date.

    Args:
        text: the cell.
        is_day_first: which of two numbers before a year is the day; None: such dates are none.
    """
    start, *rest = _ARROW.split(text.strip())
    if len(rest) > 1:
        return None
    begun = _moment(start, is_day_first)
    if begun is None:
        return None
    if not rest:
        return begun
    ended = _moment(rest[0], is_day_first)
    if ended is None and (alone := _ALONE.fullmatch(rest[0].strip())) and alone["hour"]:
        clock = _clock(alone)
        ended = None if clock is None else begun[:10] + clock
    return None if ended is None else f"{begun} → {ended}"


def iso_column(cells: Iterable[str]) -> list[str] | None:
    """A column's cells as ISO, empty ones as they are; None unless every other cell is a date."""
    given = list(cells)
    filled = [cell for cell in given if cell.strip()]
    if not filled:
        return None
    is_day_first = _order(filled)
    read = [iso(cell, is_day_first=is_day_first) if cell.strip() else cell for cell in given]
    told = [cell for cell in read if cell is not None]
    return told if len(told) == len(read) else None


def _order(cells: list[str]) -> bool | None:
    """Whether the day stands first in dates of three numbers; None where no cell tells, or cells disagree."""
    found = [match for cell in cells for part in _ARROW.split(cell) if (match := _SLASHED.fullmatch(part.strip()))]  # fmt: skip
    day_first = any(int(match["a"]) > _MONTHS for match in found)
    month_first = any(int(match["b"]) > _MONTHS for match in found)
    return None if day_first == month_first else day_first


def _moment(text: str, is_day_first: bool | None) -> str | None:  # noqa: FBT001 - passed on
    text = text.strip()
    if match := _YEAR_FIRST.fullmatch(text):
        month = int(match["m"])
    elif match := next((m for pattern in _WORDS if (m := pattern.fullmatch(text))), None):
        found = _month(match["word"])
        if found is None:
            return None
        month = found
    elif is_day_first is not None and (match := _SLASHED.fullmatch(text)):
        month = int(match["b" if is_day_first else "a"])
        return _written(match, month, int(match["a" if is_day_first else "b"]))
    else:
        return None
    return _written(match, month, int(match["d"]))


def _written(match: re.Match[str], month: int, day: int) -> str | None:
    try:
        told = date(int(match["y"]), month, day).isoformat()
    except ValueError:
        return None
    clock = _clock(match) if match["hour"] else ""
    return None if clock is None else told + clock


def _clock(match: re.Match[str]) -> str | None:
    """``T15:00+09:00``; None for an hour that there is not."""
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    half = (match["before"] or match["after"] or "").lower().replace(".", "").replace(" ", "")
    if half in ("오후", "午後", "下午", "pm"):
        hour += _NOON if hour < _NOON else 0
    elif half and hour == _NOON:
        hour = 0
    if hour > 23 or minute > 59:  # noqa: PLR2004 - a clock
        return None
    return f"T{hour:02}:{minute:02}{_zone(match['zone'] or '')}"


def _zone(text: str) -> str:
    told = text.strip("()")
    if told in ("Z", "UTC", "GMT"):
        return "Z"
    if told in ("KST", "JST"):
        return "+09:00"
    found = re.search(r"([+-])(\d{1,2}):?(\d{2})?$", told)
    return f"{found[1]}{int(found[2]):02}:{found[3] or '00'}" if found else ""


def _month(word: str) -> int | None:
    """The month that a word begins like, in any language of Notion's that the word lists hold."""
    lower = word.lower()
    return next((number for begun, number in _begun() if lower.startswith(begun)), None)


@cache
def _begun() -> list[tuple[str, int]]:
    lists = read_yaml("filings", "xbrl", "months.yaml")
    return [
        (spelling, number)
        for language in _FIRST
        for number, spellings in enumerate(str(lists.get(language, "")).split(), 1)
        for spelling in spellings.split("/")
    ]
