"""What a month that arrives costs a screening: its sums, once; and what judging everyone costs with sums kept and without.

    python -m benchmarks.incremental HOME [--as-of 2026-03-01]

``HOME``: a ``PAYCANARY_HOME`` whose lake holds months that ``python -m benchmarks.country`` makes. Asked as of the day on which the newest month came.
Levels must be the same with and without. Answers themselves are not kept from month to month: how many companies' rows stay the same is told too.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.screening import day_of, rows_known
from paycanary.lake import company_months
from paycanary.lake.reader import open_reader
from paycanary.lake.tables import COMPANY_MONTHS
from paycanary.signals.engine import Engine

if TYPE_CHECKING:
    import duckdb

ROUNDS = 5
#: Of a company: all that is summed of its months.
ROWS = "SELECT e.id, bit_xor(k.row_id) AS rows, count(*) AS n FROM known_months k JOIN everyone e ON e.company_id = k.company_id GROUP BY e.id"


def judged(con: duckdb.DuckDBPyConnection, day: date) -> tuple[float, int]:
    """CPU seconds of judging everyone, and a digest of the levels."""
    began = time.process_time()
    Engine(con).judge(day)
    took = time.process_time() - began
    ((digest,),) = con.execute("SELECT bit_xor(hash(e.id, signal, level)) FROM levels JOIN everyone e USING (company_id)").fetchall()  # fmt: skip
    return took, digest


def summed(con: duckdb.DuckDBPyConnection) -> float:
    """CPU seconds of summing the newest month and writing it."""
    ((filing, month),) = con.execute("SELECT filing_id, strftime(period_end, '%Y-%m') FROM pension_readings ORDER BY period_end DESC, published_on DESC LIMIT 1").fetchall()  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        began = time.process_time()
        con.execute(f"CREATE OR REPLACE TEMP VIEW month_rows AS SELECT * FROM workplace_months WHERE month = '{month}' AND filing_id = '{filing}'")  # fmt: skip
        con.execute(f"COPY ({company_months.sums()} ORDER BY company_id) TO '{scratch}/sums.parquet' (FORMAT parquet, COMPRESSION zstd)")  # fmt: skip
        return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.incremental", description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--as-of", type=date.fromisoformat, default=None)
    asked = parser.parse_args()
    days: list[date] = []
    while (found := day_of(asked.home, len(days) + 1)) and found <= (asked.as_of or date.max):
        days.append(found)
    if len(days) <= 1:
        raise SystemExit(f"{asked.home}: needs two months")
    before, after = days[-2:]
    kept, bare = (open_reader(asked.home / "lake").connect() for _ in range(2))
    bare.execute(f"CREATE OR REPLACE VIEW {COMPANY_MONTHS.name} AS {COMPANY_MONTHS.nothing}")
    judged(kept, before)
    kept.execute(f"CREATE TEMP TABLE earlier AS {ROWS}")
    rounds = [(judged(kept, after), judged(bare, after), summed(kept)) for _ in range(ROUNDS)]
    if len({digest for one, other, _ in rounds for _, digest in (one, other)}) != 1:
        raise SystemExit("levels differ with and without sums: nothing is told")
    with_sums, without, sums = (statistics.median(column) for column in zip(*((a, b, c) for (a, _), (b, _), c in rounds), strict=True))  # fmt: skip
    ((same, all_of),) = kept.execute(
        f"SELECT count(*) FILTER (e.id IS NOT NULL), count(*) FROM ({ROWS}) d LEFT JOIN earlier e ON e.id = d.id AND e.rows = d.rows AND e.n = d.n"
    ).fetchall()
    print(f"{rows_known(asked.home, after)[1]:,} rows of {len(days)} months, as of {after}; CPU seconds, medians of {ROUNDS} rounds in turn.")  # fmt: skip
    print(f"Summing the month that arrived: {sums:.2f}. Judging everyone from kept sums: {with_sums:.2f}; from workplaces: {without:.2f}; the same levels.")  # fmt: skip
    print(f"{same:,} of {all_of:,} companies ({same / all_of:.1%}) have the same rows as of {before} and {after}.")  # fmt: skip


if __name__ == "__main__":
    main()
