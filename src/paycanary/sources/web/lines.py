"""Fetched answers as a folder of JSON lines (see `Inbox.export`) -> raw tables in DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paycanary.errors import InputFileError
from paycanary.sources.patterns import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb


def read_lines(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    table: str,
    fields: Sequence[str],
    params: Sequence[str] = (),
) -> int:
    """Create ``table`` from one file of answers, or add to it.

    Columns: ``fields`` of the answered rows and ``params`` of the request as ``request_<param>``, all text, NULL where absent;
    ``is_empty`` (asked, and the service had nothing), ``fetched_at`` (TIMESTAMPTZ), ``fetched_on`` (that day in Korea),
    ``attached`` (the answered file, relative to the folder), ``file`` and ``row_number``.

    Returns:
        Number of lines.

    Raises:
        InputFileError: not a file of answers.
    """
    import duckdb  # noqa: PLC0415 - heavy; only when files are read

    row = ", ".join(f'"{f}" VARCHAR' for f in (*fields, "_"))
    asked = ", ".join(f'"{p}" VARCHAR' for p in (*params, "_"))
    columns = ", ".join(
        [f'"row"."{f}" AS "{f}"' for f in fields]
        + [f'request."{p}" AS "request_{p}"' for p in params]
    )
    select = (
        f'SELECT {columns}{", " if columns else ""}"row" IS NULL AND file IS NULL AS is_empty, '
        "CAST(fetched_at AS TIMESTAMPTZ) AS fetched_at, "
        "CAST(CAST(fetched_at AS TIMESTAMPTZ) AT TIME ZONE 'Asia/Seoul' AS DATE) AS fetched_on, "
        "file AS attached, ? AS file, row_number() OVER () AS row_number "
        f"FROM read_json({quoted(path)}, format = 'newline_delimited', columns = "
        f"{{request: 'STRUCT({asked})', fetched_at: 'VARCHAR', \"row\": 'STRUCT({row})', file: 'VARCHAR'}}, maximum_object_size = 67108864)"
    )
    try:
        con.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} AS {select} LIMIT 0", [path.name])
        rows = con.execute(f"INSERT INTO {table} BY NAME {select}", [path.name]).fetchall()
        return int(rows[0][0])
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise InputFileError(
            {
                "ko": f"{path}: 받은 답으로 읽을 수 없습니다({first}).",
                "en": f"{path}: cannot be read as fetched answers ({first}).",
            },
            {"ko": "자료를 다시 받으세요.", "en": "Fetch the data again."},
        ) from error
