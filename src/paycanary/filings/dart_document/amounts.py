"""Figures and units as Korean statements print them -> exact decimals in base units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

#: A dash of any kind, or words that say so: no figure was given.
_NOTHING: Final = re.compile(r"[-‐‑–—―−－─━ㅡ_.·]*|해당(사항)?없음|N/A", re.IGNORECASE)
#: Rules drawn below totals with characters: ``16,507,429,508 =====``.
_RULES: Final = re.compile(r"[=＝]+|[-─━ㅡ]{3,}|_{2,}")
_WIDE: Final = str.maketrans("０１２３４５６７８９，．（）％", "0123456789,.()%")
_NEGATIVE: Final = "△▲▵∆Δ-−－–‐‑"
_NUMBER: Final = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+")
_SUFFIX: Final = re.compile(r"(천원|백만원|억원|원|주|%)$")
#: No real figure of a statement has more digits; longer runs are broken cells, and sums over them would be rounded.
_LONGEST: Final = 24

_MULTIPLES: Final = {
    "": 0, "만": 4, "십만": 5, "천": 3, "백만": 6, "천만": 7, "억": 8, "십억": 9, "백억": 10, "조": 12,
}  # fmt: skip
_CURRENCIES: Final = {
    "원": "KRW", "KRW": "KRW", "₩": "KRW", "￦": "KRW", "WON": "KRW", "달러": "USD", "불": "USD", "USD": "USD", "US$": "USD", "$": "USD",
    "미국달러": "USD", "미달러": "USD", "미화": "USD", "엔": "JPY", "JPY": "JPY", "일본엔": "JPY", "유로": "EUR", "EUR": "EUR", "위안": "CNY",
    "CNY": "CNY", "RMB": "CNY", "위엔": "CNY", "HKD": "HKD", "홍콩달러": "HKD", "GBP": "GBP", "SGD": "SGD",
}  # fmt: skip
_CURRENCY: Final = "|".join(re.escape(word) for word in sorted(_CURRENCIES, key=len, reverse=True))
_MULTIPLE: Final = "|".join(sorted((m for m in _MULTIPLES if m), key=len, reverse=True))
_UNIT_WORD: Final = re.compile(
    rf"(?P<multiple>{_MULTIPLE})?(?P<currency>{_CURRENCY})|(?P<before>{_CURRENCY})(?P<after>{_MULTIPLE})",
    re.IGNORECASE,
)
_UNIT_CAPTION: Final = re.compile(r"단\s*위\s*[:：;.)\]】]?\s*([^)\]】\n]{1,40})")


@dataclass(frozen=True, slots=True)
class Unit:
    """A currency and the power of ten in which figures are printed (3 = thousands)."""

    currency: str
    power: int

    @property
    def decimals(self) -> str:
        """Accuracy as XBRL states it: thousands are ``-3``."""
        return str(-self.power)

    def scale(self, number: Decimal) -> Decimal:
        """A printed number in base units, exactly."""
        value = number.scaleb(self.power)
        return Decimal(int(value)) if value == value.to_integral_value() else value


@dataclass(frozen=True, slots=True)
class Amount:
    """What stands in a cell: ``number`` as printed with its sign, ``own`` the unit written behind it (``원``, ``%``)."""

    number: Decimal
    own: str | None = None


class BadAmountError(ValueError):
    """A cell of a figure column that holds neither a number nor a dash."""


def read_amount(text: str) -> Amount | None:
    """Read a cell: ``1,234``, ``(1,234)``, ``△1,234``, ``-1,234``, ``8,766원``; None for blank and dash.

    Raises:
        BadAmountError: something else stands there.
    """
    plain = _RULES.sub("", "".join(text.translate(_WIDE).split()))
    if _NOTHING.fullmatch(plain.strip("()")):
        return None
    if sum(map(str.isdigit, plain)) > _LONGEST:
        raise BadAmountError(text)
    own = None
    negative = False
    for _ in range(4):  # signs, brackets and units stand in any order: (△1,234)원
        if match := _SUFFIX.search(plain):
            own = match[1]
            plain = plain[: match.start()]
        if plain.startswith("(") and plain.endswith(")"):
            negative = True
            plain = plain[1:-1]
        elif plain.startswith("(-)"):
            negative = True
            plain = plain[3:]
        elif plain[:1] and plain[0] in _NEGATIVE:
            negative = True
            plain = plain[1:]
        plain = plain.lstrip("₩￦\\$")
    if not _NUMBER.fullmatch(plain):
        raise BadAmountError(text)
    number = Decimal(plain.replace(",", ""))
    return Amount(-number if negative and number else number, own)


def is_figure(text: str) -> bool:
    """Whether a cell holds a number."""
    try:
        return read_amount(text) is not None
    except BadAmountError:
        return False


def read_unit(text: str) -> Unit | None:
    """The unit that a caption states, ``(단위 : 천원)``; None where it states none, or two currencies or sizes."""
    found = {unit for match in _UNIT_CAPTION.finditer(text) if (unit := read_unit_word(match[1]))}
    return found.pop() if len(found) == 1 else None


def read_unit_word(text: str) -> Unit | None:
    """The unit in words: ``백만원``, ``천USD``, ``원, 주``; None where they name no currency or several."""
    found: set[Unit] = set()
    for part in re.split(r"[,/、및·]", "".join(text.split())):
        if match := _UNIT_WORD.fullmatch(part):
            currency = _CURRENCIES[(match["currency"] or match["before"]).upper()]
            found.add(Unit(currency, _MULTIPLES[match["multiple"] or match["after"] or ""]))
    return found.pop() if len(found) == 1 else None
