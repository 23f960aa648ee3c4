"""The fast lane: a plain tagged number, or plain tagged words, without fault becomes a fact in one step.

Nine in ten elements of a filing hold nothing but text, and their context, unit, format and digits are all in order, spelled
alike throughout the document. They are read here with everything looked up once. Whatever is not in order is left to
`inline`, which reads it slowly and says what is wrong; results are the same by construction.
"""

from __future__ import annotations

import re
from decimal import Decimal
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from paycanary.filings.xbrl import transformations
from paycanary.filings.xbrl.building import make_fact, make_place
from paycanary.filings.xbrl.decoding import unescape
from paycanary.filings.xbrl.names import describe
from paycanary.filings.xbrl.numbers import exact
from paycanary.filings.xbrl.transformations import USUAL, usual_transforms

if TYPE_CHECKING:
    from collections.abc import Callable

    from paycanary.filings.reading import DocumentFact
    from paycanary.filings.xbrl.contexts import Context
    from paycanary.filings.xbrl.found import Contexts, Units
    from paycanary.filings.xbrl.names import Names
    from paycanary.filings.xbrl.transformations import Transform

    #: How often a start tag of this spelling is cut by its quotes, what picks its values, whether it tags words.
    Shape = tuple[int, Callable[[list[str]], tuple[str, ...]], bool]

#: Attributes that a plain element has, in the order of a shape's places.
_WANTED: Final = ("name", "contextRef", "unitRef", "decimals", "id", "format", "scale", "sign")
_IGNORED: Final = frozenset(
    {
        "precision",
        "order",
        "tupleRef",
        "target",
        "xml:lang",
        "title",
        "class",
        "style",
        "footnoteRefs",
        "escape",
    }
)
#: Scales that are put on as zeros.
_ZEROS: Final = {"": "", "0": "", "3": "000", "6": "000000", "9": "000000000"}
_SHORT: Final = 30
_OTHER: Final[Shape] = (0, itemgetter(0), False)


def _learn(head: str) -> Shape:
    """The shape of a start tag, given without its values: ``nonFraction name=" contextRef=``; `_OTHER` if it is unusual."""
    kind, _, rest = head.partition(" ")
    keys = f" {rest}".split('"')
    count = 2 * len(keys) + 1
    places: dict[str, int] = {}
    for index, key in enumerate(keys):
        name = key.strip()
        if key[:1] != " " or name[-1:] != "=" or (name := name[:-1]) in places:
            return _OTHER
        if name not in _WANTED and name not in _IGNORED and not name.startswith("xmlns:"):
            return _OTHER
        places[name] = 2 * index + 1
    if "name" not in places or "contextRef" not in places:
        return _OTHER
    # What is absent is found in the place behind the last one, where an empty text is put.
    pick = itemgetter(*[places.get(name, count) for name in _WANTED])
    return count, pick, kind == "nonNumeric"


_SPECIAL: Final = re.compile(r"[&\n\t]")
_BLANKS: Final = re.compile(r"[\t\n\r]|  ")


def _number(digits: str, transform: Transform, scale: str, sign: str, *, is_usual: bool) -> Decimal:
    """The value of a figure; raises ValueError if it is none, or written in an unusual way."""
    if " " in digits or "\n" in digits:
        raise ValueError(digits)
    if is_usual and USUAL.fullmatch(digits):
        shown = digits.replace(",", "")
        zeros = _ZEROS.get(scale) if "." not in shown else None
        if zeros is None or len(shown) > _SHORT:
            value = exact(shown, int(scale or 0))
        else:
            value = Decimal(shown + zeros)
    else:
        value = exact(transform(digits), int(scale or 0))
    if sign and value:
        if sign != "-":
            raise ValueError(sign)
        return value.copy_negate()
    return value


def _words(shown: str, transform: Transform | None) -> str:
    """What words say; raises ValueError if they are not what ``transform`` reads, or written in an unusual way."""
    if transform is None:
        return " ".join(shown.split())
    if _BLANKS.search(shown):
        raise ValueError(shown)
    return transform(shown.strip(" "))


class PlainReader:
    """Reads one document's plain elements; what they refer to is looked up once."""

    __slots__ = (
        "_contexts", "_file", "_found_contexts", "_found_units", "_names", "_shapes", "_tags", "_transforms", "_units",
    )  # fmt: skip

    def __init__(self, file: str, names: Names, contexts: Contexts, units: Units) -> None:
        self._file = file
        self._names = names
        self._found_contexts = contexts
        self._found_units = units
        self._shapes: dict[str, Shape] = {}
        self._tags: dict[str, tuple[str, str | None, bool]] = {}
        self._contexts: dict[str, Context] = {}
        self._units: dict[str, str | None] = {"": None}
        self._transforms: dict[str, tuple[Transform, bool]] = {"": (str, False)}

    def read(self, piece: str, line: int, *, is_hidden: bool) -> DocumentFact | None:
        """An element from its local name up to the ``</`` of its end tag as a fact, or None: read it slowly."""
        parts = piece.split('"')
        if len(parts) == 1:
            parts = piece.split("'")
        head = '"'.join(parts[:-1:2])
        shape = self._shapes.get(head)
        if shape is None:
            shape = self._shapes[head] = _learn(head)
        count, pick, is_words = shape
        shown = parts[-1]
        if len(parts) != count or shown[0] != ">" or piece.find("<") != len(piece) - 2:
            return None
        if "&" in piece or "\n" in piece or "\t" in piece:
            if _SPECIAL.search(piece, 0, len(piece) - len(shown)) is not None:
                return None
            shown = unescape(shown)
        parts.append("")
        name, ref, unit, decimals, identifier, form, scale, sign = pick(parts)
        try:
            tag, concept, is_person = self._tags[name]
            context, measure = self._contexts[ref], self._units[unit]
            transform, is_usual = self._transforms[form]
        except KeyError:
            if not self._look_up(name, ref, unit, form):
                return None
            tag, concept, is_person = self._tags[name]
            context, measure = self._contexts[ref], self._units[unit]
            transform, is_usual = self._transforms[form]
        value: Decimal | None
        text: str | None
        try:
            if is_words:
                words = _words(shown[1:-2], transform if form else None)
                value, text = None, None if is_person else words
                measure, decimals = None, ""
            else:
                value = _number(shown[1:-2], transform, scale, sign, is_usual=is_usual)
                text = None
        except ValueError:
            return None
        entity, start, end, dimensions, basis, _ = context
        return make_fact(
            tag, make_place(self._file, line, identifier or None), value, text, measure, start, end, concept,
            basis, entity, dimensions, decimals or None, False, is_hidden,  # noqa: FBT003 - all fields in their order
        )  # fmt: skip

    def _look_up(self, name: str, ref: str, unit: str, form: str) -> bool:
        """Look up what is new; False where something is not in order."""
        context = self._found_contexts.get(ref)
        measure = self._found_units.get(unit) if unit else None
        if (
            context is None
            or context.problem is not None
            or (unit and measure is None)
            or not name.strip()
        ):
            return False
        if form not in self._transforms:
            namespace, local = self._names.expand(form, transformations.USUAL_PREFIXES)
            transform = transformations.find(namespace, local)
            if transform is None:
                return False
            self._transforms[form] = transform, transform in usual_transforms()
        tag = self._names.tag(name)
        self._tags[name] = (tag, *describe(tag))
        self._contexts[ref] = context
        self._units[unit] = measure
        return True
