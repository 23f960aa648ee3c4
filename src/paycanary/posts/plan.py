"""Which post each page becomes: name, day, tags, series, place in reading order."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Final

from paycanary.errors import UsageError
from paycanary.notion.dates import iso
from paycanary.posts.markdown import Note
from paycanary.posts.places import Post
from paycanary.posts.slugs import unique_slugs
from paycanary.resources import read_yaml
from paycanary.wording import today

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paycanary.posts.manifest import Record
    from paycanary.posts.notebook import Entry

_NUMBER: Final = re.compile(r"(\d+(?:\.\d+)?)")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Names:
    """Properties that say something about a post; None: one of those in properties.yaml for day and tags, none for the others."""

    date: str | None = None
    tags: str | None = None
    series: str | None = None
    order_by: str | None = None

    def asked(self) -> set[str]:
        """All of them, those in properties.yaml too."""
        usual = _usual()
        given = {self.date, self.tags, self.series, self.order_by} - {None}
        return {str(name) for name in given} | {name for names in usual.values() for name in names}

    def check(self, entries: Sequence[Entry]) -> None:
        """Raise a `UsageError` for a name that no page has."""
        found = {_plain(name): name for entry in entries for name in entry.properties}
        for option, name in (("--date", self.date), ("--tags", self.tags), ("--series", self.series), ("--order-by", self.order_by)):  # fmt: skip
            if name is not None and _plain(name) not in found:
                shown = ", ".join(list(found.values())[:20]) or "-"
                raise UsageError(
                    {"ko": f"{option} {name}: 그런 속성을 가진 페이지가 없습니다.", "en": f"{option} {name}: no page has such a property."},
                    {"ko": f"있는 속성: {shown}", "en": f"There are: {shown}"},
                )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planned:
    """A page and the post that it becomes."""

    entry: Entry
    post: Post
    notes: tuple[Note, ...]


def plan(entries: Sequence[Entry], names: Names, known: Mapping[str, Record]) -> list[Planned]:
    """Posts in reading order: by the property that was asked for, then by day and title.

    Args:
        entries: the pages.
        names: properties that say something about a post.
        known: what earlier runs wrote; names, and days that nothing says, stay as they were.
    """
    slugs = unique_slugs(
        {entry.key: entry.title for entry in entries},
        {key: record.slug for key, record in known.items()},
    )
    ranks = _ranks(entries, names.order_by)
    planned: list[Planned] = []
    for entry in entries:
        record = known.get(entry.key)
        day, note = _day(entry, names.date, date.fromisoformat(record.day) if record else None)
        post = Post(
            key=entry.key,
            title=_CONTROL.sub("", " ".join(entry.title.split())) or slugs[entry.key],
            slug=slugs[entry.key],
            day=day,
            tags=_tags(_value(entry, names.tags, "tags")),
            series=_value(entry, names.series, None).strip(),
            order=ranks.get(entry.key),
        )
        planned.append(Planned(entry, post, (note,) if note else ()))
    last = len(entries) + 1
    planned.sort(key=lambda p: (p.post.order or last, p.post.day, p.post.title, p.post.key))
    return planned


def fingerprint(post: Post, entry: Entry, *others: str) -> str:
    """Another one where anything that decides a post's text has changed, but for what it links to."""
    about = repr((post, entry.mark, others))
    return hashlib.sha256(about.encode("utf-8", errors="replace")).hexdigest()


@cache
def _usual() -> dict[str, list[str]]:
    """Names of properties that are looked at unasked."""
    found: dict[str, list[str]] = read_yaml("posts", "properties.yaml")
    return found


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()


def _value(entry: Entry, name: str | None, usual: str | None) -> str:
    names = [name] if name is not None else _usual()[usual] if usual else []  # fmt: skip
    values = {_plain(key): value for key, value in entry.properties.items()}
    return next((values[_plain(each)] for each in names if values.get(_plain(each))), "")


def _day(entry: Entry, name: str | None, before: date | None) -> tuple[date, Note | None]:
    """A post's day, and what there is to say about it."""
    text = _value(entry, name, "date")
    day = _iso_day(text)
    if day is None:
        day = entry.day or before or today()
        if text or entry.day is None:
            return day, Note("date_unread" if text else "date_missing", "", text or str(day))
    return day, Note("date_future", "", str(day)) if day > today() else None


def _iso_day(text: str) -> date | None:
    """The day of a property, of a range its first; None where it is no date, or one of numbers whose order is not told."""
    found = iso(text)
    return date.fromisoformat(found[:10]) if found else None


def _tags(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (tag.strip() for tag in text.split(",")))))


def _ranks(entries: Sequence[Entry], name: str | None) -> dict[str, int]:
    """Page's key -> its number among those that have the property: days and hours by time, numbers in text by size."""
    if name is None:
        return {}
    valued = [(entry, value) for entry in entries if (value := _value(entry, name, None).strip())]

    def by(text: str) -> tuple[int, list[tuple[int, float, str]]]:
        moment = iso(text)
        if moment is not None:
            return 0, [(0, 0.0, moment)]
        pieces = _NUMBER.split(text.casefold())
        return 1, [(0, float(p), "") if i % 2 else (1, 0.0, p) for i, p in enumerate(pieces) if p]

    valued.sort(key=lambda pair: (by(pair[1]), pair[0].title, pair[0].key))
    return {entry.key: rank for rank, (entry, _) in enumerate(valued, start=1)}
