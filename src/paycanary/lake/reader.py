"""Reading the lake: one snapshot, opened as DuckDB views. Readers never wait for writers."""

from __future__ import annotations

import tempfile
import uuid
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from paycanary.errors import LakeError
from paycanary.lake import pension, snapshots
from paycanary.lake.home import lake_path
from paycanary.lake.tables import TABLES, WORKPLACE_HISTORY
from paycanary.sources.patterns import quoted

if TYPE_CHECKING:
    import duckdb

    from paycanary.errors import Lang
    from paycanary.lake.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class Reader:
    """One snapshot of a lake, or the built-in sample.

    ``root`` is the folder that the snapshot's file names are relative to.
    """

    root: Path
    snapshot: Snapshot
    is_sample: bool

    def connect(self, *tables: str) -> duckdb.DuckDBPyConnection:
        """A fresh in-memory DuckDB with a view for each table (all by default).

        Raises:
            LakeError: a data file of the snapshot is missing or damaged.
        """
        import duckdb  # noqa: PLC0415 - the one heavy import; doors that only print help never pay for it

        # What memory does not hold goes to a folder of its own where temporary files go, and with the connection: by itself DuckDB
        # writes into the folder that one stands in, which may not be writable and is shared with others.
        spill = Path(tempfile.gettempdir(), f"paycanary-{uuid.uuid4()}")
        con = duckdb.connect(config={"threads": 2, "preserve_insertion_order": False, "temp_directory": str(spill)})  # fmt: skip
        try:
            for name in _needed(tables) if tables else TABLES:
                con.execute(self._view(name))
            if not tables or WORKPLACE_HISTORY.name in tables:
                self._list_buckets(con)
            if not tables or ALL_HEADCOUNTS in tables:
                con.execute(self._all_headcounts(con))
        except duckdb.Error as error:
            raise _too_large(self.root, error) or unreadable(self.root, error) from error
        return con

    def _view(self, name: str) -> str:
        table = TABLES[name]
        state = self.snapshot.tables.get(name)
        if state is None or not state.files:
            return f"CREATE VIEW {name} AS {table.nothing}"
        columns = ", ".join(table.column_names)
        return f"CREATE VIEW {name} AS SELECT {columns} FROM {snapshots.parquet(self.root, state)}"

    def _list_buckets(self, con: duckdb.DuckDBPyConnection) -> None:
        """Table ``history_files``: each bucket of the history with its file, as SQL. A view of all 256 costs as much as the question."""
        state = self.snapshot.tables.get(WORKPLACE_HISTORY.name)
        files = state.files if state is not None else ()
        con.execute("CREATE TABLE history_files (bucket VARCHAR, file VARCHAR)")
        con.execute(
            "INSERT INTO history_files SELECT unnest($buckets), unnest($files)",
            {
                "buckets": [snapshots.partition_of(file)[1] for file in files],
                "files": [quoted(self.root / file) for file in files],
            },
        )

    def _all_headcounts(self, con: duckdb.DuckDBPyConnection) -> str:
        """Table ``headcounts``, and whole pension months, each in its newest reading."""
        is_plain = "workplace_months" not in self.snapshot.tables
        rows = "SELECT * FROM headcounts" if is_plain else pension.headcounts(con)
        return f"CREATE VIEW {ALL_HEADCOUNTS} AS {rows}"


#: The view of all headcounts there are, those of whole pension months too.
ALL_HEADCOUNTS: Final = "all_headcounts"


def _needed(tables: tuple[str, ...]) -> list[str]:
    """Stored tables of which the views asked for are made."""
    if ALL_HEADCOUNTS not in tables:
        return list(tables)
    made = ("headcounts", "workplace_months", "pension_readings")
    return list(dict.fromkeys([*(t for t in tables if t != ALL_HEADCOUNTS), *made]))


