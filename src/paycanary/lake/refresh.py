"""Taking data in: a register's files -> staged rows -> one snapshot."""

from __future__ import annotations

import errno
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from paycanary.errors import InputFileError, PaycanaryError
from paycanary.filings import comwel, fsc, krx, lists, nps, nts, opendart
from paycanary.lake import (
    company_months,
    identity,
    moves,
    peers,
    pension,
    renames,
    snapshots,
    workplace_history,
    writer,
)
from paycanary.lake.tables import TABLES, Table, numbered
from paycanary.progress import SILENT, Progress
from paycanary.sources.names import create_macros

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import duckdb

    from paycanary.errors import Lang
    from paycanary.lake.pension_readings import Extract, Month, ShortMonth
    from paycanary.sources import nps_parts
    from paycanary.sources.summary import FileSummary

Loader = "Callable[[duckdb.DuckDBPyConnection, Path, Progress], list[FileSummary]]"
LOADERS: Final[dict[str, Any]] = {
    "dart": opendart.load, "fsc": fsc.load, "nps": nps.load, "comwel": comwel.load, "nts": nts.load, "krx": krx.load,
    "moel": lists.load_moel, "nhis": lists.load_nhis, "tax": lists.load_tax, "tips": lists.load_tips,
}  # fmt: skip
_GROWING: Final = tuple(table for table in TABLES.values() if table.staged)
#: What DuckDB may hold in memory: beyond it, it goes on in the store's ``.spill``.
_MEMORY: Final = "1200MB"
#: The disk's own trouble, wherever it shows: nothing that another input would mend.
_DISK: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)
#: Columns of ``names`` that follow from the name itself.
_NAME_KEYS: Final = ("key", "initials", "jamo")


@dataclass(frozen=True, slots=True)
class Refused:
    """A file of several that was not taken in: why, and what to do, in each language."""

    file: str
    what: dict[Lang, str]
    todo: dict[Lang, str]


@dataclass(slots=True)
class RefreshSummary:
    """A refresh's account of itself. ``added`` counts new rows by table; a row already known adds nothing."""

    refresh_id: str
    source: str
    path: str
    started_at: str
    seconds: float = 0.0
    snapshot: int = 0
    files: list[FileSummary] = field(default_factory=list)
    added: dict[str, int] = field(default_factory=dict)
    months: list[Month] = field(default_factory=list)
    extracts: list[Extract] = field(default_factory=list)
    short_months: list[ShortMonth] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    @property
    def totals(self) -> dict[str, int]:
        """Rows read, accepted, skipped and rejected over all files."""
        return {
            name: sum(getattr(file, name) for file in self.files)
            for name in ("read", "accepted", "skipped", "rejected")
        }


def create_stage(con: duckdb.DuckDBPyConnection) -> None:
    """Create the empty ``stage_*`` tables that loaders fill."""
    for table in _GROWING:
        con.execute(f"CREATE TEMP TABLE stage_{table.name} ({_definition(table)})")


def _definition(table: Table) -> str:
    """Columns that loaders fill, with their types."""
    return ", ".join(f"{c.name} {c.type}" for c in table.columns if c.name in _staged(table))


@dataclass(frozen=True, slots=True)
class Part:
    """What one register brings into a refresh: its files."""

    source: str
    path: Path
    #: Only these of its files; None: all.
    files: tuple[nps_parts.Part, ...] | None = None
    #: More months of the same refresh follow.
    goes_on: bool = False
    #: Whole months are taken in even where they look as if their file had been cut.
    accepts_fewer: bool = False


