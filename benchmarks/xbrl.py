"""CPU seconds of our XBRL readers beside their peers', in turn, on the same files.

    python benchmarks/xbrl.py DATA/filings [--rounds 5]

Each peer stands in an environment of its own (see README). A process reads one file to warm up, then all of them; imports do
not count. A peer that fails on the files is told with its error.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

from run import HERE, PEERS, attempt, pick_python, table

PEERS |= {
    "ixbrl-parse": ["ixbrl-parse"],
    "secxbrl": ["secxbrl", "selectolax<1"],
    "stream-read-xbrl": ["stream-read-xbrl"],
}


def once(python: str, reader: str, paths: list[Path]) -> tuple[int, float] | str:
    done = subprocess.run(
        [python, HERE / "xbrl_peer.py", reader, *paths], capture_output=True, text=True, check=False
    )
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["no message"])[-1][:120]
    facts, seconds, _ = done.stdout.split()
    return int(facts), float(seconds)


def section(title: str, readers: dict[str, str], paths: list[Path], rounds: int) -> str:
    results: dict[str, list[float]] = {name: [] for name in readers}
    facts: dict[str, int] = {}
    failed: dict[str, str] = {}
    for number in range(rounds):
        for name in list(readers) if number % 2 == 0 else list(reversed(readers)):
            found = once(readers[name], name, paths) if name not in failed else ""
            if isinstance(found, str):
                failed.setdefault(name, found)
            else:
                facts[name] = found[0]
                results[name].append(found[1])
    base = statistics.median(results["paycanary"])
    rows = [
        [name, failed[name], "", ""] if name in failed else
        [name, f"{statistics.median(results[name]) * 1000:.1f} ms", f"{statistics.median(results[name]) / base:.1f}", str(facts[name])]
        for name in readers
    ]  # fmt: skip
    return (
        f"### {title}\n\n{table(['reader', 'median CPU', 'times ours', 'facts or rows'], rows)}\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="XBRL readers side by side")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    python = pick_python(None)
    pythons = {"paycanary": sys.executable}
    for name in ("ixbrl-parse", "secxbrl", "stream-read-xbrl"):
        folder, why = attempt(name, python)
        pythons[name] = str(folder / "bin" / "python") if folder else why
    pythons["ixbrl-parse, values unread"] = pythons["ixbrl-parse"]
    pythons["stream-read-xbrl, parsing alone"] = pythons["stream-read-xbrl"]
    inline = ["paycanary", "ixbrl-parse", "ixbrl-parse, values unread", "secxbrl"]
    zips = ["paycanary", "stream-read-xbrl", "stream-read-xbrl, parsing alone"]
    us = sorted(
        path for path in (args.folder / "us" / "inline").glob("*.htm") if "aeon" not in path.name
    )
    uk = sorted((args.folder / "uk" / "flat").glob("Prod223_2911*.html"))
    daily = sorted((args.folder / "uk" / "daily_zips").glob("*.zip"))
    print(section("US inline XBRL", {name: pythons[name] for name in inline}, us, args.rounds))
    print(section("UK inline XBRL", {name: pythons[name] for name in inline}, uk, args.rounds))
    print(section("UK daily zips", {name: pythons[name] for name in zips}, daily, args.rounds))


if __name__ == "__main__":
    main()
