"""Rows of OpenDART answers for tests of one trap each: what a row leaves out is that of an ordinary annual report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from paycanary.filings import opendart
from tests.opendart_files import COLUMNS, STATEMENTS, Row, write_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

    from paycanary.sources.summary import FileSummary

RECEIPT: Final = "20230315000010"
_COMPANY: Final[Row] = {"stock_code": "990010", "corp_code": "99000010", "corp_name": "가나전자"}
_MARKET: Final[Row] = {**_COMPANY, "report": "4분기", "rcept_no": RECEIPT, "stlm_dt": "2022-12-31"}
_STATEMENT: Final[Row] = {
    **_COMPANY, "rcept_no": RECEIPT, "reprt_code": "11011", "bsns_year": "2022", "fs_div": "CFS", "sj_div": "BS",
    "currency": "KRW", "collect_status": "collected",
}  # fmt: skip
#: A report's day and the rest of its receipt number: filed 45 days after the period, 74 after a full year.
_FILED: Final = {"03-31": "0515", "06-30": "0814", "09-30": "1114", "12-31": "0315"}


def account(id_: str | None, name: str, amount: str | None, **more: str | None) -> Row:
    """A line of a statement: an id, a name and this period's amount."""
    return {"account_id": id_, "account_nm": name, "thstrm_amount": amount, **more}


def report(period_end: str, label: str = "4분기") -> Row:
    """What the rows of a report on a period have in common; its receipt number begins with the usual day."""
    year = int(period_end[:4]) + (period_end[5:] == "12-31")
    return {
        "stlm_dt": period_end,
        "report": label,
        "rcept_no": f"{year}{_FILED.get(period_end[5:], '0914')}{period_end[5:7]}0010",
    }


def take_in(
    con: duckdb.DuckDBPyConnection, folder: Path, **rows: Sequence[Row]
) -> dict[str, FileSummary]:
    """Load the rows of each endpoint and check that every row is accounted for.

    Returns:
        The summary of each endpoint.
    """
    for kind, made in rows.items():
        common = _STATEMENT if kind == STATEMENTS else _MARKET
        write_rows(folder / f"{kind}.parquet", COLUMNS[kind], [{**common, **row} for row in made])
    summaries = {s.kind: s for s in opendart.load(con, folder)}
    for kind, made in rows.items():
        if not made:
            continue
        summary = summaries[kind]
        assert summary.read == len(made)
        assert summary.read == summary.accepted + summary.skipped + summary.rejected
        assert sum(summary.reasons.values()) == summary.rejected
        kept = asked(con, f"SELECT count(*) FROM stage_rejected WHERE file = '{kind}.parquet'")
        assert kept == [(summary.rejected,)]
    return summaries


def asked(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    return con.execute(sql).fetchall()


def rejected(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Reasons of the rejected rows, in the order of the file."""
    return [row[0] for row in asked(con, "SELECT reason FROM stage_rejected ORDER BY row_number")]
