"""From what a page shows to what a fact says: the five Transformation Rules Registries of XBRL International and the SEC's.

A transformation takes the shown words, blanks collapsed, and gives the fact's lexical value, or raises `ValueError`.
They are found by the namespace and local name of ``format``. Registries: https://www.xbrl.org/specification/inlinexbrl-transformationregistry/.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from paycanary.filings.xbrl.limits import MAX_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Transform = Callable[[str], str]

_BASE: Final = "http://www.xbrl.org/inlineXBRL/transformation/"
#: Namespace to registry; the working drafts that filers used before a registry was final stand with it.
REGISTRIES: Final[Mapping[str, int]] = {
    f"{_BASE}2010-04-20": 1,
    "http://www.xbrl.org/2008/inlineXBRL/transformation": 1,
    f"{_BASE}2011-07-31": 2,
    f"{_BASE}2015-02-26": 3,
    f"{_BASE}2020-02-12": 4,
    f"{_BASE}2022-02-16": 5,
    f"{_BASE}WGWD/YYYY-MM-DD": 5,
}
SEC: Final = "http://www.sec.gov/inlineXBRL/transformation/2015-08-31"
#: What a document that forgot to declare these prefixes means by them.
USUAL_PREFIXES: Final[Mapping[str, str]] = {
    "ixt": f"{_BASE}2020-02-12",
    "ixt1": f"{_BASE}2010-04-20",
    "ixt2": f"{_BASE}2011-07-31",
    "ixt3": f"{_BASE}2015-02-26",
    "ixt4": f"{_BASE}2020-02-12",
    "ixt5": f"{_BASE}2022-02-16",
    "ixt-sec": SEC,
}


def find(namespace: str, name: str) -> Transform | None:
    """The transformation of that name in that registry, or None if there is none."""
    if namespace == SEC:
        from paycanary.filings.xbrl import transformations_sec  # noqa: PLC0415 - only US filings

        return transformations_sec.TRANSFORMS.get(name)
    number = REGISTRIES.get(namespace)
    return None if number is None else registry(number).get(name)


@cache
def registry(number: int) -> Mapping[str, Transform]:
    """All transformations of registry 1 to 5 by local name."""
    from paycanary.filings.xbrl import transformations_dates as dates  # noqa: PLC0415 - some documents name no format

    match number:
        case 1:
            return {**_NUMBERS_1, **dates.first()}
        case 2:
            return {**_NUMBERS_2, **dates.second()}
        case 3:
            return {**registry(2), **_NUMBERS_3, **dates.third()}
        case 4:
            return {**_NUMBERS_4, **dates.fourth()}
        case _:
            return {**registry(4), **_NUMBERS_5, **dates.fifth()}


# --- building blocks -----------------------------------------------------------------------------

_BLANK: Final = "[ \\t\\n\\r]*"
_FULL_WIDTH: Final = {0xFF10 + digit: 0x30 + digit for digit in range(10)}
_CANONICAL: Final = re.compile(r"0*([0-9]*)(?:\.([0-9]*?)0*)?", re.ASCII)
_DECIMAL: Final = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+", re.ASCII)


#: How figures are written in English: 1,234.5.
USUAL: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})*(?:\.[0-9]+)?", re.ASCII)


def _number(pattern: str, drop: str, point: str = ".", *, is_usual: bool = False) -> Transform:
    """Digits in a shape, grouping marks dropped, the decimal mark made a point; ``is_usual``: the shape allows 1,234.5."""
    shape = re.compile(f"{_BLANK}(?:{pattern}){_BLANK}")
    table = {ord(mark): None for mark in drop}
    table.update(dict.fromkeys(map(ord, " \t\n\r")))
    if point != ".":
        table[ord(point)] = ord(".")  # type: ignore[assignment]

    def transform(text: str) -> str:
        if is_usual and USUAL.fullmatch(text):
            return text.replace(
                ",", ""
            )  # what nearly every filing writes, and every such shape allows
        if len(text) > MAX_WORDS or shape.fullmatch(text) is None:
            raise ValueError(text)
        return text.translate(table)

    return transform


def _canonical(digits: str) -> str:
    match = _CANONICAL.fullmatch(digits)
    if match is None or not _DECIMAL.fullmatch(digits):
        raise ValueError(digits)
    whole, part = match[1] or "0", match[2]
    return f"{whole}.{part}" if part else whole


def _loose(pattern: str, drop: str, point: str = ".") -> Transform:
    """Registries 4 and 5: grouping marks may stand anywhere, the result is canonical."""
    inner = _number(pattern, drop, point)
    return lambda text: _canonical(inner(text))


def _constant(value: str) -> Transform:
    return lambda _text: value


def _zero_dash(text: str) -> str:
    if text.strip(" \t\n\r") not in _DASHES:
        raise ValueError(text)
    return "0"


#: Every dash that registries 2 to 5 take for zero.
_DASHES: Final = frozenset("-\u058a\u05be\u2010\u2011\u2012\u2013\u2014\u2015\ufe58\ufe63\uff0d")


def _hyphen(text: str) -> str:
    if text.strip(" \t\n\r") != "-":
        raise ValueError(text)
    return "0"


def _with_unit(
    pattern: str, drop: str, *, canonical: bool, digits: Mapping[int, int] = _FULL_WIDTH
) -> Transform:
    """Units and hundredths with words between and after: ``1,234 dollars 56 cents``; ``digits`` are read as others."""
    shape = re.compile(pattern)
    table = {ord(mark): None for mark in drop}

    def transform(text: str) -> str:
        match = shape.fullmatch(text.translate(digits)) if len(text) <= MAX_WORDS else None
        if match is None:
            raise ValueError(text)
        whole, part = match["whole"].translate(table), match["part"].rjust(2, "0")
        if canonical:
            return _canonical(f"{whole}.{part}") if whole else _fail(text)
        return f"{whole}.{part}"

    return transform


def _fail(text: str) -> str:
    raise ValueError(text)


_INDIAN: Final = r"(?:(?:[0-9]{1,2}[, \u00a0])?(?:[0-9]{2}[, \u00a0])*[0-9]{3})"
_indian = _number(rf"{_INDIAN}(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?", ", \u00a0")
_indian_unit = _with_unit(
    rf"(?P<whole>{_INDIAN}|[0-9]+)[^0-9]+(?P<part>[0-9]{{1,2}})[^0-9]*",
    ", \u00a0",
    canonical=False,
    digits={},
)
_APOS: Final = "'`\u00b4\u2019\u2032"


def _bare(transform: Transform) -> Transform:
    """A shape that leaves no room for blanks around it."""
    return lambda text: transform(text) if text == text.strip(" \t\n\r") else _fail(text)


_NUMBERS_1: Final[dict[str, Transform]] = {
    "numcommadot": _number(r"[0-9]{1,3}(?:,[0-9]{3})*(?:\.[0-9]+)?", ",", is_usual=True),
    "numdash": _hyphen,
    "numspacedot": _number(r"[0-9]{1,3}(?:[ \u00a0][0-9]{3})*(?:\.[0-9]+)?", "\u00a0"),
    "numdotcomma": _number(r"[0-9]{1,3}(?:\.[0-9]{3})*(?:,[0-9]+)?", ".", ","),
    "numcomma": _number(r"[0-9]+(?:,[0-9]+)?", "", ","),
    "numspacecomma": _number(r"[0-9]{1,3}(?:[ \u00a0][0-9]{3})*(?:,[0-9]+)?", "\u00a0", ","),
}
_NUMBERS_2: Final[dict[str, Transform]] = {
    "booleanfalse": _constant("false"),
    "booleantrue": _constant("true"),
    "nocontent": _constant(""),
    "zerodash": _zero_dash,
    "numcommadecimal": _number(r"[0-9]{1,3}(?:[. \u00a0]?[0-9]{3})*(?:,[0-9]+)?", ".\u00a0", ","),
    "numdotdecimal": _number(
        r"[0-9]{1,3}(?:[, \u00a0]?[0-9]{3})*(?:\.[0-9]+)?", ",\u00a0", is_usual=True
    ),
    "numunitdecimal": _with_unit(
        r"(?P<whole>0|[1-9][0-9]{0,2}(?:[.,\uff0c\uff0e]?[0-9]{3})*)[^0-9,.\uff0c\uff0e]+(?P<part>[0-9]{1,2})[^0-9,.\uff0c\uff0e]*",
        ".,\uff0c\uff0e",
        canonical=False,
    ),
}
_NUMBERS_3: Final[dict[str, Transform]] = {
    "numdotdecimalin": _bare(_indian),
    "numunitdecimalin": _indian_unit,
}
_NUMBERS_4: Final[dict[str, Transform]] = {
    "fixed-empty": _constant(""),
    "fixed-false": _constant("false"),
    "fixed-true": _constant("true"),
    "fixed-zero": _constant("0"),
    "num-comma-decimal": _loose(r"[. \u00a00-9]*(?:,[ \u00a00-9]+)?", ".\u00a0", ","),
    "num-dot-decimal": _loose(r"[, \u00a00-9]*(?:\.[ \u00a00-9]+)?", ",\u00a0"),
    "numdotdecimalin": lambda text: _canonical(_bare(_indian)(text)),
    "num-unit-decimal": _with_unit(
        r"(?P<whole>[0-9.,\uff0c]+)[^0-9.,\uff0c][^0-9]*(?P<part>[0-9]{1,2})[^0-9]*",
        ".,\uff0c\uff0e",
        canonical=True,
    ),
}
_NUMBERS_5: Final[dict[str, Transform]] = {
    "num-comma-decimal-apos": _loose(
        rf"[.{_APOS} \u00a00-9]*(?:,[ \u00a00-9]+)?", f".{_APOS}\u00a0", ","
    ),
    "num-dot-decimal-apos": _loose(
        rf"[,{_APOS} \u00a00-9]*(?:\.[ \u00a00-9]+)?", f",{_APOS}\u00a0"
    ),
    "num-unit-decimal-apos": _with_unit(
        rf"(?P<whole>[0-9.,\uff0c{_APOS}\uff07]+)[^0-9.,\uff0c{_APOS}\uff07][^0-9]*(?P<part>[0-9]{{1,2}})[^0-9]*",
        f".,\uff0c\uff0e\uff07{_APOS}",
        canonical=True,
    ),
}


@cache
def usual_transforms() -> frozenset[Transform]:
    """Transformations that take what fits `USUAL` for the number it is without its commas."""
    return frozenset({_NUMBERS_1["numcommadot"], _NUMBERS_2["numdotdecimal"]})
