"""Pension workplaces -> staged monthly headcounts, companies, names and filings.

A company is a 6-digit business number and the company part of a workplace's name (``sql/nps_names.sql``): branches
belong to it, building sites too, but those are marked and not counted as its staff. Workplaces of private persons
are skipped. Incomes are estimates: bill / heads / contribution rate of the month (``rates/pension.yaml``), in won.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from paycanary.errors import InputFileError, OtherTableError
from paycanary.filings import nps_api
from paycanary.filings.rates import create_rates
from paycanary.progress import SILENT, Progress
from paycanary.resources import read_text
from paycanary.sources import nps
from paycanary.sources.names import create_macros
from paycanary.sources.nps_parts import Part, find_parts
from paycanary.sources.summary import OTHER_TABLE, FileSummary
from paycanary.wording import today

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import duckdb

KIND: Final = "pension"


class WholeMonths(Protocol):
    """Who keeps whole months: what a loader asks of the lake."""

    #: A month of a file with at least so many workplaces is the whole country's.
    least: int

    @property
    def row_id(self) -> str:
        """SQL of a row's number, of the columns of table ``judged``: the same number, the same row."""

    def known(self, con: duckdb.DuckDBPyConnection) -> None:
        """Fill table ``nps_names`` with the names that were read before; make views ``nps_known_companies`` and ``nps_known_labels``."""

    def keep(self, con: duckdb.DuckDBPyConnection, month: date, part: Part) -> None:
        """Keep the rows of view ``nps_kept`` of a month (its first day), each there once, as a reading of it."""

    def look_back(self, con: duckdb.DuckDBPyConnection) -> None:
        """Hold months that were read first against those that were read after them; refuse the file of one that was cut (``part``)."""

    def partial(self, part: Part, month: date, workplaces: int) -> None:
        """Take note that so many rows of a month (its first day) are in a file, too few for a whole month."""

    def extract(self, label: str, workplaces: int, read: int) -> None:
        """Take note that a file holds rows that are no whole month: of no month of it more than so many workplaces; ``read``: all its rows."""

    def keep_names(self, con: duckdb.DuckDBPyConnection) -> None:
        """Keep the rows of ``nps_names`` that are new."""


def is_fetched(path: Path) -> bool:
    """Whether a folder holds fetched answers (`Inbox.export`)."""
    return nps_api.is_exported(path)


def split(path: Path, refused: list[InputFileError] | None = None) -> tuple[list[Part], list[FileSummary]]:  # fmt: skip
    """The pension workplace files at or below a path, their first lines checked, and the other tables that lie there.

    Args:
        path: file or folder.
        refused: takes the files that cannot be taken in, each by its error (``part`` says which); None: the first one is raised.

    Raises:
        InputFileError: none is there, or a first line is wrong.
    """
    parts = find_parts(path, may_lack=nps_api.is_exported(path), refused=refused)
    return _split(parts, refused, is_folder=path.is_dir())


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
            cut short or changes its encoding further down, when its turn comes (``part`` says which): what is staged by then is no whole.
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
        whole.known(con)
    row_id = whole.row_id if whole is not None else "CAST(NULL AS BIGINT)"
    summaries: list[FileSummary] = []
    fetched = nps_api.fetched_days(con, path) if is_fetched else {}
    with tempfile.TemporaryDirectory(prefix="paycanary-", dir=_spill(con)) as folder:
        for part in parts:
            day = fetched.get(part.path.name)
            table, rows = _first_look(con, row_id)
            try:
                with nps.reading(con, part, Path(folder), table, rows, fetched_on=day):
                    _judge(con, row_id, is_judged=table == "judged")
                    con.execute("INSERT INTO nps_whole_months SELECT DISTINCT month_start FROM judged WHERE layout = 'monthly'")  # fmt: skip
                    _keep(con, part, whole)
            except InputFileError as error:
                error.part = part
                raise
            summaries.append(_count(con, part.label))
            progress.advance()
    if is_fetched and nps_api.read(con, path):
        con.execute(f"CREATE OR REPLACE TEMP TABLE nps_unread AS {_sql('nps_typed')}")
        _judge(con, row_id, is_judged=False)
        _keep(con, None, None)
        summaries.append(_count(con, nps_api.LABEL))
    if whole is not None:
        whole.look_back(con)
        whole.keep_names(con)
    con.execute("DROP VIEW IF EXISTS nps_kept")
    for table in ("raw_nps", "raw_nps_broken", "nps_moved", "nps_unread", "judged", "nps_in_force", "nps_whole_months", "nps_kept_whole", "nps_names"):  # fmt: skip
        con.execute(f"DROP TABLE IF EXISTS {table}")
    con.execute(_sql("nps_companies"))
    return summaries + others


