"""Taking in one pension month of the whole country, beside pandas, Polars and the limit: reading and writing without any cleaning.

    python -m benchmarks.month FOLDER [--rounds 5] [--python PATH] [--write]

``FOLDER``: two months that follow each other, as ``python -m benchmarks.country FOLDER --workplaces 570000 --months 2 --first 2026-04``
writes them. paycanary takes the second in beside the first; for comparison, into an empty lake; and beside the first without what no peer
is asked for (`benchmarks.month_rows`). Each contender is a process of its own, in turn (A B C, C B A, ...), after one run that counts for
nothing and whose rows must be the same, or nothing is told. CPU seconds and peak memory are the kernel's account of the process and of
those that it waited for. ``--write`` keeps the page ``benchmarks/month.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import duckdb

from benchmarks.month_peer import COMPANY, KEPT
from benchmarks.run import (
    HERE,
    PEERS,
    Run,
    about,
    environment,
    measure,
    pick_python,
    table,
    versions,
)
from paycanary.filings.nps import create_names
from paycanary.filings.rates import create_rates
from paycanary.resources import read_text
from paycanary.sources.nps import MONTHLY
from paycanary.wording import today

PEERS |= {"month": ["pandas", "pyarrow", "polars", "duckdb"]}
PAGE: Final = HERE / "month.md"
LABELS: Final = {
    "later": "`paycanary refresh nps`, a month beside the one before",
    "first": "`paycanary refresh nps`, a first month",
    "rows": "a month beside the one before, its rows alone: what the peers are asked for",
    "pandas": "pandas",
    "polars": "Polars",
    "limit": "the limit: iconv, then bare DuckDB `read_csv` to Parquet",
}
#: The month that is taken in must not cost more than this share of a peer's CPU seconds.
GOALS: Final = {"pandas": 1 / 3, "polars": 1 / 1.5, "limit": 1.5}
#: ``regexp_replace``'s last arguments: pattern, replacement, flag.
_STEP: Final = re.compile(
    r"('(?:[^']|'')*'(?: \|\| \w+\(\) \|\| '(?:[^']|'')*')*),\s*('(?:[^']|'')*')(?:,\s*'(g)')?\)"
)


def rules(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Give paycanary's own patterns, in the order in which they are applied: peers must not cut names otherwise."""
    text = read_text("filings", "sql", "nps_names.sql") + read_text("sources", "sql", "names.sql")
    bodies = {
        name: re.sub(r"^\s*--.*$", "", body, flags=re.MULTILINE)
        for name, body in re.findall(r"TEMP MACRO (\w+)\([a-z]*\) AS(.*?)(?:;$|\Z)", text, re.MULTILINE | re.DOTALL)
    }  # fmt: skip

    def steps(macro: str) -> list[list[str]]:
        found = _STEP.findall(bodies[macro])
        return [[*con.execute(f"SELECT {old}, {new}").fetchall()[0], flag] for old, new, flag in found]  # fmt: skip

    translate = re.compile(r"'([^']*)', '([^']*)'\)")
    # The first of a clean name are letters, not patterns; so is the last of a company's.
    (site,) = con.execute("SELECT " + re.findall(r"'g'\),\s*('[^']*')\)", bodies["is_site_unit"])[0]).fetchall()[0]  # fmt: skip
    return {
        "letters": translate.findall(bodies["workplace_clean_any"])[1], "clean": steps("workplace_clean_any")[2:],
        "label": steps("workplace_label"), "company": steps("company_of_any")[:-1], "key": steps("name_key_any"),
        "plain": re.findall(r"'([^']*)',\s*'([^']*)'", bodies["name_plain"])[0], "units": steps("is_site_unit"), "site": site,
    }  # fmt: skip


def job(file: Path, month: date, output: Path) -> dict[str, Any]:
    """What a peer is asked."""
    output.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        create_names(con)
        create_rates(con, "pension")
        con.execute(read_text("filings", "sql", "nps_begin.sql"))
        rates = dict(
            con.execute("SELECT name, value FROM rates WHERE ? BETWEEN since AND until", [month]).fetchall()
        )  # fmt: skip
        provinces = dict(con.execute("FROM nps_provinces").fetchall())
        return {
            "file": str(file), "columns": list(MONTHLY.values()), "output": str(output), "provinces": provinces,
            "rate": rates["contribution_rate"], "ceiling": rates["income_ceiling"], "share": rates["capped_share"], "newest": f"{today():%Y%m}", **rules(con),
        }  # fmt: skip