def refresh_parts(
    root: Path,
    parts: Sequence[Part],
    progress: Progress = SILENT,
    unforeseen: Callable[[str, Exception], PaycanaryError] | None = None,
) -> tuple[RefreshSummary, dict[str, PaycanaryError]]:
    """Take several registers' files in by one snapshot. A register whose files cannot be read is left out and named.

    ``unforeseen`` makes an error of what a loader met that nobody foresaw, so that it too costs one register only; without it
    such an error ends the refresh.

    Returns:
        The refresh's account, and why which registers were left out. Where all were, nothing is stored.

    Raises:
        UsageError: a setting cannot be used; nothing is looked at.
        LakeError: the store is busy, full or read-only; nothing is stored.
    """
    import duckdb  # noqa: PLC0415

    started = time.monotonic()
    stamp = snapshots.now()
    named = "+".join(part.source for part in parts)
    summary = RefreshSummary(f"{named}-{stamp}", named, ", ".join(str(p.path) for p in parts), stamp)  # fmt: skip
    failed: dict[str, PaycanaryError] = {}
    least = pension.least_rows()
    with writer.writing(root) as store:
        con = duckdb.connect(
            config={"temp_directory": str(root / ".spill"), "memory_limit": _MEMORY}
        )
        con.execute("SET TimeZone = 'UTC'")
        create_macros(con)
        _create_gathered(con)
        months = pension.Months(store, stamp, least, accepts_fewer=any(p.accepts_fewer for p in parts))  # fmt: skip
        for part in parts:
            try:
                summary.files += _load(con, part, progress, months)
            except InputFileError as error:
                failed[part.source] = error
            except Exception as error:
                if unforeseen is None or _is_storage(error):
                    raise
                failed[part.source] = unforeseen(part.source, error)
            if part.source == "nps" and part.source in failed:
                months.forget()
        if len(failed) == len(parts):
            con.close()
            return summary, failed
        progress.step("store", total=len(_GROWING) + 1)
        for table in _GROWING:
            _create_view(con, store, table)
            _number(con, table, summary.refresh_id, stamp)
            summary.added[table.name] = store.write(
                con, table.name, f"FROM numbered_{table.name}"
            )  # fmt: skip
            progress.advance()
        months.finish(con)
        summary.months = months.taken
        summary.extracts = months.extracts
        summary.short_months = months.short(con)
        summary.added["workplace_months"] = sum(m.workplaces for m in months.taken if m.is_stored)
        _write_links(con, store, stamp)
        # Ten years of months that come at once are laid out once; one that is killed before is laid out by the next refresh.
        if not any(part.goes_on for part in parts):
            workplace_history.lay_out(con, store, stamp)
        moves.find(con, store, stamp)
        company_months.build(con, store)
        peers.build(con, store, stamp)
        progress.advance()
        con.close()
        summary.seconds = round(time.monotonic() - started, 2)
        summary.snapshot = store.base.id + 1
        store.commit(asdict(summary))
    return summary, failed


def _is_storage(error: Exception) -> bool:
    """Whether disk or memory failed, which no other input would mend."""
    import duckdb  # noqa: PLC0415

    kinds = (OSError, MemoryError, duckdb.IOException, duckdb.OutOfMemoryException)
    return isinstance(error, kinds)


