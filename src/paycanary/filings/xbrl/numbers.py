"""Exact decimals out of a document's digits: no binary float, no rounding to a context's precision."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from paycanary.filings.xbrl.limits import MAX_NUMBER, MAX_SCALE

_PLAIN: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", re.ASCII)
_FLOAT: Final = re.compile(
    r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))[Ee]([+-]?[0-9]{1,4})", re.ASCII
)


def exact(digits: str, scale: int = 0, *, negative: bool = False) -> Decimal:
    """Digits with a decimal point times ten to the ``scale``, without an exponent in the result.

    Raises:
        ValueError: not a decimal number as XML Schema writes it, or one beyond `MAX_NUMBER` or `MAX_SCALE`.
    """
    if len(digits) > MAX_NUMBER or not _PLAIN.fullmatch(digits):
        raise ValueError(digits)
    if not scale:
        value = Decimal(digits)
    elif not -MAX_SCALE <= scale <= MAX_SCALE:
        raise ValueError(f"scale {scale}")
    elif scale > 0 and "." not in digits:
        value = Decimal(digits + "0" * scale)
    else:
        value = Decimal(f"{digits}E{scale}")
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and exponent > 0:
            value = Decimal(f"{value:f}")
    if not value:
        return value.copy_abs()
    return value.copy_negate() if negative else value


def exact_item(text: str) -> Decimal:
    """Read a number of an XBRL instance: a decimal or, for float types, one with an exponent; blanks around it are dropped.

    Raises:
        ValueError: neither of these; ``INF`` and ``NaN`` are no amounts.
    """
    digits = text.strip(" \t\r\n")
    if (match := _FLOAT.fullmatch(digits)) is not None:
        return exact(match[1], int(match[2]))
    return exact(digits)


def quotient(numerator: Decimal, denominator: Decimal) -> Decimal | None:
    """The value of a fraction where a decimal can hold it (1/8), else None (1/3).

    Raises:
        ValueError: the denominator is zero.
    """
    if not denominator:
        raise ValueError("denominator 0")
    over, under = numerator.as_integer_ratio(), denominator.as_integer_ratio()
    top, bottom = over[0] * under[1], over[1] * under[0]
    places = 0
    while top * 10**places % bottom:
        places += 1
        if places > MAX_NUMBER:
            return None
    return (
        exact(str(top * 10**places // bottom), -min(places, MAX_SCALE))
        if places <= MAX_SCALE
        else None
    )
