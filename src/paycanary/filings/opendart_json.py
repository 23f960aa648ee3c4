"""OpenDART's statement answers as saved JSON (fnlttSinglAcnt, fnlttSinglAcntAll, fnlttMultiAcnt) -> facts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, Literal

from paycanary.filings.concepts import load_concepts
from paycanary.filings.dart_document import checks, labels, periods
from paycanary.filings.dart_document.amounts import BadAmountError, read_amount
from paycanary.filings.reading import DocumentFact, Fault, Place, Reading

if TYPE_CHECKING:
    from datetime import date

    from paycanary.filings.dart_document.periods import Term

_TERMS: Final = ("thstrm", "frmtrm", "bfefrmtrm")
_PREFIX: Final = re.compile(r"^(?:ifrs-full|ifrs|dart)_")
_SIZE: Final = 200
_QUARTER: Final = 4


def sniff(head: bytes) -> bool:
    """Whether a file that begins so is an answer of OpenDART."""
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") and b'"status"' in head[:400]


def read(raw: bytes, member: str) -> Reading:
    """Read a saved answer; an answer without rows (``013``) is a reading without facts and with its status as a fault."""
    reading = Reading(file=member, format="opendart_json")
    try:
        answer = json.loads(raw.decode("utf-8-sig", errors="replace"))
    except (ValueError, RecursionError):
        reading.faults.append(Fault("bad_json", "", Place(member)))
        return reading
    rows = answer.get("list") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        status = answer.get("status") if isinstance(answer, dict) else None
        reading.faults.append(Fault("no_rows", str(status)[:_SIZE], Place(member)))
        return reading
    for number, row in enumerate(rows):
        where = Place(member, None, f"list[{number}]")
        name = row.get("account_nm") if isinstance(row, dict) else None
        if isinstance(name, str) and name.strip():
            _read_row(row, where, reading)
        else:
            reading.faults.append(Fault("not_a_statement_row", str(row)[:40], where))
    reading.faults += checks.unbalanced(reading.facts).values()
    first = next((r for r in rows if isinstance(r, dict)), {})
    reading.receipt_number = _text(first, "rcept_no")
    reading.company_number = _text(first, "corp_code")
    reading.company_name = _text(first, "corp_name")
    reading.period_end = max((f.end for f in reading.facts if f.end), default=None)
    return reading


def _read_row(row: dict[str, Any], where: Place, reading: Reading) -> None:
    name = str(row["account_nm"])
    statement = _text(row, "sj_div") or ""
    id_ = _text(row, "account_id")
    concept = _concept(statement, id_, name)
    for term in _TERMS:
        day = _term(_text(row, f"{term}_dt"))
        for field in (f"{term}_amount", f"{term}_add_amount"):
            try:
                amount = read_amount(_text(row, field) or "")
            except BadAmountError:
                reading.faults.append(Fault("bad_number", f"{field}: {row[field]}"[:_SIZE], where))
                continue
            if amount is None:
                continue
            place = Place(where.file, where.line, f"{where.path}.{field}")
            start, end = _period(day, statement, field, row)
            if day is not None and end is None:
                reading.faults.append(Fault("unknown_period", f"{name}: {amount.number}"[:_SIZE], place))  # fmt: skip
                continue
            reading.facts.append(
                DocumentFact(
                    tag=id_ if id_ and _PREFIX.match(id_) else name,
                    place=place,
                    value=amount.number,
                    unit=_text(row, "currency") or "KRW",
                    start=start,
                    end=end,
                    # An answer without days does not say of which day or year its figures are.
                    concept=concept if end is not None else None,
                    basis=_basis(row),
                    decimals="0",
                )
            )


def _concept(statement: str, id_: str | None, name: str) -> str | None:
    plain = _PREFIX.sub("", id_) if id_ and _PREFIX.match(id_) else None
    if plain is not None:
        return next(
            (
                c.name
                for c in load_concepts().values()
                if plain in c.ids and statement in c.statements
            ),
            None,
        )
    return labels.concept_of(name, statement)


def _term(text: str | None) -> Term | None:
    terms = periods.read_terms(text or "")
    return terms[0] if len(terms) == 1 else None


def _period(
    day: Term | None, statement: str, field: str, row: dict[str, Any]
) -> tuple[date | None, date | None]:
    """First and last day of a figure. Interim answers hold the quarter and the year to date, under the days of one of them."""
    if day is None or day.end is None:
        return None, None
    if statement == "BS":
        return None, day.end
    if day.start is None:
        return None, None
    has_both = bool(_text(row, field.replace("_add_amount", "_amount").replace("_amount", "_add_amount")))  # fmt: skip
    is_quarter = periods.months_between(day.start, day.end) < _QUARTER
    if field.endswith("add_amount"):
        return (None, None) if is_quarter and not _is_first_quarter(row) else (day.start, day.end)
    if has_both and not is_quarter:
        return periods.last_quarter(day.end), day.end
    return day.start, day.end


def _is_first_quarter(row: dict[str, Any]) -> bool:
    return _text(row, "reprt_code") == "11013"


def _basis(row: dict[str, Any]) -> Literal["CFS", "OFS"] | None:
    found = _text(row, "fs_div")
    return "CFS" if found == "CFS" else "OFS" if found == "OFS" else None


def _text(row: dict[str, Any], name: str) -> str | None:
    value = row.get(name)
    return str(value).strip() or None if isinstance(value, str | int | float) else None
