"""Inline XBRL 1.0 and 1.1: a page's tagged figures and words to facts.

The elements are found by `scanner` in plain text, or by `tree` with an XML parser where a document uses what the scanner
does not know. Both give the same `Tagged` elements; this module makes facts of them. Specification:
https://www.xbrl.org/specification/inlinexbrl-part1/rec-2013-11-18/inlinexbrl-part1-rec-2013-11-18.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from paycanary.filings.reading import DocumentFact
from paycanary.filings.xbrl import scanner, transformations, tree
from paycanary.filings.xbrl.building import TRUE, Builder
from paycanary.filings.xbrl.decoding import decode, without_doctype
from paycanary.filings.xbrl.limits import MAX_TEXT_RATIO, SMALL_TEXT
from paycanary.filings.xbrl.numbers import exact, quotient

if TYPE_CHECKING:
    from decimal import Decimal

    from paycanary.filings.reading import Reading
    from paycanary.filings.xbrl.found import Found, Tagged
    from paycanary.filings.xbrl.names import Names
    from paycanary.filings.xbrl.transformations import Transform


def read_inline(data: bytes, file: str, *, plainly: bool = False) -> Reading:
    """Read an inline document.

    Args:
        data: the document's bytes.
        file: its name, for the places of facts.
        plainly: use the XML parser even where the fast way would do.
    """
    text, problems = decode(data)
    text, refused = without_doctype(text)
    faults = [(reason, "") for reason in problems] + refused
    if not plainly:
        try:
            return _build(scanner.scan(text, file), file, text, [*faults, *_cut_short(text)])
        except scanner.Unusual:
            pass  # what the scanner does not know may show only when a context is read
    return _build(tree.take_apart(text), file, text, faults)


_END: Final = re.compile(r"</\s*(?:[\w.-]+:)?html\s*>", re.IGNORECASE)


def _cut_short(text: str) -> list[tuple[str, str]]:
    if _END.search(text, max(0, len(text) - 1000)):
        return []
    return [("not_well_formed", "the page ends before </html>")]


def _build(found: Found, file: str, text: str, faults: list[tuple[str, str]]) -> Reading:
    builder = Builder(file, "inline_xbrl")
    for reason, detail in faults:
        builder.fault(reason, detail)
    for reason, detail, line in found.problems:
        builder.fault(reason, detail, line)
    _Facts(found, builder, len(text)).build()
    return builder.finish()


class _Facts:
    """Makes facts of a document's elements."""

    def __init__(self, found: Found, builder: Builder, size: int) -> None:
        self.found = found
        self.builder = builder
        self.formats: dict[tuple[int, str], Transform | None] = {}
        self.budget = MAX_TEXT_RATIO * size + SMALL_TEXT
        builder.contexts = found.contexts
        builder.units = found.units

    def build(self) -> None:
        """Add every element as a fact, or its reason as a fault."""
        kinds = {"nonFraction": self._figure, "nonNumeric": self._words, "fraction": self._fraction}
        fault, facts = self.builder.fault, self.builder.reading.facts
        for element in self.found.elements:
            if isinstance(element, DocumentFact):
                facts.append(element)
                continue
            name = element.attributes.get("name", "").strip()
            if not name:
                fault("no_name", element.kind, element.line)
                continue
            try:
                kinds[element.kind](element, element.names.tag(name))
            except ValueError as error:
                reason = str(error.args[1]) if len(error.args) > 1 else "bad_value"
                detail = f"{name}: {''.join(element.text or ())}"
                fault(reason, detail, element.line, element.attributes.get("id"))
        for prefix in sorted({prefix for names in self.found.names for prefix in names.undeclared}):
            fault("undeclared_prefix", prefix)

    def _figure(self, element: Tagged, tag: str) -> None:
        attributes = element.attributes
        is_nil = attributes.get("nil") in TRUE
        value = None if is_nil else self._value(element)
        self.builder.number(
            tag, value, attributes.get("contextRef"), attributes.get("unitRef"), attributes.get("decimals"),
            element.line, attributes.get("id"), is_nil=is_nil, is_hidden=element.is_hidden,
        )  # fmt: skip

    def _value(self, element: Tagged) -> Decimal:
        attributes, text = element.attributes, "".join(element.text or ())
        name = attributes.get("format")
        if name is not None:
            text = self._transformed(name, text, element.names)
        scale = attributes.get("scale")
        return exact(
            text.strip(), int(scale) if scale else 0, negative=attributes.get("sign") == "-"
        )

    def _transformed(self, name: str, text: str, names: Names) -> str:
        key = (id(names), name)
        if key in self.formats:
            transform = self.formats[key]
        else:
            namespace, local = names.expand(name, transformations.USUAL_PREFIXES)
            transform = self.formats[key] = transformations.find(namespace, local)
        if transform is None:
            raise ValueError(name, "unknown_format")
        return transform(_collapse(text))

    def _words(self, element: Tagged, tag: str) -> None:
        attributes = element.attributes
        is_nil = attributes.get("nil") in TRUE
        text: str | None = None
        if not is_nil:
            text = self._chain(element)
            name = attributes.get("format")
            text = (
                " ".join(text.split())
                if name is None
                else self._transformed(name, text, element.names)
            )
        self.builder.words(
            tag, text, attributes.get("contextRef"), element.line, attributes.get("id"),
            is_nil=is_nil, is_hidden=element.is_hidden,
        )  # fmt: skip

    def _chain(self, element: Tagged) -> str:
        """The words of an element and of all that continue it.

        Where the value is the page's markup (``escape``), only its words are kept, a blank between them for each tag.
        """
        pieces, seen, current = [], set(), element
        while True:
            if current.text is None:
                raise ValueError(current.kind, "too_much_text")
            pieces += current.text
            after = current.attributes.get("continuedAt", "").strip()
            if not after:
                break
            following = self.found.continuations.get(after)
            if following is None or after in seen:
                raise ValueError(
                    after, "missing_continuation" if following is None else "continuation_cycle"
                )
            seen.add(after)
            current = following
        text = (" " if element.attributes.get("escape", "").strip() in TRUE else "").join(pieces)
        self.budget -= len(text)
        if self.budget < 0:
            raise ValueError(element.kind, "too_much_text")
        return text

    def _fraction(self, element: Tagged, tag: str) -> None:
        attributes = element.attributes
        is_nil = attributes.get("nil") in TRUE
        value: Decimal | None = None
        text: str | None = None
        if not is_nil:
            parts = element.parts or {}
            if "numerator" not in parts or "denominator" not in parts:
                raise ValueError(tag, "bad_fraction")
            numerator, denominator = (
                self._value(parts["numerator"]),
                self._value(parts["denominator"]),
            )
            value = quotient(numerator, denominator)
            text = f"{numerator}/{denominator}" if value is None else None
        self.builder.number(
            tag, value, attributes.get("contextRef"), attributes.get("unitRef"), attributes.get("decimals"),
            element.line, attributes.get("id"), is_nil=is_nil, is_hidden=element.is_hidden, text=text,
        )  # fmt: skip


_WHITE: Final = re.compile(r"[ \t\n\r]+")


def _collapse(text: str) -> str:
    """XML Schema's ``collapse``: four blanks only, so that a no-break space can group digits."""
    return _WHITE.sub(" ", text).strip(" ")
