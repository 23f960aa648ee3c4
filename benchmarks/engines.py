"""Both engines over a growing number of pension months: rows against seconds and memory.

    python -m benchmarks.engines HOME [--months 1 3 6 12 24] [--rounds 3] [--master 'local[*]'] [--write]

``HOME``: a ``PAYCANARY_HOME`` whose lake holds the months that ``python -m benchmarks.country`` makes. The same lake is asked as of days on which
it knew so many months; ``paycanary screen --format parquet`` runs as a process of its own, the engines in turn, and both must write the same
rows, or nothing is told. CPU and memory are those of the process and all that it started (Spark's Java), read from Linux's /proc twice a
second: the peak is the largest sum seen, a little less than the true one. ``--write`` keeps ``benchmarks/engines.md``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from benchmarks.run import HERE, MIB, Run, about, table
from benchmarks.screening import day_of, rows_known

if TYPE_CHECKING:
    from datetime import date

KEPT: Final = HERE / "engines.md"
ENGINES: Final = ("duckdb", "spark")
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def tree(root: int) -> list[list[str]]:
    """Fields of /proc/PID/stat, from the state on, of a process and of those beneath it."""
    found: dict[int, list[str]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found[int(path.parent.name)] = fields
    within = {root}
    while more := {pid for pid, fields in found.items() if int(fields[1]) in within} - within:
        within |= more
    return [found[pid] for pid in within if pid in found]


def watched(command: list[str], env: dict[str, str]) -> Run:
    """Run a command to its end.

    Raises:
        RuntimeError: it failed.
    """
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        cpu = peak = 0.0
        while process.poll() is None:
            fields = tree(process.pid)
            # User and system time, its own and that of children it has waited for; resident pages.
            cpu = max(cpu, sum(sum(map(int, f[11:15])) for f in fields) / _TICKS)
            peak = max(peak, sum(int(f[21]) for f in fields) * _PAGE / MIB)
            time.sleep(0.5)
        if process.returncode:
            log.seek(0)
            raise RuntimeError(log.read()[-500:])
    return Run(time.perf_counter() - started, cpu, peak)


def measured(home: Path, day: date, rounds: int, master: str) -> dict[str, list[Run]]:
    """Runs of both engines in turn, their files compared."""
    runs: dict[str, list[Run]] = {name: [] for name in ENGINES}
    with tempfile.TemporaryDirectory() as scratch:
        files = {name: f"{scratch}/{name}.parquet" for name in ENGINES}
        for number in range(rounds):
            for name in ENGINES if number % 2 == 0 else reversed(ENGINES):
                command = [sys.executable, "-m", "paycanary", "screen", "--engine", name, "--as-of", f"{day}", "--format", "parquet", "-o", files[name]]  # fmt: skip
                env = {**os.environ, "PAYCANARY_HOME": str(home), "PAYCANARY_SPARK_MASTER": master}
                runs[name].append(watched(command, env))
        for one, other in (ENGINES, ENGINES[::-1]):
            sql = "SELECT count(*) FROM (FROM read_parquet(?) EXCEPT ALL FROM read_parquet(?))"
            if differ := duckdb.execute(sql, [files[one], files[other]]).fetchall()[0][0]:
                sys.exit(f"{day}: {differ:,} rows of {one} are not {other}'s: nothing is told")
    return runs


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.engines", description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--months", type=int, nargs="+", default=[1, 3, 6, 12, 24])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--master", default="local[*]")
    parser.add_argument("--write", action="store_true", help=f"keep the page {KEPT.name}")
    asked = parser.parse_args()
    drawn = []
    for months in asked.months:
        day = day_of(asked.home, months)
        if day is None:
            sys.exit(f"{asked.home}: fewer than {months} months")
        runs = measured(asked.home, day, asked.rounds, asked.master)
        row = [str(months), f"{rows_known(asked.home, day)[1]:,}"]
        for name in ENGINES:
            row += [
                f"{statistics.median(r.wall for r in runs[name]):.1f} s", f"{statistics.median(r.cpu for r in runs[name]):.1f} s",
                f"{statistics.median(r.peak for r in runs[name]):,.0f} MiB",
            ]  # fmt: skip
        drawn.append(row)
        print(row, flush=True)
    head = ["months", "rows", *(f"{name}: {what}" for name in ENGINES for what in ("time", "CPU", "peak memory"))]  # fmt: skip
    memory = os.sysconf("SC_PHYS_PAGES") * _PAGE / (1 << 30)
    text = (
        "# Two engines, measured\n\n<!-- Written by `python -m benchmarks.engines HOME --write`. -->\n\n"
        f"{about()}, {memory:.0f} GiB. "
        f"DuckDB {duckdb.__version__}; PySpark {version('pyspark')} on `{asked.master}` with its default memory. Medians of {asked.rounds} rounds, in turn, whole processes.\n\n"
        f"`paycanary screen --format parquet` on made months (`benchmarks/country`); both engines wrote the same rows.\n\n{table(head, drawn)}\n\n"
        "Not measured: a cluster of several machines.\n"
    )
    print(text)
    if asked.write:
        KEPT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
