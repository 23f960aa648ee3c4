"""Screening a whole country of pension months, beside pandas and beside the aggregation that no screen goes without; and how it grows.

    python -m benchmarks.screening HOME [--rounds 5] [--as-of 2026-03-01] [--python PATH] [--write]

``HOME``: a ``PAYCANARY_HOME`` whose lake holds the months that ``python -m benchmarks.country`` makes, taken in by
``paycanary refresh nps --from FOLDER``. All contenders read the same Parquet files, in processes of their own, in turn. The levels of
pandas and of paycanary must be the same, or nothing is told. Growth: the same lake asked as of earlier days, on which it knew fewer months.
``--write`` keeps the page ``benchmarks/screening.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb

from benchmarks.run import (
    HERE,
    PEERS,
    Run,
    about,
    compare,
    environment,
    pick_python,
    table,
    versions,
)
from benchmarks.screening_peer import SIGNALS
from paycanary.lake.identity import LINK_THRESHOLD
from paycanary.lake.reader import open_reader
from paycanary.signals import catalog
from paycanary.signals.custom import BUILT_IN

if TYPE_CHECKING:
    from paycanary.lake.reader import Reader

PEERS |= {"screening": ["pandas", "pyarrow", "duckdb"]}
KEPT: Final = HERE / "screening.md"
#: How many months the lake knew on the days of the growth curve.
GROWTH: Final = (1, 3, 6, 12, 24)
LABELS: Final = {
    "paycanary": "`paycanary screen --format parquet`: every signal, the level, ranked",
    "pandas": "pandas: three signals of pension months, not ranked",
    "duckdb": "bare DuckDB: sums a company and month, nothing judged",
}


def job(reader: Reader, as_of: date, output: str) -> dict[str, Any]:
    """What a peer is asked: files, day and thresholds."""

    def files(name: str) -> list[str]:
        held = reader.snapshot.tables.get(name)
        return [str(reader.root / file) for file in held.files] if held else []

    thresholds = {name: BUILT_IN.thresholds(catalog.signals()[name], as_of) for name in SIGNALS}
    return {
        "files": files("workplace_months"), "links": files("links"), "as_of": as_of.isoformat(), "thresholds": thresholds,
        "moves": files("pension_moves"), "most_candidates": BUILT_IN.whole(as_of)["most_candidates"], "confidence": LINK_THRESHOLD,
        "output": output,
    }  # fmt: skip


def unequal(ours: str, theirs: str) -> int:
    """Companies of whose signals one has another level; a company that a peer does not name is unknown to it."""
    differ = " OR ".join(f"coalesce(o.{n}, 'unknown') <> coalesce(t.{n}, 'unknown')" for n in SIGNALS)  # fmt: skip
    ((count,),) = duckdb.execute(
        f"SELECT count(*) FROM read_parquet('{ours}') o FULL JOIN read_parquet('{theirs}') t USING (id) WHERE {differ}"
    ).fetchall()
    return int(count)


def measured(
    home: Path, as_of: date, rounds: int, python: str, contenders: tuple[str, ...]
) -> dict[str, list[Run]]:
    """Runs of every contender on one day, their answers compared first."""
    peer = str(environment("screening", python) / "bin" / "python")
    with tempfile.TemporaryDirectory() as scratch:
        env = {**os.environ, "PAYCANARY_HOME": str(home), "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": str(os.cpu_count())}  # fmt: skip
        commands = {}
        for name in contenders:
            output = f"{scratch}/{name}.parquet"
            if name == "paycanary":
                commands[name] = [sys.executable, "-m", "paycanary", "screen", "--format", "parquet", "-o", output, "--as-of", f"{as_of}"]  # fmt: skip
                continue
            asked = Path(scratch) / f"{name}.json"
            asked.write_text(json.dumps(job(open_reader(home / "lake"), as_of, output)), encoding="utf-8")  # fmt: skip
            commands[name] = [peer, str(HERE / "screening_peer.py"), name, str(asked)]
        runs, failed = compare(commands, env, rounds)
        if failed:
            sys.exit(f"not measured: {failed}")
        if "pandas" in contenders and (other := unequal(f"{scratch}/paycanary.parquet", f"{scratch}/pandas.parquet")):  # fmt: skip
            sys.exit(f"{other:,} companies have other levels: nothing is told")
    return runs


def rows_known(home: Path, as_of: date) -> tuple[int, int]:
    """Months and rows of them that were known on a day."""
    con = open_reader(home / "lake").connect()
    found = con.execute(
        "SELECT count(DISTINCT period_end), sum(workplaces) FROM pension_readings WHERE published_on <= ?", [as_of]
    ).fetchall()  # fmt: skip
    return int(found[0][0]), int(found[0][1] or 0)


def day_of(home: Path, months: int) -> date | None:
    """The day on which the lake came to know so many months; None where it has fewer."""
    con = open_reader(home / "lake").connect()
    found = con.execute("SELECT DISTINCT published_on FROM pension_readings ORDER BY 1").fetchall()
    return found[months - 1][0] if len(found) >= months else None


def row(label: str, runs: list[Run], ours: list[Run]) -> list[str]:
    ratio = statistics.median(o.cpu / r.cpu for r, o in zip(runs, ours, strict=True))
    cpu = [r.cpu for r in runs]
    return [
        label, f"{statistics.median(cpu):.2f} s ({min(cpu):.2f} to {max(cpu):.2f})", f"{ratio:.2f}",
        f"{statistics.median(r.wall for r in runs):.2f} s", f"{statistics.median(r.peak for r in runs):,.0f} MiB",
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.screening", description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--as-of", type=date.fromisoformat, default=None)
    parser.add_argument("--python", help="Python of the peers; default: the newest found")
    parser.add_argument("--write", action="store_true", help=f"keep the page {KEPT.name}")
    asked = parser.parse_args()
    python = pick_python(asked.python)
    day = asked.as_of or day_of(asked.home, GROWTH[-1])
    if day is None:
        sys.exit(f"{asked.home}: fewer than {GROWTH[-1]} months. Give --as-of.")
    months, count = rows_known(asked.home, day)
    runs = measured(asked.home, day, asked.rounds, python, tuple(LABELS))
    ours = runs["paycanary"]
    head = ["", "CPU, median (least to most)", "paycanary takes so many times as much", "time", "peak memory"]  # fmt: skip
    beside = table(head, [row(LABELS[name], found, ours) for name, found in runs.items()])
    grown = []
    for wanted in GROWTH:
        known = day_of(asked.home, wanted)
        if known is None:
            continue
        alone = measured(asked.home, known, asked.rounds, python, ("paycanary",))["paycanary"]
        rows = rows_known(asked.home, known)[1]
        cpu = statistics.median(r.cpu for r in alone)
        grown.append([
            str(wanted), f"{rows:,}", f"{cpu:.2f} s", f"{cpu / rows * 1e6:.2f} s",
            f"{statistics.median(r.wall for r in alone):.2f} s", f"{statistics.median(r.peak for r in alone):,.0f} MiB",
        ])  # fmt: skip
    growth = table(["months", "rows", "CPU", "CPU a million rows", "time", "peak memory"], grown)
    goals = {"pandas": 1 / 10, "duckdb": 3.0}
    told = "; ".join(
        f"{name}: goal at most {goal:g} of its CPU, measured {statistics.median(o.cpu / r.cpu for r, o in zip(runs[name], ours, strict=True)):.2f}"
        for name, goal in goals.items()
    )
    share = statistics.median(d.cpu / p.cpu for d, p in zip(runs["duckdb"], runs["pandas"], strict=True))  # fmt: skip
    text = (
        "# Screening a whole country, measured\n\n<!-- Written by `python -m benchmarks.screening HOME --write`. -->\n\n"
        f"{about()}. "
        f"paycanary's DuckDB {duckdb.__version__}; peers: {versions(environment('screening', python), *PEERS['screening'])}. {asked.rounds} rounds, in turn.\n\n"
        f"Made data (`benchmarks/country`): {months} months, {count:,} rows, as of {day}. Whole processes, start and writing a Parquet file included. "
        "The levels of the three signals that pandas tells are paycanary's for every company. Ratios are medians of the rounds' own.\n\n"
        f"{beside}\n\n{told}. Bare DuckDB itself takes {share:.2f} of pandas' CPU.\n\n## Growth\n\nThe same lake as of earlier days, on which it knew fewer months.\n\n{growth}\n"
    )
    print(text)
    if asked.write:
        KEPT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
