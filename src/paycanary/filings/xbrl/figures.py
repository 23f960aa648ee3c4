"""The fast lane for figures: a plain tagged number without fault becomes a fact in one step.

Nine in ten elements of a filing are figures whose context, unit, format and digits are all in order, spelled alike
throughout the document. They are read here with everything looked up once. Whatever is not in order is left to `inline`, which
reads it slowly and says what is wrong; results are the same by construction.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from paycanary.filings.reading import DocumentFact, Place
from paycanary.filings.xbrl import transformations
from paycanary.filings.xbrl.decoding import unescape
from paycanary.filings.xbrl.names import describe
from paycanary.filings.xbrl.numbers import exact
from paycanary.filings.xbrl.transformations import USUAL, usual_transforms

if TYPE_CHECKING:
    from collections.abc import Callable

    from paycanary.filings.xbrl.contexts import Context
    from paycanary.filings.xbrl.found import Contexts, Units
    from paycanary.filings.xbrl.names import Names
    from paycanary.filings.xbrl.transformations import Transform

    #: What stands in the start tag, the digits, line, whether hidden -> the fact, or None: read it slowly.
    ReadFigure = Callable[[str, str, int, bool], DocumentFact | None]

#: Attributes that a plain figure has, in the order of a shape's places.
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
    }
)
#: Scales that are put on as zeros.
_ZEROS: Final = {"": "", "0": "", "3": "000", "6": "000000", "9": "000000000"}
_SHORT: Final = 30


def figure_reader(file: str, names: Names, contexts: Contexts, units: Units) -> ReadFigure:  # noqa: C901, PLR0915
    """Make the reader for one document."""
    shapes: dict[str, tuple[int, ...] | None] = {}
    tags: dict[str, tuple[str, str | None]] = {}
    usable: dict[str, Context] = {}
    known_units: dict[str, str | None] = {"": None}
    transforms: dict[str, Transform] = {"": str}
    usual = usual_transforms()

    def learn(parts: list[str]) -> tuple[int, ...] | None:
        """Where each wanted attribute stands; the last part, always empty, for one that is absent."""
        places: dict[str, int] = {}
        for index, key in enumerate(parts[:-1:2]):
            name = key.strip()
            if key[:1] != " " or name[-1:] != "=" or (name := name[:-1]) in places:
                return None
            if name not in _WANTED and name not in _IGNORED and not name.startswith("xmlns:"):
                return None
            places[name] = 2 * index + 1
        if (
            len(parts) % 2 == 0
            or parts[-1].strip()
            or "name" not in places
            or "contextRef" not in places
        ):
            return None
        return tuple(places.get(name, len(parts)) for name in _WANTED)

    def read(written: str, digits: str, line: int, is_hidden: bool) -> DocumentFact | None:  # noqa: C901, FBT001
        parts = written.split('"')
        key = '"'.join(parts[::2])
        if key not in shapes:
            shapes[key] = learn(parts)
        shape = shapes[key]
        if shape is None or "&" in written or "\n" in written:
            return None
        parts.append("")
        name, ref, unit, decimals, identifier, form, scale, sign = [parts[place] for place in shape]
        try:
            tag, concept = tags[name]
            context = usable[ref]
            measure = known_units[unit]
            transform = transforms[form]
        except KeyError:
            if not look_up(name, ref, unit, form):
                return None
            tag, concept = tags[name]
            context, measure, transform = usable[ref], known_units[unit], transforms[form]
        if "&" in digits:
            digits = unescape(digits)
        if " " in digits or "\n" in digits:
            return None
        try:
            if transform in usual and USUAL.fullmatch(digits):
                shown = digits.replace(",", "")
                zeros = _ZEROS.get(scale) if "." not in shown else None
                value = (
                    exact(shown, int(scale or 0))
                    if zeros is None or len(shown) > _SHORT
                    else Decimal(shown + zeros)
                )
            else:
                value = exact(transform(digits), int(scale or 0))
        except ValueError:
            return None
        if sign:
            if sign != "-":
                return None
            value = value.copy_negate() if value else value
        return DocumentFact(
            tag, Place(file, line, identifier or None), value, None, measure, context.start, context.end, concept,
            context.basis, context.entity, context.dimensions, decimals or None, False, is_hidden,  # noqa: FBT003
        )  # fmt: skip

    def look_up(name: str, ref: str, unit: str, form: str) -> bool:
        """Look up what is new; False where something is not in order."""
        context = contexts.get(ref)
        measure = units.get(unit) if unit else None
        if (
            context is None
            or context.problem is not None
            or (unit and measure is None)
            or not name.strip()
        ):
            return False
        if form and form not in transforms:
            namespace, local = names.expand(form, transformations.USUAL_PREFIXES)
            transform = transformations.find(namespace, local)
            if transform is None:
                return False
            transforms[form] = transform
        tag = names.tag(name)
        tags[name] = (tag, describe(tag)[0])
        usable[ref] = context
        known_units[unit] = measure
        return True

    return read
