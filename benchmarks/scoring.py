"""What a forecast costs: one probability beside ONNX Runtime, Treelite and scikit-learn; the whole market; a cold ``check``.

    python -m benchmarks.scoring [--home DIR] [--rounds 7] [--before REV] [--only one market check] [--python PATH] [--write]

Libraries stand in environments of their own and load the shipped scorecard, or boosted stumps of the same features, in their own
form. Companies are made up from the scorecard's knots. ``--home`` is a ``PAYCANARY_HOME`` with a whole market; else the sample.
``--before`` is the commit that `check` is compared with. ``--write`` keeps the sections in ``benchmarks/scoring.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.run import (
    ENVS,
    HERE,
    MIB,
    PEERS,
    ROOT,
    Run,
    attempt,
    compare,
    environment,
    pick_python,
    run_rows,
    table,
    versions,
)
from paycanary.forecast.scorecard import Scorecard, shipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PEERS |= {
    "scoring-make": ["onnx", "tl2cgen", "scikit-learn", "pyyaml"],
    "scoring-sklearn": ["scikit-learn"],
    "scoring-onnx": ["onnxruntime"],
    "scoring-treelite": ["treelite"],
    "scoring-tl2cgen": ["tl2cgen"],
}
#: Companies: the whole market, and those that teach the stumps.
MARKET: Final = 2500
MADE: Final = 5000
UNKNOWN: Final = 0.1
EQUAL: Final = 1e-5
KEPT: Final = HERE / "scoring.md"
#: A listed company of the sample with a forecast, and a day on which it has one.
ASKED: Final = ("삼부토건", date(2022, 12, 31))
DAY: Final = date(2024, 12, 31)
#: A home without a lake: the sample is asked.
NONE: Final = Path(tempfile.gettempdir(), "none")


@dataclass(frozen=True, slots=True)
class Way:
    """A way to tell a probability: the environment it stands in, what it is, and the way that must tell the same."""

    environment: str
    label: str
    same: str


WAYS: Final = {
    "card": Way("paycanary", "paycanary: the scorecard, plain Python", "card"),
    "signed": Way("scoring-sklearn", "the scorecard: `SignedLogistic` and `Platt` (NumPy, SciPy, scikit-learn)", "card"),
    "onnx-card": Way("scoring-onnx", "the scorecard: ONNX Runtime", "card"),
    "onnx-stumps": Way("scoring-onnx", "stumps: ONNX Runtime", "boosted"),
    "treelite": Way("scoring-treelite", "stumps: Treelite (GTIL)", "boosted"),
    "tl2cgen": Way("scoring-tl2cgen", "stumps: tl2cgen, compiled by gcc", "boosted"),
    "boosted": Way("scoring-sklearn", "stumps: scikit-learn itself", "boosted"),
}  # fmt: skip


# --- one company ---------------------------------------------------------------------------------


def made_up(card: Scorecard) -> list[dict[str, float]]:
    """Companies whose figures lie on or between the knots, each unknown at times; always the same."""
    rng = random.Random(1)  # noqa: S311
    rows = []
    for _ in range(MADE):
        row = {}
        for name, term in card.terms_by_name.items():
            at, share = rng.randrange(len(term.knots) - 1), rng.choice((0.0, rng.random()))
            if rng.random() >= UNKNOWN:
                row[name] = term.knots[at] + share * (term.knots[at + 1] - term.knots[at])
        rows.append(row)
    return rows


def one(python: str, rounds: int) -> str:
    """Measure every way in processes of its own, in turn."""
    card = Scorecard.parse(shipped())
    rows = made_up(card)
    folders = {name: environment(name, python) for name in sorted({w.environment for w in WAYS.values()} | {"scoring-make"})}  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "card.json").write_text(shipped(), encoding="utf-8")
        (folder / "rows.json").write_text(json.dumps(rows[:MARKET]), encoding="utf-8")
        (folder / "others.json").write_text(json.dumps(rows[MARKET:]), encoding="utf-8")
        peer(folders["scoring-make"], "make", scratch, ours=True)
        runs: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
        for number in range(rounds + 1):
            for way in WAYS if number % 2 == 0 else reversed(WAYS):
                found = json.loads(peer(folders[WAYS[way].environment], way, scratch, ours=WAYS[way].environment == "scoring-sklearn"))  # fmt: skip
                if number:  # the first fills the caches of files and bytecode
                    runs[way].append(found)
    differences = {way: differs(runs, way) for way in WAYS}
    if max(differences.values()) > EQUAL:
        sys.exit(f"other probabilities: {differences}")
    ours = runs["card"]
    drawn = [
        [
            WAYS[way].label,
            *(cell([r[what] for r in found], [r[what] for r in ours], scale, unit) for what, scale, unit in (("load", 1e3, "ms"), ("one", 1e6, "µs"), ("market", 1e3, "ms"))),
            f"{statistics.median(r['market'] for r in found) / MARKET * 1e6:.1f} µs",
            f"{statistics.median(r['rss'] for r in found):.0f} MiB",
            ", ".join(found[0]["modules"]) or "none of them",
        ]
        for way, found in runs.items()
    ]  # fmt: skip
    head = ["", "import and load, fresh process", "one company", f"{MARKET:,} at once", "a company of them", "memory once loaded", "imports numpy, pandas, scipy, sklearn"]  # fmt: skip
    worst = max(r["p99"] for r in ours) * 1e6
    return (
        f"## One company, {rounds} rounds\n\nMedian (least to most) of the rounds, and in brackets how often ours: the median of the rounds' own ratios. "
        f"Bare Python holds {ours[0]['bare']:.0f} MiB. Of single companies by the scorecard 99 in 100 took at most {worst:.0f} µs in the worst round. "
        f"Largest difference of probabilities to paycanary's: ONNX {differences['onnx-card']:.0e}, `SignedLogistic` {differences['signed']:.0e}; "
        f"to scikit-learn's stumps: ONNX {differences['onnx-stumps']:.0e} (its trees add doubles and give floats), Treelite {differences['treelite']:.0e}.\n\n"
        f"{table(head, drawn)}\n\n### On the disk\n\n{installed(folders)}"
    )


def differs(runs: dict[str, list[dict[str, Any]]], way: str) -> float:
    """The largest difference to the way that must tell the same."""
    pairs = zip(runs[way][0]["p"], runs[WAYS[way].same][0]["p"], strict=True)
    return max(abs(float(p) - float(q)) for p, q in pairs)


def cell(found: list[float], ours: list[float], scale: float, unit: str) -> str:
    """Median, least, most, and the ratio to ours."""
    ratio = statistics.median(a / b for a, b in zip(found, ours, strict=True))
    low, middle, high = (at * scale for at in (min(found), statistics.median(found), max(found)))
    digits = 1 if middle < 100 else 0  # noqa: PLR2004
    times = f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"  # noqa: PLR2004
    return f"{middle:,.{digits}f} {unit} ({low:,.{digits}f} to {high:,.{digits}f}) [{times}]"


def installed(folders: dict[str, Path]) -> str:
    """Draw what each library needs beside the base install, and its licences."""
    lock = (ROOT / "requirements" / "base.lock").read_text(encoding="utf-8")
    base = [*re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE), "paycanary"]
    rows = [["the scorecard", f"0 ({len(shipped().encode()) / 1024:.0f} KiB of JSON in the wheel)", ""]]  # fmt: skip
    for name in sorted(PEERS.keys() & folders.keys()):
        found = json.loads(peer(folders[name], "size", *base))
        total = sum(d["bytes"] for d in found.values()) / MIB
        named = ", ".join(PEERS[name])
        rows.append([
            f"{named} (to convert the models; not to run them)" if name == "scoring-make" else named,
            f"{total:.0f} MiB",
            "; ".join(f"{d} {about['version']} {about['licence']}" for d, about in found.items()),
        ])  # fmt: skip
    return table(["", "beside the base install", "distributions and licences"], rows)


def peer(folder: Path, *args: str, ours: bool = False) -> str:
    """Run `scoring_peer` in an environment; ``ours``: with our code of this checkout."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    # One thread each: what is at hand is shared with other work, and a company is no work for two.
    env |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    env |= {"PYTHONPATH": str(ROOT / "src")} if ours else {}
    ran = subprocess.run([folder / "bin" / "python", "-P", HERE / "scoring_peer.py", *args], capture_output=True, text=True, check=False, env=env)  # fmt: skip
    if ran.returncode:
        sys.exit(f"scoring_peer {args[0]}: {ran.stderr[-2000:]}")
    return ran.stdout


