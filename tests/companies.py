"""Made registers in a DuckDB connection, for tests of identity and search: tables as the lake's views show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import duckdb

from paycanary.lake.identity import build_links
from paycanary.lake.tables import TABLES
from paycanary.sources.names import create_macros

if TYPE_CHECKING:
    from collections.abc import Sequence

_SOURCES: Final = {"dart": ("opendart", "official"), "krx": ("krx", "stock"), "nps": ("nps", "workplace"), "fsc": ("fsc", "official"), "comwel": ("comwel", "workplace"), "nts": ("nts", "official")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """What a register says of a company, with its newest count of people."""

    id: str
    name: str
    english: str | None = None
    former: str | None = None
    stock_code: str | None = None
    corp_code: str | None = None
    corporation_number: str | None = None
    business_number: str | None = None
    market: str | None = None
    region: str | None = None
    headcount: int | None = None
    listed_on: date | None = None
    delisted_on: date | None = None
    published_on: date = date(2026, 1, 2)


def dart(code: str, name: str, stock_code: str | None = None, english: str | None = None, **more: str) -> Entry:  # fmt: skip
    """An entry of DART's register of corporations."""
    return Entry(f"dart:{code}", name, stock_code=stock_code, english=english, **more)  # type: ignore[arg-type] # more holds texts


def listed(code: str, name: str, region: str, market: str = "KOSPI") -> Entry:
    """An entry of the exchange's list."""
    return Entry(f"krx:{code}", name, stock_code=code, market=market, region=region, listed_on=date(2000, 1, 3))  # fmt: skip


def delisted(code: str, name: str) -> Entry:
    """An entry of the exchange's list of delistings."""
    return Entry(f"krx:{code}", name, stock_code=code, market="KOSPI", delisted_on=date(2015, 9, 15))  # fmt: skip


def numbered(id: str, name: str, **numbers: str) -> Entry:  # noqa: A002
    """An entry of a register that knows companies by official numbers."""
    return Entry(id, name, **numbers)  # type: ignore[arg-type] # numbers are texts


def workplace(number: str, name: str, region: str, headcount: int | None = 20) -> Entry:
    """A company of the pension data."""
    own = sha256(f"{number}{name}".encode()).hexdigest()[:12]
    return Entry(f"nps:{own}", name, business_number=number, region=region, headcount=headcount)  # fmt: skip


def store(
    *entries: Entry, renamed: Sequence[tuple[Entry, Entry]] = ()
) -> duckdb.DuckDBPyConnection:
    """A connection with tables ``companies``, ``names``, ``headcounts`` and ``links`` of these entries; ``renamed``: earlier and later, month by month."""
    con = duckdb.connect(config={"threads": 2, "preserve_insertion_order": False})
    create_macros(con)
    for table in ("companies", "names", "headcounts", "links", "pension_renames"):
        columns = ", ".join(f"{column.name} {column.type}" for column in TABLES[table].columns)
        con.execute(f"CREATE TABLE {table} ({columns})")
    con.execute("CREATE VIEW all_headcounts AS SELECT * FROM headcounts")
    for entry in entries:
        _add(con, entry)
    for month, (earlier, later) in enumerate(renamed):
        con.execute(
            "INSERT INTO pension_renames (company_id, other_id, period_end) VALUES (?, ?, last_day(DATE '2024-01-01' + to_months(?)))",
            [earlier.id, later.id, month],
        )
    con.execute(
        "INSERT INTO names BY NAME SELECT * EXCLUDE (key), key, name_initials(key) AS initials, name_jamo(key) AS jamo "
        "FROM (SELECT * EXCLUDE (key, initials, jamo), name_key(name) AS key FROM names)"
    )
    con.execute("DELETE FROM names WHERE key IS NULL")
    build_links(con)
    con.execute("INSERT INTO links BY NAME SELECT * FROM new_links")
    return con


def _add(con: duckdb.DuckDBPyConnection, entry: Entry) -> None:
    source, kind = _SOURCES[entry.id.split(":")[0]]
    filing = f"delisting:{entry.stock_code}" if entry.delisted_on else f"{source}:made"
    published = entry.delisted_on or entry.published_on
    code = entry.id.split(":")[1] if source == "opendart" else entry.corp_code
    con.execute(
        "INSERT INTO companies BY NAME SELECT ? AS company_id, ? AS name, ? AS name_en, ? AS corp_code, ? AS stock_code, "
        "? AS corporation_number, ? AS business_number, ? AS market, ? AS region, ? AS listed_on, ? AS source, ? AS filing_id, ? AS published_on",
        [entry.id, entry.name, entry.english, code, entry.stock_code, entry.corporation_number, entry.business_number,
         entry.market, entry.region, entry.listed_on, source, filing, published],
    )  # fmt: skip
    for name, name_kind in ((entry.name, kind), (entry.english, "english"), (entry.former, "former")):  # fmt: skip
        if name:
            con.execute(
                "INSERT INTO names BY NAME SELECT ? AS company_id, ? AS name, ? AS kind, ? AS source, ? AS filing_id, ? AS published_on",
                [entry.id, name, name_kind, source, filing, published],
            )
    if entry.headcount is not None:
        con.execute(
            "INSERT INTO headcounts BY NAME SELECT ? AS company_id, 'workplace' AS kind, ? AS workplace, DATE '2026-06-30' AS period_end, "
            "? AS headcount, false AS is_site, 'nps' AS source, DATE '2026-07-25' AS published_on",
            [entry.id, entry.name, entry.headcount],
        )
