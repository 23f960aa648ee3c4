"""What must hold within one document: assets are liabilities and equity."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from paycanary.filings.reading import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from paycanary.filings.reading import DocumentFact

#: Printed units by which three rounded figures may differ.
_ROUNDING: Final = 2
_SIDES: Final = ("total_assets", "total_liabilities", "equity")


def unbalanced(facts: Iterable[DocumentFact]) -> dict[tuple[str | None, date], Fault]:
    """Balance sheets, by basis and day, whose assets are not their liabilities and equity."""
    sheets: dict[tuple[str | None, date], dict[str, DocumentFact]] = defaultdict(dict)
    for fact in facts:
        if fact.concept in _SIDES and fact.start is None and fact.end is not None and fact.value is not None:  # fmt: skip
            sheets[fact.basis, fact.end].setdefault(fact.concept, fact)
    found: dict[tuple[str | None, date], Fault] = {}
    for key, sides in sheets.items():
        if len(sides) < len(_SIDES):
            continue
        assets, liabilities, equity = (sides[name].value or Decimal(0) for name in _SIDES)
        power = max(-int(side.decimals or 0) for side in sides.values())
        if abs(assets - liabilities - equity) > _ROUNDING * Decimal(10) ** power:
            detail = f"{key[1]} {key[0]}: {assets:f} != {liabilities:f} + {equity:f}"
            found[key] = Fault("does_not_add_up", detail, sides["total_assets"].place)
    return found
