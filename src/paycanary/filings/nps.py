"""Pension workplaces -> staged monthly headcounts, companies, names and filings.

A company is a 6-digit business number and the company part of a workplace's name (``sql/nps_names.sql``): branches
belong to it, building sites too, but those are marked and not counted as its staff. Workplaces of private persons
are skipped. Incomes are estimates: bill / heads / contribution rate of the month (``rates/pension.yaml``), in won.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from paycanary.errors import OtherTableError
from paycanary.filings import nps_api
from paycanary.filings.rates import create_rates
from paycanary.progress import SILENT, Progress
from paycanary.resources import read_text
from paycanary.sources import nps
from paycanary.sources.names import create_macros
from paycanary.sources.nps_parts import Part, find_parts
from paycanary.sources.summary import OTHER_TABLE, FileSummary

if TYPE_CHECKING:
    import duckdb

KIND: Final = "pension"


def load(
    con: duckdb.DuckDBPyConnection, path: Path, progress: Progress = SILENT
) -> list[FileSummary]:
    """Stage every pension workplace file at or below ``path``, and what was fetched about single companies.

    Args:
        con: connection with empty ``stage_*`` tables.
        path: a file (.csv, .csv.gz, .zip, .rda), a folder of such, or a folder of fetched answers (`Inbox.export`).
        progress: told of each file.

    Returns:
        One summary a file, or a member of a zip: ``read == accepted + skipped + rejected``.

    Raises:
        InputFileError: a file cannot be read. A wrong first line is found before anything is staged; a file that is
            cut short or changes its encoding further down, when its turn comes: what is staged by then is no whole.
    """
    is_fetched = nps_api.is_exported(path)
    parts, others = _split(find_parts(path, may_lack=is_fetched), is_folder=path.is_dir())
    progress.step(KIND, total=len(parts) + is_fetched)
    create_names(con)
    create_rates(con, "pension")
    con.execute(_sql("macros"))
    con.execute(_sql("nps_begin"))
    summaries: list[FileSummary] = []
    fetched = nps_api.fetched_days(con, path) if is_fetched else {}
    with tempfile.TemporaryDirectory(prefix="paycanary-", dir=_spill(con)) as folder:
        for part in parts:
            nps.read(con, part, Path(folder))
            con.execute("ALTER TABLE raw_nps ADD COLUMN fetched_on DATE")
            if day := fetched.get(part.path.name):
                con.execute("UPDATE raw_nps SET fetched_on = ?", [day])
            con.execute(_sql("nps_rows"))
            con.execute("INSERT INTO nps_whole_months SELECT DISTINCT month_start FROM judged WHERE layout = 'monthly'")  # fmt: skip
            summaries.append(_count(con, part.label))
            progress.advance()
    if is_fetched and nps_api.read(con, path):
        con.execute(_sql("nps_rows"))
        summaries.append(_count(con, nps_api.LABEL))
    for table in ("raw_nps", "raw_nps_broken", "judged", "nps_in_force", "nps_whole_months"):
        con.execute(f"DROP TABLE IF EXISTS {table}")
    con.execute(_sql("nps_companies"))
    return summaries + others


def _split(parts: list[Part], *, is_folder: bool) -> tuple[list[Part], list[FileSummary]]:
    """Check every first line. Other tables that lie in the same folder are named and left alone."""
    wanted: list[Part] = []
    others: list[FileSummary] = []
    for part in parts:
        try:
            nps.check(part)
        except OtherTableError:
            if not is_folder:
                raise
            others.append(FileSummary(part.label, OTHER_TABLE))
        else:
            wanted.append(part)
    if parts and not wanted:
        nps.check(parts[0])
    return wanted, others


def _spill(con: duckdb.DuckDBPyConnection) -> Path | None:
    """Where a month's text may lie for the moment: the store's own place, which is swept after a crash; None: the system's."""
    ((setting,),) = con.execute("SELECT current_setting('temp_directory')").fetchall()
    folder = Path(setting or "")
    if not folder.is_absolute():
        return None
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def create_names(con: duckdb.DuckDBPyConnection) -> None:
    """Define ``workplace_company``, ``workplace_label`` and ``workplace_is_site`` in a connection."""
    create_macros(con)
    con.execute(_sql("nps_names"))


def _count(con: duckdb.DuckDBPyConnection, file: str) -> FileSummary:
    """What became of the rows of table ``judged``."""
    summary = FileSummary(file, KIND)
    for reason, is_kept, count in con.execute(
        "SELECT reason, is_kept, count(*) FROM judged GROUP BY ALL ORDER BY ALL"
    ).fetchall():
        summary.read += count
        if reason is not None:
            summary.rejected += count
            summary.reasons[reason] = summary.reasons.get(reason, 0) + count
        elif is_kept:
            summary.accepted += count
        else:
            summary.skipped += count
    return summary


def _sql(name: str) -> str:
    return read_text("filings", "sql", f"{name}.sql")
