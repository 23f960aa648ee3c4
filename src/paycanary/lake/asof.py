"""The one place where time is cut: what was public on a day, about some companies or all.

`know` fills ``known_<table>``: the rows published by the as-of date, with ``company_id`` already the canonical company.
Signals and verdicts read ``known_*`` only, so nothing published later can reach them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paycanary.lake import peers, pension
from paycanary.lake.identity import LINK_THRESHOLD, LIST_RULE, SHARED_LIST_RULE
from paycanary.lake.tables import TABLES

if TYPE_CHECKING:
    from datetime import date

    import duckdb

#: Tables that `know` cuts as they are.
KNOWN: Final = ("companies", "filings", "facts", "headcounts", "pension_moves", "opinions", "auditor_words", "capital_changes", "notices")  # fmt: skip

#: Everything that inputs may read.
MADE: Final = (
    "members",
    *(f"known_{name}" for name in KNOWN),
    "known_candidates",
    "known_lists",
    "known_peers",
)


#: Nothing, where ids are spelled out.
_NONE: Final = "NULL"
_LIST_RULES: Final = f"('{LIST_RULE}', '{SHARED_LIST_RULE}')"


def know(con: duckdb.DuckDBPyConnection, as_of: date, company: str | None = None, *, is_lean: bool = False) -> None:  # fmt: skip
    """Make ``members``, ``known_*``, ``known_lists``, ``known_candidates`` and ``known_peers`` for a canonical company id (None: everyone) as of a day.

    ``members`` (company_id, canonical_id) says which register ids belong to which company.

    A public list read whole is a dated snapshot. Of a list's entries only those of its newest snapshot by then are known, and those
    that a search found since: what a later reading lacks had been taken off. ``known_lists`` (list, company_id, source, filing_id,
    published_on, row_id) holds that newest snapshot of every list, and the newest search that was made for a company's name
    or number (``company_id`` NULL: the whole). ``known_candidates`` holds entries that bear a company's name and no number: they may be about it.

    ``is_lean`` is for levels of everyone in a country: every company's id is a number, in the order of the ids (table ``everyone``:
    company_id, id), since numbers are joined and grouped in half the time; and ``known_headcounts`` is a view of the files, since a country of months
    does not fit into memory.
    """
    where = "AND canonical_id = ?" if company else ""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE linked AS SELECT company_id, canonical_id, confidence, rule FROM links "
        f"WHERE (confidence >= {LINK_THRESHOLD} OR rule IN {_LIST_RULES}) {where}",
        [company] if company else [],
    )
    id_type = "INTEGER" if is_lean else "VARCHAR"
    if is_lean:
        con.execute(
            "CREATE OR REPLACE TEMP TABLE everyone AS SELECT CAST(row_number() OVER (ORDER BY id) AS INTEGER) AS company_id, id "
            "FROM (SELECT DISTINCT canonical_id AS id FROM linked)"
        )
        con.execute(
            "CREATE OR REPLACE TEMP TABLE linked AS SELECT l.company_id, e.company_id AS canonical_id, l.confidence, l.rule "
            "FROM linked l JOIN everyone e ON e.id = l.canonical_id"
        )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE members AS SELECT company_id, canonical_id FROM linked "
        f"WHERE confidence >= {LINK_THRESHOLD}"
    )
    ids = _ids(con, "members") if company else ""
    heads = (
        pension.everyone(con, as_of)
        if company is None
        else pension.of(con, as_of, _found(con, "members"))
    )
    still = _still_listed(con, as_of)
    for name in KNOWN:
        columns = TABLES[name].column_names
        stored = f"({heads})" if name == "headcounts" else name
        if company:
            # Ids spelled out, not joined: Parquet then skips every row group that cannot hold them.
            select = ", ".join(
                f"{_quote(company)} AS company_id" if c == "company_id" else c for c in columns
            )
            rows = f"{stored} t WHERE company_id IN ({ids}) AND"
        else:
            select = ", ".join(
                "m.canonical_id AS company_id" if c == "company_id" else f"t.{c}" for c in columns
            )
            rows = f"{stored} t JOIN members m ON m.company_id = t.company_id WHERE"
        listed = f"AND {still}" if name == "notices" else ""
        if name == "pension_moves":
            listed = f"AND {pension.without(pension.superseded(con, as_of))}"
        kind = "VIEW" if is_lean and name == "headcounts" else "TABLE"
        if name == "headcounts":
            _drop(con, f"known_{name}")
        con.execute(
            f"CREATE OR REPLACE TEMP {kind} known_{name} AS SELECT {select} FROM {rows} published_on <= DATE '{as_of}' {listed}"
        )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE known_peers AS {peers.known(con, as_of, is_one=company is not None)}"
    )
    _know_candidates(con, as_of, still, id_type, is_one=company is not None)


def _drop(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Remove a table or a view: one does not replace the other."""
    for (kind,) in con.execute("SELECT table_type FROM information_schema.tables WHERE table_name = ?", [name]).fetchall():  # fmt: skip
        con.execute(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {name}")


def _still_listed(con: duckdb.DuckDBPyConnection, as_of: date) -> str:
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
    cases = "".join(f" WHEN {_quote(name)} THEN filing_id >= {_quote(at)}" for name, at in newest)
    return f"CASE split_part(filing_id, ':', 1){cases} ELSE true END" if cases else "true"


def _know_candidates(con: duckdb.DuckDBPyConnection, as_of: date, still: str, id_type: str, *, is_one: bool) -> None:  # fmt: skip
    """Tables ``known_candidates`` and ``known_lists``."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE candidates AS SELECT company_id, canonical_id, confidence FROM linked WHERE rule IN {_LIST_RULES}"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE known_candidates (company_id {id_type}, kind VARCHAR, name VARCHAR, region VARCHAR, event_on DATE, "
        "expires_on DATE, detail VARCHAR, amount DOUBLE, confidence DOUBLE, source VARCHAR, filing_id VARCHAR, published_on DATE, row_id BIGINT)"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE known_lists AS SELECT list, CAST(NULL AS {id_type}) AS company_id, source, filing_id, published_on, row_id "
        "FROM newest_lists UNION ALL "
        # A register that was asked about the company by its number.
        "SELECT source, company_id, any_value(source), max(filing_id), max_by(published_on, filing_id), max_by(row_id, filing_id) "
        "FROM known_filings WHERE form = 'search' GROUP BY source, company_id"
    )
    ids = _ids(con, "candidates") if is_one else "SELECT company_id FROM candidates"
    if ids == _NONE:
        return
    con.execute(
        "INSERT INTO known_candidates BY NAME WITH named AS (SELECT company_id, min(name) AS name, max(region) AS region "
        f"FROM companies WHERE company_id IN ({ids}) AND published_on <= $day GROUP BY ALL) "
        "SELECT c.canonical_id AS company_id, t.kind, n.name, n.region, t.event_on, t.expires_on, t.detail, t.amount, c.confidence, "
        "t.source, t.filing_id, t.published_on, t.row_id "
        f"FROM (SELECT * FROM notices WHERE company_id IN ({ids}) AND published_on <= $day AND {still}) t "
        "JOIN candidates c USING (company_id) JOIN named n USING (company_id)",
        {"day": as_of},
    )
    con.execute(
        "INSERT INTO known_lists BY NAME SELECT t.source AS list, c.canonical_id AS company_id, any_value(t.source) AS source, "
        "max(t.filing_id) AS filing_id, max_by(t.published_on, t.filing_id) AS published_on, max_by(t.row_id, t.filing_id) AS row_id "
        f"FROM (SELECT * FROM filings WHERE company_id IN ({ids}) AND form = 'search' AND published_on <= ?) t "
        "JOIN candidates c USING (company_id) GROUP BY t.source, c.canonical_id",
        [as_of],
    )


def _ids(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """The ids of a table as literals, for ``IN``."""
    return ", ".join(_quote(i) for i in _found(con, table)) or _NONE


def _found(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """The ids of a table."""
    return [row[0] for row in con.execute(f"SELECT DISTINCT company_id FROM {table}").fetchall()]


def _quote(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
