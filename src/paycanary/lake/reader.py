"""Reading the lake: one snapshot, opened as DuckDB views. Readers never wait for writers."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from paycanary.errors import LakeError
from paycanary.lake import snapshots
from paycanary.lake.home import lake_path
from paycanary.lake.tables import TABLES

if TYPE_CHECKING:
    import duckdb

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

        con = duckdb.connect(config={"threads": 2, "preserve_insertion_order": False})
        try:
            for name in tables or TABLES:
                con.execute(self._view(name))
        except duckdb.Error as error:
            raise LakeError(
                {
                    "ko": f"{self.root}: 저장된 파일을 읽을 수 없습니다({str(error).splitlines()[0]}).",
                    "en": f"{self.root}: a stored file cannot be read ({str(error).splitlines()[0]}).",
                },
                {
                    "ko": "`paycanary rollback` 으로 앞선 기록으로 돌아가거나 다시 refresh 하세요.",
                    "en": "Go back with `paycanary rollback`, or refresh again.",
                },
            ) from error
        return con

    def _view(self, name: str) -> str:
        table = TABLES[name]
        state = self.snapshot.tables.get(name)
        if state is None or not state.files:
            columns = ", ".join(f"CAST(NULL AS {c.type}) AS {c.name}" for c in table.columns)
            return f"CREATE VIEW {name} AS SELECT {columns} LIMIT 0"
        paths = ", ".join("'" + str(self.root / f).replace("'", "''") + "'" for f in state.files)
        return f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{paths}])"


def open_reader(root: Path | None = None) -> Reader:
    """The newest snapshot of the lake at ``root`` (default: the user's), else the built-in sample."""
    root = root or lake_path()
    found = snapshots.history(root / "snapshots")
    if found:
        snapshot = snapshots.load(found[-1])
        if snapshot.tables:
            return Reader(root, snapshot, is_sample=False)
    return open_sample()


def open_sample() -> Reader:
    """The sample that the package carries."""
    folder = Path(str(files("paycanary") / "sample" / "data"))
    return Reader(folder, snapshots.load(folder / "snapshot.json"), is_sample=True)
