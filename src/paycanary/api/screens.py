"""The market against criteria, ranked once an edition and kept: pages and filters are cut from it.

A screen of the whole country takes a second; its pages must not take one each. Kept compactly (a tuple a company), a few
an edition, and gone with it.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from cachetools import LRUCache

from paycanary.documents import Screen
from paycanary.report.tables import screen_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from paycanary.service.market import Edition
    from paycanary.signals.custom import Criteria

#: Screens kept an edition.
_KEPT: Final = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a screen are asked for; empty means all. ``signals``: levels wanted of each."""

    market: str | None = None
    industry: str | None = None
    levels: Collection[str] = ()
    signals: Mapping[str, Collection[str]] | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """Every company with any answer, worst first. ``state`` changes with whatever changes the order."""

    as_of: date
    is_sample: bool
    state: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def places(self, wanted: Wanted) -> list[int]:
        """Ranks of the rows that are wanted."""
        at = {name: i for i, name in enumerate(self.columns)}
        market = wanted.market.upper() if wanted.market else None
        signals = [(at.get(name), levels) for name, levels in (wanted.signals or {}).items()]

        def fits(row: tuple[Any, ...]) -> bool:
            return (
                (market is None or row[at["market"]] == market)
                and (not wanted.industry or wanted.industry in (row[at["industry"]] or ""))
                and (not wanted.levels or row[at["level"]] in wanted.levels)
                and all((row[i] if i is not None else "unknown") in levels for i, levels in signals)
            )

        return [place for place, row in enumerate(self.rows) if fits(row)]

    def screen(self, places: Collection[int]) -> Screen:
        """The document of some of the rows: the same as the command line's."""
        chosen = [dict(zip(self.columns, self.rows[place], strict=True)) for place in places]
        return Screen(as_of=self.as_of, sample=self.is_sample, rows=screen_rows(chosen))


class Screens:
    """Ranks of each edition. Safe for many threads; one ranks at a time."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Edition, LRUCache[str, Ranked]] = WeakKeyDictionary()
        self._lock = threading.Lock()
        self._ranking = threading.Lock()

    def ranked(self, edition: Edition, as_of: date | None, criteria: Criteria) -> Ranked:
        """The market on a day (today by default) against criteria."""
        day = as_of or edition.day
        text = f"{edition.key} {day} {criteria}"
        state = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]
        found = self._find(edition, state)
        if found is not None:
            return found
        with self._ranking:
            found = self._find(edition, state)
            if found is not None:
                return found
            rows = edition.screen(as_of, criteria)
            columns = tuple(rows[0]) if rows else ()
            made = Ranked(
                day, edition.is_sample, state, columns, [tuple(row.values()) for row in rows]
            )
        with self._lock:
            self._kept.setdefault(edition, LRUCache(_KEPT))[state] = made
        return made

    def _find(self, edition: Edition, state: str) -> Ranked | None:
        with self._lock:
            kept = self._kept.get(edition)
            return kept.get(state) if kept is not None else None
