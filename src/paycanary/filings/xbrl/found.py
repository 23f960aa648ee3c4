"""What both ways of looking at an inline document find: tagged elements, contexts, units."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from paycanary.filings.reading import DocumentFact
    from paycanary.filings.xbrl.contexts import Context
    from paycanary.filings.xbrl.names import Names

Raw = TypeVar("Raw")
Value = TypeVar("Value")

#: Kinds of elements that are facts, and those whose words are needed besides.
FACTS: Final = frozenset({"nonNumeric", "nonFraction", "fraction"})
COLLECTED: Final = frozenset(
    {"nonNumeric", "nonFraction", "continuation", "numerator", "denominator"}
)


class Contexts(Protocol):
    """Contexts by id."""

    def get(self, key: str, /) -> Context | None:
        """The context of that id, None if there is none."""


class Units(Protocol):
    """Units by id."""

    def get(self, key: str, /) -> str | None:
        """The unit of that id, None if there is none or it names no measure."""


class Lazy(Generic[Raw, Value]):
    """Things by id that are read when a fact first names them: some documents define two hundred contexts and use ten."""

    __slots__ = ("_raw", "_read", "_values")

    def __init__(self, raw: Mapping[str, Raw], read: Callable[[Raw], Value]) -> None:
        self._raw = raw
        self._read = read
        self._values: dict[str, Value] = {}

    def get(self, key: str, /) -> Value | None:
        """The thing of that id."""
        if key not in self._values:
            if key not in self._raw:
                return None
            self._values[key] = self._read(self._raw[key])
        return self._values[key]


@dataclass(slots=True)
class Tagged:
    """One inline element; ``attributes`` by name as written, ``xsi:nil`` as ``nil``.

    ``text`` is its words without what ``ix:exclude`` takes out: a piece for every run of text between tags, references
    resolved; None where they were more than `limits` allows.
    """

    kind: str
    attributes: Mapping[str, str]
    line: int
    names: Names
    text: list[str] | None
    is_hidden: bool
    parts: dict[str, Tagged] | None = None  # numerator and denominator of a fraction


@dataclass(slots=True)
class Found:
    """An inline document taken apart, in document order; ``problems`` are (reason code, detail, line).

    An element that was read as it was found is its fact already.
    """

    contexts: Contexts
    units: Units
    elements: list[Tagged | DocumentFact] = field(default_factory=list)
    continuations: dict[str, Tagged] = field(default_factory=dict)
    names: list[Names] = field(default_factory=list)
    problems: list[tuple[str, str, int | None]] = field(default_factory=list)

    def keep_continuation(self, element: Tagged) -> None:
        """Remember a continuation by its id; the first of two with one id stands."""
        self.continuations.setdefault(element.attributes.get("id", ""), element)
