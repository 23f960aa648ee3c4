"""Which company a cell means: its words as people write them in Notion, and the product's own search, which never guesses."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from paycanary.errors import AmbiguousError, NotFoundError, UsageError
from paycanary.lake import search
from paycanary.lake.typed import MAX_QUERY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paycanary.documents.notion import RowState
    from paycanary.lake.search import Hit, Index

#: A whole name or number was written: anything less is told, and left to a person.
_WHOLE: Final = frozenset({"company_id", "corp_code", "stock_code", "business_number", "corporation_number", "exact", "english", "sound"})  # fmt: skip
_RELATION: Final = re.compile(r"\s*(?P<name>.+?) \((?:https?://[^()]*|[^()]*\.md)\)\s*(?:,|$)")
_LINK: Final = re.compile(r"\[(?P<name>[^\]]+)\]\((?:https?://|[^()]*\.md)[^()]*\)")
_LEADING: Final = re.compile(r"^\s*(?:\[[^\]]{0,30}\]|【[^】]{0,30}】|〔[^〕]{0,30}〕|<[^>]{0,30}>|《[^》]{0,30}》|「[^」]{0,30}」|『[^』]{0,30}』)\s*")  # fmt: skip
_TRAILING: Final = re.compile(r"\s*(?:\([^()]*\)|\[[^\]]*\]|（[^）]*）)\s*$")
_CUT: Final = re.compile(r"\s+[-–—/·:]\s+|\s*[|｜]\s*|\s*[:：]\s+|_")
#: ㈜ and its like count as symbols, and belong to names.
_KEPT: Final = frozenset(chr(c) for c in (*range(0x3200, 0x3220), *range(0x3260, 0x3280)))
_JOINERS: Final = frozenset("\u200d\ufe0e\ufe0f\u20e3\ufeff\u200b")


@dataclass(frozen=True, slots=True)
class Match:
    """What a cell means.

    ``hit`` is there where ``state`` is ``judged``; ``candidates`` and ``nearest`` are what came near.
    """

    asked: str
    state: RowState
    hit: Hit | None = None
    candidates: list[Hit] = field(default_factory=list)
    nearest: Sequence[str] = ()


def names_in(cell: str) -> list[str]:
    """The names in a cell: of a relation, one a page it leads to; otherwise one a line, or none where it is empty."""
    text = _LINK.sub(lambda found: found["name"], cell)
    related: list[str] = []
    place = 0
    while found := _RELATION.match(text, place):
        related.append(found["name"])
        place = found.end()
    names = related if related and place == len(text) else text.splitlines()
    cleaned = (" ".join(_plain(name).split()) for name in names)
    return [name for name in cleaned if any(c.isalnum() for c in name)]


def readings(name: str, *, is_title: bool) -> list[str]:
    """Ways to read a name, the surest first: as it stands, without brackets around it, and of a title what stands before a dash."""
    bare = _LEADING.sub("", name)
    cut = [_CUT.split(bare, maxsplit=1)[0]] if is_title else []
    read = [name, bare, _TRAILING.sub("", bare), *cut, *(_TRAILING.sub("", text) for text in cut)]
    return [text for text in dict.fromkeys(t.strip() for t in read) if text]


class Finder:
    """Finds companies in one index; the same cell is looked for once."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._known: dict[tuple[str, bool], Match] = {}

    def find(self, cell: str, *, is_title: bool) -> Match:
        """The company that a cell means; ``is_title``: the cell is a page's title, where more than a name may stand."""
        key = (cell, is_title)
        if key not in self._known:
            self._known[key] = self._find(cell, is_title=is_title)
        return self._known[key]

    def _find(self, cell: str, *, is_title: bool) -> Match:
        names = names_in(cell)
        if not names:
            return Match("", "no_name")
        if len(names) > 1:
            return Match(", ".join(names), "several")
        worst: Match | None = None
        for text in readings(names[0], is_title=is_title):
            match = self._read(text)
            if match.state == "judged":
                return match
            if worst is None or (worst.state == "not_found" and match.state != "not_found"):
                worst = match
        return worst or Match(names[0], "not_found")

    def _read(self, text: str) -> Match:
        if len(text) > MAX_QUERY:
            return Match(text, "not_found")
        try:
            hit = search.resolve(self._index, text)
        except AmbiguousError as error:
            hits = [hit for hit in error.candidates if isinstance(hit, search.Hit)]
            return Match(text, "ambiguous", candidates=hits)
        except NotFoundError as error:
            return Match(text, "not_found", nearest=error.nearest)
        except UsageError:
            return Match(text, "not_found")
        if hit.kind in _WHOLE:
            return Match(text, "judged", hit)
        return Match(text, "unsure", candidates=[hit])


def _plain(text: str) -> str:
    """Without emoji and what holds them together."""
    return "".join(
        c for c in unicodedata.normalize("NFC", text) if c in _KEPT or (c not in _JOINERS and unicodedata.category(c) not in ("So", "Sk", "Cs", "Co", "Cn", "Cf", "Cc"))
    )  # fmt: skip
