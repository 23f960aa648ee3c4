"""The code of ``paycanary forecast benchmark`` on public sets of failed companies, beside CatBoost and LightGBM with their defaults.

    python -m benchmarks.failures [DATA/failures] [--only slovak polish] [--draws 200] [--write]

All tell identical rows from identical rows, by one run; the peers stand in an environment of their own (see README). What the two sets
are worth is said in their sections. ``--write`` keeps each section in ``benchmarks/failures.md``.
"""

from __future__ import annotations

import argparse
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
import numpy as np
from scipy.io import arff

from benchmarks.run import HERE, PEERS, environment, pick_python, table, versions
from paycanary.forecast import benchmark, labelled, traps
from paycanary.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from paycanary.documents.benchmark import Benchmark
    from paycanary.documents.forecast import Evaluated
    from paycanary.models import Estimated

    Array = np.ndarray[Any, Any]

PEERS |= {"failures": ["lightgbm", "scikit-learn", "catboost"]}
NAMES: Final = ("CatBoost", "LightGBM")
KEPT: Final = HERE / "failures.md"
MEASURES: Final = {
    "auc": "AUC", "average_precision": "average precision", "recall_at_5_percent": "recall, 5 % flagged", "brier_skill": "Brier skill",
    "calibration_error": "calibration error",
}  # fmt: skip
QUESTIONS: Final = {
    "later_companies": "Later years, companies never taught",
    "later": "Later years, companies may recur",
    "companies": "Five folds, companies never taught",
}
#: Slovak: ratios of a year, and how many of them must be known and not 0 to tell a company by.
RATIOS: Final = 21
LEAST_RATIOS: Final = 8
#: Polish: sales, and total sales, to assets.
SAME: Final = ("Attr9", "Attr36")


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the peers run, and how often companies are drawn."""

    python: Path
    scratch: Path
    draws: int

    def judge(self, path: Path, label: str, group: str | None = None, time_column: str | None = None) -> str:  # fmt: skip
        """Ours and the peers on one table, as Markdown."""
        began = time.process_time()
        read = labelled.read(path, label, group, time_column)
        report = benchmark.benchmark(read, (label, group, time_column), SILENT, self.draws)
        seconds = {"paycanary": time.process_time() - began}
        for one in report.results:
            print(f"{path.stem}, {one.question}: {' | '.join(cells(one))}", file=sys.stderr)
        rows, _ = benchmark.inspect(read)
        parts = [said(report)]
        for question, given in benchmark.questions(rows).items():
            splits = list(given)
            (own,) = [found for found in report.results if found.question == question]
            found = {f"paycanary ({chosen(report, question)})": own}
            for name in NAMES:
                p, seconds[name] = self.peer(name, read, splits, seconds.get(name, 0.0))
                print(f"{path.stem}, {question}: {name} fitted", file=sys.stderr)
                found[f"{name}, defaults"] = benchmark.judged(rows, question, splits, p, name=name, draws=self.draws)  # fmt: skip
            parts.append(
                f"{QUESTIONS[question]}: {own.rows:,} rows, {own.failed_rows:,} failed ({own.failed_companies:,} companies), base rate {own.base_rate:.2%}.\n\n"
                + table(["model", *MEASURES.values()], [[name, *cells(one)] for name, one in found.items()])
            )  # fmt: skip
        parts.append(f"CPU: {', '.join(f'{name} {spent:,.0f} s' for name, spent in seconds.items())}; ours tries six models within the rows that teach, and counts the intervals.")  # fmt: skip
        return "\n\n".join(parts)

    def peer(self, name: str, read: labelled.Labelled, splits: list[Any], before: float) -> tuple[Array, float]:  # fmt: skip
        """Probabilities of a peer, and its seconds of CPU so far."""
        given, out = self.scratch / "given.npz", self.scratch / "out.npz"
        np.savez(given, x=read.x, y=read.y, fit=[s.fit for s in splits], test=[s.test for s in splits])  # fmt: skip
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([self.python, HERE / "failures_peer.py", name, given, out], check=True)  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return np.load(out)["p"], before + after.ru_utime - spent.ru_utime


def chosen(report: Benchmark, question: str) -> str:
    """The models that were chosen, and how often."""
    return ", ".join(f"{c.model} {c.times}×" for c in report.choices if c.question == question)


def cells(found: Evaluated) -> Iterator[str]:
    """Measures with their intervals."""
    for name in MEASURES:
        at: Estimated = found.measures[name]
        yield f"{at.value:.3f} [{at.low:.3f}, {at.high:.3f}]"


def said(report: Benchmark) -> str:
    """What the table is, and what the command says is wrong with it."""
    notes = [f"{trap.kind} {trap.rows:,}" for trap in report.traps if trap.rows is not None]
    notes += [f"{' = '.join(trap.columns)} in {trap.failed:.0%} of failed and {trap.others:.0%} of other rows" for trap in report.traps if trap.kind == "equal_columns"]  # fmt: skip
    return (
        f"{report.rows:,} rows, {report.failed_rows:,} failed, {report.companies:,} companies ({report.failed_companies:,} failed), {len(report.features)} features. "
        f"Told of the table: {'; '.join(notes) or 'nothing'}."
    )


# --- Slovak --------------------------------------------------------------------------------------


def slovak_table(folder: Path, path: Path) -> None:
    """Write all years and industries as one table, each row with its company.

    A row has the ratios of three years, the oldest first; the files name no company. Rows whose ratios of the same year are equal
    are one company's.
    """
    con = duckdb.connect()
    con.execute(
        r"""
        CREATE TABLE rows AS SELECT row_number() OVER () - 1 AS row, * FROM (
            SELECT COLUMNS('V\d+'), CAST(NOT contains(filename, 'nonbankrupt') AS INTEGER) AS failed,
                2000 + CAST(regexp_extract(filename, '_(\d\d)_year', 1) AS INTEGER) AS year,
                regexp_extract(filename, 'bankrupt_([a-z]+)_', 1) AS industry
            FROM read_csv(?, delim = ';', header = true, decimal_separator = ',', nullstr = ['NA', ''], filename = true)
            ORDER BY filename
        )
        """,
        [str(folder / "*.csv")],
    )
    found = con.execute("SELECT * REPLACE (hash(industry) % 1000 AS industry) FROM rows ORDER BY row").fetchnumpy()  # fmt: skip
    x = np.column_stack([np.ma.filled(found[f"V{n + 1}"].astype(float), np.nan) for n in range(3 * RATIOS)])  # fmt: skip
    company = slovak_companies(x, found["year"].astype(float), found["industry"].astype(float))
    links = {"row": np.arange(len(company)), "company": company}
    con.register("links", links)
    con.execute(f"COPY (SELECT * EXCLUDE (row) FROM rows JOIN links USING (row) ORDER BY row) TO '{path}' (FORMAT parquet)")  # fmt: skip


def slovak_companies(x: Array, year: Array, industry: Array) -> Array:
    """The company of each row: rows of an industry that agree on all ratios of one year."""
    rows = len(x)
    blocks = np.concatenate([
        np.column_stack([x[:, RATIOS * n : RATIOS * (n + 1)], year - 3 + n, industry]) for n in range(3)
    ])  # fmt: skip
    number = traps.duplicates(blocks)
    clear = (np.nan_to_num(blocks[:, :RATIOS]) != 0).sum(axis=1) >= LEAST_RATIOS
    _, first, inverse = np.unique(number[clear], return_index=True, return_inverse=True)
    at = np.flatnonzero(clear) % rows
    return traps.joined(np.arange(rows), pairs=np.column_stack([at[first[inverse]], at]))


def slovak(bench: Bench, folder: Path) -> str:
    """Later years, company-disjoint first."""
    path = bench.scratch / "slovak.parquet"
    slovak_table(folder / "slovak", path)
    ((again,),) = duckdb.execute(
        f"SELECT avg(CAST(EXISTS (FROM '{path}' b WHERE b.company = a.company AND b.year < a.year) AS INTEGER)) FROM '{path}' a WHERE year > 2013"
    ).fetchall()
    return (
        f"Small and medium companies in four industries, evaluation years 2013 to 2016. {again:.0%} of the rows after 2013 are of a "
        "company that is there in an earlier year (found by equal ratios), so the first figures below are those of companies that "
        f"taught nothing.\n\n{bench.judge(path, 'failed', 'company', 'year')}"
    )


# --- Polish --------------------------------------------------------------------------------------


def polish_table(folder: Path, horizon: int, path: Path, change: str = "*") -> None:
    """Write one horizon of the set, with columns changed by SQL."""
    con = duckdb.connect()
    if horizon == 3:  # noqa: PLR2004 - the one that is CSV
        con.execute("CREATE TABLE rows AS FROM read_csv(?)", [str(folder / "3year_*.csv")])
    else:
        data, _ = arff.loadarff(folder / f"{horizon}year.arff")
        columns = {name: data[name].astype(float) for name in data.dtype.names}
        con.register("given", columns)
        # ARFF's "?" comes as NaN.
        con.execute("CREATE TABLE rows AS SELECT nullif(COLUMNS(*), 'nan'::DOUBLE) FROM given")
    con.execute(f"COPY (SELECT {change} FROM rows) TO '{path}' (FORMAT parquet)")


def polish(bench: Bench, folder: Path) -> str:
    """The horizon of a year, and what two columns do to it."""
    a, b = SAME
    warning = (
        "No company, no date, failures picked out: a smoke test and no skill. Calibration here is that of the sample's own share of failures "
        "and no company's probability. Failing and other rows come from different places: columns that are equal by definition "
        f"are so far more often in one kind of rows ({a} and {b} are both sales to assets)."
    )
    changes = {
        "As it comes": "*",
        f"Without {a} and {b}": f"* EXCLUDE ({a}, {b})",
        f"With {a} - {b} as a column: the artefact in the open": f"*, {a} - {b} AS difference",
    }
    parts = [warning]
    for title, change in changes.items():
        path = bench.scratch / f"polish{len(parts)}.parquet"
        polish_table(folder / "polish", 5, path, change)
        parts.append(f"### {title}\n\n{bench.judge(path, 'class')}")
    return "\n\n".join(parts)


def polish_farther(bench: Bench, folder: Path) -> str:
    """The longer horizons as they come."""
    parts = ["The same warnings hold."]
    for horizon, years in ((3, 3), (1, 5)):
        path = bench.scratch / f"polish{horizon}.parquet"
        polish_table(folder / "polish", horizon, path)
        parts.append(f"### Failed within {years} years\n\n{bench.judge(path, 'class')}")
    return "\n\n".join(parts)


SECTIONS: Final[dict[str, tuple[str, Callable[[Bench, Path], str]]]] = {
    "slovak": ("Slovak companies, 2013 to 2016", slovak),
    "polish": ("Polish companies, failed within a year", polish),
    "polish-farther": ("Polish companies, farther ahead", polish_farther),
}


def about(folder: Path) -> str:
    """When, where and with which versions."""
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.system()} {platform.machine()}, one thread each; "
        f"scikit-learn {version('scikit-learn')}, {versions(folder, 'catboost', 'lightgbm')}."
    )


def keep(name: str, text: str) -> None:
    """Put a section in its place in the page."""
    page = KEPT.read_text(encoding="utf-8")
    pattern = re.compile(f"<!-- {name} -->.*?(?=\n<!-- |\\Z)", re.DOTALL)
    KEPT.write_text(
        pattern.sub(lambda _: f"<!-- {name} -->\n{text.strip()}\n", page), encoding="utf-8"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Failed companies, told by ours and its peers")
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/data/failures"))
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--write", action="store_true", help="keep the sections in failures.md")
    args = parser.parse_args()
    peers = environment("failures", pick_python(None))
    for name in args.only:
        with tempfile.TemporaryDirectory() as scratch:
            bench = Bench(peers / "bin" / "python", Path(scratch), args.draws)
            title, section = SECTIONS[name]
            text = f"## {title}\n\n{about(peers)}\n\n{section(bench, args.folder)}"
        print(text)
        if args.write:
            keep(name, text)


if __name__ == "__main__":
    main()
