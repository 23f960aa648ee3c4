"""Would a screening that reuses last month's answers pay? What a new month changes, and what finding that out costs.

    python -m benchmarks.incremental HOME

``HOME``: a ``PAYCANARY_HOME`` whose lake holds months that ``python -m benchmarks.country`` makes. Asked as of the day on which the newest month came, and
of the one before. A company's answers could be taken from the earlier day only if its rows as of both days are the same; the digest
of these rows is the least that any such scheme has to compute, before a single answer is reused.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.screening import day_of, rows_known
from paycanary.lake.reader import open_reader
from paycanary.signals.engine import Engine

if TYPE_CHECKING:
    from datetime import date

    import duckdb

ROUNDS = 5


def cpu(con: duckdb.DuckDBPyConnection, day: date) -> tuple[float, float]:
    """CPU seconds of judging everyone, and of the digests of everyone's rows."""
    engine = Engine(con)
    began = time.process_time()
    engine.judge(day)
    judged = time.process_time()
    con.execute(
        "CREATE OR REPLACE TEMP TABLE digests AS SELECT e.id, bit_xor(k.row_id) AS rows, count(*) AS n "
        "FROM known_headcounts k JOIN everyone e ON e.company_id = k.company_id GROUP BY e.id"
    )
    return judged - began, time.process_time() - judged


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.incremental", description=__doc__)
    parser.add_argument("home", type=Path)
    home = parser.parse_args().home
    con = open_reader(home / "lake").connect()
    months = 0
    while day_of(home, months + 1) is not None:
        months += 1
    before, after = day_of(home, months - 1), day_of(home, months)
    if before is None or after is None:
        raise SystemExit(f"{home}: needs two months")
    cpu(con, before)
    con.execute("CREATE TEMP TABLE earlier AS FROM digests")
    took = [cpu(con, after) for _ in range(ROUNDS)]
    ((same, all_of),) = con.execute(
        "SELECT count(*) FILTER (e.id IS NOT NULL), count(*) FROM digests d LEFT JOIN earlier e ON e.id = d.id AND e.rows = d.rows AND e.n = d.n"
    ).fetchall()
    judge, digest = (statistics.median(column) for column in zip(*took, strict=True))
    print(f"{rows_known(home, after)[1]:,} rows of {months} months: {same:,} of {all_of:,} companies ({same / all_of:.1%}) have the same rows as of {before} and {after}.")  # fmt: skip
    print(f"Judging everyone: {judge:.2f} CPU s; digests of their rows alone: {digest:.2f} CPU s (medians of {ROUNDS}).")  # fmt: skip


if __name__ == "__main__":
    main()
