"""paycanary side by side with its peers, each in an environment of its own below ``benchmarks/.envs/``.

    python benchmarks/run.py [--market DIR] [--only cold warm size market] [--pairs 15] [--python PATH] [--write]

Commands are run in turn, A B C, then C B A, and so on, so that whatever else the machine does falls on all alike. A ratio
is the median of the rounds' own ratios. Time and peak memory come from ``os.wait4``, the kernel's account of that one
process; ``hyperfine`` times a command's runs in a row, not against each other, and knows no memory.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "benchmarks"
ENVS = HERE / ".envs"
SECTIONS = ("cold", "warm", "size", "market")
PEERS = {"dartlab": ["dartlab"], "edgartools": ["edgartools"], "pandas": ["pandas", "pyarrow"]}
CANDIDATES = ("python3.14", "python3.13", "python3.12")
MIB = 1 << 20


# --- measuring -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """One process: seconds on the clock, seconds of CPU, peak memory in MiB."""

    wall: float
    cpu: float
    peak: float


def measure(command: list[str], env: dict[str, str]) -> Run:
    """Run a command and read the kernel's account of it.

    Raises:
        RuntimeError: it failed.
    """
    with tempfile.TemporaryFile() as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=env
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            last = log.read().decode(errors="replace").strip().splitlines()[-1:]
            raise RuntimeError(f"exit {process.returncode}: {' '.join(last)}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / MIB)


def compare(
    commands: dict[str, list[str]], env: dict[str, str], rounds: int
) -> tuple[dict[str, list[Run]], dict[str, str]]:
    """Measure commands in turn; those that fail their first run are left out, with why."""
    failed = {}
    for name, command in commands.items():
        try:
            measure(command, env)  # also fills the caches of files and bytecode
        except RuntimeError as error:
            failed[name] = str(error)
    left = [name for name in commands if name not in failed]
    runs: dict[str, list[Run]] = {name: [] for name in left}
    for number in range(rounds):
        for name in left if number % 2 == 0 else reversed(left):
            runs[name].append(measure(commands[name], env))
    return runs, failed


# --- environments --------------------------------------------------------------------------------


def pick_python(given: str | None) -> str:
    """Choose one Python for all environments: dartlab needs 3.12, so the newest found; else this one."""
    for candidate in [given] if given else CANDIDATES:
        try:
            asked = subprocess.run(
                [candidate, "-c", "import venv"], capture_output=True, check=False
            )
        except OSError:
            continue
        if asked.returncode == 0:
            return str(candidate)
    if given:
        sys.exit(f"--python {given}: does not run.")
    return sys.executable


@cache
def environment(name: str, python: str) -> Path:
    """Make the environment of a peer (kept between calls), or that of paycanary (made anew); returns its folder."""
    folder = ENVS / name
    stamp = folder / ".complete"
    version = subprocess.run([python, "-V"], capture_output=True, text=True, check=True).stdout
    if name != "paycanary" and stamp.exists() and stamp.read_text() == version:
        return folder
    print(f"making {folder.relative_to(ROOT)}", file=sys.stderr)
    subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
    pip = [
        str(folder / "bin" / "python"),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "-q",
    ]
    if name == "paycanary":
        with tempfile.TemporaryDirectory() as scratch:
            subprocess.run(
                [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "-q", "--no-deps",
                 "--no-build-isolation", "-w", scratch, ROOT],
                check=True,
            )  # fmt: skip
            lock = (ROOT / "requirements" / "base.lock").read_text(encoding="utf-8")
            pins = Path(scratch) / "pins.txt"
            pins.write_text("\n".join(re.findall(r"^[a-z0-9-]+==[\w.]+", lock, re.MULTILINE)))
            subprocess.run([*pip, "-c", pins, *Path(scratch).glob("*.whl")], check=True)
    else:
        subprocess.run([*pip, *PEERS[name]], check=True)
    stamp.write_text(version)
    return folder


def attempt(name: str, python: str) -> tuple[Path | None, str]:
    """Make an environment, or say why it cannot be had."""
    try:
        return environment(name, python), ""
    except subprocess.CalledProcessError as error:
        return None, f"cannot be installed here (exit {error.returncode})"


def about() -> str:
    """The day, this Python and this machine, as a page of results begins."""
    return f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"


def versions(folder: Path, *packages: str) -> str:
    """Name packages with their versions."""
    ask = "import sys; from importlib.metadata import version; print(*(f'{p} {version(p)}' for p in sys.argv[1:]), sep=', ')"
    return subprocess.run(
        [folder / "bin" / "python", "-c", ask, *packages],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def installed_bytes(folder: Path) -> tuple[int, int]:
    """Bytes of site-packages without pip and setuptools and without bytecode; number of distributions."""
    site = next(folder.glob("lib/python*/site-packages"))
    tools = re.compile(r"(?:pip|setuptools|pkg_resources|_distutils_hack|distutils-precedence)\b")
    total = sum(
        path.stat().st_size
        for path in site.rglob("*")
        if path.is_file()
        and path.suffix != ".pyc"
        and not tools.match(path.relative_to(site).parts[0])
    )
    return total, sum(1 for path in site.glob("*.dist-info") if not tools.match(path.name))


# --- sections ------------------------------------------------------------------------------------


def table(head: list[str], rows: list[list[str]]) -> str:
    """Draw a Markdown table."""
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


def run_rows(runs: dict[str, list[Run]], failed: dict[str, str], labels: dict[str, str]) -> str:
    """Draw runs against the first command's."""
    base = next(iter(labels))
    rows = []
    for name, label in labels.items():
        if name in failed:
            rows.append([label, f"not measured: {failed[name]}", "", "", ""])
            continue
        walls = [run.wall for run in runs[name]]
        ratio = statistics.median(
            run.wall / other.wall for run, other in zip(runs[name], runs.get(base, []), strict=False)
        ) if base in runs else float("nan")  # fmt: skip
        rows.append(
            [
                label,
                f"{statistics.median(walls):.3f} s ({min(walls):.3f} to {max(walls):.3f})",
                f"{ratio:.2f}",
                f"{statistics.median(run.cpu for run in runs[name]):.3f} s",
                f"{statistics.median(run.peak for run in runs[name]):.0f} MiB",
            ]
        )
    head = [
        "command",
        "median time (fastest to slowest)",
        "ratio to the first",
        "CPU",
        "peak memory",
    ]
    return table(head, rows)


