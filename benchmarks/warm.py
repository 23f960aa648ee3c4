"""Verdicts inside one process, measured by itself: prints JSON. Run by ``run.py``, on whatever PAYCANARY_HOME holds.

python benchmarks/warm.py [rounds]
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from datetime import date
from importlib.resources import files
from pathlib import Path

ROUNDS = 5
MIB = 1 << 20


def resident() -> float:
    """Memory held now, in MiB."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        import resource  # noqa: PLC0415

        return int(statm.read_text().split()[1]) * resource.getpagesize() / MIB
    import os  # noqa: PLC0415

    asked = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, text=True, check=True
    )
    return int(asked.stdout) / 1024


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    before = resident()
    started = time.perf_counter()
    import yaml  # noqa: PLC0415

    from paycanary.lake.reader import open_reader  # noqa: PLC0415
    from paycanary.verdict import Session  # noqa: PLC0415

    imported = resident()
    session = Session(open_reader())
    text = (files("paycanary.sample") / "companies.yaml").read_text(encoding="utf-8")
    companies = yaml.safe_load(text)
    codes = [*companies["statements"], *companies["reports"]]
    day = date(2026, 6, 30)
    first: float | None = None
    times = []
    for _ in range(rounds):
        for code in codes:
            begin = time.perf_counter()
            session.verdict(session.resolve(code).company_id, day, "ko")
            end = time.perf_counter()
            if first is None:
                first = end - started
            else:
                times.append(end - begin)
    print(
        json.dumps(
            {
                "companies": len(codes),
                "verdicts": len(times) + 1,
                "first_ms": (first or 0) * 1000,
                "median_ms": statistics.median(times) * 1000,
                "p95_ms": statistics.quantiles(times, n=20)[-1] * 1000,
                "rss_python_mib": before,
                "rss_imported_mib": imported,
                "rss_answered_mib": resident(),
            }
        )
    )


if __name__ == "__main__":
    main()
