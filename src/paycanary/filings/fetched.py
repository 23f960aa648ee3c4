"""What loaders of fetched answers share: files of lines in, judged rows counted, rejected ones kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paycanary.errors import InputFileError
from paycanary.resources import read_text
from paycanary.sources.summary import FileSummary
from paycanary.sources.web.lines import read_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb


def find_lines(path: Path, endpoints: Sequence[str], source: str) -> dict[str, Path]:
    """Files of answers at or below a folder, by endpoint.

    Raises:
        InputFileError: none of them is there.
    """
    files = [path] if path.is_file() else sorted(path.rglob("*.jsonl"))
    found = {file.stem: file for file in files if file.stem in endpoints}
    if not found:
        raise InputFileError(
            {
                "ko": f"{path}: {source} 답을 담은 파일({', '.join(endpoints)}.jsonl)이 없습니다.",
                "en": f"{path}: no file of {source}'s answers ({', '.join(endpoints)}.jsonl) found.",
            },
            {
                "ko": f"`paycanary refresh {source}` 로 받으세요.",
                "en": f"Fetch them with `paycanary refresh {source}`.",
            },
        )
    return found


def stage(
    con: duckdb.DuckDBPyConnection,
    file: Path,
    script: str,
    fields: Sequence[str],
    params: Sequence[str] = (),
    *,
    source: str,
    names: Mapping[str, str] | None = None,
) -> FileSummary:
    """Read one file into ``raw_lines`` and run a script that fills ``judged`` and ``stage_*`` from it.

    Args:
        con: connection with ``stage_*`` tables and the macros.
        file: answers of one endpoint.
        script: name of the SQL file; its ``judged`` has a row a line: file, row_number, reason, is_kept, raw, filing_id, published_on.
        fields: of the answered rows.
        params: of the request.
        source: the register.
        names: what to put for ``{name}`` in the script.

    Raises:
        InputFileError: not a file of answers.
    """
    con.execute("DROP TABLE IF EXISTS raw_lines")
    read_lines(con, file, "raw_lines", fields, params)
    sql = read_text("filings", "sql", f"{script}.sql")
    for name, value in (names or {}).items():
        sql = sql.replace(f"{{{name}}}", value)
    con.execute(sql)
    summary = _count(con, file.name, file.stem, source)
    con.execute("DROP TABLE judged")
    con.execute("DROP TABLE raw_lines")
    return summary


def _count(con: duckdb.DuckDBPyConnection, file: str, kind: str, source: str) -> FileSummary:
    con.execute(
        "INSERT INTO stage_rejected BY NAME SELECT file, row_number, reason, substr(CAST(raw AS VARCHAR), 1, 2000) AS raw, "
        "? AS source, filing_id, published_on FROM judged WHERE reason IS NOT NULL",
        [source],
    )
    reasons = dict(
        con.execute(
            "SELECT reason, count(*) FROM judged WHERE reason IS NOT NULL GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    )
    ((read, accepted),) = con.execute(
        "SELECT count(*), count(*) FILTER (reason IS NULL AND is_kept) FROM judged"
    ).fetchall()
    rejected = sum(reasons.values())
    return FileSummary(file, kind, read, accepted, read - accepted - rejected, rejected, reasons)
