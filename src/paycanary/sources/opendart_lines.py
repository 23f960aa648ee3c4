"""Fetched OpenDART answers (``<endpoint>.jsonl``, see `Inbox.export`) -> the raw tables that collected Parquet rows fill too.

A fetched row knows what was asked: ``report`` is the code asked for, ``expected_filing`` and ``expected_period`` the filing
that the question was about; ``is_live`` tells such rows from collected ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paycanary.sources import opendart
from paycanary.sources.dart.fields import ENDPOINTS
from paycanary.sources.web.lines import read_lines

if TYPE_CHECKING:
    import duckdb

#: What the collected layout calls a column, where an answer has it from the question.
_ASKED: Final = {"report": "request_reprt_code", "fs_div": "request_fs_div"}
_PARAMS: Final = (
    "corp_code", "bsns_year", "reprt_code", "fs_div", "bgn_de", "filing", "period", "rcept_no", "report_nm", "corp_name",
)  # fmt: skip


def read(con: duckdb.DuckDBPyConnection, file: opendart.RawFile, table: str) -> int:
    """Append a file's answers to ``table``.

    Returns:
        Number of lines.

    Raises:
        InputFileError: not a file of answers.
    """
    lines = f"lines_{file.kind}"
    con.execute(f"DROP TABLE IF EXISTS {lines}")
    count = read_lines(con, file.path, lines, tuple(ENDPOINTS[file.kind].fields), _PARAMS)
    if file.kind not in opendart.ENDPOINTS and file.kind != opendart.STATEMENTS:
        con.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} AS SELECT * FROM {lines} LIMIT 0")
        con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM {lines}")
        return count
    columns = (
        (*opendart.STATEMENT_COLUMNS, "collect_status")
        if file.kind == opendart.STATEMENTS
        else (*opendart.COMMON, *opendart.ENDPOINTS[file.kind])
    )
    known = ENDPOINTS[file.kind].fields
    select = ", ".join(
        [f"{_source(c, known)} AS {c}" for c in columns]
        + [
            "request_filing AS expected_filing",
            "request_period AS expected_period",
            "true AS is_live",
        ]
    )
    source = f"SELECT {select}, file, row_number FROM {lines}"
    con.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} AS {source} LIMIT 0")
    con.execute(f"INSERT INTO {table} BY NAME {source}")
    return count


def _source(column: str, known: dict[str, str]) -> str:
    if column == "collect_status":
        return "CASE WHEN is_empty THEN 'no_data' ELSE 'collected' END"
    if column in _ASKED:
        return _ASKED[column]
    return column if column in known else "CAST(NULL AS VARCHAR)"
