"""One company's whole history of pension months, out of a country's: how long it takes to read.

    python -m benchmarks.headcounts HOME [--companies 300] [--write]

``HOME``: a ``PAYCANARY_HOME`` whose lake holds the months that ``python -m benchmarks.country`` makes. Companies are drawn at random and
always the same; each is read twice, and the second time counts, since files are then in the system's cache. Beside it the same rows by DuckDB
from the months' files alone, as they came in. ``--write`` keeps ``benchmarks/headcounts.md``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from benchmarks.run import HERE, about, table
from paycanary.lake import pension
from paycanary.lake.reader import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT: Final = HERE / "headcounts.md"
_DAY: Final = date(2100, 1, 1)


def timed(ask: Callable[[str], int], ids: list[str]) -> tuple[list[float], float]:
    """Milliseconds a company, warm, in their order; and the mean milliseconds of CPU, which a busy machine leaves as they are."""
    found, cpu = [], 0.0
    for company in ids:
        ask(company)
        began, spent = time.perf_counter(), time.process_time()
        ask(company)
        found.append(1000 * (time.perf_counter() - began))
        cpu += 1000 * (time.process_time() - spent)
    return sorted(found), cpu / len(ids)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.headcounts", description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--companies", type=int, default=300)
    parser.add_argument("--write", action="store_true", help=f"keep the page {KEPT.name}")
    asked = parser.parse_args()
    con = open_reader(asked.home / "lake").connect()
    ((rows, months),) = con.execute("SELECT sum(workplaces), count(*) FROM pension_readings").fetchall()  # fmt: skip
    ids = [row[0] for row in con.execute("SELECT DISTINCT company_id FROM links WHERE starts_with(company_id, 'nps:') ORDER BY hash(company_id) LIMIT ?", [asked.companies]).fetchall()]  # fmt: skip

    def kept(company: str) -> int:
        return len(
            con.execute(pension.of(con, _DAY, [company], pension.superseded(con, _DAY))).fetchall()
        )

    def plain(company: str) -> int:
        return len(con.execute("SELECT * FROM workplace_months WHERE company_id = ?", [company]).fetchall())  # fmt: skip

    if other := [i for i in ids if kept(i) != plain(i)]:
        raise SystemExit(f"{len(other)} companies have other rows: nothing is told")
    drawn = []
    for label, ask in (("as paycanary keeps it", kept), ("DuckDB over the months' files", plain)):
        found, cpu = timed(ask, ids if ask is kept else ids[:30])
        drawn.append([label, f"{statistics.median(found):.1f} ms", f"{found[int(len(found) * 0.99)]:.1f} ms", f"{cpu:.1f} ms", str(len(found))])  # fmt: skip
    text = (
        "# One company's history, measured\n\n<!-- Written by `python -m benchmarks.headcounts HOME --write`. -->\n\n"
        f"{about()}, "
        f"load {os.getloadavg()[0]:.1f}; DuckDB {duckdb.__version__}. Made data: {months} months, {rows:,} rows. Warm; both read the same rows.\n\n"
        f"{table(['', 'median', '99 of 100 within', 'CPU, mean', 'companies'], drawn)}\n\nThe goal is 20 ms over 70 million rows.\n"
    )
    print(text)
    if asked.write:
        KEPT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
