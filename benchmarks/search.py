"""How long finding a company takes, on DART's register of all corporations.

    .venv/bin/python benchmarks/search.py CORPCODE.zip [repeats]

Takes the file into a lake in a temporary folder, as a user would, and prints medians and the slowest run by kind of
query, in milliseconds. The queries are made from names drawn from the register itself (the same ones every time), so
no kind is measured on one lucky name.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from paycanary.errors import PaycanaryError
from paycanary.lake import search
from paycanary.lake.batches import refresh
from paycanary.lake.reader import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

P = ParamSpec("P")
T = TypeVar("T")

#: Kind of query -> how one is made of a company of the register.
KINDS: dict[str, str] = {
    "whole name": "name",
    "name with (주)": "'(주) ' || name",
    "English name": "name_en",
    "initials": "name_initials(key)",
    "half syllables, half initials": "left(key, 2) || name_initials(substr(key, 3))",
    "start of a name": "left(key, length(key) - 1)",
    "typo: wrong vowel": "replace(replace(key, '성', '승'), '한', '헌')",
    "typo: syllable left out": "substr(key, 1, 1) || substr(key, 3)",
    "typo: syllables swapped": "substr(key, 2, 1) || substr(key, 1, 1) || substr(key, 3)",
    "typo in an English name": "replace(name_en, 'o', 'p')",
    "no such company": "reverse(key) || '없음'",
    "corp code": "corp_code",
    "stock code": "stock_code",
}


def main() -> None:
    register, repeats = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 40  # noqa: PLR2004
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        summary, taken_in = _timed(refresh, root, "dart", register)
        con = open_reader(root).connect()
        index, loaded = _timed(search.Index, con)
        queries = _draw(con, repeats)
        rows = [(kind, [_timed(index.search, q)[1] for q in queries[kind]]) for kind in KINDS]
        cold = [
            _timed(_resolve, open_reader(root).connect(), q)[1] for q in queries["whole name"][:10]
        ]
    print(
        f"{summary.totals['accepted']:,} corporations; taken in in {taken_in / 1000:.1f} s, index loaded in {loaded:,.0f} ms"
    )
    print(f"{'query':32} {'median ms':>10} {'slowest':>8}   ({repeats} queries each)")
    for kind, times in [*rows, ("whole name, no index, Parquet", cold)]:
        print(f"{kind:32} {statistics.median(times):10.1f} {max(times):8.1f}")


def _draw(con: duckdb.DuckDBPyConnection, count: int) -> dict[str, list[str]]:
    """``count`` queries of every kind, from companies that have every name and number."""
    rows = con.execute(
        f"""SELECT {", ".join(KINDS.values())} FROM (
            SELECT name, name_en, corp_code, stock_code, name_key(name) AS key FROM companies
            WHERE length(name_key(name)) BETWEEN 4 AND 8 AND regexp_full_match(name_key(name), '[가-힣]+')
                AND length(name_key(name_en)) > 5 AND stock_code IS NOT NULL
            ORDER BY corp_code)"""
    ).fetchall()
    drawn = random.Random(20261101).sample(rows, count)  # noqa: S311 - a sample, not a secret
    return {kind: [row[place] for row in drawn] for place, kind in enumerate(KINDS)}


def _resolve(con: duckdb.DuckDBPyConnection, query: str) -> str:
    try:
        return search.resolve(con, query).kind
    except PaycanaryError as error:
        return error.code


def _timed(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[T, float]:
    """What ``work`` gives, and how many milliseconds it took."""
    started = time.perf_counter()
    result = work(*args, **kwargs)
    return result, (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
