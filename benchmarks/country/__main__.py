"""Write made months of pension workplaces: ``python -m benchmarks.country DIR --workplaces N --months M --first 2023-01 --seed S``."""

from __future__ import annotations

import argparse
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.country import planted, write
from benchmarks.country.wanted import EARLIEST

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.country", description=__doc__)
    parser.add_argument(
        "folder", type=Path, help="where the files go: empty, or not there yet, or of the same run"
    )
    parser.add_argument(
        "--workplaces",
        type=int,
        default=10_000,
        help="rows a month of corporations; the country has 570000",
    )
    parser.add_argument("--months", type=int, default=3, help=f"at most {planted.MONTHS}")
    parser.add_argument(
        "--first",
        type=_month,
        default=date(2023, 1, 1),
        help=f"first month, YYYY-MM; from {EARLIEST:%Y-%m} on",
    )
    parser.add_argument("--seed", type=int, default=1, help="0 or more")
    parser.add_argument(
        "--planted",
        type=int,
        default=None,
        help="cases a kind and year; by default one for 2,500 workplaces, at most 24",
    )
    parser.add_argument(
        "--corrected",
        type=_month,
        nargs="*",
        default=[],
        help="months with a second, corrected file",
    )
    parser.add_argument(
        "--late-title",
        type=_month,
        nargs="*",
        default=[],
        help="months whose file is named after the month that follows",
    )
    asked = parser.parse_args(arguments)
    wanted = write.Wanted(
        asked.workplaces, asked.months, asked.first, asked.seed, asked.planted, frozenset(asked.corrected),
        frozenset(asked.late_title),
    )  # fmt: skip
    began = time.process_time()
    try:
        files = write.write_country(asked.folder, wanted)
    except ValueError as error:
        parser.error(str(error))
    for path in files:
        print(
            f"{path.name}: {path.stat().st_size / 1e6:.1f} MB, {time.process_time() - began:.1f} CPU s"
        )


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no month: write it like 2023-01.") from error


if __name__ == "__main__":
    main()
