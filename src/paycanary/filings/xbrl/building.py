"""From what stands in an inline document or an instance to facts and faults; shared by all paths that find them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, cast

from paycanary.filings.reading import DocumentFact, Fault, Place, Reading
from paycanary.filings.xbrl.contexts import Context
from paycanary.filings.xbrl.limits import MAX_FAULTS
from paycanary.filings.xbrl.names import describe, tables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from typing import Literal

    from paycanary.filings.reading import Format
    from paycanary.filings.xbrl.found import Contexts, Units

_DETAIL: Final = 200
TRUE: Final = frozenset({"true", "1"})
_UNKNOWN: Final = Context()


# --- facts, made fast ----------------------------------------------------------------------------
# A frozen dataclass sets every field through `object.__setattr__`, which takes five times as long as everything else
# that makes a fact. These fill the same slots plainly and only then become what they stand for.


class _DraftPlace:
    __slots__ = tuple(Place.__slots__)

    def __init__(self, file: str, line: int | None = None, path: str | None = None) -> None:
        self.file = file
        self.line = line
        self.path = path
        self.__class__ = Place  # type: ignore[assignment]  # Python allows it where the slots are the same


class _DraftFact:
    __slots__ = tuple(DocumentFact.__slots__)

    def __init__(  # noqa: PLR0917 - the fields of a fact, in their order
        self, tag: str, place: Place, value: Decimal | None, text: str | None, unit: str | None,
        start: date | None, end: date | None, concept: str | None, basis: Literal["CFS", "OFS"] | None,
        entity: str | None, dimensions: tuple[tuple[str, str], ...], decimals: str | None,
        is_nil: bool, is_hidden: bool,  # noqa: FBT001 - see above
    ) -> None:  # fmt: skip
        self.tag = tag
        self.place = place
        self.value = value
        self.text = text
        self.unit = unit
        self.start = start
        self.end = end
        self.concept = concept
        self.basis = basis
        self.entity = entity
        self.dimensions = dimensions
        self.decimals = decimals
        self.is_nil = is_nil
        self.is_hidden = is_hidden
        self.__class__ = DocumentFact  # type: ignore[assignment]  # see above


#: As `Place` and `DocumentFact`, with all fields of the latter given.
make_place: Final = cast("type[Place]", _DraftPlace)
make_fact: Final = cast("type[DocumentFact]", _DraftFact)


class Builder:
    """Collects one document's facts; knows its contexts and units once they were found."""

    __slots__ = ("_more", "contexts", "reading", "units")

    def __init__(self, file: str, format: Format) -> None:  # noqa: A002 - the field's name in Reading
        self.reading = Reading(file=file, format=format)
        self.contexts: Contexts = {}
        self.units: Units = {}
        self._more = 0

    def fault(
        self, reason: str, detail: str, line: int | None = None, path: str | None = None
    ) -> None:
        """Note what could not be used; beyond `MAX_FAULTS` they are only counted."""
        faults = self.reading.faults
        if len(faults) < MAX_FAULTS:
            shown = " ".join(detail[: 4 * _DETAIL].split())[:_DETAIL]
            faults.append(Fault(reason, shown, Place(self.reading.file, line, path)))
        else:
            self._more += 1

    def context(self, ref: str | None, line: int | None, path: str | None) -> Context:
        """The context of a fact; where it cannot be known, an empty one with the reason noted."""
        found = self.contexts.get((ref or "").strip())
        if found is None:
            self.fault("unknown_context", ref or "no contextRef", line, path)
            return _UNKNOWN
        if found.problem is not None:
            self.fault(found.problem, ref or "", line, path)
        return found

    def number(  # noqa: PLR0917 - as many as an element has
        self, tag: str, value: Decimal | None, ref: str | None, unit_ref: str | None, decimals: str | None,
        line: int | None, path: str | None, *, is_nil: bool = False, is_hidden: bool = False, text: str | None = None,
    ) -> None:  # fmt: skip
        """Add a numeric fact, nil where ``value`` and ``text`` are None."""
        context = self.context(ref, line, path)
        unit = self.units.get(unit_ref) if unit_ref else None
        if unit is None and unit_ref is not None:
            self.fault("unknown_unit", unit_ref, line, path)
        self.reading.facts.append(
            make_fact(
                tag, make_place(self.reading.file, line, path), value, text, unit, context.start, context.end,
                describe(tag)[0], context.basis, context.entity, context.dimensions, decimals, is_nil, is_hidden,
            )
        )  # fmt: skip

    def words(
        self, tag: str, text: str | None, ref: str | None, line: int | None, path: str | None, *,
        is_nil: bool = False, is_hidden: bool = False,
    ) -> None:  # fmt: skip
        """Add a fact in words; what a tag made for a person's name holds is not kept."""
        context = self.context(ref, line, path)
        concept, is_person = describe(tag)
        self.reading.facts.append(
            make_fact(
                tag, make_place(self.reading.file, line, path), None, None if is_person else text, None, context.start, context.end,
                concept, context.basis, context.entity, context.dimensions, None, is_nil, is_hidden,
            )
        )  # fmt: skip

    def close(self) -> Reading:
        """Say how many faults were not listed."""
        if self._more:
            self.reading.faults.append(
                Fault("more_faults", str(self._more), Place(self.reading.file))
            )
        return self.reading

    def finish(self) -> Reading:
        """Say whose document it is, from its own statements."""
        reading = self.close()
        stated = _stated(reading.facts)
        reading.company_name = _first(stated, "company_name")
        reading.company_number = _first(stated, "company_number") or _entity(reading.facts)
        reading.period_end = _latest_day(stated)
        return reading


def _stated(facts: list[DocumentFact]) -> dict[str, list[str]]:
    wanted = {
        tag for key in ("company_name", "company_number", "period_end") for tag in tables()[key]
    }
    found: dict[str, list[str]] = {}
    for fact in facts:
        if fact.text and fact.tag in wanted:
            found.setdefault(fact.tag, []).append(fact.text)
    return found


def _first(stated: Mapping[str, list[str]], key: str) -> str | None:
    for tag in tables()[key]:
        if texts := stated.get(tag):
            # DART states names in English and Korean; the Korean one is the registered name.
            return next(
                (text for text in texts if any("가" <= letter <= "힣" for letter in text)), texts[0]
            )
    return None


def _entity(facts: list[DocumentFact]) -> str | None:
    """The identifier of all contexts, where there is one only."""
    entities = {fact.entity for fact in facts if fact.entity}
    return entities.pop() if len(entities) == 1 else None


def _latest_day(stated: Mapping[str, list[str]]) -> date | None:
    for tag in tables()["period_end"]:
        days = []
        for text in stated.get(tag, ()):
            try:
                days.append(date.fromisoformat(text))
            except ValueError:
                continue
        if days:
            return max(days)
    return None