def open_reader(root: Path | None = None) -> Reader:
    """The newest snapshot of the lake at ``root`` (default: the user's), else the built-in sample."""
    root = root or lake_path()
    try:
        found = snapshots.history(root / "snapshots")
    except OSError as error:
        raise LakeError(
            {
                "ko": f"{root}: 열 수 없습니다({error.strerror}).",
                "en": f"{root}: cannot be opened ({error.strerror}).",
            },
            {
                "ko": "권한을 주거나 PAYCANARY_HOME 을 읽을 수 있는 폴더로 정하세요.",
                "en": "Grant permission, or set PAYCANARY_HOME to a folder that can be read.",
            },
        ) from error
    if found:
        snapshot = snapshots.load(found[-1])
        if snapshot.tables:
            return Reader(root, snapshot, is_sample=False)
    return open_sample()


def open_sample() -> Reader:
    """The sample that the package carries."""
    folder = Path(str(files("paycanary") / "sample" / "data"))
    return Reader(folder, snapshots.load(folder / "snapshot.json"), is_sample=True)


def is_damaged(root: Path) -> bool:
    """Whether a file of the newest snapshot is missing or cannot be read through. Reads everything: for bad times."""
    found = snapshots.history(root / "snapshots")
    return bool(found) and not _is_intact(root, snapshots.load(found[-1]))


def blamed_on_store(error: Exception) -> LakeError | None:
    """What to say of an error that a query met; None where neither a stored file nor this machine's memory is at fault."""
    import duckdb  # noqa: PLC0415

    root = lake_path()
    if told := _too_large(root, error):
        return told
    return unreadable(root, error) if isinstance(error, duckdb.Error) and is_damaged(root) else None


def _too_large(root: Path, error: Exception) -> LakeError | None:
    """What to say where memory did not suffice: nothing is damaged then, and nothing must be deleted."""
    import duckdb  # noqa: PLC0415

    if not isinstance(error, duckdb.OutOfMemoryException | MemoryError):
        return None
    first = next(iter(str(error).splitlines()), type(error).__name__)
    return LakeError(
        {
            "ko": f"{root}: 답을 내기에 메모리가 모자랍니다({first}). 저장된 자료는 그대로입니다.",
            "en": f"{root}: memory does not suffice to answer ({first}). What is stored is unharmed.",
        },
        {
            "ko": "다른 프로그램을 닫거나 메모리가 더 많은 기계에서 다시 실행하세요.",
            "en": "Close other programs, or run it again on a machine with more memory.",
        },
    )


def unreadable(root: Path, error: Exception) -> LakeError:
    """The error to raise when a stored file was met that is missing or damaged: says how far back all is well."""
    first = str(error).splitlines()[0]
    found, _ = snapshots.readable(root / "snapshots")
    whole = next((s.id for s in reversed(found) if s.tables and _is_intact(root, s)), None)
    if not found:
        todo: dict[Lang, str] = {
            "ko": "paycanary 를 다시 설치하세요.",
            "en": "Install paycanary again.",
        }
    elif whole is None:
        todo = {
            "ko": f"{root} 폴더를 지우고 자료를 다시 받으세요(refresh).",
            "en": f"Delete the folder {root} and take the data in again (refresh).",
        }
    else:
        todo = {
            "ko": f"`paycanary rollback --to {whole}` 로 온전한 기록으로 돌아간 뒤 다시 refresh 하세요.",
            "en": f"Go back to an intact state with `paycanary rollback --to {whole}`, then refresh again.",
        }
    return LakeError(
        {
            "ko": f"{root}: 저장된 파일을 읽을 수 없습니다({first}).",
            "en": f"{root}: a stored file cannot be read ({first}).",
        },
        todo,
    )


def _is_intact(root: Path, snapshot: Snapshot) -> bool:
    import duckdb  # noqa: PLC0415

    with duckdb.connect() as con:
        try:
            for state in snapshot.tables.values():
                if state.files:
                    con.execute(
                        f"SELECT max(hash(t)) FROM {snapshots.parquet(root, state)} t"
                    ).fetchall()
        except duckdb.OutOfMemoryException:
            return True  # that is no word on the file
        except duckdb.Error:
            return False
    return True