# --- the whole market ----------------------------------------------------------------------------


def market(home: Path | None, rounds: int) -> str:
    """Ask about everyone, in turn with and without what the forecast needs beside."""
    env = {**os.environ, "PAYCANARY_HOME": str(home or NONE)}
    found = inside(sys.executable, env, "market", str(DAY), str(rounds))
    seconds = found["seconds"]
    added = [a + p - w for a, p, w in zip(seconds["beside"], seconds["probabilities"], seconds["without"], strict=True)]  # fmt: skip
    rows = [
        ["signals alone, `Engine(con)`", spread(seconds["without"])],
        ["signals and what is known beside, `Engine(con, beside_sql())`", spread(seconds["beside"])],
        [f"the probabilities of {found['told']:,} companies from that", spread(seconds["probabilities"])],
        ["**what the forecast adds**, per round", spread(added)],
        ["the rest of `screen`, the probabilities again included", spread(seconds["screen"])],
    ]  # fmt: skip
    lake = "the built-in sample" if found["sample"] else "a lake of the whole market"
    return f"## Everyone, as of {DAY}, {rounds} rounds in one process\n\n{found['companies']:,} companies with an answer, {lake}.\n\n{table(['', 'median (least to most)'], rows)}"  # fmt: skip


def inside(python: str | Path, env: dict[str, str], *args: str) -> dict[str, Any]:
    """What `scoring_inside` measures of itself."""
    ran = subprocess.run([python, HERE / "scoring_inside.py", *args], capture_output=True, text=True, check=False, env=env)  # fmt: skip
    if ran.returncode:
        sys.exit(f"scoring_inside {args[0]}: {ran.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def spread(seconds: list[float], scale: float = 1.0, unit: str = "s", digits: int = 2) -> str:
    low, middle, high = (at * scale for at in (min(seconds), statistics.median(seconds), max(seconds)))  # fmt: skip
    return f"{middle:.{digits}f} {unit} ({low:.{digits}f} to {high:.{digits}f})"


# --- a cold check --------------------------------------------------------------------------------


def check(python: str, rounds: int, before: str) -> str:
    """Compare whole processes with those of an earlier commit, and look where the time goes within one."""
    own, old = environment("paycanary", python), earlier(python, before)
    name, day = ASKED
    commands = {
        "now": [str(own / "bin" / "paycanary"), "check", name, "--as-of", str(day)],
        "before": [str(old / "bin" / "paycanary"), "check", name, "--as-of", str(day)],
        "import": [str(own / "bin" / "python"), "-c", "import paycanary.cli.main"],
        "python": [str(own / "bin" / "python"), "-c", "pass"],
    }
    labels = {
        "now": f"`paycanary check {name} --as-of {day}`",
        "before": f"the same at {before}, without a forecast",
        "import": '`python -c "import paycanary.cli.main"`',
        "python": '`python -c "pass"`',
    }
    missing = {}
    for package, module in (("edgartools", "edgar"), ("dartlab", "dartlab")):
        folder, why = attempt(package, python)
        labels[package] = (
            f'`python -c "import {module}"` ({versions(folder, package) if folder else package})'
        )
        if folder:
            commands[package] = [str(folder / "bin" / "python"), "-c", f"import {module}"]
        else:
            missing[package] = why
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    env |= {"PAYCANARY_HOME": str(NONE), "LC_ALL": "C.UTF-8"}
    runs, failed = compare(commands, env, rounds)
    added = [a.wall - b.wall for a, b in zip(runs["now"], runs["before"], strict=True)]
    work = [a.cpu - b.cpu for a, b in zip(runs["now"], runs["before"], strict=True)]
    split = [inside(own / "bin" / "python", env, "check", name, str(day)) for _ in range(rounds)]
    return (
        f"## A cold `check`, {rounds} rounds in turn\n\n{run_rows(runs, missing | failed, labels)}\n\n"
        f"Now less before, of the rounds: **{spread(added, 1e3, 'ms', 0)}** on the clock, {spread(work, 1e3, 'ms', 0)} of CPU; peak memory "
        f"{peaks(runs['now']) - peaks(runs['before']):.0f} MiB more. Before and now differ by more than the forecast. "
        "No process is told to hold less than this one that starts it.\n\n"
        f"Within such a process, {rounds} of them, on the clock; of numpy, pandas, pyarrow, scipy, sklearn, joblib, mlflow and threadpoolctl they import "
        f"{', '.join(split[0]['heavy']) or 'none'}:\n\n{table(['', 'median (least to most)'], list(parts(split)))}"
    )


def parts(split: list[dict[str, Any]]) -> Iterator[list[str]]:
    """Rows of where the forecast's time goes."""
    said = {
        "text": "the text of `beside_sql()`, read and put together",
        "beside": "its statement, the first time",
        "nothing": "the same with nothing to ask beside (what was there before)",
        "telling": "the words: scorecard read, probability, reasons, quality",
        "again": "the statement again, warm",
        "parsing": "of that: parsing",
        "binding": "of that: binding names and types",
        "optimizing": "of that: the optimiser",
        "operators": "of that: its operators, summed over threads",
        "whole": "the verdict in all, opening the data included",
    }
    for what, label in said.items():
        yield [label, spread([found[what] for found in split], 1e3, "ms", 1)]
    yield ["statement and words, of the verdict in all", f"{statistics.median((f['text'] + f['beside'] + f['telling'] - f['nothing']) / f['whole'] for f in split):.0%}"]  # fmt: skip


def peaks(runs: list[Run]) -> float:
    return statistics.median(run.peak for run in runs)


def earlier(python: str, commit: str) -> Path:
    """An environment with paycanary of an earlier commit, on the dependencies of now."""
    folder = ENVS / f"paycanary-{commit}"
    if (folder / ".complete").exists():
        return folder
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        with tarfile.open(fileobj=BytesIO(archive)) as files:
            files.extractall(scratch, filter="data")
        subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", f"{scratch}/wheels", scratch], check=True)  # fmt: skip
        subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
        lock = (ROOT / "requirements" / "base.lock").read_text(encoding="utf-8")
        pins = Path(scratch, "pins.txt")
        pins.write_text("\n".join(re.findall(r"^[a-z0-9-]+==[\w.]+", lock, re.MULTILINE)))
        subprocess.run([folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install", "-q", "-c", pins, *Path(scratch, "wheels").glob("*.whl")], check=True)  # fmt: skip
    (folder / ".complete").touch()
    return folder


# --- the page ------------------------------------------------------------------------------------


def keep(name: str, text: str) -> None:
    """Put a section in its place in the page."""
    page = KEPT.read_text(encoding="utf-8")
    pattern = re.compile(f"<!-- {name} -->.*?(?=\n<!-- |\\Z)", re.DOTALL)
    KEPT.write_text(
        pattern.sub(lambda _: f"<!-- {name} -->\n{text.strip()}\n", page), encoding="utf-8"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="What a forecast costs, beside other ways to score")  # fmt: skip
    parser.add_argument("--home", type=Path, help="PAYCANARY_HOME with a market; else the sample")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--before", default="6f0a163", help="commit without a forecast")
    parser.add_argument("--only", nargs="+", choices=("one", "market", "check"), default=["one", "market", "check"])  # fmt: skip
    parser.add_argument("--python", help="Python for all environments; default: the newest found")
    parser.add_argument("--write", action="store_true", help="keep the sections in scoring.md")
    args = parser.parse_args()
    python = pick_python(args.python)
    sections: dict[str, Callable[[], str]] = {
        "one": lambda: one(python, args.rounds),
        "market": lambda: market(args.home, args.rounds),
        "check": lambda: check(python, args.rounds, args.before),
    }
    version = subprocess.run([python, "-V"], capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
    for name in args.only:
        text = sections[name]()
        about = f"{datetime.now(UTC):%Y-%m-%d}, {version if name != 'market' else f'Python {platform.python_version()}'}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores shared with other work (load {os.getloadavg()[0]:.0f}), so absolute times are high."  # fmt: skip
        head, _, rest = text.partition("\n\n")
        text = f"{head}\n\n{about}\n\n{rest}"
        print(text)
        if args.write:
            keep(name, text)


if __name__ == "__main__":
    main()