def cold(python: str, pairs: int, env: dict[str, str]) -> str:
    """Measure a whole question against merely importing a peer."""
    own = environment("paycanary", python)
    commands = {"paycanary": [str(own / "bin" / "paycanary"), "check", "삼부토건"]}
    labels = {"paycanary": f"`paycanary check 삼부토건` ({versions(own, 'paycanary')})"}
    failed = {}
    for name, module in (("dartlab", "dartlab"), ("edgartools", "edgar")):
        folder, why = attempt(name, python)
        labels[name] = f'`python -c "import {module}"`'
        if folder is None:
            failed[name] = why
        else:
            labels[name] += f" ({versions(folder, name)})"
            commands[name] = [str(folder / "bin" / "python"), "-c", f"import {module}"]
    labels["python"] = '`python -c "pass"`'
    commands["python"] = [str(own / "bin" / "python"), "-c", "pass"]
    runs, broken = compare(commands, env, pairs)
    return (
        f"## A question as a whole process, {pairs} rounds\n\nThe sample's company, everything printed, against only "
        f"importing each peer.\n\n{run_rows(runs, failed | broken, labels)}\n"
    )


def warm(python: str, env: dict[str, str]) -> str:
    """Measure verdicts within one process, and its memory."""
    own = environment("paycanary", python)
    asked = subprocess.run(
        [own / "bin" / "python", HERE / "warm.py"],
        capture_output=True,
        text=True,
        check=True,
        env=env,
    )
    found = json.loads(asked.stdout)
    rows = [
        ["first verdict, imports and opening the data included", f"{found['first_ms']:.0f} ms"],
        ["each further verdict, median", f"{found['median_ms']:.1f} ms"],
        ["each further verdict, 95th percentile", f"{found['p95_ms']:.1f} ms"],
        ["memory of bare Python", f"{found['rss_python_mib']:.0f} MiB"],
        ["memory once imported", f"{found['rss_imported_mib']:.0f} MiB"],
        ["memory after all verdicts", f"{found['rss_answered_mib']:.0f} MiB"],
    ]
    return f"## Verdicts within one process: {found['verdicts']} on {found['companies']} companies\n\n{table(['what', 'measured'], rows)}\n"


