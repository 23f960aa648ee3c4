"""A fetched DART document -> staged facts, opinions and filings.

The document is what OpenDART's ``document.xml`` answered for a receipt number: a ZIP of XML members, of which an annual
report has several (the report itself, ``_00760`` the audit report, ``_00761`` the consolidated one) and an audit report of a company that
is not listed has one. The same figure stands in several of them: the one printed to the finest unit is kept.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from paycanary.filings.dart_document import checks, labels, periods
from paycanary.filings.documents import read_document
from paycanary.progress import SILENT, Progress
from paycanary.sources.summary import FileSummary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import duckdb

    from paycanary.filings.reading import AuditReport, DocumentFact, Fault, Reading

KIND: Final = "document"
#: Faults that cost a figure; the others cost none.
_COSTLY: Final = frozenset(
    {"bad_number", "two_amounts", "unknown_unit", "unknown_period", "unclear_sign"}
)
_STATEMENTS: Final = ("BS", "IS", "CIS", "CF")
_YEAR: Final = 12
#: Terms back that the store keeps of one filing.
_MOST_LAG: Final = 2
_RAW: Final = 2000
_TERM: Final = re.compile(r"\((\d{4})\.(\d{1,2})\)")
_FORMS: Final = {3: "quarter_1", 6: "half_year", 9: "quarter_3"}
_URL: Final = "https://dart.fss.or.kr/dsaf001/main.do?rcpNo="


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """A filing as OpenDART's ``list.json`` names it."""

    corp_code: str
    rcept_no: str
    report_nm: str
    corp_name: str

    @property
    def published_on(self) -> date | None:
        """The day on which it became public, None where the receipt number holds none."""
        text = self.rcept_no
        if not re.fullmatch(r"\d{14}", text):
            return None
        try:
            return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        except ValueError:
            return None

    @property
    def period_end(self) -> date | None:
        """The last day of the term in the report's name, ``감사보고서 (2024.12)``."""
        match = _TERM.search(self.report_nm)
        if match is None or not 1 <= int(match[2]) <= _YEAR:
            return None
        return periods.month_end(date(int(match[1]), int(match[2]), 1))


@dataclass(frozen=True, slots=True)
class Row:
    """A fact with the months it covers (0 = a balance) and how many terms back it lies."""

    fact: DocumentFact
    months: int
    lag: int


def stage_document(
    con: duckdb.DuckDBPyConnection,
    file: Path,
    request: DocumentRequest,
    progress: Progress = SILENT,
) -> FileSummary:
    """Read a document and stage what it holds.

    Args:
        con: a connection with the ``stage_*`` tables.
        file: what ``document.xml`` answered, unpacked or not.
        request: the filing that it is.
        progress: told when the document is done.

    Returns:
        ``read == accepted + skipped + rejected``: facts, figures that became none, and auditors' reports.

    Raises:
        InputFileError: it cannot be read at all; nothing is staged then.
    """
    readings = list(read_document(file))
    summary = FileSummary(file.name, KIND)
    facts = [fact for reading in readings for fact in reading.facts]
    faults = [fault for reading in readings for fault in reading.faults]
    audits = [reading.audit for reading in readings if reading.audit is not None]
    summary.read = len(facts) + sum(f.reason in _COSTLY for f in faults) + len(audits)
    rejected: list[tuple[str, dict[str, Any]]] = [
        (fault.reason, {"detail": fault.detail, "place": _told(fault)})
        for fault in faults
        if fault.reason in _COSTLY and _is_ours(fault)
    ]
    if request.published_on is None:
        summary.rejected = summary.read
        summary.reasons = {"bad_receipt_number": summary.read}
        _reject(con, file.name, request, [("bad_receipt_number", {"rcept_no": request.rcept_no})])
        return summary
    wrong = checks.unbalanced(facts)
    rows = stored_rows([f for f in facts if not (f.start is None and (f.basis, f.end) in wrong)])
    rejected += [
        (
            "does_not_add_up",
            {"concept": f.concept, "value": f"{f.value:f}", "period_end": str(f.end)},
        )
        for f in facts
        if f.concept and f.value is not None and f.start is None and (f.basis, f.end) in wrong
    ]
    _stage_facts(con, request, rows)
    said = [audit for audit in audits if audit.opinion is not None or audit.is_going_concern]
    stored = _stage_opinions(con, request, said, readings)
    _stage_filing(con, request, readings, rows)
    _reject(con, file.name, request, rejected)
    summary.reasons = dict(sorted(Counter(reason for reason, _ in rejected).items()))
    summary.rejected = len(rejected)
    summary.accepted = len(rows) + stored
    summary.skipped = summary.read - summary.accepted - summary.rejected
    progress.advance()
    return summary


def stored_rows(facts: Iterable[DocumentFact]) -> list[Row]:
    """The facts of our concepts, each once: the finest printed first, then as the document orders them."""
    ours = [f for f in facts if f.concept is not None and f.value is not None and f.end is not None]
    balances = _newest_first(f.end for f in ours if f.start is None)
    flows = _newest_first(f.end for f in ours if f.start is not None)
    best: dict[tuple[Any, ...], Row] = {}
    for fact in ours:
        assert fact.end is not None  # noqa: S101 - looked at above
        months = 0 if fact.start is None else periods.months_between(fact.start, fact.end)
        lag = (balances if fact.start is None else flows).index(fact.end)
        # Earlier columns of an interim report are kept in that report's own filing.
        if lag > _MOST_LAG or (lag and 0 < months < _YEAR):
            continue
        key = (fact.concept, fact.basis, fact.end, months)
        known = best.get(key)
        if known is None or _fineness(fact) > _fineness(known.fact):
            best[key] = Row(fact, months, lag)
    return list(best.values())


