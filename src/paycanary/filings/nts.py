"""The tax office's answers about business numbers -> staged notices of state and closure.

A state is a notice of kind ``business_status`` on the day of asking (category continuing, suspended, closed or unregistered);
the day of closing is one of kind ``business_closure``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from paycanary.filings import fetched
from paycanary.progress import SILENT, Progress
from paycanary.resources import read_text
from paycanary.sources import nts

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from paycanary.sources.summary import FileSummary


def load(
    con: duckdb.DuckDBPyConnection, path: Path, progress: Progress = SILENT
) -> list[FileSummary]:
    """Stage the answers at or below ``path``.

    Returns:
        One summary a file: ``read == accepted + skipped + rejected``.

    Raises:
        InputFileError: no such file, or not a file of answers.
    """
    found = fetched.find_lines(path, [nts.STATUS], nts.NAME)
    progress.step(nts.NAME, total=1)
    con.execute(read_text("filings", "sql", "macros.sql"))
    summary = fetched.stage(con, found[nts.STATUS], "nts_status", nts.FIELDS, source=nts.NAME)
    progress.advance()
    return [summary]
