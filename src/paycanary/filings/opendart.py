"""OpenDART rows -> staged facts, headcounts, opinions, capital changes, filings, companies and notices.

Rows come from collected Parquet files or from fetched answers (JSON lines) and go the same way.

Each endpoint has one SQL file. It builds table ``judged``: every raw row with ``reason`` (why it is rejected, or
NULL) and ``is_kept`` (whether it holds anything we keep), and fills the ``stage_*`` tables from it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from paycanary.filings import auditor_words, opendart_live
from paycanary.filings.concepts import load_concepts
from paycanary.progress import SILENT, Progress
from paycanary.resources import read_text
from paycanary.sources import opendart, opendart_lines
from paycanary.sources.rows import insert
from paycanary.sources.summary import FileSummary

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

#: alotMatter checks its unit against mrhlSttus, statements take dates from all others: hence this order.
ORDER: Final = (
    "company", "list", "mrhlSttus", "alotMatter", "empSttus", "accnutAdtorNmNdAdtOpinion", "irdsSttus", "cprndNrdmpBlce",
    opendart.STATEMENTS, *opendart_live.ACCOUNTS, *opendart_live.EVENTS, "corpCode",
)  # fmt: skip
#: Endpoints whose rows the collector labelled by the company's fiscal quarters; some of the others count calendar quarters.
_FISCAL_LABELS: Final = ("alotMatter", "irdsSttus")
#: What is asked of every fetched row; a statement's calls its report otherwise and has no day.
_FETCHED: Final = (
    "corp_code",
    "corp_name",
    "rcept_no",
    "report",
    "stlm_dt",
    "expected_filing",
    "expected_period",
)
_UNDATED: Final = {"report": "reprt_code AS report", "stlm_dt": "CAST(NULL AS VARCHAR) AS stlm_dt"}
#: Registers of companies rather than filings: their rejected rows are named by them.
_REGISTERS: Final = ("corpCode", "company")
_MARKET: Final = tuple(kind for kind in ORDER if kind in opendart.ENDPOINTS)


def load(
    con: duckdb.DuckDBPyConnection, path: Path, progress: Progress = SILENT
) -> list[FileSummary]:
    """Read every OpenDART file below ``path`` and stage what it holds.

    Returns:
        One summary a file: ``read == accepted + skipped + rejected``.

    Raises:
        InputFileError: nothing known is there, or a file cannot be read; nothing is staged then.
    """
    found = opendart.find_files(path)
    progress.step("opendart", total=len(found) + len({file.kind for file in found}))
    for file in found:
        if file.kind == "corpCode":
            opendart.read_corporations(con, file, "raw_corpCode")
        elif file.path.suffix == ".jsonl":
            opendart_lines.read(con, file, f"raw_{file.kind}")
        else:
            opendart.read_parquet(con, file, f"raw_{file.kind}")
        progress.advance()
    kinds = {file.kind for file in found}
    con.execute(_sql("macros"))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE seen_companies "
        "(corp_code VARCHAR, name VARCHAR, stock_code VARCHAR, receipt VARCHAR, fiscal_month INTEGER)"
    )
    if "mrhlSttus" not in kinds:
        con.execute("CREATE TEMP TABLE raw_mrhlSttus (rcept_no VARCHAR, stock_tot_co VARCHAR)")
    _create_periods(con, kinds)
    _create_concept_map(con)
    summaries: list[FileSummary] = []
    for kind in ORDER:
        if kind not in kinds:
            continue
        con.execute(opendart_live.sql(kind) or _sql(f"opendart_{kind}"))
        _stage_more(con, kind)
        summaries += _count(con, kind)
        con.execute("DROP TABLE judged")
        progress.advance()
    con.execute(_sql("opendart_companies"))
    for file in found:
        if file.kind == "document":
            summaries += opendart_live.stage_documents(con, file.path, progress)
    return summaries


def _stage_more(con: duckdb.DuckDBPyConnection, kind: str) -> None:
    """Stage what ``judged`` holds beside the endpoint's own rows."""
    if kind in _MARKET:
        con.execute(_sql("opendart_common").replace("{raw}", f"raw_{kind}"))
    if kind == "accnutAdtorNmNdAdtOpinion":
        auditor_words.stage_words(con)


