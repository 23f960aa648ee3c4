"""Deriving the built-in sample: take everything in, keep a few companies, write a small snapshot.

The sample is the lake in little: the same tables, a Parquet file each, and a ``snapshot.json``. Every row keeps its
filing number and day of publication. Sources: OpenDART (FSS), pension workplaces (NPS), a few dated facts of KRX.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from paycanary.lake import snapshots
from paycanary.lake.batches import refresh
from paycanary.lake.identity import LINK_THRESHOLD
from paycanary.lake.reader import open_reader
from paycanary.lake.snapshots import Snapshot, TableState
from paycanary.lake.tables import TABLES
from paycanary.progress import SILENT, Progress
from paycanary.resources import read_yaml

if TYPE_CHECKING:
    import duckdb

#: Facts that companies without full accounts bring along.
_REPORTED: Final = ("net_income", "net_income_comparative", "cash_dividends", "bonds_outstanding", "bonds_due_within_1y", "minority_shareholders", "minority_share_ratio", "shares_outstanding")  # fmt: skip
_SOURCES: Final = (("dart", "opendart"), ("krx", "krx"), ("nps", "nps"))


def build(source: Path, output: Path, progress: Progress = SILENT) -> dict[str, int]:
    """Write the sample to ``output`` from folders ``opendart``, ``nps`` and ``krx`` below ``source``.

    Returns:
        Rows written by table.

    Raises:
        InputFileError: a folder is missing or unreadable.
    """
    chosen: dict[str, Any] = read_yaml("sample", "companies.yaml")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, below in _SOURCES:
            refresh(root, name, source / below, progress)
        con = open_reader(root).connect()
        _choose(con, chosen)
        return _write(con, output)


def _choose(con: duckdb.DuckDBPyConnection, chosen: dict[str, Any]) -> None:
    """Table ``kept``: register ids of the sample's companies, and whether their accounts come along whole."""
    con.execute("CREATE TABLE wanted (stock_code VARCHAR, is_whole BOOLEAN)")
    con.executemany(
        "INSERT INTO wanted VALUES (?, ?)",
        [(code, key == "statements") for key in ("statements", "reports") for code in chosen[key]],
    )
    con.execute(
        """CREATE TABLE kept AS
        WITH listed AS (
            SELECT DISTINCT l.canonical_id, w.is_whole FROM wanted w
            JOIN companies c USING (stock_code) JOIN links l ON l.company_id = c.company_id
            WHERE c.source = 'opendart' AND l.confidence >= $threshold
        ),
        both_months AS (
            -- Corporations that stand in every pension month of the data, across sizes: by a hash, not by name.
            SELECT l.canonical_id FROM all_headcounts h JOIN links l USING (company_id)
            WHERE l.confidence >= $threshold AND h.kind = 'workplace' AND NOT h.is_site AND l.canonical_id LIKE 'nps:%'
            GROUP BY l.canonical_id
            HAVING count(DISTINCT h.period_end) = (SELECT count(DISTINCT period_end) FROM all_headcounts WHERE kind = 'workplace')
            ORDER BY md5(l.canonical_id) LIMIT $workplaces
        )
        SELECT l.company_id, l.canonical_id, coalesce(x.is_whole, false) AS is_whole
        FROM links l LEFT JOIN listed x USING (canonical_id)
        WHERE l.confidence >= $threshold AND (x.canonical_id IS NOT NULL OR l.canonical_id IN (SELECT canonical_id FROM both_months))""",
        {"workplaces": chosen["workplaces"], "threshold": LINK_THRESHOLD},
    )


def _write(con: duckdb.DuckDBPyConnection, output: Path) -> dict[str, int]:
    output.mkdir(parents=True, exist_ok=True)
    states: dict[str, TableState] = {}
    for table in TABLES.values():
        if not table.staged and table.name != "links":
            continue
        stored = "all_headcounts" if table.name == "headcounts" else table.name
        where = "false" if table.name == "rejected" else "true"
        if table.name == "facts":
            names = ", ".join(f"'{name}'" for name in _REPORTED)
            where = f"(k.is_whole OR t.concept IN ({names}))"
        file = f"{table.name}.parquet"
        rows = int(
            con.execute(
                f"COPY (SELECT t.* FROM {stored} t JOIN kept k USING (company_id) WHERE {where} "
                f"ORDER BY {', '.join(f't.{c}' for c in (*table.sort, 'row_id'))}) "
                f"TO '{output / file}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 19)"
            ).fetchall()[0][0]
        )
        states[table.name] = TableState(0, (file,), rows)
    path = output / "snapshot.json"
    path.unlink(missing_ok=True)
    snapshot = Snapshot(0, "sample", snapshots.now(), states, {"source": "paycanary sample build"})
    snapshots.write(snapshot, path)
    return {name: state.rows for name, state in states.items()}