def month_of(file: Path) -> date:
    """The month of a file's first row."""
    with file.open("rb") as stream:
        stream.readline()
        # 2015-12 in some years' files, 201512 in others'.
        digits = stream.readline().split(b",")[0].decode("ascii").replace("-", "").strip('" ')
        return date(int(digits[:4]), int(digits[4:6]), 1)


def made_by(folder: Path) -> str:
    """The command that made a folder's months, as its note tells it."""
    note = (folder / "MADE-DATA.txt").read_text(encoding="utf-8")
    return f"`python -m benchmarks.country FOLDER {note.split('(paycanary), ')[1].splitlines()[0]}`"


def differing(lake: Path, month: date, output: Path) -> dict[str, int]:
    """Rows that only one side has: those kept, those rejected with their reasons, and who the companies are."""
    stored = f"read_parquet('{lake}/tables/workplace_months/month={month:%Y-%m}/*.parquet')"
    rejected = f"read_parquet('{lake}/tables/rejected/*.parquet')"
    companies = f"read_parquet('{lake}/tables/companies/*.parquet')"
    filing = f"nps:{month:%Y-%m}"
    ours = {
        "kept": f"SELECT {', '.join(KEPT[:-1])}, business_number AS prefix FROM {stored}",
        "companies": f"SELECT {', '.join(COMPANY).replace('prefix', 'business_number AS prefix')} FROM {companies}",
    }  # fmt: skip
    if list(lake.glob("tables/rejected/*.parquet")):
        ours["rejected"] = f"SELECT row_number, reason FROM {rejected} WHERE coalesce(filing_id, '{filing}') = '{filing}'"  # fmt: skip
    else:
        ours["rejected"] = "SELECT 0 AS row_number, '' AS reason WHERE false"
    found: dict[str, int] = {}
    for name, mine in ours.items():
        columns = {"kept": KEPT, "companies": COMPANY}.get(name, ["row_number", "reason"])
        theirs = f"SELECT {', '.join(columns)} FROM read_parquet('{output}/{name}.parquet')"
        found[name] = sum(
            duckdb.execute(f"SELECT count(*) FROM ({one} EXCEPT ALL {other})").fetchall()[0][0]
            for one, other in ((mine, theirs), (theirs, mine))
        )
    return found


class Contest:
    """The contenders' commands, and what has to stand before each run."""

    def __init__(self, files: tuple[Path, Path], scratch: Path, peer: Path) -> None:
        self.before, self.file = files
        self.month = month_of(self.file)
        self.scratch = scratch
        self.peer = str(peer / "bin" / "python")
        self.env = {**os.environ, "LC_ALL": "C.UTF-8"}
        for name in ("pandas", "polars", "duckdb"):
            asked = job(self.file, self.month, scratch / name)
            if name == "duckdb":
                asked["file"] = str(scratch / "utf8.csv")
            (scratch / f"{name}.json").write_text(json.dumps(asked), encoding="utf-8")

    def prepare(self, name: str) -> None:
        """What is not measured: an empty lake, or one with the month before."""
        if name not in ("first", "later", "rows"):
            return
        shutil.rmtree(self.scratch / name, ignore_errors=True)
        if name != "first":
            stock = self.scratch / "stock"
            if not stock.exists():
                self.refresh("stock", self.before)
            shutil.copytree(stock, self.scratch / name)

    def refresh(self, home: str, file: Path) -> Run:
        """Take a file into a home."""
        env = {**self.env, "PAYCANARY_HOME": str(self.scratch / home)}
        return measure([sys.executable, "-m", "paycanary", "refresh", "nps", "--from", str(file)], env)  # fmt: skip

    def run(self, name: str) -> Run:
        """Run a contender once."""
        self.prepare(name)
        if name in ("first", "later"):
            return self.refresh(name, self.file)
        if name == "rows":
            lake = self.scratch / name / "lake"
            return measure([sys.executable, "-m", "benchmarks.month_rows", str(lake), str(self.file)], self.env)  # fmt: skip
        script = [self.peer, str(HERE / "month_peer.py")]
        if name == "limit":
            text = 'iconv -f CP949 -t UTF-8 "$1" > "$2" && "$3" "$4" duckdb "$5"'
            return measure(
                ["sh", "-c", text, "sh", str(self.file), str(self.scratch / "utf8.csv"), *script, str(self.scratch / "duckdb.json")],
                self.env,
            )  # fmt: skip
        return measure([*script, name, str(self.scratch / f"{name}.json")], self.env)

    def compare(self) -> dict[str, dict[str, int]]:
        """Rows in which the peers differ from the first month's lake."""
        found = {
            name: differing(self.scratch / "first" / "lake", self.month, self.scratch / name)
            for name in ("pandas", "polars")
        }
        stored = [f"SELECT * EXCLUDE (fetched_at) FROM read_parquet('{self.scratch}/{name}/lake/tables/workplace_months/month={self.month:%Y-%m}/*.parquet')"
                  for name in ("later", "rows")]  # fmt: skip
        apart = " UNION ALL ".join(f"(({a}) EXCEPT ALL ({b}))" for a, b in (stored, stored[::-1]))
        ((count,),) = duckdb.execute(f"SELECT count(*) FROM ({apart})").fetchall()
        return {**found, "rows": {"kept": count}}


