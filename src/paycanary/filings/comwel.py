"""Employment insurance's answers about business numbers -> a staged count of regular workers (``insured_workers``).

The count is the sum over all workplaces of a business number on the day of asking. A number without a workplace is no count of 0:
nothing is staged of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from paycanary.filings import fetched
from paycanary.progress import SILENT, Progress
from paycanary.resources import read_text
from paycanary.sources import comwel

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
    found = fetched.find_lines(path, [comwel.WORKPLACES], comwel.NAME)
    progress.step(comwel.NAME, total=1)
    con.execute(read_text("filings", "sql", "macros.sql"))
    file = found[comwel.WORKPLACES]
    summary = fetched.stage(
        con, file, "comwel_workplaces", comwel.FIELDS[comwel.WORKPLACES], ["v_saeopjaDrno"], source=comwel.NAME
    )  # fmt: skip
    progress.advance()
    return [summary]
