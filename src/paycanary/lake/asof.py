"""The one place where time is cut: what was public on a day, about some companies or all.

`know` fills ``known_<table>``: the rows published by the as-of date, with ``company_id`` already the canonical company.
Signals and verdicts read ``known_*`` only, so nothing published later can reach them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paycanary.lake import company_months, peers, pension
from paycanary.lake.identity import LINK_THRESHOLD, LIST_RULE, SHARED_LIST_RULE
from paycanary.lake.tables import TABLES
from paycanary.sources.patterns import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    import duckdb

#: Tables that `know` cuts as they are.
KNOWN: Final = ("companies", "filings", "facts", "headcounts", "pension_moves", "opinions", "auditor_words", "capital_changes", "notices")  # fmt: skip

#: Tables whose rows a company can be judged by. Of whole pension months the readings tell the day, with a row a month.
DATED: Final = ("filings", "facts", "headcounts", "pension_readings", "opinions", "auditor_words", "capital_changes", "notices")  # fmt: skip

_LIST_RULES: Final = f"('{LIST_RULE}', '{SHARED_LIST_RULE}')"


_USED: Final = f"(confidence >= {LINK_THRESHOLD} OR rule IN {_LIST_RULES})"
_MEMBERS: Final = (
    f"SELECT company_id, canonical_id FROM linked WHERE confidence >= {LINK_THRESHOLD}"
)

#: ``members`` of everyone say also whether an id is its company's only one and stands in no extract of a month: no row of another then speaks of the same.
_EVERYONE: Final = (
    f"SELECT m.company_id, m.canonical_id, COUNT(*) OVER (PARTITION BY m.canonical_id) = 1 AND e.company_id IS NULL AS is_alone FROM ({_MEMBERS}) m "
    "LEFT JOIN (SELECT DISTINCT company_id FROM headcounts WHERE kind = 'workplace') e ON e.company_id = m.company_id"
)

_CANDIDATES: Final = f"SELECT company_id, canonical_id, confidence FROM linked WHERE rule IN {_LIST_RULES}"  # fmt: skip


def know(con: duckdb.DuckDBPyConnection, as_of: date, company: str | None = None, *, is_lean: bool = False, among: str = "true") -> None:  # fmt: skip
    """Make ``members``, ``known_*``, ``known_lists``, ``known_candidates`` and ``known_peers`` for a canonical company id (None: everyone) as of a day.

    ``members`` (company_id, canonical_id) says which register ids belong to which company; ``known_months`` are pension months summed (`company_months.COLUMNS`).

    A public list read whole is a dated snapshot. Of a list's entries only those of its newest snapshot by then are known, and those
    that a search found since: what a later reading lacks had been taken off. ``known_lists`` (list, company_id, source, filing_id,
    published_on, row_id) holds that newest snapshot of every list, and the newest search that was made for a company's name
    or number (``company_id`` NULL: the whole). ``known_candidates`` holds entries that bear a company's name and no number: they may be about it.

    ``is_lean`` is for levels of everyone in a country: every company's id is a number, in the order of the ids (table ``everyone``:
    company_id, id), since numbers are joined and grouped in half the time; and ``known_headcounts`` is a view of the files, since a country of months
    does not fit into memory. ``among``: a condition on links, for some of everyone.
    """
    still = still_listed(con, as_of)
    old = pension.superseded(con, as_of)
    made = (
        _of_one(con, as_of, company, still, old)
        if company
        else everyone(con, as_of, still, old, has_numbers=is_lean, among=among)
    )
    for name, select in made:
        if name == "known_headcounts":
            _drop(con, name)
        is_view = name == "known_months" or (is_lean and name == "known_headcounts")
        kind = "VIEW" if is_view else "TABLE"
        con.execute(f"CREATE OR REPLACE TEMP {kind} {name} AS {select}")


def begins(con: duckdb.DuckDBPyConnection) -> date | None:
    """The first day on which anything stored was public that a company can be judged by; None where nothing is stored."""
    each = " UNION ALL ".join(f"SELECT min(published_on) AS day FROM {name}" for name in DATED)
    day: date | None = con.execute(f"SELECT min(day) FROM ({each})").fetchall()[0][0]
    return day


def everyone(
    con: duckdb.DuckDBPyConnection, as_of: date, still: str, old: Sequence[str], *, has_numbers: bool = False, among: str = "true"
) -> Iterator[tuple[str, str]]:  # fmt: skip
    """What `know` makes of everyone, in its order: names and queries of the stored tables and of what stands before them.

    They need no connection, so that another engine may run them; ``con`` only tells whose peers count and which months are held twice. ``still``: see `still_listed`; ``old``:
    see `paycanary.lake.pension.superseded`.
    """
    if has_numbers:
        used = f"WHERE {_USED} AND {among}"
        yield "everyone", f"SELECT CAST(row_number() OVER (ORDER BY id) AS INTEGER) AS company_id, id FROM (SELECT DISTINCT canonical_id AS id FROM links {used})"  # fmt: skip
        yield "linked", f"SELECT l.company_id, e.company_id AS canonical_id, l.confidence, l.rule FROM links l JOIN everyone e ON e.id = l.canonical_id {used}"  # fmt: skip
        yield "members", _EVERYONE
    else:
        linked, _ = members(among)
        yield from (linked, ("members", _EVERYONE))
    for name in KNOWN:
        stored = f"({pension.everyone(con, as_of, old)})" if name == "headcounts" else name
        columns = ", ".join(
            "m.canonical_id AS company_id" if c == "company_id" else f"t.{c}"
            for c in TABLES[name].column_names
        )
        yield (
            f"known_{name}",
            (
                f"SELECT {columns} FROM {stored} t JOIN members m ON m.company_id = t.company_id WHERE published_on <= DATE '{as_of}'"
                f"{_only(name, still, old)}"
            ),
        )
    yield "known_months", company_months.known(con, as_of, old)
    yield "known_peers", peers.known(con, as_of, is_one=False)
    yield "candidates", _CANDIDATES
    yield from _listed(as_of, still, "SELECT company_id FROM candidates")


def members(among: str = "true") -> Iterator[tuple[str, str]]:
    """Tables ``linked`` and ``members`` of everyone, or of those whom a condition on links holds."""
    yield "linked", f"SELECT company_id, canonical_id, confidence, rule FROM links WHERE {_USED} AND {among}"  # fmt: skip
    yield "members", _MEMBERS


def _of_one(
    con: duckdb.DuckDBPyConnection, as_of: date, company: str, still: str, old: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """What `know` makes of one company. Ids spelled out, not joined: Parquet then skips every row group that cannot hold them."""
    yield from members(f"canonical_id = {literal(company)}")
    found = _found(con, "members")
    ids = _ids(found)
    for name in KNOWN:
        stored = f"({pension.of(con, as_of, found, old)})" if name == "headcounts" else name
        columns = ", ".join(
            f"{literal(company)} AS company_id" if c == "company_id" else c
            for c in TABLES[name].column_names
        )
        yield (
            f"known_{name}",
            (
                f"SELECT {columns} FROM {stored} t WHERE company_id IN ({ids}) AND published_on <= DATE '{as_of}'{_only(name, still, old)}"
            ),
        )
    months = company_months.one("FROM known_headcounts")
    yield "known_months", f"SELECT *, false AS is_alone FROM ({months})"
    yield "known_peers", peers.known(con, as_of, is_one=True)
    yield "candidates", _CANDIDATES
    yield from _listed(as_of, still, _ids(_found(con, "candidates")))


def _only(name: str, still: str, old: Sequence[str]) -> str:
    """What else is asked of the rows of a table."""
    if name == "pension_moves":
        return f" AND {pension.without(old)}"
    return f" AND {still}" if name == "notices" else ""


def _drop(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Remove a table or a view: one does not replace the other."""
    for (kind,) in con.execute("SELECT table_type FROM information_schema.tables WHERE table_name = ?", [name]).fetchall():  # fmt: skip
        con.execute(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {name}")


def still_listed(con: duckdb.DuckDBPyConnection, as_of: date) -> str:
    """Make ``newest_lists``: the newest snapshot of every list by then.

    Returns:
        The condition on a row of ``notices`` that no later snapshot of its list is known: ids of readings sort by their moment.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE newest_lists AS SELECT substr(company_id, 6) AS list, max(filing_id) AS filing_id, "
        "max_by(source, filing_id) AS source, max_by(published_on, filing_id) AS published_on, max_by(row_id, filing_id) AS row_id "
        # A range, not a function of the id: Parquet then skips the rows of companies.
        "FROM filings WHERE company_id >= 'list:' AND company_id < 'list;' AND form = 'list' AND published_on <= ? GROUP BY ALL",
        [as_of],
    )
    newest = con.execute("SELECT list, filing_id FROM newest_lists").fetchall()
    cases = "".join(f" WHEN {literal(name)} THEN filing_id >= {literal(at)}" for name, at in newest)
    return f"CASE split_part(filing_id, ':', 1){cases} ELSE true END" if cases else "true"


def _listed(as_of: date, still: str, ids: str) -> Iterator[tuple[str, str]]:
    """Tables ``known_candidates`` and ``known_lists``; ``ids``: of entries that may be about who is asked about."""
    yield (
        "known_candidates",
        (
            "WITH named AS (SELECT company_id, min(name) AS name, max(region) AS region "
            f"FROM companies WHERE company_id IN ({ids}) AND published_on <= DATE '{as_of}' GROUP BY company_id) "
            "SELECT c.canonical_id AS company_id, t.kind, n.name, n.region, t.event_on, t.expires_on, t.detail, t.amount, c.confidence, "
            "t.source, t.filing_id, t.published_on, t.row_id "
            f"FROM (SELECT * FROM notices WHERE company_id IN ({ids}) AND published_on <= DATE '{as_of}' AND {still}) t "
            "JOIN candidates c ON c.company_id = t.company_id JOIN named n ON n.company_id = t.company_id"
        ),
    )
    yield (
        "known_lists",
        (
            "SELECT list, (SELECT max(canonical_id) FROM members WHERE false) AS company_id, source, filing_id, published_on, row_id FROM newest_lists UNION ALL "
            # A register that was asked about the company by its number.
            "SELECT source, company_id, any_value(source), max(filing_id), max_by(published_on, filing_id), max_by(row_id, filing_id) "
            "FROM known_filings WHERE form = 'search' GROUP BY source, company_id UNION ALL "
            "SELECT t.source, c.canonical_id, any_value(t.source), max(t.filing_id), max_by(t.published_on, t.filing_id), max_by(t.row_id, t.filing_id) "
            f"FROM (SELECT * FROM filings WHERE company_id IN ({ids}) AND form = 'search' AND published_on <= DATE '{as_of}') t "
            "JOIN candidates c ON c.company_id = t.company_id GROUP BY t.source, c.canonical_id"
        ),
    )


def _ids(found: Sequence[str]) -> str:
    """Ids for ``IN``; none are NULL, which nothing equals."""
    return ", ".join(map(literal, found)) or "NULL"


def _found(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """The ids of a table."""
    return [row[0] for row in con.execute(f"SELECT DISTINCT company_id FROM {table}").fetchall()]