def _first_look(con: duckdb.DuckDBPyConnection, row_id: str) -> tuple[str, str]:
    """The table that is made while a file is read, and its rows: judged at once where names are known; else all names are read first."""
    typed = _sql("nps_typed")
    if con.execute("SELECT 1 FROM nps_names LIMIT 1").fetchall():
        return "judged", _judged(typed, row_id)
    return "nps_unread", typed


def _judge(con: duckdb.DuckDBPyConnection, row_id: str, *, is_judged: bool) -> None:
    """Table ``judged``, of ``nps_unread`` or with what it lacks yet; the rows that are rejected are read once more.

    ``is_judged``: it is made, but for the rows whose names were never read.
    """
    if is_judged:
        con.execute(
            "CREATE OR REPLACE TEMP TABLE nps_unread AS SELECT * EXCLUDE (workplace, name, is_site, is_kept, company_id, reason, row_id) "
            "FROM judged WHERE published IS NOT NULL"
        )
        con.execute("DELETE FROM judged WHERE published IS NOT NULL")
    con.execute(_sql("nps_fresh"))
    rows = _judged("FROM nps_unread", row_id)
    con.execute(f"{'INSERT INTO judged BY NAME' if is_judged else 'CREATE OR REPLACE TEMP TABLE judged AS'} {rows}")  # fmt: skip
    con.execute("DROP TABLE nps_unread")
    con.execute(_sql("nps_rows"))
    if con.execute("SELECT 1 FROM judged WHERE reason IS NOT NULL LIMIT 1").fetchall():
        con.execute(_sql("nps_rejected"))


def _judged(typed: str, row_id: str) -> str:
    newest = f"{today():%Y-%m}-01"
    return _sql("nps_judged").replace("{typed}", typed).replace("{row_id}", row_id).replace("{newest}", newest)  # fmt: skip


def _keep(con: duckdb.DuckDBPyConnection, part: Part | None, whole: WholeMonths | None) -> None:
    """Give each month of the file to who keeps whole months, or stage it. The rows' month rules, not the file's name."""
    con.execute("CREATE OR REPLACE TEMP TABLE nps_kept_whole (month_start DATE)")
    if whole is not None and part is not None:
        months = con.execute(
            "SELECT month_start, layout = 'monthly' AND count(*) >= ?, count(*), count(DISTINCT row_id) < count(*), layout = 'monthly' "
            "FROM judged WHERE is_kept AND reason IS NULL GROUP BY month_start, layout ORDER BY month_start",
            [whole.least],
        ).fetchall()
        extracts = [count for _, is_whole, count, *_ in months if not is_whole]
        if extracts or not months:
            ((read,),) = con.execute("SELECT count(*) FROM judged").fetchall()
            whole.extract(part.label, max(extracts, default=0), read)
        for month, is_whole, count, is_repeated, is_monthly in months:
            if not is_whole:
                if is_monthly:
                    whole.partial(part, month, count)
                continue
            if is_repeated:
                con.execute(_sql("nps_repeated").replace("$month", f"DATE '{month}'"))
            whole.keep(con, month, part)
            con.execute("INSERT INTO nps_kept_whole VALUES (?)", [month])
    con.execute(
        "INSERT INTO stage_headcounts BY NAME SELECT * EXCLUDE (month_start, enrolled_on, business_number, row_id), 'workplace' AS kind "
        "FROM nps_kept ANTI JOIN nps_kept_whole USING (month_start)"
    )


def _split(
    parts: list[Part], refused: list[InputFileError] | None, *, is_folder: bool
) -> tuple[list[Part], list[FileSummary]]:
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
        except InputFileError as error:
            if refused is None:
                raise
            error.part = part
            refused.append(error)
        else:
            wanted.append(part)
    if parts and not wanted and not refused:
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
