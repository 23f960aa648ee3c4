"""KRX lists, from files or from KIND itself -> staged companies, names, and notices of delisting and administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paycanary.progress import SILENT, Progress
from paycanary.resources import read_text
from paycanary.sources import krx
from paycanary.sources.lists import kind
from paycanary.sources.summary import FileSummary
from paycanary.sources.web.lines import read_lines

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

#: Endpoints of the exchange's client -> what their rows are.
_FETCHED: Final = {"corpList": "listed", "delcompany": "delisting", "adminissue": "administration"}


def load(
    con: duckdb.DuckDBPyConnection, path: Path, progress: Progress = SILENT
) -> list[FileSummary]:
    """Stage every KRX list at or below ``path``, or the lists that were fetched into that folder.

    Returns:
        One summary a file: ``read == accepted + skipped + rejected``.

    Raises:
        InputFileError: a file cannot be read; nothing is staged then.
    """
    fetched = [path / f"{name}.jsonl" for name in _FETCHED]
    fetched = [file for file in fetched if file.exists()]
    found = [] if fetched else krx.find_files(path)
    progress.step("krx", total=len(found) + len(fetched))
    con.execute(_sql("macros"))
    summaries: list[FileSummary] = []
    for file in fetched:
        _read_fetched(con, file)
        summaries.append(_stage(con, file.name, _FETCHED[file.stem]))
        progress.advance()
    for file in found:
        summaries.append(_stage(con, file.name, krx.read_list(con, file, "raw_krx")))
        progress.advance()
    return summaries


def _stage(con: duckdb.DuckDBPyConnection, file: str, what: str) -> FileSummary:
    con.execute(_sql(f"krx_{what}"))
    return count_judged(con, file, what)


def _read_fetched(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Table ``raw_krx`` from one of KIND's downloads, its columns named as in the files that people keep.

    KIND's list of delistings names companies, each by its ordinary share.
    """
    con.execute("DROP TABLE IF EXISTS raw_fetched")
    read_lines(con, file, "raw_fetched", kind.FIELDS[file.stem], ("market",))
    added = {
        "delcompany": ", CAST(NULL AS VARCHAR) AS Market, '주권' AS SecuGroup, '보통주' AS Kind",
        "corpList": f", CASE request_market {_markets()} END AS 시장구분",
        "adminissue": "",
    }[file.stem]
    con.execute(f"CREATE OR REPLACE TEMP TABLE raw_krx AS SELECT *{added} FROM raw_fetched")


def _markets() -> str:
    return " ".join(f"WHEN '{code}' THEN '{name}'" for code, name in kind.MARKETS.items())


def count_judged(con: duckdb.DuckDBPyConnection, file: str, kind: str, source: str = "krx") -> FileSummary:  # fmt: skip
    """Keep the rejected rows of table ``judged`` and count what became of all."""
    con.execute(
        "INSERT INTO stage_rejected BY NAME SELECT file, row_number, reason, "
        f"substr(CAST(raw AS VARCHAR), 1, 2000) AS raw, '{source}' AS source, '{source}' AS filing_id "
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
