"""Contexts and units: whose figure, of which period, along which dimensions, in what."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from paycanary.filings.xbrl.names import basis_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from paycanary.filings.xbrl.names import Names

    #: A start tag of a fragment: local name, name as written, attributes, the text that follows it.
    Token = tuple[str, str, Mapping[str, str], str]


class Context(NamedTuple):
    """What stands behind a ``contextRef``; ``problem`` is the reason code of what could not be read of it."""

    entity: str | None = None
    start: date | None = None
    end: date | None = None
    dimensions: tuple[tuple[str, str], ...] = ()
    basis: Literal["CFS", "OFS"] | None = None
    problem: str | None = None


_DAY: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9:.]+))?(?:Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII
)
_MIDNIGHT: Final = re.compile(r"(?:00:00:00(?:\.0+)?|24:00:00(?:\.0+)?)")


@lru_cache(maxsize=4096)
def read_day(text: str, *, is_end: bool) -> date:
    """A period's first or last day. An end at midnight of a time of day ends the day before, as XBRL 2.1 (4.7.2) says.

    Raises:
        ValueError: not a date.
    """
    match = _DAY.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    day = date(int(match[1]), int(match[2]), int(match[3]))
    time = match[4]
    if time and _MIDNIGHT.fullmatch(time):
        days = (
            -1
            if is_end and time.startswith("00")
            else 1
            if not is_end and time.startswith("24")
            else 0
        )
        return day + timedelta(days=days)
    return day


def read_context(tokens: Iterable[Token], names: Names) -> Context:  # noqa: C901, PLR0912 - a branch for each element of a context
    """Read a context from its start tags in document order."""
    entity = start = end = None
    problem: str | None = None
    dimensions: list[tuple[str, str]] = []
    typed: str | None = None
    in_dimensions = has_period = False
    for local, written, attributes, text in tokens:
        if local == "identifier":
            entity = text.strip() or None
        elif local in {"startDate", "endDate", "instant"}:
            has_period = True
            try:
                day = read_day(text, is_end=local != "startDate")
            except (ValueError, OverflowError):
                problem = "bad_date"
                continue
            if local == "startDate":
                start = day
            else:
                end = day
        elif local == "forever":
            has_period = True
        elif local in {"segment", "scenario"}:
            in_dimensions = True
        elif local in {"entity", "period"}:
            in_dimensions = False
        elif local in {"explicitMember", "typedMember"}:
            typed = names.tag(attributes.get("dimension", ""))
            if local == "explicitMember":
                dimensions.append((typed, names.tag(text.strip())))
                typed = None
        elif typed is not None:
            dimensions.append((typed, " ".join(text.split())))
            typed = None
        elif in_dimensions:
            dimensions.append((names.tag(written), " ".join(text.split())))
    ordered = tuple(sorted(dimensions))
    if not has_period:
        problem = "no_period"
    return Context(entity, start, end, ordered, basis_of(ordered), problem)


def read_unit(tokens: Iterable[Token], names: Names) -> str | None:
    """``GBP``, ``shares``, ``USD/shares``; None where the unit names no measure."""
    over: list[str] = []
    under: list[str] = []
    into = over
    for local, _, _, text in tokens:
        if local == "unitDenominator":
            into = under
        elif local == "unitNumerator":
            into = over
        elif local == "measure" and text.strip():
            prefix, _, name = names.tag(text.strip()).rpartition(":")
            into.append(name if prefix in {"iso4217", "xbrli", ""} else f"{prefix}:{name}")
    if not over:
        return None
    return "*".join(over) + ("/" + "*".join(under) if under else "")


# --- contexts as nearly all are spelled ------------------------------------------------------------

_P: Final = r"(?:[\w.-]+:)?"
_DECLARED: Final = r"(?:\s+xmlns:[\w.-]+=\"[^\"<>&]*\")*+"
_AXIS: Final = rf"{_DECLARED}\s+dimension=\"[^\"<>&\t\r\n]*\"{_DECLARED}\s*>"
_MEMBERS: Final = (
    rf"(?:<{_P}(?:segment|scenario)>"
    rf"((?:\s*<{_P}(?:explicitMember{_AXIS}[^<&]*</{_P}explicitMember>|"
    rf"typedMember{_AXIS}\s*<[\w.:-]+{_DECLARED}>[^<&]*</[\w.:-]+>\s*</{_P}typedMember>))*+)"
    rf"\s*</{_P}(?:segment|scenario)>\s*)?"
)
#: Up to the period, the period itself, and what follows it; only blanks stand between their elements.
_WHO: Final = re.compile(
    rf"\s*<{_P}entity>\s*<{_P}identifier(?:\s+[\w:.-]+=\"[^\"<>]*\")*+\s*>([^<&]*)</{_P}identifier>\s*{_MEMBERS}</{_P}entity>\s*<{_P}"
)
_WHEN: Final = re.compile(
    rf"\s*(?:<{_P}instant>([^<]*)</{_P}instant>|"
    rf"<{_P}startDate>([^<]*)</{_P}startDate>\s*<{_P}endDate>([^<]*)</{_P}endDate>)\s*</{_P}"
)
_MORE: Final = re.compile(rf"\s*{_MEMBERS}")
_MEMBER: Final = re.compile(r"dimension=\"([^\"]*)\"[^>]*>(\s*<[^>]*>)?([^<]*)<")


class PlainContexts:
    """Reads one document's contexts from their text: they share periods, and most share their company and dimensions."""

    __slots__ = ("_names", "_when", "_who")

    def __init__(self, names: Names) -> None:
        self._names = names
        self._who: dict[str, tuple[str | None, str]] = {}
        self._when: dict[str, tuple[date | None, date]] = {}

    def read(self, fragment: str) -> Context | None:
        """Read the inside of a context if it is spelled as nearly all are; None: read it from its tags."""
        parts = fragment.split("period>")
        if len(parts) != 3:  # noqa: PLR2004 - before, within and after the period
            return None
        before, period, after = parts
        who = self._who.get(before) or self._read_who(before)
        when = self._when.get(period) or self._read_when(period)
        if who is None or when is None:
            return None
        entity, members = who
        if after and not after.isspace():
            match = _MORE.fullmatch(after)
            if match is None:
                return None
            members += match[1] or ""
        if not members:
            return Context(entity, *when)
        dimensions = self._dimensions(members)
        return Context(entity, *when, dimensions, basis_of(dimensions))

    def _read_who(self, text: str) -> tuple[str | None, str] | None:
        """The company, and the members as they are written."""
        match = _WHO.fullmatch(text)
        if match is None:
            return None
        found = self._who[text] = (match[1].strip() or None, match[2] or "")
        return found

    def _read_when(self, text: str) -> tuple[date | None, date] | None:
        """The first and the last day."""
        match = _WHEN.fullmatch(text)
        if match is None:
            return None
        instant, start, end = match.groups()
        try:
            first = read_day(start, is_end=False) if start is not None else None
            last = read_day(instant if instant is not None else end, is_end=True)
        except (ValueError, OverflowError):
            return None
        found = self._when[text] = (first, last)
        return found

    def _dimensions(self, members: str) -> tuple[tuple[str, str], ...]:
        tag = self._names.tag
        found = _MEMBER.findall(members)
        return tuple(
            sorted(
                (tag(axis), " ".join(text.split()) if typed else tag(text))
                for axis, typed, text in found
            )
        )
