"""KRX lists -> staged companies, names and delisting notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paycanary.progress import SILENT, Progress
from paycanary.resources import read_text
from paycanary.sources import krx
from paycanary.sources.summary import FileSummary

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb


def load(
    con: duckdb.DuckDBPyConnection, path: Path, progress: Progress = SILENT
) -> list[FileSummary]:
    """Stage every KRX list at or below ``path``.

    Returns:
        One summary a file: ``read == accepted + skipped + rejected``.

    Raises:
        InputFileError: a file cannot be read; nothing is staged then.
    """
    found = krx.find_files(path)
    progress.step("krx", total=len(found))
    con.execute(_sql("macros"))
    summaries: list[FileSummary] = []
    for file in found:
        kind = krx.read_list(con, file, "raw_krx")
        con.execute(_sql(f"krx_{kind}"))
        summaries.append(count_judged(con, file.name, kind))
        progress.advance()
    return summaries


def count_judged(con: duckdb.DuckDBPyConnection, file: str, kind: str) -> FileSummary:
    """Keep the rejected rows of table ``judged`` and count what became of all."""
    con.execute(
        "INSERT INTO stage_rejected BY NAME SELECT file, row_number, reason, "
        "substr(CAST(raw AS VARCHAR), 1, 2000) AS raw, 'krx' AS source, 'krx' AS filing_id "
        "FROM judged WHERE reason IS NOT NULL"
    )
    reasons = dict(
        con.execute(
            "SELECT reason, count(*) FROM judged WHERE reason IS NOT NULL GROUP BY ALL"
        ).fetchall()
    )
    ((read, accepted),) = con.execute(
        "SELECT count(*), count(*) FILTER (reason IS NULL AND is_kept) FROM judged"
    ).fetchall()
    rejected = sum(reasons.values())
    return FileSummary(file, kind, read, accepted, read - accepted - rejected, rejected, reasons)


def _sql(name: str) -> str:
    return read_text("filings", "sql", f"{name}.sql")
