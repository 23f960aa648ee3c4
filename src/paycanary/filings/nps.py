"""Pension workplaces -> staged monthly headcounts, companies, names and filings.

A company is a 6-digit business number and the company part of a workplace's name (``sql/nps_names.sql``): branches
belong to it, building sites too, but those are marked and not counted as its staff. Workplaces of private persons
are skipped. Incomes are estimates: bill / heads / contribution rate of the month (``rates/pension.yaml``), in won.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

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
    from collections.abc import Sequence
    from datetime import date

    import duckdb

KIND: Final = "pension"


class WholeMonths(Protocol):
    """Who keeps whole months: what a loader asks of the lake."""

    #: A month of a file with at least so many workplaces is the whole country's.
    least: int

    def known_names(self, con: duckdb.DuckDBPyConnection) -> None:
        """Fill table ``nps_names`` with the names that were read before."""

    def keep(self, con: duckdb.DuckDBPyConnection, month: date, label: str) -> int:
        """Keep the rows of view ``nps_kept`` of a month (its first day) as a reading of it.

        Returns:
            How many of the rows stand there more than once.
        """

    def keep_names(self, con: duckdb.DuckDBPyConnection) -> None:
        """Keep the rows of ``nps_names`` that are new."""


def is_fetched(path: Path) -> bool:
    """Whether a folder holds fetched answers (`Inbox.export`)."""
    return nps_api.is_exported(path)


def split(path: Path) -> tuple[list[Part], list[FileSummary]]:
    """The pension workplace files at or below a path, their first lines checked, and the other tables that lie there.

    Raises:
        InputFileError: none is there, or a first line is wrong.
    """
    return _split(find_parts(path, may_lack=nps_api.is_exported(path)), is_folder=path.is_dir())


def load(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    progress: Progress = SILENT,
    whole: WholeMonths | None = None,
    parts: Sequence[Part] | None = None,
) -> list[FileSummary]:
    """Stage every pension workplace file at or below ``path``, and what was fetched about single companies.

    Args:
        con: connection with empty ``stage_*`` tables.
        path: a file (.csv, .csv.gz, .zip, .rda), a folder of such, or a folder of fetched answers (`Inbox.export`).
        progress: told of each file.
        whole: keeps the months that are the whole country's; None: those are staged like extracts.
        parts: some of the files that `split` found there; None: all of them, and the other tables named.

    Returns:
        One summary a file, or a member of a zip: ``read == accepted + skipped + rejected``.

    Raises:
        InputFileError: a file cannot be read. A wrong first line is found before anything is staged; a file that is
            cut short or changes its encoding further down, when its turn comes: what is staged by then is no whole.
    """
    is_fetched = nps_api.is_exported(path)
    others: list[FileSummary] = []
    if parts is None:
        parts, others = split(path)
    progress.step(KIND, total=len(parts) + is_fetched)
    create_names(con)
    create_rates(con, "pension")
    con.execute(_sql("macros"))
    con.execute(_sql("nps_begin"))
    if whole is not None and parts:
        whole.known_names(con)
    summaries: list[FileSummary] = []
    fetched = nps_api.fetched_days(con, path) if is_fetched else {}
    with tempfile.TemporaryDirectory(prefix="paycanary-", dir=_spill(con)) as folder:
        for part in parts:
            day = fetched.get(part.path.name)
            with nps.reading(
                con, part, Path(folder), "nps_typed", _sql("nps_typed"), fetched_on=day
            ):
                _judge(con)
                con.execute("INSERT INTO nps_whole_months SELECT DISTINCT month_start FROM judged WHERE layout = 'monthly'")  # fmt: skip
                _keep(con, part.label, whole)
            summaries.append(_count(con, part.label))
            progress.advance()
    if is_fetched and nps_api.read(con, path):
        con.execute(f"CREATE OR REPLACE TEMP TABLE nps_typed AS {_sql('nps_typed')}")
        _judge(con)
        _keep(con, nps_api.LABEL, None)
        summaries.append(_count(con, nps_api.LABEL))
    if whole is not None:
        whole.keep_names(con)
    con.execute("DROP VIEW IF EXISTS nps_kept")
    for table in ("raw_nps", "raw_nps_broken", "nps_moved", "nps_typed", "judged", "nps_in_force", "nps_whole_months", "nps_kept_whole", "nps_names"):  # fmt: skip
        con.execute(f"DROP TABLE IF EXISTS {table}")
    con.execute(_sql("nps_companies"))
    return summaries + others


def _judge(con: duckdb.DuckDBPyConnection) -> None:
    """Table ``judged`` of ``nps_typed``; the rows that are rejected are read once more."""
    con.execute(_sql("nps_rows"))
    if con.execute("SELECT 1 FROM judged WHERE reason IS NOT NULL LIMIT 1").fetchall():
        con.execute(_sql("nps_rejected"))


def _keep(con: duckdb.DuckDBPyConnection, label: str, whole: WholeMonths | None) -> None:
    """Give each month of the file to who keeps whole months, or stage it. The rows' month rules, not the file's name."""
    con.execute("CREATE OR REPLACE TEMP TABLE nps_kept_whole (month_start DATE)")
    if whole is not None:
        for (month,) in con.execute(
            "SELECT month_start FROM judged WHERE layout = 'monthly' AND is_kept AND reason IS NULL "
            "GROUP BY month_start HAVING count(*) >= ? ORDER BY month_start",
            [whole.least],
        ).fetchall():
            if whole.keep(con, month, label):
                con.execute(_sql("nps_repeated").replace("$month", f"DATE '{month}'"))
            con.execute("INSERT INTO nps_kept_whole VALUES (?)", [month])
    con.execute(
        "INSERT INTO stage_headcounts BY NAME SELECT * EXCLUDE (month_start, enrolled_on, business_number), 'workplace' AS kind "
        "FROM nps_kept ANTI JOIN nps_kept_whole USING (month_start)"
    )


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
