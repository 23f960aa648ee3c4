"""CPU seconds of our XBRL readers beside their peers', in turn, on the same files.

    python -m benchmarks.xbrl DATA/filings [--rounds 7] [--write]

Each peer stands in an environment of its own (see README). A process reads one file to warm up, then all of them once; imports
do not count. What a peer cannot read is found out first, and told; ``--write`` keeps all tables in ``benchmarks/README.md``.
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
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.run import HERE, PEERS, attempt, pick_python, table, versions
from benchmarks.xbrl_judge import with_schema

PEERS |= {
    "ixbrl-parse": ["ixbrl-parse"],
    "py-xbrl": ["py-xbrl"],
    "secxbrl": ["secxbrl", "selectolax<1"],
    "stream-read-xbrl": ["stream-read-xbrl"],
}
#: Readers of `xbrl_peer`, and the environment that each runs in; "" is this one.
READERS: Final = {
    "paycanary": "",
    "Arelle": "",
    "json": "",
    "ixbrl-parse": "ixbrl-parse",
    "ixbrl-parse, values unread": "ixbrl-parse",
    "secxbrl": "secxbrl",
    "py-xbrl": "py-xbrl",
    "edgartools, instances": "edgartools",
    "edgartools, companyfacts": "edgartools",
    "stream-read-xbrl": "stream-read-xbrl",
    "stream-read-xbrl, parsing alone": "stream-read-xbrl",
}
ABOUT: Final = {
    "paycanary": "paycanary",
    "Arelle": "Arelle, offline, no taxonomies",
    "json": "`json.loads` alone, no facts made",
    "ixbrl-parse": "ixbrl-parse, values read",
    "secxbrl": "secxbrl, numbers stay text",
    "py-xbrl": "py-xbrl, numbers as floats, a free stand-in for its taxonomies",
    "stream-read-xbrl": "stream-read-xbrl, 38 columns, rows",
    "stream-read-xbrl, parsing alone": "stream-read-xbrl, parsing alone, without its processes",
}
INLINE: Final = (
    "paycanary", "ixbrl-parse", "ixbrl-parse, values unread", "secxbrl", "py-xbrl", "Arelle",
)  # fmt: skip
#: Rounds of a reader that takes very long.
FEWER: Final = {"Arelle": 3}
MARKS: Final = ("<!-- measured: xbrl.py -->", "<!-- end of measured -->")


@dataclass(slots=True)
class Bench:
    """Where the readers run, and what was measured."""

    pythons: dict[str, str]
    home: str
    rounds: int
    missing: dict[str, str] = field(default_factory=dict)

    def run(self, reader: str, *arguments: str | Path) -> Any:
        """One process of a reader.

        Raises:
            RuntimeError: it failed.
        """
        done = subprocess.run(
            [self.pythons[reader], "-P", HERE / "xbrl_peer.py", reader, *arguments],
            capture_output=True, text=True, check=False, env={**os.environ, "HOME": self.home, "EDGAR_LOCAL_DATA_DIR": self.home},
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError((done.stderr.strip().splitlines() or ["no message"])[-1][:120])
        return json.loads(done.stdout.splitlines()[-1])

    def measure(self, files: dict[str, list[Path]]) -> list[list[str]]:
        """Rows of a table: every reader over its files (the same ones, as it can take them), in turn."""
        seconds: dict[str, list[float]] = {name: [] for name in files}
        facts = {}
        for number in range(self.rounds):
            turn = [name for name in files if number < FEWER.get(name, self.rounds)]
            for name in turn if number % 2 == 0 else reversed(turn):
                found = self.run(name, *files[name])
                facts[name] = found["facts"]
                seconds[name].append(found["seconds"])
        rows = []
        for name, measured in seconds.items():
            ratios = [one / own for one, own in zip(measured, seconds["paycanary"], strict=False)]
            rows.append([
                ABOUT.get(name, name),
                f"{statistics.median(measured) * 1000:.1f} ms ({min(measured) * 1000:.1f} to {max(measured) * 1000:.1f})",
                f"{statistics.median(ratios):.2f}",
                f"{facts[name]:,}",
            ])  # fmt: skip
        return rows

    def section(
        self,
        title: str,
        readers: tuple[str, ...],
        paths: list[Path],
        given: dict[str, list[Path]] | None = None,
    ) -> str:
        """Measure on the files that all readers read and, if these are not all, those that read all on all.

        Args:
            title: what the files are.
            readers: which readers; ours among them.
            paths: the files.
            given: other copies of the same files in the same order, for the readers that need them.
        """
        readers = tuple(name for name in readers if name not in self.missing)
        given = {name: (given or {}).get(name, paths) for name in readers}
        read, notes = self._probe(readers, given)
        common = [number for number in range(len(paths)) if all(number in read[name] for name in readers)]  # fmt: skip
        head = ["reader", "CPU, median (least to most)", "times ours", "facts or rows"]
        parts = [f"#### {title}\n"]
        choices = [(readers, common)]
        if len(common) < len(paths):
            able = tuple(name for name in readers if len(read[name]) == len(paths))
            choices.append((able, list(range(len(paths)))))
        for names, chosen in choices:
            size = sum(paths[number].stat().st_size for number in chosen) / 1e6
            which = (
                "all" if len(chosen) == len(paths) else f"those of {len(paths)} that every reader reads"
            )  # fmt: skip
            rows = self.measure({name: [given[name][n] for n in chosen] for name in names})
            parts.append(f"{len(chosen)} files ({which}), {size:.1f} MB:\n\n{table(head, rows)}\n")
        parts += [*notes, ""] if notes else []
        return "\n".join(parts)

    def _probe(
        self, readers: tuple[str, ...], given: dict[str, list[Path]]
    ) -> tuple[dict[str, set[int]], list[str]]:
        """Which files each reader reads, by number, and lines that name those it does not."""
        read, notes = {}, []
        for name in readers:
            found = list(self.run(name, "--probe", *given[name]).values())
            read[name] = {number for number, facts in enumerate(found) if isinstance(facts, int)}
            reasons: dict[str, list[str]] = {}
            for path, facts in zip(given[name], found, strict=True):
                if isinstance(facts, str):
                    reasons.setdefault(facts, []).append(f"`{path.name}`")
            told = "; ".join(f"{', '.join(files)} ({why})" for why, files in reasons.items())
            if told:
                notes.append(f"- {name} does not read {told}.")
        return read, notes


def with_schemas(paths: list[Path], scratch: Path) -> list[Path]:
    """Copies of instances with schemas that declare their names: Arelle takes for a fact only what is declared."""
    copies = []
    for path in paths:
        folder = scratch / path.stem
        folder.mkdir(parents=True)
        copy = folder / path.name
        copy.write_bytes(with_schema(path.read_bytes(), folder))
        copies.append(copy)
    return copies


def stand_up(home: str, rounds: int) -> Bench:
    """Environments for all readers."""
    python, bench = pick_python(None), Bench({}, home, rounds)
    for reader, name in READERS.items():
        folder, why = attempt(name, python) if name else (None, "")
        bench.pythons[reader] = str(folder / "bin" / "python") if folder else sys.executable
        if why:
            bench.missing[reader] = why
    return bench


def about(bench: Bench) -> str:
    """When, where and with which versions."""
    own = subprocess.run(
        [sys.executable, "-c", "from importlib.metadata import version as v; print('Arelle', v('arelle-release'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    peers = {READERS[name]: bench.pythons[name] for name in READERS if READERS[name] and name not in bench.missing}  # fmt: skip
    told = [own, *(versions(Path(python).parents[1], name) for name, python in peers.items())]
    missing = "".join(f" {name}: {why}." for name, why in bench.missing.items())
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores shared with other work, so absolute times are high; {bench.rounds} rounds, "
        f"{', '.join(f'{name} {rounds}' for name, rounds in FEWER.items())}. "
        f"{', '.join(told)}.{missing}\n"
    )


def sections(bench: Bench, filings: Path, scratch: Path) -> list[str]:
    """Everything that is measured."""
    flat = sorted(path for path in (filings / "uk" / "flat").iterdir() if path.suffix in {".html", ".xhtml"})  # fmt: skip
    pages = sorted((filings / "us" / "inline").glob("*.htm"))
    zips = sorted((filings / "uk" / "daily_zips").glob("*.zip"))
    instances = sorted((filings / "us" / "instance").glob("*.xml"))
    facts = sorted((filings / "us" / "companyfacts").glob("*.json"))
    return [
        bench.section("UK inline pages", INLINE, flat),
        bench.section("US inline pages", INLINE, pages),
        bench.section(
            "UK daily zips", ("paycanary", "stream-read-xbrl", "stream-read-xbrl, parsing alone"), zips
        ),
        bench.section(
            "US instances", ("paycanary", "edgartools, instances", "py-xbrl", "Arelle"), instances,
            {"Arelle": with_schemas(instances, scratch)},
        ),
        bench.section(
            "companyfacts", ("paycanary", "edgartools, companyfacts", "json"), facts
        ),
    ]  # fmt: skip


def keep(text: str) -> None:
    """Put the tables between the marks of the README."""
    path = HERE / "README.md"
    pattern = re.compile(f"{MARKS[0]}.*?{MARKS[1]}", re.DOTALL)
    kept = f"{MARKS[0]}\n\n{text.strip()}\n\n{MARKS[1]}"
    path.write_text(pattern.sub(lambda _: kept, path.read_text(encoding="utf-8")), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="XBRL readers side by side")
    parser.add_argument("folder", type=Path, help="the folder filings/ of the shared data")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="keep the tables in the README")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        bench = stand_up(home, args.rounds)
        text = "\n".join([about(bench), *sections(bench, args.folder, Path(home))])
    print(text)
    if args.write:
        keep(text)


if __name__ == "__main__":
    main()
