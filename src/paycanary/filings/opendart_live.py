"""What only fetched OpenDART answers hold: main accounts of many companies, reports of material facts, original documents."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from paycanary.errors import InputFileError
from paycanary.resources import read_text
from paycanary.sources.summary import FileSummary

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from paycanary.filings.dart_files import DocumentRequest
    from paycanary.progress import Progress

ACCOUNTS: Final = ("fnlttMultiAcnt", "fnlttSinglAcnt")


@dataclass(frozen=True, slots=True)
class _Event:
    """How an endpoint's row becomes a notice: its kind, and SQL for day, class, words and amount (won)."""

    kind: str
    day: str
    category: str
    detail: str
    amount: str = "CAST(NULL AS DOUBLE)"


_DISSOLVED: Final = """CASE WHEN regexp_matches(ds_rs, '합병') THEN 'merger' WHEN regexp_matches(ds_rs, '파산') THEN 'bankruptcy'
    WHEN regexp_matches(ds_rs, '존립기간|존속기간|기간\\s*만료|기업인수목적') THEN 'expiry' ELSE 'other' END"""
_EVENTS: Final = {
    "dfOcr": _Event("default", "day(dfd)", "'default'", "df_cn", "amount(df_amt)"),
    # Which part of sales stops is stated in percent; a hundred is all of it.
    "bsnSp": _Event("business_suspension", "day(bsnspd)", "CASE WHEN amount(sl_vs) >= 99.5 THEN 'all' ELSE 'part' END",
                    "concat_ws(': ', nullif(bsnsp_rm, '-'), nullif(bsnsp_rs, '-'))", "amount(bsnsp_amt)"),
    # Why somebody applies is not kept: it names who applies and who is to blame.
    "ctrcvsBgrq": _Event("rehabilitation", "day(rqd)", "'applied'", "concat_ws(', ', '회생절차 개시신청', nullif(trim(cpct), '-'))"),
    "dsRsOcr": _Event("dissolution", "day(ds_rsd)", _DISSOLVED, "ds_rs"),
    "bnkMngtPcbg": _Event("creditor_management", "day(mngt_pcbg_dd)", "'begun'", "mngt_rs"),
    "bnkMngtPcsp": _Event("creditor_management", "day(mngt_pcsp_dd)", "'ended'", "sp_rs"),
    "lwstLg": _Event("litigation", "day(lgd)", "'suit'", "cpct"),
}  # fmt: skip
EVENTS: Final = tuple(_EVENTS)


def sql(kind: str) -> str | None:
    """The SQL of an endpoint that shares its file with others; None for one that has its own."""
    if kind in ACCOUNTS:
        return read_text("filings", "sql", "opendart_accounts.sql").replace("{raw}", f"raw_{kind}")
    if kind not in _EVENTS:
        return None
    event = _EVENTS[kind]
    text = read_text("filings", "sql", "opendart_events.sql").replace("{raw}", f"raw_{kind}")
    for name in ("kind", "day", "category", "detail", "amount"):
        text = text.replace(f"{{{name}}}", getattr(event, name))
    return text


def stage_documents(
    con: duckdb.DuckDBPyConnection, path: Path, progress: Progress
) -> list[FileSummary]:
    """Stage every original document that a file of answers names; its files lie beside it.

    One that cannot be read costs itself: it is kept among the rejected, and the others go on.

    Returns:
        One summary a document, and one for the answers that held none.
    """
    from paycanary.filings.dart_files import (  # noqa: PLC0415 - document readers are heavy
        DocumentRequest,
        stage_document,
    )

    lines = con.execute(
        "SELECT request_rcept_no, any_value(request_corp_code), any_value(request_report_nm), any_value(request_corp_name), "
        "any_value(attached) FROM raw_document WHERE file = ? GROUP BY 1 ORDER BY 1",
        [path.name],
    ).fetchall()
    none = FileSummary(path.name, "document")
    summaries: list[FileSummary] = []
    progress.step("documents", total=len(lines))
    for receipt, corp, report, name, attached in lines:
        if attached is None or corp is None or receipt is None:
            none.read += 1
            none.skipped += 1
            continue
        request = DocumentRequest(corp, receipt, report or "", name or "")
        try:
            summaries.append(stage_document(con, path.parent / attached, request, progress))
        except InputFileError as error:
            summaries.append(_unread(con, attached, request, error))
    return [*summaries, none] if none.read else summaries


def _unread(
    con: duckdb.DuckDBPyConnection, file: str, request: DocumentRequest, error: InputFileError
) -> FileSummary:
    raw: dict[str, Any] = {
        "rcept_no": request.rcept_no,
        "report_nm": request.report_nm,
        "error": error.what["en"],
    }
    con.execute(
        "INSERT INTO stage_rejected BY NAME SELECT ? AS file, CAST(NULL AS BIGINT) AS row_number, 'unreadable_document' AS reason, "
        "? AS raw, 'opendart' AS source, ? AS filing_id, CAST(? AS DATE) AS published_on",
        [file, json.dumps(raw, ensure_ascii=False), request.rcept_no, request.published_on],
    )
    return FileSummary(file, "document", 1, 0, 0, 1, {"unreadable_document": 1})