def _newest_first(days: Iterable[date | None]) -> list[date]:
    return sorted({day for day in days if day is not None}, reverse=True)


def _fineness(fact: DocumentFact) -> int:
    return int(fact.decimals) if fact.decimals and fact.decimals.lstrip("-").isdigit() else 0


def _stage_facts(
    con: duckdb.DuckDBPyConnection, request: DocumentRequest, rows: Sequence[Row]
) -> None:
    con.execute(
        """INSERT INTO stage_facts BY NAME
        SELECT 'dart:' || $corp AS company_id, unnest($concepts::VARCHAR[]) AS concept, unnest($bases::VARCHAR[]) AS basis,
            unnest($ends::DATE[]) AS period_end, unnest($months::INTEGER[]) AS months, unnest($values::DOUBLE[]) AS value,
            unnest($units::VARCHAR[]) AS unit, unnest($lags::INTEGER[]) AS lag, 'opendart' AS source, $receipt AS filing_id,
            $published::DATE AS published_on""",
        {
            **_filing(request),
            "concepts": [r.fact.concept for r in rows],
            "bases": [r.fact.basis for r in rows],
            "ends": [r.fact.end for r in rows],
            "months": [r.months for r in rows],
            "values": [float(r.fact.value or 0) for r in rows],
            "units": [r.fact.unit for r in rows],
            "lags": [r.lag for r in rows],
        },
    )


def _stage_opinions(
    con: duckdb.DuckDBPyConnection,
    request: DocumentRequest,
    audits: Sequence[AuditReport],
    readings: Sequence[Reading],
) -> int:
    """Stage what the auditors said; the number of rows. A report whose period nothing names is not one."""
    newest = max((r.period_end for r in readings if r.period_end), default=None)
    stored = 0
    for audit in audits:
        end = audit.period_end or newest or request.period_end
        if end is None:
            continue
        con.execute(
            """INSERT INTO stage_opinions BY NAME
            SELECT 'dart:' || $corp AS company_id, $end::DATE AS period_end, $annual::BOOLEAN AS is_annual, 0 AS lag, $opinion AS opinion,
                $words AS opinion_text, $doubt::BOOLEAN AS is_going_concern, $doubt_words AS emphasis, $auditor AS auditor,
                'opendart' AS source, $receipt AS filing_id, $published::DATE AS published_on""",
            {
                **_filing(request),
                "end": periods.month_end(end),
                "annual": not audit.is_review,
                "opinion": audit.opinion or "none",
                "words": audit.opinion_words.text if audit.opinion_words else None,
                "doubt": audit.is_going_concern,
                "doubt_words": audit.going_concern_words.text
                if audit.going_concern_words
                else None,
                "auditor": audit.auditor,
            },
        )
        stored += 1
    return stored


def _stage_filing(
    con: duckdb.DuckDBPyConnection,
    request: DocumentRequest,
    readings: Sequence[Reading],
    rows: Sequence[Row],
) -> None:
    end = max((r.period_end for r in readings if r.period_end), default=None) or request.period_end
    if end is None:
        return
    con.execute(
        """INSERT INTO stage_filings BY NAME
        SELECT 'dart:' || $corp AS company_id, $form AS form, $end::DATE AS period_end, $url AS url, 'opendart' AS source,
            $receipt AS filing_id, $published::DATE AS published_on""",
        {
            **_filing(request),
            "form": _form(request.report_nm, rows),
            "end": periods.month_end(end),
            "url": _URL + request.rcept_no,
        },
    )


def _form(name: str, rows: Sequence[Row]) -> str:
    """The kind of report in the store's words, by its name and by the months that it covers."""
    if "반기" in name:
        return "half_year"
    if "분기" in name or "검토" in name:
        covered = max((row.months for row in rows if row.lag == 0), default=0)
        return _FORMS.get(covered, "other")
    return "annual" if "사업보고서" in name or "감사보고서" in name else "other"


def _is_ours(fault: Fault) -> bool:
    """Whether the row that a figure was lost of is a concept of ours."""
    parts = (fault.place.path or "").split(" > ")
    return len(parts) > 1 and any(
        labels.concept_of(parts[1], statement) for statement in _STATEMENTS
    )


def _told(fault: Fault) -> str:
    return f"{fault.place.file}:{fault.place.line or ''} {fault.place.path or ''}".strip()


def _reject(
    con: duckdb.DuckDBPyConnection,
    file: str,
    request: DocumentRequest,
    rejected: Sequence[tuple[str, dict[str, Any]]],
) -> None:
    con.execute(
        """INSERT INTO stage_rejected BY NAME
        SELECT $file AS file, CAST(NULL AS BIGINT) AS row_number, unnest($reasons::VARCHAR[]) AS reason, unnest($raws::VARCHAR[]) AS raw,
            'opendart' AS source, $receipt AS filing_id, $published::DATE AS published_on""",
        {
            "file": file,
            "receipt": request.rcept_no,
            "published": request.published_on,
            "reasons": [reason for reason, _ in rejected],
            "raws": [json.dumps(raw, ensure_ascii=False)[:_RAW] for _, raw in rejected],
        },
    )


def _filing(request: DocumentRequest) -> dict[str, Any]:
    return {
        "corp": request.corp_code,
        "receipt": request.rcept_no,
        "published": request.published_on,
    }
