"""Fetched answers about single companies' pension workplaces -> the same raw table as the monthly file.

So a workplace gets the same company id, whether its month came in the file or by name. Joiners and leavers are left out where
the service was found to show the same ones for every month.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paycanary.resources import read_text
from paycanary.sources.nps_api import FIELDS, FLOWS, KNOWN, MONTH
from paycanary.sources.web.lines import read_lines

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

LABEL: Final = f"{MONTH}.jsonl"
_DETAILS: Final = tuple(
    field for endpoint, fields in FIELDS.items() for field in fields if endpoint != "getBassInfoSearchV2" and field not in KNOWN
)  # fmt: skip


def is_exported(path: Path) -> bool:
    """Whether a folder holds fetched answers (`Inbox.export`) rather than what a person put there."""
    return path.is_dir() and any(path.glob("*.jsonl"))


def read(con: duckdb.DuckDBPyConnection, folder: Path) -> bool:
    """Make ``raw_nps`` and an empty ``raw_nps_broken`` of the companies' months; False where the folder holds none.

    Raises:
        InputFileError: not a file of answers.
    """
    months, flows = folder / LABEL, folder / f"{FLOWS}.jsonl"
    if not months.exists():
        return False
    con.execute("DROP TABLE IF EXISTS lines_nps_month; DROP TABLE IF EXISTS lines_nps_flows")
    read_lines(con, months, "lines_nps_month", (*KNOWN, *_DETAILS))
    if flows.exists():
        read_lines(con, flows, "lines_nps_flows", ["is_constant"], ["wkplNm", "bzowrRgstNo"])
    else:
        con.execute(
            "CREATE TEMP TABLE lines_nps_flows (is_constant VARCHAR, request_wkplNm VARCHAR, request_bzowrRgstNo VARCHAR, fetched_at TIMESTAMPTZ)"
        )
    con.execute(read_text("filings", "sql", "nps_api_rows.sql"))
    return True


def fetched_days(con: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, str]:
    """File name of every downloaded month -> the day on which it came (ISO)."""
    lines = folder / "month_file.jsonl"
    if not lines.exists():
        return {}
    con.execute("DROP TABLE IF EXISTS lines_nps_files")
    read_lines(con, lines, "lines_nps_files", ["title"])
    rows = con.execute(
        "SELECT parse_filename(attached), strftime(max(fetched_on), '%Y-%m-%d') FROM lines_nps_files WHERE attached IS NOT NULL GROUP BY ALL"
    ).fetchall()
    con.execute("DROP TABLE lines_nps_files")
    return dict(rows)
