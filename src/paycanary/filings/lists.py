"""Public lists of arrears and of TIPS companies -> staged entries, and what each reading of a list covered.

A whole list that was read is a dated snapshot: a ``filings`` row ``list:<register>`` whose ``filing_id`` begins with the
register and ends with the moment of reading, so that later ones sort later. Its entries bear that ``filing_id``. An entry is shown
on a day as long as no later snapshot of that day lacks it (`lake.asof`). A search by name adds entries and takes none away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paycanary.errors import InputFileError
from paycanary.filings.krx import count_judged
from paycanary.progress import SILENT, Progress
from paycanary.resources import read_text
from paycanary.sources.lists import moel, nhis, tax, tips, work24
from paycanary.sources.web.lines import read_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

    from paycanary.sources.summary import FileSummary

_FIELDS: Final = {m.NAME: m.FIELDS for m in (moel, tax, nhis, tips)}


def load_moel(con: duckdb.DuckDBPyConnection, path: Path, progress: Progress = SILENT) -> list[FileSummary]:  # fmt: skip
    """Stage readings of the wage-arrears list, and Work24's answers about business numbers.

    Args:
        con: connection with the empty ``stage_*`` tables.
        path: folder of fetched answers (see `Inbox.export`).
        progress: told of every file.

    Returns:
        One summary a file: ``read == accepted + skipped + rejected``.

    Raises:
        InputFileError: nothing of the register lies there, or it cannot be read; nothing is staged then.
    """
    file = path / f"{work24.ENDPOINT}.jsonl"
    summaries = _load(con, path, moel.NAME, progress, is_needed=not file.exists())
    if file.exists():
        read_lines(con, file, "raw_work24", work24.FIELDS, ("brno", "name"))
        con.execute(_sql("list_work24"))
        summaries.append(count_judged(con, file.name, "work24", "work24"))
        progress.advance()
    return summaries


def load_tax(con: duckdb.DuckDBPyConnection, path: Path, progress: Progress = SILENT) -> list[FileSummary]:  # fmt: skip
    """Stage readings of the tax service's list; see `load_moel`."""
    return _load(con, path, tax.NAME, progress)


def load_nhis(con: duckdb.DuckDBPyConnection, path: Path, progress: Progress = SILENT) -> list[FileSummary]:  # fmt: skip
    """Stage readings of the list of social-insurance arrears; see `load_moel`."""
    return _load(con, path, nhis.NAME, progress)


def load_tips(con: duckdb.DuckDBPyConnection, path: Path, progress: Progress = SILENT) -> list[FileSummary]:  # fmt: skip
    """Stage readings of the list of TIPS companies; see `load_moel`."""
    return _load(con, path, tips.NAME, progress)


def _load(
    con: duckdb.DuckDBPyConnection, path: Path, register: str, progress: Progress, *, is_needed: bool = True
) -> list[FileSummary]:  # fmt: skip
    found = [path / f"{name}.jsonl" for name in ("list", "search")]
    found = [file for file in found if file.exists()]
    if is_needed and not found and not (path / "page.jsonl").exists():
        raise InputFileError(
            {
                "ko": f"{path}: 받은 {register} 명단이 없습니다.",
                "en": f"{path}: no fetched list of {register} is here.",
            },
            {
                "ko": f"`paycanary refresh {register}` 로 받으세요.",
                "en": f"Fetch it with `paycanary refresh {register}`.",
            },
        )
    progress.step(register, total=len(found))
    con.execute(_sql("macros"))
    summaries = []
    for file in found:
        _read(con, file, register, _FIELDS[register])
        con.execute(_sql(f"list_{register}"))
        con.execute(_sql("list_stage"))
        summaries.append(count_judged(con, file.name, register, register))
        progress.advance()
    return summaries


def _read(con: duckdb.DuckDBPyConnection, file: Path, register: str, fields: Sequence[str]) -> None:
    """Table ``raw_list``: the lines of a file with the reading they belong to."""
    con.execute("DROP TABLE IF EXISTS raw_lines")
    read_lines(con, file, "raw_lines", fields, ("name",))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE raw_list AS SELECT *, '{register}' AS source, {file.stem == 'list'} AS is_whole, "
        f"'{register}:' || strftime(fetched_at AT TIME ZONE 'UTC', '%Y%m%dT%H%M%SZ') "
        "|| coalesce(':' || left(md5(request_name), 8), '') AS snapshot FROM raw_lines"
    )


def _sql(name: str) -> str:
    return read_text("filings", "sql", f"{name}.sql")
