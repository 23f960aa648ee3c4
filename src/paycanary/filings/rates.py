"""Rates, ceilings and delays that hold from a day on: read from YAML, handed to SQL as a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from paycanary.resources import read_yaml

if TYPE_CHECKING:
    import duckdb

FOREVER: Final = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A value in force from ``since`` to ``until``, both days included, and who says so."""

    value: float
    since: date
    until: date
    who: str
    url: str
    note: str


def load_rates(name: str) -> dict[str, tuple[DatedValue, ...]]:
    """Values of ``rates/<name>.yaml`` by name, each in order of time and without overlap.

    Raises:
        ValueError: an entry lacks its day or origin, or two entries overlap.
    """
    return {
        key: _in_order(key, entries)
        for key, entries in read_yaml("filings", "rates", f"{name}.yaml").items()
    }


def create_rates(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Fill temp table ``rates(name, value, since, until)`` from ``rates/<name>.yaml``; both days are included."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE rates (name VARCHAR, value DOUBLE, since DATE, until DATE)"
    )
    con.executemany(
        "INSERT INTO rates VALUES (?, ?, ?, ?)",
        [
            [key, entry.value, entry.since, entry.until]
            for key, entries in load_rates(name).items()
            for entry in entries
        ],
    )


def _in_order(key: str, entries: list[dict[str, Any]]) -> tuple[DatedValue, ...]:
    ends = [after["since"] - timedelta(days=1) for _, after in pairwise(entries)] + [FOREVER]
    dated = tuple(
        DatedValue(
            float(entry["value"]), entry["since"], min(entry.get("until", end), end),
            entry["who"], entry["url"], entry["note"],
        )
        for entry, end in zip(entries, ends, strict=True)
    )  # fmt: skip
    for entry in dated:
        if entry.until < entry.since:
            raise ValueError(f"{key}: the value since {entry.since} is out of order.")
    return dated