def _count(con: duckdb.DuckDBPyConnection, kind: str) -> list[FileSummary]:
    """Keep the rejected rows of ``judged`` and count what became of all."""
    filing = f"'{kind}'" if kind in _REGISTERS else "coalesce(rcept_no, '')"
    con.execute(
        "INSERT INTO stage_rejected BY NAME SELECT file, row_number, reason, substr(CAST(raw AS VARCHAR), 1, 2000) AS raw, "
        f"'opendart' AS source, {filing} AS filing_id, published_on FROM judged WHERE reason IS NOT NULL"
    )
    rows = con.execute(
        "SELECT file, count(*), count(*) FILTER (reason IS NULL AND is_kept), count(*) FILTER (reason IS NOT NULL) "
        "FROM judged GROUP BY file ORDER BY file"
    ).fetchall()
    summaries = {
        file: FileSummary(file, kind, read, accepted, read - accepted - rejected, rejected)
        for file, read, accepted, rejected in rows
    }
    for file, reason, count in con.execute(
        "SELECT file, reason, count(*) FROM judged WHERE reason IS NOT NULL GROUP BY ALL ORDER BY ALL"
    ).fetchall():
        summaries[file].reasons[reason] = count
    return list(summaries.values())


def _create_periods(con: duckdb.DuckDBPyConnection, kinds: set[str]) -> None:
    """Fill ``certain``, ``reports`` (form and period end of each filing) and ``periods`` (the months it covers), see the SQL files."""
    rows = [
        f"SELECT {', '.join(_FETCHED)} FROM raw_{kind} WHERE is_live"
        for kind in _MARKET
        if kind in kinds
    ]
    if opendart.STATEMENTS in kinds:
        named = ", ".join(_UNDATED.get(column, column) for column in _FETCHED)
        rows.append(f"SELECT {named} FROM raw_{opendart.STATEMENTS} WHERE is_live")
    nobody = "SELECT " + ", ".join(f"CAST(NULL AS VARCHAR) AS {column}" for column in _FETCHED)
    con.execute(f"CREATE OR REPLACE TEMP VIEW fetched AS {' UNION ALL '.join(rows) or nobody}")
    con.execute(_sql("opendart_certain"))
    columns = "corp_code, corp_name, rcept_no, report, stlm_dt"
    none = "SELECT '' AS corp_code, '' AS corp_name, '' AS rcept_no, '' AS report, '' AS stlm_dt, false AS is_fiscal"
    union = " UNION ALL ".join(
        f"SELECT {columns}, {kind in _FISCAL_LABELS} AS is_fiscal FROM raw_{kind} WHERE NOT is_live"
        for kind in _MARKET
        if kind in kinds
    )
    con.execute(f"CREATE OR REPLACE TEMP VIEW labelled AS {union or none}")
    con.execute(_sql("opendart_forms"))
    if opendart.STATEMENTS in kinds:
        con.execute(_sql("opendart_undated"))
    con.execute(_sql("opendart_periods"))


def _create_concept_map(con: duckdb.DuckDBPyConnection) -> None:
    """Table ``concept_map``: a row for each (statement, id) and each (statement, name) of ``concepts.yaml``."""
    rows: list[tuple[str, str, int, str | None, int | None, str | None]] = []
    for concept in load_concepts().values():
        for rank, statement in enumerate(concept.statements):
            rows += [
                (concept.name, statement, rank, id_, id_rank, None)
                for id_rank, id_ in enumerate(concept.ids)
            ]
            rows += [(concept.name, statement, rank, None, None, name) for name in concept.names]
    con.execute(
        "CREATE OR REPLACE TEMP TABLE concept_map "
        "(concept VARCHAR, statement VARCHAR, statement_rank INTEGER, id VARCHAR, id_rank INTEGER, name VARCHAR)"
    )
    insert(con, "concept_map", rows)


@cache
def _sql(name: str) -> str:
    return read_text("filings", "sql", f"{name}.sql")