def size(python: str) -> str:
    """Measure what an installation takes on the disk."""
    rows = []
    for name in ("paycanary", "dartlab", "edgartools"):
        folder, why = attempt(name, python)
        if folder is None:
            rows.append([name, f"not measured: {why}", ""])
            continue
        total, packages = installed_bytes(folder)
        rows.append([versions(folder, name), f"{total / MIB:.0f} MiB", str(packages)])
    head = [
        "installed with `pip install`",
        "site-packages without pip, setuptools, bytecode",
        "distributions",
    ]
    return f"## On the disk\n\n{table(head, rows)}\n"


def market(python: str, folder: Path, pairs: int, env: dict[str, str]) -> str:
    """Measure taking in the market's files against a pandas script that makes the same tables."""
    own, peer = environment("paycanary", python), environment("pandas", python)
    with tempfile.TemporaryDirectory() as scratch:
        # A fresh home a run: a second refresh of the same files would find nothing new to store.
        refresh = 'home=$(mktemp -d "$1/home.XXXXXX") && PAYCANARY_HOME="$home" "$2" refresh dart --from "$3" --json && rm -rf "$home"'
        commands = {
            "paycanary": ["sh", "-c", refresh, "sh", scratch, str(own / "bin" / "paycanary"), str(folder)],
            "pandas": [str(peer / "bin" / "python"), str(HERE / "pandas_market.py"), str(folder), f"{scratch}/pandas"],
        }  # fmt: skip
        labels = {
            "paycanary": "`paycanary refresh dart`: with reasons for rejected rows, digests, names, links, one atomic commit",
            "pandas": f"`pandas_market.py` ({versions(peer, 'pandas', 'pyarrow')}): the tables only",
        }
        runs, failed = compare(commands, env, pairs)
        counts = [
            json.loads(subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout)
            for command in commands.values()
        ]  # fmt: skip
    added, tables = counts[0]["added"], counts[1]
    rows = [[name, f"{added[name]:,}", f"{count:,}"] for name, count in tables.items()]
    return (
        f"## Taking in six files of the whole market, {pairs} rounds\n\n{run_rows(runs, failed, labels)}\n\n"
        "Memory of a command run by a shell is its largest child's. Rows that came out, so that the work is seen to be "
        f"the same:\n\n{table(['table', 'paycanary', 'pandas'], rows)}\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="paycanary side by side with its peers")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--market", type=Path, help="folder with the six OpenDART Parquet files")
    parser.add_argument(
        "--pairs", type=int, default=15, help="rounds of each comparison (a third for the market)"
    )
    parser.add_argument("--python", help="Python for all environments; default: the newest found")
    parser.add_argument(
        "--write", action="store_true", help="keep the tables in benchmarks/results.md"
    )
    args = parser.parse_args()
    python = pick_python(args.python)
    about = subprocess.run(
        [python, "-V"], capture_output=True, text=True, check=True
    ).stdout.strip()
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    parts = [
        "# Measured\n\n<!-- Written by `make bench BENCH=--write`. -->\n",
        f"{datetime.now(UTC):%Y-%m-%d}, {about}, {machine}. How, and what is compared: [README](README.md).\n",
    ]
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "HOME": home, "PAYCANARY_HOME": f"{home}/none", "LC_ALL": "C.UTF-8"}
        for section in args.only:
            if section == "cold":
                parts.append(cold(python, args.pairs, env))
            elif section == "warm":
                parts.append(warm(python, env))
            elif section == "size":
                parts.append(size(python))
            elif args.market:
                parts.append(market(python, args.market, max(3, args.pairs // 3), env))
            else:
                print("market: left out; give --market DIR", file=sys.stderr)
    text = "\n".join(parts)
    print(text)
    if args.write:
        (HERE / "results.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
