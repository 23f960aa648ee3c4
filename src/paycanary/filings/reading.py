"""What a document says, whatever its format: facts with their place, the auditor's words, and what could not be read.

Every reader of one document (DART document, XBRL package, inline XBRL, XBRL instance, companyfacts JSON) gives a `Reading`.
Values are exact decimals: scale and sign are applied, nothing passes through a binary float.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

Format = Literal["dart_document", "inline_xbrl", "xbrl", "companyfacts", "opendart_json"]
Opinion = Literal["unqualified", "qualified", "adverse", "disclaimer"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands.

    ``file`` is the member's name inside an archive (members of nested archives joined with ``!``), ``line`` is 1-based;
    ``path`` says the rest in the document's own terms: a caption and row, a fact's id, a JSON key.
    """

    file: str
    line: int | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentFact:
    """One figure or word of a document.

    ``tag`` is what the document calls it: a QName in its canonical prefix (``us-gaap:Revenues``) or the row's label
    (``매출액``). ``concept`` is ours (concepts.yaml) where the tag is one of ours, else None. ``value`` is a number in base
    units (won, not thousands), ``text`` the words of a non-numeric fact; both are None for a nil fact.
    ``start`` and ``end`` are the period's first and last day; a balance has no ``start``. ``dimensions`` are (axis, member)
    pairs in a fixed order. ``decimals`` is the accuracy as stated (``"-3"``, ``"INF"``).
    """

    tag: str
    place: Place
    value: Decimal | None = None
    text: str | None = None
    unit: str | None = None
    start: date | None = None
    end: date | None = None
    concept: str | None = None
    basis: Literal["CFS", "OFS"] | None = None
    entity: str | None = None
    dimensions: tuple[tuple[str, str], ...] = ()
    decimals: str | None = None
    is_nil: bool = False
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of the auditor that decide something, cut at the sentence, with their place."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What the auditor of one report says. Fields that the document does not tell are None, never a guess.

    ``is_going_concern`` is True where the report names material uncertainty about going concern, False where the whole
    report was read and names none, None where the part that would tell is missing. ``is_review`` marks an interim review,
    which is no audit. ``basis`` says which statements the report is about.
    """

    opinion: Opinion | None
    opinion_words: Passage | None
    is_going_concern: bool | None
    going_concern_words: Passage | None = None
    auditor: str | None = None
    signed_on: date | None = None
    period_end: date | None = None
    standard: str | None = None
    is_review: bool = False
    basis: Literal["CFS", "OFS"] | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something of the document that could not be used: it costs one fact or one member, never the file.

    ``reason`` is a short code in English words (``bad_number``, ``unknown_context``, ``unknown_format``), ``detail`` the
    piece as it stands, cut at 200 characters.
    """

    reason: str
    detail: str
    place: Place


@dataclass(slots=True)
class Reading:
    """All that was read from one document (a zip of several gives one a member).

    ``title`` is what the document calls itself (``감사보고서``).
    """

    file: str
    format: Format
    facts: list[DocumentFact] = field(default_factory=list)
    audit: AuditReport | None = None
    faults: list[Fault] = field(default_factory=list)
    company_name: str | None = None
    company_number: str | None = None
    receipt_number: str | None = None
    period_end: date | None = None
    title: str | None = None