def _create_gathered(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``gathered_*``: what every register's ``stage_*`` is added to once it was read without fault."""
    for table in _GROWING:
        con.execute(f"CREATE TABLE gathered_{table.name} ({_definition(table)})")


def _load(
    con: duckdb.DuckDBPyConnection, part: Part, progress: Progress, months: pension.Months
) -> list[FileSummary]:
    """Stage one register's files in tables of its own, so that a file that cannot be read leaves nothing behind."""
    with con.cursor() as own:
        own.execute("SET TimeZone = 'UTC'")
        create_stage(own)
        with input_faults(part.path):
            files: list[FileSummary] = (
                nps.load(own, part.path, progress, months, part.files)
                if part.source == "nps"
                else LOADERS[part.source](own, part.path, progress)
            )
        for table in _GROWING:
            own.execute(
                f"INSERT INTO gathered_{table.name} BY NAME SELECT * FROM stage_{table.name}"
            )
    return files


@contextmanager
def input_faults(path: Path) -> Iterator[None]:
    """Blame the input, not the store, for a file of it that a loader could not open."""
    try:
        yield
    except PaycanaryError:
        raise
    except OSError as error:
        where = Path(error.filename) if isinstance(error.filename, str) else None
        if where is None or error.errno in _DISK or not where.is_relative_to(path):
            raise
        raise InputFileError(
            {
                "ko": f"{where}: 열 수 없습니다({error.strerror}).",
                "en": f"{where}: cannot be opened ({error.strerror}).",
            },
            {"ko": "경로와 권한을 확인하세요.", "en": "Check the path and its permissions."},
        ) from error


def _staged(table: Table) -> tuple[str, ...]:
    dropped: tuple[str, ...] = _NAME_KEYS if table.name == "names" else ()
    if table.name == "rejected":
        dropped = ("company_id",)
    return tuple(name for name in table.content if name not in dropped)


def _number(con: duckdb.DuckDBPyConnection, table: Table, refresh_id: str, stamp: str) -> None:
    """Table ``numbered_<name>``: the staged rows that the lake lacks, each once, complete with provenance and ``row_id``."""
    columns = ", ".join(_staged(table))
    known = ""
    if table.name == "names":
        # A month repeats nearly all of the month before: what is stored goes before names are taken apart.
        same = " AND ".join(
            f"g.{c} IS NOT DISTINCT FROM s.{c}" for c in table.identity if c in _staged(table)
        )
        known = f"g ANTI JOIN stored_{table.name} s ON {same}"
    rows = f"SELECT {columns} FROM gathered_{table.name} {known}"
    if table.name == "rejected":
        rows = f"SELECT *, CAST(NULL AS VARCHAR) AS company_id, '{refresh_id}' AS refresh_id FROM ({rows})"
    if table.name == "names":
        # MATERIALIZED: else the key is made anew wherever it is mentioned.
        con.execute(
            f"CREATE TEMP TABLE unknown_names AS WITH keyed AS MATERIALIZED (SELECT *, name_key(name) AS key FROM ({rows})) "
            "SELECT *, name_initials(key) AS initials, name_jamo(key) AS jamo FROM keyed"
        )
        rows = "FROM unknown_names"
    made = f"numbered_{table.name}"
    con.execute(f"CREATE TEMP TABLE {made} AS FROM ({numbered(rows, stamp, table.identity)}) ANTI JOIN stored_{table.name} USING (row_id)")  # fmt: skip
    # To look whether a row came twice costs a tenth of putting all in order for it.
    ((repeated,),) = con.execute(f"SELECT count(*) - count(DISTINCT row_id) FROM {made}").fetchall()  # fmt: skip
    if repeated:
        con.execute(f"CREATE OR REPLACE TEMP TABLE {made} AS SELECT DISTINCT ON (row_id) * FROM {made} ORDER BY row_id, published_on, filing_id")  # fmt: skip
    con.execute(f"DROP TABLE gathered_{table.name}")


def _create_view(con: duckdb.DuckDBPyConnection, store: writer.Writer, table: Table) -> None:
    """View ``stored_<name>``: what the lake holds already."""
    state = store.base.tables.get(table.name)
    if state is None or not state.files:
        con.execute(
            f"CREATE TEMP TABLE stored_{table.name} ({', '.join(f'{c.name} {c.type}' for c in table.columns)})"
        )
        return
    con.execute(
        f"CREATE TEMP VIEW stored_{table.name} AS SELECT {', '.join(table.column_names)} FROM {snapshots.parquet(store.root, state)}"
    )


def _write_links(con: duckdb.DuckDBPyConnection, store: writer.Writer, stamp: str) -> None:
    """Match the registers anew over everything known, old and new."""
    for name in ("companies", "names", "headcounts"):
        columns = ", ".join(TABLES[name].column_names)
        con.execute(
            f"CREATE TEMP VIEW {name} AS SELECT {columns} FROM stored_{name} UNION ALL SELECT {columns} FROM numbered_{name}"
        )
    for name in ("workplace_months", "pension_readings"):
        con.execute(f"CREATE TEMP VIEW {name} AS {store.select(name)}")
    con.execute(f"CREATE TEMP VIEW all_headcounts AS {pension.headcounts(con)}")
    renames.find(con, store, stamp)
    links = TABLES["links"]
    before = store.select(links.name) if links.name in store.base.tables else ""
    identity.build_links(con, before, "SELECT company_id FROM numbered_companies UNION SELECT company_id FROM numbered_names")  # fmt: skip
    columns = ", ".join(links.column_names)
    kept = f"SELECT * REPLACE (TIMESTAMPTZ '{stamp}' AS fetched_at) FROM link_kept"
    made = numbered("FROM new_links", stamp, links.content)
    store.write(con, links.name, f"SELECT {columns} FROM ({made}) UNION ALL SELECT {columns} FROM ({kept})", replace=True)  # fmt: skip