def page(runs: dict[str, list[Run]], asked: argparse.Namespace, file: Path, peer: Path) -> str:
    """The result page: the machine, the versions, the figures, the goals and whether they are met."""
    lines = []
    for name, label in LABELS.items():
        cpu = [r.cpu for r in runs[name]]
        ratio = statistics.median(o.cpu / r.cpu for r, o in zip(runs[name], runs["later"], strict=True))  # fmt: skip
        lines.append([
            label, f"{statistics.median(cpu):.1f} s ({min(cpu):.1f} to {max(cpu):.1f})", f"{ratio:.2f}",
            f"{statistics.median(r.peak for r in runs[name]):,.0f} MiB",
        ])  # fmt: skip
    goals = []
    for name, goal in GOALS.items():
        told = [name, f"{goal:.2f}"]
        for ours in ("rows", "later", "first"):
            ratio = statistics.median(o.cpu / r.cpu for r, o in zip(runs[name], runs[ours], strict=True))  # fmt: skip
            told.append(f"{ratio:.2f}, {'reached' if ratio <= goal else 'missed'}")
        goals.append(told)
    rows = sum(1 for _ in file.open("rb")) - 1
    load = " ".join(f"{n:.1f}" for n in os.getloadavg())
    head = ["", "CPU, median (least to most)", "a later month takes so many times as much", "peak memory"]  # fmt: skip
    return (
        "# Taking in one month of the whole country, measured\n\n"
        "<!-- Written by `python -m benchmarks.month FOLDER --write`. How, and what is not equal: README.md. -->\n\n"
        f"{about()} (load {load} at the end). paycanary's DuckDB {duckdb.__version__}; peers: {versions(peer, *PEERS['month'])}.\n\n"
        f"Made data: {made_by(file.parent)}, of it {month_of(file):%Y-%m} and the month before; {rows:,} rows, "
        f"{file.stat().st_size / 1e6:.0f} MB of cp949. `python -m benchmarks.month FOLDER --rounds {asked.rounds} --write`.\n\n"
        f"{table(head, lines)}\n\nGoals, as shares of a peer's CPU seconds, medians of the rounds' own:\n\n"
        f"{table(['peer', 'at most', 'a later month, its rows alone', 'a later month', 'a first month'], goals)}\n\n"
        "pandas and Polars keep and reject the same rows as paycanary, and name the same companies.\n"
    )


def months_in(folder: Path) -> tuple[Path, Path]:
    """The first two months of a folder."""
    files = sorted(folder.glob("*.csv"))
    if len(files) < 2:  # noqa: PLR2004
        sys.exit(f"{folder}: two months are needed; see `python -m benchmarks.month -h`.")
    return files[0], files[1]


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.month", description=__doc__)
    parser.add_argument("folder", type=Path, help="two months of a made country")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--python", help="Python of the peers; default: the newest found")
    parser.add_argument("--write", action="store_true", help=f"keep the page {PAGE.name}")
    asked = parser.parse_args()
    peer = environment("month", pick_python(asked.python))
    files = months_in(asked.folder)
    with tempfile.TemporaryDirectory() as folder:
        contest = Contest(files, Path(folder), peer)
        for name in LABELS:
            found = contest.run(name)
            print(f"warm: {name} {found.cpu:.1f} s, {found.peak:.0f} MiB", file=sys.stderr)
        # In a process of its own: a child's peak memory begins with what its parent holds.
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:
            other = apart.submit(contest.compare).result()
        if any(count for found in other.values() for count in found.values()):
            sys.exit(f"rows differ, so nothing is told: {other}")
        runs: dict[str, list[Run]] = {name: [] for name in LABELS}
        for number in range(asked.rounds):
            for name in LABELS if number % 2 == 0 else reversed(LABELS):
                runs[name].append(contest.run(name))
                print(f"round {number + 1}: {name} {runs[name][-1].cpu:.1f} s", file=sys.stderr)
    text = page(runs, asked, files[1], peer)
    print(text)
    if asked.write:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
