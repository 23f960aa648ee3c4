"""The SEC's companyfacts JSON: every figure that a company ever tagged, with the filing that told it.

https://www.sec.gov/search-filings/edgar-application-programming-interfaces
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from paycanary.filings.reading import DocumentFact, Place
from paycanary.filings.xbrl.building import Builder
from paycanary.filings.xbrl.decoding import decode
from paycanary.filings.xbrl.limits import MAX_NUMBER
from paycanary.filings.xbrl.names import describe

if TYPE_CHECKING:
    from paycanary.filings.reading import Reading


def read_companyfacts(data: bytes, file: str) -> Reading:
    """Read a companyfacts file.

    A fact's ``place.path`` is ``<accession number> <form> <day of filing>``: which filing told it, and when. The SEC gives
    figures without dimensions only; ``start`` and ``end`` are the figure's own period.
    """
    builder = Builder(file, "companyfacts")
    reading = builder.reading
    text, problems = decode(data)
    for reason in problems:
        builder.fault(reason, "")
    try:
        document = json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=str)
    except (ValueError, ArithmeticError, RecursionError) as error:
        builder.fault("not_json", str(error))
        return reading
    taxonomies = document.get("facts") if isinstance(document, dict) else None
    if not isinstance(taxonomies, dict):
        builder.fault("no_facts", "facts")
        return reading
    number, name = document.get("cik"), document.get("entityName")
    if isinstance(number, str | Decimal):
        reading.company_number = str(number).zfill(10)
    reading.company_name = name if isinstance(name, str) else None
    for taxonomy, tags in taxonomies.items():
        for local, about in _items(tags):
            for unit, rows in _items(about.get("units") if isinstance(about, dict) else None):
                _add(
                    builder, f"{taxonomy}:{local}", unit, rows if isinstance(rows, list) else [rows]
                )
    return builder.close()


def _items(mapping: Any) -> list[tuple[str, Any]]:
    return list(mapping.items()) if isinstance(mapping, dict) else []


def _add(builder: Builder, tag: str, unit: str, rows: list[Any]) -> None:
    concept, file, facts = describe(tag)[0], builder.reading.file, builder.reading.facts
    entity = builder.reading.company_number
    for row in rows:
        try:
            value = _plain(row["val"])
            start, end = _day(row.get("start")), _day(row["end"])
            path = f"{row['accn']} {row['form']} {row['filed']}"
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            builder.fault("bad_fact", f"{tag} {unit}: {error!r}", path=tag)
            continue
        facts.append(
            DocumentFact(
                tag, Place(file, None, path), value, None, unit, start, end, concept, entity=entity
            )
        )


@lru_cache(maxsize=4096)
def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _plain(value: Any) -> Decimal:
    """A number as JSON wrote it, without an exponent.

    Raises:
        ValueError: not a number, or one too long to be meant.
    """
    if (
        not isinstance(value, Decimal)
        or len(value.as_tuple().digits) + abs(value.adjusted()) > MAX_NUMBER
    ):
        raise ValueError(str(value)[:MAX_NUMBER])
    exponent = value.as_tuple().exponent
    return Decimal(f"{value:f}") if isinstance(exponent, int) and exponent > 0 else value
